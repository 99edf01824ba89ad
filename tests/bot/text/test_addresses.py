"""S24: what leads somewhere is judged, however it is written; ordinary words are left alone."""

import pytest

from bot.platforms.bluesky.facets import facets_of
from bot.platforms.bluesky.length import BlueskyLength
from bot.platforms.mastodon.length import MastodonLength
from bot.platforms.x.length import XLength
from bot.text.addresses import find_addresses
from bot.text.lengths import Measure, PlainLength
from bot.wording.compose import compose
from bot.wording.guard import GuardAction, GuardPolicy, ObjectionCode, examine

POLICY = GuardPolicy(own_domains=frozenset({"brand.com"}), own_contacts=("brand@gmail.com",))
MEASURES: list[Measure] = [XLength(), MastodonLength(), BlueskyLength(), PlainLength(500)]

HELD = [
    # mail addresses
    *(
        "support@evil.com",
        "Support@EVIL.com.",
        "<support@evil.com>",
        "support＠evil.com",
        "support@evil。com",
    ),
    *("support @ evil.com", "support (at) evil.com", "support at evil dot com", "mailto:support@evil.com"),
    *("support@[93.184.216.34]", "support@evil.рф", "support@evil.Shop", "brand.com@evil.com"),
    *("support@evil。公司", "user:pass@evil.com", "git@evil.com:x/y"),
    # accounts, which become an address where the @ is taken from them
    *("@support@evil.com", "@evil.com", ".@evil.com"),
    # bare hosts
    *("evil.com", "evil.com.", "EVIL.COM", "evil.com/path", "evil.com:8080/x", "evil.com?x=1", "evil.com#x"),
    *("(evil.com)", "evil.com,now", "evil.com;now", "evil.com|brand.com", "brand.com|evil.com", "evil.com…"),
    *("//evil.com", "///evil.com/x", "/evil.com", "-evil.com", "and/evil.com", ".evil.com", "_evil.com_"),
    *(
        "[click](evil.com)",
        "$evil.com",
        "#evil.com",
        "🔥evil.com🔥",
        "evil.com中国",
        "見てevil.comを",
        "evil.com\\x",
    ),
    *(
        "münchen.de",
        "пример.рф",
        "evil.co.uk",
        "www.evil.newtld",
        "www.evil.newtld/x",
        "readme.md/evil",
        "www.readme.md",
    ),
    *("evil.Com", "Evil.COM", "evil.Shop/x", "done.now"),
    # with a scheme
    *(
        "https://evil.com",
        "http://evil",
        "http://readme.md",
        "https//evil.com",
        "https://brand.com/,https://evil.com",
    ),
    # dots of other scripts, letters of other widths, hidden ones
    *(
        "evil。com",
        "evil．com",
        "evil｡com",
        "evil․com",
        "https://evil。com",
        "ｅｖｉｌ．ｃｏｍ",
        "evil\u200b.com",
        "ev\u00adil.com",
    ),
    # numbers of computers
    *("93.184.216.34", "93.184.216.34/x", "93.184.216.34:8080", "0x5d.0xb8.0xd8.0x22", "0135.0270.0330.0042"),
    *("//1572395042", "2606:2800:220:1:248:1893:25c8:1946", "[2606:2800:220:1:248:1893:25c8:1946]:443"),
    *("::ffff:93.184.216.34",),
    # programs that a reader's device opens
    *("tel:123", "sms:12345", "skype:evil?call", "facetime:evil", "ms-settings:about"),
    "evil dot com",
]
REFUSED = [
    *("help@brand.com.evil.com", "support@brand-com.com", "support@xn--brnd-ooa.com", "@brand.com.evil.com"),
    *("xn--80ak6aa92e.com", "https://brand.com.evil.com", "https://brand.com。evil.com"),
    *("http:evil.com", "http:/evil.com", "https:\\\\evil.com", "https:///evil.com", "hxxps://evil.com"),
    *("evil(.)com", "evil[.]com", "evil{.}com", "evil·com", "support [at] evil [dot] com"),
    *("https://brand.com@evil.com", "https://evil.com\\.brand.com", "https://evil%2ecom"),
    *("https://evil.com;.brand.com/", "https://brand.com;.evil.com/", "https://brand.com,evil.com"),
    *("http://93.184.216.34", "http://0x5db8d822/", "http://1572395042/", "http://0135.0270.0330.0042/"),
    *("http://0x5d.0xb8.0xd8.0x22", "http://[::ffff:93.184.216.34]/", "http://٩٣.184.216.34"),
    *("magnet:?xt=urn:btih:abc", "bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "tg://resolve?domain=evil"),
    *("tg:resolve?domain=evil", "javascript:alert(1)", "data:text/html,x", "intent://x", "whatsapp://send"),
    *("evilapp:?to=x", "ipfs:Qm123"),
]


@pytest.mark.parametrize("text", HELD)
def test_s24_what_leads_elsewhere_waits_for_a_person(text: str) -> None:
    for measure in MEASURES:
        assert examine(f"Please look at {text} now", POLICY.on(measure)).outcome is GuardAction.HOLD


@pytest.mark.parametrize("text", REFUSED)
def test_s24_what_is_in_disguise_is_refused(text: str) -> None:
    for measure in MEASURES:
        assert examine(f"Please look at {text} now", POLICY.on(measure)).outcome is GuardAction.REFUSE


@pytest.mark.parametrize(
    "text",
    [
        "Mail care@brand.com, Care@Help.Brand.com or brand@gmail.com, see brand.com or help.brand.com/x.",
        "See //brand.com/x and https://brand.com?x=evil.com and brand.com/evil.com.",
        "詳細はbrand.comへ。設定を開く。次に再起動。",
        "詳しくはhttps://brand.com/helpを見てください。https://brand.comを開いて、次へ。https://brand.com、https://brand.com。次に",
    ],
)
def test_s24_the_brands_own_addresses_pass(text: str) -> None:
    for measure in MEASURES:
        assert examine(text, POLICY.on(measure)).words == ""


ORDINARY = """
Update to version 1.2.3 and restart. v2.0-beta.3, 2.0.1rc1 or 10.1.1 will do.
Firmware 1.0.2.14 fixes it, as does 93.0.12.44 for the older model.
Install driver 31.0.15.3623 or build 10.0.19041.1.
We close at 10.30, and open at 9.00 a.m. again. It takes 10:30:15, at a ratio of 3.5:1.
Um 10.30 Uhr, z.B. morgen, d.h. am 3.4., rufen wir an. Am 01.02.2024 oder 1.2.24.
Hold e.g. the power button, i.e. the round one, a.k.a. the box, w/o cable.
24/7, c/o us, etc. vs. approx. 5 min.
Open readme.txt or settings.json, then run setup.exe; see image@2x.png or react@18.2.0 of Node.js.
It costs $5.99, €1.299,00 or 12.50 USD; 100.000 Kunden, 1.000.000 people.
TV and/or radio; the on/off switch; n/a, N.A., tbd.; Options: -v --help; key=value; a=b.c
Choose HDMI 2.1, Wi-Fi 6E, USB 3.2 Gen2x2, WPA2/WPA3, H.264/H.265, 802.11a/b/g/n, 5.1 sound or 4K@60Hz.
Done.Now restart it. That is it.Please wait.To stop, press it.In the end it works. @brand.Nothing works
Go to Settings.Then tap Wi-Fi.Call us.Click OK.Open it.Select TV.Next tap Save.Live TV works.
Fertig.Jetzt neu starten.Es dauert ca.in der Regel zwei Minuten.
Oeffnen Sie bzw.im Menü wählen.Im zweiten Schritt warten.
C'est fini.Merci.Il faut redémarrer. Listo.Reinicie el router.Si no funciona, llame.
Fatto.Riavvia.Il led lampeggia. Pronto.Reinicie.No menu escolha. Klaar.Start opnieuw.In het menu.
Gotowe.Teraz uruchom ponownie. Hazır.Şimdi yeniden başlatın. Klart.Starta om.Nu fungerar det.
電源を切って、10.5秒待つ。Wi-Fi。TVを確認。
note: this is a test. Note:this too. Tip:restart first. Step1:open. 3.to be sure
data:the data is there. File:open. News:new! market:open Lightning:plug it in. Gemini:ask it.
std::vector and a::b, C:\\Users\\me, D:/data, the app.It crashes. The TV.It is on.
Set the DNS to 8.8.8.8 or 1.1.1.1, mask 255.255.255.0. Open 192.168.1.1 or 10.0.0.1/setup in your browser.
MAC aa:bb:cc:dd:ee:ff and error 0x80070005 or 0xc000021a; the model XR-55.A80J.
U.S. and U.K. customers, St. Gallen, Dr. No, Mr.Smith, Ph.D., No.1 and Nr.5, S.20, p.12
Hold it... then wait…please. (1) open,(2) close.(3) wait. Ok.So what? Yes.No. Good.As it is.
""".strip().splitlines()


@pytest.mark.parametrize("text", ORDINARY)
def test_s24_ordinary_sentences_are_no_addresses(text: str) -> None:
    for measure in MEASURES:
        addressed = [
            finding.words
            for finding in examine(text, POLICY.on(measure)).findings
            if finding.code is not ObjectionCode.PERSONAL_DATA
        ]
        assert addressed == []


@pytest.mark.parametrize(
    "text", ["readme.md", "main.py", "Main.java", "install.sh", "backup.zip", "film.mov", "ASP.NET"]
)
def test_s24_a_files_name_waits_only_where_the_platform_makes_a_link_of_it(text: str) -> None:
    assert examine(f"Open {text} now", POLICY.on(XLength())).outcome is GuardAction.HOLD
    for measure in (MastodonLength(), BlueskyLength(), PlainLength(500)):
        assert examine(f"Open {text} now", POLICY.on(measure)).outcome is GuardAction.ALLOW
    assert facets_of(f"Open {text} now", {}) == []


def test_s24_the_handle_of_the_customer_is_no_strangers_account() -> None:
    text = "Hello @sam@social.example, hold the button."
    assert examine(text, POLICY).outcome is GuardAction.HOLD
    assert examine(text, POLICY.on(MastodonLength(), "Sam@social.example")).outcome is GuardAction.ALLOW


def test_s24_what_is_published_beside_the_words_is_judged_like_them() -> None:
    assert examine("Hold the button.", POLICY, "evil.com", "^Jane").outcome is GuardAction.HOLD
    assert examine("Hold the button.", POLICY, "Spoilers", "^Jane").outcome is GuardAction.ALLOW


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("Done.Now restart it.", "Done. Now restart it."),
        ("Die Taste bzw.im Menü", "Die Taste bzw. im Menü"),
        ("@sam it works.It does", "it works. It does"),
        ("See https://brand.com/a.It", "See https://brand.com/a.It"),
        ("Ask @jane.bsky.social", "Ask @\u00a0jane.bsky.social"),
    ],
)
def test_s24_a_sentence_without_a_blank_in_front_becomes_no_link(text: str, published: str) -> None:
    assert compose(text, credit="", measure=XLength(), tags=("#chorus",)) == [published]
    assert [facet for facet in facets_of(published, {}) if "brand.com" not in str(facet)] == []


def test_a_line_drawn_of_marks_is_read_at_once() -> None:
    assert find_addresses("~" * 50_000) == []  # half a minute, if each of them could begin something
