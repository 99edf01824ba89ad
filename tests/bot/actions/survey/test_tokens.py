"""The addresses of surveys: nothing in one can be changed, and the former key opens those that were given."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.actions.survey.tokens import NoSuchSurvey, SurveyOver, survey_named, token_of

LETTERS = "bcdfghjkmnpqrstvwxyz"
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
KEY, FORMER = b"k" * 32, b"f" * 32
TOKEN = token_of(KEY, 7, NOW + timedelta(days=1))


@pytest.mark.parametrize("place", range(len(TOKEN)))
def test_no_letter_of_an_address_can_be_another(place: int) -> None:
    """Neither the number nor the end of a survey, which stand in it for everybody to read."""
    for letter in sorted(set(LETTERS) - {TOKEN[place]}):
        with pytest.raises(NoSuchSurvey):
            survey_named((KEY,), f"{TOKEN[:place]}{letter}{TOKEN[place + 1 :]}", NOW)


@pytest.mark.parametrize("token", ["z" * 45, "a" * 45, "b" * 44, TOKEN + "b", TOKEN.upper(), ""])
def test_what_no_address_looks_like_is_none(token: str) -> None:
    with pytest.raises(NoSuchSurvey):
        survey_named((KEY,), token, NOW)


def test_addresses_under_the_former_key_work_until_they_end() -> None:
    given = token_of(FORMER, 7, NOW + timedelta(days=1))
    assert survey_named((KEY, FORMER), given, NOW) == survey_named((KEY,), TOKEN, NOW) == 7
    with pytest.raises(NoSuchSurvey):
        survey_named((KEY,), given, NOW)
    with pytest.raises(SurveyOver):
        survey_named((KEY, FORMER), given, NOW + timedelta(days=1, hours=1))
