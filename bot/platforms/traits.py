"""What others must know of a platform, as data: each platform's own folder holds its traits."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.platforms.planner import Budget, Prices

UNBOUNDED = Budget()


def last_piece(path: str, _fragment: str) -> str:
    """A post's id where it is the last piece of its address's path."""
    return path.rstrip("/").rpartition("/")[2]


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
    repeats_safely: bool = False
    """Whether the same key again is the same post, never a second one, however late it comes."""
    tells_deletions: bool = True
    """Whether it tells by itself that a post is gone; else it is looked up before it is answered."""
    greets_asker: bool = False
    """Whether a reply reaches whom it answers only if it begins with their handle."""
    hands_on_words: bool = True
    """Whether a customer's words may go into titles, feeds, the API, exports and other data for machines."""
    own_record: bool = False
    """Whether the feed is in our own database: restored with it, and any name is an account there."""
    connects: bool = False
    """Whether the brand has an account there that a person connects, and that can be lost."""
    budget: Budget = UNBOUNDED
    """What is safe to publish in a time without settings; by default there are no bounds."""
    prices: Prices | None = None
    """What it asks for posts and for reading; None where it is free."""
    post_id: Callable[[str, str], str] = last_piece
    """A post's id from the path and the fragment of its address."""

    @property
    def calls_us(self) -> bool:
        """Whether a bridge brings the posts, so that nobody listens and nothing is linked by a code."""
        return self.poll_interval is None
