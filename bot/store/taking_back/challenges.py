"""Challenges as rows: who said that a published answer is wrong, and which of them wait."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from bot.states import AnswerState
from bot.store import rows
from bot.store.row_locks import lock_row
from bot.store.tables.columns import among, said
from bot.store.tables.conversations import AnswerRow
from bot.store.tables.house import BY_AUTHOR, ChallengeRow, ChallengeState

_STANDS = (AnswerState.PUBLISHED, AnswerState.CORRECTED)


def waiting(session: Session, answer_ids: Collection[int]) -> list[ChallengeRow]:
    """Those of these answers that wait for somebody, in order."""
    if not answer_ids:
        return []
    statement = select(ChallengeRow).where(
        col(ChallengeRow.state) == said(ChallengeState.WAITING),
        col(ChallengeRow.answer_id).in_(sorted(answer_ids)),
    )
    return list(session.exec(statement.order_by(col(ChallengeRow.id))).all())


def waiting_of(session: Session, answer_id: int, challenger_id: int) -> ChallengeRow | None:
    """What somebody says of an answer and nobody has decided; the answer is held."""
    mine = [one for one in waiting(session, [answer_id]) if one.challenger_id == challenger_id]
    return mine[0] if mine else None


def of_answers(session: Session, answer_ids: Collection[int]) -> list[ChallengeRow]:
    """Everything that was said of these answers, the latest first."""
    statement = select(ChallengeRow).where(col(ChallengeRow.answer_id).in_(sorted(answer_ids)))
    return list(session.exec(statement.order_by(col(ChallengeRow.id).desc())).all()) if answer_ids else []


def of_correction(session: Session, correction_id: int) -> ChallengeRow | None:
    """What a correction puts right, where somebody had challenged that."""
    return session.exec(select(ChallengeRow).where(ChallengeRow.correction_id == correction_id)).first()


def last_of_author(session: Session, answer_id: int, author_id: int) -> ChallengeRow | None:
    """What an author did last to the post of an answer, as far as that was noted."""
    mine = [one for one in of_answers(session, [answer_id]) if one.challenger_id == author_id]
    return next((one for one in mine if one.kind in BY_AUTHOR), None)


def forget_challenger(session: Session, employee_id: int) -> set[int]:
    """Nobody is thanked under their name any more; the questions whose answers told it are returned."""
    statement = select(ChallengeRow).where(ChallengeRow.challenger_id == employee_id)
    found = session.exec(statement).all()
    told = [one.correction_id for one in found if one.thanks]
    for one in found:
        one.named, one.thanks = False, ""
    rows.keep(session, *found)
    return {one.question_id for one in rows.find_all(session, AnswerRow, told).values()}


def of_question(session: Session, question_id: int) -> list[ChallengeRow]:
    """What waits of a question's answers."""
    ids = session.exec(select(AnswerRow.id).where(AnswerRow.question_id == question_id)).all()
    return waiting(session, ids)


def end_all(
    session: Session, which: Collection[ChallengeRow], why: str, now: datetime, *, but: int | None = None
) -> list[ChallengeRow]:
    """Nothing is left to decide about these; ``but`` is the number of one that was decided just now."""
    over = []
    for one in which:
        lock_row(session, one)
        if one.id != but and one.state == ChallengeState.WAITING:
            one.state, one.why, one.decided_at = ChallengeState.OVER, why, now
            over.append(one)
    rows.keep(session, *over)
    return over


def move_all(session: Session, answer_id: int, to: int) -> None:
    """What is still said of an answer is about the one that has taken its place."""
    for one in waiting(session, [answer_id]):
        lock_row(session, one)
        if one.state == ChallengeState.WAITING:
            one.answer_id = to
            rows.keep(session, one)


def standing(session: Session, answer: AnswerRow) -> AnswerRow:
    """What stands in an answer's place by now: itself, or the last of its corrections that went out."""
    while answer.state == AnswerState.CORRECTED:
        following = session.exec(
            select(AnswerRow).where(AnswerRow.corrects_id == answer.id, among(AnswerRow.state, *_STANDS))
        ).first()
        if following is None:
            break
        answer = following
    return answer
