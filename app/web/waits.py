"""What waits for a person, in words and with the page where it is decided."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.web.phrasing import so_many
from bot.roles import Permission
from bot.store.queries.waits import Waits


@dataclass(frozen=True, slots=True)
class Place:
    """How one of a kind and several of it are called, and where a person decides about them."""

    one: str
    many: str
    page: str
    is_grave: bool = False
    needs: Permission = Permission.WATCH
    """What one must be permitted to see it."""

    def said(self, number: int) -> str:
        """``1 held answer`` or ``2 held answers``."""
        return so_many(number, self.one, self.many)


PLACES: Mapping[Waits, Place] = {
    Waits.QUESTION: Place(
        "question nobody took", "questions nobody took", "/admin/questions?state=escalated"
    ),
    Waits.ANSWER: Place("held answer", "held answers", "/admin/answers"),
    Waits.UNMATCHED: Place(
        "answer without a question", "answers without a question", "/admin/answers#unmatched"
    ),
    Waits.UNKNOWN: Place(
        "message of which nobody knows whether it went out",
        "messages of which nobody knows whether they went out",
        "/admin/deliveries?state=unknown",
        is_grave=True,
    ),
    Waits.REFUSED: Place(
        "message that a platform refused for good",
        "messages that a platform refused for good",
        "/admin/deliveries?state=rejected",
        is_grave=True,
    ),
    Waits.FAILED_MESSAGE: Place(
        "message that failed too often",
        "messages that failed too often",
        "/admin/deliveries?state=quarantined",
        is_grave=True,
    ),
    Waits.RESTORED: Place(
        "message of a restored backup, held until publishing is resumed",
        "messages of a restored backup, held until publishing is resumed",
        "/admin/deliveries?state=held",
    ),
    Waits.REPORT: Place("entry that readers reported", "entries that readers reported", "/admin/review"),
    Waits.REVIEW: Place("entry to look at again", "entries to look at again", "/admin/review"),
    Waits.FAILED_QUESTION: Place(
        "question that failed too often",
        "questions that failed too often",
        "/admin/questions?state=quarantined",
        is_grave=True,
    ),
    Waits.POST: Place("post set aside", "posts set aside", "/admin/posts", is_grave=True),
    Waits.ANNOUNCEMENT: Place("announcement to approve", "announcements to approve", "/admin/announcements"),
    Waits.CHALLENGE: Place(
        "answer that somebody says is wrong",
        "answers that somebody says are wrong",
        "/admin/board?kind=challenge",
    ),
    Waits.CONNECTION: Place("account to connect", "accounts to connect", "/admin/connections", is_grave=True),
    Waits.CAMPAIGN: Place(
        "campaign on which our word is overdue", "campaigns on which our word is overdue", "/admin/campaigns"
    ),
    Waits.GOAL: Place("goal that is missed", "goals that are missed", "/admin/figures#goals"),
    Waits.SCORE: Place("customer who is not content", "customers who are not content", "/admin/scores"),
    Waits.SURGE: Place(
        "matter of which more people ask than usual",
        "matters of which more people ask than usual",
        "/admin/matters",
    ),
    Waits.NEWCOMER: Place(
        "person to let in",
        "people to let in",
        "/admin/board?kind=newcomer",
        needs=Permission.READ_PEOPLE,
    ),
    Waits.TEXT: Place("text to approve", "texts to approve", "/admin/texts", needs=Permission.READ_TEXTS),
    Waits.ENDPOINT: Place(
        "hook that takes nothing",
        "hooks that take nothing",
        "/admin/hooks",
        is_grave=True,
        needs=Permission.MANAGE_HOOKS,
    ),
    Waits.TOKEN: Place(
        "token about to end", "tokens about to end", "/admin/tokens", needs=Permission.MANAGE_HOOKS
    ),
}
