"""What the public sees of a question, also when its post is not to be seen on its platform for now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Self

from bot.actions.archive.entries import GoneOut, Quotation, Shown, publish_entries, redetail, requote
from bot.actions.dialogue.community import take_out
from bot.platforms.registry import traits_of
from bot.posts import Absence, Lookup, Visibility
from bot.states import EntryState, PostKind, TitleSource
from bot.store import rows
from bot.store.archive import entries
from bot.store.conversations import answers, posts
from bot.store.engine import Session
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import AnswerRow, EntryRow, PostRow, QuestionRow
from bot.store.tables.values import Detail
from bot.store.topics.named import names_of
from bot.wording.attachments import unwarned
from bot.wording.restate import quotation, stand_in_title
from bot.wording.titles import title_of
from routing.model.phrases import phrase

WITHHELD = {
    Absence.DEACTIVATED: phrase("The question is not shown while its author's account is deactivated."),
    Absence.TAKEN_DOWN: phrase("The question is not shown because it was taken down where it was asked."),
    Absence.BLOCKED: phrase(
        "The question is not shown because its author and the brand have blocked each other."
    ),
    Absence.UNKNOWN: phrase("The question is not shown because it is not to be seen where it was asked."),
}
"""What the public reads in the place of a customer's words. A deletion is another matter: it is final."""
_MOST_ADDED = 20
"""So many of a customer's later posts are shown with their question."""


def archive_all(session: Session, gone_out: Sequence[tuple[QuestionRow, AnswerRow]], now: datetime) -> None:
    """Write the entries of answers, to one question each, unless either was not said in public."""
    posts_of = [one for question, answer in gone_out for one in (question.post_id, answer.post_id)]
    said = rows.find_all(session, PostRow, posts_of)
    added = posts.added(session, [question.id for question, _ in gone_out])
    names = topic_names(session, [question for question, _ in gone_out])
    public = []
    for question, answer in gone_out:
        opening, own = said.get(question.post_id or 0), said.get(answer.post_id or 0)
        seen = [opening.visibility if opening else None, *([own.visibility] if own else [])]
        if Visibility.least(*seen).is_public:
            shown = public_view(question, answer, Posts(opening, added[question.id]), names)
            public.append(GoneOut(question, answer, opening, shown))
    publish_entries(session, public, now)


def topic_names(session: Session, questions: Sequence[QuestionRow]) -> Mapping[str, str]:
    """The names of the topics that these questions are mainly about, by slug."""
    return names_of(session, {one.main_topic for one in questions if one.main_topic})


@dataclass(frozen=True, slots=True)
class Posts:
    """What a customer posted about a question: the post that asked, and what they added later."""

    opening: PostRow | None
    added: Sequence[PostRow] = ()

    @classmethod
    def of(cls, session: Session, question: QuestionRow) -> Self:
        """The posts of a question."""
        opening = rows.find(session, PostRow, question.post_id)
        return cls(opening, posts.added(session, [question.id])[question.id])


def public_view(
    question: QuestionRow, answer: AnswerRow | None, said: Posts, names: Mapping[str, str]
) -> Shown:
    """Title and quotation of a question for the public; ``answer`` is what a title may be made of.

    ``names`` are those of topics.
    """
    quoted = _quotation(question, said)
    if question.title and question.title_source:
        return Shown(question.title, TitleSource(question.title_source), quoted)
    words = answer.text if answer is not None and not answer.warning else ""
    return Shown(*_derived(question, words, quoted, names), quoted)


def title_without_a_persons(session: Session, question: QuestionRow, answer: str) -> str:
    """A question's title in the archive while nobody has given it one, if it is answered in these words."""
    quoted = _quotation(question, Posts(rows.find(session, PostRow, question.post_id)))
    return _derived(question, answer, quoted, topic_names(session, [question]))[0]


def _quotation(question: QuestionRow, said: Posts) -> Quotation:
    opening = said.opening
    if opening is not None and opening.absent is not None:
        return Quotation(withheld=WITHHELD[Absence(opening.absent)])
    warning = opening.warning if opening else ""
    pictures = _described(opening)
    words, why = quotation(
        unwarned(question.text, warning),
        beside=(warning, *pictures),
        indexable=opening.indexable if opening else True,
    )
    if words is None:
        return Quotation(withheld=why)
    shown = (detail for post in said.added if (detail := _detail(post)) is not None)
    details = tuple(islice(shown, _MOST_ADDED))
    return Quotation(words, None, warning if words else "", pictures if words else (), details)


def _detail(post: PostRow) -> Detail | None:
    """What the public sees of a further post of the customer's, by the rules of the first; None: nothing."""
    if not post.is_public or post.absent is not None:
        return None
    pictures = _described(post)
    words, _ = quotation(
        unwarned(post.text, post.warning), beside=(post.warning, *pictures), indexable=post.indexable
    )
    if words is None or not (words or pictures):
        return None
    return Detail(words, post.posted_at or post.received_at, post.warning, pictures)


def _described(post: PostRow | None) -> tuple[str, ...]:
    """The descriptions of a post's pictures, as far as there are any."""
    return tuple(one for one in post.pictures if one) if post is not None else ()


def _derived(
    question: QuestionRow, answer: str, quoted: Quotation, names: Mapping[str, str]
) -> tuple[str, TitleSource]:
    quotable = quoted.words is not None and not quoted.warning
    if quotable and traits_of(question.platform).hands_on_words:
        title = title_of(question.text, answer=answer, language=question.language)
        if title:
            return title, TitleSource.DERIVED
    return stand_in_title(answer, names.get(question.main_topic or "")), TitleSource.STAND_IN


def show_anew(session: Session, question: QuestionRow, now: datetime) -> None:
    """A question's entry, if any, shows the question's words as they are now."""
    entry = entries.of_question(session, question.id)
    if entry is None or entry.state == EntryState.GONE:
        return
    first = next(iter(answers.published(session, question.id)), None)
    said = Posts.of(session, question)
    requote(session, entry, public_view(question, first, said, topic_names(session, [question])), now)


def show_added(session: Session, question_ids: Collection[int], now: datetime) -> None:
    """What the customers of these questions added has changed: their entries show it as it is now.

    The questions are held.
    """
    there = entries.of_questions(session, question_ids)
    if not there:
        return
    asked = rows.find_all(session, QuestionRow, there)
    openings = rows.find_all(session, PostRow, [one.post_id for one in asked.values()])
    added = posts.added(session, there)
    for question_id, entry in there.items():
        question = asked[question_id]
        quoted = _quotation(question, Posts(openings.get(question.post_id or 0), added[question_id]))
        if entry.state != EntryState.GONE and entry.quotation is not None:
            redetail(session, entry, quoted.details, now)


def changes_what_is_shown(session: Session, platform: str, look: Lookup) -> bool:
    """Whether the public has to see something else of a post than it does: asked before writing."""
    return _quoted(session, platform, look) is not None


def show_or_withhold(session: Session, platform: str, look: Lookup, now: datetime) -> None:
    """Withhold the words of a post that is not to be seen; show those of one that is again."""
    found = _quoted(session, platform, look)
    if found is None:
        return
    lock_row(session, found.question)
    lock_row(session, found.entry)
    lock_row(session, found.post)
    if _quoted(session, platform, look) is not None:
        found.post.absent = look.absence
        if found.post.verdict == PostKind.COMMUNITY:
            take_out(session, found.question, found.post, now)
        else:
            show_anew(session, found.question, now)


@dataclass(frozen=True, slots=True)
class _Quoted:
    """A post of a customer's, its question, and the entry that quotes it."""

    post: PostRow
    question: QuestionRow
    entry: EntryRow


def _quoted(session: Session, platform: str, look: Lookup) -> _Quoted | None:
    """What a look-up changes: words that have to go, or to come back; None where nothing has to."""
    post = posts.by_external_id(session, platform, look.external_id)
    question = rows.find(session, QuestionRow, post.question_id) if post else None
    if look.gone or post is None or question is None or post.absent == look.absence:
        return None
    if post.verdict == PostKind.ANSWER:
        return None  # an employee's: it is quoted nowhere
    if look.absence is None and not post.is_public:
        return None  # it can be seen again, but not by everybody: intake sees to that
    entry = entries.of_question(session, question.id)
    if entry is None or entry.state == EntryState.GONE:
        return None
    return _Quoted(post, question, entry)
