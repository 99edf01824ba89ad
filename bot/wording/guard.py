"""What may be said in the brand's name (pure).

``examine`` looks at an answer before it is published. It refuses what no person should approve (disguised
links), holds what a person must see first (foreign links, personal data, blocked words) and says in words for
that person what it found. See docs/publishing.md.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.text import hosts, personal
from bot.text.addresses import Address, Way, find_addresses
from bot.text.characters import clean
from bot.text.lengths import Measure
from bot.text.links import Link, part_sentences
from bot.text.twitter_text import CASHTAG
from bot.wording.money import money_in
from routing.model.phrases import phrase, sentences


class GuardAction(StrEnum):
    """What is to be done with an answer; the later, the graver."""

    ALLOW = "allow"
    HOLD = "hold"
    REFUSE = "refuse"


class ObjectionCode(StrEnum):
    """What the guard found, as it is stored and counted."""

    EMPTY = "empty"
    FOREIGN_LINK = "foreign_link"
    FOREIGN_MAIL = "foreign_mail"
    SHORTENER = "shortener"
    LOOKALIKE = "lookalike"
    DISGUISED_LINK = "disguised_link"
    UNSAFE_SCHEME = "unsafe_scheme"
    PERSONAL_DATA = "personal_data"
    BLOCKED_WORD = "blocked_word"
    CASHTAGS = "cashtags"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason for the verdict; ``words`` are for the author or the person who approves."""

    code: ObjectionCode
    outcome: GuardAction
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome: that of the gravest finding, or ALLOW without one."""

    findings: tuple[Objection, ...] = ()
    outcome: GuardAction = field(init=False)

    def __post_init__(self) -> None:
        order = list(GuardAction)
        gravest = max((order.index(each.outcome) for each in self.findings), default=0)
        object.__setattr__(self, "outcome", order[gravest])

    @property
    def words(self) -> str:
        """All findings as one text for a person; empty when there are none."""
        return sentences(*(each.words for each in self.findings))


SHORTENERS = frozenset(
    {
        *(
            "bit.ly",
            "bitly.com",
            "buff.ly",
            "cutt.ly",
            "db.tt",
            "dlvr.it",
            "fb.me",
            "goo.gl",
            "ift.tt",
            "is.gd",
        ),
        *(
            "j.mp",
            "lnkd.in",
            "ow.ly",
            "rb.gy",
            "rebrand.ly",
            "s.id",
            "shorturl.at",
            "shrtco.de",
            "soo.gd",
            "t.co",
        ),
        *("t.ly", "t.me", "tiny.cc", "tinyurl.com", "tr.im", "trib.al", "v.gd", "wp.me", "x.co", "youtu.be"),
        *(
            "amzn.to",
            "adf.ly",
            "bl.ink",
            "clck.ru",
            "qr.ae",
            "qrco.de",
            "shorte.st",
            "snip.ly",
            "spoti.fi",
            "u.to",
        ),
    }
)
"""Addresses that hide where they lead."""


@dataclass(frozen=True, slots=True)
class GuardPolicy:
    """What the operator allows.

    Attributes:
        own_domains: Links to these and their subdomains pass; an IP address or ``localhost`` may be one.
        blocked_words: Words and phrases that a person must look at, in any case; ``word*`` takes any ending.
        shorteners: Domains that are refused because nobody sees where they lead. ``own_domains`` go first.
        own_contacts: The brand's published phone numbers and mail addresses; they are no personal data.
        region: Where the brand's phone numbers are from (ISO 3166), for telling numbers apart.
        min_letters: An answer with fewer letters and digits is empty.
        handles: Of those who take part in the conversation, with host and without @: to name them is no link.
        max_cashtags: More need a person's approval; None for no limit.
        file_names_link: Whether the platform makes links of ``readme.md`` and ``backup.zip``.
        hold_personal_data: Whether personal data needs a person's approval.
        hold_money: Whether an amount of money, or a word that promises some, needs a person's approval.
    """

    own_domains: frozenset[str] = frozenset()
    blocked_words: tuple[str, ...] = ()
    shorteners: frozenset[str] = SHORTENERS
    own_contacts: tuple[str, ...] = ()
    region: str | None = None
    min_letters: int = 2
    handles: frozenset[str] = frozenset()
    max_cashtags: int | None = None
    file_names_link: bool = False
    hold_personal_data: bool = True
    hold_money: bool = False

    def on(self, measure: Measure, *handles: str) -> "GuardPolicy":
        """The policy for one platform, and for a conversation with the owners of ``handles``."""
        return replace(
            self,
            max_cashtags=measure.most_cashtags,
            file_names_link=measure.links_file_names,
            handles=self.handles | {each.lstrip("@").casefold() for each in handles},
        )


def examine(text: str, policy: GuardPolicy, *beside: str) -> Verdict:
    """Whether the brand may say this: what was found, and whether to publish, ask a person or refuse.

    ``beside`` is what is published around the text: a content warning, the credit.
    """
    findings = [*_measured(clean(text), policy)]
    for visible in map(clean, (text, *beside)):
        findings += [
            *_addresses(visible, policy),
            *_personal(visible, policy),
            *_words(visible, policy),
            *_cashtags(visible, policy),
            *_money(visible, policy),
        ]
    return Verdict(tuple(dict.fromkeys(findings)))


def strange_addresses(text: str, policy: GuardPolicy) -> str:
    """What is wrong with the addresses in a text, in words; empty where there are none but the brand's."""
    return sentences(*dict.fromkeys(each.words for each in _addresses(clean(text), policy)))


def _measured(text: str, policy: GuardPolicy) -> Iterator[Objection]:
    letters = sum(character.isalnum() for character in text)
    if letters < policy.min_letters:
        yield Objection(
            ObjectionCode.EMPTY,
            GuardAction.REFUSE,
            phrase("The answer says nothing: please write it in words."),
        )


def _addresses(text: str, policy: GuardPolicy) -> Iterator[Objection]:
    # Full-width and styled letters read like plain ones, and browsers treat them so in a host.
    for address in find_addresses(part_sentences(hosts.folded(text))):
        finding = _judged(address, policy)
        if finding is not None:
            yield finding


def _judged(address: Address, policy: GuardPolicy) -> Objection | None:
    """What is wrong with an address; None for nothing."""
    if address.link is not None:
        if address.way is Way.FILE_NAME and not policy.file_names_link:
            return None
        return _judge(address.link, policy)
    if address.way is Way.MAIL:
        return _judge_mail(address, policy)
    if address.way is Way.ACCOUNT:
        known = address.text[1:].casefold() in policy.handles or hosts.belongs(
            address.host, policy.own_domains
        )
        return None if known else _foreign(ObjectionCode.FOREIGN_LINK, address.text, address.host, policy)
    code, outcome, words = _BY_FORM[address.way]
    return Objection(code, outcome, phrase(words, address=_short(address.text)))


_BY_FORM = {
    Way.SCHEME: (
        ObjectionCode.UNSAFE_SCHEME,
        GuardAction.REFUSE,
        phrase("“%(address)s” starts an address that is no web page; only http and https are published."),
    ),
    Way.CONTACT: (
        ObjectionCode.UNSAFE_SCHEME,
        GuardAction.HOLD,
        phrase("“%(address)s” starts an address that opens another program: somebody has to approve it."),
    ),
    Way.DISGUISE: (
        ObjectionCode.DISGUISED_LINK,
        GuardAction.REFUSE,
        phrase("“%(address)s” is an address in disguise. Please write it out, or leave it out."),
    ),
    Way.SPELLED: (
        ObjectionCode.FOREIGN_LINK,
        GuardAction.HOLD,
        phrase("“%(address)s” reads like an address in words: somebody has to approve it."),
    ),
    Way.NUMBER: (
        ObjectionCode.FOREIGN_LINK,
        GuardAction.HOLD,
        phrase("“%(address)s” looks like the address of a computer: somebody has to approve it."),
    ),
}


def _judge_mail(address: Address, policy: GuardPolicy) -> Objection | None:
    if hosts.belongs(address.host, policy.own_domains):
        return None
    if address.text.removeprefix("mailto:").casefold() in {_bare(contact) for contact in policy.own_contacts}:
        return None
    return _foreign(ObjectionCode.FOREIGN_MAIL, address.text, address.host, policy)


def _foreign(code: ObjectionCode, text: str, host: str, policy: GuardPolicy) -> Objection:
    """Somebody else's mail address or account: to be approved, unless it pretends to be the brand's."""
    shown = _short(text)
    imitated = hosts.lookalike(host, policy.own_domains, shown)
    if imitated is not None:
        words = sentences(imitated, phrase("Please check the address; it is not published."))
        return Objection(ObjectionCode.LOOKALIKE, GuardAction.REFUSE, words)
    words = phrase(
        "“%(address)s” belongs to %(host)s, which is not one of our own sites: somebody has to approve it.",
        address=shown,
        host=host,
    )
    return Objection(code, GuardAction.HOLD, words)


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "…"


def _judge(link: Link, policy: GuardPolicy) -> Objection | None:
    """What is wrong with one link; None for nothing."""
    shown = _short(link.url)
    if link.userinfo or "\\" in link.url or _ODD_IN_A_HOST.search(link.host):
        words = phrase(
            "“%(address)s” hides its real address. Please use the plain address of the page.", address=shown
        )
        return Objection(ObjectionCode.DISGUISED_LINK, GuardAction.REFUSE, words)
    if hosts.belongs(link.host, policy.own_domains):
        return None
    if hosts.belongs(link.host, policy.shorteners):
        words = phrase(
            "“%(address)s” is a short link: nobody can see where it leads. Please use the full address.",
            address=shown,
        )
        return Objection(ObjectionCode.SHORTENER, GuardAction.REFUSE, words)
    imitated = hosts.lookalike(link.host, policy.own_domains, shown)
    if imitated is not None:
        words = sentences(imitated, phrase("Please check the address; it is not published."))
        return Objection(ObjectionCode.LOOKALIKE, GuardAction.REFUSE, words)
    if hosts.is_disguised_number(link.host):
        words = phrase(
            "“%(address)s” names a computer by its number. Please use the name of the site.", address=shown
        )
        return Objection(ObjectionCode.DISGUISED_LINK, GuardAction.REFUSE, words)
    words = phrase(
        "“%(address)s” leads to %(host)s, which is not one of our own sites: somebody has to approve it.",
        address=shown,
        host=link.host,
    )
    return Objection(ObjectionCode.FOREIGN_LINK, GuardAction.HOLD, words)


_ODD_IN_A_HOST = re.compile(r"(?!\[[0-9a-f:.]*\]$)[\x00-\x7f](?<![\w.-])")
"""Signs that browsers take for a part of the host, and platforms for the end of the link."""

_KIND_WORDS = {
    personal.PersonalDataKind.EMAIL: phrase(
        "The answer seems to contain a mail address: somebody has to look at it first."
    ),
    personal.PersonalDataKind.PHONE: phrase(
        "The answer seems to contain a phone number: somebody has to look at it first."
    ),
    personal.PersonalDataKind.CARD: phrase(
        "The answer seems to contain a card number: somebody has to look at it first."
    ),
    personal.PersonalDataKind.IBAN: phrase(
        "The answer seems to contain a bank account: somebody has to look at it first."
    ),
    personal.PersonalDataKind.ORDER: phrase(
        "The answer seems to contain an order or case number: somebody has to look at it first."
    ),
    personal.PersonalDataKind.ACCOUNT: phrase(
        "The answer seems to contain an account or document number: somebody has to look at it first."
    ),
    personal.PersonalDataKind.ADDRESS: phrase(
        "The answer seems to contain a postal address: somebody has to look at it first."
    ),
}


def _personal(text: str, policy: GuardPolicy) -> Iterator[Objection]:
    if not policy.hold_personal_data:
        return
    own = {_bare(contact) for contact in policy.own_contacts}
    kinds = [
        each.kind
        for each in personal.find(text, policy.region)
        if _bare(text[each.start : each.end]) not in own
    ]
    for kind in dict.fromkeys(kinds):
        yield Objection(ObjectionCode.PERSONAL_DATA, GuardAction.HOLD, _KIND_WORDS[kind])


def _bare(contact: str) -> str:
    """A mail address in lower case, a number's last digits (with or without country code): to compare by."""
    return contact.strip().casefold() if "@" in contact else re.sub(r"\D", "", contact)[-9:]


def _words(text: str, policy: GuardPolicy) -> Iterator[Objection]:
    folded = hosts.folded(text).casefold()
    for word in policy.blocked_words:
        stem = hosts.folded(word).casefold().strip()
        ending = "" if stem.endswith("*") else r"(?!\w)"
        pattern = r"\s+".join(re.escape(piece) for piece in stem.rstrip("*").split())
        if pattern and re.search(rf"(?<!\w){pattern}{ending}", folded):
            words = phrase("“%(word)s” is on the list of words that somebody has to approve.", word=word)
            yield Objection(ObjectionCode.BLOCKED_WORD, GuardAction.HOLD, words)


def _cashtags(text: str, policy: GuardPolicy) -> Iterator[Objection]:
    found = {f"${match['name'].upper()}" for match in CASHTAG.finditer(text)}
    if policy.max_cashtags is not None and len(found) > policy.max_cashtags:
        words = phrase(
            "%(cashtags)s: this platform takes them for shares and refuses a post with more than %(most)s. "
            "Write them without the $ or in quotation marks.",
            cashtags=", ".join(sorted(found)),
            most=policy.max_cashtags,
        )
        yield Objection(ObjectionCode.CASHTAGS, GuardAction.HOLD, words)


def _money(text: str, policy: GuardPolicy) -> Iterator[Objection]:
    named = money_in(text) if policy.hold_money else None
    if named is not None:
        words = phrase("“%(words)s” may promise money: somebody has to approve it.", words=_short(named))
        yield Objection(ObjectionCode.MONEY, GuardAction.HOLD, words)
