"""What a Mastodon server says, in our words: statuses as posts, accounts as authors, HTML as text.

Pure. The field meanings are those of the client API's entities ``Status``, ``Account`` and
``Status::Mention``; GoToSocial and others send the same ones with fewer fields, so nothing but the ids is
taken for granted.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from bot.language import language_code
from bot.posts import Author, Mention, Post, PostEvent, Visibility

Json = Mapping[str, Any]

_VISIBILITIES = {
    "public": Visibility.PUBLIC,
    "unlisted": Visibility.UNLISTED,
    "private": Visibility.FOLLOWERS,
    "direct": Visibility.PRIVATE,
}
_WIRE_VISIBILITIES = {ours: wire for wire, ours in _VISIBILITIES.items()}
_BLOCKS = frozenset({"p", "div", "blockquote", "pre", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6"})
_UNSEEN = frozenset({"script", "style"})
_VOID = frozenset({"br", "img", "hr", "wbr", "input", "meta", "link"})
_SPACE = re.compile(r"[ \t\r\n\f]+")
_MANY_BREAKS = re.compile(r"\n{3,}")
_FULL_HANDLE = re.compile(r"@([\w.-]*\w)@[\w.:-]*\w")


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


class _Reader(HTMLParser):
    """Gathers the text of a status; character references are resolved last, in text only."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._skipping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._write("\n")
        elif self._skipping or tag in _UNSEEN or _is_quote_fallback(attrs):
            if tag not in _VOID:
                self._skipping.append(tag)
        elif tag in _BLOCKS:
            self._write("\n\n")
        elif tag == "li":
            self._write("\n- ")

    def handle_endtag(self, tag: str) -> None:
        if self._skipping:
            if tag == self._skipping[-1]:
                self._skipping.pop()
        elif tag in _BLOCKS:
            self._write("\n\n")

    def handle_data(self, data: str) -> None:
        self._write(_SPACE.sub(" ", data))

    def _write(self, piece: str) -> None:
        if not self._skipping:
            self.pieces.append(piece)


def _is_quote_fallback(attrs: Iterable[tuple[str, str | None]]) -> bool:
    """Whether an element only repeats a quoted post's link for clients that cannot show quotes."""
    return any(name == "class" and "quote-inline" in (value or "").split() for name, value in attrs)


def html_to_text(html: str) -> str:
    """The words of a status: ``<br>`` is a line break, a paragraph's end an empty line."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (line.strip(" ") for line in "".join(reader.pieces).split("\n"))
    return _MANY_BREAKS.sub("\n\n", "\n".join(lines)).strip()


def words_of(text: str) -> str:
    """What stays the same of a text whatever a server does to its marks, spaces, links and mentions.

    Servers shorten ``@user@host`` to ``@user`` and some read Markdown, so a published text is recognised by
    its letters and digits alone, and by all of it where it has none.
    """
    shortened = _FULL_HANDLE.sub(r"@\1", text)
    return "".join(filter(str.isalnum, shortened)).casefold() or shortened.strip()


def visibility_of(status: Json) -> Visibility:
    """Who may see a status; what is unknown here, and what stays on its server, counts as private."""
    known = _VISIBILITIES.get(str(status.get("visibility")), Visibility.PRIVATE)
    return Visibility.PRIVATE if status.get("local_only") and known.is_public else known


def wire_visibility(visibility: Visibility) -> str:
    """The API's word for one of ours."""
    return _WIRE_VISIBILITIES[visibility]


def time_of(value: object) -> datetime | None:
    """An ISO 8601 time in UTC, None where there is none or it cannot be read."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def author_from(account: Json, server: Server) -> Author:
    """An account as an author. Raises KeyError without an id."""
    followers = account.get("followers_count")
    return Author(
        id=server.account_id(str(account["id"])),
        handle=server.handle(str(account.get("acct") or account.get("username") or "")),
        name=str(account.get("display_name") or ""),
        followers=followers if isinstance(followers, int) and followers >= 0 else None,
        indexable=account.get("indexable") is not False and not account.get("noindex"),
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
    return Post(
        platform="mastodon",
        external_id=str(status["id"]),
        author=author,
        text=_text_of(status),
        event=event or (PostEvent.EDITED if edited_at else PostEvent.CREATED),
        posted_at=time_of(status.get("created_at")),
        edited_at=edited_at,
        in_reply_to=str(parent) if parent else None,
        mentions=tuple(_mentions_of(status, server)),
        tags=tuple(str(tag["name"]) for tag in status.get("tags") or () if tag.get("name")),
        language=language_code(status.get("language")),
        visibility=visibility_of(status),
        url=status.get("url") or status.get("uri"),
        is_repost=bool(status.get("reblog")),
        refs={"handle": author.handle},
    )


def deletion_of(status_id: str) -> Post:
    """The deletion of a status: its id is all that a server tells."""
    return Post("mastodon", status_id, Author(""), event=PostEvent.DELETED)


def _text_of(status: Json) -> str:
    """A status's words, behind those of its content warning where it has one."""
    content = html_to_text(str(status.get("content") or ""))
    warning = str(status.get("spoiler_text") or "").strip()
    return f"{warning}\n\n{content}".strip() if warning else content


def _mentions_of(status: Json, server: Server) -> Iterable[Mention]:
    for mention in status.get("mentions") or ():
        account_id = mention.get("id")
        handle = server.handle(str(mention.get("acct") or mention.get("username") or ""))
        yield Mention(handle, server.account_id(str(account_id)) if account_id else None)
