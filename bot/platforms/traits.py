"""What others must know of a platform, as data: each platform's own folder holds its traits."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from bot.platforms.planner import Budget, Prices, Window

UNBOUNDED = Budget()
_BARE = re.compile(r"@?([^\s/@:]+)")


def last_piece(path: str, _fragment: str) -> str:
    """A post's id where it is the last piece of its address's path."""
    return path.rstrip("/").rpartition("/")[2]


def bare_handle(text: str) -> str:
    """A handle without its ``@``, as it is spelled; empty where this is more than one name."""
    found = _BARE.fullmatch(text)
    return found[1] if found else ""


def profile_address(text: str) -> tuple[str, tuple[str, ...]]:
    """Host and pieces of the path of a profile's address, with or without its scheme; else ``("", ())``.

    An address with a user, a port or an escape in it is none: those are written to look like another one.
    """
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        return "", ()
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or parts.netloc.lower() != host or "%" in parts.path:
        return "", ()
    pieces = tuple(piece for piece in parts.path.split("/") if piece)
    return (host.removeprefix("www."), pieces) if host and pieces else ("", ())


def _no_composer(_text: str, _server: str) -> str:
    return ""


def _no_profile(_account_id: str, _handle: str) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What the steps, the store and the pages ask of a platform instead of its name."""

    label: str
    """What people call it, as it stands within a sentence."""
    example: str
    """Somebody's account as people write it, ``platform:handle``."""
    poll_interval: float | None = None
    """Seconds between two looks at it, well inside its limits; None where it only ever calls us."""
    streams: bool = False
    """Whether it has a stream of posts as they happen."""
    answers_poll_interval: float = 0.0
    """The fewest seconds between two looks at the employees' accounts."""
    answer_pages: int = 20
    """The most pages of employees' posts that one look reads."""
    search_interval: float = 0.0
    """Seconds between two searches for words, where it can be searched."""
    by_hand: Callable[[str | None, str], str] | None = None
    """Where a person posts a text by hand, in reply to the post with this id: it takes no reply by an app to
    somebody who has not addressed the brand. None where it makes no such difference."""
    one_reply: bool = False
    """Whether an app may reply but once to what somebody says: nothing of its own accord after the answer."""
    repeats_safely: bool = False
    """Whether the same key again is the same post, never a second one, however late it comes."""
    tells_deletions: bool = True
    """Whether it tells by itself that a post is gone; else it is looked up before it is answered."""
    greets_asker: bool = False
    """Whether a reply reaches whom it answers only if it begins with their handle."""
    takes_words_once: bool = False
    """Whether it refuses the same words a second time, whoever they are for: what is said to many begins with
    the handle of whom it is for."""
    keeps_unseen: timedelta = timedelta(days=3)
    """How long words that nobody addressed to us are kept out of sight, once nobody could look for a day
    whether they still stand there; no time where what is gone has to be gone with us within a day."""
    hands_on_words: bool = True
    """Whether a customer's words may go into titles, feeds, the API, exports and other data for machines."""
    own_record: bool = False
    """Whether the feed is in our own database: restored with it, and any name is an account there."""
    connects: bool = False
    """Whether the brand has an account there that a person connects, and that can be lost."""
    budget: Budget = UNBOUNDED
    """What is safe to publish in a time without settings; by default there are no bounds."""
    edits: bool = False
    """Whether the words of a post can be changed after it is out."""
    deletions: Window | None = None
    """How many posts may be taken down in a time; None: any number."""
    prices: Prices | None = None
    """What it asks for posts and for reading; None where it is free."""
    post_id: Callable[[str, str], str] = last_piece
    """A post's id from the path and the fragment of its address."""
    handle_of: Callable[[str], str] = bare_handle
    """The handle that somebody means by a handle or the address of a profile, spelled so that the same text
    is the same account; empty where it is no account there."""
    profile: Callable[[str, str], str] = _no_profile
    """Where an account's profile is, from its id and its handle: by the id where that leads there, because
    handles change hands; empty where nobody knows."""

    composer: Callable[[str, str], str] = _no_composer
    """Where somebody finds this text ready to be posted, on the server that is theirs; empty where nobody
    knows."""
    many_servers: bool = False
    """Whether everybody has to name their server for that."""

    @property
    def calls_us(self) -> bool:
        """Whether a bridge brings the posts, so that nobody listens and nothing is linked by a code."""
        return self.poll_interval is None
