"""What people say of a matter without asking us: posts on the tray, for whoever gathers and for pages."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from bot.store.matters import campaigns
from bot.store.tables.columns import table_of
from bot.store.tables.conversations import PostRow, QuestionRow
from bot.store.tables.listening import ListenedRow


@dataclass(frozen=True, slots=True)
class Voice:
    """A post on the tray as it is gathered, by its number there."""

    number: int
    text: str
    language: str | None


def any_waiting(session: Session) -> bool:
    """Whether one has not been looked at for its matter."""
    new = select(ListenedRow.id).where(col(ListenedRow.gathered).is_(False)).limit(1)
    return session.exec(new).first() is not None


def waiting(session: Session, limit: int) -> list[Voice]:
    """Those that have not been looked at, the earliest first."""
    statement = (
        select(ListenedRow.id, PostRow.text, ListenedRow.language)
        .join(PostRow, col(PostRow.id) == ListenedRow.post_id)
        .where(col(ListenedRow.gathered).is_(False))
        .order_by(col(ListenedRow.id))
        .limit(limit)
    )
    return [Voice(*row) for row in session.exec(statement).all()]


def look_again(session: Session, since: datetime, limit: int) -> int:
    """Those that were about no matter and came since then are looked at once more; how many is returned.

    The latest first: a matter may have been opened since.
    """
    alone = (
        select(ListenedRow.id)
        .where(
            col(ListenedRow.found_at) > since, col(ListenedRow.matter_id).is_(None), col(ListenedRow.gathered)
        )
        .order_by(col(ListenedRow.found_at).desc())
        .limit(limit)
    )
    done = session.execute(
        update(ListenedRow)
        .where(col(ListenedRow.id).in_(alone))
        .values(gathered=False)
        .returning(col(ListenedRow.id))
        .execution_options(synchronize_session=False)
    )
    return len(done.all())


def assign(session: Session, matters: Mapping[int, int | None]) -> None:
    """These have been looked at, and speak of these matters (None: of none)."""
    if not matters:
        return
    kept = table_of(ListenedRow)
    statement = (
        update(kept)
        .where(kept.c.id == bindparam("number"))
        .values(matter_id=bindparam("matter"), gathered=True)
    )
    rows = [{"number": number, "matter": matter} for number, matter in sorted(matters.items())]
    session.connection().execute(statement, rows)


def unasked(session: Session, matter_ids: Collection[int]) -> dict[int, int]:
    """How many people were heard to speak of each of these matters and have not asked us, each counted once.

    Those on the tray, and those of whose posts somebody made a question.
    """
    found = people(session, matter_ids)
    for number, who in campaigns.supporters(session, matter_ids).items():
        if who.people > who.joined:
            found[number] = found.get(number, 0) + who.people - who.joined
    return found


def people(session: Session, matter_ids: Collection[int]) -> dict[int, int]:
    """How many people speak of each of these matters and have not asked about it, each counted once."""
    if not matter_ids:
        return {}
    asked = (
        select_columns(col(QuestionRow.id))
        .where(
            col(QuestionRow.matter_id) == col(ListenedRow.matter_id),
            col(QuestionRow.platform) == col(ListenedRow.platform),
            col(QuestionRow.customer_id) == col(ListenedRow.author_id),
        )
        .exists()
    )
    who = ListenedRow.platform + ":" + col(ListenedRow.author_id)
    rows = session.execute(
        select_columns(col(ListenedRow.matter_id), func.count(func.distinct(who)))
        .where(col(ListenedRow.matter_id).in_(sorted(matter_ids)), ~asked)
        .group_by(col(ListenedRow.matter_id))
    ).all()
    return {int(number): int(count) for number, count in rows}
