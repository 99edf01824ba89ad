"""What becomes of an answer: decided before anything is written, for the preview at the desk and the deed.

Pure: what has to be known about an answer is read before (``Around``).
"""

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.actions.conversations.audience import Audience
from bot.actions.conversations.reuse import Reused
from bot.actions.rules import Rules
from bot.actions.steering.given import NOTHING_GIVEN, GivenLately
from bot.actions.steering.why_waits import AnswerFacts, why_waits
from bot.platforms.base import Platform
from bot.states import ON_ITS_WAY, AnswerState
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow
from bot.wording.attachments import LONGEST_WARNING, Folded, kept_warning, not_carried, own_warning, unwarned
from bot.wording.compose import CannotCompose, CreditStyle, compose, credit_line
from bot.wording.signature import names_of, without_signature
from routing.dialogue.turns import TurnKind
from routing.model.phrases import phrase
from routing.model.text import normalise, own_words

QUESTION_DELETED = phrase("The customer has deleted this question, so it cannot be answered any more.")
"""Why a question that was withdrawn takes no answer."""
REWRITING = phrase("Its author is rewriting it.")
WRITTEN_AGAIN = phrase("Its author has written it again.")
TOLD_ALREADY = phrase("It says the same as the answer that is there already, so it is not published.")
_SAME = 0.93
"""Similarity (0 to 1) from which two answers to one question count as the same."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer's words, the content warning in front of them, who is credited, and the entry repeated."""

    text: str
    warning: str = ""
    credit: str = ""
    reuse_of: int | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What there is around an answer to a question, as things stand.

    ``author`` is None for what nobody wrote; ``own`` is the tagged post that the answer comes from, None at
    the desk. ``earlier`` are the other answers of the question's present round; of those that are held,
    ``publishable`` has the ids of the ones that may still go out.
    """

    question: QuestionRow
    platform: Platform | None
    reply_to: PostRow | None
    audience: Audience
    author: EmployeeRow | None = None
    own: PostRow | None = None
    earlier: Sequence[AnswerRow] = ()
    publishable: Collection[int] = ()
    restored: str | None = None
    """Why an answer from before a restore has to wait."""
    given: GivenLately = NOTHING_GIVEN


@dataclass(frozen=True, slots=True)
class Decision:
    """What would be published of an answer, and what keeps it from that."""

    parts: tuple[str, ...] = ()
    """The posts it becomes; none where it is not to become any."""
    warning: str = ""
    """The content warning that the parts are folded behind, where the platform has such a thing."""
    reuse_of: int | None = None
    """The entry whose answer it repeats."""
    dropped: str | None = None
    """Why it is not taken in."""
    impossible: str | None = None
    """Why it cannot go out, whoever approves it."""
    holds: tuple[str, ...] = ()
    """Why a person decides first: the weightiest reason in front."""
    replaces: tuple[AnswerRow, ...] = ()
    """Held ones of the same author that say the same."""
    judged: TurnKind | None = None
    """Of which kind its words are, where that was asked before anything is written."""

    @property
    def why_not(self) -> str | None:
        """Why nothing comes of it, whoever looks at it."""
        return self.dropped or self.impossible

    @property
    def held_for(self) -> str | None:
        """Why it waits; None where it goes out by itself."""
        return self.impossible or next(iter(self.holds), None)


def decide_answer(said: Said, around: Around, rules: Rules, *, approved: bool = False) -> Decision:
    """Whether an answer is dropped, held or goes out, and as what.

    ``approved`` says that a person has seen it: nothing but impossibility holds it then.
    """
    asked = around.reply_to.warning if around.reply_to else ""
    warning = kept_warning(said.warning, asked, rules.guard, around.question.language)
    waits = why_waits(_facts(said, around), rules)
    parts, cannot = _composed(said, around, rules, warning)
    impossible = around.audience.why_not or cannot
    if impossible is None and (around.reply_to is None or around.reply_to.deleted_at is not None):
        impossible = phrase("The customer's post is not there to reply to.")
    twins = [one for one in around.earlier if _same(one.text, said.text)]
    dropped = TOLD_ALREADY if _is_told(twins, around) else None
    if dropped is None:
        dropped = waits.refused
    return Decision(
        parts=() if dropped or impossible else tuple(parts),
        warning=warning,
        reuse_of=said.reuse_of,
        dropped=dropped,
        impossible=impossible,
        holds=() if approved else waits.holds,
        replaces=tuple(one for one in twins if one.state == AnswerState.HELD and _is_own(one, around)),
    )


def decide_entry(said: Said, around: Around, rules: Rules) -> Decision:
    """What keeps words from the archive that no post of ours says: nothing is sent, so nothing has to fit."""
    waits = why_waits(_facts(said, around), rules)
    return Decision(
        parts=() if waits.refused else (said.text,),
        warning=said.warning,
        dropped=waits.refused,
        holds=waits.holds,
    )


def said_by(
    words: str, warning: str, author: EmployeeRow, handle: str, reused: Reused | None, rules: Rules
) -> Said:
    """What an answer says: its own ``words``, or those of the entry that it repeats.

    ``warning`` is the content warning of its own post.
    """
    credit = credit_line(author.name, handle, rules.credit)
    warning = own_warning(warning, *rules.unsaid_tags)
    if reused is None:
        return Said(words, warning, credit)
    return Said(reused.answer.text, warning or reused.answer.warning, reused.credit(credit), reused.entry.id)


def words_of(text: str, own: PostRow | None, author: str, rules: Rules) -> str:
    """An answer's own words: without warning, tag, leading handles and, if it is credited, signature."""
    words = own_words(unwarned(text, own.warning) if own else text, *rules.unsaid_tags)
    return words if rules.credit is CreditStyle.NONE else without_signature(words, names_of(author))


def composed(
    text: str,
    credit: str,
    question: QuestionRow,
    platform: Platform | None,
    rules: Rules,
    warning: str,
    *,
    to_many: bool = False,
    asker: str = "",
) -> list[str]:
    """The posts an answer would become on the question's platform, each behind the content warning.

    ``to_many`` is whether others are told the same, ``asker`` the handle of whom it is for, where that is not
    the question's customer. Raises CannotCompose.
    """
    if platform is None:
        raise CannotCompose(
            phrase(
                "Chorus is not connected to %(platform)s now: nothing can be published there.",
                platform=question.platform,
            )
        )
    if len(warning) > LONGEST_WARNING:
        raise CannotCompose(
            phrase(
                "The content warning has %(length)s characters; at most %(most)s are allowed.",
                length=len(warning),
                most=LONGEST_WARNING,
            )
        )
    return compose(
        text,
        credit=credit,
        measure=Folded(platform.measure, warning) if warning else platform.measure,
        asker=asker or question.customer_handle or None,
        greets=platform.traits.greets_asker or (to_many and platform.traits.takes_words_once),
        tags=rules.unsaid_tags,
        max_parts=rules.max_parts,
    )


def _composed(said: Said, around: Around, rules: Rules, warning: str) -> tuple[list[str], str | None]:
    question, platform, to_many = around.question, around.platform, said.reuse_of is not None
    try:
        return composed(said.text, said.credit, question, platform, rules, warning, to_many=to_many), None
    except CannotCompose as error:
        return [], str(error)


def _facts(said: Said, around: Around) -> AnswerFacts:
    own = around.own
    return AnswerFacts(
        said.text,
        said.warning,
        said.credit,
        around.author.name if around.author else "Somebody",
        around.platform.measure if around.platform is not None else None,
        around.question.customer_handle,
        around.question.main_topic,
        around.given,
        around.restored,
        _why_second(around),
        not_carried(own.pictures, own.choices) if own else None,
    )


def _why_second(around: Around) -> str | None:
    others = [one for one in around.earlier if one.state in ON_ITS_WAY]
    if any(not _is_own(one, around) for one in others):
        return phrase(
            "Somebody else's answer is out or on its way: add this one, correct the first, or drop it."
        )
    if others:
        return phrase("Its author has answered this already: add this one, correct the first, or drop it.")
    return None


def _is_told(twins: Sequence[AnswerRow], around: Around) -> bool:
    """Whether another answer says the same and is out, on its way, or may still be published."""
    return any(
        one.state in ON_ITS_WAY or (one.id in around.publishable and not _is_own(one, around))
        for one in twins
    )


def _is_own(answer: AnswerRow, around: Around) -> bool:
    return around.author is not None and answer.employee_id == around.author.id


def _same(one: str, other: str) -> bool:
    first, second = normalise(one), normalise(other)
    if first == second:
        return True
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
    return matcher.quick_ratio() >= _SAME and matcher.ratio() >= _SAME


def is_repostable(answer: AnswerRow, own: PostRow | None, warning: str, rules: Rules) -> bool:
    """Whether an employee's own reply may speak for the brand: it says just this, in public."""
    if own is None or own.platform not in rules.reposts_on or own.in_reply_to is None:
        return False
    says_all = answer.reuse_of is None and warning == own.warning
    return says_all and own.is_public and own.deleted_at is None
