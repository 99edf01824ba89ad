"""Who may see a publication: nobody who may not see both the question and the answer.

What is not known to be public (or unlisted) is never published, whoever approves it, and never archived.
"""

from dataclasses import dataclass
from typing import Self

from bot.posts import Visibility
from bot.store.conversations.publications import Surroundings, surroundings
from bot.store.engine import Session
from bot.store.tables.conversations import PostRow, QuestionRow
from routing.model.phrases import phrase

_ASKED = {
    Visibility.FOLLOWERS: phrase(
        "The customer wrote for followers only, so no answer to it is published. Answer by hand: write to "
        "them from the brand's account, where only they can read it."
    ),
    Visibility.PRIVATE: phrase(
        "The customer wrote in private, or nobody can tell who may see it, so no answer to it is published. "
        "Answer by hand: write to them from the brand's account, where only they can read it."
    ),
}
_WRITTEN = {
    Visibility.FOLLOWERS: phrase(
        "This was posted for followers only, so it is not published. To have it published, its author posts "
        "it again in public, with the tag, or writes it at the desk."
    ),
    Visibility.PRIVATE: phrase(
        "This was posted in private, or nobody can tell who may see it, so it is not published. To have it "
        "published, its author posts it again in public, with the tag, or writes it at the desk."
    ),
}
PRIVATE_QUESTION = phrase("A private message: please answer it by hand.")
"""The note of a question that nobody's answer to can be published."""

HOLDS_PERSONAL_DATA = phrase("Holds personal data: please do not repeat it in an answer.")
"""The note of a question that can be answered in public and not be quoted there."""

PRIVATE_ANSWER = (
    "It was not posted in public, so it is not published: its author can post it again in public, with the "
    "tag, as a reply to the customer's post, or write it at the desk."
)
"""What people in charge read of a private tagged post that belongs to no question."""


@dataclass(frozen=True, slots=True)
class Audience:
    """How visible the customer's side of a conversation is, and an answer's own post."""

    asked: Visibility
    written: Visibility = Visibility.PUBLIC

    @classmethod
    def of(cls, session: Session, question: QuestionRow, own: PostRow | None = None) -> Self:
        """As things stand. ``own`` is the tagged post that an answer comes from, None at the desk."""
        return cls.among(surroundings(session, question, own))

    @classmethod
    def among(cls, posts: Surroundings) -> Self:
        """Of the opening post, the one the brand replies to, and the one that the answer's own replies to."""
        opening, target, own, above = posts.opening, posts.target, posts.own, posts.above
        asked = [opening.visibility if opening else None, target.visibility if target else None]
        if above is not None and above.deleted_at is None:
            asked.append(above.visibility)
        return cls(Visibility.least(*asked), Visibility.least(own.visibility) if own else Visibility.PUBLIC)

    @property
    def visibility(self) -> Visibility:
        """The most visible that a publication may be."""
        return Visibility.least(self.asked, self.written)

    @property
    def why_not(self) -> str | None:
        """Why nothing may be published, and what to do instead; None where something may."""
        if not self.asked.is_public:
            return _ASKED[self.asked]
        if not self.written.is_public:
            return _WRITTEN[self.written]
        return None
