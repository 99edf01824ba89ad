"""What the page says after a form was sent."""

from app.web.forms import ACCEPTED, ENDORSED, JOINED, KIND_NOTED, PARTED

RETRACTED = "Taken back. What is out is being taken down; what a platform refuses waits in the outbox."
_NOTICES = {
    "accepted": ACCEPTED,
    "added": "Added.",
    "again": "It is sent once more.",
    "assigned": "Noted: that department answers for it.",
    "approved": "Approved: say now when it goes out.",
    "declined": "Declined. Whoever proposed it reads why.",
    "planned": "Planned. Until it goes out you can plan it anew, or take it back.",
    "taken_back": "Taken back: it does not go out.",
    "answered": "Published: it is on its way.",
    "closed": "Closed.",
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
    "kind": KIND_NOTED,
    "left": "Their sessions, links, offers and waiting answers have ended.",
    "linked": "The account is linked.",
    "matched": "Matched: the answer goes its usual way.",
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
    "rules": "Saved: these rules are in force now.",
    "restored": "People are asked anew.",
    "revoked": "Revoked: it works no more.",
    "resumed": "Back again.",
    "retired": "Retired: its topics are free, and its matters go by their topics.",
    "reviewed": "Done. It has left the list.",
    "saved": "Saved.",
    "seen_to": "Done. It has left the list.",
    "said": "Said. It stands here, and on the public page where there is one.",
    "unsaid": "Taken back.",
    "sent": "Noted as sent; the answer is in the archive.",
    "set_aside": "Set aside. Its text is not kept.",
    "shown": "It is public again.",
    "tried": "It is tried once more: look again in a moment.",
    "unlinked": "The account is unlinked.",
}


def notice(done: str) -> str | None:
    """The message for a key from the address; None for an unknown one."""
    return _NOTICES.get(done)
