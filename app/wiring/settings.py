"""Every setting of Chorus, with its meaning and default. ``.env.example`` lists the same names."""

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import BaseModel, Field, SecretStr, ValidationError

from app.wiring.environment import PREFIX, UnusableSettings, gather, group_of, read
from app.wiring.group import Group
from app.wiring.platforms.bluesky.settings import BlueskySettings
from app.wiring.platforms.generic.settings import GenericSettings
from app.wiring.platforms.group import PlatformGroup
from app.wiring.platforms.local.settings import LocalSettings
from app.wiring.platforms.mastodon.settings import MastodonSettings
from app.wiring.platforms.x.settings import XSettings
from app.wiring.rule_settings import ArchiveSettings, BrandSettings, JoiningSettings, PublishSettings
from app.wiring.setting_values import (
    Ascii,
    Currency,
    DatabaseUrl,
    DirectoryValue,
    HostValue,
    HoursValue,
    Key,
    ModelDirectory,
    Network,
    SecretAscii,
    SecretToken,
    SecretUrlValue,
    Sender,
    Site,
    SurveyedPlatform,
    SwitchValue,
    UrlValue,
    WebhookSecret,
)
from bot.actions.rules import Rules
from bot.platforms.registry import TRAITS
from routing.figures.value import ValueRates
from routing.ladder.policy import Policy

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


_POLICY = Policy()
_RULES = Rules()
_PRICES = ValueRates()
_FIRST, _MORE, _EVERYONE = _POLICY.rungs


class LadderSettings(Group):
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
    claim_lasts: float = Field(default=_POLICY.claim.total_seconds(), ge=60, le=86_400)
    """Seconds a question is somebody's who takes it for themself; nobody else is asked meanwhile."""
    same_question_within: float = Field(default=_RULES.same_question_within.total_seconds(), ge=0, le=86_400)
    """Seconds within which a further post of a customer who waits belongs to their question; 0 for never."""
    customer_patience: float = Field(default=_RULES.customer_patience.total_seconds(), gt=0, le=365 * 86_400)
    """Seconds a question waits for its customer's reply to a question back; a later one opens it again."""
    customer_reminder: float = Field(default=0, ge=0, le=365 * 86_400)
    """Seconds after a question back until the customer is reminded of it, once; 0 for never."""


class EmbeddingChoice(StrEnum):
    """By which models the archive is searched for meanings."""

    ENGLISH = "english"
    MULTILINGUAL = "multilingual"


class SearchSettings(Group):
    """The archive's search."""

    meaning: SwitchValue = True
    """Search by meaning too, where the optional extra is installed."""
    model: EmbeddingChoice = EmbeddingChoice.ENGLISH
    """``english``: one small model; ``multilingual``: beside it one that finds entries across languages."""
    model_directory: ModelDirectory | None = None
    """A directory with model.onnx and tokenizer.json instead of the packaged model."""
    requests_per_minute: int = Field(default=120, ge=1)
    """Searches one client may make in a minute."""


class PrivateSettings(Group):
    """What customers leave on private pages."""

    keep_days: int = Field(default=_RULES.private_kept.days, ge=1, le=365)
    """Days after which what a customer left privately is deleted."""


class MattersSettings(Group):
    """What many customers ask about."""

    minutes_an_answer: float = Field(default=5, gt=0, le=240)
    """Minutes of a person's time that an answer is taken to cost, where a matter's cost is told."""
    campaign_days: int = Field(default=14, ge=1, le=365)
    """Days within which the brand says something on a campaign, and again after that, until it ends."""


class FiguresSettings(Group):
    """What figures are counted by, and what an answer in public is taken to be worth."""

    hours: HoursValue = ""
    """The brand's business hours in the house's time zone, like ``mon-fri 09:00-17:30``; empty: always."""
    calls_avoided: float = Field(default=_PRICES.calls_avoided, ge=0, le=1)
    """Share of those helped in public, customers and readers, who would have called otherwise."""
    call_cost: float = Field(default=_PRICES.call_cost, ge=0, le=100_000)
    """What a call to the contact centre costs."""
    hour_cost: float = Field(default=_PRICES.hour_cost, ge=0, le=100_000)
    """What an hour of an employee costs."""
    minutes_an_offer: float = Field(default=_PRICES.minutes_an_offer, ge=0, le=240)
    """Minutes of a person's time that looking at a question they are asked is taken to cost."""
    currency: Currency = "$"
    """What stands in front of amounts of money: a currency's sign or code."""


class SurveySettings(Group):
    """Asking customers how it went, after their question is settled."""

    kind: Literal["off", "csat", "nps"] = "off"
    """``csat`` (how well did we help, 1 to 5), ``nps`` (would you recommend us, 0 to 10) or ``off``."""
    share: int = Field(default=100, ge=0, le=100)
    """Of a hundred settled questions, so many are asked about."""
    rest_days: int = Field(default=90, ge=1, le=3_650)
    """Days within which the same customer is asked once at the most."""
    platforms: tuple[SurveyedPlatform, ...] = ()
    """The feeds on which customers are asked; none named: on all that take a further reply (X does not)."""
    after_minutes: int = Field(default=60, ge=5, le=10_080)
    """Minutes after a question was settled until its customer is asked."""
    open_days: int = Field(default=14, ge=1, le=90)
    """Days for which it can be answered."""


class HookSettings(Group):
    """Signed webhooks that tell other programs what happens (Standard Webhooks)."""

    url: UrlValue | None = None
    """Where every event is sent; people in charge can add further endpoints in the browser."""
    secret: tuple[WebhookSecret, ...] = ()
    """The secret (``whsec_...``) that signs what goes there; two while you change it."""
    private_hosts: tuple[HostValue, ...] = ()
    """Hosts of your own network that endpoints from the browser may name; all others must be public."""

    def refusals(self) -> list[str]:
        """What is wrong with these settings together, in words."""
        if self.url is not None and not self.secret:
            return [f"{PREFIX}HOOKS__SECRET should be set, too: nothing goes to CHORUS_HOOKS__URL unsigned."]
        return []


class ListeningSettings(Group):
    """Listening for words where nobody addresses the brand."""

    daily_posts: int = Field(default=_RULES.listened_a_day, ge=0, le=100_000)
    """Posts a day and platform that are searched for, and kept, at the most; 0: nothing is listened to."""
    keep_days: int = Field(default=_RULES.listened_kept.days, ge=1, le=90)
    """Days after which a post on the tray goes that nobody made a question of."""


class MailSettings(Group):
    """Notices to employees by e-mail."""

    host: HostValue | None = None
    """The mail server; without it nobody gets mail."""
    port: int = Field(default=587, ge=1, le=65535)
    """The mail server's port; on 465 the connection is encrypted from the start."""
    user: Ascii | None = None
    """Who signs in at the mail server, if anybody has to."""
    password: SecretAscii | None = None
    """The password for the mail server."""
    sender: Sender = "chorus@localhost"
    """Whom mail comes from: an address, or ``Support <support@example.com>``."""
    starttls: SwitchValue = True
    """Encrypt the connection to the mail server, on any port but 465 by STARTTLS."""
    gather_seconds: float = Field(default=60, ge=0, le=600)
    """Seconds in which several questions for one person are collected into one mail."""
    announcements: SwitchValue = True
    """Whether customers can have announcements mailed to them (``/announcements``)."""


class Settings(BrandSettings):
    """All settings. Environment names are ``CHORUS_`` plus the upper-case name, groups joined by ``__``."""

    database_url: DatabaseUrl = "sqlite:///chorus.db"
    """Where everything is stored: ``sqlite:///file.db`` or ``postgresql+psycopg://user:password@host/name``."""
    secret_key: Key | None = None
    """At least 32 characters: signs sessions and encrypts the platforms' tokens."""
    old_secret_keys: tuple[Key, ...] = ()
    """Former secret keys, still accepted for reading until ``chorus rotate-keys`` has run."""
    base_url: Site = "http://127.0.0.1:8000"
    """The public address of this site."""
    data_directory: DirectoryValue = Path("var")
    """Where disposable files go: search index, snapshots of what the experts know."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """How much is logged: ``debug``, ``info``, ``warning`` or ``error``."""
    log_format: Literal["json", "console"] = "json"
    """``json`` for machines, ``console`` for people."""
    trusted_proxies: tuple[Network, ...] = ()
    """Addresses of reverse proxies whose X-Forwarded-For is believed."""
    metrics_token: SecretToken | None = None
    """When set, /metrics wants it as a bearer token; without it only this machine may read them."""
    notify_webhook: SecretUrlValue | None = None
    """A Slack- or Teams-style incoming webhook for what people in charge should know."""
    local: LocalSettings = LocalSettings()
    generic: GenericSettings = GenericSettings()
    x: XSettings = XSettings()
    mastodon: MastodonSettings = MastodonSettings()
    bluesky: BlueskySettings = BlueskySettings()
    ladder: LadderSettings = LadderSettings()
    publish: PublishSettings = PublishSettings()
    archive: ArchiveSettings = ArchiveSettings()
    search: SearchSettings = SearchSettings()
    private: PrivateSettings = PrivateSettings()
    matters: MattersSettings = MattersSettings()
    figures: FiguresSettings = FiguresSettings()
    survey: SurveySettings = SurveySettings()
    hooks: HookSettings = HookSettings()
    listening: ListeningSettings = ListeningSettings()
    mail: MailSettings = MailSettings()
    joining: JoiningSettings = JoiningSettings()

    @property
    def groups(self) -> Mapping[str, PlatformGroup]:
        """The settings of every platform by its name, in the order in which pages show them."""
        return {str(name): getattr(self, name) for name in TRAITS}

    @property
    def is_https(self) -> bool:
        """Whether people reach this site encrypted: then cookies and headers ask for it too."""
        return self.base_url.startswith("https:")

    @property
    def platforms_on(self) -> tuple[str, ...]:
        """The feeds that are listened to, by name."""
        switched = {name: group.on for name, group in self.groups.items()}
        others = any(switched.values())
        return tuple(name for name, on in switched.items() if on or (on is None and not others))

    @property
    def local_on(self) -> bool:
        """Whether the local feed is on."""
        return any(TRAITS[name].own_record for name in self.platforms_on)


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
    wrong = [one for group in settings.groups.values() for one in group.refusals(settings.base_url)]
    joining = settings.joining.refusals(by_mail=settings.mail.host is not None)
    wrong += [f"{PREFIX}JOINING__{name.upper()} {why}." for name, why in joining.items()]
    if wrong := wrong + settings.hooks.refusals():
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


def what_it_should_be(problem: "ErrorDetails") -> str:
    """What is wrong with a value, in words that go on after its name; without a full stop."""
    ours = _WORDS.get(problem["type"])
    message = ours.format(**problem["ctx"]) if ours and "ctx" in problem else ours or problem["msg"]
    return message.removeprefix("Value error, ").rstrip(".")


def _explain(problem: "ErrorDetails") -> str:
    path = [part for part in problem["loc"] if isinstance(part, str)]
    message = what_it_should_be(problem)
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
