"""Bluesky at the front: connected by an app password."""

from dataclasses import replace

import httpx

from app.wiring.platforms.bluesky.settings import BlueskySettings
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
from app.wiring.platforms.servers import check_reachable, typed_address
from bot.platforms.base import Clock, Platform
from bot.platforms.bluesky.adapter import Bluesky
from bot.platforms.bluesky.api import BlueskyAccount, sign_in
from bot.platforms.wire.http import Caller
from bot.posts import PlatformError, PlatformName


class BlueskyFront(Front):
    """The brand's account on Bluesky."""

    name = PlatformName.BLUESKY.value

    def __init__(self, group: BlueskySettings, house: House) -> None:
        super().__init__(house)
        self._group = group

    def account(self) -> BlueskyAccount:
        """The brand's account."""
        group = self._group
        return BlueskyAccount(
            identifier=group.identifier or "",
            app_password=plain(group.app_password),
            service=group.service,
            plc_directory=group.plc_directory,
            tags=self.house.tags,
            allow_loopback=group.allow_loopback,
        )

    def adapter(self, ports: Ports) -> Platform:
        """The adapter of the brand's account."""
        return Bluesky(self.account(), ports.tokens(), ports.clock)

    def missing_settings(self, given: Given, terminal: Terminal) -> dict[str, str]:
        """Whose account it is, and at which server if not Bluesky's."""
        new: dict[str, str] = {}
        if given.server:
            new["CHORUS_BLUESKY__SERVICE"] = typed_address(given.server)
        if given.handle or not self._group.identifier:
            handle = given.handle or terminal.ask("The brand's handle, like brand.example.com")
            new["CHORUS_BLUESKY__IDENTIFIER"] = handle.strip().lstrip("@")
        return new

    def connect(self, given: Given, terminal: Terminal, store: Keeps, clock: Clock) -> Connected:
        """Sign in by an app password: given, set, or asked for."""
        check_reachable(self.name, self._group.service, allowed=self._group.allow_loopback)
        password = given.app_password or plain(self._group.app_password)
        if not password:
            terminal.say("Make an app password on Bluesky: Settings, Privacy and security, App passwords.")
            password = terminal.ask_secret("The app password")
        return self.sign_in_with(password, store, clock)

    def sign_in_with(
        self, app_password: str, store: Keeps, clock: Clock, transport: httpx.BaseTransport | None = None
    ) -> Connected:
        """Sign in by app password and keep the session. Raises NotConnected."""
        account = replace(self.account(), app_password="")
        caller = Caller(
            account.service, "Bluesky", clock, allow_loopback=account.allow_loopback, transport=transport
        )
        try:
            session = sign_in(caller, account.identifier.strip().lstrip("@"), app_password.strip())
            trial = Bluesky(account, OnTrial(session), clock, transport)
            brand = trial.brand()
            trial.close()
        except PlatformError as error:
            raise NotConnected(
                f"{error} Is it an app password (Settings, Privacy and security, App passwords), and is "
                f"{account.service} the account's server?"
            ) from error
        finally:
            caller.close()
        store.save(session)
        return Connected(brand)


front = BlueskyFront
