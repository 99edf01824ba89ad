"""The look at the platform itself just before a reply goes out: what nobody has told us about the posts.

Mastodon tells of deletions and edits only those who follow the author, Bluesky nobody, and both take replies
that nobody will see: to a post that is gone, to somebody who has blocked the brand, to a post whose author
lets nobody answer.
"""

from dataclasses import dataclass, replace

import structlog

from bot.actions.conversations.audience import Audience
from bot.actions.conversations.withdraw import DELETED, OWN_DELETED
from bot.actions.deliveries.last_look import Unheard
from bot.platforms.base import Platform
from bot.posts import (
    Absence,
    KnownPost,
    Lookup,
    PlatformError,
    Post,
    PostEvent,
    Refusal,
    Rejected,
    Retry,
    Visibility,
)
from bot.store.conversations.publications import Surroundings
from bot.store.tables.conversations import DeliveryRow

log = structlog.get_logger(__name__)

ACCOUNT_DELETED = "The customer deleted the account that asked."
_UNSEEN = {
    Absence.DEACTIVATED: "The customer's account is deactivated, so nobody would see an answer there.",
    Absence.TAKEN_DOWN: "The customer's post or account was taken down, so nobody would see an answer there.",
    Absence.BLOCKED: "The customer and the brand's account have blocked each other: no answer reaches them.",
}
_CLOSED = "The customer's post is closed to the brand's replies: an answer there is shown to nobody."


@dataclass(frozen=True, slots=True)
class Seen:
    """What the platform shows of the two posts; None where it says nothing."""

    asked: Lookup | None = None
    own: Lookup | None = None

    @property
    def unheard(self) -> Unheard | None:
        """Why there is nothing to answer, or nothing to answer with; None while there may be."""
        asked, own = self.asked, self.own
        if asked is not None and asked.gone:
            why = ACCOUNT_DELETED if asked.absence is Absence.ACCOUNT_DELETED else DELETED
            return Unheard(asked.external_id, why)
        if own is not None and own.gone:
            return Unheard(own.external_id, OWN_DELETED)
        if asked is not None and asked.post is not None and not asked.post.visibility.is_public:
            visibility = asked.post.visibility
            return Unheard(asked.external_id, Audience(visibility).why_not or "", visibility)
        return None

    @property
    def edits(self) -> list[Post]:
        """The posts as they are now, where they were edited or made less visible."""
        found = [one.post for one in (self.asked, self.own) if one is not None and one.post is not None]
        return [
            replace(post, event=PostEvent.EDITED)
            for post in found
            if post.event is PostEvent.EDITED or post.visibility is not Visibility.PUBLIC
        ]


def check_platform(platform: Platform, row: DeliveryRow, posts: Surroundings) -> Seen:
    """What a platform shows of the posts of a message: the customer's, and the answer's own, if any.

    Nothing of one that replies to no customer.

    Raises:
        Rejected: an answer would reach nobody; what to do instead is in the message.
        Retry: the platform does not answer, or hides the customer's post without saying why, or what it says
            cannot be read; nothing has gone out, so nobody has to find out whether it has.
    """
    asked = row.sends.in_reply_to
    if not asked or row.part:
        return Seen()
    own = posts.own if posts.own is not None and posts.own.platform == row.platform else None
    ids = [asked, *([own.external_id] if own else [])]
    known = {one.external_id: KnownPost(one.author_id, one.refs) for one in (posts.target, own) if one}
    try:
        looks = platform.fetch(ids, known)
    except PlatformError:
        raise
    except Exception as error:
        log.exception("posts could not be looked at before a reply", platform=platform.name)
        raise Retry(f"The look at the posts failed: {type(error).__name__}: {error}") from error
    found = {look.external_id: look for look in looks}
    seen = Seen(found.get(asked), found.get(own.external_id) if own else None)
    if seen.asked is not None and not seen.asked.gone:
        _check(seen.asked, posts.target.url if posts.target else None)
    return seen


def _check(asked: Lookup, url: str | None) -> None:
    """Raise Rejected or Retry where an answer to this post would reach nobody."""
    if asked.absence is Absence.UNKNOWN:
        raise Retry("The customer's post is not to be seen just now, and nobody says why.")
    where = f" Answer in another way, or send it again once that has changed: {url}" if url else ""
    if asked.absence is not None:
        raise Rejected(_UNSEEN[asked.absence] + where, Refusal(asked.absence), url)
    if not asked.takes_replies:
        raise Rejected(_CLOSED + where, Refusal.REPLIES_CLOSED, url)
