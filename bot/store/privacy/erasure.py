"""The rows of somebody who is forgotten: their words, names and ids go, and do not come back.

Tombstones keep what a replayed webhook is recognised by. ``bot.store.privacy.erasure_log`` remembers who
was erased.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, or_, update
from sqlmodel import Session, col, select

from bot.platforms.registry import traits_of
from bot.states import UNSURE, AnswerState, DeliveryKind, DeliveryState, PostKind, PostState
from bot.store.archive import entries
from bot.store.engine import Database
from bot.store.house import board_marks
from bot.store.privacy.scrub import ERASED
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, OfferRow, PostRow, QuestionRow
from bot.store.tables.house import LocalPostRow, ReportRow
from bot.store.tables.people import EmployeeRow, ExpertiseRow
from bot.store.tables.search import VectorRow
from bot.store.tables.values import stored_mentions
from bot.store.taking_back import challenges
from bot.store.topics import calls


class NobodyThere(LookupError):
    """Nothing is stored about this person, or it is not clear who is meant; the message says which."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer's account as the database knows it."""

    platform: str
    account_id: str
    handles: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accounts:
    """The ids and handles that an employee posted under, and their names on the built-in feed."""

    ids: frozenset[str]
    handles: frozenset[str]
    local: frozenset[str]


def empty_log(database: Database) -> None:
    """Let go of SQLite's write-ahead log, which still has the pages as they were before."""
    if database.is_sqlite:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def customer(session: Session, platform: str, who: str) -> Customer:
    """The account with this id or handle. Raises NobodyThere, also when a handle was used by several."""
    who = who.strip().removeprefix("@")
    found = _accounts(session, platform, who)
    if not found:
        raise NobodyThere(f"Nothing is stored about {platform}:{who}.")
    if len(found) > 1 and who not in found:
        raise NobodyThere(
            f"Several accounts used the handle {who}: {', '.join(sorted(found))}. Give the id of one of them."
        )
    return known_as(session, platform, who if who in found else next(iter(found)))


def _accounts(session: Session, platform: str, who: str) -> set[str]:
    """Ids of the accounts with this id or handle."""
    posted = session.exec(
        select(PostRow.author_id).where(
            PostRow.platform == platform, _is_called(PostRow.author_id, PostRow.author_handle, who)
        )
    ).all()
    asked = session.exec(
        select(QuestionRow.customer_id).where(
            QuestionRow.platform == platform,
            _is_called(QuestionRow.customer_id, QuestionRow.customer_handle, who),
        )
    ).all()
    found = {*posted, *asked} - {""}
    if traits_of(platform).own_record:
        authors = session.exec(select(LocalPostRow.author).where(_same(LocalPostRow.author, who))).all()
        found |= {author.lower() for author in authors}
    return found


def _is_called(account_id: str, handle: str, who: str) -> ColumnElement[bool]:
    return or_(col(account_id) == who, _same(handle, who))


def _same(column: str, who: str) -> ColumnElement[bool]:
    return func.lower(col(column)) == who.lower()


def known_as(session: Session, platform: str, account_id: str) -> Customer:
    """An account with all its handles and names."""
    rows = session.exec(
        select(PostRow.author_handle, PostRow.author_name).where(
            PostRow.platform == platform, PostRow.author_id == account_id
        )
    ).all()
    asked = session.exec(
        select(QuestionRow.customer_handle).where(
            QuestionRow.platform == platform, QuestionRow.customer_id == account_id
        )
    ).all()
    handles = {handle for handle, _ in rows} | set(asked)
    if traits_of(platform).own_record:
        handles.add(account_id)
    names = {name for _, name in rows}
    return Customer(platform, account_id, tuple(sorted(handles - {""})), tuple(sorted(names - {""})))


def questions_of(session: Session, person: Customer) -> list[int]:
    """The questions that they have asked."""
    statement = select(QuestionRow.id).where(
        QuestionRow.platform == person.platform, QuestionRow.customer_id == person.account_id
    )
    return list(session.exec(statement).all())


def answers_to_others(session: Session, person: Customer) -> list[PostRow]:
    """Their posts that answer other customers' questions."""
    statement = select(PostRow).where(
        PostRow.platform == person.platform,
        PostRow.author_id == person.account_id,
        PostRow.verdict == PostKind.COMMUNITY,
        col(PostRow.question_id).is_not(None),
    )
    return list(session.exec(statement).all())


def forget_question(session: Session, question: QuestionRow) -> None:
    """A question that was withdrawn no longer says who asked, and what was sent no longer says to whom."""
    question.customer_id = question.customer_handle = question.text = question.note = ""
    question.reach, question.suggestions, question.last_error = None, [], None
    session.add(question)
    _forget_targets(session, question)
    session.flush()


def forget_beside(session: Session, entry: EntryRow) -> None:
    """Nothing is left of what an entry meant, and of what people reported about it."""
    session.execute(delete(VectorRow).where(col(VectorRow.entry_id) == entry.id))
    session.execute(update(ReportRow).where(col(ReportRow.entry_id) == entry.id).values(text=""))


def forget_employee(session: Session, employee: EmployeeRow, credit: str) -> None:
    """Their row says no longer who they were, nor what they knew."""
    session.execute(delete(ExpertiseRow).where(col(ExpertiseRow.employee_id) == employee.id))
    calls.forget_employee(session, employee.id)
    board_marks.forget(session, employee.id)
    session.execute(update(OfferRow).where(col(OfferRow.employee_id) == employee.id).values(reasons=[]))
    employee.name, employee.email, employee.title = credit[:80], f"erased-{employee.id}@chorus.invalid", ""
    employee.shifts, employee.languages, employee.timezone = [], [], "UTC"
    employee.language = None
    session.add(employee)
    session.flush()


def accounts_of(session: Session, employee: EmployeeRow) -> Accounts:
    """The accounts that somebody's posts came from."""
    own = session.exec(select(PostRow).where(PostRow.employee_id == employee.id)).all()
    return Accounts(
        frozenset(post.author_id for post in own),
        frozenset(post.author_handle for post in own),
        frozenset(post.author_id for post in own if traits_of(post.platform).own_record),
    )


def erase_posts_of_customer(session: Session, person: Customer, now: datetime) -> int:
    """Empty their posts; how many is returned."""
    whose = (col(PostRow.platform) == person.platform) & (col(PostRow.author_id) == person.account_id)
    erased = _erase_posts(session, whose, now)
    return erased + (
        _erase_local_posts(session, [person.account_id], now) if traits_of(person.platform).own_record else 0
    )


def erase_posts_of_employee(
    session: Session, employee: EmployeeRow, local: Iterable[str], now: datetime
) -> int:
    """Empty their posts, also those on the built-in feed by the names given; how many is returned."""
    erased = _erase_posts(session, col(PostRow.employee_id) == employee.id, now)
    return erased + _erase_local_posts(session, local, now)


def _forget_targets(session: Session, question: QuestionRow) -> None:
    """What was sent no longer says to which post, nor the content warning that it took over from there.

    What may be on its way keeps its frozen payload.
    """
    rows = session.exec(
        select(DeliveryRow).where(
            DeliveryRow.question_id == question.id,
            DeliveryRow.kind == DeliveryKind.PUBLICATION,
            col(DeliveryRow.state).not_in(UNSURE),
        )
    ).all()
    for row in rows:
        answer = session.get(AnswerRow, row.answer_id) if row.answer_id else None
        own = answer.warning if answer is not None else ""
        row.payload = replace(row.sends, in_reply_to=None, refs={}, warning=own).stored()
        session.add(row)


def _erase_posts(session: Session, whose: ColumnElement[bool], now: datetime) -> int:
    """Leave tombstones: ``(platform, external_id)`` keeps a replayed webhook from bringing a post back."""
    done = session.execute(
        update(PostRow)
        .where(whose)
        .values(
            author_id="",
            author_handle="",
            author_name="",
            followers=None,
            author_since=None,
            text="",
            language=None,
            in_reply_to=None,
            thread=None,
            url=None,
            mentions=[],
            tags=[],
            warning="",
            choices=[],
            pictures=[],
            refs={},
            posted_at=None,
            deleted_at=func.coalesce(col(PostRow.deleted_at), now),
            state=PostState.DONE,
            verdict=PostKind.GONE,
            due_at=None,
            lease_until=None,
            last_error=None,
            fence=PostRow.fence + 1,
        )
        .returning(col(PostRow.id))
        .execution_options(synchronize_session=False)
    )
    return len(done.all())


def _erase_local_posts(session: Session, authors: Iterable[str], now: datetime) -> int:
    names = {author.lower() for author in authors}
    done = session.execute(
        update(LocalPostRow)
        .where(func.lower(col(LocalPostRow.author)).in_(names))
        .values(author=ERASED, text="", deleted_at=func.coalesce(col(LocalPostRow.deleted_at), now))
        .returning(col(LocalPostRow.id))
        .execution_options(synchronize_session=False)
    )
    return len(done.all())


def forget_mentions(session: Session, person: Customer) -> None:
    """Others' posts no longer list the account among those they address."""
    known = {person.account_id, *(one.lower() for one in person.handles)}
    rows = session.exec(
        select(PostRow).where(PostRow.platform == person.platform, PostRow.text != "")
    ).yield_per(1_000)
    for post in rows:
        left = [one for one in post.addressed if one.id not in known and one.handle.lower() not in known]
        if len(left) != len(post.mentions):
            post.mentions = stored_mentions(left)
            session.add(post)
    session.flush()


def credit_anew(session: Session, employee: EmployeeRow, credit: str, now: datetime) -> int:
    """Their answers are credited to nobody in particular, and every copy of the archive hears of it."""
    rows = session.exec(select(AnswerRow).where(AnswerRow.employee_id == employee.id)).all()
    former = {row.credit for row in rows if row.credit}
    touched = {row.question_id for row in rows if row.state == AnswerState.PUBLISHED}
    touched |= challenges.forget_challenger(session, employee.id)
    for row in rows:
        row.credit = credit if row.credit else ""
        session.add(row)
    for sent in session.exec(select(DeliveryRow).where(DeliveryRow.employee_id == employee.id)).all():
        text = sent.sends.text
        if sent.state == DeliveryState.SENT and any(text.endswith(one) for one in former):
            ending = next(one for one in sorted(former, key=len, reverse=True) if text.endswith(one))
            sent.payload = replace(sent.sends, text=text.removesuffix(ending).rstrip()).stored()
            session.add(sent)
    for entry in session.exec(select(EntryRow).where(col(EntryRow.question_id).in_(touched))).all():
        entries.touch(session, entry, now)
    return len(rows)
