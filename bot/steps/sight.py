"""What follows when a post is not to be seen on its platform for now, and when it is again."""

from datetime import datetime

from bot.posts import Absence, Lookup
from bot.states import EntryState
from bot.steps.record import shown
from bot.store import answers, entries, posts
from bot.store.engine import Session
from bot.store.tables import QuestionRow

WITHHELD = {
    Absence.DEACTIVATED: "The question is not shown while its author's account is deactivated.",
    Absence.TAKEN_DOWN: "The question is not shown because it was taken down where it was asked.",
    Absence.BLOCKED: "The question is not shown because its author and the brand have blocked each other.",
    Absence.UNKNOWN: "The question is not shown because it is not to be seen where it was asked.",
}
"""What the public reads in the place of a customer's words. A deletion is another matter: it is final."""


def noted(session: Session, platform: str, look: Lookup, now: datetime) -> None:
    """Withhold the words of a post that is not to be seen; show those of one that is again."""
    post = posts.by_external_id(session, platform, look.external_id)
    question = session.get(QuestionRow, post.question_id) if post and post.question_id else None
    if look.gone or post is None or question is None or question.post_id != post.id:
        return
    entry = entries.of_question(session, question.id or 0)
    if entry is None or entry.state == EntryState.GONE:
        return
    hidden = entry.withheld in WITHHELD.values()
    why = WITHHELD[look.absence] if look.absence else None
    if entry.withheld != why and (hidden or entry.withheld is None):
        first = next(iter(answers.published(session, question.id or 0)), None)
        entries.requote(session, entry, shown(session, question, first, post, withheld=why), now)
