import pytest

from bot.text.lengths import PlainLength
from bot.wording.split import CannotSplit, split


def test_what_fits_stays_one_post_without_a_number() -> None:
    assert split("Hello.", PlainLength(20), opening="@a ", closing=" ^J") == ["@a Hello. ^J"]


def test_opening_and_closing_stand_once() -> None:
    parts = split("One two three. Four five six. Seven eight.", PlainLength(30), opening="@a ", closing=" ^J")
    assert parts == ["@a One two three. (1/3)", "Four five six. (2/3)", "Seven eight. (3/3) ^J"]


def test_a_paragraph_is_a_better_border_than_a_sentence() -> None:
    text = "One two three four five.\n\nSix seven. Eight nine ten eleven."
    assert split(text, PlainLength(50)) == [
        "One two three four five. (1/2)",
        "Six seven. Eight nine ten eleven. (2/2)",
    ]


def test_a_border_that_wastes_most_of_a_part_is_passed_over() -> None:
    parts = split(
        "No. A very long sentence goes on and on, without an end for quite a while here.", PlainLength(50)
    )
    assert parts[0] == "No. A very long sentence goes on and on, (1/2)"


def test_the_last_part_leaves_room_for_the_closing() -> None:
    parts = split("aaaa bbbb cccc dddd", PlainLength(22), closing=" ^Jane Doe")
    assert parts == ["aaaa bbbb cccc (1/2)", "dddd (2/2) ^Jane Doe"]


@pytest.mark.parametrize(
    "piece", ["https://example.com/" + "a" * 40, "@" + "\u00a0" + "b" * 60, "jane@" + "example" * 6 + ".com"]
)
def test_a_piece_that_must_stay_whole_and_does_not_fit_is_named(piece: str) -> None:
    with pytest.raises(CannotSplit) as error:
        split(f"See {piece} there", PlainLength(40))
    assert error.value.piece == piece


def test_punctuation_starts_no_part_and_brackets_end_none() -> None:
    parts = split("電源を切る（コンセントも抜く）。それから待つ。" * 4, PlainLength(30))
    bodies = [part.rpartition(" (")[0] for part in parts]
    assert not any(body.startswith(("。", "、", "）")) or body.endswith("（") for body in bodies)


END_OF_LINK = "!.…。“"


@pytest.mark.parametrize(
    "row", ["!", ".", "…", "(", "。", "#", "@", "$", "^", "(!)", "a$", "$a", "-#", "!\n", "“"]
)
def test_a_row_of_marks_is_parted_like_any_text(row: str) -> None:
    text = f"See https://example.com/help{'' if row in END_OF_LINK else ' '}{row * 200}"
    parts = split(text, PlainLength(100))
    assert all(PlainLength(100).fits(part) for part in parts)
    bodies = [part.removesuffix(f" ({at}/{len(parts)})") for at, part in enumerate(parts, start=1)]
    assert "".join("".join(bodies).split()) == "".join(text.split())


def test_marks_stay_with_their_words_where_a_post_has_room() -> None:
    parts = split("Really?! " * 6 + "Yes (of course).", PlainLength(40))
    assert not any(part.startswith(("?", "!", ")", ".")) for part in parts)


def test_no_word_becomes_a_tag_by_being_parted_from_what_stands_before_it() -> None:
    parts = split("x" * 30 + "##word" * 10, PlainLength(44))
    assert not any(part.startswith("#word") for part in parts)
