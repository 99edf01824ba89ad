"""What the public sees of a question, also when its post is not to be seen on its platform for now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.actions.archive.entries import GoneOut, Quotation, Shown, publish_entries, requote
from bot.platforms.registry import traits_of
from bot.posts import Absence, Lookup, Visibility
from bot.states import EntryState, TitleSource
from bot.store import rows
from bot.store.archive import entries
from bot.store.conversations import answers, posts
from bot.store.engine import Session
from bot.store.house.topics import names_of
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import AnswerRow, EntryRow, PostRow, QuestionRow
from bot.wording.attachments import unwarned
from bot.wording.phrases import phrase
from bot.wording.restate import quotation, stand_in_title
from bot.wording.titles import title_of

WITHHELD = {
    Absence.DEACTIVATED: phrase("The question is not shown while its author's account is deactivated."),
    Absence.TAKEN_DOWN: phrase("The question is not shown because it was taken down where it was asked."),
    Absence.BLOCKED: phrase(
        "The question is not shown because its author and the brand have blocked each other."
    ),
    Absence.UNKNOWN: phrase("The question is not shown because it is not to be seen where it was asked."),
}
"""What the public reads in the place of a customer's words. A deletion is another matter: it is final."""


def archive_all(session: Session, gone_out: Sequence[tuple[QuestionRow, AnswerRow]], now: datetime) -> None:
    """Write the entries of answers, to one question each, unless either was not said in public."""
    posts_of = [one for question, answer in gone_out for one in (question.post_id, answer.post_id)]
    said = rows.find_all(session, PostRow, posts_of)
    names = topic_names(session, [question for question, _ in gone_out])
    public = []
    for question, answer in gone_out:
        opening, own = said.get(question.post_id or 0), said.get(answer.post_id or 0)
        seen = [opening.visibility if opening else None, *([own.visibility] if own else [])]
        if Visibility.least(*seen).is_public:
            shown = public_view(question, answer, opening, names)
            public.append(GoneOut(question, answer, opening, shown))
    publish_entries(session, public, now)


def topic_names(session: Session, questions: Sequence[QuestionRow]) -> Mapping[str, str]:
    """The names of the topics that these questions are mainly about, by slug."""
    return names_of(session, {one.main_topic for one in questions if one.main_topic})


def public_view(
    question: QuestionRow,
    answer: AnswerRow | None,
    opening: PostRow | None,
    names: Mapping[str, str],
    *,
    withheld: str | None = None,
) -> Shown:
    """Title and quotation of a question for the public; ``answer`` is what a title may be made of.

    ``names`` are those of topics. ``withheld`` is why there is to be no quotation whatever the words are.
    """
    quoted = _quotation(question, opening, withheld)
    if question.title and question.title_source:
        return Shown(question.title, TitleSource(question.title_source), quoted)
    said = answer.text if answer is not None and not answer.warning else ""
    return Shown(*_derived(question, said, quoted, names), quoted)


def title_without_a_persons(session: Session, question: QuestionRow, answer: str) -> str:
    """A question's title in the archive while nobody has given it one, if it is answered in these words."""
    quoted = _quotation(question, rows.find(session, PostRow, question.post_id), None)
    return _derived(question, answer, quoted, topic_names(session, [question]))[0]


def _quotation(question: QuestionRow, opening: PostRow | None, withheld: str | None) -> Quotation:
    warning = opening.warning if opening else ""
    pictures = tuple(one for one in opening.pictures if one) if opening else ()
    words, why = quotation(
        unwarned(question.text, warning),
        beside=(warning, *pictures),
        indexable=opening.indexable if opening else True,
    )
    if withheld is not None:
        words, why = None, withheld
    return Quotation(words, why, warning if words else "", pictures if words else ())


def _derived(
    question: QuestionRow, answer: str, quoted: Quotation, names: Mapping[str, str]
) -> tuple[str, TitleSource]:
    quotable = quoted.words is not None and not quoted.warning
    if quotable and traits_of(question.platform).hands_on_words:
        title = title_of(question.text, answer=answer, language=question.language)
        if title:
            return title, TitleSource.DERIVED
    return stand_in_title(answer, names.get(question.main_topic or "")), TitleSource.STAND_IN


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
    if _quoted(session, platform, look) is not None:
        why = WITHHELD[look.absence] if look.absence else None
        first = next(iter(answers.published(session, found.question.id)), None)
        names = topic_names(session, [found.question])
        quoted = public_view(found.question, first, found.post, names, withheld=why)
        requote(session, found.entry, quoted, now)


@dataclass(frozen=True, slots=True)
class _Quoted:
    """A question's opening post and the entry that quotes it."""

    post: PostRow
    question: QuestionRow
    entry: EntryRow


def _quoted(session: Session, platform: str, look: Lookup) -> _Quoted | None:
    """What a look-up changes: a quotation that has to go, or to come back; None where nothing has to."""
    post = posts.by_external_id(session, platform, look.external_id)
    question = rows.find(session, QuestionRow, post.question_id) if post else None
    if look.gone or post is None or question is None or question.post_id != post.id:
        return None
    if look.absence is None and not post.is_public:
        return None  # it can be seen again, but not by everybody: intake sees to that
    entry = entries.of_question(session, question.id)
    if entry is None or entry.state == EntryState.GONE:
        return None
    why = WITHHELD[look.absence] if look.absence else None
    is_ours = entry.withheld is None or entry.withheld in WITHHELD.values()
    return _Quoted(post, question, entry) if is_ours and entry.withheld != why else None
