"""Where somebody gets to after a form was sent, and what the page says there."""

from typing import Annotated

from fastapi import Form
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator

from app.identity.auth import see_other
from app.web.addresses import on_board
from app.web.forms import ACCEPTED, ENDORSED, JOINED, KIND_NOTED, NOTE_REMOVED, NOTED, PARTED

RETRACTED = "Taken back. What is out is being taken down; what a platform refuses waits in the outbox."
_NOTICES = {
    "accepted": ACCEPTED,
    "added": "Added.",
    "given": "Noted who looks after it.",
    "forgotten": "The filter is gone.",
    "kept": "The filter is kept: you find it beside the board.",
    "put_off": "Put off: it comes back by itself.",
    "woken": "It is on the board again.",
    "campaign": "It is a campaign now. Nobody outside sees it until you open its page.",
    "campaign_open": "Its page is open: everybody can see it and join.",
    "campaign_closed": "Its page is closed: nobody can join any more.",
    "again": "It is sent once more.",
    "assigned": "Noted: that department answers for it.",
    "approved": "Approved: say now when it goes out.",
    "declined": "Declined. Whoever proposed it reads why.",
    "planned": "Planned. Until it goes out you can plan it anew, or take it back.",
    "taken_back": "Taken back: it does not go out.",
    "answered": "Published: it is on its way.",
    "closed": "Closed.",
    "challenge_declined": "Declined: whoever challenged the answer, and its author, read why.",
    "corrected": "Corrected: the words are on their way; once they are out, the former ones are not.",
    "connected": "Connected: the brand's account can be used now.",
    "dismissed": "Dismissed. A tagged answer or you can bring it back.",
    "dropped": "Dropped. Its author reads why.",
    "endorsed": ENDORSED,
    "escalated": "It is with the people in charge now.",
    "gone": "Noted: the post is gone.",
    "all_retracted": RETRACTED,
    "retracted": RETRACTED,
    "given_up": "Given up: the question is with the people in charge.",
    "hidden": "Hidden: nobody outside sees it.",
    "joined": JOINED,
    "let_in": "They are in, and have a mail with a link to sign in.",
    "not_let_in": "Declined. They read why.",
    "kind": KIND_NOTED,
    "let_go": "Forgotten: nobody sends that again.",
    "left": "Their sessions, links, offers and waiting answers have ended.",
    "back": "They are back: they sign in, accept the guidelines again and link their accounts anew.",
    "linked": "The account is linked.",
    "matched": "Matched: the answer goes its usual way.",
    "noted": NOTED,
    "note_removed": NOTE_REMOVED,
    "praise": "Noted: it is praise. It is counted by itself, and is no driver and no alarm.",
    "trouble": "Noted: there is something to mend.",
    "moved": "Noted. It is moved in a moment.",
    "not_allowed": "Nothing has changed: the permission was not given.",
    "parted": PARTED,
    "paused": "Paused.",
    "proposed": "Handed in: a second person lets it out.",
    "tested": "A test is on its way: look at the list of attempts in a moment.",
    "issue": "It is on its way to the tracker: its link appears here.",
    "told": "Approved: it is told from now on.",
    "published": "Published: this version is in force now.",
    "removed": "Removed.",
    "brand": "Saved: the brand is called like this everywhere now.",
    "rules": "Saved: these rules are in force now.",
    "seen": "Noted that somebody has looked at it.",
    "restored": "People are asked anew.",
    "revoked": "Revoked: it works no more.",
    "resumed": "Back again.",
    "retired": "Retired: its topics are free, and its matters go by their topics.",
    "reviewed": "Done. It has left the list.",
    "merged": "They are one topic now. What was asked before moves along, a part at a time.",
    "renamed": "Renamed. Addresses with the former short name lead here.",
    "split": "Parted. The questions move, a part at a time; look at who knows the new topic.",
    "topic_asked": "Colleagues see it at their desks from now on, and you read here what they say.",
    "topic_not_asked": "Nobody is asked any more. What was said stays.",
    "topic_retired": "Retired: no new question gets it. What it has stays.",
    "saved": "Saved.",
    "seen_to": "Done. It has left the list.",
    "said": "Said. It stands here, and on the public page where there is one.",
    "unsaid": "Taken back.",
    "sent": "Noted as sent; the answer is in the archive.",
    "set_aside": "Set aside. Its text is not kept.",
    "shown": "It is public again.",
    "tried": "It is tried once more: look again in a moment.",
    "withdrawn": "Withdrawn: it waits for nobody any more. Its words stay among the versions.",
    "unlinked": "The account is unlinked.",
}


def notice(done: str) -> str | None:
    """The message for a key from the address; None for an unknown one."""
    return _NOTICES.get(done)


Back = Annotated[str, Form(max_length=600), AfterValidator(on_board)]
"""The board as it was, with its filter, where a form was sent from there; empty where it was not."""


def returned(back: str, address: str, done: str) -> RedirectResponse:
    """Back to the board, or to the page at ``address``, which says what was done.

    The part of the page that the address names is led to from there: else what was said is out of sight.
    """
    page, mark, place = (back or address).partition("#")
    return see_other(f"{page}{'&' if '?' in page else '?'}done={done}{'&at=' if mark else ''}{place}")
