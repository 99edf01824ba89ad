"""What the weekly digest says: what people asked about, what has changed, what waits for an answer (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.channels.mail_html import MailList, MailPart, MailTable, as_html, as_text
from bot.channels.messages import BrandProfile, Message, one_line
from bot.wording.languages.speaking import said
from routing.figures.summary import Figures
from routing.model.phrases import Phrase, phrase

_NOTHING = "–"


@dataclass(frozen=True, slots=True)
class DigestLine:
    """A matter: how many people asked, how many usually do (None: not known), and where it is.

    ``title`` is a person's, or empty; then the ``topic``, by name, says what it is about.
    """

    number: int
    title: str
    people: int
    usual: float | None
    is_more: bool = False
    is_new: bool = False
    topic: str = ""


@dataclass(frozen=True, slots=True)
class DigestFigures:
    """The figures of the week and of the one before, and how many goals are missed now.

    ``saved`` is what each week was worth, None where that is not told.
    """

    of_week: Figures
    before: Figures
    missed: int
    saved: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """A week of a department, or (``department`` empty) of the house, by the clock of whoever reads it.

    ``last`` is the week's last day; ``place`` the page that has all of it, as a path.
    """

    department: str
    first: date
    last: date
    zone: str
    people: int
    usual: float | None
    drivers: tuple[DigestLine, ...]
    movers: tuple[DigestLine, ...]
    waiting: tuple[DigestLine, ...]
    place: str
    figures: DigestFigures | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        asked = self.figures is not None and self.figures.of_week.questions
        return not (self.drivers or self.movers or self.waiting or asked)


def digest_message(
    house: BrandProfile, name: str, digest: Digest, language: str | None, *, is_personal: bool
) -> Message:
    """Tell somebody in charge how the week was; ``is_personal``: they can stop it on their profile page."""
    subject = (
        phrase(
            "%(brand)s: the week of %(department)s", brand=house.brand, department=one_line(digest.department)
        )
        if digest.department
        else phrase("%(brand)s: what people asked last week", brand=house.brand)
    )
    profile = f"{house.base_url}/desk/profile"
    end = (
        phrase("Once a week is too much? Stop it in your profile: %(address)s", address=profile)
        if is_personal
        else phrase("This goes to the department's own address, which an administrator can change.")
    )
    parts = _in_language(
        language,
        phrase("Hello %(name)s,", name=one_line(name)),
        _summary(digest, language),
        *_figures(house, digest.figures, language),
        *_listed(house, phrase("Most asked about, with the number of people:"), digest.drivers, language),
        *_listed(house, phrase("Changed most against the four weeks before:"), digest.movers, language),
        *_listed(house, phrase("Nobody has said yet what is done about it:"), digest.waiting, language),
        phrase("All of it: %(address)s", address=house.base_url + digest.place),
        end,
    )
    title = one_line(said(subject, language))
    return Message(title, as_text(parts), as_html(title, language, parts))


def _in_language(language: str | None, *parts: MailPart) -> list[MailPart]:
    return [said(one, language) if isinstance(one, Phrase) else one for one in parts]


def _figures(house: BrandProfile, found: DigestFigures | None, language: str | None) -> list[MailPart]:
    """The figures of the week beside those of the week before; nothing where nobody can tell them now."""
    if found is None:
        return []
    both = (found.of_week, found.before)
    rows: list[tuple[str, list[str]]] = [
        (phrase("Questions asked"), [str(one.questions) for one in both]),
        (
            phrase("First response, median (hours:minutes)"),
            [_clock(one.first_response_median_s) for one in both],
        ),
        (phrase("Answered, of the questions asked"), [_percent(one.answered_share) for one in both]),
        (phrase("Of them waiting for us"), [str(one.backlog) for one in both]),
    ]
    if any(one.csat_answers for one in both):
        rows.append((phrase("Content customers (CSAT)"), [_csat(one, language) for one in both]))
    if any(one.nps_answers for one in both):
        rows.append((phrase("Net Promoter Score (NPS)"), [_nps(one, language) for one in both]))
    if found.saved is not None:
        worth = [f"{house.currency} {one:,.0f}" for one in found.saved]
        rows.append((phrase("What it was worth, an estimate"), worth))
    rows.append((phrase("Goals that are missed now"), [str(found.missed), _NOTHING]))
    heads = (phrase("Figure"), phrase("Last week"), phrase("The week before"))
    return [
        MailTable(
            said(phrase("Figures"), language),
            tuple(said(one, language) for one in heads),
            tuple((said(label, language), *values) for label, values in rows),
        )
    ]


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return _NOTHING
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02}"


def _percent(share: float | None) -> str:
    return _NOTHING if share is None else f"{share * 100:.0f} %"


def _csat(figures: Figures, language: str | None) -> str:
    if figures.csat_share is None:
        return _too_few(figures.csat_answers, language)
    return f"{_percent(figures.csat_share)} ({figures.csat_answers})"


def _nps(figures: Figures, language: str | None) -> str:
    found = figures.promoter_score
    if found is None:
        return _too_few(figures.nps_answers, language)
    return f"{found.score:+.0f} ({found.low:+.0f} … {found.high:+.0f}; {figures.nps_answers})"


def _too_few(answers: int, language: str | None) -> str:
    return said(phrase("too few (%(number)s)", number=str(answers)), language) if answers else _NOTHING


def _summary(digest: Digest, language: str | None) -> str:
    days = phrase(
        "%(first)s to %(last)s (%(zone)s):",
        first=digest.first.isoformat(),
        last=digest.last.isoformat(),
        zone=digest.zone,
    )
    people = phrase("People who asked: %(number)s.", number=str(digest.people))
    told = [said(days, language), said(people, language)]
    if digest.usual is not None:
        told.append(said(phrase("Usually: %(usual)s a week.", usual=_rounded(digest.usual)), language))
    return " ".join(told)


def _listed(
    house: BrandProfile, heading: str, lines: Sequence[DigestLine], language: str | None
) -> list[MailPart]:
    """A heading and a line for each; nothing where there is none."""
    if not lines:
        return []
    return [MailList(said(heading, language), tuple(_line(house, one, language) for one in lines))]


def _line(house: BrandProfile, one: DigestLine, language: str | None) -> str:
    told = f"{one.people}: {one_line(one.title) or _untitled(one, language)}"
    against = ""
    if one.is_new:
        against = phrase("nobody asked before")
    elif one.is_more:
        against = phrase("more than usual: %(usual)s a week", usual=_rounded(one.usual))
    elif one.usual is not None:
        against = phrase("usually %(usual)s", usual=_rounded(one.usual))
    if against:
        told = f"{told} ({said(against, language)})"
    return f"{told}\n  {house.base_url}/admin/matters/{one.number}"


def _untitled(one: DigestLine, language: str | None) -> str:
    number = said(phrase("Matter %(number)s", number=str(one.number)), language)
    return ", ".join(part for part in (one_line(one.topic), number) if part)


def _rounded(people: float | None) -> str:
    return "" if people is None else f"{people:.0f}"
