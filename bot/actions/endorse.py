"""Another customer's answer in a question's thread, and somebody of the house who says that it is right.

It answers the question then, and stands in the archive by the rules of the first post, without its author's
name. It is out already; the brand may like it, and say below it that it is right.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.actions.conversations.answer import Answering, NewAnswer, NotAnswerable
from bot.actions.conversations.audience import Audience
from bot.actions.conversations.hold_or_publish import composed, words_of
from bot.actions.conversations.visibility import archive_all
from bot.actions.deliveries.unasked import link_by_hand
from bot.actions.dialogue.accept import has_answer, weigh_in
from bot.actions.dialogue.thread import Thread
from bot.actions.steering.given import GivenLately
from bot.actions.steering.why_waits import AnswerFacts, why_waits
from bot.actions.undecidable import Undecidable
from bot.platforms.base import Platform
from bot.posts import PlatformError
from bot.states import AnswerKind, AnswerState, ChangeKind, PostKind, Via
from bot.store import changes, rows
from bot.store.backup import restored
from bot.store.community import likes
from bot.store.conversations import answers, deliveries, posts, publications
from bot.store.engine import Session
from bot.store.row_locks import lock_row
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from bot.text.language import language_of
from bot.wording import by_itself
from bot.wording.attachments import kept_warning
from bot.wording.compose import CannotCompose
from bot.wording.restate import quotation
from routing.dialogue.confirming import only_confirms
from routing.dialogue.turns import TurnKind
from routing.model.domain import WITH_ANSWER, QuestionState
from routing.model.entities import without_links_and_handles
from routing.model.phrases import phrase, sentences

LONGEST = 1_000
"""Characters of what is said below an endorsed answer."""
_SAID_BEFORE = phrase("A colleague has said meanwhile that it is right, so nothing more is said below it.")
_NOBODY_APPROVES = phrase(
    "Nobody approves what is said below another customer’s answer. Change these words so that nothing speaks "
    "against them, put the house’s own back, or leave the field empty."
)
_NOT_CONNECTED = phrase("Chorus is not connected to this platform now: nothing can be published there.")


@dataclass(frozen=True, slots=True)
class SayBelow:
    """What the brand is to say below an endorsed answer, in whose words.

    ``own`` is the tagged post that they come from; None: a page.
    """

    text: str
    by: EmployeeRow
    own: PostRow | None = None


@dataclass(frozen=True, slots=True)
class MayBeSaid:
    """Words that the brand may say below an answer; where no app may, the ``link`` by which a person does."""

    words: str
    link: str = ""


def may_be_said(platform: Platform | None, post: PostRow) -> MayBeSaid | None:
    """What the brand could say below another customer's answer; None where it cannot speak there."""
    if platform is None or not post.is_public:
        return None
    words, link = by_itself.endorsed(_language(post)), ""
    with suppress(PlatformError):  # who the brand is there shows when it goes out
        link = link_by_hand(platform, post, words)
    return MayBeSaid(words, link)


def endorse(
    session: Session,
    answering: Answering,
    question: QuestionRow,
    post: PostRow,
    now: datetime,
    *,
    like: str | None = None,
    below: SayBelow | None = None,
) -> bool:
    """Somebody of the house says that another customer's answer is right; False where that was said before.

    With the key of a ``like`` the brand likes the post, and with ``below`` it says so below it. Raises
    Undecidable, and NotAnswerable where those words cannot go out: nothing is done then.
    """
    lock_row(session, question)
    if post.verdict != PostKind.COMMUNITY or post.question_id != question.id or post.deleted_at is not None:
        raise Undecidable("This is no other customer's answer to the question (any more).")
    if question.state in (QuestionState.WITHDRAWN, QuestionState.JOINED):
        raise Undecidable("This question is over.")
    words, why = quotation(post.text, beside=(post.warning,), indexable=post.indexable)
    if not post.is_public or words is None:
        raise Undecidable(why or "Not everybody may read this post.")
    known = answers.of_post(session, post.id)
    if known is not None and known.state == AnswerState.PUBLISHED:
        if below is not None and not _is_ours(below, post):
            raise Undecidable(_SAID_BEFORE)
        return False
    answer = known or AnswerRow(
        question_id=question.id,
        post_id=post.id,
        via=Via.POST,
        kind=AnswerKind.COMMUNITY,
        text=words,
        round=question.round,
        said=TurnKind.ANSWER,
        written_at=post.posted_at or post.received_at,
    )
    answer.text, answer.warning = words, post.warning
    rows.keep(session, answer)
    weigh_in(session, [answer])
    answers.publish_all(session, [(answer, post.url)], now)
    if question.state not in WITH_ANSWER:
        has_answer(session, question, answer.written_at, now)
    archive_all(session, [(question, answer)], now)
    if like is not None:
        likes.want(session, answer, post, like, now)
    if below is not None:
        _say_below(session, answering, question, answer, post, below, now)
    changes.append(session, ChangeKind.WORK, question.id, now)
    return True


def _say_below(
    session: Session,
    answering: Answering,
    question: QuestionRow,
    answer: AnswerRow,
    post: PostRow,
    said: SayBelow,
    now: datetime,
) -> None:
    """The brand's reply to the post, in the outbox. Raises NotAnswerable."""
    rules, platform = answering.rules, answering.platforms.get(post.platform)
    if platform is None:
        raise NotAnswerable(_NOT_CONNECTED)
    around = replace(publications.surroundings(session, question, said.own), target=post)
    audience = Audience.among(around)
    if audience.why_not is not None:
        raise NotAnswerable(audience.why_not)
    language = _language(post)
    warning = kept_warning("", post.warning, rules.guard, language)
    if not _is_ours(said, post):
        _check_words(session, answering, question, platform, post, said, now)
    handle = post.author_handle
    try:
        parts = composed(said.text, "", question, platform, rules, warning, to_many=True, asker=handle)
    except CannotCompose as error:
        raise NotAnswerable(str(error)) from error
    reply = AnswerRow(
        question_id=question.id,
        text=said.text,
        warning=warning,
        kind=AnswerKind.ENDORSEMENT,
        said=TurnKind.COURTESY,
        round=question.round,
        endorses_id=answer.id,
        post_id=said.own.id if said.own is not None else None,
        via=Via.POST if said.own is not None else Via.DESK,
        written_at=now,
    )
    rows.keep(session, reply)
    keyed = [(platform.new_key(now + timedelta(microseconds=n)), part) for n, part in enumerate(parts)]
    publication = deliveries.Publication(
        reply,
        question,
        post,
        keyed,
        visibility=audience.visibility,
        warning=warning,
        language=language,
        said_by=said.by.id,
    )
    deliveries.queue_all(session, [publication], now=now, due_at=rules.goes_out(now))


def _check_words(
    session: Session,
    answering: Answering,
    question: QuestionRow,
    platform: Platform,
    post: PostRow,
    said: SayBelow,
    now: datetime,
) -> None:
    """Of words that somebody has changed: what holds an answer holds these. Raises NotAnswerable."""
    rules = answering.rules
    if len(said.text) > LONGEST:
        raise NotAnswerable(
            phrase(
                "At most %(most)s characters are allowed; these are %(length)s.",
                most=LONGEST,
                length=len(said.text),
            )
        )
    given = GivenLately.by(session, said.by.id, rules, now)
    waits = why_waits(
        AnswerFacts(
            said.text,
            "",
            "",
            said.by.name,
            platform.measure,
            post.author_handle,
            question.main_topic,
            given,
        ),
        rules,
    )
    if waits.refused is not None:
        raise NotAnswerable(waits.refused)
    if waits.holds:
        raise NotAnswerable(sentences(waits.holds[0], _NOBODY_APPROVES))


def _is_ours(said: SayBelow, post: PostRow) -> bool:
    """Whether these are the house's own words, which nobody has changed."""
    return said.text == by_itself.endorsed(_language(post))


def _language(post: PostRow) -> str | None:
    return post.language or language_of(without_links_and_handles(post.text))


def endorsed_by_reply(
    session: Session, answering: Answering, given: Sequence[NewAnswer], now: datetime
) -> list[bool]:
    """Which of these tagged replies only say that another customer's answer is right: it is endorsed then.

    The brand says so below it: in the reply's own words where nothing holds them, else in the house's.
    """
    above = posts.by_external_ids(session, {_above(one.post) for one in given if one.post is not None})
    return [
        one.post is not None
        and (helps := above.get(_above(one.post))) is not None
        and helps.verdict == PostKind.COMMUNITY
        and _endorsed_by(session, answering, one, one.post, helps, now)
        for one in given
    ]


def _above(reply: PostRow) -> tuple[str, str]:
    return reply.platform, reply.in_reply_to or ""


def _endorsed_by(
    session: Session, answering: Answering, given: NewAnswer, reply: PostRow, helps: PostRow, now: datetime
) -> bool:
    words = words_of(given.text, reply, given.employee.name, answering.rules)
    if not only_confirms(words):
        judged = Thread.of(session, given.question).judge_answer(words, reply)
        if judged != TurnKind.COURTESY:
            return False
    known = answers.of_post(session, helps.id)
    if known is not None and known.state == AnswerState.PUBLISHED:
        return True  # it was said before, and is said once
    house = SayBelow(by_itself.endorsed(_language(helps)), given.employee, reply)
    own = SayBelow(words, given.employee, reply)
    carries_more = reply.warning or reply.pictures or reply.choices
    ways: tuple[SayBelow | None, ...] = (house, None) if carries_more else (own, house, None)
    if not reply.is_public or restored.why_hold(restored.restored_at(session), reply.posted_at):
        ways = (None,)
    for below in ways:
        with suppress(NotAnswerable, Undecidable), rows.savepoint(session):
            endorse(session, answering, given.question, helps, now, below=below)
            return True
    return False
