"""Did the archive's suggestions help? The first answer that is given beside them tells.

Only answers from the desk count, for better or worse: there the suggestions stand beside the form, while the
author of a tagged post may never have seen them. Counting such posts only where they repeat an entry would
make every suggestion look better than it is, and a sure one may be posted by itself.
"""

import difflib
from datetime import datetime

from bot.actions import reuse
from bot.states import Via
from bot.store.archive import suggestions
from bot.store.conversations import answers
from bot.store.engine import Session
from bot.store.tables.conversations import AnswerRow, QuestionRow
from routing.model.text import normalise

_ADAPTED = 0.6
"""Similarity word by word (0 to 1) from which an answer is an adaptation of another, and no longer chance."""


def judge(session: Session, question: QuestionRow, answer: AnswerRow, now: datetime) -> None:
    """Record what a question's first answer says of the entries that were suggested for it.

    Entries that it repeats or adapts have helped; about the others nothing is known then. If it does neither,
    none has helped. Entries that were not to be seen are left out.
    """
    suggested = question.suggested
    if not suggested or answer.via != Via.DESK or not answers.is_first(session, answer):
        return
    shown = [found for one in suggested if (found := reuse.of_entry(session, one.entry_id)) is not None]
    helped = {one.entry.id: True for one in shown if _draws_on(answer, one)}
    suggestions.judge(session, question, helped or {one.entry.id: False for one in shown}, now)


def _draws_on(answer: AnswerRow, reused: reuse.Reused) -> bool:
    if answer.reuse_of is not None:
        return answer.reuse_of == reused.entry.id
    words, others = normalise(answer.text).split(), normalise(reused.answer.text).split()
    return difflib.SequenceMatcher(None, words, others, autojunk=False).ratio() >= _ADAPTED
