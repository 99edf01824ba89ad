"""The notice board at the front: connected by a token made there."""

import httpx

from app.wiring.platforms.front import (
    Connected,
    Front,
    Given,
    House,
    Keeps,
    NotConnected,
    OnTrial,
    Ports,
    Terminal,
)
from app.wiring.platforms.group import plain
from bot.platforms.base import Clock, Platform
from bot.posts import PlatformError
from tests.bot.platforms.example.adapter import Board, BoardAccount
from tests.bot.platforms.example.front.settings import BoardSettings


class BoardFront(Front):
    """The brand's account on the board."""

    name = "board"
    transport: httpx.BaseTransport | None = None
    """Stands in for the network in tests."""

    def __init__(self, group: BoardSettings, house: House) -> None:
        super().__init__(house)
        self._group = group

    def account(self) -> BoardAccount:
        """The brand's account."""
        return BoardAccount(self._group.address or "", self.house.tags)

    def adapter(self, ports: Ports) -> Platform:
        """The adapter of the brand's account."""
        return Board(self.account(), ports.tokens(), ports.clock, self.transport)

    def tokens(self) -> dict[str, str]:
        """The token of the settings."""
        token = plain(self._group.token)
        return {"token": token} if token else {}

    def connect(self, given: Given, terminal: Terminal, store: Keeps, clock: Clock) -> Connected:
        """Try the token that was given or is typed, and keep it if it works."""
        token = given.token or terminal.ask_secret("A token of the brand's account")
        trial = Board(self.account(), OnTrial({"token": token}), clock, self.transport)
        try:
            brand = trial.brand()
        except PlatformError as error:
            raise NotConnected(str(error)) from error
        finally:
            trial.close()
        store.save({"token": token})
        return Connected(brand)


front = BoardFront
