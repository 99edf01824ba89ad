"""An answer's words become the posts that the brand publishes (pure and deterministic).

The tags and the handles in front go, every mention but the asker's is made harmless, what does not fit one
post becomes a numbered thread, and the last part names who answered. See docs/publishing.md.
"""

import re
from collections.abc import Collection
from enum import StrEnum

from bot.text.characters import MARKS, clean
from bot.text.lengths import Measure
from bot.text.links import find_links, part_sentences
from bot.wording.signature import names_of, without_signature
from bot.wording.split import CannotSplit, split
from routing.model.phrases import phrase
from routing.model.text import own_words

MAX_PARTS = 6
"""The longest thread, where the operator has set no other."""

_NO_BREAK_SPACE = "\u00a0"
_AT = re.compile(r"[@＠](?=\w)")
_HANDLE_REST = re.compile(r"\w+(?:[.-]+\w+)*(?:@\w+(?:[.-]+\w+)*)?")
# X takes "RT@name" for a mention, although no other letter may stand in front of the @.
_QUOTED_RETWEET = re.compile(r"(?<![A-Za-z0-9_+~.-])rt$", re.IGNORECASE)
_WORD_BEFORE = re.compile(r"[A-Za-z0-9_]$")
_LONGEST_ADDRESS = 100
_DEEPEST = 8
"""Blanks by which a line may be set in."""
_BLANK = r"[ \u1680\u2000-\u200a\u205f\u3000]"
_BLANKS = re.compile(rf"(?<=[^\s]){_BLANK}+|{_BLANK}+(?=\n|$)")


class CannotCompose(ValueError):
    """The answer cannot be published as it is; ``str(error)`` tells its author what to change."""


class CreditStyle(StrEnum):
    """How the person who answered is named at the end of the brand's post."""

    INITIALS = "initials"
    FIRST_NAME = "first_name"
    FULL_NAME = "full_name"
    HANDLE = "handle"
    NONE = "none"


def credit_line(name: str, handle: str, style: CreditStyle) -> str:
    """``^JD``, ``^Jane``, ``^Jane Doe`` or ``^jane``; empty for ``CreditStyle.NONE``.

    The credit is plain text that notifies nobody: a handle loses its @ and its host. Without a name the
    handle stands in, without a handle the name.
    """
    if style is CreditStyle.NONE:
        return ""
    names = _names(name)
    account = _account(handle)
    if style is CreditStyle.HANDLE and account:
        return f"^{account}"
    if not names:
        return f"^{account}" if account else ""
    if style is CreditStyle.INITIALS:
        initials = names if len(names) == 1 else [names[0], names[-1]]
        return "^" + "".join(word[0] for word in initials).upper()
    return "^" + (" ".join(names) if style is CreditStyle.FULL_NAME else names[0])


def compose(
    text: str,
    *,
    credit: str,
    measure: Measure,
    asker: str | None = None,
    greets: bool = True,
    tags: Collection[str],
    max_parts: int = MAX_PARTS,
) -> list[str]:
    """The posts, in order, that publish an answer on one platform.

    Args:
        text: The answer as its author wrote it.
        credit: The credit line for the end of the last part; empty for none.
        measure: Decides what fits one post.
        asker: The customer's handle, ``user@host`` for another server's account. Mentions of exactly this
            handle stay mentions.
        greets: Whether the first part begins with it: on platforms where a reply reaches nobody without.
        tags: The hashtags that say something to Chorus alone, with or without ``#``.
        max_parts: The longest thread that may come out.

    Returns:
        At least one text, each of which ``measure`` lets pass.

    Raises:
        CannotCompose: Nothing is left to say, a single link is longer than a post, or the thread is too long.
    """
    handle = asker.strip().lstrip("@＠") if asker else None
    body = without_signature(_publishable(text, tags, handle), names_of(credit))
    if not body:
        raise CannotCompose(
            phrase(
                "Nothing is left to publish once the tag and the handles are taken out. Please write the "
                "answer in words."
            )
        )
    greeting = f"@{handle} " if handle and greets else ""
    try:
        parts = split(body, measure, opening=greeting, closing=f" {credit}" if credit else "")
    except CannotSplit as error:
        raise CannotCompose(
            phrase(
                "“%(text)s” alone is longer than a whole post on this platform may be. Please shorten it or "
                "leave it out.",
                text=error.piece,
            )
        ) from error
    if len(parts) > max_parts:
        raise CannotCompose(
            phrase(
                "This answer would fill %(parts)s posts; at most %(most)s are allowed. Please shorten it to "
                "about %(share)s %% of its length, or link to a page.",
                parts=len(parts),
                most=max_parts,
                share=100 * max_parts // len(parts),
            )
        )
    return parts


def _publishable(text: str, tags: Collection[str], asker: str | None) -> str:
    """The words themselves: without tags and leading handles, every foreign mention harmless."""
    body = own_words(_tidy(clean(text)), *tags)
    return _tidy(neutralise(part_sentences(body), asker))


def _tidy(text: str) -> str:
    """Single blanks, at most one empty line, nothing at the borders.

    Lines that are set in from the others keep that: they are commands, or the steps below a step.
    """
    text = _BLANKS.sub(lambda gap: gap.group() if gap.group() in ("\u3000", "\n") else " ", text)
    text = re.sub(r" *\n(?: (?! ))?", "\n", text)
    text = re.sub(rf"\n {{{_DEEPEST},}}", "\n" + " " * _DEEPEST, text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def neutralise(text: str, asker: str | None = None) -> str:
    """The text with every mention but the asker's made harmless, in a way that no platform undoes.

    A no-break space goes between the @ and the name: X, Mastodon (and its relatives) and Bluesky all demand
    that the name follows at once. Addresses of mail and of pages keep theirs, since no platform sees a
    mention in them.
    """
    links = [(link.start, link.end) for link in find_links(text) if link.has_scheme and not link.userinfo]

    def space(at: "re.Match[str]") -> str:
        start = at.start()
        if any(first <= start < end for first, end in links):
            return at.group()
        if asker and _names_asker(text, start, asker):
            return at.group()
        before = text[max(0, start - _LONGEST_ADDRESS) : start]
        if _in_address(before):
            return at.group()
        return at.group() + _NO_BREAK_SPACE

    return _AT.sub(space, text)


def _names_asker(text: str, start: int, asker: str) -> bool:
    named = _HANDLE_REST.match(text, start + 1)
    if named is None or text[start] != "@" or named.group().casefold() != asker.casefold():
        return False
    return not start or not re.match(r"[\w/@＠=]", text[start - 1])


def _in_address(before: str) -> bool:
    """Whether an @ after ``before`` is inside a mail address: behind a letter, in a word of sane length."""
    word = re.split(r"\s", before)[-1]
    return (
        len(word) < _LONGEST_ADDRESS and bool(_WORD_BEFORE.search(word)) and not _QUOTED_RETWEET.search(word)
    )


def _account(handle: str) -> str:
    """A handle without @ and host; of a domain (Bluesky) the first label, which no platform links.

    Signs that no platform has in its handles are left out: ``://`` would be the beginning of an address.
    """
    account, *_ = re.sub(r"[^\w.\s-]", "", MARKS.sub(" ", clean(handle))).split() or [""]
    return account.partition(".")[0] if find_links(account) else account


def _harmless(name: str) -> str:
    """A name without the marks that platforms act upon, and without what would read as a web address."""
    name = MARKS.sub(" ", clean(name)).strip()
    return re.sub(r"\.(?=\w)", ". ", name) if find_links(name) else name


def _names(name: str) -> list[str]:
    """A person's names in speaking order, without titles (``Dr.``); ``Doe, Jane`` is turned round."""
    last, comma, first = _harmless(name).partition(",")
    words = (f"{first} {last}" if comma and first.strip() else last).split()
    return [
        word for word in words if not re.fullmatch(r"\w{2,5}\.", word) and re.search(r"\w", word)
    ] or words
