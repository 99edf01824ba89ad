"""What a bridge sends us: the shape of the generic feed's webhooks, and their posts in our own words."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bot.posts import Author, Lookup, Mention, PlatformName, Post, PostEvent, Visibility
from bot.text.language import language_code
from bot.text.times.timestamps import in_utc
from bot.wording.attachments import whole

MOST_POSTS = 100
MOST_FOLLOWERS = 2**31 - 1
_LONGEST_ID = 512
_LONGEST_SUBTAG = 8  # RFC 5646, 2.1


def _storable(value: str) -> str:
    if "\0" in value:
        raise ValueError("must not hold NUL characters")
    return value


def _datable(value: datetime) -> datetime:
    at = in_utc(value)
    if at is None:
        raise ValueError("must lie between the years 2 and 9998; leave it out where it is not known")
    return at


def _language(value: str) -> str:
    if not value.isascii() or len(value.partition("-")[0]) > _LONGEST_SUBTAG:
        raise ValueError(
            "must be a language tag like en or pt-BR (BCP 47); leave it out where it is not known"
        )
    return _storable(value)


IdField = Annotated[str, Field(min_length=1, max_length=_LONGEST_ID), AfterValidator(_storable)]
LineField = Annotated[str, Field(max_length=512), AfterValidator(_storable)]
Text = Annotated[str, Field(max_length=20_000), AfterValidator(_storable)]
Moment = Annotated[AwareDatetime, AfterValidator(_datable)]
Language = Annotated[str, Field(max_length=35), AfterValidator(_language)]
UrlField = Annotated[str, Field(max_length=2048, pattern=r"^https?://[^\s\x00-\x1f]+$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GenericAuthor(_Model):
    """Who wrote a post. Authority is tied to ``id`` alone, which must never change hands."""

    id: IdField
    handle: LineField = ""
    name: LineField = ""
    followers: int | None = Field(default=None, ge=0, le=MOST_FOLLOWERS)
    indexable: bool = True
    """False where the account asks not to be shown to people who are not signed in."""


class GenericMention(_Model):
    """An account that a post addresses."""

    handle: LineField
    id: IdField | None = None


class GenericPost(_Model):
    """One post, or what happened to one. Of a deletion only ``id`` is kept."""

    id: IdField
    event: PostEvent = PostEvent.CREATED
    author: GenericAuthor
    text: Text = ""
    """Plain text, no mark-up, without the content warning and the choices of a poll."""
    warning: LineField = ""
    """A content warning that the feed folds the text behind."""
    choices: tuple[LineField, ...] = Field(default=(), max_length=50)
    """What a poll lets people choose from."""
    pictures: tuple[Text, ...] = Field(default=(), max_length=50)
    """One description for each picture, film or sound attached; empty where there is none."""
    posted_at: Moment | None = None
    edited_at: Moment | None = None
    in_reply_to: IdField | None = None
    thread: IdField | None = None
    mentions: tuple[GenericMention, ...] = Field(default=(), max_length=200)
    tags: tuple[LineField, ...] = Field(default=(), max_length=200)
    language: Language | None = None
    visibility: Visibility = Visibility.PRIVATE
    """Only ``public`` and ``unlisted`` posts are published and archived."""
    url: UrlField | None = None
    is_repost: bool = False


class GenericBatch(_Model):
    """What ``POST /webhooks/generic`` takes: 1 to 100 posts, all of them or none."""

    posts: tuple[GenericPost, ...] = Field(min_length=1, max_length=MOST_POSTS)


class GenericLookup(BaseModel):
    """What the bridge says of one post it was asked about; further fields are ignored."""

    id: str
    gone: bool
    post: GenericPost | None = None


class _LookedUp(BaseModel):
    """What can be told of a post although the rest of it is not as described."""

    id: str
    gone: bool = False


class GenericLookups(BaseModel):
    """The bridge's answer to ``posts.lookup``; each of the posts is read by itself."""

    posts: tuple[Any, ...]


def is_id(value: object) -> bool:
    """Whether this can be the id of a post."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_ID and "\0" not in value


def mistake(error: ValidationError) -> str:
    """The first mistake, and its place."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(step) for step in first["loc"]) or "body"
    return f"{place}: {first['msg']}"


def looked_up(told: object) -> Lookup | None:
    """What the bridge says of one post: one that is not as described is handed on with its problem.

    None where it does not even say of which post.
    """
    try:
        one = GenericLookup.model_validate(told)
    except ValidationError as error:
        return _unread(told, mistake(error))
    return Lookup(one.id, one.gone, normalised(one.post) if one.post and not one.gone else None)


def _unread(told: object, why: str) -> Lookup | None:
    try:
        one = _LookedUp.model_validate(told)
    except ValidationError:
        return None
    problem = f"The feed's bridge sent it in a way that cannot be read. {why}"
    post = Post(PlatformName.GENERIC.value, one.id, Author(""), problem=problem)
    return Lookup(one.id, one.gone, None if one.gone else post)


def normalised(post: GenericPost) -> Post:
    """The post as the bot knows it; of a deletion nothing but the id and whose it was."""
    author = Author(
        id=post.author.id,
        handle=post.author.handle.lstrip("@"),
        name=post.author.name,
        followers=post.author.followers,
        indexable=post.author.indexable,
    )
    platform = PlatformName.GENERIC.value
    if post.event is PostEvent.DELETED:
        return Post(platform, post.id, author, event=post.event)
    return Post(
        platform=platform,
        external_id=post.id,
        author=author,
        text=whole(post.text, warning=post.warning.strip(), choices=post.choices),
        event=post.event,
        posted_at=post.posted_at,
        edited_at=post.edited_at,
        in_reply_to=post.in_reply_to,
        thread=post.thread,
        mentions=tuple(Mention(one.handle.lstrip("@"), one.id) for one in post.mentions),
        tags=tuple(tag.lstrip("#") for tag in post.tags),
        language=language_code(post.language),
        visibility=post.visibility,
        url=post.url,
        is_repost=post.is_repost,
        warning=post.warning.strip(),
        choices=post.choices,
        pictures=post.pictures,
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of an incoming webhook's body, for the documentation."""
    return GenericBatch.model_json_schema()
