"""What a post says by itself: read before any transaction begins, for that takes longer than writing."""

import re
from dataclasses import dataclass
from typing import Self

from bot.actions.conversations.audience import HOLDS_PERSONAL_DATA, PRIVATE_QUESTION
from bot.actions.deliveries.unasked import addresses
from bot.actions.matters.praise import PRAISES
from bot.actions.rules import Rules
from bot.posts import Author
from bot.store.tables.conversations import PostRow
from bot.text.language import language_of
from bot.wording.restate import quotation
from routing.model.courtesy import is_praise
from routing.model.domain import QuestionState
from routing.model.entities import without_links_and_handles
from routing.model.phrases import phrase
from routing.model.text import has_tag, is_not_for_us, is_wordless, mentions

WORDLESS = phrase(
    "There are no words in it, only a handle, an emoji, a picture or a link: ask what it is about."
)
"""The note of a question that begins with a post without words."""
JOINS = phrase("It joins a campaign, as its page proposes: it is counted there, and nobody has to answer it.")
"""The note of a question that begins with the ready-made post of a campaign's page."""
_ADVERTISES = phrase("Looks like advertising, not a question.")
_MOST_JOINED = 3
LINK_CODE = re.compile(r"\bchorus-[a-z0-9]{8}\b", re.IGNORECASE)

JOIN_MARK = re.compile(r"\bjoin-(\d{1,18})\b", re.IGNORECASE)
PROOF_CODE = re.compile(r"\bproof-[0-9a-f]{4}-[a-z0-9]{4}-[a-z0-9]{3}[2-9]\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asking:
    """What becomes of a post if it is a question."""

    state: QuestionState
    language: str | None
    note: str

    @classmethod
    def of(cls, post: PostRow) -> Self:
        """Read a post as a question."""
        state, note = QuestionState.OPEN, ""
        if not post.is_public:
            state, note = QuestionState.ESCALATED, PRIVATE_QUESTION
        elif is_wordless(post.text):
            state, note = QuestionState.ESCALATED, WORDLESS
        elif is_not_for_us(post.text):
            state, note = QuestionState.DISMISSED, PRAISES if is_praise(post.text) else _ADVERTISES
        if not note and quotation(post.text)[0] is None:
            note = HOLDS_PERSONAL_DATA
        return cls(state, post.language or language_of(without_links_and_handles(post.text)), note)


@dataclass(frozen=True, slots=True)
class Reading:
    """A post's words, and what becomes of it if it is a question."""

    is_own: bool
    """Whether the brand wrote it, or somebody only repeats a post."""
    is_tagged: bool
    is_addressed: bool
    """Whether it addresses the brand."""
    named: tuple[str, ...]
    """The handles that it names beside the brand's."""
    codes: tuple[str, ...]
    """What may be a code that proves whose account this is."""
    proofs: tuple[str, ...]
    """What may be codes of private pages, which prove who has opened them."""
    joins: tuple[int, ...]
    """What may be the numbers of campaigns that it joins."""
    asking: Asking | None
    """None for a tagged one, which is an answer: it is read as a question where it turns out to be one."""

    @classmethod
    def of(cls, post: PostRow, brand: Author, rules: Rules) -> Self:
        """Read a post of a platform on which the brand is this account."""
        handle = brand.handle.casefold()
        listed, written = [one.handle for one in post.addressed], mentions(post.text)
        words = {one.lstrip("#").casefold() for one in rules.tags}
        is_tagged = (
            any(has_tag(post.text, one) for one in rules.tags)
            or rules.keeps_out(post.text)
            or any(one.casefold() in words for one in post.tags)
        )
        return cls(
            is_own=post.author_id == brand.id or post.is_repost,
            is_tagged=is_tagged,
            is_addressed=addresses(post, brand),
            named=tuple(name for name in listed or written if name.casefold() != handle),
            codes=tuple(code.lower() for code in LINK_CODE.findall(post.text)),
            proofs=tuple(code.lower() for code in PROOF_CODE.findall(post.text)),
            joins=tuple(int(number) for number in JOIN_MARK.findall(post.text)[:_MOST_JOINED]),
            asking=None if is_tagged else Asking.of(post),
        )
