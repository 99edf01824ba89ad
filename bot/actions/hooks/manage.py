"""What people in charge do about endpoints: add, change, switch, try out, send again."""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.actions.people.details import Invalid
from bot.actions.undecidable import Undecidable
from bot.channels.trackers import NoSuchTracker, check_address
from bot.platforms.wire.ssrf import is_public
from bot.states import LISTENED, HookEndpointState, HookEvent, HookTemplate, MatterState
from bot.store import rows
from bot.store.engine import Session
from bot.store.hooks import endpoints, messages
from bot.store.hooks.endpoints import EndpointSecrets
from bot.store.hooks.outbox import new_key
from bot.store.row_locks import lock_row
from bot.store.sealing import Sealer
from bot.store.tables.hooks import HookEndpointRow, HookEventRow, HookMessageRow
from bot.store.tables.matters import MatterRow

BOTH_VALID = timedelta(days=1)
"""So long messages are signed with the former secret, too, once there is a new one."""
MOST_ENDPOINTS = 50
_MOST_FORMER = 5
"""With so many former secrets messages are signed at once."""
_LONGEST_URL = 1_000
_LONGEST_NAME = 80
_OF_TRACKERS = (HookEvent.MATTER_NOTICED,)
"""Events of which a tracker can make an issue by itself."""


@dataclass(frozen=True, slots=True)
class EndpointDetails:
    """An endpoint as somebody typed it; ``token`` is empty where it stays as it is."""

    name: str
    url: str
    template: str
    events: Sequence[str] = ()
    token: str = field(default="", repr=False)


def add(
    session: Session, given: EndpointDetails, sealer: Sealer, private_hosts: Sequence[str], now: datetime
) -> tuple[HookEndpointRow, str]:
    """A new endpoint, and the secret that signs its messages: empty for a tracker, which needs none.

    Raises Invalid.
    """
    events = _checked(given, private_hosts)
    if len(endpoints.listed(session)) >= MOST_ENDPOINTS:
        raise Invalid("name", f"There are {MOST_ENDPOINTS} endpoints already. Remove one first.")
    if given.template != HookTemplate.STANDARD and not given.token:
        raise Invalid("token", "A tracker needs a token that may open issues.")
    secret = new_secret() if given.template == HookTemplate.STANDARD else ""
    row = HookEndpointRow(
        name=given.name,
        url=given.url,
        template=given.template,
        events=events,
        sealed=sealer.seal(EndpointSecrets(secret, token=given.token).stored()),
        created_at=now,
    )
    endpoints.keep(session, row)
    return row, secret


def change(
    session: Session,
    row: HookEndpointRow,
    given: EndpointDetails,
    sealer: Sealer,
    private_hosts: Sequence[str],
) -> None:
    """Change an endpoint. Its form stays, and so does its token where none is given.

    To another site nothing goes that was given for the former one: it needs its token anew. Raises Invalid,
    Undecidable and Unreadable.
    """
    _lock_ours(session, row)
    row.events = _checked(given, private_hosts)
    moves = _site(given.url) != _site(row.url)
    if moves and row.template != HookTemplate.STANDARD and not given.token:
        raise Invalid("token", "Another site needs its own token: give it again.")
    row.name, row.url = given.name, given.url
    if given.token:
        kept = endpoints.opened(row.sealed, sealer)
        row.sealed = sealer.seal(EndpointSecrets(kept.secret, kept.previous, given.token).stored())
    row.rests_until = None
    endpoints.keep(session, row)


def rotate(session: Session, row: HookEndpointRow, sealer: Sealer, now: datetime) -> str:
    """A new secret, which is returned; for a day messages are signed with the former one, too.

    Nobody knows which one the endpoint has by now, so what was replaced within the day before signs as well.
    Raises Undecidable and Unreadable.
    """
    _lock_ours(session, row)
    if row.template != HookTemplate.STANDARD:
        raise Undecidable("A tracker's requests are not signed: give it another token instead.")
    kept, secret = endpoints.opened(row.sealed, sealer), new_secret()
    valid = kept.previous.split() if row.previous_until is not None and now < row.previous_until else []
    if len(valid) >= _MOST_FORMER:
        raise Undecidable("It had many new secrets within a day: use the latest, or wait for a day.")
    row.sealed = sealer.seal(EndpointSecrets(secret, " ".join([kept.secret, *valid]), kept.token).stored())
    row.previous_until = now + BOTH_VALID
    endpoints.keep(session, row)
    return secret


def switch(session: Session, row: HookEndpointRow, *, on: bool) -> None:
    """Switch an endpoint on or off. While it is off, nothing that happens is kept for it."""
    lock_row(session, row)
    if on:
        endpoints.works(row)
    else:
        row.state, row.problem = HookEndpointState.OFF, None
    endpoints.keep(session, row)


def remove(session: Session, row: HookEndpointRow) -> None:
    """Forget an endpoint with all its messages. Raises Undecidable."""
    _lock_ours(session, row)
    endpoints.remove(session, row)


def send_test(session: Session, row: HookEndpointRow, now: datetime) -> HookMessageRow:
    """Send an endpoint something that says that it is a test. Raises Undecidable."""
    return _to_one(session, row, HookEvent.TEST, row.id, now)


def open_issue(
    session: Session, row: HookEndpointRow, matter: MatterRow, title: str, text: str, now: datetime
) -> HookMessageRow:
    """Have a tracker make an issue of a matter, once; ``title`` and ``text`` are a person's words.

    Raises Undecidable.
    """
    lock_row(session, matter)
    if matter.state == MatterState.MERGED:
        raise Undecidable("This matter is part of another one: open the issue there.")
    if row.template == HookTemplate.STANDARD:
        raise Undecidable("This endpoint is no tracker.")
    there = [one for one, at in messages.issues_of_matter(session, matter.id) if at.id == row.id]
    if there:
        raise Undecidable("This tracker has an issue of this matter already, or is about to.")
    words = {"written_title": title.strip(), "written_text": text.strip()}
    detail = {name: value for name, value in words.items() if value}
    return _to_one(session, row, HookEvent.MATTER_ISSUE, matter.id, now, **detail)


def send_again(
    session: Session,
    row: HookEndpointRow,
    now: datetime,
    *,
    message_id: int | None = None,
    since: datetime | None = None,
) -> int:
    """Send once more under the ids that they had: one that is dead, all since a moment, or all that are dead.

    How many is returned. Raises Undecidable, also where there is nothing: somebody else was first.
    """
    lock_row(session, row)
    if row.state == HookEndpointState.OFF:
        raise Undecidable("This endpoint is off: switch it on first.")
    row.rests_until = None
    rows.keep(session, row)
    count = messages.again(session, row.id, now, message_id=message_id, since=since)
    if not count:
        raise Undecidable("Nothing is there to be sent again: it was taken, let go, or is on its way.")
    return count


def let_go(session: Session, row: HookEndpointRow) -> int:
    """Forget what it did not take: nobody sends that again. How many messages is returned.

    Raises Undecidable where there is nothing.
    """
    lock_row(session, row)
    count = messages.let_go(session, row.id)
    if not count:
        raise Undecidable("Nothing of this endpoint is given up any more.")
    return count


def new_secret() -> str:
    """A new secret as Standard Webhooks writes it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _to_one(
    session: Session, row: HookEndpointRow, event: HookEvent, subject: int, now: datetime, **detail: str
) -> HookMessageRow:
    lock_row(session, row)
    if row.state == HookEndpointState.OFF:
        raise Undecidable("This endpoint is off: switch it on first.")
    row.rests_until = None
    happened = HookEventRow(key=new_key(), kind=event, subject=subject, detail=detail, at=now)
    return messages.address(session, row.id, happened, now)


def _lock_ours(session: Session, row: HookEndpointRow) -> None:
    lock_row(session, row)
    if row.from_settings:
        raise Undecidable("The settings name this endpoint: change CHORUS_HOOKS__URL and _SECRET there.")


def _checked(given: EndpointDetails, private_hosts: Sequence[str]) -> list[str]:
    """The events that an endpoint is told of. Raises Invalid."""
    if not given.name or len(given.name) > _LONGEST_NAME:
        raise Invalid("name", f"Give it a name of 1 to {_LONGEST_NAME} characters.")
    if given.template not in list(HookTemplate):
        raise Invalid("template", "Choose what it is.")
    _check_address(given.url, private_hosts)
    try:
        check_address(given.template, given.url)
    except NoSuchTracker as error:
        raise Invalid("url", str(error)) from error
    if not given.token.isascii() or any(map(str.isspace, given.token)):
        raise Invalid("token", "A token has no blanks and no letters beyond ASCII: paste it again.")
    is_tracker = given.template != HookTemplate.STANDARD
    offered = _OF_TRACKERS if is_tracker else LISTENED
    events = [str(one) for one in offered if one in given.events]
    if not events and not is_tracker:
        raise Invalid("events", "Choose at least one event.")
    return events


def _check_address(url: str, private_hosts: Sequence[str]) -> None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if not host or port == 0 or len(url) > _LONGEST_URL or not url.isascii() or any(map(str.isspace, url)):
        raise Invalid("url", "Give a whole address, like https://hooks.example.com/chorus.")
    if parts.username or parts.password or parts.fragment:
        raise Invalid("url", "Leave out names, passwords and what follows a #.")
    if host in private_hosts and parts.scheme in ("http", "https"):
        return
    if parts.scheme != "https":
        raise Invalid("url", "Messages go out encrypted only: give an address that begins with https://.")
    if ":" in host or host.replace(".", "").isdigit() or host == "localhost":
        _check_number(host)


def _check_number(host: str) -> None:
    """Raise Invalid for a number that is no public address; names are looked up when something is sent."""
    if not is_public(host):
        raise Invalid(
            "url",
            f"{host} is not on the public internet. If it is meant, whoever runs this site names it in "
            "CHORUS_HOOKS__PRIVATE_HOSTS.",
        )


def _site(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
