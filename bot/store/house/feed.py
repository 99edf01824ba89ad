"""Where the local feed's posts are kept: the storage behind ``bot.platforms.local.adapter.LocalFeed``."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, col, select

from bot.platforms.local.adapter import FeedPost
from bot.posts import Retry
from bot.states import ChangeKind
from bot.store import changes
from bot.store.engine import Database
from bot.store.tables.house import LocalPostRow


class StoredFeed:
    """The local feed in the database. Ids are numbers as strings, in the order of posting."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(
        self,
        author: str,
        text: str,
        *,
        in_reply_to: str | None = None,
        repost_of: str | None = None,
        key: str | None = None,
    ) -> FeedPost:
        """Store a post; one that is there under the same key already is returned as it is.

        Raises LookupError when the post replied to or reposted is not there, Retry when the database is not.
        """
        try:
            with self._database.write() as session:
                changes.serialise(session, "local_feed")
                existing = _by_key(session, key)
                if existing is not None:
                    return _post(existing)
                row = LocalPostRow(
                    author=author,
                    text=text,
                    in_reply_to=_there(session, in_reply_to),
                    repost_of=_there(session, repost_of),
                    key=key,
                    posted_at=self._database.now(session),
                )
                session.add(row)
                session.flush()
                changes.append(session, ChangeKind.FEED, row.id, row.posted_at)
                return _post(row)
        except IntegrityError:
            with self._database.read() as session:
                existing = _by_key(session, key)
                if existing is None:
                    raise
                return _post(existing)
        except DBAPIError as error:
            raise Retry(f"The local feed's database does not answer: {error.orig}") from error

    def read(self, after: str | None, limit: int) -> Sequence[FeedPost]:
        """Posts after ``after`` (exclusive), oldest first."""
        return self.page(after=after, limit=limit)

    def page(
        self, *, after: str | None = None, author: str | None = None, limit: int = 100
    ) -> list[FeedPost]:
        """Posts after ``after``, of one author or of everybody, oldest first.

        Raises ValueError when ``after`` is no id.
        """
        statement = select(LocalPostRow).where(col(LocalPostRow.deleted_at).is_(None))
        if after:
            statement = statement.where(col(LocalPostRow.id) > _number(after))
        if author:
            statement = statement.where(LocalPostRow.author == author)
        with self._database.read() as session:
            rows = session.exec(statement.order_by(col(LocalPostRow.id)).limit(limit)).all()
            return [_post(row) for row in rows]

    def latest(self, limit: int, before: str | None = None) -> list[FeedPost]:
        """The newest posts, newest first; ``before`` pages back. Raises ValueError when it is no id."""
        statement = select(LocalPostRow).where(col(LocalPostRow.deleted_at).is_(None))
        if before:
            statement = statement.where(col(LocalPostRow.id) < _number(before))
        with self._database.read() as session:
            rows = session.exec(statement.order_by(col(LocalPostRow.id).desc()).limit(limit)).all()
            return [_post(row) for row in rows]

    def find(self, key: str) -> FeedPost | None:
        """The post stored under ``key``, if it is there."""
        with self._database.read() as session:
            row = _by_key(session, key)
            return _post(row) if row is not None and row.deleted_at is None else None

    def get(self, ids: Sequence[str]) -> Sequence[FeedPost]:
        """The posts of these ids that are there."""
        numbers = []
        for one in ids:
            with suppress(ValueError):
                numbers.append(_number(one))
        with self._database.read() as session:
            rows = session.exec(
                select(LocalPostRow)
                .where(col(LocalPostRow.id).in_(numbers), col(LocalPostRow.deleted_at).is_(None))
                .order_by(col(LocalPostRow.id))
            ).all()
            return [_post(row) for row in rows]

    def edit(self, post_id: str, text: str) -> FeedPost | None:
        """Replace a post's text; None when it is not there."""
        with self._database.write() as session:
            row = _row(session, post_id)
            if row is None or row.deleted_at is not None:
                return None
            row.text, row.edited_at = text, self._database.now(session)
            session.add(row)
            session.flush()
            changes.append(session, ChangeKind.FEED, row.id, row.edited_at)
            return _post(row)

    def remove(self, post_id: str) -> bool:
        """Take a post away; False when it was not there."""
        with self._database.write() as session:
            row = _row(session, post_id)
            if row is None or row.deleted_at is not None:
                return False
            row.deleted_at, row.text = self._database.now(session), ""
            session.add(row)
            changes.append(session, ChangeKind.FEED, row.id, row.deleted_at)
            return True


def _number(post_id: str) -> int:
    if not post_id.isascii() or not post_id.isdigit() or len(post_id) > 18:
        raise ValueError(f"{post_id!r} is no id of a post on the local feed")
    return int(post_id)


def _row(session: Session, post_id: str) -> LocalPostRow | None:
    try:
        return session.get(LocalPostRow, _number(post_id))
    except ValueError:
        return None


def _by_key(session: Session, key: str | None) -> LocalPostRow | None:
    if key is None:
        return None
    return session.exec(select(LocalPostRow).where(LocalPostRow.key == key)).first()


def _there(session: Session, post_id: str | None) -> int | None:
    if post_id is None:
        return None
    row = _row(session, post_id)
    if row is None or row.deleted_at is not None:
        raise LookupError(post_id)
    return row.id


def _post(row: LocalPostRow) -> FeedPost:
    def text(number: int | None) -> str | None:
        return None if number is None else str(number)

    posted_at: datetime = row.posted_at
    return FeedPost(
        id=str(row.id),
        author=row.author,
        text=row.text,
        posted_at=posted_at,
        in_reply_to=text(row.in_reply_to),
        repost_of=text(row.repost_of),
        edited_at=row.edited_at,
    )
