"""Everything that is stored about a person, to be handed to them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import inspect
from sqlmodel import Session, SQLModel, col, func, or_, select

from bot.platforms.registry import traits_of
from bot.states import DeliveryKind
from bot.store.departments import directory
from bot.store.house import board_marks, subscribers
from bot.store.house.audit_actions import action_of
from bot.store.matters import statements
from bot.store.people import notes
from bot.store.privacy import handoffs, surveys
from bot.store.privacy.erasure import Customer
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, OfferRow, PostRow, QuestionRow
from bot.store.tables.departments import DepartmentAnswerRow
from bot.store.tables.handoffs import HandoffRow
from bot.store.tables.house import AuditRow, ChallengeRow, LocalPostRow, ReportRow, TextRow
from bot.store.tables.listening import ListenedRow
from bot.store.tables.matters import CampaignRow, StatementRow
from bot.store.tables.people import EmployeeRow, ExpertiseRow, IdentityRow, SessionRow, TopicCallRow, TopicRow
from bot.store.topics import calls

_INSIDE = {"lease_until", "owner", "fence", "attempts", "due_at", "secret_hash", "hash"}
"""How the machine works through a row: nothing about the person."""
_OF_THE_AUTHOR = {"author_id"}
_OF_THE_CUSTOMER = {"token_hash", "proofs", "sealed"}
"""What such a row holds of somebody else."""

Rows = list[dict[str, Any]]


def of_customer(session: Session, person: Customer) -> dict[str, Any]:
    """Their posts and questions, the answers they got, and where the archive shows them."""
    asked = session.exec(
        select(QuestionRow).where(
            QuestionRow.platform == person.platform, QuestionRow.customer_id == person.account_id
        )
    ).all()
    ids = [question.id for question in asked]
    posts = session.exec(
        select(PostRow).where(PostRow.platform == person.platform, PostRow.author_id == person.account_id)
    ).all()
    answers = session.exec(select(AnswerRow).where(col(AnswerRow.question_id).in_(ids))).all()
    entries = session.exec(select(EntryRow).where(col(EntryRow.question_id).in_(ids))).all()
    sent = session.exec(
        select(DeliveryRow).where(
            col(DeliveryRow.question_id).in_(ids), DeliveryRow.kind == DeliveryKind.PUBLICATION
        )
    ).all()
    reports = session.exec(
        select(ReportRow).where(col(ReportRow.entry_id).in_([entry.id for entry in entries]))
    ).all()
    return {
        "person": {
            "platform": person.platform,
            "id": person.account_id,
            "handles": list(person.handles),
            "names": list(person.names),
        },
        "posts": _plain(posts),
        "questions": _plain(asked),
        "answers_received": _plain(answers, without={"employee_id"}),
        "publications_to_you": _plain(sent, without={"employee_id", "offer_id"}),
        "archive_entries": _plain(entries, without={"owner_id"}),
        "reports_about_these_entries": _plain(reports),
        "told_of_matters": _plain(statements.told_to(session, person.platform, person.account_id)),
        "said_of_how_it_went": _plain(surveys.of_customer(session, person), without={"browser"}),
        "left_privately": _left_privately(session, person),
        "notes_on_these_questions": _plain(
            notes.about_customer(session, person.platform, person.account_id), without={"employee_id", "told"}
        ),
        "posts_on_the_local_feed": _local(session, person.platform, person.account_id),
        "mentioned_by_others": _mentions(session, person),
    }


def of_subscriber(session: Session, address: str) -> dict[str, Any] | None:
    """What is stored of whoever has announcements mailed to an address; None: nothing."""
    found = subscribers.record(session, address)
    if found is None:
        return None
    row, mails = found
    return {
        "subscription": _plain([row], without={"link_hash"})[0],
        "announcements_mailed": _plain(mails, without={"subscriber_id"}),
    }


def of_employee(session: Session, employee: EmployeeRow) -> dict[str, Any]:
    """Their profile, accounts and expertise, what they were asked and answered, and what they did here."""
    number = employee.id
    expertise = session.exec(
        select(TopicRow.slug, ExpertiseRow.level, ExpertiseRow.source)
        .join(TopicRow, col(TopicRow.id) == ExpertiseRow.topic_id)
        .where(ExpertiseRow.employee_id == number)
    ).all()
    accounts = session.exec(select(IdentityRow).where(IdentityRow.employee_id == number)).all()
    posts = session.exec(select(PostRow).where(PostRow.employee_id == number)).all()
    audit = session.exec(
        select(AuditRow).where(
            or_(
                col(AuditRow.actor).contains(employee.email, autoescape=True),
                AuditRow.subject == f"employee {number}",
            )
        )
    ).all()
    return {
        "profile": _plain([employee])[0],
        "accounts": _plain(accounts),
        "expertise": [{"topic": slug, "level": level, "source": source} for slug, level, source in expertise],
        "asked_whether_they_know": [
            {"topic": slug, "level": level, "said_at": said_at.isoformat()}
            for slug, level, said_at in calls.replies_of(session, number)
        ],
        "departments": [
            {"department": name, "is_in_charge": leads}
            for name, leads in directory.departments_of(session, number)
        ],
        "said_for_departments": _by(session, DepartmentAnswerRow, "said_by", number),
        "statements": _by(session, StatementRow, "written_by", number),
        "announcements": _by(session, AnnouncementRow, "proposed_by", number),
        "campaigns": _by(session, CampaignRow, "made_by", number),
        "public_texts": _by(session, TextRow, "proposed_by_id", number),
        "asked_who_knows": _by(session, TopicCallRow, "asked_by", number),
        "decided_on_the_tray": _by(session, ListenedRow, "decided_by", number, without=_OF_THE_AUTHOR),
        "asked_for_privately": _by(session, HandoffRow, "employee_id", number, without=_OF_THE_CUSTOMER),
        "offers": _by(session, OfferRow, "employee_id", number),
        "answers": _by(session, AnswerRow, "employee_id", number),
        "challenges": _by(session, ChallengeRow, "challenger_id", number),
        "notes": _plain(notes.of_author(session, number)),
        "posts": _plain(posts),
        "posts_on_the_local_feed": [
            row for one in accounts for row in _local(session, one.platform, one.account_id)
        ],
        "looked_after_on_the_board": _plain(board_marks.of_person(session, number)),
        "filters_of_the_board": _plain(board_marks.filters_of(session, number)),
        "sessions": _by(session, SessionRow, "employee_id", number),
        "audit": [{**line, "action": action_of(line["action"]) or line["action"]} for line in _plain(audit)],
    }


def _by(
    session: Session, table: type[SQLModel], column: str, number: int, *, without: set[str] | None = None
) -> Rows:
    """The rows that name an employee in a column, in the order of the table."""
    named = select(table).where(getattr(table, column) == number)
    return _plain(session.exec(named.order_by(*inspect(table).primary_key)).all(), without=without)


def _plain(rows: Sequence[SQLModel], *, without: set[str] | None = None) -> Rows:
    return [row.model_dump(mode="json", exclude=_INSIDE | (without or set())) for row in rows]


def _left_privately(session: Session, person: Customer) -> Rows:
    """That something was left, and whether it is kept; what it is only those see whom it was left for."""
    return [
        {"question_id": one.question_id, "left_at": one.left_at, "is_kept": one.sealed is not None}
        for one in handoffs.of_customer(session, person.platform, person.account_id)
        if one.left_at is not None
    ]


def _local(session: Session, platform: str, account_id: str) -> Rows:
    if not traits_of(platform).own_record:
        return []
    rows = session.exec(
        select(LocalPostRow).where(func.lower(col(LocalPostRow.author)) == account_id.lower())
    ).all()
    return _plain(rows)


def _mentions(session: Session, person: Customer) -> Rows:
    """Posts of others that name one of their handles."""
    if not person.handles:
        return []
    text = func.lower(col(PostRow.text))
    named = or_(*[text.contains(f"@{handle.lower()}", autoescape=True) for handle in person.handles])
    rows = session.exec(
        select(PostRow).where(
            PostRow.platform == person.platform, PostRow.author_id != person.account_id, named
        )
    ).all()
    return [
        {
            "platform": row.platform,
            "external_id": row.external_id,
            "text": row.text,
            "posted_at": row.posted_at,
        }
        for row in rows
    ]
