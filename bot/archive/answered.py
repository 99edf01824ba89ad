"""Has this been answered before? The probability that an entry answers a new question.

Logistic regression on what speaks for an entry, fitted by ``tests/bench/fit_answered.py`` on labelled
questions, half of which were robbed of their answers so that the model has seen what nothing looks like
(``docs/archive.md`` has the figures). Without an embedding model words alone rarely prove that two people
ask the same, and the probabilities say so.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from bot.archive.calibration import Calibration, sigmoid
from bot.archive.calibrator import Calibrator
from bot.archive.documents import Candidate
from bot.archive.lexical.query import LONGEST_QUERY, QUOTATION_MARKS, Filters, ParsedQuery, parse
from bot.archive.lexical.search import Results
from bot.archive.ranking import COMPARED, Archive
from routing.model.entities import without_links_and_handles

SHOW_FROM: Final = 0.5
"""From this probability on an entry is worth showing to somebody who decides."""

POST_FROM: Final = 0.95
"""From this probability on an entry may be posted as a first reply, if the operator allows that at all."""

WITH_MEANING: Final = (-6.93, 0.29, 2.15, -5.63, 6.41, 2.97, -1.15)
WITH_WORDS: Final = (-2.4, 1.38, 2.84, -4.14)
"""The weights of ``evidence``, in its order. The last of them must not be above 0: see ``_able``."""

_SAME: Final = 1.0
"""The cosine of a title that says just what was asked."""


class Likely(NamedTuple):
    """An entry and the probability (0 to 1) that it answers the question, and the one before calibration."""

    entry_id: int
    probability: float
    uncalibrated: float


class AnsweredBefore:
    """Looks for entries that answer a question; what ``calibrator`` learned from feedback corrects it."""

    def __init__(self, archive: Archive, calibrator: Calibrator | None = None) -> None:
        self._archive = archive
        self._calibrator = calibrator

    def probability(self, question: str, *, filters: Filters | None = None, limit: int = 3) -> list[Likely]:
        """The entries most likely to answer ``question``, the likeliest first.

        Args:
            question: A post as it came in; handles and links in it are ignored, and what exceeds 500
                characters.
            filters: What entries must be like.
            limit: How many at most.
        """
        return self._likely(evidence(self._archive, typed_question(question), filters or Filters()))[:limit]

    def among(self, results: Results, titles: Mapping[int, str]) -> int | None:
        """The entry that probably answers what was searched for: nothing is ranked a second time.

        Args:
            results: The first page of what was found.
            titles: The titles of the entries on it.
        """
        best = [each for each in results.best if each.entry_id in titles]
        if results.parsed is None or not self._may_answer(results.parsed, best, titles):
            return None
        likeliest = self._likely(_evidence_of(self._archive, results.parsed, best, titles))[0]
        return likeliest.entry_id if likeliest.probability >= SHOW_FROM else None

    def _may_answer(
        self, parsed: ParsedQuery, candidates: Sequence[Candidate], titles: Mapping[int, str]
    ) -> bool:
        """Whether any may answer it: else not all titles are embedded, which takes longer than all else.

        First if its own title were just what was asked; then by what its title is, for those that are left.
        """
        able = self._able(parsed, candidates, {})
        if not able or all(each.cosine is None for each in able):
            return bool(able)
        cosines = _cosines_of_titles(self._archive, parsed, able, titles)
        known = dict(zip((each.entry_id for each in able), cosines or (), strict=False))
        return bool(self._able(parsed, candidates, known))

    def _able(
        self, parsed: ParsedQuery, candidates: Sequence[Candidate], known: Mapping[int, float]
    ) -> list[Candidate]:
        """Those that would answer it at best.

        ``known`` are cosines of titles. Any other title may say just what was asked: for a candidate's own
        that is best, and another's, by which it falls behind, speaks for it too (see ``WITH_MEANING``).
        """
        rows = []
        for each, row in zip(candidates, _evidence_of_words(parsed, candidates), strict=True):
            title = known.get(each.entry_id, _SAME)
            rows.append((each, row if each.cosine is None else (*row, each.cosine, title, title - _SAME)))
        likely = {each.entry_id for each in self._likely(rows) if each.probability >= SHOW_FROM}
        return [each for each in candidates if each.entry_id in likely]

    def _likely(self, found: Sequence[tuple[Candidate, tuple[float, ...]]]) -> list[Likely]:
        calibration = self._calibrator.calibration if self._calibrator is not None else Calibration()
        likely = []
        for each, row in found:
            said = probability_of(row)
            likely.append(Likely(each.entry_id, calibration.applied(said), said))
        return sorted(likely, key=lambda each: (-each.probability, each.entry_id))


def typed_question(question: str) -> ParsedQuery:
    """A post as a query: without handles and links, and nothing in it a phrase."""
    text = QUOTATION_MARKS.sub(" ", without_links_and_handles(question))
    return parse(" ".join(text.split())[:LONGEST_QUERY])


def evidence(
    archive: Archive, parsed: ParsedQuery, filters: Filters, without: Sequence[int] = ()
) -> list[tuple[Candidate, tuple[float, ...]]]:
    """The best candidates and what speaks for each, as numbers; more of them where there is meaning.

    Of words: one, the share of the query's weight that was found, how far that is ahead of the best other
    candidate's, and whether the question names an identifier that the entry lacks. With meaning further the
    cosine with the entry, the cosine with its title alone (long answers blur the former), and how far this
    is ahead.

    Args:
        archive: Where to look.
        parsed: The question.
        filters: What entries must be like.
        without: Entries to pass over, as if they were not there.
    """
    candidates = archive.candidates(parsed, filters, COMPARED + len(without))
    candidates = [each for each in candidates if each.entry_id not in without][:COMPARED]
    titles = {}
    if archive.vectors is not None:
        documents = archive.index.source.documents([each.entry_id for each in candidates])
        titles = {document.entry_id: document.title for document in documents}
    return _evidence_of(archive, parsed, candidates, titles)


def _evidence_of(
    archive: Archive, parsed: ParsedQuery, candidates: Sequence[Candidate], titles: Mapping[int, str]
) -> list[tuple[Candidate, tuple[float, ...]]]:
    cosines = _cosines_of_titles(archive, parsed, candidates, titles)
    rows = []
    for number, (each, row) in enumerate(
        zip(candidates, _evidence_of_words(parsed, candidates), strict=True)
    ):
        if each.cosine is not None and cosines is not None:
            row = (*row, each.cosine, cosines[number], _ahead(cosines, number))
        rows.append((each, row))
    return rows


def _evidence_of_words(parsed: ParsedQuery, candidates: Sequence[Candidate]) -> list[tuple[float, ...]]:
    words = [min(2.0, each.words) for each in candidates]
    return [
        (1.0, words[number], _ahead(words, number), float(bool(parsed.identifiers) and not each.named))
        for number, each in enumerate(candidates)
    ]


def _cosines_of_titles(
    archive: Archive, parsed: ParsedQuery, candidates: Sequence[Candidate], titles: Mapping[int, str]
) -> list[float] | None:
    """How near each candidate's title alone is to the question; None without meaning."""
    if not candidates:
        return None
    rows = archive.embeddings_of([parsed.text, *(titles.get(each.entry_id, "") for each in candidates)])
    return [float(row @ rows[0]) for row in rows[1:]] if rows is not None else None


def probability_of(row: Sequence[float]) -> float:
    """The probability that an entry with this evidence answers the question, before any calibration."""
    weights = WITH_MEANING if len(row) == len(WITH_MEANING) else WITH_WORDS
    return sigmoid(sum(weight * value for weight, value in zip(weights, row, strict=True)))


def _ahead(values: Sequence[float], number: int) -> float:
    """How far one value is ahead of the best of the others; negative if it is behind."""
    others = [value for index, value in enumerate(values) if index != number]
    return values[number] - max(others, default=0.0)
