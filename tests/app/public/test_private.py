"""What must not be public is left on a private page, by who asked, for who asked them, and nowhere else."""

import gzip
import json
import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text as sql
from sqlmodel import select

from app.wiring.environment import UnusableSettings
from app.wiring.keys import sealing_keys
from app.wiring.settings import load_settings
from bot.actions import erase, private_details, regroup
from bot.roles import Role
from bot.states import PostKind
from bot.store.backup import backup as backups
from bot.store.engine import Database, Session
from bot.store.house import audit
from bot.store.privacy import erasure, handoffs, personal_record
from bot.store.sealing import Sealer
from bot.store.tables.conversations import PostRow, QuestionRow
from bot.store.tables.handoffs import HandoffRow, HandoffState
from bot.store.tables.house import AuditRow
from routing.ladder.policy import Policy
from routing.model.domain import QuestionState
from tests.app.browsing import chromium, served, shuts_nobody_out
from tests.bot.platforms.memory_feed import FeedPost
from tests.bot.store.test_plans import asking
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.forms import fields_of
from tests.house import House

WORDS = "My order is 4711-0815, and I live at the lighthouse."


class Asked:
    """Sam asked, and Jane has asked Sam to a private page."""

    def __init__(self, database: Database, clock: FakeClock, **given: Any) -> None:
        self.site = given.get("base_url", "http://127.0.0.1:8000")
        self.house = House(database, clock, brand_name="Acme", **given)
        topic = self.house.topic("lamps", "Lamps", "lamp")
        self.jane = self.house.employee("Jane Doe", topic).id
        self.mei = self.house.employee("Mei Tan", role=Role.ADMIN).id
        self.post = self.house.post("sam", "@brand my lamp stays dark")
        self.house.work()
        self.token = self.ask()
        self.browser = self.house.browser(client="192.0.2.9")

    def ask(self, who: int | None = None) -> str:
        """What the address of a new private page ends in."""
        answer = self.house.browser(who or self.jane).post("/desk/questions/1/private")
        assert answer.status_code == 200, answer.text
        found = re.search(rf"{re.escape(self.site)}/private/([a-z]+)", answer.text)
        assert found is not None
        return found[1]

    @property
    def path(self) -> str:
        return f"/private/{self.token}"

    def code(self, browser: Browser | None = None) -> str:
        """The code that a browser sees on the page."""
        found = re.search(
            r"proof-[0-9a-f]{4}-[a-z0-9]{4}-[a-z0-9]{4}", (browser or self.browser).get(self.path).text
        )
        assert found is not None
        return found[0]

    def posts(self, author: str, code: str, to: FeedPost | None = None) -> FeedPost:
        post = self.house.post(author, f"@brand {code}", to)
        self.house.work()
        return post

    def proved(self) -> None:
        self.posts("sam", self.code())

    def leave(self, words: str = WORDS, browser: Browser | None = None) -> Any:
        return (browser or self.browser).post(self.path, {"text": words})

    def left(self) -> None:
        self.proved()
        assert self.leave().status_code == 200

    def page(self) -> HandoffRow:
        (row,) = [
            one for one in self.house.rows(HandoffRow) if one.token_hash == handoffs.token_hash(self.token)
        ]
        return row

    def reads(self, who: int, room: str = "/desk") -> Any:
        return self.house.browser(who).post(f"{room}/questions/1/private/{self.page().id}/read")


@pytest.fixture
def asked(database: Database, clock: FakeClock) -> Asked:
    return Asked(database, clock)


def everything(database: Database) -> str:
    """All that the database holds, as text."""
    with database.engine.connect() as connection:
        names = [name for (name,) in connection.execute(sql(_TABLES[database.engine.dialect.name]))]
        return "\n".join(
            str(row) for name in names for row in connection.execute(sql(f'SELECT * FROM "{name}"'))
        )


_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
}


def test_the_request_stands_in_the_answer_as_a_question_back_and_goes_out_by_itself(asked: Asked) -> None:
    jane = asked.house.browser(asked.jane)
    page = jane.post("/desk/questions/1/private", {"text": "Hello Sam!"}).text
    words = fields_of(page, "/desk/questions/1/answer")["text"]
    assert words.startswith("Hello Sam!")
    assert re.search(r'<option value="question_back" selected', page)
    assert "somebody has to approve it" not in page
    sent = jane.post("/desk/questions/1/answer", {"text": words, "kind": "question_back", "step": "send"})
    assert sent.headers["location"] == "/desk/answers?done=answered"
    asked.house.work()
    assert "/private/" in asked.house.by_brand()[-1].text
    assert asked.house.questions()[0].state == QuestionState.ASKED_BACK


def test_it_is_asked_for_in_the_customers_language(asked: Asked) -> None:
    with asked.house.database.write() as session:
        session.get_one(QuestionRow, 1).language = "de"
    page = asked.house.browser(asked.jane).post("/desk/questions/1/private").text
    assert "nicht öffentlich" in page


def test_who_asked_proves_it_by_a_post_and_leaves_it_and_who_asked_them_reads_it(asked: Asked) -> None:
    assert WORDS not in asked.browser.get(asked.path).text
    assert 'name="text"' not in asked.browser.get(asked.path).text
    asked.proved()
    assert 'name="text"' in asked.browser.get(asked.path).text
    assert "Thank you, we have it" in asked.leave().text
    assert WORDS in asked.reads(asked.jane).text
    assert "Read what was left privately" in asked.house.browser(asked.jane).get("/desk/questions/1").text


def test_a_reply_to_the_brand_proves_it_too(asked: Asked) -> None:
    asked.house.post("jane", "Which lamp is it? #chorus", asked.post)
    asked.house.work()
    reply = asked.house.by_brand()[-1]
    asked.house.post("sam", asked.code(), reply)
    asked.house.work()
    assert asked.leave().status_code == 200


def test_the_code_of_another_account_proves_nothing(asked: Asked) -> None:
    asked.posts("mallory", asked.code())
    assert 'name="text"' not in asked.browser.get(asked.path).text
    refused = asked.leave()
    assert refused.status_code == 403
    assert asked.page().sealed is None


@pytest.mark.parametrize("where", ["in the thread", "by itself", "in another thread"])
def test_the_code_of_another_account_is_no_question_and_who_answers_hears_of_it(
    asked: Asked, where: str
) -> None:
    code = asked.code()
    above = asked.post if where == "in the thread" else None
    if where == "in another thread":
        above = asked.house.post("kim", "@brand my lamp is green, what shade is that?")
        asked.house.work()
    questions, offers = len(asked.house.questions()), len(asked.house.offers())
    asked.posts("mallory", f"{code} what is this for?", above)
    post = asked.house.posts()[-1]
    assert (post.verdict, post.text, post.question_id) == (PostKind.CODE, "", 1)
    assert (len(asked.house.questions()), len(asked.house.offers())) == (questions, offers)
    for who, room in ((asked.jane, "/desk"), (asked.mei, "/admin")):
        page = asked.house.browser(who).get(f"{room}/questions/1").text
        assert "Another account than the customer" in page
        assert "@mallory" in page
        assert code not in page


def test_the_code_that_another_account_has_repeated_is_still_good(asked: Asked) -> None:
    asked.posts("mallory", asked.code())
    asked.proved()
    assert asked.leave().status_code == 200


def test_a_code_in_the_post_of_a_colleague_is_nobodys_question_either(asked: Asked) -> None:
    asked.house.employee("Kim Lee", handle="kim")
    asked.posts("kim", asked.code())
    assert asked.house.posts()[-1].verdict == PostKind.CODE


def test_who_was_asked_too_and_posts_somebody_elses_code_opens_neither_page(asked: Asked) -> None:
    asked.house.post("kim", "@brand my lamp is green, what shade is that?")
    asked.house.work()
    answer = asked.house.browser(asked.jane).post("/desk/questions/2/private")
    assert answer.status_code == 200
    asked.posts("kim", asked.code())
    assert asked.house.posts()[-1].question_id == 1
    assert [page.proofs for page in asked.house.rows(HandoffRow)] == [[], []]


def test_who_replies_to_a_repeated_code_is_in_no_conversation(asked: Asked) -> None:
    repeated = asked.posts("mallory", asked.code())
    asked.posts("kim", "my lamp is green, what shade is that?", repeated)
    assert asked.house.posts()[-1].question_id == 2


def test_a_repeated_code_stays_empty_when_it_is_edited_and_goes_with_its_post(asked: Asked) -> None:
    repeated = asked.posts("mallory", asked.code())
    asked.house.edit(repeated, "@brand my order is 4711-0815")
    asked.house.work()
    post = asked.house.posts()[-1]
    assert (post.verdict, post.text, post.question_id) == (PostKind.CODE, "", 1)
    asked.house.delete(repeated)
    asked.house.work()
    assert "Another account" not in asked.house.browser(asked.jane).get("/desk/questions/1").text
    assert asked.house.questions()[0].state == QuestionState.OFFERED


def test_whoever_reads_the_posted_code_cannot_use_it(asked: Asked) -> None:
    mallory = asked.house.browser(client="198.51.100.66")
    assert asked.code(mallory) != asked.code()
    asked.proved()
    assert 'name="text"' not in mallory.get(asked.path).text
    assert asked.leave(browser=mallory).status_code == 403
    bare = asked.house.browser(client="198.51.100.67")
    assert asked.leave(browser=bare).status_code == 403
    assert asked.leave().status_code == 200


def test_an_unproved_browser_gets_its_words_back(asked: Asked) -> None:
    page = asked.leave().text
    assert "We do not know yet that it is you" in page
    assert "lighthouse" in page


def test_the_post_with_the_code_is_offered_to_nobody_and_kept_by_nobody(asked: Asked) -> None:
    offers = len(asked.house.offers())
    code = asked.code()
    asked.posts("sam", code)
    post = asked.house.posts()[-1]
    assert (post.verdict, post.text, post.question_id) == (PostKind.CODE, "", None)
    assert len(asked.house.questions()) == 1
    assert len(asked.house.offers()) == offers
    assert code not in asked.house.browser(asked.jane).get("/desk/questions/1").text


def test_the_post_with_the_code_stays_empty_when_it_is_edited(asked: Asked) -> None:
    asked.house.edit(asked.posts("sam", asked.code()), "@brand my order is 4711-0815")
    asked.house.work()
    post = asked.house.posts()[-1]
    assert (post.verdict, post.text) == (PostKind.CODE, "")
    assert asked.leave().status_code == 200


def test_what_only_looks_like_a_code_is_a_post_like_any_other(asked: Asked) -> None:
    mark = f"{int(asked.code().split('-')[1], 16) ^ 1:04x}"  # of no page
    asked.posts("kim", f"my lamp says proof-{mark}-cd34-ab12, what is that?")
    assert asked.house.posts()[-1].verdict == PostKind.QUESTION


def test_it_can_be_left_once(asked: Asked) -> None:
    asked.left()
    again = asked.leave("Something else.")
    assert again.status_code == 410
    assert asked.browser.get(asked.path).status_code == 410
    assert "This private page is over" in asked.browser.get(asked.path).text
    assert WORDS in asked.reads(asked.jane).text


def test_what_is_written_in_a_second_tab_is_not_lost_and_kept_nowhere(asked: Asked) -> None:
    asked.left()
    second = asked.leave("My <cellar> door is 17.\nThe key is green.")
    assert second.status_code == 410
    assert second.headers["cache-control"] == "no-store"
    assert "My &lt;cellar&gt; door is 17.\nThe key is green." in second.text
    assert "What you wrote just now was not sent" in second.text
    assert "cellar" not in everything(asked.house.database)
    assert "was not sent" not in asked.browser.get(asked.path).text


def test_what_is_written_when_the_time_is_over_is_not_lost(asked: Asked) -> None:
    asked.proved()
    asked.house.clock.advance(timedelta(days=3))
    assert WORDS in asked.leave().text


def test_a_wrong_link_leads_nowhere(asked: Asked) -> None:
    for wrong in (asked.browser.get("/private/none"), asked.browser.post("/private/none", {"text": "x"})):
        assert wrong.status_code == 404
        assert "There is no private page at this address" in wrong.text


def test_a_link_ends_with_its_time(asked: Asked) -> None:
    asked.proved()
    asked.house.clock.advance(timedelta(days=3))
    assert asked.browser.get(asked.path).status_code == 410
    assert asked.leave().status_code == 410
    assert asked.page().sealed is None


def test_a_code_that_comes_too_late_proves_nothing(asked: Asked) -> None:
    code = asked.code()
    asked.house.clock.advance(timedelta(days=3))
    asked.posts("sam", code)
    assert asked.page().proofs == []
    assert asked.house.posts()[-1].verdict == PostKind.CODE


def test_asking_again_ends_the_link_before(asked: Asked) -> None:
    former = asked.path
    asked.token = asked.ask()
    assert asked.browser.get(former).status_code == 410
    assert asked.browser.get(asked.path).status_code == 200


@pytest.mark.parametrize("words", ["", "   ", "\u200b"])
def test_nothing_is_nothing(asked: Asked, words: str) -> None:
    asked.proved()
    assert asked.leave(words).status_code == 422
    assert asked.page().state == HandoffState.OPEN


def test_four_thousand_characters_fit_and_no_more(asked: Asked) -> None:
    asked.proved()
    assert asked.leave("é" * 4_001).status_code == 422
    assert asked.leave("é" * 4_000).status_code == 200
    assert "é" * 4_000 in asked.reads(asked.jane).text


def test_only_who_asked_for_it_and_those_who_decide_read_it(asked: Asked) -> None:
    kim = asked.house.employee("Kim Lee").id
    asked.left()
    assert asked.reads(kim).status_code == 403
    assert WORDS not in asked.reads(kim).text
    page = asked.house.browser(kim).get("/desk/questions/1").text
    assert "The customer left something privately" in page
    assert "Read what was left privately" not in page
    for room in ("/desk", "/admin"):
        assert WORDS in asked.reads(asked.mei, room).text
    for role in (Role.AUDITOR, Role.READER):
        reader = asked.house.employee(f"R{role} Doe", role=role).id
        assert asked.reads(reader, "/admin").status_code == 403
        page = asked.house.browser(reader).get("/admin/questions/1").text
        assert "The customer left something privately" in page
        assert "Read what was left privately" not in page


def test_what_was_left_for_one_question_is_read_with_no_other(asked: Asked) -> None:
    asked.left()
    asked.house.post("kim", "@brand my lamp is green")
    asked.house.work()
    assert asked.house.browser(asked.mei).post("/admin/questions/2/private/1/read").status_code == 404


def test_each_reading_is_noted_and_a_refused_one_is_not(asked: Asked) -> None:
    asked.left()
    kim = asked.house.employee("Kim Lee").id
    asked.reads(kim)
    asked.reads(asked.jane)
    asked.reads(asked.mei, "/admin")
    lines = [row for row in asked.house.rows(AuditRow) if row.action == "private.read"]
    assert [(row.actor.partition(" ")[0], row.subject) for row in lines] == [
        ("jane@example.com", "question 1"),
        ("mei@example.com", "question 1"),
    ]
    with asked.house.database.read() as session:
        assert audit.verify(session) is None


def test_the_question_wakes_and_goes_to_who_asked(asked: Asked) -> None:
    kim = asked.house.employee("Kim Lee", asked.house.topic("shades", "Shades", "shade")).id
    asked.house.post("jane", f"Please tell us here: http://127.0.0.1:8000{asked.path} #chorus", asked.post)
    asked.house.work()
    assert asked.house.questions()[0].state in (QuestionState.ASKED_BACK, QuestionState.ANSWERED)
    asked.left()
    asked.house.work()
    (question,) = asked.house.questions()
    assert question.state == QuestionState.OFFERED
    open_offers = [offer for offer in asked.house.offers() if offer.state == "open"]
    assert asked.jane in {offer.employee_id for offer in open_offers}
    assert kim not in {offer.employee_id for offer in open_offers if offer.rung == 0 and offer.round == 1}


def test_it_is_nowhere_in_readable_form(
    asked: Asked, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    asked.left()
    asked.house.post("jane", "Hold its ring for ten seconds until it blinks. #chorus", asked.post)
    asked.house.work()
    asked.house.wait(3_600)
    asked.house.chorus.search.catch_up()
    asked.reads(asked.jane)
    stored = everything(asked.house.database)
    assert "lighthouse" not in stored
    backups.back_up(asked.house.database, tmp_path / "backup", asked.house.clock(), portable=True)
    assert b"lighthouse" not in gzip.decompress((tmp_path / "backup").read_bytes())
    public = asked.house.browser()
    entry = public.get("/q/1").headers["location"]
    for path in ("/", "/search?q=lighthouse", "/api/v1/answers?q=lighthouse", "/feed.atom", entry):
        assert "4711-0815" not in public.get(path).text
    printed = capfd.readouterr()
    assert "4711-0815" not in caplog.text + printed.out + printed.err


def test_the_address_of_a_page_is_kept_nowhere_until_it_is_posted(asked: Asked) -> None:
    assert asked.token not in everything(asked.house.database)


def test_nobody_keeps_the_pages_and_no_search_engine_lists_them(asked: Asked) -> None:
    first = asked.browser.get(asked.path)
    asked.proved()
    pages = [first, asked.browser.get(asked.path), asked.leave(), asked.leave()]
    for page in (*pages, asked.browser.get("/private/none")):
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["x-robots-tag"] == "noindex"
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert f"path={asked.path}" in cookie
    assert asked.reads(asked.jane).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("site", ["http://chorus.example", "https://chorus.example"])
def test_over_https_the_browsers_secret_goes_over_nothing_else(
    sqlite_database: Database, clock: FakeClock, site: str
) -> None:
    asked = Asked(sqlite_database, clock, base_url=site)
    told = {part.strip() for part in asked.browser.get(asked.path).headers["set-cookie"].split(";")}
    assert {"HttpOnly", "SameSite=lax", f"Path={asked.path}"} <= told
    assert ("Secure" in told) is site.startswith("https")


def test_one_client_cannot_guess_addresses(asked: Asked) -> None:
    answers = [asked.browser.get(f"/private/guess{number}").status_code for number in range(35)]
    assert answers[-1] == 429


def test_it_is_deleted_after_its_days(database: Database, clock: FakeClock) -> None:
    asked = Asked(database, clock, private={"keep_days": 2})
    asked.left()
    clock.advance(timedelta(days=2) - timedelta(minutes=1))
    asked.house.steps.upkeep.forget_private()
    assert WORDS in asked.reads(asked.jane).text
    clock.advance(timedelta(minutes=1))
    assert asked.reads(asked.jane).status_code == 410  # even before the upkeep comes
    assert asked.page().sealed is not None
    assert asked.house.steps.upkeep.forget_private() == 1
    assert (asked.page().sealed, asked.page().state) == (None, HandoffState.GONE)
    assert "It has been deleted." in asked.house.browser(asked.jane).get("/desk/questions/1").text


def test_the_upkeep_comes_by_itself_and_ends_unused_pages(asked: Asked) -> None:
    asked.house.clock.advance(timedelta(days=3))
    asked.house.worker.run_until_idle("upkeep", turns=2)
    assert asked.page().state == HandoffState.GONE


def test_it_goes_at_once_with_the_question(asked: Asked) -> None:
    asked.left()
    asked.house.delete(asked.post)
    asked.house.work()
    assert (asked.page().sealed, asked.page().state) == (None, HandoffState.GONE)
    assert asked.reads(asked.mei, "/admin").status_code == 410


def test_a_page_of_a_question_that_is_gone_takes_nothing(asked: Asked) -> None:
    asked.proved()
    asked.house.delete(asked.post)
    asked.house.work()
    assert asked.browser.get(asked.path).status_code == 410
    assert asked.leave().status_code == 410


def test_it_goes_at_once_with_the_customer(asked: Asked) -> None:
    asked.left()
    with asked.house.database.write() as session:
        erase.erase_customer(session, erasure.customer(session, "local", "sam"), asked.house.clock())
    assert (asked.page().sealed, asked.page().proofs) == (None, [])


def test_the_customers_own_data_say_that_it_exists_and_not_what(asked: Asked) -> None:
    asked.left()
    with asked.house.database.read() as session:
        told = personal_record.of_customer(session, erasure.customer(session, "local", "sam"))
    (one,) = told["left_privately"]
    assert (one["question_id"], one["is_kept"]) == (1, True)
    assert "lighthouse" not in json.dumps(told, default=str)
    assert "sealed" not in json.dumps(told["left_privately"], default=str)


def test_it_moves_along_when_questions_are_joined(asked: Asked) -> None:
    asked.house.clock.advance(3_600)
    asked.house.post("sam", "@brand and my lamp is green, too: what shade is that?")
    asked.house.work()
    assert len(asked.house.questions()) == 2
    with asked.house.database.write() as session:
        for row in session.exec(select(HandoffRow)).all():
            row.question_id = 2
        regroup.join(session, 1, 2, Policy(), asked.house.clock())
    asked.left()
    assert asked.page().question_id == 1
    assert WORDS in asked.reads(asked.jane).text


def test_it_can_be_read_after_the_keys_were_rotated(asked: Asked) -> None:
    asked.left()
    old = list(sealing_keys(asked.house.chorus.settings))
    new = [b"A" * 43 + b"="]
    with asked.house.database.write() as session:
        assert handoffs.reseal(session, Sealer([*new, *old])) == 1
    sealed = asked.page().sealed
    assert sealed is not None
    assert Sealer(new).open(sealed) == {"text": WORDS}


def test_a_key_that_is_missing_is_said(asked: Asked) -> None:
    asked.left()
    with asked.house.database.write() as session:
        session.get_one(HandoffRow, asked.page().id).sealed = Sealer([b"A" * 43 + b"="]).seal({"text": "x"})
    assert asked.reads(asked.jane).status_code == 409


def test_a_question_that_is_not_public_is_not_asked_about_in_public(asked: Asked) -> None:
    with asked.house.database.write() as session:
        for post in session.exec(select(PostRow)).all():
            post.visibility = "private"
    answer = asked.house.browser(asked.jane).post("/desk/questions/1/private")
    assert answer.status_code == 409
    assert len(asked.house.rows(HandoffRow)) == 1


def test_what_was_typed_into_the_answer_stays_when_the_page_is_asked_for(asked: Asked) -> None:
    form = {"text": "One thing first.", "title": "Why is it dark?"}
    page = asked.house.browser(asked.jane).post("/desk/questions/1/private", form).text
    assert "Why is it dark?" in page
    assert "One thing first." in page


@pytest.mark.browser
def test_the_pages_work_without_script_and_shut_nobody_out(asked: Asked) -> None:
    with served(asked.house.app) as address, chromium() as launched:
        context = launched.new_context(viewport={"width": 360, "height": 900}, bypass_csp=True)
        checks = context.new_page()
        checks.goto(address + asked.path)
        shuts_nobody_out(checks, "the code")
        page = launched.new_context(java_script_enabled=False).new_page()
        page.goto(address + asked.path)
        code = page.locator("code").inner_text()
        assert code.startswith("@brand proof-")
        asked.posts("sam", code.removeprefix("@brand "))
        page.get_by_role("link", name="I have posted it").click()
        page.get_by_label("For us alone").fill(WORDS)
        asked.posts("sam", checks.locator("code").inner_text().removeprefix("@brand "))
        checks.goto(address + asked.path)
        shuts_nobody_out(checks, "the form")
        page.get_by_role("button", name="Send it to us privately").click()
        assert "Thank you, we have it" in page.get_by_role("heading", level=1).inner_text()
        checks.goto(address + asked.path)
        shuts_nobody_out(checks, "the end")
    assert WORDS in asked.reads(asked.jane).text


@pytest.mark.parametrize("days", ["0", "366", "x", "1.5"])
def test_days_that_make_no_sense_stop_the_start(days: str) -> None:
    with pytest.raises(UnusableSettings, match="CHORUS_PRIVATE__KEEP_DAYS"):
        load_settings({"CHORUS_PRIVATE__KEEP_DAYS": days}, Path("/nonexistent"))


def test_in_a_file_the_place_where_it_lay_is_overwritten(sqlite_database: Database, clock: FakeClock) -> None:
    asked = Asked(sqlite_database, clock)
    asked.left()
    engine = asked.house.database.engine
    with asking(asked.house.database) as statements:
        asked.house.delete(asked.post)
        asked.house.work()
    said = [statement for statement, _ in statements]
    deleted = next(number for number, one in enumerate(said) if one.startswith("UPDATE handoff"))
    assert "PRAGMA secure_delete=ON" in said[:deleted]
    erasure.empty_log(asked.house.database)
    assert b"lighthouse" not in Path(str(engine.url.database)).read_bytes()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_two_who_leave_something_at_once_the_second_reads_that_it_is_over(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Asked(database, clock)
    asked.proved()
    held_one, first = private_details.questions.held_one, [True]

    def overtaken(session: Session, number: int) -> QuestionRow:
        if (
            first.pop() if first else False
        ):  # the other one leaves what they have before this one holds anything
            assert asked.leave().status_code == 200
        return held_one(session, number)

    monkeypatch.setattr(private_details.questions, "held_one", overtaken)
    assert asked.leave("Something else.").status_code == 410
    assert WORDS in asked.reads(asked.jane).text
