"""What can be seen of a turn: its marks, its words, and what was said before it."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from routing.dialogue.lexicon import is_unspaced
from routing.dialogue.marks import Plain, plain
from routing.dialogue.turns import ASKS, By, TurnKind, Utterance

_CROSSED = (
    *(
        f"c:{one}"
        for one in ("thanks", "works", "fails", "tried", "no", "yes", "ask", "also", "sent", "oops")
    ),
    *(f"c:{one}" for one in ("nevermind", "help", "praise", "anger", "metoo", "facts", "but", "ahead")),
    "asks",
    "asks at the end",
    "model or number",
    "up to 1 words",
    "up to 3 words",
    "up to 7 words",
    "only emoji",
    "glad emoji",
    "cross emoji",
    "no words",
    "laughs",
    "link",
    "instructs",
    "repeats the question",
    "repeats what was said before",
)
"""What means one thing after an answer and another after a question back."""
_WAYS_TO_REACH = frozenset({"phone number", "mail address", "link to a contact page", "c:contact", "c:phone"})
_OVERLAP = 0.2
_LONG_WORD = 4
_STEM = 5


def features(turn: Utterance, before: Sequence[Utterance]) -> frozenset[str]:
    """What is seen of a turn and of what was said before it (each of those judged already)."""
    read = plain(turn.text)
    names = {*read.marks, *_words(read)}
    if turn.pictures:
        names.add("picture" if read.words else "only a picture")
    names.update(_thread(turn, before) if before else ("first",))
    return frozenset(names)


def _words(read: Plain) -> Iterator[str]:
    """Words and pairs of them; of scripts without blanks, pairs and triples of characters."""
    previous = None
    for token in read.words:
        if is_unspaced(token):
            yield from (f"w:{token[n : n + 2]}" for n in range(len(token) - 1))
            yield from (f"w:{token[n : n + 3]}" for n in range(len(token) - 2))
            previous = None
        elif not token.isdigit():
            yield f"w:{token}"
            if previous is not None:
                yield f"w:{previous} {token}"
            previous = token


def _thread(turn: Utterance, before: Sequence[Utterance]) -> Iterator[str]:
    above = before[turn.to] if turn.to is not None and turn.to < len(before) else None
    last = above or before[-1]
    after = f"after {last.by} {last.taken_for}"
    yield from (after, f"after {last.taken_for}")
    if turn.by == By.OTHER:
        yield "somebody else"
    if above is None:
        yield "replies to nothing"
    if last.by != By.EMPLOYEE and before[-1].by == turn.by:
        yield "speaks twice"
    yield from _so_far(before)
    if turn.by == By.EMPLOYEE:
        yield from _of_ways_to_reach(turn, before)
    repeats = set(_repeats(turn, before, last))
    yield from repeats
    replied = last.by == By.EMPLOYEE or last.kind == TurnKind.ANSWER
    seen = plain(turn.text).marks | repeats
    for name in _CROSSED:
        if name in seen:
            yield f"{after}: {name}"
            yield f"{'after a reply' if replied else 'after a post'}: {name}"


def _so_far(before: Sequence[Utterance]) -> Iterator[str]:
    replies = [one.taken_for for one in before if one.by == By.EMPLOYEE]
    if not replies:
        yield "nobody has replied"
    if any(one.kind == TurnKind.ANSWER for one in before):
        yield "an answer is there"
    if TurnKind.REDIRECT in replies and TurnKind.ANSWER not in replies:
        yield "only sent elsewhere so far"


def _of_ways_to_reach(turn: Utterance, before: Sequence[Utterance]) -> Iterator[str]:
    """A number or an address is what was asked for, where somebody asked how to get in touch."""
    asked = next((one for one in reversed(before) if one.by != By.EMPLOYEE), None)
    wanted = plain(asked.text).marks if asked is not None else frozenset()
    if "asks how to get in touch" in wanted:
        yield "asked how to get in touch"
        ways = plain(turn.text).marks & _WAYS_TO_REACH
        yield from (f"asked how to get in touch: {one}" for one in sorted(ways))


def _repeats(turn: Utterance, before: Sequence[Utterance], last: Utterance) -> Iterator[str]:
    asked = next((one for one in reversed(before) if one.taken_for in ASKS), None)
    if asked is not None and overlap(turn.text, asked.text) >= _OVERLAP:
        yield "repeats the question"
    if overlap(turn.text, last.text) >= _OVERLAP:
        yield "repeats what was said before"


def overlap(one: str, other: str) -> float:
    """The share of a text's longer words (or character pairs) that another has as well; 0 to 1."""
    ours, theirs = _content(one), _content(other)
    return len(ours & theirs) / len(ours) if len(ours) >= 2 else 0.0


@lru_cache(maxsize=512)
def _content(text: str) -> frozenset[str]:
    content: set[str] = set()
    for token in plain(text).words:
        if is_unspaced(token):
            content.update(token[n : n + 2] for n in range(len(token) - 1))
        elif len(token) >= _LONG_WORD:
            content.add(token[:_STEM])
    return frozenset(content)
