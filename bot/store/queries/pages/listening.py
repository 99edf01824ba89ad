"""What the tray shows: posts that hold a word and ask us nothing, and how often each word was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot.platforms.planner import day_of
from bot.states import ListenedState
from bot.store.listening import tray
from bot.store.paging import page
from bot.store.tables.conversations import PostRow
from bot.store.tables.listening import BrandWordRow, ListenedRow, ListenedWordRow, WordDayRow


@dataclass(frozen=True, slots=True)
class TrayFilter:
    """Which posts of the tray; empty and None for all."""

    platform: str = ""
    word: int | None = None
    language: str = ""
    let_be: bool = False
    """Those that somebody lets be, instead of those that wait."""
    before: int | None = None
    """The number behind which the page begins."""


@dataclass(frozen=True, slots=True)
class TrayPost:
    """A post on the tray, with the words that it holds."""

    row: ListenedRow
    post: PostRow
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordCount:
    """How many posts with a word came onto the tray, day by day, the earliest first."""

    word: BrandWordRow
    days: tuple[int, ...]

    @property
    def total(self) -> int:
        """In all these days."""
        return sum(self.days)


def posts(session: Session, wanted: TrayFilter, now: datetime) -> tuple[list[TrayPost], int | None]:
    """A page of the tray, the newest first, and from where to go on (None: that was all)."""
    state = ListenedState.LET_BE if wanted.let_be else ListenedState.OPEN
    statement = (
        select(ListenedRow, PostRow)
        .join(PostRow, col(PostRow.id) == ListenedRow.post_id)
        .where(ListenedRow.state == state, col(PostRow.deleted_at).is_(None), tray.is_shown(now))
    )
    if wanted.platform:
        statement = statement.where(ListenedRow.platform == wanted.platform)
    if wanted.language:
        statement = statement.where(col(ListenedRow.language).startswith(wanted.language, autoescape=True))
    if wanted.word is not None:
        statement = statement.join(ListenedWordRow, col(ListenedWordRow.listened_id) == ListenedRow.id).where(
            ListenedWordRow.word_id == wanted.word
        )
    rows, older = page(session, statement, [col(ListenedRow.id)], wanted.before, latest_first=True)
    words = tray.words_of(session, [row.id for row, _ in rows])
    return [TrayPost(row, post, tuple(words[row.id])) for row, post in rows], older


def languages(session: Session) -> list[str]:
    """The languages of what is on the tray."""
    statement = select(ListenedRow.language).where(col(ListenedRow.language).is_not(None)).distinct()
    return sorted({str(one).partition("-")[0] for one in session.exec(statement).all()})


def counts(session: Session, words: Sequence[BrandWordRow], now: datetime, days: int) -> list[WordCount]:
    """How often each word was said on the last days, as UTC counts them, today as the last one."""
    first = day_of(now) - timedelta(days=days - 1)
    rows = session.exec(select(WordDayRow).where(col(WordDayRow.day) >= first)).all()
    said = {(row.word_id, row.day): row.posts for row in rows}
    course = [first + timedelta(days=number) for number in range(days)]
    return [WordCount(word, tuple(said.get((word.id, day), 0) for day in course)) for word in words]
