"""What every platform speaks in here: posts coming in, posts going out, and four kinds of error.

The bottom of the bot floor: imports nothing of the project.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class PlatformName(StrEnum):
    """A feed we listen to and speak on."""

    X = "x"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    LOCAL = "local"
    GENERIC = "generic"


class Visibility(StrEnum):
    """Who may see a post. Only the first two ever pass towards the archive; unknown is PRIVATE."""

    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"
    PRIVATE = "private"

    @property
    def is_public(self) -> bool:
        """Whether anybody may read it without signing in or being followed."""
        return self in (Visibility.PUBLIC, Visibility.UNLISTED)

    @classmethod
    def least(cls, *stored: str | None) -> "Visibility":
        """The least visible of what is stored of several posts; what is missing or unknown is PRIVATE."""
        order = list(cls)
        ranks = [order.index(cls(one)) if one in order else len(order) - 1 for one in stored]
        return order[max(ranks)] if ranks else cls.PRIVATE


class PostEvent(StrEnum):
    """What happened to a post."""

    CREATED = "created"
    EDITED = "edited"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Author:
    """An account on a platform.

    ``id`` is the platform's immutable id (X: user id; Bluesky: DID; Mastodon: ``account-id@host``;
    local: the lower-case name), the only thing authority is ever tied to. ``handle`` has no leading @.
    """

    id: str
    handle: str = ""
    name: str = ""
    followers: int | None = None
    indexable: bool = True
    """False where the account asks not to be shown to people who are not signed in, or to search engines."""
    since: datetime | None = field(default=None, compare=False)
    """When the account was made, where the platform tells."""


@dataclass(frozen=True, slots=True)
class Mention:
    """An account that a post addresses; ``id`` as in ``Author.id`` where the platform tells it."""

    handle: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One message on a platform, normalised; its identity is (platform, external_id).

    ``text`` is plain text and everything the post says: a content warning in front, whole addresses where
    the platform shows words or a shortened link, a poll's choices at the end. ``in_reply_to`` is the external
    id of the post it answers, ``thread`` of the first post of the conversation where the platform tells it.
    ``refs`` holds what the adapter needs later to reply (Bluesky: ``cid``, ``root_uri``, ``root_cid``). A
    DELETED event carries the id alone.
    """

    platform: str
    external_id: str
    author: Author
    text: str = ""
    event: PostEvent = PostEvent.CREATED
    posted_at: datetime | None = None
    edited_at: datetime | None = None
    in_reply_to: str | None = None
    thread: str | None = None
    mentions: tuple[Mention, ...] = ()
    tags: tuple[str, ...] = ()
    language: str | None = None
    visibility: Visibility = Visibility.PRIVATE
    url: str | None = None
    is_repost: bool = False
    refs: Mapping[str, str] = field(default_factory=dict)
    warning: str = ""
    """The content warning its author put in front of the words; ``text`` begins with it."""
    choices: tuple[str, ...] = ()
    """What a poll lets people choose from; ``text`` ends with them."""
    pictures: tuple[str, ...] = ()
    """One description for each picture, film or sound attached; empty where its author gave none."""
    problem: str = ""
    """Why it could not be read, in words for the operator: it is stored as far as it was, and set aside for a
    person. So one post that an adapter cannot parse costs neither the others of its page nor the cursor."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to be published by the brand account, frozen before its first attempt.

    ``key`` is the deterministic idempotency key (Bluesky: the TID record key; others: a UUID) and
    ``created_at`` the time written into the record, the same in every attempt. ``in_reply_to`` is the
    external id replied to, ``refs`` that post's refs; ``thread_refs`` those of the conversation's root.
    """

    platform: str
    key: str
    text: str
    created_at: datetime
    in_reply_to: str | None = None
    refs: Mapping[str, str] = field(default_factory=dict)
    visibility: Visibility = Visibility.PUBLIC
    language: str | None = None
    warning: str = ""
    """A content warning to fold ``text`` behind, where the platform has such a thing."""
    repost_of: str | None = None
    """The external id to repost instead of publishing ``text``."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a platform accepted: its id, where people can see it, and what replies to it will need."""

    external_id: str
    url: str | None = None
    refs: Mapping[str, str] = field(default_factory=dict)


class Absence(StrEnum):
    """Why a post is not to be seen. What was deleted is gone for good; everything else may pass."""

    DELETED = "deleted"
    ACCOUNT_DELETED = "account_deleted"
    DEACTIVATED = "deactivated"
    """Its author has put the account to rest."""
    TAKEN_DOWN = "taken_down"
    """Somebody in charge of a server has taken the post or its author's account down."""
    BLOCKED = "blocked"
    """Its author has blocked the brand's account, or the other way round."""
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        """Whether the post never comes back."""
        return self in (Absence.DELETED, Absence.ACCOUNT_DELETED)


@dataclass(frozen=True, slots=True)
class KnownPost:
    """What we know of a post that a platform is asked about: its author's id, and its ``refs``."""

    author_id: str = ""
    refs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a platform says of a post: there (``post``), ``gone`` for good, or not to be seen (``absence``).

    One that is there may be closed to the brand's replies: its author lets only others answer.
    """

    external_id: str
    gone: bool
    post: Post | None = None
    absence: Absence | None = None
    takes_replies: bool = True

    @classmethod
    def missing(cls, external_id: str, why: Absence) -> "Lookup":
        """The look-up of a post that is not to be seen."""
        return cls(external_id, why.is_final, absence=why)


class Read(StrEnum):
    """What a platform that charges for reading has let us read."""

    OWN = "own"
    """A mention of the brand, or one of its own posts."""
    POST = "post"
    """Any other post, events about posts included."""
    LISTENED = "listened"
    """A post that a search for the brand's words brought."""
    AGAIN = "again"
    """A post looked up again, to see whether it is still there."""
    USER = "user"
    """An account."""


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of posts in the order they happened, and the cursor from which to go on.

    ``more`` says that another call would bring more at once; ``cut`` that something was left out for good,
    for it was more than was asked for.
    """

    posts: tuple[Post, ...]
    cursor: str | None
    more: bool = False
    cut: bool = False


class PlatformError(Exception):
    """Something a platform did not do. ``str(error)`` is written for the operator."""


class Retry(PlatformError):
    """Certainly not accepted; worth trying again, not before ``at`` (aware, UTC) where it is known."""

    def __init__(self, message: str, at: datetime | None = None) -> None:
        super().__init__(message)
        self.at = at


class TooLong(Retry):
    """What was asked for does not fit one answer: fewer things at once may."""


class Refusal(StrEnum):
    """Why something was refused for good, in one word: of a publication, a sign-in or a question for data."""

    REJECTED = "rejected"
    """No more is known."""
    HTTP = "http"
    """By a status of its own, which follows: ``http_400``."""
    SMTP = "smtp"
    """By a mail server's reply, which follows: ``smtp_550``."""
    NOT_FOUND = "not_found"
    GONE = "gone"
    """What it replies to, or is about, is not there any more."""
    NOT_PERMITTED = "not_permitted"
    """Not to an app; a person may be able to."""
    INVALID = "invalid"
    TOO_LONG = "too_long"
    DUPLICATE = "duplicate"
    """The platform takes no second post of this text."""
    CONFLICT = "conflict"
    """Another record has this key."""
    CASHTAGS = "cashtags"
    NOT_PUBLIC = "not_public"
    UNSUPPORTED = "unsupported"
    """The platform does not offer this at all."""
    TOO_DEAR = "too_dear"
    """The budget never has room for it."""
    REPLIES_CLOSED = "replies_closed"
    DELETED = "deleted"
    ACCOUNT_DELETED = "account_deleted"
    DEACTIVATED = "deactivated"
    TAKEN_DOWN = "taken_down"
    BLOCKED = "blocked"
    """This and the four above: why the customer's post is not to be seen (``Absence``)."""
    UNKNOWN_ACCOUNT = "unknown_account"
    HANDLE_MISMATCH = "handle_mismatch"
    NO_HOME = "no_home"
    """An identity names no server that could be called."""
    NOT_ITS_HOME = "not_its_home"
    NOT_BLUESKY = "not_bluesky"
    NOT_MASTODON = "not_mastodon"
    REFUSED = "refused"
    """A sign-in or an app's registration."""
    CANNOT_PROVE = "no_secret"
    """A webhook is checked, and no secret is set to answer with."""
    NO_CHALLENGE = "no_token"
    """A webhook's check brought nothing to answer."""
    ADDRESS = "address"
    """Mail cannot go there."""
    UNAUTHORISED = "unauthorised"


class Rejected(PlatformError):
    """Refused for good; ``code`` says why in one word, with the ``status`` it was refused by, if any.

    ``link``, where there is one, leads a person to where they can post it by hand; the message holds it too.
    """

    def __init__(
        self,
        message: str,
        code: Refusal = Refusal.REJECTED,
        link: str | None = None,
        *,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = str(code) if status is None else f"{code}_{status}"
        self.link = link


class Ambiguous(PlatformError):
    """Nobody can tell whether it was accepted: it has to be read back before anything else."""


class Reconnect(PlatformError):
    """The account's permission is gone or used up; a person has to connect it again."""


class Forged(PlatformError):
    """A webhook without a valid signature."""


class Malformed(PlatformError):
    """A webhook's body is not what the platform sends; ``str(error)`` says what is wrong with it."""
