"""A calendar of holidays becomes closed days: chosen as a file or pasted, and looked at before it counts."""

from typing import Any

import pytest

from bot.store.engine import Database
from tests.app.admin.test_rules_page import UNCHANGED, InCharge
from tests.bot.text.times.test_calendars import calendar, event
from tests.conftest import FakeClock

CHRISTMAS = calendar(
    event("20201225", "RRULE:FREQ=YEARLY", "SUMMARY:Christmas <b>"),
    "DTSTART:20261224T090000Z\nSUMMARY:Meeting",
)
BRAND = "/admin/first-run/brand"


@pytest.fixture
def place(database: Database, clock: FakeClock) -> InCharge:
    return InCharge(database, clock)


def choose(place: InCharge, content: bytes | str, page: str = "/admin/rules", **rules: str) -> Any:
    """The form as a browser sends it with a file."""
    fields = {**UNCHANGED, "follows": "0", "do": "save", **rules}
    file = ("holidays.ics", content if isinstance(content, bytes) else content.encode(), "text/calendar")
    return place.mei.request("POST", page, data=fields, files={"calendar": file})


@pytest.mark.parametrize("page", ["/admin/rules", BRAND])
def test_a_chosen_calendar_is_looked_at_before_it_counts(place: InCharge, page: str) -> None:
    shown = choose(place, CHRISTMAS, page, closed_days="2026-05-01 Labour Day")
    assert shown.status_code == 200
    assert "2026-05-01 Labour Day\n12-25 Christmas &lt;b&gt;</textarea>" in shown.text
    assert "1 day of the calendar is in the list" in shown.text
    assert "1 event with a time of day" in shown.text
    assert place.versions() == []
    place.save(closed_days="2026-05-01 Labour Day\n12-25 Christmas <b>")
    assert place.versions()[-1].values["closed_days"] == ["2026-05-01 Labour Day", "12-25 Christmas <b>"]


def test_a_pasted_calendar_is_looked_at_before_it_counts(place: InCharge) -> None:
    shown = place.save(closed_days=f"2026-05-01 Labour Day\n{CHRISTMAS}")
    assert shown.status_code == 200
    assert "2026-05-01 Labour Day\n12-25 Christmas &lt;b&gt;</textarea>" in shown.text
    assert place.versions() == []


@pytest.mark.parametrize("page", ["/admin/rules", BRAND])
def test_what_is_wrong_with_a_calendar_stands_at_the_field_in_which_it_came(
    place: InCharge, page: str
) -> None:
    chosen = choose(place, "no calendar", page, closed_days="2026-05-01 Labour Day").text
    assert 'id="f-calendar-error"' in chosen
    assert 'id="f-closed_days-error"' not in chosen
    pasted = place.save(closed_days=calendar("DTSTART:20261224T090000Z"))
    assert 'id="f-closed_days-error"' in pasted.text
    assert 'id="f-calendar-error"' not in pasted.text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\xff", "which begins with BEGIN:VCALENDAR"),
        (b"", "which begins with BEGIN:VCALENDAR"),
        (calendar("DTSTART:20261224T090000Z"), "events that last whole days: this one has none"),
        (CHRISTMAS.replace("Meeting", "x" * 600_000), "512 KB at the most"),
    ],
)
def test_what_is_no_calendar_is_told_and_what_was_typed_stays(
    place: InCharge, content: bytes | str, told: str
) -> None:
    refused = choose(place, content, closed_days="2026-05-01 Labour Day", blocked_words="cellar")
    assert refused.status_code == 422
    assert told in refused.text
    assert "2026-05-01 Labour Day</textarea>" in refused.text
    assert "cellar</textarea>" in refused.text
    assert place.versions() == []


def test_a_form_with_no_file_chosen_is_saved_as_ever(place: InCharge) -> None:
    fields = {**UNCHANGED, "follows": "0", "do": "save", "closed_days": "12-25 Christmas"}
    saved = place.mei.request("POST", "/admin/rules", data=fields, files={"calendar": ("", b"")})
    assert saved.status_code == 303
    assert place.versions()[-1].values["closed_days"] == ["12-25 Christmas"]


def test_a_calendar_in_another_coding_is_read(place: InCharge) -> None:
    shown = choose(place, calendar(event("20260106", "SUMMARY:Dreikönig")).encode("cp1252"))
    assert "2026-01-06 Dreikönig</textarea>" in shown.text


def test_the_file_field_is_there_only_where_the_days_can_be_changed(
    database: Database, clock: FakeClock
) -> None:
    kept = InCharge(database, clock, publish={"locked": ("closed_days",)})
    assert 'name="calendar"' not in kept.mei.get("/admin/rules").text
    assert choose(kept, CHRISTMAS, do="try").status_code == 200
    assert "Christmas &lt;b&gt;" not in choose(kept, CHRISTMAS, do="try").text
