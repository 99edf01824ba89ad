"""Drawings of figures: where bars and lines go in a box, for a template to draw (pure).

A box is ``WIDTH`` by ``HEIGHT`` units and is stretched to the page; words stand beside it, never in it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 1000, 200
_FULL = 0.94
"""Share of the height that the greatest value takes."""
_GAP = 0.2
"""Share of its place that a bar leaves free."""


@dataclass(frozen=True, slots=True)
class ChartBar:
    """A bar, standing on the ground; ``title`` is what a pointer over it is told."""

    x: float
    y: float
    width: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars behind and, of them, those in front: a part of each."""

    whole: tuple[ChartBar, ...]
    part: tuple[ChartBar, ...]
    greatest: int

    @property
    def pairs(self) -> Iterator[tuple[ChartBar, ChartBar]]:
        """Each bar with its part."""
        return zip(self.whole, self.part, strict=True)


@dataclass(frozen=True, slots=True)
class LineChart:
    """Lines through the values that there are, as points of polylines, and a dot for each."""

    lines: tuple[str, ...]
    dots: tuple[tuple[float, float, str], ...]
    greatest: float


def bars(names: Sequence[str], whole: Sequence[int], part: Sequence[int], words: str) -> BarChart:
    """A bar for each name, and how much of it; ``words`` says both: ``{whole} asked, {part} answered``."""
    greatest = max(whole, default=0)
    titles = [
        f"{name}: {words.format(whole=one, part=other)}"
        for name, one, other in zip(names, whole, part, strict=True)
    ]
    return BarChart(_bars(whole, greatest, titles), _bars(part, greatest, titles), greatest)


def _bars(values: Sequence[int], greatest: int, titles: Sequence[str]) -> tuple[ChartBar, ...]:
    place = WIDTH / max(len(values), 1)
    found = []
    for number, value in enumerate(values):
        height = round(value / greatest * HEIGHT * _FULL, 2) if greatest else 0.0
        x, width = round(place * (number + _GAP / 2), 2), round(place * (1 - _GAP), 2)
        found.append(ChartBar(x, round(HEIGHT - height, 2), width, height, titles[number]))
    return tuple(found)


def line(names: Sequence[str], values: Sequence[float | None], shown: Sequence[str]) -> LineChart:
    """A line through the values; where one is missing it is broken."""
    greatest = max((value for value in values if value is not None), default=0.0)
    place = WIDTH / max(len(values), 1)
    lines: list[list[str]] = [[]]
    dots = []
    for number, value in enumerate(values):
        if value is None:
            lines.append([])
            continue
        x = round(place * (number + 0.5), 2)
        y = round(HEIGHT - (value / greatest * HEIGHT * _FULL if greatest else 0.0), 2)
        lines[-1].append(f"{x},{y}")
        dots.append((x, y, f"{names[number]}: {shown[number]}"))
    return LineChart(tuple(" ".join(one) for one in lines if len(one) > 1), tuple(dots), greatest)
