import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.bluesky.length import BlueskyLength
from bot.platforms.mastodon.length import MastodonLength
from bot.platforms.x.length import XLength
from bot.text.lengths import PlainLength
from bot.wording.guard import GuardAction, GuardPolicy, Objection, ObjectionCode, Verdict, examine

POLICY = GuardPolicy(
    own_domains=frozenset({"example.com", "Brand-Shop.de", "192.168.178.1"}),
    blocked_words=("guarantee", "law suit", "refund*"),
    own_contacts=("+44 20 7946 0000", "care@example.com", "jane@example.com"),
    region="GB",
)
ON_X = POLICY.on(XLength())


def codes(text: str, policy: GuardPolicy = POLICY) -> list[ObjectionCode]:
    return [finding.code for finding in examine(text, policy).findings]


@pytest.mark.parametrize(
    "text",
    [
        "Hold the power button for ten seconds.",
        "See https://example.com/help or support.example.com.",
        "See https://WWW.Example.com:443/help?x=1#top",
        "Order it at brand-shop.de",
        "Open http://192.168.178.1 in your browser",
        "Call us on 020 7946 0000 or +44 (0)20 7946 0000, or write to care@example.com",
        "It costs $5 or $10, and $AAPL is up",
        "長押ししてください。",
    ],
)
def test_an_honest_answer_passes(text: str) -> None:
    verdict = examine(text, POLICY)
    assert verdict.outcome is GuardAction.ALLOW
    assert verdict.words == ""


@pytest.mark.parametrize(
    "text",
    [
        "see https://other.example.org/x",
        "see other-site.org",
        "see www.other-site.org/path",
        "see http://192.168.1.1",
        "see https://münchen.de",
        "see example.co",
        "see ｈｔｔｐｓ：//ｏｔｈｅｒ.org",
        "see other\u200b-site.org",
    ],
)
def test_s08_a_foreign_link_waits_for_a_person(text: str) -> None:
    verdict = examine(text, POLICY)
    assert verdict.outcome is GuardAction.HOLD
    assert [finding.code for finding in verdict.findings] == [ObjectionCode.FOREIGN_LINK]
    assert "approve" in verdict.words


@pytest.mark.parametrize(
    "text", ["bit.ly/abc", "https://BIT.LY/abc", "https://t.co/xyz", "http://www.tinyurl.com/a"]
)
def test_s08_shorteners_are_refused(text: str) -> None:
    verdict = examine(f"see {text}", POLICY)
    assert verdict.outcome is GuardAction.REFUSE
    assert codes(f"see {text}") == [ObjectionCode.SHORTENER]


def test_s08_a_brands_own_shortener_is_its_own_site() -> None:
    assert codes("see bit.ly/abc", GuardPolicy(own_domains=frozenset({"bit.ly"}))) == []


@pytest.mark.parametrize(
    "host",
    [
        *(
            "exаmple.com",
            "аррӏе.com",
            "exámple.com",
            "xn--exmple-cua.com",
            "examp1e.com",
            "exarnple.com",
            "exampel.com",
        ),
        *(
            "example.com.evil.net",
            "example-login.com",
            "secure-example.com",
            "brandshop.de",
            "еxamрle.com",
            "ехаmрlе.com",
        ),
        "ｅｘａｍｐ1ｅ.com",
    ],
)
def test_s08_lookalikes_are_refused(host: str) -> None:
    assert codes(f"see https://{host}/login") == [ObjectionCode.LOOKALIKE]


@pytest.mark.parametrize(
    "url",
    [
        *("https://example.com@evil.org/", "https://user:pw@evil.org", "https://example.com\\@evil.org"),
        *("https://2130706433/", "http://0x7f.0.0.1/", "http://93.184.216.34/", "https://evil%2eorg/"),
        *("hxxps://evil.org/a", "evil[.]org", "evil (dot) org"),
    ],
)
def test_s08_links_in_disguise_are_refused(url: str) -> None:
    verdict = examine(f"see {url} now", POLICY)
    assert verdict.outcome is GuardAction.REFUSE
    assert ObjectionCode.DISGUISED_LINK in [finding.code for finding in verdict.findings]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "ftp://example.com/x", "data:text/html,x", "intent://x", "tel:123"]
)
def test_s08_other_schemes_are_refused(url: str) -> None:
    assert codes(f"see {url} now") == [ObjectionCode.UNSAFE_SCHEME]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("your order 123-4567890-1234567 is on its way", "order"),
        ("I wrote to joe.bloggs@gmail.com", "mail address"),
        ("I called you on 07700 900123", "phone"),
        ("the card 4111 1111 1111 1111 works now", "card"),
    ],
)
def test_s10_personal_data_in_an_answer_waits_for_a_person(text: str, word: str) -> None:
    verdict = examine(text, POLICY)
    assert verdict.outcome is GuardAction.HOLD
    assert word in verdict.words


def test_s10_the_operator_may_let_personal_data_pass() -> None:
    text = "your order 123-4567890-1234567 is on its way, I called you on 07700 900123"
    assert codes(text, GuardPolicy(hold_personal_data=False)) == []


@pytest.mark.parametrize(
    "text", ["I GUARANTEE it", "a law  suit", "refunded", "ｇｕａｒａｎｔｅｅ", "guar\u00adantee"]
)
def test_blocked_words_wait_for_a_person(text: str) -> None:
    assert codes(text) == [ObjectionCode.BLOCKED_WORD]


@pytest.mark.parametrize("text", ["guaranteed", "lawsuit", "a law that suits"])
def test_words_that_only_contain_a_blocked_one_pass(text: str) -> None:
    assert codes(text) == []


def test_an_answer_without_words_is_refused_and_a_long_one_is_not() -> None:
    assert codes("…!") == [ObjectionCode.EMPTY]
    assert codes("word " * 1000) == []


def test_a_second_cashtag_waits_for_a_person_only_where_the_platform_takes_one() -> None:
    assert codes("$AAPL and $TSLA", ON_X) == [ObjectionCode.CASHTAGS]
    assert examine("$AAPL and $TSLA", ON_X).outcome is GuardAction.HOLD
    assert codes("$AAPL and $aapl", ON_X) == []
    for measure in (MastodonLength(), BlueskyLength(), PlainLength(500)):
        assert codes("Set $HOME and $PATH", POLICY.on(measure)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Set $USERNAME and $HOMEDRIVE",
        "Set ${HOME} and ${PATH}",
        "Set `$HOME` and `$PATH`",
        "A$B and x$y",
        "$5 or $10",
    ],
)
def test_what_x_takes_for_no_cashtag_is_none(text: str) -> None:
    assert codes(text, ON_X) == []


def test_the_gravest_finding_decides() -> None:
    held = Objection(ObjectionCode.FOREIGN_LINK, GuardAction.HOLD, "a")
    refused = Objection(ObjectionCode.SHORTENER, GuardAction.REFUSE, "b")
    assert Verdict((held, refused)).outcome is GuardAction.REFUSE
    assert Verdict((held,)).outcome is GuardAction.HOLD
    assert Verdict().outcome is GuardAction.ALLOW
    assert Verdict((held, refused)).words == "a b"


@given(st.text(), st.sampled_from(["https://evil.org", "bit.ly/x", "https://u@evil.org"]))
def test_s08_no_foreign_link_passes_whatever_surrounds_it(text: str, url: str) -> None:
    assert examine(f"{text} {url}", POLICY).outcome is not GuardAction.ALLOW
