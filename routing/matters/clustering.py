"""Questions gathered into matters, one by one, and looked at again together from time to time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from routing.matters.features import Features, GatheredQuestion
from routing.matters.frame import Frame, drawn_near
from routing.matters.identity import NEW, Nodes, name_clusters
from routing.matters.linkage import average_linkage
from routing.matters.table import MatterTable
from routing.matters.window import QuestionWindow
from routing.model.arrays import Ints, Mask, Vector

ALIKE_IN_MEANING = 0.55
ALIKE_IN_WORDS = 0.25
"""The mean likeness from which questions are one matter; docs/matters.md says how these were found."""

WINDOW = 4096
KEPT = 10_000
_MOST_CORES = 1024
_NEIGHBOURS = 3
"""So many questions that people put together have to be alike to a new one, for it to be of theirs."""
_FIRST = 32


@dataclass(frozen=True, slots=True)
class Placement:
    """The matter of a question, and whether it was opened for it."""

    matter: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Regrouping:
    """What looking again has changed. What it does not name is as before.

    Attributes:
        merged: Matters that are gone, each with the one that all its questions belong to now. Comes first.
        moved: Questions of the window that belong elsewhere now, each with its matter.
        opened: Matters that are new.
    """

    merged: dict[int, int] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    opened: tuple[int, ...] = ()


class MatterClustering:
    """Says of each question which matter it belongs to, an existing or a new one.

    The latest questions (the window) are kept one by one and may move when they are looked at again; of what
    left the window, and of what people decided, a matter keeps the sum and the count. Matters that few asked
    about and long ago are let go, so that memory is bounded: ``regroup`` costs a second, and ``add`` two
    milliseconds, at most. The same questions in the same order always give the same matters.
    """

    def __init__(
        self, meaning: int | None, *, window: int = WINDOW, kept: int = KEPT, first_matter: int = 1
    ) -> None:
        """Start without questions.

        Args:
            meaning: Dimensions of the embeddings; None to go by words.
            window: How many questions may still move.
            kept: How many matters new questions are compared with. Those with questions in the window always
                are, so that it should be far more than ``window``.
            first_matter: The number of the first matter opened; the next ones count up from there.
        """
        self.features = Features(meaning)
        self.alike = ALIKE_IN_WORDS if meaning is None else ALIKE_IN_MEANING
        self.window = QuestionWindow(window, self.features.dimensions)
        if kept < self.window.room:
            raise ValueError(f"with a window of {window}, at least {self.window.room} matters must be kept")
        self.table = MatterTable(kept, 2 * self.window.room, self.features.dimensions)
        self.apart: set[tuple[int, int]] = set()
        self.joined: set[int] = set()
        """Matters that people made of several, perhaps of one thing said in several languages."""
        self.next_matter = first_matter
        self.added_since = 0
        self.frame = Frame.of(self.window.vectors)

    @classmethod
    def rebuilt(
        cls,
        meaning: int | None,
        questions: Sequence[tuple[GatheredQuestion, int, float]],
        apart: Iterable[tuple[int, int]] = (),
        *,
        next_matter: int,
        window: int = WINDOW,
        kept: int = KEPT,
    ) -> Self:
        """The clustering of stored questions, in their order, each with its matter and when it was asked.

        Nothing is decided anew. ``apart`` are the pairs of matters that people parted, and ``next_matter`` is
        the number of the next matter to be opened.
        """
        made = cls(meaning, window=window, kept=kept, first_matter=next_matter)
        for question, _, _ in questions:
            made.features.count(question)
        latest = [made.features.vector(question) for question, _, _ in questions[-window:]]
        made.frame = Frame.of(np.array(latest, dtype=np.float32).reshape(-1, made.features.dimensions))
        for question, matter, at in questions:
            made._make_room(at)
            made._place(question.id, matter, at, made._rows(made.features.vector(question)))
        made.window.look_anew(made.frame)
        made._sum_up()
        for one, other in apart:
            if one in made.table and other in made.table:
                made.part(one, other)
        return made

    @property
    def is_due(self) -> bool:
        """Whether so much has come since the last look that it is time for another."""
        return self.added_since >= max(_FIRST, len(self.window) // 8)

    def add(self, question: GatheredQuestion, now: float) -> Placement:
        """The matter of a new question. ``now`` is in seconds since 1970.

        Raises:
            ValueError: The question has no embedding, where questions go by meaning.
        """
        vector = self.features.vector(question)
        self.features.count(question)
        self._make_room(now)
        rows = self._rows(vector)
        found = self.table.nearest(rows[-1], self.alike)
        part = self._with_a_part_of(rows[-1]) if found is None else None
        known = part if found is None else found
        matter = self._number() if known is None else known
        self._place(question.id, matter, now, rows, bound=part is not None)
        self.added_since += 1
        return Placement(matter, known is None)

    def nearest(self, question: GatheredQuestion) -> int | None:
        """The matter that this would belong to, if it were asked; None for a new one. Nothing is changed.

        Raises:
            ValueError: It has no embedding, where questions go by meaning.
        """
        row = self._rows(self.features.vector(question))[-1]
        found = self.table.nearest(row, self.alike)
        return self._with_a_part_of(row) if found is None else found

    def put_back(self, question: GatheredQuestion, matter: int, now: float) -> None:
        """Let a question be in the matter that it was given before; nothing is decided anew.

        Raises:
            ValueError: The question has no embedding, where questions go by meaning.
        """
        vector = self.features.vector(question)
        self.features.count(question)
        self._make_room(now)
        self._place(question.id, matter, now, self._rows(vector))
        self.next_matter = max(self.next_matter, matter + 1)
        self.added_since += 1

    def regroup(self) -> Regrouping:
        """Look at the whole window again: merge, split and move what is clearer by now.

        What people have said stands: questions they put into a matter stay in it, what they merged is never
        taken apart, what they parted never comes together.
        """
        self.added_since = 0
        self.frame = Frame.of(self.window.vectors)
        self.window.look_anew(self.frame)
        free, cores = self._movable()
        nodes = Nodes(
            np.concatenate([self.table.ids[cores], self.window.matters[free]]),
            np.concatenate([self.table.core_sizes[cores], np.ones(len(free))]),
            np.arange(len(cores) + len(free)) < len(cores),
        )
        means = self.table.core_sums[cores] / self.table.core_sizes[cores, None].astype(np.float32)
        vectors = np.concatenate([means, self.window.drawn[free]])
        clusters = average_linkage(vectors, nodes.sizes, self._apart_among(nodes), self.alike)
        return self._renamed(clusters, nodes, free)

    def merge(self, kept: int, gone: int) -> None:
        """People say that two matters are one, for good: all of ``gone`` belongs to ``kept`` now.

        Raises:
            UnknownMatter: There is no such matter.
            ValueError: They are the same already.
        """
        if kept == gone:
            raise ValueError(f"matter {kept} cannot be merged with itself")
        self._confirm(kept)
        self._confirm(gone)
        self._merge(kept, gone)
        self.joined.add(kept)
        self.window.matters[self.window.matters == gone] = kept

    def hold_together(self, matter: int) -> None:
        """People made this matter of several, before: none of its questions goes elsewhere by itself.

        Raises:
            UnknownMatter: There is no such matter.
        """
        self._confirm(matter)
        self.joined.add(matter)

    def part(self, one: int, other: int) -> None:
        """People say that two matters are not the same, for good.

        Raises:
            UnknownMatter: There is no such matter.
            ValueError: They are the same one.
        """
        if one == other:
            raise ValueError(f"matter {one} cannot be parted from itself")
        self._confirm(one)
        self._confirm(other)
        self.apart.add((min(one, other), max(one, other)))

    def move(self, question: GatheredQuestion, origin: int, target: int | None, now: float) -> int:
        """People say that a question belongs to another matter (None: to one of its own); which is returned.

        The two matters stay apart from then on.

        Raises:
            UnknownMatter: There is no such matter.
            ValueError: Origin and target are the same.
        """
        if origin == target:
            raise ValueError(f"question {question.id} is in matter {origin} already")
        self.table.slot(origin)
        if target is not None:
            self.table.slot(target)
        place = self.window.find(question.id)
        vector = self.features.vector(question) if place is None else self.window.vectors[place].copy()
        self.forget(question.id, origin)
        matter = self._number() if target is None else target
        self._make_room(now)
        self._place(question.id, matter, now, self._rows(vector), bound=True)
        if origin in self.table:
            self.part(origin, matter)
        return matter

    def forget(self, question_id: int, matter: int) -> None:
        """Take an erased question out of its matter; a matter without questions is gone.

        Of a question that left the window only its share of the matter's sum is known, and that is taken.
        A matter that was let go has nothing left of its questions.
        """
        place = self.window.find(question_id)
        if place is None:
            if matter in self.table and self.table.core_sizes[self.table.slot(matter)] > 0:
                self.table.take_away(matter, None)
        else:
            belongs, bound = int(self.window.matters[place]), bool(self.window.bound[place])
            row = None if bound else self.window.drawn[place].copy()
            self.window.remove(place)
            self.table.take_away(belongs, row)
        self.apart = {pair for pair in self.apart if pair[0] in self.table and pair[1] in self.table}

    def new_number(self) -> int:
        """A number for a matter that is opened without this clustering knowing its questions."""
        return self._number()

    def members(self, matter: int) -> Ints:
        """The ids of the matter's questions that are still in the window, the latest last."""
        found: Ints = self.window.ids[self.window.matters == matter]
        return found

    def _number(self) -> int:
        self.next_matter += 1
        return self.next_matter - 1

    def _rows(self, vector: Vector) -> tuple[Vector, Vector, Vector]:
        """A vector, the same in the present frame, and after the step towards the nearest."""
        centred = self.frame.centred(vector)
        return vector, centred, drawn_near(centred, self.window.centred)

    def _with_a_part_of(self, row: Vector) -> int | None:
        """The matter that people joined whose nearest questions are alike, though not all of them are.

        Of one thing in several languages no question is like all the others on average.
        """
        if not self.joined:
            return None
        places = np.flatnonzero(np.isin(self.window.matters, list(self.joined)))
        if len(places) < _NEIGHBOURS:
            return None
        likeness = self.window.drawn[places] @ row
        nearest = np.argsort(-likeness, kind="stable")[:_NEIGHBOURS]
        matters = {int(self.window.matters[place]) for place in places[nearest].tolist()}
        is_alike = len(matters) == 1 and float(likeness[nearest].mean()) >= self.alike
        return matters.pop() if is_alike else None

    def _place(
        self, question_id: int, matter: int, now: float, rows: Sequence[Vector], *, bound: bool = False
    ) -> None:
        slot = self.table.slots[matter] if matter in self.table else self.table.open(matter, now)
        self.window.append(question_id, matter, bound=bound, rows=rows)
        self.table.add(matter, rows[-1], core=bound)
        self.table.touched[slot] = max(self.table.touched[slot], now)

    def _make_room(self, now: float) -> None:
        """Let the oldest questions settle in their matters, and matters go that hardly matter any more."""
        leaving = self.window.surplus
        for place in range(leaving):
            if not self.window.bound[place]:
                self.table.add_to_core(int(self.window.matters[place]), self.window.drawn[place])
        self.window.remove(0, leaving)
        if self.table.is_full:
            held = [*self.window.matters.tolist(), *(one for pair in self.apart for one in pair)]
            for matter in self.table.least(np.array(held, dtype=np.int64), now):
                self.table.close(matter)

    def _confirm(self, matter: int) -> None:
        """Let all of a matter's questions stay in it for good."""
        self.table.slot(matter)
        for place in np.flatnonzero((self.window.matters == matter) & ~self.window.bound).tolist():
            self.window.bound[place] = True
            self.table.add_to_core(matter, self.window.drawn[place])

    def _movable(self) -> tuple[Ints, Ints]:
        """The places of the questions that may move, and the rows of the cores that they may come to.

        Where more matters with a core have questions in the window than can be looked at, those with the most
        are, and the others' questions stay.
        """
        present, counts = np.unique(self.window.matters, return_counts=True)
        slots = np.array([self.table.slots[matter] for matter in present.tolist()], dtype=np.int64)
        with_core = self.table.core_sizes[slots] > 0
        order = np.lexsort((present[with_core], -counts[with_core]))
        left_out = present[with_core][order[_MOST_CORES:]]
        free = np.flatnonzero(~self.window.bound & ~np.isin(self.window.matters, left_out))
        return free, slots[with_core][order[:_MOST_CORES]]

    def _apart_among(self, nodes: Nodes) -> Ints:
        at = {int(nodes.matters[place]): place for place in np.flatnonzero(nodes.cores).tolist()}
        pairs = [(at[one], at[other]) for one, other in sorted(self.apart) if one in at and other in at]
        return np.array(pairs, dtype=np.int64).reshape(-1, 2)

    def _renamed(self, clusters: Ints, nodes: Nodes, free: Ints) -> Regrouping:
        names = name_clusters(clusters, nodes)
        opened = [self._number() for _ in range(int((names == NEW).sum()))]
        names[names == NEW] = opened
        new = names[clusters]
        merged = self._merged(nodes, new)
        at = self._touched_at(nodes.matters)
        for matter in opened:
            self.table.open(matter, 0.0)
        former = np.array([merged.get(one, one) for one in self.window.matters.tolist()], dtype=np.int64)
        now_in = former.copy()
        now_in[free] = new[~nodes.cores]
        for matter, when in zip(new.tolist(), at, strict=True):
            slot = self.table.slot(matter)
            self.table.touched[slot] = max(self.table.touched[slot], when)
        self.window.matters[:] = now_in
        self._sum_up()
        changed: Mask = now_in != former
        moved = dict(zip(self.window.ids[changed].tolist(), now_in[changed].tolist(), strict=True))
        return Regrouping(merged, moved, tuple(opened))

    def _touched_at(self, matters: Ints) -> list[float]:
        slots = self.table.slots
        return [float(self.table.touched[slots[one]]) if one in slots else 0.0 for one in matters.tolist()]

    def _merged(self, nodes: Nodes, new: Ints) -> dict[int, int]:
        merged = {}
        for place in np.flatnonzero(nodes.cores & (nodes.matters != new)).tolist():
            gone, kept = int(nodes.matters[place]), int(new[place])
            self._merge(kept, gone)
            merged[gone] = kept
        return merged

    def _merge(self, kept: int, gone: int) -> None:
        """Join two matters in the table and in what people parted, except from each other."""
        self.table.merge(kept, gone)
        renamed = ([kept if each == gone else each for each in pair] for pair in self.apart)
        self.apart = {(min(pair), max(pair)) for pair in renamed if pair[0] != pair[1]}
        if gone in self.joined:
            self.joined ^= {gone}
            self.joined.add(kept)

    def _sum_up(self) -> None:
        """The sums of all matters anew, from their cores and the window; those without questions are gone."""
        table, free = self.table, ~self.window.bound
        slots = np.array([table.slots[one] for one in self.window.matters[free].tolist()], dtype=np.int64)
        table.sums[:], table.sizes[:] = table.core_sums, table.core_sizes
        np.add.at(table.sums, slots, self.window.drawn[free])
        np.add.at(table.sizes, slots, 1.0)
        for matter in table.ids[table.sizes < 0.5].tolist():
            table.close(matter)
