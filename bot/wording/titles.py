"""A question's title from the customer's own words: the sentence that asks, made fit to stand alone (pure).

Nothing is written anew: one sentence, or a clause of it, is chosen and loses what is no part of the question:
greeting and name, handles, links, thanks, pleas, swearing, shouting. Where no sentence says enough to be
recognised by, there is no title, and whoever asked for one has to make do without.
"""

import re
from dataclasses import dataclass

import regex

from bot.wording.title_sentences import (
    LATER,
    LONGEST_TITLE,
    LOOSE_MARKS,
    UNSPACED,
    WORD,
    folded,
    pieces_of,
    sentences_of,
    shorten,
    without_closing,
    without_greeting,
)
from bot.wording.title_words import ASKING, CLOSINGS, GENERIC, INSULTS, INTERJECTIONS, LEANING, SUBORDINATING
from routing.model.entities import mentions
from routing.model.text import tokens

_LEAST_TOLD = 1
"""Words beyond the generic ones that a title has at least: without, it could stand over any question."""
_LEAST_TOLD_OTHERWISE = 2
"""The same for a sentence that neither asks nor tells of trouble."""
_ENOUGH_TOLD = 7
_SHORTEST_UNSPACED = 6
"""Characters of a title in a script without blanks."""


_STOPS = re.compile(r"[.!。！…]+$")
_TROUBLE = re.compile(
    r"\b(?:not|no|never|still|cannot|cant|wont|dont|doesnt|didnt|isnt|arent|unable|errors?|fail\w*|crash\w*|stuck|lost"
    r"|missing|locked|hacked|broken|down|trouble|problem\w*|issues?|bug\w*|fre[eo]z\w*|stop(?:s|ped)|disabled|suspended"
    r"|banned|disappear\w*|gone|refus\w*|charged|denied|wrong|nicht|kein\w*|fehler\w*|kaputt|defekt|gesperrt|ne|pas|plus"
    r"|erreur|panne|problèmes?|bloqu\w*|sin|falla|nunca|erro|não|non|errore|mai|niet|geen|fout|kapot"
    r"|не|нет|ошибка|проблема)\b|n['’]t\b"
)
_FIRST_LETTER = re.compile(r"^[¿¡\"“„«(]*[^\W\d_](?![A-Z])")
_OFFENSIVE = re.compile(r"shit|fuck|scum|fick|scheiß|puta|merd|cazz")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A piece of the post that might be its title."""

    words: str
    score: float


def title_of(text: str, *, answer: str = "", language: str | None = None) -> str:
    """The title of at most ``LONGEST_TITLE`` characters that a question's text holds; empty without one.

    ``answer`` is what was answered: of several sentences, the one it speaks of is the question. ``language``
    is the text's ISO 639 code. Who is addressed by a handle is addressed by the same word without ``@`` too.
    """
    known = frozenset(handle.casefold() for handle in mentions(text))
    spoken_of = frozenset(tokens(answer, language))
    best: _Candidate | None = None
    for position, sentence in enumerate(sentences_of(text)):
        for piece, cost in pieces_of(without_greeting(sentence, known)):
            judged = _judged(piece, cost + LATER * min(position, 3), spoken_of, language)
            if judged is not None and (best is None or judged.score > best.score):
                best = judged
    return _polished(best.words, language) if best is not None else ""


def opening_words(text: str) -> str:
    """What an answer begins with, behind its greeting, in at most ``LONGEST_TITLE`` characters."""
    sentences = [without_closing(without_greeting(one, frozenset())) for one in sentences_of(text)]
    telling = [
        one for one in sentences if one and not all(word.casefold() in GENERIC for word in WORD.findall(one))
    ]
    first = next(iter(telling or [one for one in sentences if one]), "")
    return _polished(shorten(first, LONGEST_TITLE), None)


def _judged(piece: str, cost: float, spoken_of: frozenset[str], language: str | None) -> _Candidate | None:
    """How well a piece would do as title, or None where it says too little or what no title says."""
    kept = LOOSE_MARKS.sub("", _without_interjections(piece.strip()))
    words = [folded(word) for word in WORD.findall(kept)]
    if (
        not words
        or words[0] in CLOSINGS
        or not INSULTS.isdisjoint(words)
        or _OFFENSIVE.search(kept.casefold())
    ):
        return None
    unspaced = len(UNSPACED.findall(kept))
    told = {word for word in words if word.replace("'", "") not in GENERIC and len(word) > 1}
    asks = kept.rstrip('"”’)').endswith(("?", "？", "؟")) or _is_question(words)
    is_trouble = _TROUBLE.search(folded(kept)) is not None
    least = _LEAST_TOLD if asks or is_trouble else _LEAST_TOLD_OTHERWISE
    says_enough = (
        unspaced >= _SHORTEST_UNSPACED
        if unspaced
        else len(told) >= least and len(words) > (1 if is_trouble else 2)
    )
    if not says_enough:
        return None
    amount = len(told) + unspaced / 4
    score = min(amount, _ENOUGH_TOLD) * 0.4
    score += 2.0 if asks else 0.0
    score += 1.0 if is_trouble else 0.0
    score += min(len(spoken_of.intersection(tokens(kept, language))), 4) * 0.45
    score -= 2.5 if words[0] in LEANING else 0.0
    score -= 1.0 if kept.endswith("…") else 0.0
    score -= 1.5 if words[0] in SUBORDINATING and not any(mark in kept for mark in ",，、?？") else 0.0
    score -= cost
    return _Candidate(kept, score)


def _is_question(words: list[str]) -> bool:
    return words[0] in ASKING and len(words) > 2


def _without_interjections(piece: str) -> str:
    kept = regex.sub(
        r"(?<![\p{L}\p{N}*])[\p{L}*]+(?![\p{L}\p{N}*])",
        lambda found: "" if found[0].casefold() in INTERJECTIONS else found[0],
        piece,
    )
    return re.sub(r"\s+([,.;:!?])", r"\1", re.sub(r"\s{2,}", " ", kept)).strip()


def _polished(words: str, language: str | None) -> str:
    """As a title is written: no shouting, no marks of feeling, a capital in front."""
    words = _calm(words)
    words = re.sub(r"([?!]){2,}", lambda found: "?" if "?" in found[0] else "", words)
    if not words.endswith("…"):
        words = _STOPS.sub("", words)
    words = LOOSE_MARKS.sub("", words).replace(" ,", ",")
    if (language or "en").startswith("en"):
        words = re.sub(r"\bi(?=['’\s]|$)", "I", words)
    words = _closed_quotes(words)
    return _FIRST_LETTER.sub(lambda found: found[0].upper(), words)


def _calm(words: str) -> str:
    """Without shouting: whole sentences in capitals, and single words that are no abbreviations."""
    found = WORD.findall(words)
    loud = [word for word in found if len(word) > 1 and word.isupper() and word.isalpha()]
    letters = [word for word in found if any(letter.isalpha() for letter in word)]
    if len(loud) >= 2 and len(loud) > 0.6 * len(letters):
        return words.lower()
    return WORD.sub(lambda one: one[0].lower() if _is_shouted(one[0]) else one[0], words)


def _is_shouted(word: str) -> bool:
    return (
        len(word) > 2
        and word.isupper()
        and (word.casefold() in GENERIC or (len(word) > 5 and word.isalpha()))
    )


def _closed_quotes(words: str) -> str:
    """No quotation mark that opens and never closes."""
    for opening, closing in (("“", "”"), ("„", "“"), ("«", "»"), ("(", ")"), ("「", "」")):
        if words.count(opening) != words.count(closing):
            words = words.replace(opening, "").replace(closing, "")
    return words.replace('"', "") if words.count('"') % 2 else words
