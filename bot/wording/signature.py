"""Signatures that authors put under their answers themselves: ``^JD``, ``- Jane`` (pure).

The brand's post names its author anyway, so a signature of the same person would stand there twice.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

import regex

_EMOJI = (
    r"[\s\p{Emoji_Presentation}\p{Extended_Pictographic}\p{Emoji_Modifier}"
    r"\p{Regional_Indicator}\uFE0F\u200D]*"
)
_SENTENCE_END = r"(?<=[.!?…。！？)])"
_STOP = r"(?<=[.!…。！])"
_SIGN_BEFORE = re.compile(rf"\^|(?:^|\s|{_SENTENCE_END})[-–—~/|]")
"""What stands in front of a signature, unless it is a name as it is spelled."""
_MOST_INITIALS = 3
_MOST_SIGNATURES = 10


def names_of(name: str, handle: str = "") -> tuple[str, ...]:
    """What a person may sign by: the whole name, the first one, the initials, the account's name."""
    words = [word for word in re.split(r"[\s,]+", name.replace("^", " ")) if re.search(r"\w", word)]
    found = [" ".join(words), *words[:1]]
    if len(words) > 1:
        initials = [word[0].upper() for word in words]
        found += ["".join(initials), initials[0] + initials[-1]]
    account = handle.lstrip("@").partition("@")[0].partition(".")[0]
    return tuple(dict.fromkeys(each for each in (*found, account) if each))


def without_signature(text: str, names: Iterable[str]) -> str:
    """The text without the signatures of one person at its end; an emoji behind them stays.

    ``^`` and a dash make a signature of a name in any case, ``^`` also of initials that begin like the name.
    A bare name is one only after a full stop or on a line of its own: ``Ask for Jane`` stays, and
    ``When does it end? April``.
    """
    known = tuple(sorted({name for name in names if name}, key=len, reverse=True))
    if not known or not (_SIGN_BEFORE.search(text) or any(name in text for name in known)):
        return text
    pattern = _pattern(known)
    for _ in range(_MOST_SIGNATURES):
        found = pattern.search(text)
        if found is None:
            break
        text = f"{text[: found.start()].rstrip()} {found['tail'].strip()}".strip()
    return text


@lru_cache(maxsize=1_000)
def _pattern(names: tuple[str, ...]) -> "regex.Pattern[str]":
    """Kept, for making one takes longer than all else that becomes of an answer's words."""
    any_name = "|".join(regex.escape(name) for name in names)
    as_spelled = "|".join(regex.escape(name) for name in names if len(name) > 1) or r"(?!)"
    first_letters = "".join(sorted({regex.escape(name[0]) for name in names}))
    initials = rf"[{first_letters}][^\W\d_]{{0,{_MOST_INITIALS - 1}}}"
    return regex.compile(
        rf"(?:(?:^|(?<=\s)|{_SENTENCE_END})\^\s?(?i:{any_name}|{initials})"
        rf"|(?:^|\s|{_SENTENCE_END})[-–—~/|]{{1,2}}\s?(?i:{any_name})"
        rf"|(?:^|\n|{_STOP}\s+)\(?(?:{as_spelled})\)?)"
        rf"(?P<tail>{_EMOJI})$"
    )
