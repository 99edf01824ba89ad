"""Every platform has a front in the folder of its name, and the guide's example is one that works."""

import httpx
import pytest

from app.wiring.adapters import front_of
from app.wiring.platforms.front import Front, Given, House, NotConnected, Ports
from app.wiring.settings import Settings
from bot.platforms.registry import TRAITS
from bot.posts import PlatformName
from tests.bot.platforms.example.adapter import Board
from tests.bot.platforms.example.board import ADDRESS, NoticeBoard
from tests.bot.platforms.example.front.front import BoardFront
from tests.bot.platforms.example.front.settings import BoardSettings
from tests.bot.platforms.fake_clock import FakeClock
from tests.bot.platforms.memory_tokens import MemoryTokens


class Kept(MemoryTokens):
    """Tokens that can be kept."""

    def save(self, tokens: dict[str, str]) -> None:
        self.tokens = tokens


class Typed:
    """A terminal at which somebody types one secret."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def say(self, text: str) -> None:
        raise AssertionError(text)

    def ask(self, question: str) -> str:
        raise AssertionError(question)

    def ask_secret(self, question: str) -> str:
        assert question
        return self.secret


@pytest.mark.parametrize("name", list(PlatformName))
def test_every_platform_has_a_front_of_its_own_that_connects_if_its_traits_say_so(name: PlatformName) -> None:
    front = front_of(Settings(), name)
    assert front.name == name
    assert (type(front).connect is not Front.connect) is TRAITS[name].connects


@pytest.fixture
def board() -> NoticeBoard:
    return NoticeBoard(FakeClock())


@pytest.fixture
def example(board: NoticeBoard) -> BoardFront:
    group = BoardSettings(address=ADDRESS)
    front = BoardFront(
        group, House("Our brand", lambda: ("#chorus",), "https://chorus.example", lambda _what: b"")
    )
    front.transport = httpx.MockTransport(board.answer)
    return front


def test_the_example_of_the_guide_is_connected_and_read(example: BoardFront, board: NoticeBoard) -> None:
    store = Kept()
    connected = example.connect(Given(), Typed("good"), store, board.clock)
    assert (connected.account.handle, store.tokens) == ("brand", {"token": "good"})
    ports = Ports(lambda: store, board.clock, None, on_revoked=lambda: None, on_read=lambda _reads: None)
    board.put("sam", "@brand no picture")
    adapter = example.adapter(ports)
    assert isinstance(adapter, Board)
    assert [post.text for post in adapter.poll(None).posts] == ["@brand no picture"]


def test_the_example_of_the_guide_keeps_no_token_that_does_not_work(
    example: BoardFront, board: NoticeBoard
) -> None:
    store = Kept()
    with pytest.raises(NotConnected):
        example.connect(Given(token="bad"), Typed(""), store, board.clock)
    assert store.tokens == {}
