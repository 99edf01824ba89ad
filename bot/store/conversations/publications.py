"""What a message of the outbox is about: its author, question, answer and posts, read in one go."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from bot.states import AnnouncementState, AnswerKind, AnswerState, DeliveryKind
from bot.store import rows
from bot.store.conversations import deliveries, posts
from bot.store.matters import statements
from bot.store.row_locks import locked_rows
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import AnswerRow, DeliveryRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow

_Asked = tuple[QuestionRow, PostRow | None]
"""A question, and the tagged post of an answer to it; None for one from the desk."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The posts around an answer, as far as there are any.

    ``opening`` asked the question, ``target`` is what the brand replies to, ``own`` the tagged post that the
    answer comes from, and ``above`` what that one replies to.
    """

    opening: PostRow | None = None
    target: PostRow | None = None
    own: PostRow | None = None
    above: PostRow | None = None


@dataclass(frozen=True, slots=True)
class About:
    """A message as it is now, and what it is about; of a notice only who gets it.

    ``announcement`` is what it is a part of, where it is about no question; ``is_outdated`` of a statement
    that is no news any more.
    """

    message: DeliveryRow | None
    employee: EmployeeRow | None = None
    question: QuestionRow | None = None
    answer: AnswerRow | None = None
    posts: Surroundings = Surroundings()
    announcement: AnnouncementRow | None = None
    is_outdated: bool = False


def surroundings(session: Session, question: QuestionRow, own: PostRow | None) -> Surroundings:
    """The posts around an answer; the brand replies to the customer's latest."""
    return surroundings_of_all(session, [(question, own)])[0]


def surroundings_of_all(session: Session, asked: Sequence[_Asked]) -> list[Surroundings]:
    """The posts around each of these, in order."""
    above = posts.by_external_ids(session, _above(own for _, own in asked))
    return _around(session, asked, above)


def _around(
    session: Session, asked: Sequence[_Asked], above: Mapping[tuple[str, str], PostRow]
) -> list[Surroundings]:
    """``above`` has what the answers' own posts reply to."""
    ids = [one for question, _ in asked for one in (question.post_id, question.reply_to)]
    found = rows.find_all(session, PostRow, ids)
    return [
        Surroundings(
            opening=found.get(question.post_id or 0),
            target=found.get(question.reply_to or 0),
            own=own,
            above=above.get((own.platform, own.in_reply_to or "")) if own else None,
        )
        for question, own in asked
    ]


def _above(own: Iterable[PostRow | None]) -> set[tuple[str, str]]:
    """The identities of what these posts reply to."""
    return {(one.platform, one.in_reply_to) for one in own if one is not None and one.in_reply_to}


def own_post(session: Session, answer: AnswerRow) -> PostRow | None:
    """The tagged post that an answer comes from; None for one written at the desk."""
    return rows.find(session, PostRow, answer.post_id)


def about(session: Session, message: DeliveryRow) -> About:
    """What a message is about."""
    return about_all(session, [message])[0]


def about_all(session: Session, messages: Sequence[DeliveryRow]) -> list[About]:
    """What each of these messages is about, in order."""
    now = rows.find_all(session, DeliveryRow, [one.id for one in messages], anew=True)
    employees = rows.find_all(session, EmployeeRow, [one.employee_id for one in messages])
    questions = rows.find_all(session, QuestionRow, [one.question_id for one in messages])
    answers = rows.find_all(session, AnswerRow, [one.answer_id for one in messages])
    announced = rows.find_all(session, AnnouncementRow, [one.announcement_id for one in messages])
    told = {one.id: one.question_id for one in answers.values() if one.kind == AnswerKind.STATEMENT}
    outdated = statements.outdated(session, told) if told else set()
    found = [
        About(
            now.get(one.id),
            employees.get(one.employee_id or 0),
            questions.get(one.question_id or 0),
            answers.get(one.answer_id or 0),
            announcement=announced.get(one.announcement_id or 0),
            is_outdated=one.answer_id in outdated,
        )
        for one in messages
    ]
    return _with_posts(session, messages, found)


def _with_posts(session: Session, messages: Sequence[DeliveryRow], found: Sequence[About]) -> list[About]:
    """The same with the posts around those that are publications."""
    own = rows.find_all(session, PostRow, [one.answer.post_id for one in found if one.answer])
    asked = [(one.question, own.get(one.answer.post_id or 0)) for one in found if one.question and one.answer]
    if not asked:
        return list(found)
    targets = _targets(session, messages)
    known = posts.by_external_ids(session, _above(own.values()) | set(targets.values()))
    around = iter(_around(session, asked, known))
    whole = []
    for row, one in zip(messages, found, strict=True):
        if one.question is None or one.answer is None:
            whole.append(one)
            continue
        of_one = next(around)
        target = known.get(targets[row.id]) if row.id in targets else None
        whole.append(replace(one, posts=replace(of_one, target=target or of_one.target)))
    return whole


def _targets(session: Session, messages: Sequence[DeliveryRow]) -> dict[int, tuple[str, str]]:
    """The identities of the posts that these messages, or the first parts of their threads, reply to."""
    first = deliveries.first_parts(session, messages)
    found = {}
    for one in messages:
        replied_to = first.get(one.answer_id or 0, one).sends.in_reply_to
        if one.answer_id is not None and replied_to:
            found[one.id] = (one.platform, replied_to)
    return found


def locked_publication(session: Session, message: DeliveryRow) -> tuple[QuestionRow, AnswerRow] | None:
    """The question and the answer of a publication, held; None of any other message.

    Nor of one whose answer has been taken back: whatever becomes of it, that stays so.
    """
    return locked_publications(session, [message])[0]


def locked_publications(
    session: Session, messages: Sequence[DeliveryRow]
) -> list[tuple[QuestionRow, AnswerRow] | None]:
    """As ``locked_publication`` of each of these, in order; all of them are held in one go."""
    asked = [one.question_id for one in messages if one.question_id is not None]
    given = [one.answer_id for one in messages if one.answer_id is not None]
    questions = {one.id: one for one in locked_rows(session, QuestionRow, asked)}
    answers = {one.id: one for one in locked_rows(session, AnswerRow, given)}
    found: list[tuple[QuestionRow, AnswerRow] | None] = []
    for one in messages:
        question, answer = questions.get(one.question_id or 0), answers.get(one.answer_id or 0)
        if one.kind != DeliveryKind.PUBLICATION or question is None or answer is None:
            found.append(None)
        else:
            found.append(None if answer.state == AnswerState.RETRACTED else (question, answer))
    return found


def taken_back(session: Session, messages: Sequence[DeliveryRow]) -> list[DeliveryRow]:
    """Those of these messages, as they are by now, that have been taken back since.

    The questions of answers are held, and announcements.
    """
    given = rows.find_all(session, AnswerRow, [one.answer_id for one in messages])
    gone = {number for number, answer in given.items() if answer.state == AnswerState.RETRACTED}
    announced = rows.find_all(session, AnnouncementRow, [one.announcement_id for one in messages])
    back = {number for number, row in announced.items() if row.state == AnnouncementState.WITHDRAWN}
    ids = [
        one.id
        for one in messages
        if one.answer_id in gone or (one.announcement_id in back and one.sends.edits is None)
    ]  # what was given other words is taken down as the post that it was
    return list(rows.find_all(session, DeliveryRow, ids, anew=True).values()) if ids else []
