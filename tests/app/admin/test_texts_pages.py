"""The public texts: a second person approves a version, and employees accept changed guidelines anew."""

from datetime import timedelta

import pytest

from bot.channels.alarms import Alarm
from bot.roles import Role
from bot.store.conversations import notices
from bot.store.engine import Database
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.conversations import AnswerRow
from bot.store.tables.hooks import ApiTokenRow
from bot.store.tables.house import AuditRow, TextRow
from bot.store.tables.people import EmployeeRow
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.forms import fields_of

KIND = {"title": "Terms", "paragraphs": "Be kind.\n\nBe brief."}
RULES = {"title": "Guidelines", "paragraphs": "Answer what you know.", "accept_anew": "yes"}


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    return WorkHouse(database, clock)


@pytest.fixture
def mei(house: WorkHouse) -> Browser:
    return house.browser(house.employee("Mei Tan", role=Role.ADMIN))


@pytest.fixture
def ann(house: WorkHouse) -> Browser:
    return house.browser(house.employee("Ann Lee", role=Role.ADMIN))


def _approve(browser: Browser, house: WorkHouse, name: str = "terms") -> int:
    version = house.rows(TextRow)[-1].id
    return browser.post(f"/admin/texts/{name}/versions/{version}/approve").status_code


def test_a_version_is_in_force_when_a_second_person_has_approved_it(
    house: WorkHouse, mei: Browser, ann: Browser
) -> None:
    assert mei.post("/admin/texts/terms", KIND).status_code == 303
    about = house.browser()
    assert "Be brief." not in about.get("/about").text
    assert "Somebody else in charge has to approve it." in mei.get("/admin/texts/terms").text
    assert "a version waits for a second person" in mei.get("/admin/texts").text

    assert _approve(mei, house) == 409
    assert "Be brief." not in about.get("/about").text
    assert _approve(ann, house) == 303

    assert "Be brief." in about.get("/about").text
    assert _approve(ann, house) == 409
    [version] = house.rows(TextRow)
    assert version.paragraphs == ["Be kind.", "Be brief."]
    assert (version.proposed_by, version.published_by) == ("mei@example.com (1)", "ann@example.com (2)")
    acts = [line.action for line in house.rows(AuditRow)]
    assert acts == [AuditAction.TEXT_PROPOSE, AuditAction.TEXT_PUBLISH]


def test_whoever_is_alone_approves_their_own(house: WorkHouse, mei: Browser) -> None:
    mei.post("/admin/texts/terms", KIND)
    assert _approve(mei, house) == 303


def test_only_the_latest_version_can_be_approved(house: WorkHouse, mei: Browser, ann: Browser) -> None:
    mei.post("/admin/texts/terms", KIND)
    mei.post("/admin/texts/terms", {**KIND, "paragraphs": "Be kind."})
    first = house.rows(TextRow)[0].id
    assert ann.post(f"/admin/texts/terms/versions/{first}/approve").status_code == 409
    assert ann.post(f"/admin/texts/disclaimer/versions/{first + 1}/approve").status_code == 404
    assert _approve(ann, house) == 303


def test_nobody_hands_in_a_version_over_one_that_they_have_not_seen(
    house: WorkHouse, mei: Browser, ann: Browser
) -> None:
    typed = fields_of(mei.get("/admin/texts/terms").text, "/admin/texts/terms")
    assert ann.post("/admin/texts/terms", KIND).status_code == 303

    looked = mei.post("/admin/texts/terms", {**typed, "paragraphs": "Be patient.", "do": "look"}).text
    second = mei.post("/admin/texts/terms", {**fields_of(looked, "/admin/texts/terms"), "do": "hand_in"})
    assert second.status_code == 422
    assert "Somebody else has handed in another version since you opened this page." in second.text
    assert "Be brief." in second.text
    again = fields_of(second.text, "/admin/texts/terms")
    assert again["paragraphs"] == "Be patient."
    assert len(house.rows(TextRow)) == 1

    assert mei.post("/admin/texts/terms", {**again, "do": "hand_in"}).status_code == 303
    assert [row.paragraphs[0] for row in house.rows(TextRow)] == ["Be kind.", "Be patient."]


def test_what_is_no_text_is_refused_and_stays_in_the_form(house: WorkHouse, mei: Browser) -> None:
    refused = mei.post("/admin/texts/terms", {"title": "", "paragraphs": "Typed with care."})
    assert refused.status_code == 422
    assert "Typed with care.</textarea>" in refused.text
    assert mei.post("/admin/texts/terms", {"title": "Terms", "paragraphs": " \n\n "}).status_code == 422
    assert mei.post("/admin/texts/poems", {"title": "x", "paragraphs": "y"}).status_code == 404
    assert not house.rows(TextRow)


def test_changed_guidelines_are_accepted_anew_and_nothing_typed_is_lost(
    house: WorkHouse, mei: Browser, ann: Browser
) -> None:
    jane = house.employee("Jane Doe", handle="jane")
    desk, question = house.browser(jane), house.question()
    house.offer(question, jane)
    mei.post("/admin/texts/guidelines", RULES)
    assert desk.get("/desk").status_code == 200  # nothing is in force yet
    assert _approve(ann, house, "guidelines") == 303
    assert "3 people have not accepted the present version yet" in mei.get("/admin/texts/guidelines").text

    typed = desk.post(f"/desk/questions/{question}/answer", {"text": "Hold the button.", "step": "send"})

    assert typed.status_code == 303
    assert [one.text for one in house.rows(AnswerRow)] == ["Hold the button."]
    turned = desk.get("/desk/answers")
    assert turned.headers["location"] == "/desk/welcome?to=/desk/answers"
    page = desk.get("/desk/welcome").text
    assert "The guidelines have changed since you accepted them." in page
    assert "Answer what you know." in page
    desk.post("/desk/welcome")
    assert desk.get("/desk/answers").status_code == 200
    [row] = [one for one in house.rows(EmployeeRow) if one.id == jane]
    assert row.accepted_terms == house.rows(TextRow)[0].published_at.isoformat()


def test_a_small_change_asks_nobody(house: WorkHouse, mei: Browser, ann: Browser) -> None:
    desk = house.browser(house.employee("Jane Doe"))
    for fields in ({**RULES, "accept_anew": ""}, {**RULES, "accept_anew": ""}):
        mei.post("/admin/texts/guidelines", fields)
        _approve(ann, house, "guidelines")
    mei.post("/admin/texts/terms", {**KIND, "accept_anew": "yes"})
    _approve(ann, house)
    assert desk.get("/desk").status_code == 200


def test_a_placeholder_stays_one_and_is_filled_in_when_it_is_read(
    house: WorkHouse, mei: Browser, ann: Browser
) -> None:
    page = mei.get("/admin/texts/terms").text
    assert "By mentioning {brand} in a public post" in page
    assert "{brand} stands for the brand&#39;s name" in page
    text = "{brand} answers with {tag}, and only {brand}."
    looked = mei.post("/admin/texts/terms", {"title": "Terms", "paragraphs": text, "do": "look"})
    assert "Acme answers with #chorus, and only Acme." in looked.text
    assert f"{text}</textarea>" in looked.text
    assert not house.rows(TextRow)

    mei.post("/admin/texts/terms", {"title": "Terms of {brand}", "paragraphs": text})
    assert "Acme answers with #chorus" in ann.get("/admin/texts/terms").text
    _approve(ann, house)
    mei.post("/admin/rules", {"follows": "0", "do": "save", "brand_name": "{tag} & Co", "tag": "#otter"})

    about = house.browser().get("/about").text
    assert "Terms of {tag} &amp; Co" in about
    assert "{tag} &amp; Co answers with #otter, and only {tag} &amp; Co." in about
    assert "{brand} answers with {tag}" in mei.get("/admin/texts/terms").text


@pytest.mark.parametrize("wrong", ["{Brand}", "{company name}", "{}", "{brand }"])
def test_a_placeholder_that_stands_for_nothing_is_refused(house: WorkHouse, mei: Browser, wrong: str) -> None:
    refused = mei.post("/admin/texts/terms", {"title": "Terms", "paragraphs": f"We are {wrong}."})
    assert refused.status_code == 422
    assert f"{wrong} stands for nothing: write {{brand}} for the brand&#39;s name" in refused.text
    assert f"We are {wrong}.</textarea>" in refused.text
    assert not house.rows(TextRow)


def test_what_a_version_makes_different_is_shown(house: WorkHouse, mei: Browser, ann: Browser) -> None:
    mei.post("/admin/texts/terms", KIND)
    _approve(ann, house)
    mei.post("/admin/texts/terms", {**KIND, "paragraphs": "Be kind.\n\nBe clear."})
    page = ann.get("/admin/texts/terms").text
    waits, _, versions = page.partition("<h2>Versions</h2>")
    for part in (waits, versions):
        assert "Be <del>brief.</del><ins>clear.</ins>" in part
    assert "<del>Reading" in versions, "the first against the one that comes with Chorus"


def test_a_further_text_stands_on_about_once_a_second_person_approved_it(
    house: WorkHouse, mei: Browser, ann: Browser
) -> None:
    typed = {"title": "Rules of engagement", "paragraphs": "{brand} is never rude."}
    assert mei.post("/admin/texts", {**typed, "title": "Terms"}).status_code == 422
    assert mei.post("/admin/texts", typed).status_code == 303
    again = mei.post("/admin/texts", typed)
    assert "There is a text of this name" in again.text
    assert "is never rude.</textarea>" in again.text
    assert "not in force yet" in ann.get("/admin/texts").text
    assert "never rude" not in house.browser().get("/about").text
    assert "Acme is never rude." in ann.get("/admin/texts/rules-of-engagement").text

    assert _approve(ann, house, "rules-of-engagement") == 303

    assert "Acme is never rude." in house.browser().get("/about").text
    assert mei.post("/admin/texts/rules-of-engagement", typed).status_code == 303


FURTHER = {"title": "Warranty", "paragraphs": "Two years."}


def test_a_further_text_is_retired_by_two_and_comes_back_with_a_new_version(
    house: WorkHouse, mei: Browser, ann: Browser
) -> None:
    mei.post("/admin/texts", FURTHER)
    _approve(ann, house, "warranty")
    about, page = house.browser(), "/admin/texts/warranty"
    assert "Two years." in about.get("/about").text

    assert mei.post(f"{page}/retire").status_code == 303
    assert "Two years." in about.get("/about").text
    assert "is to be retired" in ann.get(page).text
    assert "With it, the text is retired" in ann.get("/admin/board").text
    assert _approve(mei, house, "warranty") == 409
    assert _approve(ann, house, "warranty") == 303

    there = about.get("/about").text
    assert "Two years." not in there
    assert "No longer in force" in there
    assert '<li id="warranty"><bdi>Warranty</bdi>, until' in there
    listed = mei.get("/admin/texts").text
    assert listed.index("Retired") < listed.index("Warranty")
    assert "Two years." in mei.get(page).text
    assert "This text is retired." in mei.get(page).text
    assert mei.post(f"{page}/retire").status_code == 409
    assert mei.post("/admin/texts", FURTHER).status_code == 422

    mei.post(page, {"title": "Warranty", "paragraphs": "Three years."})
    _approve(ann, house, "warranty")
    assert "Three years." in about.get("/about").text
    acts = [line.action for line in house.rows(AuditRow)]
    assert acts.count(AuditAction.TEXT_RETIRE) == 1


def test_what_comes_with_chorus_or_never_was_in_force_cannot_be_retired(
    house: WorkHouse, mei: Browser
) -> None:
    assert mei.post("/admin/texts/terms/retire").status_code == 409
    mei.post("/admin/texts", FURTHER)
    assert "Retire it" not in mei.get("/admin/texts/warranty").text
    assert mei.post("/admin/texts/warranty/retire").status_code == 409
    assert mei.post("/admin/texts/nothing/retire").status_code == 404


@pytest.mark.parametrize("by_its_author", [True, False])
def test_a_further_text_that_never_was_in_force_is_withdrawn_and_its_words_are_kept(
    house: WorkHouse, mei: Browser, ann: Browser, by_its_author: bool
) -> None:
    mei.post("/admin/texts", FURTHER)
    page, who = "/admin/texts/warranty", mei if by_its_author else ann
    version = house.rows(TextRow)[0].id

    done = who.post(f"{page}/versions/{version}/withdraw")

    assert done.headers["location"] == f"{page}?done=withdrawn"
    assert "it waits for nobody any more" in who.get(done.headers["location"]).text
    with house.database.read() as session:
        assert not any(notices.standing(session, house.clock()).values())
    assert "text-" not in ann.get("/admin/board").text
    listed = ann.get("/admin/texts").text
    assert listed.index("Withdrawn before they were in force") < listed.index('href="/admin/texts/warranty"')
    kept = ann.get(page).text
    assert "Two years." in kept.partition("<h2>Versions</h2>")[2]
    assert "Waits for a second person" not in kept
    assert "Warranty" not in house.browser().get("/about").text
    assert "open it above" in mei.post("/admin/texts", FURTHER).text
    line = house.rows(AuditRow)[-1]
    assert (line.action, line.subject) == (AuditAction.TEXT_WITHDRAW, "text warranty")

    again = fields_of(kept, page)
    assert again["paragraphs"] == "Two years.", "whoever goes on from it need not type it again"
    assert mei.post(page, {**again, "paragraphs": "Three years.", "do": "hand_in"}).status_code == 303
    assert _approve(ann, house, "warranty") == 303
    assert "Three years." in house.browser().get("/about").text
    assert "Withdrawn before" not in ann.get("/admin/texts").text


def test_what_is_in_force_stays_so_when_a_later_version_is_withdrawn(
    house: WorkHouse, mei: Browser, ann: Browser
) -> None:
    for text, decision in (("Two years.", "approve"), ("Ten years.", "withdraw")):
        if house.rows(TextRow):
            mei.post("/admin/texts/warranty", {**FURTHER, "paragraphs": text})
        else:
            mei.post("/admin/texts", FURTHER)
        version = house.rows(TextRow)[-1].id
        assert ann.post(f"/admin/texts/warranty/versions/{version}/{decision}").status_code == 303
    assert "Two years." in house.browser().get("/about").text
    assert "Withdrawn before" not in ann.get("/admin/texts").text
    mei.post("/admin/texts/warranty/retire")
    version = house.rows(TextRow)[-1].id
    assert ann.post(f"/admin/texts/warranty/versions/{version}/withdraw").status_code == 303
    assert "it was to retire the text" in ann.get("/admin/texts/warranty").text
    assert "Two years." in house.browser().get("/about").text


def test_a_version_is_decided_on_once(house: WorkHouse, mei: Browser, ann: Browser) -> None:
    def tried(what: str, version: int, name: str = "terms") -> tuple[int, str]:
        answer = ann.post(f"/admin/texts/{name}/versions/{version}/{what}")
        return answer.status_code, answer.text

    for _ in range(2):
        mei.post("/admin/texts/terms", KIND)
    replaced, latest = (row.id for row in house.rows(TextRow))
    assert tried("withdraw", replaced)[0] == 409
    assert tried("withdraw", latest, "disclaimer")[0] == 404
    assert tried("withdraw", latest)[0] == 303
    for what in ("approve", "withdraw"):
        status, said = tried(what, latest)
        assert (status, "ann@example.com (2) has withdrawn it meanwhile" in said) == (409, True)
    mei.post("/admin/texts/terms", KIND)
    last = house.rows(TextRow)[-1].id
    assert tried("approve", last)[0] == 303
    status, said = tried("withdraw", last)
    assert (status, "ann@example.com (2) has approved it meanwhile" in said) == (409, True)


def test_a_version_that_waits_is_told_to_whoever_may_approve_it(house: WorkHouse, mei: Browser) -> None:
    lee, moe = house.employee("Lee", role=Role.ADMIN), house.employee("Moe", role=Role.MODERATOR)
    mei.post("/admin/texts/terms", KIND)
    with house.database.read() as session:
        standing = notices.standing(session, house.clock())
        assert [kind for kind, ids in standing.items() if ids] == [Alarm.TEXTS]
        told = list(notices.in_charge(session, Alarm.TEXTS))
    assert (lee in told, moe in told) == (True, False)


def test_a_token_that_ends_soon_is_told_to_whoever_looks_after_programs(house: WorkHouse) -> None:
    ada, moe = house.employee("Ada", role=Role.ADMIN), house.employee("Moe", role=Role.MODERATOR)
    with house.database.write() as session:
        row = ApiTokenRow(
            name="Wall",
            secret_hash="x",
            hint="x",
            scopes=["questions"],
            created_at=house.clock(),
            expires_at=house.clock() + timedelta(days=8),
        )
        session.add(row)
    for days, told in ((0, []), (2, [Alarm.TOKENS])):
        house.clock.advance(timedelta(days=days))
        with house.database.read() as session:
            standing = notices.standing(session, house.clock())
            assert [kind for kind, ids in standing.items() if ids] == told
    with house.database.read() as session:
        heard = list(notices.in_charge(session, Alarm.TOKENS))
    assert (ada in heard, moe in heard) == (True, False)
