"""What the desk reads: somebody's offers and answers, and a question with everything around it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from bot.posts import Visibility
from bot.roles import Permission, roles_with
from bot.states import (
    NO_ANSWER,
    OF_CUSTOMERS,
    ON_ITS_WAY,
    AnswerKind,
    AnswerState,
    EntryState,
    PostKind,
)
from bot.store.people import claims, notes
from bot.store.people.claims import QuestionClaim
from bot.store.people.notes import WrittenNote
from bot.store.queries.voice.announcements import SaidAnnouncement, as_said
from bot.store.tables.columns import among
from bot.store.tables.conversations import AnswerRow, EntryRow, OfferRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow, ExpertiseRow, LinkCodeRow, TopicRow
from bot.store.topics import named as topics
from bot.wording.attachments import unwarned
from routing.dialogue.turns import TurnKind
from routing.model.domain import WITHOUT_ANSWER, EmployeeState, OfferState

_COLLEAGUES = 50
_IN_PLACE = (AnswerKind.COMMUNITY, AnswerKind.ENDORSEMENT)
"""What stands with the post of another customer."""


@dataclass(frozen=True, slots=True)
class Why:
    """A reason for an offer, and its part of all reasons (0 to 1)."""

    text: str
    share: float


@dataclass(frozen=True, slots=True)
class OfferView:
    """A question in front of somebody."""

    question: QuestionRow
    expires_at: datetime
    why: tuple[Why, ...]
    others: int
    topics: tuple[tuple[str, str], ...]
    announcement: SaidAnnouncement | None = None
    """What of the brand's own it replies to."""
    claim: QuestionClaim | None = None
    """Who has taken it for themself; where that is a colleague, the offer may rest."""
    rests: bool = False


@dataclass(frozen=True, slots=True)
class TakenFor:
    """What an answer is taken for, and what a person may still say of it."""

    answer_id: int
    kind: TurnKind
    by_person: bool
    is_accepted: bool
    is_mine: bool
    """Whether it is the viewer's own."""
    can_change: bool
    """Whether it still matters of which kind it is."""
    can_accept: bool


@dataclass(frozen=True, slots=True)
class ThreadPost:
    """One post, answer or note of a conversation, in the order they came."""

    at: datetime
    who: str
    text: str
    is_customer: bool
    state: str = ""
    note: str = ""
    url: str | None = None
    warning: str = ""
    """The content warning its author put in front of ``text``, which is without it."""
    pictures: tuple[str, ...] = ()
    """One description for each picture; empty where its author gave none."""
    is_private: bool = False
    """Not written in public: an answer's words are its author's alone then, ``text`` is empty for others."""
    taken: TakenFor | None = None
    """Of an answer that somebody gave."""
    parts_as: int | None = None
    """The post that can be parted as a question of its own; None: it cannot."""
    community: int | None = None
    """The post of another customer who answers; None: it is none."""
    written: WrittenNote | None = None
    """Of a colleague's note, which nobody outside sees; None: it is none."""


@dataclass(frozen=True, slots=True)
class SuggestedEntry:
    """An entry of the archive that may answer a question already."""

    entry_id: int
    title: str
    answer: str
    probability: float


@dataclass(frozen=True, slots=True)
class Conversation:
    """A question with its thread, what the archive says, and who was asked."""

    question: QuestionRow
    url: str | None
    topics: tuple[tuple[str, str], ...]
    lines: tuple[ThreadPost, ...]
    suggestions: tuple[SuggestedEntry, ...]
    people_asked: int
    announcement: SaidAnnouncement | None = None
    """What of the brand's own it replies to."""


def my_offers(session: Session, employee_id: int, now: datetime) -> list[OfferView]:
    """What is in front of somebody now, the most urgent first; what a colleague has meanwhile comes last."""
    rows = session.exec(
        select(OfferRow, QuestionRow)
        .join(QuestionRow, col(QuestionRow.id) == OfferRow.question_id)
        .where(
            OfferRow.employee_id == employee_id,
            col(OfferRow.state).in_((OfferState.OPEN, OfferState.RESTING)),
            or_(col(OfferRow.expires_at) > now, among(OfferRow.state, OfferState.RESTING)),
        )
        .order_by(
            col(OfferRow.state) == OfferState.RESTING,
            col(QuestionRow.priority).desc(),
            col(OfferRow.expires_at),
        )
    ).all()
    asked = _people_asked(session, [question.id for _, question in rows])
    announced = as_said(session, [question.announcement_id for _, question in rows])
    claimed = claims.of_questions(session, [question.id for _, question in rows], now)
    names = topics.all_names(session)
    return [
        OfferView(
            question=question,
            expires_at=offer.expires_at,
            why=_why(offer),
            others=asked[question.id] - (offer.state == OfferState.OPEN),
            topics=_topics(question, names),
            announcement=announced.get(question.announcement_id or 0),
            claim=claimed.get(question.id),
            rests=offer.state == OfferState.RESTING,
        )
        for offer, question in rows
    ]


def offer_of(session: Session, question_id: int, employee_id: int) -> OfferRow | None:
    """Somebody's open offer of a question, or one that rests."""
    return session.exec(
        select(OfferRow).where(
            OfferRow.question_id == question_id,
            OfferRow.employee_id == employee_id,
            among(OfferRow.state, OfferState.OPEN, OfferState.RESTING),
        )
    ).first()


def waiting(
    session: Session, employee_id: int, limit: int
) -> list[tuple[QuestionRow, tuple[tuple[str, str], ...]]]:
    """Questions nobody has answered, those of somebody's own topics first, then the oldest."""
    names = topics.all_names(session)
    known = set(
        session.exec(
            select(TopicRow.slug)
            .join(ExpertiseRow, col(ExpertiseRow.topic_id) == TopicRow.id)
            .where(ExpertiseRow.employee_id == employee_id)
        ).all()
    )
    rows = session.exec(
        select(QuestionRow)
        .where(col(QuestionRow.state).in_(WITHOUT_ANSWER))
        .order_by(col(QuestionRow.priority).desc(), col(QuestionRow.id))
        .limit(limit)
    ).all()
    found = [(row, _topics(row, names)) for row in rows]
    return sorted(found, key=lambda one: not any(slug in known for slug, _ in one[1]))


def conversation(session: Session, question_id: int, viewer: int) -> Conversation | None:
    """A question and everything around it, as the employee ``viewer`` may see it."""
    question = session.get(QuestionRow, question_id)
    if question is None:
        return None
    posts = session.exec(
        select(PostRow)
        .where(
            PostRow.question_id == question_id,
            col(PostRow.verdict).in_((*OF_CUSTOMERS, PostKind.COMMUNITY)),
            col(PostRow.deleted_at).is_(None),
        )
        .order_by(col(PostRow.id))
    ).all()
    lines = [_post_line(post, question) for post in posts] + _answer_lines(session, question_id, viewer)
    lines += [_note_line(one) for one in notes.of_question(session, question_id)]
    if question.post_id is None and question.text:  # of before Chorus: there is no post
        lines.append(ThreadPost(question.asked_at, question.customer_handle, question.text, is_customer=True))
    opening = next((post for post in posts if post.id == question.post_id), None)
    return Conversation(
        question=question,
        url=opening.url if opening else None,
        topics=_topics(question, topics.all_names(session)),
        lines=tuple(sorted(lines, key=lambda line: line.at)),
        suggestions=_suggestions(session, question),
        people_asked=_people_asked(session, [question_id])[question_id],
        announcement=as_said(session, [question.announcement_id]).get(question.announcement_id or 0),
    )


def taken_for(answer: AnswerRow, viewer: int) -> TakenFor:
    """What an answer is taken for, as the employee ``viewer`` sees it."""
    is_out = answer.state == AnswerState.PUBLISHED
    return TakenFor(
        answer_id=answer.id,
        kind=TurnKind(answer.said or TurnKind.ANSWER),
        by_person=answer.said_by_person,
        is_accepted=is_out and answer.lead,
        is_mine=answer.employee_id == viewer,
        can_change=answer.state in (*ON_ITS_WAY, AnswerState.HELD) and answer.kind not in NO_ANSWER,
        can_accept=is_out and not answer.lead and not answer.asks_back,
    )


def colleagues(session: Session, but: int, slugs: Collection[str]) -> list[EmployeeRow]:
    """Some who may be asked instead: those who know one of these topics first, then by name."""
    knows = (
        select(ExpertiseRow.employee_id)
        .join(TopicRow, col(TopicRow.id) == ExpertiseRow.topic_id)
        .where(col(TopicRow.slug).in_(sorted(slugs)))
    )
    return list(
        session.exec(
            select(EmployeeRow)
            .where(
                EmployeeRow.state == EmployeeState.ACTIVE,
                col(EmployeeRow.opted_in_at).is_not(None),
                col(EmployeeRow.role).in_(roles_with(Permission.ANSWER)),
                EmployeeRow.id != but,
            )
            .order_by(col(EmployeeRow.id).in_(knows).desc(), col(EmployeeRow.name), col(EmployeeRow.id))
            .limit(_COLLEAGUES)
        ).all()
    )


def link_codes(session: Session, employee_id: int, now: datetime) -> list[LinkCodeRow]:
    """Codes that somebody may still post to link an account."""
    return list(
        session.exec(
            select(LinkCodeRow).where(
                LinkCodeRow.employee_id == employee_id,
                col(LinkCodeRow.used_at).is_(None),
                LinkCodeRow.expires_at > now,
            )
        ).all()
    )


def topic_names(session: Session) -> dict[str, str]:
    """What the topics are called that can be chosen, by their slugs: the retired ones cannot."""
    in_use = select(TopicRow.slug, TopicRow.name).where(col(TopicRow.retired_at).is_(None))
    return dict(session.exec(in_use.order_by(col(TopicRow.name))).all())


def _why(offer: OfferRow) -> tuple[Why, ...]:
    """The reasons, the weightiest first; what speaks against is left out of the shares."""
    total = sum(max(one.share, 0.0) for one in offer.why) or 1.0
    reasons = [Why(one.text, max(one.share, 0.0) / total) for one in offer.why]
    return tuple(sorted(reasons, key=lambda why: -why.share))


def _topics(question: QuestionRow, names: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((one.slug, names.get(one.slug, one.slug)) for one in question.weights)


def _people_asked(session: Session, question_ids: Sequence[int]) -> dict[int, int]:
    counted: dict[int, int] = defaultdict(int)
    statement = select(OfferRow.question_id, func.count()).where(
        col(OfferRow.question_id).in_(question_ids), among(OfferRow.state, OfferState.OPEN)
    )
    counted.update(session.exec(statement.group_by(col(OfferRow.question_id))).all())
    return counted


def _post_line(post: PostRow, question: QuestionRow) -> ThreadPost:
    is_anothers = post.verdict == PostKind.COMMUNITY
    return ThreadPost(
        at=post.posted_at or post.received_at,
        who=post.author_handle or question.customer_handle,
        text=unwarned(post.text, post.warning),
        is_customer=True,
        url=post.url,
        warning=post.warning,
        pictures=tuple(post.pictures),
        is_private=not post.is_public,
        parts_as=post.id if post.id != question.post_id and not is_anothers else None,
        community=post.id if is_anothers else None,
    )


def _answer_lines(session: Session, question_id: int, viewer: int) -> list[ThreadPost]:
    rows = session.exec(
        select(AnswerRow, EmployeeRow.name, PostRow.visibility)
        .outerjoin(EmployeeRow, col(EmployeeRow.id) == AnswerRow.employee_id)
        .outerjoin(PostRow, col(PostRow.id) == AnswerRow.post_id)
        .where(AnswerRow.question_id == question_id, col(AnswerRow.kind).not_in(_IN_PLACE))
    ).all()
    return [
        _answer_line(answer, name, viewer, is_private=is_private(answer, visibility))
        for answer, name, visibility in rows
    ]


def _answer_line(answer: AnswerRow, name: str | None, viewer: int, *, is_private: bool) -> ThreadPost:
    is_shown = not is_private or answer.employee_id == viewer
    return ThreadPost(
        at=answer.written_at,
        who=name or answer.credit or "By itself",
        text=answer.text if is_shown else "",
        is_customer=False,
        state=answer.state,
        note=answer.held_for or "",
        url=answer.url,
        warning=answer.warning if is_shown else "",
        is_private=is_private,
        taken=taken_for(answer, viewer),
    )


def _note_line(note: WrittenNote) -> ThreadPost:
    return ThreadPost(note.written_at, note.author, note.text, is_customer=False, written=note)


def is_private(answer: AnswerRow, visibility: str | None) -> bool:
    """Whether an answer's words are its author's alone: not out, and not posted in public.

    ``visibility`` is that of its tagged post, None for one written at the desk.
    """
    is_public = answer.post_id is None or Visibility.least(visibility).is_public
    return not is_public and answer.state != AnswerState.PUBLISHED


def _suggestions(session: Session, question: QuestionRow) -> tuple[SuggestedEntry, ...]:
    likely = {one.entry_id: one.probability for one in question.suggested}
    rows = session.exec(
        select(EntryRow, AnswerRow.text)
        .join(AnswerRow, col(AnswerRow.question_id) == EntryRow.question_id)
        .where(
            col(EntryRow.id).in_(likely),
            among(EntryRow.state, EntryState.PUBLIC),
            EntryRow.question_id != question.id,
            AnswerRow.state == AnswerState.PUBLISHED,
        )
        .order_by(col(AnswerRow.lead), col(AnswerRow.id).desc())
    ).all()
    found = {entry.id: (entry.title, text) for entry, text in rows}
    best = sorted(found.items(), key=lambda one: -likely[one[0]])[:5]
    return tuple(SuggestedEntry(number, title, text, likely[number]) for number, (title, text) in best)
