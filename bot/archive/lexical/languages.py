"""Which language a query is in, and which of its words say little there.

Two or three words are hardly ever enough to be sure of a language, so nothing here decides: hits in every
language count, by how likely it is.

Stop words are few, and never dropped where nothing else is left to search by. Measured on several sets:
weighing them down is better than cutting them, cutting is better than nothing only where an archive is so
large that their long posting lists cost time (``docs/archive.md``).
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from bot.archive.lexical.analysis import UNSTEMMED, analyser_for

OTHER_LANGUAGE: Final = 0.6
"""What a hit in a language that the query is surely not in counts, against one in the query's own."""

STOP_WEIGHT: Final = 0.25

_SURE_LENGTH: Final = 40
"""Letters of a query from which on what is guessed of its language is believed; before that in proportion."""

_ALWAYS_POSSIBLE: Final = 0.01

_BY_LANGUAGE: Final = {
    "en": (
        "a an the of to in on at is are was were be been it its this that and or for with as by from i my "
        "me you your we our do does did have has had can could would will how what if there am not so but "
        "s t m re ve"
    ),
    "de": (
        "der die das den dem des ein eine einen einem einer und oder ist sind war im in am an auf zu zum "
        "zur mit von vom für bei ich mir mich mein meine wir es er sie man nicht wie was kann habe hat "
        "wird"
    ),
    "fr": (
        "le la les l un une des du de d et ou est sont à au aux en dans sur pour par avec je j me mon ma "
        "mes il elle on nous vous ce cette ne n pas que qu qui comment a ai"
    ),
    "es": (
        "el la los las un una unos unas de del y o es son está en al a para por con yo me mi mis se lo no "
        "que como cómo qué puedo he ha"
    ),
    "it": (
        "il lo la i gli le l un uno una di del della dei e o è sono in nel nella su per con da al alla io "
        "mi mio mia si non che come posso ho ha"
    ),
    "pt": (
        "o a os as um uma de do da dos das e ou é são em no na nos nas para por com ao à eu me meu minha "
        "se não que como posso tem"
    ),
    "nl": (
        "de het een en of is zijn was in op aan te van voor met bij ik mijn me mij we wij er niet hoe wat "
        "kan heb heeft dat die dit"
    ),
}


@cache
def stop_words(language: str) -> frozenset[str]:
    """The stop words of a language (ISO 639-1), in lower case; none for a language without a list."""
    return frozenset(_BY_LANGUAGE.get(language, "").split())


class QueryLanguages:
    """How likely a query is in the language of each analyser in use."""

    def __init__(self, analysers: Sequence[str], odds: Mapping[str, float], letters: int) -> None:
        """Weigh a guess.

        Args:
            analysers: Those in use.
            odds: Probabilities of languages (ISO 639-1) as they were guessed; those of others are left out.
            letters: How long the query is.
        """
        guessed = dict.fromkeys(analysers, 0.0)
        for language, chance in odds.items():
            key = analyser_for(language, UNSTEMMED)
            if key in guessed:
                guessed[key] += chance
        known = sum(guessed.values())
        belief = min(1.0, letters / _SURE_LENGTH) * min(1.0, known)
        self.shares = {
            key: belief * chance / (known or 1.0) + (1.0 - belief + _ALWAYS_POSSIBLE) / len(guessed)
            for key, chance in guessed.items()
        }
        """By analyser; they add up to 1, about, and none is 0."""
        self._likeliest = max(self.shares.values(), default=1.0)

    def preference(self, key: str) -> float:
        """What a hit in this analyser's language counts: 1 in the likeliest one."""
        return OTHER_LANGUAGE + (1.0 - OTHER_LANGUAGE) * self.shares[key] / self._likeliest

    def weight(self, word: str) -> float:
        """What a word of the query counts: a quarter, as far as it is a stop word in the query's language."""
        stopped = sum(share for key, share in self.shares.items() if word in stop_words(key))
        return 1.0 - (1.0 - STOP_WEIGHT) * min(1.0, stopped)
