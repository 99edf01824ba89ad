"""The posts on the tray: coming onto it, being looked at again, and going."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, update
from sqlmodel import Session, col, select

from bot.states import PostKind, PostState
from bot.store.dialects import insert_of
from bot.store.row_locks import lock_row, locked_row
from bot.store.tables.columns import among, table_of
from bot.store.tables.conversations import PostRow
from bot.store.tables.listening import BrandWordRow, ListenedRow, ListenedWordRow, WordDayRow


@dataclass(frozen=True, slots=True)
class Overheard:
    """A post that holds some of the words, by their ids."""

    post: PostRow
    words: tuple[int, ...]
    language: str | None


def put_all(session: Session, heard: Sequence[Overheard], day: datetime, now: datetime) -> dict[str, int]:
    """These posts are on the tray; how many are new there is returned, by platform.

    One that is there already stays as it was decided, with the words that it holds now. ``day`` is the day of
    UTC that they are counted in.
    """
    if not heard:
        return {}
    connection = session.connection()
    insert, kept = insert_of(connection.dialect.name), table_of(ListenedRow)
    there = _numbers(session, [one.post.id for one in heard])
    new = [one for one in heard if one.post.id not in there]
    if new:
        values = [
            {
                "post_id": one.post.id,
                "platform": one.post.platform,
                "author_id": one.post.author_id,
                "language": one.language,
                "found_at": now,
                "looked_at": now,
            }
            for one in new
        ]
        connection.execute(insert(kept).on_conflict_do_nothing(index_elements=["post_id"]), values)
    numbers = there | _numbers(session, [one.post.id for one in new])
    if there:
        session.execute(delete(ListenedWordRow).where(col(ListenedWordRow.listened_id).in_(there.values())))
    held = [
        {"listened_id": numbers[one.post.id], "word_id": word}
        for one in heard
        if one.post.id in numbers
        for word in one.words
    ]
    if held:
        words = insert(table_of(ListenedWordRow)).on_conflict_do_nothing()
        connection.execute(words, held)
    _count(session, new, day)
    counts: dict[str, int] = {}
    for one in new:
        counts[one.post.platform] = counts.get(one.post.platform, 0) + 1
    return counts


def _numbers(session: Session, post_ids: Collection[int]) -> dict[int, int]:
    if not post_ids:
        return {}
    statement = select(ListenedRow.post_id, ListenedRow.id).where(col(ListenedRow.post_id).in_(post_ids))
    return dict(session.exec(statement).all())


def _count(session: Session, new: Sequence[Overheard], day: datetime) -> None:
    """Each word was said so many times more today; several processes count at once."""
    said: dict[int, int] = {}
    for one in new:
        for word in one.words:
            said[word] = said.get(word, 0) + 1
    if not said:
        return
    connection, kept = session.connection(), table_of(WordDayRow)
    insert = insert_of(connection.dialect.name)(kept)
    more = insert.on_conflict_do_update(
        index_elements=["word_id", "day"], set_={"posts": kept.c.posts + insert.excluded.posts}
    )
    rows = [{"word_id": word, "day": day, "posts": number} for word, number in sorted(said.items())]
    connection.execute(more, rows)


def held(session: Session, number: int) -> tuple[ListenedRow, PostRow] | None:
    """A row of the tray and its post, held; None where it is not there (any more)."""
    row = session.get(ListenedRow, number)
    post = locked_row(session, PostRow, row.post_id) if row is not None else None
    kept = locked_row(session, ListenedRow, number) if post is not None else None
    return (kept, post) if kept is not None and post is not None else None


def take_out(session: Session, post_ids: Collection[int]) -> None:
    """These posts are not on the tray any more; the posts themselves stay."""
    if post_ids:
        _drop(session, list(_numbers(session, post_ids).values()))


def forget_author(session: Session, platform: str, author_id: str) -> None:
    """Nothing of this account's is on the tray."""
    statement = select(ListenedRow.id).join(PostRow, col(PostRow.id) == ListenedRow.post_id)
    of_author = statement.where(PostRow.platform == platform, PostRow.author_id == author_id)
    _drop(session, session.exec(of_author).all())


def forget_before(session: Session, moment: datetime, limit: int) -> int:
    """Posts that came onto the tray before this go, wholly, at most so many; how many went is returned.

    One that has just been edited is left until intake has looked at it.
    """
    return _forget_some(session, col(ListenedRow.found_at), moment, limit)


def forget_unseen(session: Session, platform: str, moment: datetime, limit: int) -> int:
    """As ``forget_before``, posts of a platform that nobody could look at there since."""
    return _forget_some(
        session, col(ListenedRow.looked_at), moment, limit, col(ListenedRow.platform) == platform
    )


def _forget_some(session: Session, at: Any, moment: datetime, limit: int, *only: ColumnElement[bool]) -> int:
    """Those that intake is done with, or that it will not try again."""
    # Asked of each post by itself: joined, PostgreSQL may go along all posts there are.
    state = select(PostRow.state).where(col(PostRow.id) == ListenedRow.post_id).scalar_subquery()
    is_over = state.in_((PostState.DONE, PostState.QUARANTINED))
    statement = select(ListenedRow.id, ListenedRow.post_id).where(at <= moment, is_over, *only)
    return _forget(session, session.exec(statement.order_by(at).limit(limit)).all())


def platforms(session: Session) -> Sequence[str]:
    """The platforms of which something is on the tray."""
    return session.exec(select(ListenedRow.platform).distinct().order_by(ListenedRow.platform)).all()


def remove_word(session: Session, word: BrandWordRow) -> None:
    """A word goes, with the posts that are on the tray for no other reason."""
    lock_row(session, word)
    of_word = select(ListenedWordRow.listened_id).where(ListenedWordRow.word_id == word.id)
    others = select(ListenedWordRow.listened_id).where(
        ListenedWordRow.word_id != word.id, col(ListenedWordRow.listened_id).in_(of_word)
    )
    alone = session.exec(
        select(ListenedRow.id, ListenedRow.post_id).where(
            col(ListenedRow.id).in_(of_word), col(ListenedRow.id).not_in(others)
        )
    ).all()
    _forget(session, alone)
    for table in (ListenedWordRow, WordDayRow):
        columns: Any = table
        session.execute(delete(table).where(columns.word_id == word.id))
    session.delete(word)
    session.flush()


def _forget(session: Session, found: Iterable[tuple[int, int]]) -> int:
    """Rows of the tray go with their posts, as far as these are nothing else by now."""
    pairs = list(found)
    _drop(session, [number for number, _ in pairs])
    if pairs:
        session.execute(
            delete(PostRow).where(
                col(PostRow.id).in_([post for _, post in pairs]), among(PostRow.verdict, PostKind.LISTENED)
            )
        )
    return len(pairs)


def _drop(session: Session, numbers: Collection[int]) -> None:
    if not numbers:
        return
    session.flush()
    session.execute(delete(ListenedWordRow).where(col(ListenedWordRow.listened_id).in_(numbers)))
    session.execute(delete(ListenedRow).where(col(ListenedRow.id).in_(numbers)))


SHOWN_UNSEEN = timedelta(hours=24)
"""So long a post on the tray is shown without its platform having said that it is still there."""


def is_shown(now: datetime) -> ColumnElement[bool]:
    """Whether people see a post of the tray, as a condition: its platform had it less than a day ago.

    What nobody could look at in time, for want of money or because the platform is away, is out of sight
    until somebody has.
    """
    return col(ListenedRow.looked_at) > now - SHOWN_UNSEEN


def was_seen(row: ListenedRow, now: datetime) -> bool:
    """As ``is_shown``, of one row."""
    return row.looked_at > now - SHOWN_UNSEEN


def due_for_a_look(session: Session, platform: str, before: datetime, limit: int) -> Sequence[str]:
    """Posts on the tray that were last seen on their platform before this, and not tried since: their ids.

    The external ones. What was set aside after too many tries is left to a person.
    """
    tried = col(PostRow.checked_at)
    statement = (
        select(PostRow.external_id)
        .join(ListenedRow, col(ListenedRow.post_id) == PostRow.id)
        .where(
            ListenedRow.platform == platform,
            col(ListenedRow.looked_at) <= before,
            tried.is_(None) | (tried <= before),
            ~among(PostRow.state, PostState.QUARANTINED),
        )
        .order_by(col(ListenedRow.looked_at))
        .limit(max(limit, 0))
    )
    return session.exec(statement).all()


def looked(session: Session, platform: str, external_ids: Sequence[str], now: datetime) -> None:
    """The platform has told of these what has become of them."""
    if external_ids:
        session.execute(
            update(ListenedRow)
            .where(col(ListenedRow.post_id).in_(_of(platform, external_ids)))
            .values(looked_at=now)
            .execution_options(synchronize_session=False)
        )


def _of(platform: str, external_ids: Sequence[str]) -> Any:
    is_one: ColumnElement[bool] = col(PostRow.external_id).in_(external_ids)
    return select(PostRow.id).where(PostRow.platform == platform, is_one)


def unseen(session: Session, platforms: Iterable[str], now: datetime) -> dict[str, int]:
    """How many posts of the tray are out of sight for now on each platform, because nobody could look."""
    counted = {
        name: session.exec(
            select(func.count()).where(
                ListenedRow.platform == name, col(ListenedRow.looked_at) <= now - SHOWN_UNSEEN
            )
        ).one()
        for name in platforms
    }
    return {name: number for name, number in counted.items() if number}


def waiting(session: Session) -> int:
    """How many posts are on the tray in all, decided about or not."""
    return int(session.exec(select(func.count()).select_from(ListenedRow)).one())


def words_of(session: Session, numbers: Collection[int]) -> Mapping[int, list[str]]:
    """The texts of the words that each of these posts holds."""
    found: dict[int, list[str]] = {number: [] for number in numbers}
    if numbers:
        rows = session.exec(
            select(ListenedWordRow.listened_id, BrandWordRow.text)
            .join(BrandWordRow, col(BrandWordRow.id) == ListenedWordRow.word_id)
            .where(col(ListenedWordRow.listened_id).in_(numbers))
            .order_by(col(BrandWordRow.key))
        ).all()
        for number, text in rows:
            found[number].append(text)
    return found
