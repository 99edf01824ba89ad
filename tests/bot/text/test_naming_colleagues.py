"""Whom colleagues mean by @ in what they write to each other."""

import pytest

from bot.text.naming_colleagues import KnownColleague, named_in

EVERYBODY = [
    KnownColleague(1, "Jane Doe", "jane@example.com"),
    KnownColleague(2, "Jane Roe", "jr@example.com"),
    KnownColleague(3, "Ömer Faruk Yılmaz", "omer@example.com"),
    KnownColleague(4, "さくら", "sakura@example.com"),
]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("@Jane Doe please", [(1,)]),
        ("(@jane doe), and @jr@example.com.", [(1,), (2,)]),
        ("@Jane look", [(1, 2)]),
        ("@ömer: look", [(3,)]),
        ("ask @Ömer Faruk Yılmaz!", [(3,)]),
        ("@さくら、お願い", [(4,)]),
        ("@さくら お願い", [(4,)]),
        ("mail me at someone@Jane or @@Jane", []),
        ("@nobody, @ Jane, @", []),
        ("@Jane\nDoe", [(1, 2)]),
    ],
)
def test_who_is_named(text: str, ids: list[tuple[int, ...]]) -> None:
    assert [one.ids for one in named_in(text, EVERYBODY)] == ids
