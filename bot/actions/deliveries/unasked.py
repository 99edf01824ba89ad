"""A reply to somebody who has not addressed the brand, where the platform takes none from an app.

X lets an app reply only to who mentioned or quoted its account (docs.x.com, developer policy on automated
replies): a person posts it by hand, with everything filled in.
"""

from bot.platforms.base import Platform
from bot.platforms.registry import traits_of
from bot.posts import Author, Refusal, Rejected
from bot.states import AnswerKind
from bot.store.conversations.publications import About
from bot.store.tables.conversations import DeliveryRow, PostRow
from routing.model.text import mentions


def addresses(post: PostRow, brand: Author) -> bool:
    """Whether a post addresses the brand: by account where the platform tells, else by its handle."""
    handle = brand.handle.casefold()
    named = [*(one.handle for one in post.addressed), *mentions(post.text)]
    return any(one.id == brand.id for one in post.addressed if one.id) or any(
        name.casefold() in (handle, handle.partition("@")[0]) for name in named
    )


def link_by_hand(platform: Platform, post: PostRow, text: str) -> str:
    """Where a person replies to a post by hand, for no app may; empty where one may.

    Raises PlatformError where the platform does not tell now who the brand is there.
    """
    by_hand = platform.traits.by_hand
    return by_hand(post.external_id, text) if by_hand and not addresses(post, platform.brand()) else ""


def check_asked(row: DeliveryRow, about: About, platform: Platform) -> None:
    """Raise Rejected, with the link to post by hand, where no app may send this. Raises PlatformError."""
    by_hand, target = traits_of(row.platform).by_hand, about.posts.target
    if by_hand is None or about.question is None or row.part:
        return
    if about.answer is not None and about.answer.kind == AnswerKind.ENDORSEMENT:
        link = link_by_hand(platform, target, row.sends.text) if target is not None else ""
    else:
        link = by_hand(row.sends.in_reply_to, row.sends.text) if about.question.unasked else ""
    if link:
        raise Rejected(
            "Its author has not addressed the brand, and the platform lets an app reply to nobody else. "
            f"By hand: {link}",
            Refusal.NOT_PERMITTED,
            link,
        )
