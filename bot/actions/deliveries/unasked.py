"""A reply to somebody who has not addressed the brand, where the platform takes none from an app.

X lets an app reply only to who mentioned or quoted its account (docs.x.com, developer policy on automated
replies): a person posts it by hand, with everything filled in.
"""

from bot.platforms.registry import traits_of
from bot.posts import Refusal, Rejected
from bot.store.conversations.publications import About
from bot.store.tables.conversations import DeliveryRow


def check_asked(row: DeliveryRow, about: About) -> None:
    """Raise Rejected, with the link to post by hand, where no app may send this."""
    by_hand = traits_of(row.platform).by_hand
    if by_hand is None or about.question is None or not about.question.unasked or row.part:
        return
    link = by_hand(row.sends.in_reply_to, row.sends.text)
    raise Rejected(
        "The customer has not addressed the brand, and the platform lets an app reply to nobody else. "
        f"By hand: {link}",
        Refusal.NOT_PERMITTED,
        link,
    )
