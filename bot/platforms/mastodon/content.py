"""What a Mastodon server says, in our words: statuses as posts, accounts as authors.

Pure. The field meanings are those of the client API's entities ``Status``, ``Account`` and
``Status::Mention``; GoToSocial and others send the same ones with fewer fields, so nothing but the ids is
taken for granted.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.platforms.mastodon.markup import html_to_text
from bot.platforms.wire.timestamps import time_of
from bot.posts import Author, Mention, Post, PostEvent, Visibility
from bot.text.language import language_code
from bot.text.link_targets import with_addresses
from bot.text.links import find_links
from bot.wording.attachments import whole

Json = Mapping[str, Any]

_VISIBILITIES = {
    "public": Visibility.PUBLIC,
    "unlisted": Visibility.UNLISTED,
    "private": Visibility.FOLLOWERS,
    "direct": Visibility.PRIVATE,
}
_WIRE_VISIBILITIES = {ours: wire for wire, ours in _VISIBILITIES.items()}
_FULL_HANDLE = re.compile(r"@([\w.-]*\w)@[\w.:-]*\w")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Server:
    """Where statuses come from: account ids are only unique together with ``host``.

    ``host`` is the API's host; ``domain`` the one in handles, which an instance may set apart from it.
    """

    host: str
    domain: str

    def account_id(self, local_id: str) -> str:
        """The id an account of this server has everywhere in here: ``id@host``."""
        return f"{local_id}@{self.host}"

    def local_id(self, account_id: str) -> str | None:
        """The server's own id for an account; None for an account known by another server's id."""
        local, _, host = account_id.rpartition("@")
        return local if host == self.host and local else None

    def handle(self, acct: str) -> str:
        """``user@host`` for everybody: servers leave the host of their own accounts out."""
        name, _, host = acct.lstrip("@").partition("@")
        return f"{name}@{(host or self.domain).lower()}"


def words_of(text: str) -> str:
    """What stays the same of a text whatever a server does to its marks, spaces, links and mentions.

    Servers shorten ``@user@host`` to ``@user``, make links of bare addresses and some read Markdown, so a
    published text is recognised by its letters and digits alone, and by all of it where it has none.
    """
    shortened = _SCHEME.sub("", _FULL_HANDLE.sub(r"@\1", text))
    return "".join(filter(str.isalnum, shortened)).casefold() or shortened.strip()


def visibility_of(status: Json) -> Visibility:
    """Who may see a status; what is unknown here, and what stays on its server, counts as private."""
    known = _VISIBILITIES.get(str(status.get("visibility")), Visibility.PRIVATE)
    return Visibility.PRIVATE if status.get("local_only") and known.is_public else known


def wire_visibility(visibility: Visibility) -> str:
    """The API's word for one of ours."""
    return _WIRE_VISIBILITIES[visibility]


def author_from(account: Json, server: Server) -> Author:
    """An account as an author. Raises KeyError without an id."""
    followers = account.get("followers_count")
    return Author(
        id=server.account_id(str(account["id"])),
        handle=server.handle(str(account.get("acct") or account.get("username") or "")),
        name=str(account.get("display_name") or ""),
        followers=followers if isinstance(followers, int) and followers >= 0 else None,
        indexable=account.get("indexable") is not False and not account.get("noindex"),
        since=time_of(account.get("created_at")),
    )


def is_status(told: Json) -> bool:
    """Whether a server's object has what every status has."""
    account = told.get("account")
    return bool(told.get("id")) and isinstance(account, dict) and bool(account.get("id"))


def post_from(status: Json, server: Server, event: PostEvent | None = None) -> Post:
    """A status as a post. Raises KeyError without an id or an author.

    Without ``event`` it counts as edited when the server says that it was.
    """
    author = author_from(status["account"], server)
    edited_at = time_of(status.get("edited_at"))
    parent = status.get("in_reply_to_id")
    warning, choices = _words(status.get("spoiler_text")).strip(), tuple(_choices_of(status))
    return Post(
        platform="mastodon",
        external_id=str(status["id"]),
        author=author,
        text=_text_of(status, warning, choices),
        event=event or (PostEvent.EDITED if edited_at else PostEvent.CREATED),
        posted_at=time_of(status.get("created_at")),
        edited_at=edited_at,
        in_reply_to=str(parent) if parent else None,
        mentions=tuple(_mentions_of(status, server)),
        tags=tuple(str(tag["name"]) for tag in _listed(status, "tags") if tag.get("name")),
        language=language_code(status.get("language")),
        visibility=visibility_of(status),
        url=_words(status.get("url")) or _words(status.get("uri")) or None,
        is_repost=bool(status.get("reblog")),
        refs={"handle": author.handle},
        warning=warning,
        choices=choices,
        pictures=tuple(_words(one.get("description")) for one in _listed(status, "media_attachments")),
    )


def deletion_of(status_id: str) -> Post:
    """The deletion of a status: its id is all that a server tells."""
    return Post("mastodon", status_id, Author(""), event=PostEvent.DELETED)


def id_of(status: Json) -> str:
    """The id that a status, or something else of the server's, goes by."""
    return str(status.get("id"))


def _text_of(status: Json, warning: str, choices: Sequence[str]) -> str:
    """Everything a status says: behind its content warning, with what is linked and what may be chosen."""
    content = html_to_text(_words(status.get("content")))
    card = status.get("card")
    if isinstance(card, dict) and not find_links(content):  # a server makes the card of the first link
        content = with_addresses(content, [_words(card.get("url"))])
    return whole(content, warning=warning, choices=choices)


def _choices_of(status: Json) -> Iterable[str]:
    poll = status.get("poll")
    for option in _listed(poll, "options") if isinstance(poll, dict) else ():
        if title := _words(option.get("title")).strip():
            yield title


def _mentions_of(status: Json, server: Server) -> Iterable[Mention]:
    for mention in _listed(status, "mentions"):
        account_id = mention.get("id")
        handle = server.handle(str(mention.get("acct") or mention.get("username") or ""))
        yield Mention(handle, server.account_id(str(account_id)) if account_id else None)


def _listed(told: Json, name: str) -> list[Json]:
    items = told.get(name)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _words(value: object) -> str:
    return value if isinstance(value, str) else ""
