"""The score in a customer's reply to "how did it go?": a number, stars, an emoji, or one word."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from routing.dialogue.lexicon import folded
from routing.model.entities import without_links_and_handles

_HASHTAG = re.compile(r"[#＃]\w+")
_KEYCAP = re.compile("[\ufe0e\ufe0f\u20e3\u200d]|[\U0001f3fb-\U0001f3ff]")
_STARS = re.compile("[⭐★🌟]")
_NO_STARS = re.compile("[☆\\s]")
_OF = r"(?:/|out\s+of|of|von|sur|su|de|van(?:\s+de)?|uit|من)"
_FRACTION = re.compile(rf"(?<![\d.,])(\d+)\s*{_OF}\s*(\d+)(?![\d.,]*\d)", re.IGNORECASE)
_JAPANESE_FRACTION = re.compile(r"(\d+)\s*点満点[中で]*\s*(\d+)\s*点?")
_ANY_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_SCORE = re.compile(r"(?<![^\W_])(?<![-−–])(\d+)(?![.,:%]\d|\s*[%°$€£]|[a-z])", re.IGNORECASE)
_ENDED = re.compile(r"\s*(?:$|[^\w\s]|\n)")
_WORD = re.compile(r"\w+")
_ASKING = re.compile("[?？؟]")
_MOST_WORDS = 5
"""So few words may stand around a number that leads nothing else: "I would say a 4"."""
_LONGEST = 2_000
_UNITS = re.compile(
    r"\s*(?:min|sec|sek|hour|hr\b|day|week|month|year|time|people|stund|tag|woche|monat|jahr|mal\b|heure|jour|"
    r"semain|mois|ans?\b|fois|hora|dia|mes|ano|vez|vece|ora\b|ore\b|giorn|settiman|anni|volt|uur|dag|maand|"
    r"jaar|keer|segund|دقيق|ساع|يوم|ايام|اسبوع|شهر|سن|مر|分|時間|日|週|か月|ヶ月|年|回)",
    re.IGNORECASE,
)
_EMOJI_SCORES = {
    5: "😍🤩🥰😁😀😃😄🎉💯🥳🙌😘❤♥🏆",
    4: "🙂😊☺👍👌😌👏💪✅🤗",
    3: "😐😑🤷😶",
    2: "🙁☹😕👎😟😞😒🙄😔😣😖",
    1: "😡😠🤬😤😭💩🤮🖕😢😩💔",
}
_NUMBERS = {
    "en": "zero one two three four five six seven eight nine ten",
    "de": "null eins zwei drei vier funf sechs sieben acht neun zehn",
    "fr": "zero un deux trois quatre cinq six sept huit neuf dix",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve diez",
    "pt": "zero um dois tres quatro cinco seis sete oito nove dez",
    "it": "zero uno due tre quattro cinque sei sette otto nove dieci",
    "nl": "nul een twee drie vier vijf zes zeven acht negen tien",
    "ar": "صفر واحد اثنان ثلاثه اربعه خمسه سته سبعه ثمانيه تسعه عشره",
    "ja": "零 一 二 三 四 五 六 七 八 九 十",
}
_OPINIONS = {
    "en": (
        "terrible|awful|very bad|horrible|useless",
        "bad|poor|not good",
        "ok|okay|so so|average|neutral",
        "good|well|fine",
        "excellent|perfect|very good|great|awesome|very well",
    ),
    "de": (
        "sehr schlecht|furchtbar|schrecklich|katastrophe",
        "schlecht|nicht gut",
        "mittel|geht so|mittelmassig",
        "gut",
        "sehr gut|perfekt|super|ausgezeichnet|spitze",
    ),
    "fr": (
        "tres mauvais|tres mal",
        "mauvais|pas bien",
        "moyen|bof",
        "bien|bon",
        "excellente|parfait|tres bien|tres bon",
    ),
    "es": (
        "muy mal|muy malo|pesimo",
        "malo",
        "regular",
        "bueno",
        "excelente|perfecto|muy bien|muy bueno|genial",
    ),
    "pt": (
        "muito ruim|pessimo|muito mau|horrivel",
        "mau|ruim",
        "mais ou menos|razoavel",
        "bom|bem",
        "perfeito|muito bom|muito bem|otimo",
    ),
    "it": (
        "molto male",
        "male|cattivo",
        "cosi cosi|discreto",
        "buono|bene",
        "ottimo|perfetto|eccellente|molto bene",
    ),
    "nl": (
        "heel slecht|zeer slecht|verschrikkelijk",
        "slecht|niet goed",
        "matig|gemiddeld|redelijk",
        "goed",
        "uitstekend|heel goed|zeer goed",
    ),
    "ar": ("سيئ جدا|سيء جدا|فظيع", "سيئ|سيء", "مقبول|عادي", "جيد|حسن", "ممتاز|رائع|جيد جدا"),
    "ja": (
        "最悪|とても悪い",
        "悪い|不満|良くない",
        "普通|まあまあ",
        "良い|良かった|よかった|満足",
        "最高|とても良い|とても良かった|大満足",
    ),
}
"""What somebody may say in the place of 1, 2, 3, 4 and 5."""
_OPINION_SCALE = (1, 5)


@dataclass(frozen=True, slots=True)
class GivenScore:
    """A score, whether more was said beside it, and whether that asks something."""

    value: int
    says_more: bool = False
    asks: bool = False


def score_of(text: str, low: int, high: int) -> GivenScore | None:
    """The score from ``low`` to ``high`` that a reply gives; None where it gives none, or not surely one.

    A number counts where it leads the reply and ends there ("2. It broke again"), or where only few words
    stand around it. Words for what somebody thinks, stars and emoji are of a scale from 1 to 5.
    """
    bare = _KEYCAP.sub("", _HASHTAG.sub(" ", without_links_and_handles(text[:_LONGEST])))
    bare = _with_ascii_digits(bare.replace("🔟", "10")).strip()
    if not bare:
        return None
    has_opinions = (low, high) == _OPINION_SCALE
    found = _of_number(bare, low, high) if _ANY_NUMBER.search(bare) else None
    if found is None and not _ANY_NUMBER.search(bare):
        found = _of_words(bare, low, high, has_opinions=has_opinions)
    return found


def _of_number(bare: str, low: int, high: int) -> GivenScore | None:
    for pattern, of, value in ((_JAPANESE_FRACTION, 1, 2), (_FRACTION, 2, 1)):
        if (fraction := pattern.search(bare)) is not None:
            rest = bare[: fraction.start()] + " " + bare[fraction.end() :]
            fits = int(fraction[of][:3]) == high and not _ANY_NUMBER.search(rest)
            return _score(int(fraction[value][:3]), rest, low, high) if fits else None
    first = _SCORE.search(bare)
    if first is None or first.start(1) != _ANY_NUMBER.search(bare).start():  # type: ignore[union-attr]
        return None
    before, behind = bare[: first.start()], bare[first.end() :]
    is_ended = not _WORD.search(before) and _ENDED.match(behind) is not None
    if not is_ended:
        is_few = len(_WORD.findall(before + " " + behind)) <= _MOST_WORDS
        if not is_few or _UNITS.match(behind) or _ANY_NUMBER.search(behind) or _ASKING.search(bare):
            return None
    return _score(int(first[1][:3]), f"{before} {behind}", low, high)


def _of_words(bare: str, low: int, high: int, *, has_opinions: bool) -> GivenScore | None:
    stars = len(_STARS.findall(bare))
    if has_opinions and stars and not _STARS.sub("", _NO_STARS.sub("", bare)):
        return _score(stars, "", low, high)
    said = " ".join(_WORD.findall(folded(bare)))
    if not said:
        first = next((one for one in bare if one in _emoji()), None) if has_opinions else None
        return _score(_emoji()[first], "", low, high) if first is not None else None
    known = _words(has_opinions=has_opinions)
    return _score(known[said], "", low, high) if said in known else None


def _score(value: int, rest: str, low: int, high: int) -> GivenScore | None:
    if not low <= value <= high:
        return None
    return GivenScore(value, bool(_WORD.search(rest)), bool(_ASKING.search(rest)))


def _with_ascii_digits(text: str) -> str:
    """Digits of every script (Unicode's Nd) as those of ASCII; the rest as it is."""
    return "".join(
        one if one.isascii() or unicodedata.decimal(one, None) is None else str(unicodedata.decimal(one))
        for one in text
    )


@cache
def _emoji() -> dict[str, int]:
    return {one: value for value, known in _EMOJI_SCORES.items() for one in known}


@cache
def _words(*, has_opinions: bool) -> dict[str, int]:
    """Whole replies in words, folded as they are compared."""
    found = {folded(word): number for words in _NUMBERS.values() for number, word in enumerate(words.split())}
    if has_opinions:
        for opinions in _OPINIONS.values():
            for value, words in enumerate(opinions, start=1):
                found |= {folded(one): value for one in words.split("|") if folded(one) not in found}
    return found
