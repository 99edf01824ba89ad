"""What people type in another spelling than it was written in is found, marked and suggested all the same."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.archive.lexical import schema
from bot.archive.lexical.folding import fold, folded_places
from bot.archive.lexical.index import Index
from bot.archive.lexical.query import Filters
from bot.archive.memory_source import MemorySource, plain_document

LANGUAGES = {
    1: "he",
    2: "ar",
    3: "fa",
    4: "tr",
    5: "de",
    6: "ka",
    7: "ru",
    8: "en",
    9: "xx",
    10: "vi",
    11: "ja",
    12: "hi",
}
ENTRIES = (
    plain_document(1, "נַתֵּק אֶת הַמַּכְשִׁיר", "מהחשמל", language="he"),
    plain_document(
        2, "الشاشة لا تعمل", "اِفْصِلِ الجِهَازَ عَنِ الكَهْرَبَاءِ لمدة ٣٠ ثانية، إعـــادة التشغيل", language="ar"
    ),
    plain_document(3, "کلید تلویزیون کار نمی‌کند", "مدل ۵۴۲۱ را خاموش کنید", language="fa"),
    plain_document(
        4, "Yazıcı İNTERNET ayarı", "Cihazı KAPATIN, IŞIK sönsün, kapının ışıkları", language="tr"
    ),
    plain_document(5, "Türen schließen nicht, Geräte hören nichts", "Die Straße prüfen", language="de"),
    plain_document(6, "ტელევიზორისთვის გარანტია", "ორი წელი", language="ka"),
    plain_document(7, "Высокопроизводительного видеорегистратора ёлка", "Подождите", language="ru"),
    plain_document(
        8,
        "Firmware 3f786850e387550fdab836ed7e6dc881de23001b",
        "ＷＲＴ５４Ｇ reset soft\u00adware",
        language="en",
    ),
    plain_document(9, "Η οθόνη δεν ανάβει", "Κάντε ΕΠΑΝΕΚΚΊΝΗΣΗ του δέκτης", language="xx"),
    plain_document(10, "Màn hình điện thoại bị đen", "Khởi động lại", language="vi"),
    plain_document(11, "ﾃﾚﾋﾞが映らない", "iPhoneを再起動する", language="ja"),
    plain_document(12, "मेरा फ़ोन बंद है", "ज़रूर ४५ मिनट", language="hi"),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    opened = Index(tmp_path_factory.mktemp("index"), MemorySource(ENTRIES))
    opened.follow()
    yield opened
    opened.close()


SPELLINGS = [
    *((1, "נתק"), (1, "המכשיר"), (1, "נַתֵּק")),
    *((2, "الكهرباء"), (2, "افصل الجهاز"), (2, "الشاشه"), (2, "اعادة"), (2, "إعادة"), (2, "30"), (2, "۳۰")),
    *((3, "كليد"), (3, "کلید"), (3, "تلويزيون"), (3, "نمیکند"), (3, "نمی کند"), (3, "5421"), (3, "٥٤٢١")),
    *(
        (4, "internet"),
        (4, "İnternet"),
        (4, "İNTERNET"),
        (4, "INTERNET"),
        (4, "ışık"),
        (4, "IŞIK"),
        (4, "isik"),
    ),
    *(
        (4, "yazici"),
        (4, "YAZICI"),
        (4, "ayari"),
        (4, "KAPI"),
        (4, "IŞIKLAR"),
        (4, "kapatın"),
        (4, "i\u0307nternet"),
    ),
    *((5, "Tueren"), (5, "türen"), (5, "Turen"), (5, "TÜREN"), (5, "Geraete"), (5, "hoeren"), (5, "strasse")),
    *(
        (5, "Straße"),
        (5, "STRASSE"),
        (5, "pruefen"),
        (5, "Tuere"),
        (5, unicodedata.normalize("NFD", "Türen")),
    ),
    *((6, "ტელევიზორისთვის"), (7, "высокопроизводительного"), (7, "елка"), (7, "ЁЛКА")),
    *((8, "3f786850e387550fdab836ed7e6dc881de23001b"), (8, "wrt54g"), (8, "ｗｒｔ５４ｇ"), (8, "software")),
    *((9, "οθονη"), (9, "ΟΘΟΝΗ"), (9, "επανεκκινηση"), (9, "δεκτησ"), (9, "ΔΈΚΤΗΣ")),
    *((10, "dien thoai"), (10, "ĐIỆN THOẠI"), (10, unicodedata.normalize("NFD", "điện thoại"))),
    *((11, "テレビ"), (11, "ﾃﾚﾋﾞ"), (11, "iphone"), (11, "ＩＰＨＯＮＥ")),
    *((12, "फोन"), (12, "जरूर"), (12, "45")),
]


@pytest.mark.parametrize(("entry", "query"), SPELLINGS)
def test_another_spelling_is_found(index: Index, entry: int, query: str) -> None:
    for filters in (None, Filters(language=LANGUAGES[entry])):
        results = index.search(query, filters)
        assert [hit.entry_id for hit in results.hits][:1] == [entry]
        assert results.corrected == ()


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("נתק", "נַתֵּק אֶת", "<mark>נַתֵּק</mark> אֶת"),
        ("الجهاز", "افصل الجِهَازَ", "افصل <mark>الجِهَازَ</mark>"),
        ("كليد", "کلید تلویزیون", "<mark>کلید</mark> تلویزیون"),
        ("internet", "Yazıcı İNTERNET ayarı", "Yazıcı <mark>İNTERNET</mark> ayarı"),
        ("Tueren", "Die Türen, 3 Türen", "Die <mark>Türen</mark>, 3 <mark>Türen</mark>"),
        ("türen", "Die Tueren", "Die <mark>Tueren</mark>"),
        ("οθονη", "Η οθόνη", "Η <mark>οθόνη</mark>"),
        ("software", "soft\u00adware", "<mark>soft\u00adware</mark>"),
        ("テレビ", "新しいﾃﾚﾋﾞが", "新しい<mark>ﾃﾚﾋﾞ</mark>が"),
        ("iphone", "iPhoneを", "<mark>iPhone</mark>を"),
        ("5421", "مدل ۵۴۲۱", "مدل <mark>۵۴۲۱</mark>"),
    ],
)
def test_another_spelling_is_marked_where_it_stands(index: Index, query: str, text: str, marked: str) -> None:
    assert index.search(query).highlighter.whole(text) == marked


@pytest.mark.parametrize(
    ("entry", "beginning"),
    [(5, "Tuer"), (5, "Türe"), (4, "İnter"), (3, "كلي"), (9, "επανεκ"), (1, "המכ"), (10, "điệ")],
)
def test_whoever_still_types_finds_it_in_any_spelling(index: Index, entry: int, beginning: str) -> None:
    assert entry in [hit.entry_id for hit in index.search(beginning, typing=True).hits]


@pytest.mark.parametrize(
    ("entry", "query"),
    [
        (5, "Tueeren"),
        (5, "Türenn"),
        (9, "οθονι"),
        (3, "تلویزیو"),
        (7, "высокопроизводителного"),
        (4, "interent"),
    ],
)
def test_a_slip_of_the_keys_is_corrected_in_any_spelling(index: Index, entry: int, query: str) -> None:
    results = index.search(query)
    assert [hit.entry_id for hit in results.hits][:1] == [entry]


def test_a_phrase_is_found_in_another_spelling(index: Index) -> None:
    for entry, phrase in ((2, "افصل الجهاز"), (5, "tueren schliessen"), (4, "internet ayarı"), (1, "נתק את")):
        assert [hit.entry_id for hit in index.search(f'"{phrase}"').hits] == [entry]


def test_an_index_of_another_analysis_is_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = MemorySource(ENTRIES)
    former = Index(tmp_path, source)
    former.follow()
    former.close()
    former_version = schema.version()
    schema.version.cache_clear()
    monkeypatch.setattr("bot.archive.lexical.analysis.fold", str)
    try:
        later = Index(tmp_path, source)
        later.follow()
        versions = {path.name.partition("-")[0] for path in (tmp_path / "slot-0").iterdir() if path.is_dir()}
        assert versions == {schema.version()} != {former_version}
        later.close()
    finally:
        monkeypatch.undo()
        schema.version.cache_clear()


@given(st.text())
def test_folding_twice_changes_nothing_and_places_lead_back(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    whole, places = folded_places(text)
    assert len(places) == len(whole) + 1
    assert places == sorted(places)
    assert places[-1] == len(text)
