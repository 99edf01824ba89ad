"""Several lines of the board at once: each is decided on its own, and a summary says what went."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fastapi import Request, Response

from app.admin.answers import approve_answer, drop_answer, set_post_aside
from app.admin.board.marks import give, put_off
from app.admin.confirmations import Back
from app.admin.deliveries import give_message_up, send_again
from app.admin.figures.scores import note_seen
from app.admin.people.join_requests import decline, let_in
from app.admin.posts import dismiss_post, try_post_again
from app.admin.questions import ask_anew, change_topics, dismiss_question
from app.admin.review import hide_entry, note_reviewed, show_entry
from app.admin.taking_back.challenges import accept_as_said, decline_challenge
from app.identity.auth import MayDecide, Person, guarded
from app.identity.joining import JoinPost, SendJoinMail
from app.web.addresses import BOARD
from app.web.forms import Fields, number_in
from app.web.html import render
from app.web.problems import Problem
from app.wiring.composition import Chorus, Here
from bot.actions.people.joining import JoinMail
from bot.store.queries.board.lines import BoardKind
from bot.store.queries.board.listing import BOARD_PAGE
from routing.model.domain import QuestionState

router = guarded("/admin/board")


class BulkDeed(StrEnum):
    """What can be done to several lines at once."""

    DISMISS = "dismiss"
    AGAIN = "again"
    APPROVE = "approve"
    DROP = "drop"
    TOPIC = "topic"
    ASSIGN = "assign"
    SNOOZE = "snooze"


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What came of one line."""

    key: str
    why_not: str
    """Empty: it went."""


LineDeed = Callable[[Chorus, Person, int, Mapping[str, str]], JoinMail | None]
"""Does something to a line; what is to be mailed to somebody who is no colleague yet is returned."""
_OF_QUESTION: dict[BulkDeed, LineDeed] = {
    BulkDeed.DISMISS: lambda chorus, person, number, given: dismiss_question(
        chorus, person, number, given.get("why", "")
    ),
    BulkDeed.AGAIN: lambda chorus, person, number, _: ask_anew(
        chorus, person, number, seen=QuestionState.ESCALATED
    ),
    BulkDeed.TOPIC: lambda chorus, person, number, given: change_topics(
        chorus, person, number, [_topic(given)]
    ),
}
_OF_KIND: dict[BoardKind, dict[BulkDeed, LineDeed]] = {
    BoardKind.QUESTION: _OF_QUESTION,
    BoardKind.BREACHING: _OF_QUESTION,
    BoardKind.ANSWER: {
        BulkDeed.APPROVE: lambda chorus, person, number, _: approve_answer(chorus, person, number),
        BulkDeed.DROP: lambda chorus, person, number, given: drop_answer(
            chorus, person, number, given.get("why", "")
        ),
    },
    BoardKind.CHALLENGE: {
        BulkDeed.APPROVE: lambda chorus, person, number, _: accept_as_said(chorus, person, number),
        BulkDeed.DROP: lambda chorus, person, number, given: decline_challenge(
            chorus, person, number, given.get("why", "")
        ),
    },
    BoardKind.UNMATCHED: {
        BulkDeed.DISMISS: lambda chorus, person, number, _: set_post_aside(chorus, person, number)
    },
    BoardKind.MESSAGE: {
        BulkDeed.AGAIN: lambda chorus, person, number, _: send_again(chorus, person, number),
        BulkDeed.DROP: lambda chorus, person, number, _: give_message_up(chorus, person, number),
    },
    BoardKind.POST: {
        BulkDeed.AGAIN: lambda chorus, person, number, _: try_post_again(chorus, person, number),
        BulkDeed.DISMISS: lambda chorus, person, number, _: dismiss_post(chorus, person, number),
    },
    BoardKind.REVIEW: {
        BulkDeed.DISMISS: lambda chorus, person, number, _: note_reviewed(chorus, person, number),
        BulkDeed.DROP: lambda chorus, person, number, _: hide_entry(chorus, person, number),
    },
    BoardKind.SCORE: {BulkDeed.DISMISS: lambda chorus, person, number, _: note_seen(chorus, person, number)},
    BoardKind.NEWCOMER: {
        BulkDeed.APPROVE: lambda chorus, person, number, _: let_in(chorus, person, number),
        BulkDeed.DROP: lambda chorus, person, number, given: decline(
            chorus, person, number, given.get("why", "")
        ),
    },
    BoardKind.HELD_BACK: {
        BulkDeed.APPROVE: lambda chorus, person, number, _: show_entry(chorus, person, number),
        BulkDeed.DROP: lambda chorus, person, number, _: hide_entry(chorus, person, number),
    },
}
"""The deeds of each kind, the same that its own page has; looking after and putting off is for all kinds."""


@router.post("/bulk")
def bulk(
    request: Request, chorus: Here, person: MayDecide, post: JoinPost, fields: Fields, back: Back = ""
) -> Response:
    """Do the same to every line that was chosen."""
    chosen = [name.removeprefix("pick-") for name in fields if name.startswith("pick-")]
    try:
        deed = BulkDeed(fields.get("deed", ""))
    except ValueError:
        raise Problem(422, "Choose what is to be done with them.") from None
    if not chosen:
        raise Problem(422, "Nothing is chosen: tick the lines that are meant.")
    if len(chosen) > BOARD_PAGE:
        raise Problem(422, f"At most {BOARD_PAGE} lines at once: as many as a page has.")
    outcomes = [_do(chorus, person, post, deed, key, fields) for key in chosen]
    return render(
        request,
        "admin/board_bulk.html",
        person=person,
        went=[one for one in outcomes if not one.why_not],
        refused=[one for one in outcomes if one.why_not],
        said=_SAID[deed],
        back=back or BOARD,
        stands_at=back or BOARD,
    )


_SAID = {
    BulkDeed.DISMISS: "dismissed",
    BulkDeed.AGAIN: "tried or asked again",
    BulkDeed.APPROVE: "approved",
    BulkDeed.DROP: "dropped",
    BulkDeed.TOPIC: "given another topic",
    BulkDeed.ASSIGN: "given to somebody",
    BulkDeed.SNOOZE: "put off",
}


def _do(
    chorus: Chorus, person: Person, post: SendJoinMail, deed: BulkDeed, key: str, given: Mapping[str, str]
) -> BulkOutcome:
    """One line, in a transaction of its own: what cannot be done to it stops none of the others."""
    try:
        kind, number = _named(key)
        if deed is BulkDeed.ASSIGN:
            give(chorus, person, kind, number, given.get("to", ""))
        elif deed is BulkDeed.SNOOZE:
            put_off(
                chorus,
                person,
                kind,
                number,
                hours=given.get("hours", ""),
                until=given.get("until", ""),
                why=given.get("why", ""),
            )
        else:
            mail = _OF_KIND.get(kind, {}).get(deed, _not_to_this_kind)(chorus, person, number, given)
            if mail is not None:
                post(mail)
    except Problem as problem:
        return BulkOutcome(key, str(problem.detail))
    return BulkOutcome(key, "")


def _not_to_this_kind(*_given: object) -> JoinMail | None:
    raise Problem(409, "This cannot be done to lines of this kind.")


def _named(key: str) -> tuple[BoardKind, int]:
    name, _, number = key.rpartition("-")
    try:
        kind = BoardKind(name)
    except ValueError:
        raise Problem(404, "There is no such line.") from None
    row_id = number_in(number)
    if not row_id:
        raise Problem(409, "This stays on the board until it is mended.")
    return kind, row_id


def _topic(given: Mapping[str, str]) -> str:
    if not given.get("topic"):
        raise Problem(422, "Choose the topic that they are about.")
    return given["topic"]
