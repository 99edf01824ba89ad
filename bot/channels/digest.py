"""What the weekly digest says: what people asked about, what has changed, what waits for an answer (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.channels.messages import BrandProfile, Message, one_line, written
from bot.wording.languages.speaking import said
from routing.model.phrases import phrase


@dataclass(frozen=True, slots=True)
class DigestLine:
    """A matter: how many people asked, how many usually do (None: not known), and where it is.

    ``title`` is empty where its words are not for a mail.
    """

    number: int
    title: str
    people: int
    usual: float | None
    is_more: bool = False
    is_new: bool = False


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

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.drivers or self.movers or self.waiting)


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
    return written(
        language,
        subject,
        phrase("Hello %(name)s,", name=one_line(name)),
        _summary(digest, language),
        *_listed(house, phrase("Most asked about, with the number of people:"), digest.drivers, language),
        *_listed(house, phrase("Changed most against the four weeks before:"), digest.movers, language),
        *_listed(house, phrase("Nobody has said yet what is done about it:"), digest.waiting, language),
        phrase("All of it: %(address)s", address=house.base_url + digest.place),
        end,
    )


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
) -> list[str]:
    """A heading and a line for each; nothing where there is none."""
    if not lines:
        return []
    return ["\n".join([said(heading, language), *(_line(house, one, language) for one in lines)])]


def _line(house: BrandProfile, one: DigestLine, language: str | None) -> str:
    title = one_line(one.title) or said(phrase("Matter %(number)s", number=str(one.number)), language)
    told = f"{one.people}: {title}"
    against = ""
    if one.is_new:
        against = phrase("nobody asked before")
    elif one.is_more:
        against = phrase("more than usual: %(usual)s a week", usual=_rounded(one.usual))
    elif one.usual is not None:
        against = phrase("usually %(usual)s", usual=_rounded(one.usual))
    if against:
        told = f"{told} ({said(against, language)})"
    return f"- {told}\n  {house.base_url}/admin/matters/{one.number}"


def _rounded(people: float | None) -> str:
    return "" if people is None else f"{people:.0f}"
