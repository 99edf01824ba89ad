"""Every setting of Chorus, with its meaning and default. ``.env.example`` lists the same names."""

import os
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from app.environment import PREFIX, UnusableSettings, gather, read
from bot.compose import CreditStyle
from bot.planner import BUDGETS


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


WindowsOfPosts = tuple[Annotated[str, Field(pattern=r"^(?:[1-9]\d{0,6}/[1-9]\d{0,3}[mhd]|none)$")], ...]
"""How many posts in how many minutes, hours or days: ``50/15m``."""


def _safe(platform: str) -> tuple[str, ...]:
    """The bounds that are safe on a platform, as they are written in settings."""
    return tuple(_written(window.posts, window.span) for window in BUDGETS[platform].windows)


def _written(posts: int, span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    for letter, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{posts}/{minutes // size}{letter}"
    return f"{posts}/{minutes}m"


class LocalSettings(_Group):
    """The feed that is built in."""

    enabled: bool | None = None
    """On by default unless another platform is configured."""
    handle: str = Field(default="brand", pattern=r"^[A-Za-z0-9_]{1,30}$")
    """The brand's name on the local feed, without @."""
    open_to_network: bool = False
    """Anyone can post as anyone there; by default only people on this machine may."""


class GenericSettings(_Group):
    """Any other feed, through signed webhooks both ways."""

    secrets: tuple[SecretStr, ...] = ()
    """Standard Webhooks secrets (``whsec_...``); two while you change them. Empty: the feed is off."""
    handle: str = "brand"
    """The brand's handle on that feed, without @."""
    account_id: str = "brand"
    """The id that the brand's own posts carry as their author."""
    publish_url: str | None = None
    """Where publications are sent; without it answers to this feed wait for a person."""
    longest_post: int = Field(default=500, ge=50, le=100_000)
    """The most characters a post of that feed may have."""
    most_posts: WindowsOfPosts = ("none",)
    """The most posts in a time of minutes, hours or days (m, h, d), like ``100/1h``; ``none``: no bound."""


class XSettings(_Group):
    """X. Keys come from the app's page in X's developer console; ``chorus connect x`` walks through them."""

    client_id: str | None = None
    """OAuth 2.0 client id; with it, ``chorus connect x`` signs the brand account in."""
    client_secret: SecretStr | None = None
    """OAuth 2.0 client secret, for a confidential app."""
    consumer_key: str | None = None
    """OAuth 1.0a consumer key (also called API key)."""
    consumer_secrets: tuple[SecretStr, ...] = ()
    """Consumer secrets: prove X's webhooks, and sign OAuth 1.0a calls. Two while one is replaced."""
    access_token: SecretStr | None = None
    """OAuth 1.0a user token of the brand account, with its secret below; not needed with OAuth 2.0."""
    access_token_secret: SecretStr | None = None
    """The secret that goes with the OAuth 1.0a user token."""
    bearer_token: SecretStr | None = None
    """The app's own token, for webhooks, subscriptions and the stream."""
    user_id: str | None = None
    """The brand account's id; asked from X when it is not set."""
    handle: str | None = None
    """The brand account's handle, without @; asked from X when it is not set."""
    query_length: int = Field(default=512, ge=128, le=4096)
    """How long a search may be on your plan."""
    poll_seconds: float = Field(default=60, ge=5)
    """Seconds between two looks at the mentions."""
    dollars_per_day: float = Field(default=5.0, ge=0)
    """The most spent on publishing in a day; 0: no limit."""
    dollars_per_month: float = Field(default=100.0, ge=0)
    """The most spent on publishing in a month; 0: no limit."""
    most_posts: WindowsOfPosts = _safe("x")
    """The most posts in a time of minutes, hours or days (m, h, d); ``none``: no bound."""
    price_reply: Decimal = Field(default=Decimal("0.010"), ge=0)
    """Dollars X asks for a reply to a post that mentions the brand."""
    price_post: Decimal = Field(default=Decimal("0.015"), ge=0)
    """Dollars X asks for any other post, such as the second part of a thread."""
    price_with_link: Decimal = Field(default=Decimal("0.200"), ge=0)
    """Dollars X asks for a post with a link in it."""
    base_url: str = "https://api.x.com"
    """Where X's API is."""

    @property
    def on(self) -> bool:
        """Whether enough is set to use X."""
        return bool(self.client_id or self.consumer_key)


class MastodonSettings(_Group):
    """Mastodon, GoToSocial and others that speak the same API."""

    base_url: str | None = None
    """The brand account's server, like https://mastodon.example."""
    client_id: str | None = None
    """The app's key, if you registered it by hand; ``chorus connect mastodon`` does it for you."""
    client_secret: SecretStr | None = None
    """The app's secret, if you registered it by hand."""
    access_token: SecretStr | None = None
    """The brand account's token; ``chorus connect mastodon`` stores one instead."""
    webhook_secrets: tuple[SecretStr, ...] = ()
    """Secrets of the server admin's webhooks, if you use those; two while one is replaced."""
    most_posts: WindowsOfPosts = _safe("mastodon")
    """The most posts in a time of minutes, hours or days (m, h, d); ``none``: no bound."""
    allow_loopback: bool = False
    """Let the server be on this machine, for trying things out."""

    @property
    def on(self) -> bool:
        """Whether enough is set to use it."""
        return self.base_url is not None


class BlueskySettings(_Group):
    """Bluesky and other servers of the AT Protocol."""

    identifier: str | None = None
    """The brand account's handle or DID."""
    app_password: SecretStr | None = None
    """An app password; ``chorus connect bluesky`` checks it."""
    service: str = "https://bsky.social"
    """The account's server, or Bluesky's entry door for accounts that live there."""
    plc_directory: str = "https://plc.directory"
    """Where the identities of accounts (did:plc) are looked up."""
    most_posts: WindowsOfPosts = _safe("bluesky")
    """The most posts in a time of minutes, hours or days (m, h, d); ``none``: no bound."""
    allow_loopback: bool = False
    """Let the servers be on this machine, for trying things out."""

    @property
    def on(self) -> bool:
        """Whether enough is set to use it."""
        return self.identifier is not None


class LadderSettings(_Group):
    """Who is asked, how many and for how long."""

    first: int = Field(default=3, ge=1, le=50)
    """People asked at first."""
    patience: float = Field(default=300, gt=0)
    """Seconds until more people are asked."""
    more: int = Field(default=6, ge=1, le=200)
    """People asked in addition at the second step."""
    everyone: int = Field(default=50, ge=1, le=5000)
    """The most people asked in addition when everyone who knows the topic is asked."""
    give_up_after: float = Field(default=28800, gt=0)
    """Seconds without anyone on duty after which a person in charge is called."""


class PublishSettings(_Group):
    """What is published in the brand's name, and how."""

    credit: CreditStyle = CreditStyle.FIRST_NAME
    """How the employee is credited: ``first_name``, ``initials``, ``full_name``, ``handle`` or ``none``."""
    domains: tuple[str, ...] = ()
    """The brand's own domains: links to others wait for a person."""
    contacts: tuple[str, ...] = ()
    """The brand's published phone numbers and mail addresses: answers may hold these."""
    region: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    """Where the brand's phone numbers are from, such as ``US`` or ``DE``: tells numbers apart."""
    blocked_words: tuple[str, ...] = ()
    """Answers with one of these words wait for a person."""
    max_parts: int = Field(default=6, ge=1, le=25)
    """The longest thread an answer may become."""
    approve_first: int = Field(default=0, ge=0)
    """How many answers of a newcomer a person approves first."""
    daily_limit: int = Field(default=0, ge=0)
    """Answers per employee and day that go out without approval; 0: no limit."""
    undo_window: float = Field(default=0, ge=0)
    """Seconds an answer waits before it goes out, so that its author can take it back."""
    start_paused: bool = False
    """Start with publishing paused, until a person resumes it."""
    unknown_to_person: bool = False
    """Leave deliveries with an unknown outcome to a person instead of sending what is not there again."""
    first_reply: bool = False
    """Answer at once with a link to the archive when a question has been answered before."""


class SearchSettings(_Group):
    """The archive's search."""

    meaning: bool = True
    """Search by meaning too, where the optional extra is installed."""
    model_directory: Path | None = None
    """A directory with model.onnx and tokenizer.json instead of the packaged model."""
    requests_per_minute: int = Field(default=120, ge=1)
    """Searches one client may make in a minute."""


class MailSettings(_Group):
    """Notices to employees by e-mail."""

    host: str | None = None
    """The mail server; without it nobody gets mail."""
    port: int = Field(default=587, ge=1, le=65535)
    """The mail server's port; on 465 the connection is encrypted from the start."""
    user: str | None = None
    """Who signs in at the mail server, if anybody has to."""
    password: SecretStr | None = None
    """The password for the mail server."""
    sender: str = "chorus@localhost"
    """The address that mail comes from."""
    starttls: bool = True
    """Encrypt the connection to the mail server, on any port but 465 by STARTTLS."""
    gather_seconds: float = Field(default=60, ge=0, le=600)
    """Seconds in which several questions for one person are collected into one mail."""


def _base_url(value: object) -> object:
    if not isinstance(value, str):
        return value
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError("should be an address like https://answers.example.com")
    return value.rstrip("/")


def _network(value: str) -> str:
    try:
        ip_network(value, strict=False)
    except ValueError:
        raise ValueError(f"{value!r} should be an address or a network like 10.0.0.0/8") from None
    return value


class Settings(_Group):
    """All settings. Environment names are ``CHORUS_`` plus the upper-case name, groups joined by ``__``."""

    database_url: str = "sqlite:///chorus.db"
    """Where everything is stored: ``sqlite:///file.db`` or ``postgresql+psycopg://user:password@host/name``."""
    brand_name: str = Field(default="Our brand", min_length=1, max_length=80)
    """The name on the pages."""
    tag: str = Field(default="#chorus", pattern=r"^#\w{1,40}$")
    """The tag that makes an employee's post an answer."""
    secret_key: SecretStr | None = None
    """At least 32 characters: signs sessions and encrypts the platforms' tokens."""
    old_secret_keys: tuple[SecretStr, ...] = ()
    """Former secret keys, still accepted for reading until ``chorus rotate-keys`` has run."""
    base_url: Annotated[str, BeforeValidator(_base_url)] = "http://127.0.0.1:8000"
    """The public address of this site."""
    data_directory: Path = Path("var")
    """Where disposable files go: search index, snapshots of what the experts know."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much is logged: ``debug``, ``info``, ``warning`` or ``error``."""
    log_format: Literal["json", "console"] = "json"
    """``json`` for machines, ``console`` for people."""
    trusted_proxies: tuple[Annotated[str, AfterValidator(_network)], ...] = ()
    """Addresses of reverse proxies whose X-Forwarded-For is believed."""
    metrics_token: SecretStr | None = None
    """When set, /metrics wants it as a bearer token; without it only this machine may read them."""
    timezone: str = "UTC"
    """The house's time zone, for pages and new employees."""
    notify_webhook: SecretStr | None = None
    """A Slack- or Teams-style incoming webhook for what people in charge should know."""
    local: LocalSettings = LocalSettings()
    generic: GenericSettings = GenericSettings()
    x: XSettings = XSettings()
    mastodon: MastodonSettings = MastodonSettings()
    bluesky: BlueskySettings = BlueskySettings()
    ladder: LadderSettings = LadderSettings()
    publish: PublishSettings = PublishSettings()
    search: SearchSettings = SearchSettings()
    mail: MailSettings = MailSettings()

    @model_validator(mode="after")
    def _known_database(self) -> Self:
        if not self.database_url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError(
                "database_url should start with sqlite:/// or postgresql+psycopg:// "
                f"(it starts with {self.database_url.split(':', 1)[0]!r})"
            )
        if self.secret_key is not None and len(self.secret_key.get_secret_value()) < 32:
            raise ValueError("secret_key should have at least 32 characters")
        return self

    @property
    def local_on(self) -> bool:
        """Whether the local feed is on."""
        if self.local.enabled is not None:
            return self.local.enabled
        return not (self.generic.secrets or self.x.on or self.mastodon.on or self.bluesky.on)


def load_settings(environment: Mapping[str, str] | None = None, directory: Path | None = None) -> Settings:
    """The settings of the environment and of ``.env`` in ``directory`` (default: the working directory).

    Raises UnusableSettings, which names every setting that is wrong and says what it should be.
    """
    environment = os.environ if environment is None else environment
    given = gather(environment, Path.cwd() if directory is None else directory)
    try:
        return Settings.model_validate(read(Settings, given))
    except ValidationError as error:
        raise UnusableSettings("\n".join(_explain(one) for one in error.errors())) from None


def _explain(problem: Mapping[str, object]) -> str:
    location = problem["loc"]
    path = (
        [str(part).upper() for part in location if isinstance(part, str)]
        if isinstance(location, tuple)
        else []
    )
    message = str(problem["msg"]).removeprefix("Value error, ")
    if not path:
        name, _, rest = message.partition(" ")
        return f"{PREFIX}{name.upper()} {rest}."
    shown = "" if "SECRET" in path[-1] or "PASSWORD" in path[-1] else f" (it is {problem.get('input')!r})"
    return f"{PREFIX}{'__'.join(path)}: {message}{shown}."
