"""The sentences of a post as titles are made of them: no greeting, handles, links, thanks or pleas (pure)."""

import itertools
import re

import regex

from bot.text.display import plain
from bot.wording.title_words import (
    AFTER_A_GREETING,
    ASKING,
    BEFORE_A_NOUN,
    CLOSINGS,
    GENERIC,
    GREETINGS,
    JOINING,
    LEANING,
    LOOSE,
    OPENERS,
    PHRASES,
    SUBJECTS,
    SUBORDINATING,
    VERBS_OF_A_NAME,
)
from routing.model.entities import EMAIL, HANDLE, LINK

LONGEST_TITLE = 90
"""Characters of a derived title."""
_SHORTEST_CUT = 30
"""Characters of a sentence that is cut before another clause."""
LATER = 0.7
"""What a sentence or a clause loses in score for each before it: mostly what is asked comes first."""
_JOINED = 1.2
"""What a clause behind an "and" loses."""
_HANDLE = re.compile(HANDLE, re.IGNORECASE)
_GONE = re.compile(rf"{LINK}|{EMAIL}|<\w+>", re.IGNORECASE)
_HASH = re.compile(r"#(?=\w)")
_TRAILING_TAGS = re.compile(r"(?:\s+#\w+)+\s*$")
_COUNTER = re.compile(r"^\W{0,2}\d{1,2}\s?/\s?\d{0,2}\W{0,2}(?=\s|$)|\(?\b\d{1,2}\s?/\s?\d{1,2}\)?\s*$")
_EMOJI = regex.compile(
    r"[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\u200d\ufe0f\u20e3]+"
)
_SENTENCE_END = re.compile(
    r"(?<=[.!?…؟])[\"”’»)]?\s+|(?<=[^\W\d_A-Z]{2}[.!?])(?=[A-Z][^\W\d_.]+\s)|(?<=[。！？])[」』）]?\s*|\n+"
)
_CLAUSE_END = re.compile(r"(?<=[,;:،、，；])\s*|(?<=\S)\s+[-–—]\s+|\s*\.{2,}\s*|\s+(?=\()")
_SWEARING = re.compile(
    r"\bpretty please\b|\b(?:what|where|why|how|who)?\s*the\s+(?:fuck|hell|heck|f|f\*+k)\b", re.IGNORECASE
)
_KAOMOJI = re.compile(r"[(（][^\w\s]+\w?[^\w\s]*\w?[^\w\s]*[)）]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|_+")
_NAMED = re.compile(
    r"\b(?:my name(?: is|'s)|mein name ist|ich heiße|je m['’]appelle|me llamo|mi nombre es|meu nome é"
    r"|mi chiamo|mijn naam is|меня зовут)\s+"
    r"(?:(?-i:[A-Z][^\W\d_]*\s+[A-Z][^\W\d_]*)|[^\W\d_]+)"
    r"[,.]?(?:\s+(?:and|und|et|y|e|en|и)\b)?",
    re.IGNORECASE,
)
WORD = regex.compile(r"[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}'’*-]*")
UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
LOOSE_MARKS = re.compile(r"[\s,;:،、，；\-–—/|~\"“”'‘’(\[]+$")


def sentences_of(text: str) -> list[str]:
    kept = _KAOMOJI.sub(" ", _EMOJI.sub(" ", _GONE.sub(" ", plain(text))))
    kept = _TRAILING_TAGS.sub("", _COUNTER.sub("", kept.strip()))
    kept = re.sub(r"[^\S\n]+", " ", _HASH.sub("", _handles_bridged(kept)))
    return [part for part in (one.strip() for one in _SENTENCE_END.split(kept)) if part]


def _handles_bridged(text: str) -> str:
    """The text with those handles as words that a sentence needs, and without the rest.

    ``in @AdobePremiere that`` is ``in Adobe Premiere that``; what only addresses somebody, at the beginning
    or the end of a sentence or beside another handle, goes.
    """
    pieces: list[str] = []
    end = 0
    for found in _HANDLE.finditer(text):
        before, after = text[end : found.start()], text[found.end() :]
        pieces.append(before)
        sofar = "".join(pieces).rstrip()
        opens = not sofar or sofar[-1] in ".!?…\n,:;)" or sofar.split()[-1].casefold() in GREETINGS | OPENERS
        closes = not after.strip() or after.lstrip()[0] in "@.!?…\n,;:-–—(#"
        needed = (not opens and (not closes or _wants_a_noun(sofar))) or (opens and _is_spoken_of(after))
        pieces.append(
            " ".join(_CAMEL.split(found["handle"].partition("@")[0].partition(".")[0])) if needed else " "
        )
        end = found.end()
    return "".join([*pieces, text[end:]])


def _is_spoken_of(after: str) -> bool:
    """Whether a handle at the beginning is what the sentence is about: ``@brand needs to``."""
    found = WORD.match(after.lstrip(" "))
    return found is not None and folded(found[0]) in VERBS_OF_A_NAME


def _wants_a_noun(text: str) -> bool:
    words = WORD.findall(text)
    return bool(words) and words[-1].casefold() in BEFORE_A_NOUN


def without_greeting(sentence: str, names: frozenset[str]) -> str:
    """The sentence without greeting, openers, closing and swearing."""
    sentence = _SWEARING.sub(
        lambda found: found[0].split()[0] if found[0].casefold()[0] == "w" else "", sentence
    )
    sentence = _NAMED.sub("", sentence)
    before = None
    while before != sentence:
        before = sentence
        sentence = _without_opening(sentence.strip(" \t,.;:،、，؛。!-–—…~*•>\"“'‘"), names)
    return sentence


def _without_opening(sentence: str, names: frozenset[str]) -> str:
    found = WORD.match(sentence)
    if found is None:
        return sentence
    word, rest = found[0].casefold(), sentence[found.end() :]
    if word in GREETINGS:
        return _without_addressed(rest, names)
    follows = rest.lstrip()[:1]
    is_aside = word in OPENERS and (
        follows in ",.!…" or (word not in ASKING and not _begins_a_phrase(word, rest))
    )
    if is_aside or (word in names and follows in ",:;!."):
        return rest
    return sentence


def _begins_a_phrase(word: str, rest: str) -> bool:
    """``no sound`` and ``help with`` say something; ``please why`` and ``so there is`` open a sentence."""
    return word in PHRASES and WORD.match(rest.lstrip()) is not None


def _without_addressed(rest: str, names: frozenset[str]) -> str:
    """What follows a greeting, without whom it greets."""
    while True:
        stripped = rest.lstrip(" ")
        found = WORD.match(stripped)
        if found is None:
            return stripped
        word, after = found[0], stripped[found.end() :]
        is_addressed = word.casefold() in AFTER_A_GREETING or word.casefold() in names
        is_name = (
            word[:1].isupper() and word[1:].islower() and re.match(r"\s*[,.!:…\-–—]|\s+(?:I|i)\b", after)
        )
        if not is_addressed and not is_name:
            return stripped
        rest = after


def pieces_of(sentence: str) -> list[tuple[str, float]]:
    """The sentence if it is short enough, else its runs of whole clauses that are.

    Each comes with what it loses in score by not being the sentence's beginning.
    """
    sentence = without_closing(sentence)
    if len(sentence) <= LONGEST_TITLE:
        return [(sentence, 0.0)]
    joined = set(_joined(sentence))
    ends = {0, len(sentence), *(found.end() for found in _CLAUSE_END.finditer(sentence)), *joined}
    starts = sorted(ends)
    runs = []
    for at, start in enumerate(starts[:-1]):
        if start and not _stands_alone(sentence[start:]):
            continue
        fitting = [end for end in starts[at + 1 :] if len(sentence[start:end].strip()) <= LONGEST_TITLE]
        run = sentence[start : fitting[-1]] if fitting else _before_a_clause(sentence[start:])
        runs.append((_without_loose_end(run), (_JOINED if start in joined else LATER) if start else 0.0))
    return runs


def _joined(sentence: str) -> list[int]:
    """Where a clause begins that a word like "and" joins, behind that word and where it can stand alone."""
    words = list(WORD.finditer(sentence))
    return [
        second.start()
        for first, second in itertools.pairwise(words)
        if first[0].casefold() in JOINING
        and first[0].casefold() not in SUBORDINATING
        and folded(second[0]) in SUBJECTS
    ]


def _stands_alone(clause: str) -> bool:
    found = WORD.search(clause)
    return found is not None and (folded(found[0]) in SUBJECTS or bool(UNSPACED.match(found[0])))


def _before_a_clause(sentence: str) -> str:
    """A sentence that is too long, up to the last clause that begins within the limit, else cut anywhere."""
    cut = 0
    for found in WORD.finditer(sentence, 0, LONGEST_TITLE):
        if found.start() >= _SHORTEST_CUT and found[0].casefold() in JOINING:
            cut = found.start()
    return sentence[:cut] if cut else shorten(sentence, LONGEST_TITLE)


def _without_loose_end(run: str) -> str:
    """The run without the words at its end that join it to what was cut off."""
    before = None
    while before != run:
        before, run = run, LOOSE_MARKS.sub("", run)
        words = list(WORD.finditer(run))
        if len(words) > 3 and words[-1].end() == len(run) and words[-1][0].casefold() in LOOSE:
            run = run[: words[-1].start()]
    return run


_PLEA = re.compile(
    r"\s+(?:(?:please|pls|plz|plss|kindly|can you|could you|need)\s+)*"
    r"(?:help(?:\s+(?:me|us|out|asap))*|assist|aid|advise|asap|thanks?|thx|hilfe|svp|por favor|aiuto|ayuda"
    r"|ajuda)$|\s+(?:kind |best |warm )?(?:regards|sincerely|respectfully|cheers|grüße|saludos|cordialement)"
    r"\b.{0,40}$",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(?:[,.;…]|\s[-–—])\s*(?P<tail>[^,.;…]{1,60})[.!?…\s]*$")


def without_closing(sentence: str) -> str:
    """The sentence without the pleas and thanks at its end: ``..., please help``."""
    while True:
        sentence = _without_plea(sentence)
        found = _TAIL.search(sentence)
        if found is None or found.start() < 12:
            return sentence
        words = [word.casefold() for word in WORD.findall(found["tail"])]
        is_closing = bool(words) and words[0] in CLOSINGS
        is_plea = (
            bool(words)
            and words[0] not in LEANING
            and all(word in GENERIC or word in OPENERS for word in words)
        )
        if not (is_closing or (is_plea and len(words) <= 7) or not words):
            return sentence
        sentence = sentence[: found.start()]


def _without_plea(sentence: str) -> str:
    bare = sentence.rstrip(" .!?…")
    found = _PLEA.search(bare)
    rest = WORD.findall(bare[: found.start()]) if found else []
    if (
        found is None
        or len(rest) < 4
        or rest[-1].casefold() in BEFORE_A_NOUN | {"to", "you", "can", "anyone", "could"}
    ):
        return sentence
    return bare[: found.start()]


def folded(text: str) -> str:
    """The form in which words are looked up: casefolded, every apostrophe a straight one."""
    return text.casefold().replace("’", "'")


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` characters, cut between words."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:-–—")
    return (cut or text[: limit - 1]) + "…"
