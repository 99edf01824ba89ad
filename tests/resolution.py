"""What came of a labelled conversation's questions: which turn solved each, for learning what to keep."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from routing.dialogue.turns import ASKS, By, TurnKind, Utterance


@dataclass(slots=True)
class Resolution:
    """A question of a conversation: the turn that opened it, and the turn that the archive should show."""

    opened_by: int
    answers: list[int] = field(default_factory=list)
    """The turns that would help, as long as nobody says that they did not."""
    thanked: int | None = None
    """The answer that the customer thanked for."""

    @property
    def accepted(self) -> int | None:
        """The answer that was thanked for, else the latest that solves; None where nothing does."""
        if self.thanked is not None:
            return self.thanked
        return self.answers[-1] if self.answers else None


def resolutions(turns: Sequence[Utterance]) -> list[Resolution]:
    """The questions of a conversation whose turns have been judged, in order.

    Thanks go to the answer they reply to, else to the latest; "did not help" takes back what it replies to,
    and the thanks with it; a further answer after thanks changes nothing until it is thanked for itself.
    """
    found: list[Resolution] = []
    for place, turn in enumerate(turns):
        if turn.kind in ASKS and (turn.by != By.OTHER or not found):
            found.append(Resolution(place))
            continue
        if not found:
            continue
        _go_on(found, turns, place)
    return found


def _go_on(found: list[Resolution], turns: Sequence[Utterance], place: int) -> None:
    turn = turns[place]
    current = _question_of(found, turn.to)
    match turn.kind:
        case TurnKind.ANSWER:
            current.answers.append(place)
        case TurnKind.THANKS if current.answers:
            if turn.by == By.CUSTOMER or current.thanked is None:
                current.thanked = turn.to if turn.to in current.answers else current.answers[-1]
        case TurnKind.NOT_HELPED:
            refused = turn.to if turn.to in current.answers else None
            current.answers = [one for one in current.answers if refused is not None and one > refused]
            current.thanked = None


def _question_of(found: Sequence[Resolution], to: int | None) -> Resolution:
    """The question that a reply belongs to: of the latest that was there when what it replies to was said."""
    if to is None:
        return found[-1]
    return next((one for one in reversed(found) if one.opened_by <= to), found[-1])
