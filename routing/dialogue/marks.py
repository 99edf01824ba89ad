"""What is marked in one text by itself: questions, links, numbers, emoji, words by what they do.

Every mark is there or not, and its name says what was seen, so that a judgement can be explained by them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from routing.dialogue.lexicon import folded, is_unspaced, lexicon, tokens
from routing.model.entities import LINKS, without_links_and_handles

_ASKING = "?？؟"
_GREEK = re.compile("[\u0370-\u03ff]")
_GREEK_QUESTION = re.compile(r"[;\u037e]\W*$")
_SENTENCE = re.compile(r"(?<=[.!?…。！？؟।])\s*(?=\S)|\n+")
_HASHTAG = re.compile(r"[#＃]\w+")
_PLACEHOLDER = re.compile(r"\blink\b\s*$")
_COPY = re.compile(r"https?://web\.archive\.org/web/\d+/(?=http)")
"""A kept copy's address stands for the page that it is a copy of."""
_HOST = re.compile(r"(?<![\w@/.])(?:[a-z0-9-]+\.)+[a-z]{2,}(?:/[\w./-]*)?", re.IGNORECASE)
_CONTACT_PATH = re.compile(
    r"contact|request|ticket|support/?$|forum|community|chat|form\b|repair|claims?\b|/new\b|kontakt|service/?$",
    re.IGNORECASE,
)
_GUIDE_PATH = re.compile(r"article|help/\S|/kb|/answer|faq|guide|how|docs?/|\d{4,}|/s/|/hc/", re.IGNORECASE)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_PHONE = re.compile(r"(?<![\w/])\+?\(?\d(?:[\s().-]?\d){6,}(?!\w)|(?<!\d)(?:0?800|1[5-9]\d\d)[\s-]\d{2,}")
_NUMBER = re.compile(r"\d+")
_SHOUTED = re.compile(r"\b[A-Z]{5,}\b")
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2b55\u2764\u203c\u2049\u2122\u231a-\u23ff][\ufe0f\U0001f3fb-\U0001f3ff]?"
)
_LAUGHTER = re.compile(
    r"[😂🤣😅😆😹]|(?:\b|^)(?:(?:ha){2,}h?|(?:ja){2,}j?|(?:he){2,}h?|k{3,}|(?:rs){2,}|lol|lmao|rofl|xd+|mdr|ptdr"
    r"|(?:ah){2,}a?|w{3,}|(?<![\d+][\s.-])5{3,}(?![\s.-]?\d)|(?:wk){2,}|(?:ха){2,}|(?:аха)+)(?:\b|$)|ه{3,}|ㅋ{2,}|ㅎ{2,}|哈{2,}|w{2,}$|(?:חח)+|笑",
    re.IGNORECASE,
)
_PATTERNS = {
    "glad emoji": re.compile("[👍👏🙏🙌👌💪🎉🥳😊🙂😀😃😄😁😍🥰😘❤♥💙💚💛🧡💜🤗✨⭐🌟🤩☺✅💯🏆🫶🤝]"),
    "cross emoji": re.compile("[😡🤬😠😤👎🖕😭😢😞😩😫💔🙄😒🤦🤮💩☹😖😣🤡]"),
    "laughs": _LAUGHTER,
    "menu path": re.compile(r"\s[>→»›]\s|→"),
    "code": re.compile(r"[*#]\d|\d[*#]|`[^`]+`|\S+\.\w{2,4}\b(?=\s|$)|--\w"),
    "quoted": re.compile("[\"“”«»„「『‘']\\w[^\"”«»“」』’']*[\"”»“」』’']"),
    "time of day": re.compile(
        r"\b\d{1,2}(?::\d\d|\s?[hH]\s?\d\d|\s?(?:[ap]\.?m\b|uhr\b|時(?!間)|[点點](?!钟)|시(?!간)))",
        re.IGNORECASE,
    ),
    "list": re.compile(r"(?m)^\s*(?:\d[.)]|[-•*])\s"),
    "exclaims": re.compile("[!！]"),
    "trails off": re.compile(r"\.\.\.|…"),
    "explains after a colon": re.compile(": |："),
    "shouts": _SHOUTED,
    "model or number": _NUMBER,
}
_LENGTHS = (1, 3, 7, 14, 25, 45)
_TOGETHER = (
    ("thanks", "works"),
    ("need", "facts"),
    ("need", "private"),
    ("private", "facts"),
    ("fails", "no"),
    ("fails", "tried"),
    ("praise", "thanks"),
    ("sorry", "need"),
    ("sorry", "contact"),
    ("hello", "need"),
    ("thanks", "also"),
    ("you", "ask"),
    ("case", "today"),
    ("thanks", "fails"),
    ("facts", "you"),
    ("thanks", "but"),
    ("thanks", "ahead"),
    ("works", "but"),
)
"""What says more together than each by itself."""
_LONGEST_READ = 2_000
"""Characters; what stands behind them changes no judgement."""
_ELSEWHERE = frozenset({"private", "contact", "phone"})
_KIND = frozenset({"sorry", "hello", "thanks", "welcome", "praise", "anger"})
_FEW_WORDS = 3
"""A name, a greeting or a signature."""
_SAYS_SOMETHING = 14
"""Characters; what is shorter beside a question is a greeting or a name."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A text's words, folded, what they do in a conversation, and all that is marked in it."""

    words: tuple[str, ...]
    marks: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A folded sentence, its words and what they do, and whether it asks something."""

    text: str
    words: list[str]
    concepts: Counter[str]
    asks: bool
    sends: bool
    """Whether it names another way to be in touch."""
    is_kind: bool
    """Whether it greets, thanks or is sorry."""

    @classmethod
    def of(cls, text: str) -> Self:
        """A sentence read by itself; in Greek a semicolon at its end asks."""
        words = tokens(text)
        asks = any(mark in text for mark in _ASKING) or (
            _GREEK_QUESTION.search(text) is not None and _GREEK.search(text) is not None
        )
        concepts = lexicon().concepts(words)
        sends = not _ELSEWHERE.isdisjoint(concepts) or (
            _NUMBER.search(text) is not None and _PHONE.search(text) is not None
        )
        return cls(text, words, concepts, asks, sends, not _KIND.isdisjoint(concepts))

    @property
    def tells(self) -> bool:
        """Whether it says something of the matter itself."""
        return not (self.asks or self.sends or self.is_kind or self.concepts["wait"])


@lru_cache(maxsize=512)
def plain(text: str) -> Plain:
    """Read one text by itself, without its handles and hashtags."""
    text = text[:_LONGEST_READ]
    bare = _HASHTAG.sub(" ", without_links_and_handles(text)).strip()
    bare = _PLACEHOLDER.sub("", bare).strip()
    sentences = [_Sentence.of(one) for one in _SENTENCE.split(folded(bare)) if one and one.strip()]
    words = [word for one in sentences for word in one.words]
    concepts: Counter[str] = Counter()
    for one in sentences:
        concepts.update(one.concepts)
    marks = {*_of_concepts(concepts), *_of_links(_COPY.sub("", text), bare)}
    marks.update(_asking(sentences, concepts))
    marks.update(_sending(sentences))
    marks.update(_of_form(bare, words))
    if concepts["do"] + concepts["if"] >= 2 or "menu path" in marks:
        marks.add("instructs")
    return Plain(tuple(words), frozenset(marks))


def says_thanks(text: str) -> bool:
    """Whether there is a word of thanks in a text, whatever else it says."""
    return "c:thanks" in plain(text).marks


def _of_concepts(concepts: Counter[str]) -> Iterator[str]:
    yield from (f"c:{concept}" for concept in concepts)
    yield from (f"c:{concept} twice" for concept, count in concepts.items() if count > 1)
    yield from (f"c:{one} and c:{other}" for one, other in _TOGETHER if concepts[one] and concepts[other])


def _asking(sentences: Sequence[_Sentence], concepts: Counter[str]) -> Iterator[str]:
    if any(one.asks for one in sentences):
        yield "asks"
        if sentences[-1].asks:
            yield "asks at the end"
        says_more = any(len(one.text) > _SAYS_SOMETHING for one in sentences if not one.asks)
        yield "asks and says more" if says_more else "only asks"
        if concepts["thanks"]:
            yield "asks and c:thanks"
    elif concepts["ask"]:
        yield "asks without a mark"
    if concepts["ask"] and (concepts["contact"] or concepts["phone"]):
        yield "asks how to get in touch"
    if len(sentences) > 1:
        yield "several sentences"
    if len(sentences) > 3:
        yield "many sentences"


def _sending(sentences: Sequence[_Sentence]) -> Iterator[str]:
    """Whether somebody is only sent elsewhere, or is told something first."""
    telling = [one for one in sentences if one.sends or one.asks or len(one.words) > _FEW_WORDS]
    sending = next((n for n, one in enumerate(telling) if one.sends), None)
    if any(one.tells for one in telling):
        yield "tells something"
    if sending is None:
        return
    if any(one.tells for one in telling[:sending]):
        yield "tells something, then sends elsewhere"
    if all(one.sends or one.is_kind for one in telling):
        yield "does nothing but send elsewhere"


def _of_links(text: str, bare: str) -> Iterator[str]:
    links = [*LINKS.findall(text), *_HOST.findall(_HASHTAG.sub("", LINKS.sub(" ", text)))]
    if links:
        yield "link"
        if any(_GUIDE_PATH.search(link) for link in links):
            yield "link to a guide"
        if any(_CONTACT_PATH.search(link) for link in links):
            yield "link to a contact page"
        elif any(link.rstrip("/").count("/") > (2 if "//" in link else 0) for link in links):
            yield "link to a page"
        else:
            yield "bare host"
    if _MAIL.search(text):
        yield "mail address"
    if _PHONE.search(bare):
        yield "phone number"


def _of_form(bare: str, words: list[str]) -> Iterator[str]:
    size = sum(len(one) / 2 if is_unspaced(one) else 1 for one in words)
    yield next((f"up to {most} words" for most in _LENGTHS if size <= most), "many words")
    yield from (name for name, pattern in _PATTERNS.items() if pattern.search(bare))
    if _EMOJI.search(bare):
        yield "emoji"
        if all(one.isdigit() for one in words):
            yield "only emoji"
    elif not words:
        yield "no words"
    if len(_NUMBER.findall(bare)) > 2:
        yield "several numbers"
    if bare[:1].islower():
        yield "begins small"
