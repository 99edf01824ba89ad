"""What the values of settings have to be, each kind with a check of its own.

A check raises ValueError with what the value should be; ``app.wiring.settings`` puts the setting's name in
front. What only the network or the clock can tell is left to ``chorus doctor``.
"""

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated
from unicodedata import category
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from bot.actions.people.topics import SLUG
from bot.platforms.registry import TRAITS
from bot.platforms.wire.signing import read_secret
from bot.store.engine import check_url
from bot.text.characters import CONTROL
from bot.text.hosts import LABEL
from bot.text.mail_address import parse_address, parse_sender
from bot.text.times.closed_days import closed_day_line, parse_closed_days
from bot.text.times.hours import check_zone, parse_hours

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Names of this machine."""
_VISIBLE = re.compile(r"[!-~]+")
_HANDLE = re.compile(r"[A-Za-z0-9_]{1,30}")
_WINDOW = re.compile(r"[1-9]\d{0,6}/[1-9]\d{0,3}[mhd]")
_TAG = re.compile(r"#(?=\w*[^\W\d_])\w{1,40}")
_HYPHENED_TAG = re.compile(r"#(?=[\w-]*[^\W\d_])\w[\w-]{0,59}")
_PHONE = re.compile(r"\+?[\d\s()./-]*")
_MODEL_FILES = ("model.onnx", "tokenizer.json")
_LEAST_KEY = 32


def server_address(text: str) -> str | None:
    """``https://host[:port]`` of what somebody typed as a server's address; None where it is none."""
    text = text.strip().rstrip("/")
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        port = parts.port
    except ValueError:
        return None
    name = parts.hostname or ""
    is_plain = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("https", "http") or not is_plain or not is_host(name):
        return None
    host = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def is_loopback(address: str) -> bool:
    """Whether the host of an address is this machine."""
    return (urlsplit(address).hostname or "") in LOOPBACK


def is_host(name: str) -> bool:
    """Whether this can be the name of a host, or its number."""
    if ":" in name or re.fullmatch(r"[\d.]+", name):
        return _is_number(name)
    return len(name) <= 253 and all(map(LABEL.fullmatch, name.removesuffix(".").split(".")))


def _is_number(name: str) -> bool:
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def _site(text: str) -> str:
    address = server_address(text) if "://" in text else None
    if address is None:
        raise ValueError(
            "should be an address like https://answers.example.com, with a host name of its own and no path"
        )
    return address


def _server(text: str) -> str:
    address = server_address(text)
    if address is None or (address.startswith("http:") and not is_loopback(address)):
        raise ValueError("should be a server's address like https://social.example")
    return address


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
        is_whole = parts.scheme in ("http", "https") and is_host(parts.hostname or "") and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or not _VISIBLE.fullmatch(text):
        raise ValueError("should be a whole address like https://bridge.example.com/publish")
    return text


def _secret_address(secret: SecretStr) -> SecretStr:
    _address(secret.get_secret_value())
    return secret


def _host(text: str) -> str:
    if not is_host(text):
        raise ValueError("should be a host name like mail.example.com, or an IP address, without a port")
    return text


def _domain(text: str) -> str:
    name = text.lower().removesuffix(".")
    if not is_host(name) or ("." not in name and name != "localhost" and not _is_number(name)):
        raise ValueError("should be a domain like example.com; its subdomains count as well")
    return name


def _mail_domain(text: str) -> str:
    name = text.lower().removeprefix("@").removesuffix(".")
    if "." not in name or not is_host(name) or _is_number(name):
        raise ValueError(
            "should be what stands behind the @ of the company's addresses, like example.com; a subdomain "
            "is named by itself"
        )
    return name


def _network(text: str) -> str:
    try:
        ip_network(text, strict=False)
    except ValueError:
        raise ValueError("should be an address or a network like 10.0.0.0/8") from None
    return text


def _token(text: str) -> str:
    if not _VISIBLE.fullmatch(text):
        raise ValueError("should be letters, digits and signs of ASCII without blanks, as you were given it")
    return text


def _secret_token(secret: SecretStr) -> SecretStr:
    _token(secret.get_secret_value())
    return secret


def _ascii(text: str) -> str:
    if not text.isascii():
        raise ValueError("should be ASCII: mail servers take nothing else when somebody signs in")
    return text


def _secret_ascii(secret: SecretStr) -> SecretStr:
    _ascii(secret.get_secret_value())
    return secret


def _key(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < _LEAST_KEY:
        raise ValueError(f"should have at least {_LEAST_KEY} characters")
    return secret


def _webhook_secret(secret: SecretStr) -> SecretStr:
    read_secret(secret.get_secret_value())
    return secret


def _handle(text: str) -> str:
    name = text.removeprefix("@")
    if not _HANDLE.fullmatch(name):
        raise ValueError("should be up to 30 letters, digits and underscores")
    return name


def _name(text: str) -> str:
    """A handle of a feed whose rules we do not know."""
    name = text.removeprefix("@")
    if not name or any(map(str.isspace, name)):
        raise ValueError("should be a name without blanks")
    return name


def _number(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,20}", text):
        raise ValueError("should be the account's number, in digits alone")
    return text


def _window(text: str) -> str:
    if text != "none" and not _WINDOW.fullmatch(text):
        raise ValueError("should be posts/time like 50/15m, 300/3h or 1000/1d, or none")
    return text


def _windows(values: tuple[str, ...]) -> tuple[str, ...]:
    if "none" in values and len(values) > 1:
        raise ValueError("should be either none or bounds like 50/15m, not both")
    return values


def _one_line(text: str) -> str:
    name = text.strip()
    if not name or CONTROL.search(name):
        raise ValueError("should be a name on one line")
    return name


def _tag(text: str) -> str:
    if not _TAG.fullmatch(text):
        raise ValueError("should be # and up to 40 letters, digits and underscores, with a letter among them")
    return text


def _hyphened_tag(text: str) -> str:
    if not _HYPHENED_TAG.fullmatch(text):
        raise ValueError(
            "should be # and up to 60 letters, digits, hyphens and underscores, one of them a letter"
        )
    return text


def _region(text: str) -> str:
    from bot.text.personal.phones import regions

    code = text.upper()
    if code not in regions():
        raise ValueError("should be the two letters of a country, like US or DE")
    return code


def _contact(text: str) -> str:
    if "@" in text:
        return parse_address(text)
    digits = re.sub(r"\D", "", text)
    if not _PHONE.fullmatch(text) or not 3 <= len(digits) <= 15:
        raise ValueError("should be a phone number like +1 800 555 0100, or a mail address")
    return text


def _mode(text: str) -> str:
    platform, _, mode = text.partition(":")
    if platform not in TRAITS or mode not in ("reply", "repost"):
        raise ValueError(f"should be platform:reply or platform:repost, of {', '.join(TRAITS)}")
    return text


def _modes(values: tuple[str, ...]) -> tuple[str, ...]:
    platforms = [one.partition(":")[0] for one in values]
    if len(set(platforms)) < len(platforms):
        raise ValueError("should name each platform once")
    return values


def _asked_on(name: str) -> str:
    takes = [platform for platform, traits in TRAITS.items() if not traits.one_reply]
    if name not in takes:
        raise ValueError(f"should be one of {', '.join(takes)}: elsewhere nobody can be asked")
    return name


def _word(text: str) -> str:
    if not text.strip("* "):
        raise ValueError("should be a word; word* takes any ending")
    return text


def _slug(text: str) -> str:
    slug = text.lower()
    if not SLUG.fullmatch(slug):
        raise ValueError("should be topics' short names, like tv or smart-home")
    return slug


def _sender(text: str) -> str:
    return str(parse_sender(text))


def _zone(text: str) -> str:
    check_zone(text)
    return text


def _hours(text: str) -> str:
    parse_hours(text)
    return text


def _closed_days(lines: tuple[str, ...]) -> tuple[str, ...]:
    parse_closed_days(lines)
    return lines


def _currency(text: str) -> str:
    if not 1 <= len(text) <= 4 or any(not one.isalpha() and category(one) != "Sc" for one in text):
        raise ValueError("should be a currency's sign or code, such as € or USD")
    return text


def _database(text: str) -> str:
    check_url(text)
    return text


def _directory(path: Path) -> Path:
    if path.exists() and not path.is_dir():
        raise ValueError("should be a directory")
    return path


def _model(path: Path) -> Path:
    missing = [name for name in _MODEL_FILES if not (path / name).is_file()]
    if missing:
        wanted = " and ".join(_MODEL_FILES)
        raise ValueError(f"should be a directory with {wanted}: {missing[0]} is not there")
    return path


def _switch(value: object) -> object:
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False}
    if not isinstance(value, str):
        return value
    if value.lower() not in {*words, "0"}:
        raise ValueError("should be true or false")
    return words.get(value.lower(), False)


Site = Annotated[str, AfterValidator(_site)]
"""The public address of a site: scheme, host and port, nothing else."""
ServerValue = Annotated[str, AfterValidator(_server)]
"""Where a platform's API is: https, or this machine."""
UrlValue = Annotated[str, AfterValidator(_address)]
"""A whole web address, path and query included."""
SecretUrlValue = Annotated[SecretStr, AfterValidator(_secret_address)]
HostValue = Annotated[str, AfterValidator(_host)]
Domain = Annotated[str, AfterValidator(_domain)]
MailDomain = Annotated[str, AfterValidator(_mail_domain)]
Network = Annotated[str, AfterValidator(_network)]
Token = Annotated[str, AfterValidator(_token)]
SecretToken = Annotated[SecretStr, AfterValidator(_secret_token)]
Ascii = Annotated[str, AfterValidator(_ascii)]
SecretAscii = Annotated[SecretStr, AfterValidator(_secret_ascii)]
Key = Annotated[SecretStr, AfterValidator(_key)]
WebhookSecret = Annotated[SecretStr, AfterValidator(_webhook_secret)]
HandleValue = Annotated[str, AfterValidator(_handle)]
NameValue = Annotated[str, AfterValidator(_name)]
Number = Annotated[str, AfterValidator(_number)]
WindowsOfPosts = Annotated[tuple[Annotated[str, AfterValidator(_window)], ...], AfterValidator(_windows)]
"""How many posts in how many minutes, hours or days: ``50/15m``."""
BrandName = Annotated[str, Field(max_length=80), AfterValidator(_one_line)]
Tag = Annotated[str, AfterValidator(_tag)]
HyphenedTag = Annotated[str, AfterValidator(_hyphened_tag)]
Region = Annotated[str, AfterValidator(_region)]
Contact = Annotated[str, AfterValidator(_contact)]
Word = Annotated[str, AfterValidator(_word)]
TopicSlug = Annotated[str, AfterValidator(_slug)]
Sender = Annotated[str, AfterValidator(_sender)]
Zone = Annotated[str, AfterValidator(_zone)]
HoursValue = Annotated[str, AfterValidator(_hours)]
"""The hours of a week as people write them, checked."""
ClosedDayLines = Annotated[
    tuple[Annotated[str, AfterValidator(closed_day_line)], ...], AfterValidator(_closed_days)
]
"""Closed days, a line each, as ``bot.text.times.closed_days`` reads them."""
Currency = Annotated[str, AfterValidator(_currency)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]
DirectoryValue = Annotated[Path, AfterValidator(_directory)]
ModelDirectory = Annotated[Path, AfterValidator(_model)]
SwitchValue = Annotated[bool, BeforeValidator(_switch)]
Seconds = Annotated[float, Field(ge=0, le=30 * 86_400)]
"""A span of time; a month at most."""
Dollars = Annotated[float, Field(ge=0, le=1_000_000)]
SurveyedPlatform = Annotated[str, AfterValidator(_asked_on)]
"""A feed on which customers can be asked how it went."""
PublishMode = Annotated[str, AfterValidator(_mode)]
"""A platform, and how answers that were posted there go out: ``mastodon:repost``."""
PublishModes = Annotated[tuple[PublishMode, ...], AfterValidator(_modes)]
"""The modes of platforms, each named once."""
