"""How figures are written for people: spans of time, shares, and what became of them since before (pure)."""

from dataclasses import dataclass

from routing.figures.measures import FigureMeaning, Unit
from routing.figures.summary import Figures

NOTHING_THERE = "–"
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_SAME = 0.005
"""A difference below half a percent is none."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure now and before, and what that means: ``judgement`` is ``better``, ``worse`` or empty."""

    meaning: FigureMeaning
    now: str
    before: str
    change: str
    judgement: str


def value_in(figures: Figures, meaning: FigureMeaning) -> float | None:
    """A figure by its meaning."""
    value: float | None = getattr(figures, meaning.name)
    return value


def shown(figures: Figures, meaning: FigureMeaning) -> str:
    """A figure as people read it; of one that is taken from too few, how many there are."""
    value = value_in(figures, meaning)
    if value is None and meaning.taken_from and (number := getattr(figures, meaning.taken_from)):
        return f"too few ({number})"
    return written(value, meaning.unit)


def written(value: float | None, unit: Unit) -> str:
    """A number as people read it."""
    if value is None:
        return NOTHING_THERE
    match unit:
        case Unit.SHARE:
            return f"{value * 100:.1f} %".replace(".0 %", " %")
        case Unit.SECONDS:
            return span(value)
        case Unit.RATIO:
            return f"{value:.2f}"
        case Unit.POINTS:
            return f"{round(value):+d}"
    return f"{value:,.0f}"


def span(seconds: float) -> str:
    """A span of time in its two largest units: ``45 s``, ``4 min 30 s``, ``2 h 5 min``, ``3 d 4 h``."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return _two(whole, _MINUTE, "min", 1, "s")
    if whole < _DAY:
        return _two(whole, _HOUR, "h", _MINUTE, "min")
    return _two(whole, _DAY, "d", _HOUR, "h")


def _two(seconds: int, large: int, name: str, small: int, other: str) -> str:
    many, rest = divmod(seconds, large)
    few = rest // small
    return f"{many} {name} {few} {other}" if few else f"{many} {name}"


def compared(meaning: FigureMeaning, now: Figures, before: Figures) -> Compared:
    """A figure beside what it was before."""
    new, old = value_in(now, meaning), value_in(before, meaning)
    change, judgement = "", ""
    if new is not None and old is not None:
        change = _change(meaning.unit, new, old)
        if change and meaning.more_is_better is not None:
            judgement = "better" if (new > old) is meaning.more_is_better else "worse"
    return Compared(meaning, shown(now, meaning), shown(before, meaning), change, judgement)


def _change(unit: Unit, new: float, old: float) -> str:
    difference = new - old
    if unit is Unit.SHARE:
        points = round(difference * 100, 1)
        return f"{points:+.1f} points" if points else ""
    if unit is Unit.POINTS:
        return f"{round(difference):+d} points" if round(difference) else ""
    if not old or abs(difference / old) < _SAME:
        return ""
    return f"{difference / old * 100:+.0f} %"
