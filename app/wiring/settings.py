"""Every setting of Chorus, with its meaning and default. ``.env.example`` lists the same names."""

import os
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from app.wiring import trying_out
from app.wiring.environment import PREFIX, UnusableSettings, gather, group_of, read
from app.wiring.setting_values import (
    Address,
    Ascii,
    Contact,
    DatabaseUrl,
    Directory,
    Dollars,
    Domain,
    Handle,
    Host,
    Identifier,
    Key,
    ModelDirectory,
    Name,
    Network,
    Number,
    Region,
    Seconds,
    SecretAddress,
    SecretAscii,
    SecretToken,
    Sender,
    Server,
    Site,
    Switch,
    Tag,
    Token,
    WebhookSecret,
    WindowsOfPosts,
    Word,
    Zone,
)
from bot.platforms.registry import traits_of
from bot.wording.compose import MAX_PARTS, CreditStyle
from routing.ladder.policy import Policy

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


_POLICY = Policy()
_FIRST, _MORE, _EVERYONE = _POLICY.rungs


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


def _safe(platform: str) -> tuple[str, ...]:
    """The bounds that are safe on a platform, as they are written in settings."""
    return tuple(_written(window.posts, window.span) for window in traits_of(platform).budget.windows)


def _written(posts: int, span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    for letter, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{posts}/{minutes // size}{letter}"
    return f"{posts}/{minutes}m"


class LocalSettings(_Group):
    """The feed that is built in."""

    enabled: Switch | None = None
    """On by default unless another platform is configured."""
    handle: Handle = "brand"
    """The brand's name on the local feed, without @."""
    open_to_network: Switch = False
    """Anyone can post as anyone there; by default only people on this machine may."""


class GenericSettings(_Group):
    """Any other feed, through signed webhooks both ways."""

    secrets: tuple[WebhookSecret, ...] = ()
    """Standard Webhooks secrets (``whsec_...``); two while you change them. Empty: the feed is off."""
    handle: Name = "brand"
    """The brand's handle on that feed, without @."""
    account_id: Name = "brand"
    """The id that the brand's own posts carry as their author."""
    publish_url: Address | None = None
    """Where publications are sent; without it answers to this feed wait for a person."""
    longest_post: int = Field(default=500, ge=50, le=100_000)
    """The most characters a post of that feed may have."""
    most_posts: WindowsOfPosts = ("none",)
    """The most posts in a time of minutes, hours or days (m, h, d), like ``100/1h``; ``none``: no bound."""


class XSettings(_Group):
    """X. Keys come from the app's page in X's developer console; ``chorus connect x`` walks through them."""

    client_id: Token | None = None
    """OAuth 2.0 client id; with it, ``chorus connect x`` signs the brand account in."""
    client_secret: SecretToken | None = None
    """OAuth 2.0 client secret, for a confidential app."""
    consumer_key: Token | None = None
    """OAuth 1.0a consumer key (also called API key)."""
    consumer_secrets: tuple[SecretToken, ...] = ()
    """Consumer secrets: prove X's webhooks, and sign OAuth 1.0a calls. Two while one is replaced."""
    access_token: SecretToken | None = None
    """OAuth 1.0a user token of the brand account, with its secret below; not needed with OAuth 2.0."""
    access_token_secret: SecretToken | None = None
    """The secret that goes with the OAuth 1.0a user token."""
    bearer_token: SecretToken | None = None
    """The app's own token, for webhooks, subscriptions and the stream."""
    user_id: Number | None = None
    """The brand account's id; asked from X when it is not set."""
    handle: Handle | None = None
    """The brand account's handle, without @; asked from X when it is not set."""
    query_length: int = Field(default=512, ge=128, le=4096)
    """How long a search may be on your plan."""
    poll_seconds: float = Field(default=60, ge=5, le=86_400)
    """Seconds between two looks at the mentions."""
    dollars_per_day: Dollars = 5.0
    """The most spent in a day, on publishing and reading together; 0: no limit."""
    dollars_per_month: Dollars = 100.0
    """The most spent in a month, on publishing and reading together; 0: no limit."""
    most_posts: WindowsOfPosts = _safe("x")
    """The most posts in a time of minutes, hours or days (m, h, d); ``none``: no bound."""
    price_reply: Decimal = Field(default=Decimal("0.010"), ge=0, le=1_000)
    """Dollars X asks for a reply to a post that mentions the brand."""
    price_post: Decimal = Field(default=Decimal("0.015"), ge=0, le=1_000)
    """Dollars X asks for any other post, such as the second part of a thread."""
    price_with_link: Decimal = Field(default=Decimal("0.200"), ge=0, le=1_000)
    """Dollars X asks for a post with a link in it."""
    price_read_own: Decimal = Field(default=Decimal("0.001"), ge=0, le=1_000)
    """Dollars X asks for reading a mention or a post of the brand's own (its app's owner being the brand)."""
    price_read_post: Decimal = Field(default=Decimal("0.005"), ge=0, le=1_000)
    """Dollars X asks for reading any other post, and for an event about one; once a day."""
    price_read_user: Decimal = Field(default=Decimal("0.010"), ge=0, le=1_000)
    """Dollars X asks for reading an account; once a day."""
    base_url: Server = "https://api.x.com"
    """Where X's API is."""
    allow_loopback: Switch = False
    """Let X be a stand-in on this machine, like X's own playground, for trying things out."""

    @property
    def on(self) -> bool:
        """Whether enough is set to use X."""
        return bool(self.client_id or self.consumer_key)


class MastodonSettings(_Group):
    """Mastodon, GoToSocial and others that speak the same API."""

    base_url: Server | None = None
    """The brand account's server, like https://mastodon.example."""
    client_id: Token | None = None
    """The app's key, if you registered it by hand; ``chorus connect mastodon`` does it for you."""
    client_secret: SecretToken | None = None
    """The app's secret, if you registered it by hand."""
    access_token: SecretToken | None = None
    """The brand account's token; ``chorus connect mastodon`` stores one instead."""
    webhook_secrets: tuple[SecretToken, ...] = ()
    """Secrets of the server admin's webhooks, if you use those; two while one is replaced."""
    most_posts: WindowsOfPosts = _safe("mastodon")
    """The most posts in a time of minutes, hours or days (m, h, d); ``none``: no bound."""
    allow_loopback: Switch = False
    """Let the server be on this machine, for trying things out."""

    @property
    def on(self) -> bool:
        """Whether enough is set to use it."""
        return self.base_url is not None


class BlueskySettings(_Group):
    """Bluesky and other servers of the AT Protocol."""

    identifier: Identifier | None = None
    """The brand account's handle or DID."""
    app_password: SecretToken | None = None
    """An app password; ``chorus connect bluesky`` checks it."""
    service: Server = "https://bsky.social"
    """The account's server, or Bluesky's entry door for accounts that live there."""
    plc_directory: Server = "https://plc.directory"
    """Where the identities of accounts (did:plc) are looked up."""
    most_posts: WindowsOfPosts = _safe("bluesky")
    """The most posts in a time of minutes, hours or days (m, h, d); ``none``: no bound."""
    allow_loopback: Switch = False
    """Let the servers be on this machine, for trying things out."""

    @property
    def on(self) -> bool:
        """Whether enough is set to use it."""
        return self.identifier is not None


class LadderSettings(_Group):
    """Who is asked, how many and for how long."""

    first: int = Field(default=_FIRST.people, ge=1, le=50)
    """People asked at first."""
    patience: float = Field(default=_FIRST.patience.total_seconds(), gt=0, le=30 * 86_400)
    """Seconds until more people are asked; twice as long at the second step, three times at the third."""
    more: int = Field(default=_MORE.people, ge=1, le=200)
    """People asked in addition at the second step."""
    everyone: int = Field(default=_EVERYONE.people, ge=1, le=5000)
    """The most people asked in addition when everyone who knows the topic is asked."""
    give_up_after: float = Field(default=_POLICY.wait_for_duty.total_seconds(), gt=0, le=30 * 86_400)
    """Seconds a question may wait for somebody to come on duty; else a person in charge has it at once."""


class PublishSettings(_Group):
    """What is published in the brand's name, and how."""

    credit: CreditStyle = CreditStyle.FIRST_NAME
    """How the employee is credited: ``first_name``, ``initials``, ``full_name``, ``handle`` or ``none``."""
    domains: tuple[Domain, ...] = ()
    """The brand's own domains: links to others wait for a person."""
    contacts: tuple[Contact, ...] = ()
    """The brand's published phone numbers and mail addresses: answers may hold these."""
    region: Region | None = None
    """Where the brand's phone numbers are from, such as ``US`` or ``DE``: tells numbers apart."""
    blocked_words: tuple[Word, ...] = ()
    """Answers with one of these words wait for a person."""
    max_parts: int = Field(default=MAX_PARTS, ge=1, le=25)
    """The longest thread an answer may become."""
    approve_first: int = Field(default=0, ge=0, le=1_000_000)
    """How many answers of a newcomer a person approves first."""
    daily_limit: int = Field(default=0, ge=0, le=1_000_000)
    """Answers per employee and day that go out without approval; 0: no limit."""
    undo_window: Seconds = 0
    """Seconds an answer waits before it goes out, so that its author can take it back."""
    start_paused: Switch = False
    """Start with publishing paused, until a person resumes it."""
    unknown_to_person: Switch = False
    """Leave deliveries with an unknown outcome to a person instead of sending what is not there again."""
    first_reply: Switch = False
    """Answer at once with a link to the archive when a question has been answered before."""


class SearchSettings(_Group):
    """The archive's search."""

    meaning: Switch = True
    """Search by meaning too, where the optional extra is installed."""
    model_directory: ModelDirectory | None = None
    """A directory with model.onnx and tokenizer.json instead of the packaged model."""
    requests_per_minute: int = Field(default=120, ge=1)
    """Searches one client may make in a minute."""


class MailSettings(_Group):
    """Notices to employees by e-mail."""

    host: Host | None = None
    """The mail server; without it nobody gets mail."""
    port: int = Field(default=587, ge=1, le=65535)
    """The mail server's port; on 465 the connection is encrypted from the start."""
    user: Ascii | None = None
    """Who signs in at the mail server, if anybody has to."""
    password: SecretAscii | None = None
    """The password for the mail server."""
    sender: Sender = "chorus@localhost"
    """Whom mail comes from: an address, or ``Support <support@example.com>``."""
    starttls: Switch = True
    """Encrypt the connection to the mail server, on any port but 465 by STARTTLS."""
    gather_seconds: float = Field(default=60, ge=0, le=600)
    """Seconds in which several questions for one person are collected into one mail."""


class Settings(_Group):
    """All settings. Environment names are ``CHORUS_`` plus the upper-case name, groups joined by ``__``."""

    database_url: DatabaseUrl = "sqlite:///chorus.db"
    """Where everything is stored: ``sqlite:///file.db`` or ``postgresql+psycopg://user:password@host/name``."""
    brand_name: str = Field(default="Our brand", min_length=1, max_length=80)
    """The name on the pages."""
    tag: Tag = "#chorus"
    """The tag that makes an employee's post an answer."""
    secret_key: Key | None = None
    """At least 32 characters: signs sessions and encrypts the platforms' tokens."""
    old_secret_keys: tuple[Key, ...] = ()
    """Former secret keys, still accepted for reading until ``chorus rotate-keys`` has run."""
    base_url: Site = "http://127.0.0.1:8000"
    """The public address of this site."""
    data_directory: Directory = Path("var")
    """Where disposable files go: search index, snapshots of what the experts know."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much is logged: ``debug``, ``info``, ``warning`` or ``error``."""
    log_format: Literal["json", "console"] = "json"
    """``json`` for machines, ``console`` for people."""
    trusted_proxies: tuple[Network, ...] = ()
    """Addresses of reverse proxies whose X-Forwarded-For is believed."""
    metrics_token: SecretToken | None = None
    """When set, /metrics wants it as a bearer token; without it only this machine may read them."""
    timezone: Zone = "UTC"
    """The house's time zone, for pages and new employees."""
    notify_webhook: SecretAddress | None = None
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

    @property
    def platforms_on(self) -> tuple[str, ...]:
        """The feeds that are listened to, by name."""
        switched = {
            "x": self.x.on,
            "mastodon": self.mastodon.on,
            "bluesky": self.bluesky.on,
            "generic": bool(self.generic.secrets),
            "local": self.local_on,
        }
        return tuple(name for name, is_on in switched.items() if is_on)

    def pace_of(self, platform: str) -> float | None:
        """Seconds between two looks at a platform, where a setting says so."""
        return {"x": self.x.poll_seconds}.get(platform)

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
        settings = Settings.model_validate(read(Settings, given))
    except ValidationError as error:
        raise UnusableSettings("\n".join(_explain(one) for one in error.errors())) from None
    if wrong := trying_out.refusals(
        settings.base_url, x_base_url=settings.x.base_url, x_on_loopback=settings.x.allow_loopback
    ):
        raise UnusableSettings("\n".join(wrong))
    return settings


_WORDS = {
    "int_parsing": "should be a whole number",
    "int_from_float": "should be a whole number",
    "float_parsing": "should be a number",
    "decimal_parsing": "should be a number",
    "finite_number": "should be a number",
    "greater_than": "should be more than {gt}",
    "greater_than_equal": "should be at least {ge}",
    "less_than_equal": "should be at most {le}",
    "literal_error": "should be {expected}",
    "enum": "should be {expected}",
    "string_too_long": "should have at most {max_length} characters",
}
"""What is wrong, in our words, by pydantic's name for it."""


def _explain(problem: "ErrorDetails") -> str:
    path = [part for part in problem["loc"] if isinstance(part, str)]
    ours = _WORDS.get(problem["type"])
    message = ours.format(**problem["ctx"]) if ours and "ctx" in problem else ours or problem["msg"]
    message = message.removeprefix("Value error, ").rstrip(".")
    shown = "" if _is_secret(path) else f" (it is {problem['input']!r})"
    colon = "" if message.startswith("should") else ":"
    return f"{PREFIX}{'__'.join(path).upper()}{colon} {message}{shown}."


def _is_secret(path: list[str]) -> bool:
    """Whether a setting's value must not be repeated: a secret, or an address that may hold a password."""
    model: type[BaseModel] = Settings
    for name in path[:-1]:
        model = group_of(model.model_fields[name].annotation) or model
    return path == ["database_url"] or _holds_secret(model.model_fields[path[-1]].annotation)


def _holds_secret(annotation: object) -> bool:
    return annotation is SecretStr or any(map(_holds_secret, get_args(annotation)))
