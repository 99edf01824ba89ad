"""Placeholders in public texts."""

from hypothesis import given
from hypothesis import strategies as st

from bot.actions.archive.placeholders import PLACEHOLDERS, fill, unknown_placeholders

ANY = st.text(alphabet="{} abrndtg\n", max_size=40)


@given(ANY)
def test_what_is_accepted_is_filled_in_whole(text: str) -> None:
    if not unknown_placeholders(text):
        filled = fill(text, dict.fromkeys(PLACEHOLDERS, "x"))
        assert not any(f"{{{name}}}" in filled for name in PLACEHOLDERS)


@given(ANY, ANY)
def test_what_is_filled_in_is_not_looked_through_again(before: str, brand: str) -> None:
    assert fill("{brand}", {"brand": brand}) == brand
    assert fill(before.replace("{", ""), {"brand": brand}) == before.replace("{", "")


def test_braces_across_lines_are_no_placeholder() -> None:
    assert unknown_placeholders("{a\nb} {brand} {tag} {brnd} {brnd}") == ("{brnd}",)
