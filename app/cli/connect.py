"""``chorus connect``: walk through a platform's keys, check them, keep them encrypted. Posts nothing."""

import os
import secrets
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qs, urlsplit

import typer

from app.cli.opening import clock, open_database, say
from app.files.text_files import read_text
from app.identity.connecting import Connected, NotConnected, connect_bluesky, connect_mastodon, connect_x
from app.wiring.environment import UnusableSettings
from app.wiring.keys import secret_key
from app.wiring.platforms import x_account
from app.wiring.setting_values import is_loopback, server_address
from app.wiring.settings import MastodonSettings, Settings, load_settings
from bot.platforms.accounts import example_account
from bot.platforms.base import Clock
from bot.posts import PlatformError
from bot.store.engine import Database
from bot.store.house import audit

_BACK = "/admin/connections/back"


class Where(StrEnum):
    """A platform that can be connected."""

    X = "x"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"


def connect(
    platform: Annotated[Where, typer.Argument(help="Which platform.")],
    server: Annotated[
        str | None,
        typer.Option(help="Mastodon: the brand's server. Bluesky: the account's, if not Bluesky's."),
    ] = None,
    token: Annotated[
        str | None, typer.Option(help="Mastodon: a token you made, instead of signing in. - reads it.")
    ] = None,
    handle: Annotated[str | None, typer.Option(help="Bluesky: the brand's handle.")] = None,
    app_password: Annotated[
        str | None, typer.Option(help="Bluesky: an app password. - reads it; asked for when left out.")
    ] = None,
) -> None:
    """Connect the brand's account on a platform: check the keys, keep them encrypted. Posts nothing."""
    settings, new = _with(load_settings(), platform, server, handle)
    secret_key(settings)
    database = open_database(settings)
    try:
        match platform:
            case Where.MASTODON:
                connected = _mastodon(settings, database, token)
            case Where.BLUESKY:
                connected = _bluesky(settings, database, app_password)
            case Where.X:
                connected = _x(settings, database)
    except (NotConnected, PlatformError) as error:
        raise UnusableSettings(f"Not connected: {error}") from error
    with database.write() as session:
        detail = {"account": connected.account.handle}
        audit.append(session, "operator", "connect", platform, detail, clock(database, session))
    database.close()
    _tell(platform, connected, new)


def _with(
    settings: Settings, platform: Where, server: str | None, handle: str | None
) -> tuple[Settings, dict[str, str]]:
    """The settings together with what was given or asked here, and which of them are new."""
    new: dict[str, str] = {}
    if platform is Where.MASTODON and (server or not settings.mastodon.base_url):
        given = server or typer.prompt("The brand's server, like https://mastodon.example", err=True)
        new["CHORUS_MASTODON__BASE_URL"] = _address(given)
    if platform is Where.BLUESKY:
        if server:
            new["CHORUS_BLUESKY__SERVICE"] = _address(server)
        if handle or not settings.bluesky.identifier:
            given = handle or typer.prompt("The brand's handle, like brand.example.com", err=True)
            new["CHORUS_BLUESKY__IDENTIFIER"] = given.strip().lstrip("@")
    settings = load_settings({**os.environ, **new})
    _check_loopback(settings, platform)
    return settings, new


def _check_loopback(settings: Settings, platform: Where) -> None:
    """A server on this machine is called where a setting allows it, and nowhere else."""
    group = settings.mastodon if platform is Where.MASTODON else settings.bluesky
    address = group.base_url if isinstance(group, MastodonSettings) else group.service
    if platform is Where.X or not address or not is_loopback(address) or group.allow_loopback:
        return
    raise UnusableSettings(
        f"{address} is this machine, and only public servers are called. To try things out, set "
        f"CHORUS_{platform.upper()}__ALLOW_LOOPBACK=true."
    )


def _mastodon(settings: Settings, database: Database, token: str | None) -> Connected:
    given = _read(token)
    tokens = {"access_token": given} if given else _mastodon_sign_in(settings, database)
    return connect_mastodon(settings, database, _time(database), tokens)


def _mastodon_sign_in(settings: Settings, database: Database) -> dict[str, str]:
    from bot.platforms.mastodon.auth import authorize_url, exchange_code, register_app
    from bot.platforms.wire.http import Caller

    server = settings.mastodon.base_url or ""
    host = urlsplit(server).netloc
    caller = Caller(server, host, _time(database), allow_loopback=settings.mastodon.allow_loopback)
    try:
        app = register_app(caller, server, name=f"Chorus of {settings.brand_name}")
        say("1. Open this address in a browser, sign in as the brand, and allow it:")
        say(f"\n   {authorize_url(app)}\n")
        code = typer.prompt("2. Paste the code that is shown then", err=True)
        return exchange_code(caller, app, code)
    finally:
        caller.close()


def _bluesky(settings: Settings, database: Database, app_password: str | None) -> Connected:
    group = settings.bluesky
    known = group.app_password.get_secret_value() if group.app_password is not None else ""
    password = _read(app_password) or known
    if not password:
        say("Make an app password on Bluesky: Settings, Privacy and security, App passwords.")
        password = _secret("The app password")
    return connect_bluesky(settings, database, _time(database), group.identifier or "", password)


def _x(settings: Settings, database: Database) -> Connected:
    group = settings.x
    if group.consumer_key and group.access_token and group.access_token_secret:
        say("Checking the OAuth 1.0a tokens of the settings.")
        tokens = {
            "oauth_token": group.access_token.get_secret_value(),
            "oauth_token_secret": group.access_token_secret.get_secret_value(),
        }
        return connect_x(settings, database, _time(database), tokens)
    if not group.client_id:
        raise NotConnected(
            "X needs an app of your own. In X's developer console (https://console.x.com) make one, turn on "
            f"user authentication with “Read and write”, and give {settings.base_url}{_BACK} as its callback "
            "address. Then set CHORUS_X__CLIENT_ID and, for a confidential app, CHORUS_X__CLIENT_SECRET; or, "
            "for OAuth 1.0a, CHORUS_X__CONSUMER_KEY, CHORUS_X__CONSUMER_SECRETS, CHORUS_X__ACCESS_TOKEN and "
            "CHORUS_X__ACCESS_TOKEN_SECRET. Run this again."
        )
    return connect_x(settings, database, _time(database), _x_sign_in(settings, database))


def _x_sign_in(settings: Settings, database: Database) -> dict[str, str]:
    from bot.platforms.wire.http import Caller
    from bot.platforms.x.access.auth import begin, finish

    account, redirect_uri, now = x_account(settings), f"{settings.base_url}{_BACK}", _time(database)
    going = begin(account, redirect_uri)
    say(f"The app's callback address in X's developer console has to be {redirect_uri}")
    say("1. Open this address in a browser in which you are signed in as the brand, and allow it:")
    say(f"\n   {going.url}\n")
    answer = typer.prompt("2. Paste the whole address at which you are then", err=True)
    told = {name: values[0] for name, values in parse_qs(urlsplit(answer.strip()).query).items()}
    if not secrets.compare_digest(told.get("state", "").encode(), going.state.encode()):
        raise NotConnected("That address belongs to another sign-in. Run this again and paste the new one.")
    if "code" not in told:
        raise NotConnected("X did not give the permission. Run this again and allow it there.")
    caller = Caller(account.base_url, "X", now, allow_loopback=account.allow_loopback)
    try:
        return finish(
            caller, account, code=told["code"], verifier=going.verifier, redirect_uri=redirect_uri, now=now()
        )
    finally:
        caller.close()


def _tell(platform: Where, connected: Connected, new: dict[str, str]) -> None:
    say(f"Connected as @{connected.account.handle}. Nothing was posted.")
    for note in connected.notes:
        say(f"- {note}")
    if new:
        _remember(new)
        say(f"- {' and '.join(new)} {'was' if len(new) == 1 else 'were'} added to .env here.")
    example = example_account([platform])
    say("\nNext: add who answers, then start (or restart) Chorus:")
    say(f'   chorus employee add "Jane Doe" --email jane@example.com --identity {example} --topic tv')
    say("   chorus serve")


def _remember(new: dict[str, str]) -> None:
    """Put settings that were given here where the next command finds them; the last line of a name wins."""
    path = Path.cwd() / ".env"
    there = read_text(path) if path.is_file() else ""
    kept = [line for line in there.splitlines() if line.partition("=")[0].strip() not in new]
    path.touch(mode=0o600)
    path.write_text("\n".join([*kept, *(f"{name}={value}" for name, value in new.items())]) + "\n", "utf-8")


def _address(text: str) -> str:
    address = server_address(text)
    if address is None:
        raise UnusableSettings(f"“{text}” is no server's address. Write it like https://mastodon.example.")
    return address


def _read(text: str | None) -> str:
    """An option's value; ``-`` reads one line, so that a secret needs not be on the command line."""
    return _secret("") if text == "-" else (text or "").strip()


def _secret(label: str) -> str:
    """A secret that is typed unseen at a terminal, or comes in by a pipe as it is."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    return str(typer.prompt(label, prompt_suffix=": " if label else "", hide_input=True, err=True)).strip()


def _time(database: Database) -> Clock:
    def now() -> datetime:
        with database.read() as session:
            return clock(database, session)

    return now
