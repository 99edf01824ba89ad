"""Words that say little: few, and never dropped where nothing else is left to search by.

Measured on several sets: weighing them down is better than cutting them, cutting is better than nothing
only where an archive is so large that their long posting lists cost time (``docs/archive.md``).
"""

from functools import cache
from typing import Final

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
