"""How the brand is called: changed in the browser, in force everywhere, and no answer is lost by it."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from app.admin.house_rules.rule_fields import GROUPS
from app.wiring.channels import house_of
from app.wiring.steering.rules import CHANGEABLE
from bot.actions.figures.roll_up import is_due
from bot.actions.people import first_person
from bot.actions.steering.rulebook import FORMER_COUNTS
from bot.roles import Role
from bot.store.engine import Database
from bot.store.tables.house import AuditRow, RuleVersionRow
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.house import House

BASE = "/admin/first-run/brand"


class Branded:
    """A house that the environment calls Acme, and somebody in charge of it."""

    def __init__(self, database: Database, clock: FakeClock, **given: Any) -> None:
        self.house = WorkHouse(database, clock, **given)
        self.boss = self.house.employee("Ada Admin", role=Role.ADMIN)
        self.ada = self.house.browser(self.boss)

    def fields(self) -> dict[str, str]:
        """The form as it stands on the page."""
        page = self.ada.get(BASE).text
        found = dict(
            re.findall(r'<input type="[a-z]+" value="([^"]*)" id="f-[a-z_]+" name="([a-z_]+)"', page)
        )
        texts = re.findall(r'<textarea id="f-[a-z_]+" name="([a-z_]+)"[^>]*>([^<]*)</textarea>', page)
        follows = re.search(r'name="follows" value="(\d+)"', page)
        assert follows
        return {
            **{name: unescape(value) for value, name in found.items()},
            **{name: unescape(value) for name, value in texts},
            "follows": follows[1],
        }

    def save(self, browser: Browser | None = None, **brand: str) -> Any:
        return (browser or self.ada).post(BASE, {**self.fields(), "do": "save", **brand})


@pytest.fixture
def place(database: Database, clock: FakeClock) -> Branded:
    return Branded(database, clock)


@pytest.fixture
def quick(sqlite_database: Database, clock: FakeClock) -> Branded:
    return Branded(sqlite_database, clock)


def test_a_new_name_stands_everywhere_in_every_process(place: Branded, clock: FakeClock) -> None:
    other = WorkHouse(place.house.database, clock)
    reader = other.browser()
    assert "Acme answers" in reader.get("/").text

    assert place.save(brand_name="Otter & Ohm").headers["location"] == f"{BASE}?done=brand"
    clock.advance(1)

    for house in (place.house, other):
        anybody = house.browser()
        for page in ("/", "/about", "/search", "/topics", "/sign-in", "/feed.atom", "/opensearch.xml"):
            text = anybody.get(page).text
            assert "Otter &amp; Ohm" in text, page
            assert "Acme" not in text, page
        assert anybody.get("/openapi.json").json()["info"]["title"] == "Otter & Ohm: answers"
        assert house_of(house.chorus.settings).brand == "Otter & Ohm"
    [line] = [one for one in place.house.rows(AuditRow) if one.action == "rules.change"]
    assert line.detail == {"version": 1, "changed": ["brand_name"]}


def test_the_front_page_that_is_remembered_follows_a_new_name(quick: Branded) -> None:
    reader = quick.house.browser()
    former = reader.get("/")
    quick.save(brand_name="Otter")
    assert "Otter answers" in reader.get("/", **{"if-none-match": former.headers["etag"]}).text


def test_the_environment_is_where_it_begins_and_where_it_can_end(
    sqlite_database: Database, clock: FakeClock
) -> None:
    place = Branded(sqlite_database, clock, publish={"locked": ("brand_name",)}, timezone="Europe/Berlin")
    page = place.ada.get(BASE).text
    assert "The environment keeps this rule" in page
    assert place.fields()["timezone"] == "Europe/Berlin"

    place.save(brand_name="Other", timezone="Asia/Tokyo", tag="#acme")

    assert place.house.chorus.settings.brand_name == "Acme"
    assert place.house.chorus.settings.timezone == "Asia/Tokyo"
    [version] = place.house.rows(RuleVersionRow)
    assert version.values == {"timezone": "Asia/Tokyo", "tag": "#acme"}
    assert place.house.chorus.given.timezone == "Europe/Berlin"


def test_what_it_could_not_be_called_is_said_beside_its_field(quick: Branded) -> None:
    refused = quick.save(brand_name=" ", tag="hash tag", timezone="Middle/Earth", business_hours="someday")
    assert refused.status_code == 422
    for words in (
        "It should be a name on one line.",
        "It should be # and up to 40 letters",
        'value="hash tag"',
        'value="Middle/Earth"',
        "is no day with hours",
    ):
        assert words in refused.text
    assert not quick.house.rows(RuleVersionRow)


def test_other_rules_stay_as_they_are(quick: Branded) -> None:
    quick.ada.post("/admin/rules", {"follows": "0", "do": "save", "blocked_words": "refund"})
    quick.save(brand_name="Otter")
    assert quick.house.rows(RuleVersionRow)[-1].values == {"blocked_words": ["refund"], "brand_name": "Otter"}
    assert "The brand's name: <bdi>Otter</bdi>" in unescape(quick.ada.get("/admin/rules").text)


def test_of_two_who_name_it_at_once_the_second_is_told(place: Branded) -> None:
    bo = place.house.browser(place.house.employee("Bo Ek", role=Role.ADMIN))
    place.save(brand_name="Otter")
    second = place.save(bo, brand_name="Beaver", follows="0")
    assert second.status_code == 422
    assert "Somebody else has changed the rules" in second.text
    assert 'value="Beaver"' in second.text
    assert place.house.chorus.settings.brand_name == "Otter"


def test_a_look_at_it_changes_nothing_and_says_what_becomes_of_the_former_tag(quick: Branded) -> None:
    looked = quick.save(do="look", brand_name="Otter", tag="#otter", timezone="Asia/Tokyo")
    assert looked.status_code == 200
    assert "<bdi>Otter</bdi> answers" in looked.text
    assert "Posts with <code>#chorus</code>, the tag of today, would count as answers until" in looked.text
    assert 'value="#otter"' in looked.text
    assert not quick.house.rows(RuleVersionRow)


def test_the_checklist_has_it_done_once_it_is_named(sqlite_database: Database, clock: FakeClock) -> None:
    place = Branded(sqlite_database, clock)
    place.house.chorus.given.model_fields_set.discard("brand_name")
    with place.house.database.write() as session:
        first_person.open_checklist(session, clock())
    steps = "The brand's name and tag</strong></a>.*?(done|to do)</span>"
    assert re.findall(steps, unescape(place.ada.get("/admin/first-run").text), re.DOTALL) == ["to do"]
    place.save(brand_name="Otter")
    assert re.findall(steps, unescape(place.ada.get("/admin/first-run").text), re.DOTALL) == ["done"]


def test_what_only_the_environment_can_say_is_named(quick: Branded) -> None:
    page = quick.ada.get(BASE).text
    assert "CHORUS_BASE_URL" in page
    assert "CHORUS_LOCAL__HANDLE" in page


def test_every_rule_stands_in_one_group() -> None:
    assert sorted(name for names in GROUPS.values() for name in names) == sorted(CHANGEABLE)


def test_by_another_time_zone_the_figures_are_counted_anew(quick: Branded) -> None:
    roll_up = quick.house.steps.roll_up
    while roll_up.run():
        pass
    quick.save(timezone="Asia/Tokyo", business_hours="mon-fri 09:00-17:00")
    with quick.house.database.read() as session:
        assert is_due(session, roll_up.hours(), quick.house.clock())
    assert roll_up.hours().zone.key == "Asia/Tokyo"


# --- the tag


def tagged(house: House, tag: str, customer: str) -> str:
    """Somebody asks, Jane answers with this tag, and everything is worked off: the brand's last words."""
    asked = house.post(customer, "@brand My TV shows no picture")
    house.work()
    before = len(house.by_brand())
    house.post("jane", f"@{customer} Hold the power button for ten seconds, {customer}. {tag}", asked)
    house.work()
    said = house.by_brand()[before:]
    return said[0].text if said else ""


def rename(house: House, tag: str) -> None:
    with house.database.write() as session:
        follows = house.rows(RuleVersionRow)
        number = follows[-1].id if follows else 0
        session.add(RuleVersionRow(follows=number, values={"tag": tag}, written_at=house.clock()))
    house.chorus.rulebook.look()


def test_after_a_change_both_tags_make_answers_for_a_week(database: Database, clock: FakeClock) -> None:
    house = House(database, clock)
    house.employee("Jane Doe", house.topic("tv", "TV", "tv", "picture"))
    assert "power button" in tagged(house, "#chorus", "sam")

    rename(house, "#otter")

    for number, tag in enumerate(("#otter", "#chorus", "#chorus-private", "#otter-private")):
        said = tagged(house, tag, f"kim{number}")
        assert "power button" in said, tag
        assert "#" not in said, "the brand never says a tag, the former neither"
    assert [answer.for_archive for answer in house.answers()] == [True, True, True, False, False]
    clock.advance(FORMER_COUNTS)
    assert tagged(house, "#chorus", "lou") == ""
    assert "power button" in tagged(house, "#otter", "ida")


def test_a_process_that_begins_after_a_change_understands_the_former_tag(
    sqlite_database: Database, clock: FakeClock
) -> None:
    house = House(sqlite_database, clock)
    rename(house, "#otter")
    clock.advance(FORMER_COUNTS - timedelta(hours=1))
    later = House(sqlite_database, clock)
    assert later.chorus.rules.tags == ("#otter", "#chorus")
    clock.advance(timedelta(hours=1))
    assert later.chorus.rules.tags == house.chorus.rules.tags == ("#otter",)


def test_a_tag_that_comes_back_is_no_former_one(sqlite_database: Database, clock: FakeClock) -> None:
    house = House(sqlite_database, clock)
    rename(house, "#otter")
    rename(house, "#Chorus")
    assert house.chorus.rules.tags == ("#Chorus", "#otter")


def test_a_tag_that_the_environment_keeps_has_no_former_one(
    sqlite_database: Database, clock: FakeClock
) -> None:
    house = House(sqlite_database, clock, publish={"locked": ("tag",)})
    rename(house, "#otter")
    assert house.chorus.rules.tags == ("#chorus",)


def test_until_when_a_former_tag_counts_is_said_where_it_is_changed(quick: Branded) -> None:
    quick.save(tag="#otter")
    for page in (BASE, "/admin/rules"):
        assert "Posts with the former tag <code>#chorus</code> still count" in quick.ada.get(page).text
    jane = quick.house.browser(quick.house.employee("Jane Doe"))
    assert "<code>#otter</code>" in jane.get("/desk/profile").text
