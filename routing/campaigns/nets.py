"""Whether accounts that joined a campaign look like a net: many made and moved by few.

Nobody can see who sits behind an account. What can be seen is how old accounts are, how alike, and when they
joined; several that agree in two of these look like a net. It is a hint for a person, never a proof: one
person with five accounts of different ages, names and words is taken for five people, here as everywhere.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from routing.model.text import words

LEAST = 5
"""Fewer accounts than these are nothing unusual, whatever they have in common."""
_YOUNG = timedelta(days=14)
"""An account that was no older when it joined is young."""
_MADE_TOGETHER = timedelta(hours=2)
"""Accounts of one net are made one after the other, none later than this after the one before."""
_JOINED_TOGETHER = timedelta(minutes=10)
_LEAST_WORDS = 6
"""Shorter posts are the same by chance."""
_NUMBERED = re.compile(r"(\w*?[^\W\d_])[._-]?(\d{3,})")


class NetSign(StrEnum):
    """In what accounts agree."""

    AGE = "age"
    """Young when they joined, and made one right after the other."""
    NAMES = "names"
    """The same name with another number behind it."""
    WORDS = "words"
    """The same words of their own, six at least."""
    TIMING = "timing"
    """They joined one right after the other."""


@dataclass(frozen=True, slots=True)
class Joiner:
    """An account that joined a campaign.

    Attributes:
        account: Platform and id.
        handle: What it is called, without @.
        joined: When, in seconds since 1970.
        made: When the account was made; None where its platform does not tell.
        text: Its own words; empty where the words were put into its mouth by the campaign's page.
    """

    account: tuple[str, str]
    handle: str
    joined: float
    made: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Net:
    """Accounts that look like one net, in the order in which they joined, and in what they agree."""

    members: tuple[Joiner, ...]
    signs: frozenset[NetSign]

    def __str__(self) -> str:
        """Why, for people: ``12 accounts: all made within 3 hours, ...``."""
        reasons = [_REASONS[sign](self.members) for sign in NetSign if sign in self.signs]
        return f"{len(self.members)} accounts: {'; '.join(reasons)}"


def nets(joiners: Iterable[Joiner]) -> tuple[Net, ...]:
    """The groups of accounts that look like a net, the largest first; each account is in one at the most.

    What counts together: age with names, with words or with timing; names with words or with timing. The
    same words at the same time alone do not: people who want something copy from each other.
    """
    first_times = {one.account: one for one in sorted(joiners, key=_order, reverse=True)}
    everybody = sorted(first_times.values(), key=_order)
    found: list[tuple[set[tuple[str, str]], set[NetSign]]] = []
    for first, second in _TOGETHER:
        for group in _GROUPS[first](everybody):
            for members in _GROUPS[second](group):
                _take_in(found, {one.account for one in members}, {first, second})
    whole = [
        Net(tuple(one for one in everybody if one.account in accounts), frozenset(signs))
        for accounts, signs in found
    ]
    return tuple(sorted(whole, key=lambda net: (-len(net.members), _order(net.members[0]))))


def _take_in(
    found: list[tuple[set[tuple[str, str]], set[NetSign]]],
    accounts: set[tuple[str, str]],
    signs: set[NetSign],
) -> None:
    """Add a group; those that share an account with it become one with it."""
    for other in [one for one in found if not one[0].isdisjoint(accounts)]:
        accounts, signs = accounts | other[0], signs | other[1]
        found.remove(other)
    found.append((accounts, signs))


def _order(joiner: Joiner) -> tuple[float, tuple[str, str], str, str, float]:
    return joiner.joined, joiner.account, joiner.text, joiner.handle, joiner.made or 0.0


def _by_age(joiners: Sequence[Joiner]) -> Iterator[list[Joiner]]:
    young = [
        one
        for one in joiners
        if one.made is not None and 0 <= one.joined - one.made <= _YOUNG.total_seconds()
    ]
    return _chains(young, lambda one: one.made or 0.0, _MADE_TOGETHER)


def _by_timing(joiners: Sequence[Joiner]) -> Iterator[list[Joiner]]:
    return _chains(joiners, lambda one: one.joined, _JOINED_TOGETHER)


def _by_names(joiners: Sequence[Joiner]) -> Iterator[list[Joiner]]:
    return _alike(joiners, lambda one: _name(one.handle))


def _by_words(joiners: Sequence[Joiner]) -> Iterator[list[Joiner]]:
    return _alike(joiners, lambda one: _words(one.text))


def _chains(
    joiners: Sequence[Joiner], at: Callable[[Joiner], float], gap: timedelta
) -> Iterator[list[Joiner]]:
    """Those that follow each other with no larger gap, in groups that are large enough."""
    group: list[Joiner] = []
    for one in sorted(joiners, key=lambda one: (at(one), one.account)):
        if group and at(one) - at(group[-1]) > gap.total_seconds():
            if len(group) >= LEAST:
                yield group
            group = []
        group.append(one)
    if len(group) >= LEAST:
        yield group


def _alike(joiners: Sequence[Joiner], key_of: Callable[[Joiner], str]) -> Iterator[list[Joiner]]:
    """Those with the same key, in groups that are large enough; an empty key is none."""
    groups: dict[str, list[Joiner]] = defaultdict(list)
    for one in joiners:
        if key := key_of(one):
            groups[key].append(one)
    return (group for group in groups.values() if len(group) >= LEAST)


def _name(handle: str) -> str:
    """What stands before a name's number, and how long that is: ``fan0042`` gives ``fan#4``."""
    found = _NUMBERED.fullmatch(re.split(r"[@.]", handle.casefold(), maxsplit=1)[0])
    return f"{found[1]}#{len(found[2])}" if found else ""


def _words(text: str) -> str:
    found = words(text)
    return " ".join(found) if len(found) >= _LEAST_WORDS else ""


def _within(moments: Sequence[float]) -> str:
    minutes = max(1, round((max(moments) - min(moments)) / 60))
    if minutes == 1:
        return "a minute"
    return f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"


_GROUPS = {
    NetSign.AGE: _by_age,
    NetSign.NAMES: _by_names,
    NetSign.WORDS: _by_words,
    NetSign.TIMING: _by_timing,
}
_TOGETHER = (
    (NetSign.AGE, NetSign.NAMES),
    (NetSign.AGE, NetSign.WORDS),
    (NetSign.AGE, NetSign.TIMING),
    (NetSign.NAMES, NetSign.WORDS),
    (NetSign.NAMES, NetSign.TIMING),
)
_REASONS: dict[NetSign, Callable[[Sequence[Joiner]], str]] = {
    NetSign.AGE: lambda members: (
        f"made within {_within([one.made for one in members if one.made is not None])} of each other, "
        f"{_YOUNG.days} days ago at the most when they joined"
    ),
    NetSign.NAMES: lambda members: f"names that differ by a number, as {members[0].handle}",
    NetSign.WORDS: lambda _members: "the same words of their own",
    NetSign.TIMING: lambda members: f"joined within {_within([one.joined for one in members])} of each other",
}
