"""What follows when a post is not to be seen on its platform for now, and when it is again."""

from dataclasses import dataclass
from datetime import datetime

from bot.actions.record import shown
from bot.posts import Absence, Lookup, Visibility
from bot.states import EntryState
from bot.store.archive import entries
from bot.store.conversations import answers, posts
from bot.store.engine import Session
from bot.store.hold import hold
from bot.store.tables.conversations import EntryRow, PostRow, QuestionRow

WITHHELD = {
    Absence.DEACTIVATED: "The question is not shown while its author's account is deactivated.",
    Absence.TAKEN_DOWN: "The question is not shown because it was taken down where it was asked.",
    Absence.BLOCKED: "The question is not shown because its author and the brand have blocked each other.",
    Absence.UNKNOWN: "The question is not shown because it is not to be seen where it was asked.",
}
"""What the public reads in the place of a customer's words. A deletion is another matter: it is final."""


def is_news(session: Session, platform: str, look: Lookup) -> bool:
    """Whether the public has to see something else of a post than it does: asked before writing."""
    return _quoted(session, platform, look) is not None


def noted(session: Session, platform: str, look: Lookup, now: datetime) -> None:
    """Withhold the words of a post that is not to be seen; show those of one that is again."""
    found = _quoted(session, platform, look)
    if found is None:
        return
    hold(session, found.question)
    hold(session, found.entry)
    if _quoted(session, platform, look) is not None:
        why = WITHHELD[look.absence] if look.absence else None
        first = next(iter(answers.published(session, found.question.id)), None)
        quoted = shown(session, found.question, first, found.post, withheld=why)
        entries.requote(session, found.entry, quoted, now)


@dataclass(frozen=True, slots=True)
class _Quoted:
    """A question's opening post and the entry that quotes it."""

    post: PostRow
    question: QuestionRow
    entry: EntryRow


def _quoted(session: Session, platform: str, look: Lookup) -> _Quoted | None:
    """What a look-up changes: a quotation that has to go, or to come back; None where nothing has to."""
    post = posts.by_external_id(session, platform, look.external_id)
    question = session.get(QuestionRow, post.question_id) if post and post.question_id else None
    if look.gone or post is None or question is None or question.post_id != post.id:
        return None
    if look.absence is None and not Visibility.least(post.visibility).is_public:
        return None  # it can be seen again, but not by everybody: intake sees to that
    entry = entries.of_question(session, question.id)
    if entry is None or entry.state == EntryState.GONE:
        return None
    why = WITHHELD[look.absence] if look.absence else None
    is_ours = entry.withheld is None or entry.withheld in WITHHELD.values()
    return _Quoted(post, question, entry) if is_ours and entry.withheld != why else None
