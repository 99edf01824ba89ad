"""Requests that miss a page by little, and the page that is meant."""

import re
from urllib.parse import quote

from fastapi import Request
from starlette.routing import Match

_PAGES_OF_DEEDS = (
    (re.compile(r"/desk/(link|accounts|pause|resume)(/.*)?"), "/desk/profile"),
    (re.compile(r"/admin/posts/[^/]*/(match|set-aside)"), "/admin/answers"),
    (re.compile(r"/admin/entries/.*"), "/admin/review"),
    (re.compile(r"/sign-out"), "/sign-in"),
)
"""Where the forms stand that are sent to these addresses, if not on a page just above."""


def without_slash(request: Request) -> str | None:
    """The same address without the slash at its end, where there is such a page; None otherwise.

    Not left to the framework, which would name whatever host the request claims to have been sent to.
    """
    path = request.url.path
    if not path.endswith("/") or path.strip("/") == "":
        return None
    bare = "/" + path.strip("/")
    if not _is_page(request, bare, request.method):
        return None
    return quote(bare) + (f"?{request.url.query}" if request.url.query else "")


def page_above(request: Request) -> str | None:
    """The page for somebody who opens an address that only takes a form, like a preview's; None for none."""
    path = request.url.path
    if request.method != "GET":
        return None
    for deed, page in _PAGES_OF_DEEDS:
        if deed.fullmatch(path):
            return page
    while path := path.rpartition("/")[0]:
        if _is_page(request, path, "GET"):
            return quote(path)
    return None


def _is_page(request: Request, path: str, method: str) -> bool:
    scope = {**request.scope, "path": path, "method": method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)
