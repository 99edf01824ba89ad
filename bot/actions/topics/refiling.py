"""Questions move from one topic to another, a part in each transaction: a process that dies loses nothing.

How far it is stands in the row of the move, in the same transaction as what was moved: whoever goes on
begins right there. Two processes take turns, for each holds that row.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.states import ChangeKind
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.row_locks import locked_row
from bot.store.tables.people import TopicMoveRow
from bot.store.topics import moves, refiling
from bot.store.topics.refiling import FiledQuestion
from routing.model.refiling import says_any

WINDOW = 5_000
"""Numbers of questions that are looked at in one transaction."""
BATCH = 500
"""Rows that are changed in one transaction."""
SETTLES = timedelta(seconds=30)
"""Whoever was writing by the former name when it began is done by then, and is looked for once more."""


def carry_on(session: Session, move_id: int, now: datetime) -> bool:
    """Move the next part; whether there was anything to do."""
    move = locked_row(session, TopicMoveRow, move_id)
    if move is None or move.finished_at is not None:
        return False
    return (
        _waiting(session, move, now)
        or _entries(session, move, now)
        or _questions(session, move, now)
        or _newcomers(session, move)
        or _the_rest(session, move, now)
    )


def _waiting(session: Session, move: TopicMoveRow, now: datetime) -> bool:
    """What people have in front of them goes first."""
    if move.at < move.newest or not move.takes_all:
        return False
    found = refiling.waiting(session, move.former, BATCH)
    _refile(session, move, found, now)
    rows.keep(session, move)
    return len(found) > 0


def _entries(session: Session, move: TopicMoveRow, now: datetime) -> bool:
    """Then what readers see."""
    if not move.takes_all:
        return False
    done = refiling.refile_entries(session, move.former, move.slug, BATCH, now)
    move.entries += done
    rows.keep(session, move)
    return done > 0


def _questions(session: Session, move: TopicMoveRow, now: datetime) -> bool:
    if move.at <= move.floor:
        return False
    lowest = max(move.floor, move.at - WINDOW)
    found = refiling.between(session, move.former, lowest, move.at, BATCH)
    _refile(session, move, found, now)
    move.at = found[-1].id - 1 if len(found) == BATCH else lowest
    rows.keep(session, move)
    return True


def _newcomers(session: Session, move: TopicMoveRow) -> bool:
    """Questions that came in meanwhile are looked at, too."""
    newest = moves.newest_question(session)
    if newest <= move.newest:
        return False
    move.floor, move.at, move.newest = move.newest, newest, newest
    rows.keep(session, move)
    return True


def _the_rest(session: Session, move: TopicMoveRow, now: datetime) -> bool:
    if now < move.begun_at + SETTLES:
        return False
    if move.takes_all:
        late = refiling.waiting(session, move.former, BATCH)
        if late:
            _refile(session, move, late, now)
            rows.keep(session, move)
            return True
        if refiling.refile_matters(session, move.former, move.slug, BATCH):
            return True
        changes.append(session, ChangeKind.TOPIC, 0, now, former=move.former, slug=move.slug)
    move.finished_at = now
    rows.keep(session, move)
    changes.append(session, ChangeKind.WORK, 0, now)
    return True


def _refile(session: Session, move: TopicMoveRow, found: Sequence[FiledQuestion], now: datetime) -> None:
    chosen = [one for one in found if _moves(move, one)]
    if not chosen:
        return
    move.entries += refiling.refile(session, chosen, move.former, move.slug, now)
    move.moved += len(chosen)
    if not move.takes_all:
        of_matters = {one.matter_id for one in chosen if one.matter_id is not None}
        refiling.refile_whole_matters(session, of_matters, move.former, move.slug)
        ids = [one.id for one in chosen]
        changes.append(session, ChangeKind.TOPIC, 0, now, refiled=ids)


def _moves(move: TopicMoveRow, question: FiledQuestion) -> bool:
    return (
        move.takes_all
        or question.id in move.questions
        or question.matter_id in move.matters
        or says_any(question.text, move.words, question.language)
    )
