"""What colleagues are told of an announcement before everybody hears it, and which of them.

Nothing of it is ever said outside, so it needs no second person: whoever proposed it keeps it up to date.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from bot.actions.people.details import Invalid, check_storable
from bot.actions.undecidable import Undecidable
from bot.states import ChangeKind
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.row_locks import lock_row
from bot.store.tables.announcements import AnnouncementRow, CustomersMayAsk, SeenBefore
from routing.model.phrases import phrase

MOST_ASKED = 12
"""So many things that customers may ask are prepared for."""
LONGEST_ASKED = 300
LONGEST_REPLY = 1_000


@dataclass(frozen=True, slots=True)
class Brief:
    """Who may know of it from its approval on until it is out, and what they say when customers ask.

    ``departments`` are the numbers of those whose people may, where it is theirs alone.
    """

    seen_before: SeenBefore = SeenBefore.EVERYBODY
    departments: tuple[int, ...] = ()
    asked: tuple[CustomersMayAsk, ...] = ()


def brief_of(row: AnnouncementRow) -> Brief:
    """What colleagues are told now."""
    return Brief(SeenBefore(row.seen_before), tuple(row.departments), row.customers_may_ask)


def check_brief(brief: Brief, known: Collection[int]) -> None:
    """Raise Invalid for what cannot be; ``known`` are the departments there are."""
    if len(brief.asked) > MOST_ASKED:
        raise Invalid("asked", phrase("Prepare for at most %(most)s questions.", most=MOST_ASKED))
    for number, one in enumerate(brief.asked):
        for name, text, longest in (
            (f"ask-{number}", one.question, LONGEST_ASKED),
            (f"reply-{number}", one.reply, LONGEST_REPLY),
        ):
            check_storable(name, text)
            if not text:
                raise Invalid(name, phrase("Write both: what customers may ask, and what to answer."))
            if len(text) > longest:
                raise Invalid(
                    name,
                    phrase(
                        "At most %(most)s characters are allowed; these are %(length)s.",
                        most=longest,
                        length=len(text),
                    ),
                )
    if brief.seen_before is SeenBefore.DEPARTMENTS and not set(brief.departments) & set(known):
        raise Invalid("departments", phrase("Choose the departments that may know of it before."))


def put_brief(row: AnnouncementRow, brief: Brief, known: Collection[int]) -> None:
    """Colleagues are told this from now on. Raises Invalid."""
    check_brief(brief, known)
    chosen = brief.departments if brief.seen_before is SeenBefore.DEPARTMENTS else ()
    row.seen_before, row.departments = brief.seen_before, sorted(set(chosen) & set(known))
    row.asked = [one.stored() for one in brief.asked]


def change_brief(
    session: Session, row: AnnouncementRow, brief: Brief, known: Collection[int], now: datetime
) -> None:
    """Tell colleagues something else, at any time. Raises Invalid, and Undecidable for a correction."""
    lock_row(session, row)
    if row.corrects_id is not None:
        raise Undecidable(phrase("This corrects an announcement: say it there."))
    put_brief(row, brief, known)
    rows.keep(session, row)
    changes.append(session, ChangeKind.WORK, 0, now)
