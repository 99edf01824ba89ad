"""Is a handle really kept by the server that claims it?

A server can say of itself whatever it likes: that its accounts are ``@somebody@another.example``. A handle is
believed only where its domain itself names that server (WebFinger, RFC 7033), or is the server's own.
"""

from http import HTTPStatus
from urllib.parse import quote, urlsplit

from bot.platforms.wire.http import Caller
from bot.posts import Refusal, Rejected


def check_home(caller: Caller, handle: str, base_url: str) -> None:
    """Raise Rejected("not_its_home") unless ``user@domain`` lives on the server at ``base_url``."""
    domain = handle.rpartition("@")[2].casefold()
    host = urlsplit(base_url).netloc.casefold()
    if domain == host:
        return
    resource = quote(f"acct:{handle}", safe=":@")
    answer = caller.call("GET", f"https://{domain}/.well-known/webfinger?resource={resource}")
    if answer.status in (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.PERMANENT_REDIRECT):
        # The usual way of a domain that leaves this question to its server: it points there.
        place = urlsplit(str(answer.headers.get("location", "")))
        if place.scheme == "https" and place.netloc.casefold() == host:
            return
    links = answer.mapping().get("links") if answer.ok else None
    own = [one for one in links or () if isinstance(one, dict) and one.get("rel") == "self"]
    if any(urlsplit(str(one.get("href", ""))).netloc.casefold() == host for one in own):
        return
    raise Rejected(
        f"{host} says that you are @{handle}, but {domain} does not say so. Link the account by a code.",
        Refusal.NOT_ITS_HOME,
    )
