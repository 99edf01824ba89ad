"""What a message of the outbox is about: its author, question, answer and posts, read in one go."""

from dataclasses import dataclass

from sqlmodel import Session

from bot.states import DeliveryKind
from bot.store.conversations import deliveries, posts
from bot.store.row_locks import locked_row
from bot.store.tables.conversations import AnswerRow, DeliveryRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow


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
    """A message as it is now, and what it is about; of a notice only who gets it."""

    message: DeliveryRow | None
    employee: EmployeeRow | None = None
    question: QuestionRow | None = None
    answer: AnswerRow | None = None
    posts: Surroundings = Surroundings()


def surroundings(
    session: Session, question: QuestionRow, own: PostRow | None, target: PostRow | None = None
) -> Surroundings:
    """The posts around an answer; ``target`` is the customer's latest post where it is not given."""
    if target is None and question.reply_to is not None:
        target = session.get(PostRow, question.reply_to)
    opening = session.get(PostRow, question.post_id) if question.post_id is not None else None
    above = posts.by_external_id(session, own.platform, own.in_reply_to) if own and own.in_reply_to else None
    return Surroundings(opening, target, own, above)


def own_post(session: Session, answer: AnswerRow) -> PostRow | None:
    """The tagged post that an answer comes from; None for one written at the desk."""
    return session.get(PostRow, answer.post_id) if answer.post_id is not None else None


def about(session: Session, row: DeliveryRow) -> About:
    """What a message is about."""
    message = session.get(DeliveryRow, row.id, populate_existing=True)
    employee = session.get(EmployeeRow, row.employee_id) if row.employee_id is not None else None
    question = session.get(QuestionRow, row.question_id) if row.question_id is not None else None
    answer = session.get(AnswerRow, row.answer_id) if row.answer_id is not None else None
    if question is None or answer is None:
        return About(message, employee, question, answer)
    first = next(iter(deliveries.of_answer(session, answer.id)), row)
    replied_to = first.sends.in_reply_to
    target = posts.by_external_id(session, row.platform, replied_to) if replied_to else None
    around = surroundings(session, question, own_post(session, answer), target)
    return About(message, employee, question, answer, around)


def locked_publication(session: Session, row: DeliveryRow) -> tuple[QuestionRow, AnswerRow] | None:
    """The question and the answer of a publication, held; None of any other message."""
    question, answer = (
        locked_row(session, QuestionRow, row.question_id),
        locked_row(session, AnswerRow, row.answer_id),
    )
    if row.kind != DeliveryKind.PUBLICATION or question is None or answer is None:
        return None
    return question, answer
