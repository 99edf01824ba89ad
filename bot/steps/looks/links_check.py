"""Is a link still alive? Asked politely: HEAD, GET only where that does not tell, a few bytes at the most.

Only public addresses are called, every redirect is checked like the first address, and whatever does not
tell surely (a wall for robots, a limit) counts as alive: a wrong alarm costs somebody's time.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from bot.platforms.wire.http import USER_AGENT
from bot.platforms.wire.ssrf import PublicBackend
from bot.platforms.wire.transport import Wire, deadline
from bot.text.links import find_links

SECONDS = 15.0
"""The longest that one link may take, redirects included."""
_MOST_REDIRECTS = 5
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_ASK_AGAIN = frozenset(
    {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED}
)
"""What servers answer to HEAD although they would answer GET well."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class LinkResult:
    """What became of a link: ``problem`` says in words why it leads nowhere, None when it does not."""

    url: str
    problem: str | None


def links_of(text: str) -> list[str]:
    """The addresses in an answer, each once, as a browser would open them."""
    links = [link for link in find_links(text) if not link.is_file_name]
    found = [link.url if link.has_scheme else f"https://{link.url}" for link in links]
    return list(dict.fromkeys(found))


def host_of(url: str) -> str:
    """Whose server a link asks; empty where it is no web address."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


class LinkChecker:
    """Asks one link at a time. ``transport`` stands in for the network in tests."""

    def __init__(
        self, transport: httpx.BaseTransport | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._transport = transport
        self._clock = clock

    def check(self, url: str) -> LinkResult:
        """Follow a link to its end. Never raises."""
        transport = self._transport or Wire(PublicBackend())
        try:
            with deadline(self._clock() + SECONDS):
                return LinkResult(url, _follow(transport, url))
        except (httpcore.ConnectError, httpx.ConnectError) as error:
            return LinkResult(url, f"{host_of(url) or 'it'} cannot be reached ({error})")
        except (httpcore.TimeoutException, httpx.TimeoutException):
            return LinkResult(url, f"{host_of(url)} does not answer")
        except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError) as error:
            return LinkResult(url, f"{host_of(url)} does not answer properly ({error})")
        except (httpx.InvalidURL, ValueError, UnicodeError):
            return LinkResult(url, "it is no web address")
        finally:
            if self._transport is None:
                transport.close()


def _follow(transport: httpx.BaseTransport, url: str) -> str | None:
    for _ in range(_MOST_REDIRECTS + 1):
        status, location = _ask(transport, "HEAD", url)
        if status in _ASK_AGAIN or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            status, location = _ask(transport, "GET", url)
        if status not in _REDIRECTS or not location:
            return _problem(status)
        url = urljoin(url, location)
        if urlsplit(url).scheme not in ("http", "https"):
            return None  # it hands over to an app or a mail program
    return "it redirects in circles"


def _ask(transport: httpx.BaseTransport, method: str, url: str) -> tuple[int, str | None]:
    """Status and target of an answer; its body is not read."""
    headers = {"user-agent": USER_AGENT, "accept": "*/*"}
    if method == "GET":
        headers["range"] = "bytes=0-1023"
    timeout = httpx.Timeout(SECONDS).as_dict()
    # The transport itself, because a client would look into redirects, and stumble over some.
    response = transport.handle_request(
        httpx.Request(method, url, headers=headers, extensions={"timeout": timeout})
    )
    response.close()
    return response.status_code, response.headers.get("location")


def _problem(status: int) -> str | None:
    if status in _GONE:
        return f"the page is gone ({status})"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"its server fails ({status})"
    return None
