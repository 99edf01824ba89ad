"""What each figure is called and what it means: the page's headings and its definitions."""

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """What a figure counts in."""

    NUMBER = "number"
    SHARE = "share"
    SECONDS = "seconds"
    RATIO = "ratio"
    POINTS = "points"
    """Of a score that may be negative."""


@dataclass(frozen=True, slots=True)
class FigureMeaning:
    """A figure: the attribute of ``Figures`` that holds it, its name for people, and what it means."""

    name: str
    label: str
    unit: Unit
    meaning: str
    more_is_better: bool | None = None
    """None where neither is better."""
    taken_from: str = ""
    """The attribute that says how many it is taken from, where it is not told of few."""


MEASURES: tuple[FigureMeaning, ...] = (
    FigureMeaning(
        "questions",
        "Questions",
        Unit.NUMBER,
        "Questions that were asked in these days, by the day of the first post in the brand's time zone. "
        "What was dismissed as nothing for us, what its customer has deleted, and what a person has joined "
        "to another question does not count, also where that happened later.",
    ),
    FigureMeaning(
        "people",
        "People",
        Unit.NUMBER,
        "Customers who asked them, each counted once. The same person on two platforms counts twice.",
    ),
    FigureMeaning(
        "answered",
        "Answered",
        Unit.NUMBER,
        "Questions to which the brand has published an answer that stands. A mere question back is none, nor "
        "is what Chorus says by itself, nor another customer's answer.",
        True,
    ),
    FigureMeaning("answered_share", "Answered, share", Unit.SHARE, "Answered, of the questions asked.", True),
    FigureMeaning(
        "within_10_min_share",
        "Within 10 minutes",
        Unit.SHARE,
        "Questions with a first response within ten minutes by the clock, of the questions asked.",
        True,
    ),
    FigureMeaning(
        "within_1_h_share",
        "Within an hour",
        Unit.SHARE,
        "Questions with a first response within an hour by the clock, of the questions asked.",
        True,
    ),
    FigureMeaning(
        "first_response_median_s",
        "First response, median",
        Unit.SECONDS,
        "From the customer's post to the first that the brand published for a person in reply: an answer, a "
        "question back or a statement, that has not been taken back since. By the clock. Half of the "
        "questions that had one had it sooner.",
        False,
    ),
    FigureMeaning(
        "first_response_p90_s",
        "First response, 9 in 10",
        Unit.SECONDS,
        "The same: nine in ten had it sooner (the 90th percentile, between its neighbours in proportion).",
        False,
    ),
    FigureMeaning(
        "working_median_s",
        "In business hours, median",
        Unit.SECONDS,
        "The first response once more, with only the time that lies within the brand's business hours "
        "(CHORUS_FIGURES__HOURS), as the clock on the brand's wall shows them.",
        False,
    ),
    FigureMeaning(
        "working_p90_s",
        "In business hours, 9 in 10",
        Unit.SECONDS,
        "The same: nine in ten had it sooner.",
        False,
    ),
    FigureMeaning(
        "settled",
        "Settled",
        Unit.NUMBER,
        "Questions whose customer said that it helped, or that a person closed, and that were not opened "
        "again since.",
        True,
    ),
    FigureMeaning(
        "resolution_median_s",
        "Until settled, median",
        Unit.SECONDS,
        "The resolution cycle: from the customer's post to when the question was settled. Half of the "
        "settled ones took less.",
        False,
    ),
    FigureMeaning(
        "satisfied",
        "Satisfied",
        Unit.NUMBER,
        "Questions whose customer thanked for the answer, or said that it helped.",
        True,
    ),
    FigureMeaning(
        "unsatisfied",
        "Unsatisfied",
        Unit.NUMBER,
        "Questions whose customer said that it did not help, or had to ask again after an answer.",
        False,
    ),
    FigureMeaning(
        "reused",
        "Reused",
        Unit.NUMBER,
        "Questions that were answered with what the archive had already.",
        True,
    ),
    FigureMeaning(
        "doubled",
        "Doubled",
        Unit.NUMBER,
        "Questions to which two employees or more have published a full answer; what was written as an "
        "addition or a correction is none.",
        False,
    ),
    FigureMeaning(
        "contradicted",
        "Contradicted",
        Unit.NUMBER,
        "Questions of which a published answer was corrected by another one.",
        False,
    ),
    FigureMeaning(
        "retracted",
        "Retracted",
        Unit.NUMBER,
        "Questions of which an answer was taken back after it had been published.",
        False,
    ),
    FigureMeaning(
        "backlog",
        "Backlog",
        Unit.NUMBER,
        "Of these questions, those whose customer waits for us now: nobody has answered, or the answer is "
        "still on its way. Who was asked something back is not waited for by anybody.",
        False,
    ),
    FigureMeaning(
        "offers_per_answer",
        "Offers per answer",
        Unit.RATIO,
        "Offers made to employees for these questions, by the number of those that were answered.",
        False,
    ),
    FigureMeaning(
        "upset_then_thankful",
        "Upset, then thankful",
        Unit.NUMBER,
        "Questions whose first words were angry (words of anger, an angry face) and whose customer thanked "
        "in the end.",
        True,
    ),
    FigureMeaning(
        "csat_share",
        "CSAT",
        Unit.SHARE,
        "Of the customers who were asked how well they were helped and said it with a number from 1 to 5, "
        "those who gave 4 or 5. Below 10 answers nothing is said.",
        True,
        "csat_answers",
    ),
    FigureMeaning(
        "csat_answers",
        "CSAT, answers",
        Unit.NUMBER,
        "Customers who gave such a number about these questions, on the page or in a reply.",
    ),
    FigureMeaning(
        "csat_response_share",
        "CSAT, response rate",
        Unit.SHARE,
        "Of those who were asked, how many gave one.",
        True,
    ),
    FigureMeaning(
        "nps",
        "NPS",
        Unit.POINTS,
        "The Net Promoter Score: of those who were asked how likely they are to recommend the brand, the "
        "share who gave 9 or 10 less the share who gave 0 to 6, in points from -100 to 100. Below 10 answers "
        "nothing is said.",
        True,
        "nps_answers",
    ),
    FigureMeaning(
        "nps_low",
        "NPS, at least",
        Unit.POINTS,
        "The lower end of its 95 % confidence interval: if customers who say nothing think as the others do, "
        "19 of 20 such intervals hold the true score. Adjusted Wald interval: three answers are added, three "
        "quarters of one at either end; then the middle plus and less 1.96 standard errors (B. Rocks, The "
        "American Statistician 70, 2016).",
        taken_from="nps_answers",
    ),
    FigureMeaning(
        "nps_high", "NPS, at most", Unit.POINTS, "The upper end of the same.", taken_from="nps_answers"
    ),
    FigureMeaning(
        "nps_answers",
        "NPS, answers",
        Unit.NUMBER,
        "Customers who gave such a number about these questions, on the page or in a reply.",
    ),
    FigureMeaning(
        "nps_response_share",
        "NPS, response rate",
        Unit.SHARE,
        "Of those who were asked, how many gave one.",
        True,
    ),
)
"""All figures, in the order in which pages show them."""
