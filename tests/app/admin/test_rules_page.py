"""The rules as data: in force when saved, in versions, tried out before, and each rule does what it says."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.wiring.steering.rules import CHANGEABLE, value_of
from bot.roles import Role
from bot.states import AnswerState, EntryState
from bot.steps.deliver import Deliver
from bot.store.engine import Database
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, QuestionRow
from bot.store.tables.house import AuditRow, RuleVersionRow
from bot.wording.compose import MAX_PARTS
from routing.dialogue.gate import HeldBack
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.forms import fields_of

HELP = "Hold the power button for ten seconds."
UNCHANGED = {
    "credit": "first_name",
    "max_parts": str(MAX_PARTS),
    "approve_first": "0",
    "hourly_limit": "0",
    "daily_limit": "0",
    "second_answer": "hold",
    "undo_window": "0",
    "correction": "replace",
}


class InCharge:
    """A house, somebody in charge of it, and an employee."""

    def __init__(self, database: Database, clock: FakeClock, **given: Any) -> None:
        self.house = WorkHouse(database, clock, **given)
        self.house.topic("tv", "TV & picture")
        self.boss = self.house.employee("Mei Tan", role=Role.ADMIN)
        self.mei = self.house.browser(self.boss)
        self.jane = self.house.employee("Jane Doe", handle="jane")

    def save(self, browser: Browser | None = None, **rules: str) -> Any:
        """Change these rules, from the page as it is now."""
        fields = {**UNCHANGED, "follows": str(self.versions()[-1].id if self.versions() else 0), "do": "save"}
        return (browser or self.mei).post("/admin/rules", {**fields, **rules})

    def versions(self) -> list[RuleVersionRow]:
        return self.house.rows(RuleVersionRow)

    def answer(self, text: str = HELP, *, customer: str = "sam", question: int | None = None) -> AnswerRow:
        """An answer of Jane's, as it is after it was judged."""
        asked = question or self.house.question(customer=customer)
        number = self.house.answer(asked, self.jane, text)
        return next(one for one in self.house.rows(AnswerRow) if one.id == number)


@pytest.fixture
def place(database: Database, clock: FakeClock) -> InCharge:
    return InCharge(database, clock)


@pytest.fixture
def quick(sqlite_database: Database, clock: FakeClock) -> InCharge:
    return InCharge(sqlite_database, clock)


def test_a_rule_is_in_force_when_it_is_saved_and_the_version_says_who_why_and_what(place: InCharge) -> None:
    assert place.answer("Ask for a refund.").state == AnswerState.QUEUED

    saved = place.save(blocked_words="refund\nlawyer", why="Legal asked for it.")

    assert saved.headers["location"] == "/admin/rules?done=rules"
    held = place.answer("Ask for a refund.", customer="kim")
    assert held.state == AnswerState.HELD
    assert "“refund” is on the list of words" in (held.held_for or "")
    page = place.mei.get("/admin/rules").text
    assert "Version 1" in page
    assert "by <bdi>mei@example.com (1)</bdi>: Legal asked for it." in page
    assert "refund, lawyer" in page
    [line] = [one for one in place.house.rows(AuditRow) if one.action == AuditAction.RULES_CHANGE]
    assert line.detail == {"version": 1, "changed": ["blocked_words"]}


def test_another_process_has_the_rules_within_a_second(place: InCharge, clock: FakeClock) -> None:
    other = WorkHouse(place.house.database, clock)
    assert other.chorus.rules.guard.blocked_words == ()
    place.save(blocked_words="refund")
    assert other.chorus.rules.guard.blocked_words == ()
    clock.advance(1)
    assert other.chorus.rules.guard.blocked_words == ("refund",)


def test_a_database_that_cannot_be_read_leaves_the_rules_as_they_were(
    quick: InCharge, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick.save(blocked_words="refund")
    monkeypatch.setattr(type(quick.house.database), "read", None)
    clock.advance(5)
    assert quick.house.chorus.rules.guard.blocked_words == ("refund",)


def test_of_two_who_save_at_once_the_second_is_told_and_keeps_what_was_typed(place: InCharge) -> None:
    ann = place.house.browser(place.house.employee("Ann Lee", role=Role.ADMIN))
    place.save(blocked_words="refund")

    second = place.save(ann, follows="0", blocked_words="voucher")

    assert second.status_code == 422
    assert "Somebody else has changed the rules" in second.text
    assert "voucher</textarea>" in second.text
    assert len(place.versions()) == 1
    assert place.save(ann, blocked_words="voucher").status_code == 303
    assert [one.values for one in place.versions()] == [
        {"blocked_words": ["refund"]},
        {"blocked_words": ["voucher"]},
    ]


def test_who_comes_second_saves_again_from_the_same_page_and_undoes_nothing_of_the_first(
    quick: InCharge,
) -> None:
    ann = quick.house.browser(quick.house.employee("Ann Lee", role=Role.ADMIN))
    typed = fields_of(ann.get("/admin/rules").text, "/admin/rules")
    quick.save(blocked_words="refund", domains="example.com", daily_limit="5")

    both = {**typed, "blocked_words": "voucher", "hourly_limit": "3", "do": "save"}
    second = ann.post("/admin/rules", both)
    assert second.status_code == 422
    assert "Somebody else has put into force: refund." in second.text
    shown = fields_of(second.text, "/admin/rules")
    assert (shown["blocked_words"], shown["domains"]) == ("voucher", "example.com")
    assert (shown["hourly_limit"], shown["daily_limit"]) == ("3", "5")
    assert "example.com." not in second.text  # nobody else has changed that, so there is nothing to weigh

    assert ann.post("/admin/rules", {**shown, "do": "save"}).status_code == 303
    assert quick.versions()[-1].values == {
        "blocked_words": ["voucher"],
        "domains": ["example.com"],
        "daily_limit": 5,
        "hourly_limit": 3,
    }


def test_an_earlier_version_is_put_into_force_again_by_saving_it(quick: InCharge) -> None:
    quick.save(blocked_words="refund")
    quick.save(blocked_words="")
    page = quick.mei.get("/admin/rules?version=1").text
    assert "These are the rules of version 1." in page
    assert "refund</textarea>" in page
    assert 'name="follows" value="2"' in page
    assert quick.mei.get("/admin/rules?version=9").status_code == 404


def test_what_cannot_be_a_rule_is_said_beside_its_field_and_nothing_is_lost(quick: InCharge) -> None:
    refused = quick.save(
        domains="example.com\nnot a domain", undo_window="soon", hours="someday", blocked_words="refund"
    )
    assert refused.status_code == 422
    for words in (
        "It should be a domain like example.com",
        "It should be a number",
        "is no day with hours",
        "refund</textarea>",
        "not a domain</textarea>",
        'value="soon"',
    ):
        assert words in refused.text
    assert not quick.versions()
    assert quick.save().status_code == 422  # nothing is changed


def test_the_environment_locks_a_rule(sqlite_database: Database, clock: FakeClock) -> None:
    kept = {"blocked_words": ("lawsuit",), "locked": ("blocked_words",)}
    place = InCharge(sqlite_database, clock, publish=kept)
    page = place.mei.get("/admin/rules").text
    assert "The environment keeps this rule" in page

    place.save(blocked_words="", approve_first="1")

    assert place.house.chorus.rules.guard.blocked_words == ("lawsuit",)
    assert place.house.chorus.rules.approve_first == 1
    everything = WorkHouse(sqlite_database, clock, publish={"locked": ("all",)})
    assert everything.chorus.rules.approve_first == 0


def test_a_value_of_an_earlier_version_of_chorus_does_not_stop_the_others(quick: InCharge) -> None:
    with quick.house.database.write() as session:
        values = {"approve_first": "many", "gone": 1, "blocked_words": ["refund"]}
        session.add(RuleVersionRow(follows=0, values=values, written_at=quick.house.clock()))
    quick.house.chorus.rulebook.look()
    assert quick.house.chorus.rules.guard.blocked_words == ("refund",)
    assert quick.house.chorus.rules.approve_first == 0
    assert quick.mei.get("/admin/rules").status_code == 200


def test_every_rule_stands_on_the_page_with_its_meaning(quick: InCharge) -> None:
    page = quick.mei.get("/admin/rules").text
    for name in CHANGEABLE:
        assert f'name="{name}"' in page
    assert "Answers with one of these words wait for a person." in page


def test_who_may_only_read_them_cannot_change_them(quick: InCharge) -> None:
    auditor = quick.house.browser(quick.house.employee("Al Ito", role=Role.AUDITOR))
    assert "Save and put into force" not in auditor.get("/admin/rules").text
    assert quick.save(auditor, approve_first="3").status_code == 403
    assert not quick.versions()


def test_a_trial_says_what_would_have_waited_and_changes_nothing(place: InCharge, clock: FakeClock) -> None:
    place.answer("You get a refund of $20.", customer="kim")
    place.answer(HELP, customer="lou")
    clock.advance(timedelta(hours=1))
    place.answer("See https://else.example/help for that.", customer="ida")

    tried = place.save(do="try", blocked_words="refund", domains="else.example")

    assert tried.status_code == 200
    assert "Of 3 answers" in tried.text
    assert "1 would have waited that did not have to" in tried.text
    assert "You get a refund of $20." in tried.text
    assert "1 would have gone out by themselves that had to wait" in tried.text
    assert "refund</textarea>" in tried.text
    assert not place.versions()
    assert place.house.chorus.rules.guard.blocked_words == ()


@pytest.mark.parametrize(
    ("rules", "stopped"),
    [
        ({"approve_first": "2"}, 2),
        ({"hourly_limit": "1"}, 3),
        ({"daily_limit": "1"}, 3),
        ({"hold_money": "true"}, 1),
        ({"max_parts": "4"}, 0),
    ],
)
def test_a_trial_counts_what_each_gave_as_it_would_have_been(
    quick: InCharge, clock: FakeClock, rules: dict[str, str], stopped: int
) -> None:
    for number in range(4):
        quick.answer(f"{HELP} {number}" if number else "That is 20 euros.", customer=f"sam{number}")
        clock.advance(timedelta(minutes=40))
    assert f"{stopped} would have waited" in quick.save(do="try", **rules).text


def test_a_trial_leaves_out_what_is_older_than_thirty_days_but_counts_it(
    quick: InCharge, clock: FakeClock
) -> None:
    quick.answer(customer="kim")
    clock.advance(timedelta(days=31))
    quick.mei = quick.house.browser(quick.boss)
    assert "nothing to try it on" in quick.save(do="try", approve_first="1").text
    quick.answer(customer="lou")
    tried = quick.save(do="try", approve_first="1").text
    assert "Of 1 answer since" in tried
    assert "0 would have waited" in tried


def test_money_is_held_where_the_rules_say_so(quick: InCharge) -> None:
    quick.save(hold_money="true")
    held = quick.answer("We will send you 20 €.")
    assert held.state == AnswerState.HELD
    assert "“20 €” may promise money" in (held.held_for or "")


def test_a_topic_may_want_a_second_pair_of_eyes(quick: InCharge) -> None:
    quick.save(second_look="TV")
    question = quick.house.question()
    with quick.house.database.write() as session:
        session.get_one(QuestionRow, question).topics = [["tv", 1.0]]
    held = quick.answer(question=question)
    assert held.state == AnswerState.HELD
    assert "approved by a person" in (held.held_for or "")
    assert quick.answer(customer="kim").state == AnswerState.QUEUED


def test_a_second_answer_is_added_where_the_rules_say_so(place: InCharge) -> None:
    question = place.house.question()
    place.answer(question=question)
    assert place.answer("Unplug it overnight, then it works.", question=question).state == AnswerState.HELD
    place.save(second_answer="add")
    assert place.answer("Change the fuse in the plug.", question=question).state == AnswerState.QUEUED
    assert place.answer(HELP, question=question).state == AnswerState.DROPPED  # said already


def test_more_than_so_many_an_hour_wait(quick: InCharge, clock: FakeClock) -> None:
    quick.save(hourly_limit="1")
    assert quick.answer(customer="kim").state == AnswerState.QUEUED
    held = quick.answer(customer="lou")
    assert "gave 1 answer within an hour" in (held.held_for or "")
    clock.advance(timedelta(minutes=61))
    assert quick.answer(customer="ida").state == AnswerState.QUEUED


def test_outside_the_brands_hours_an_answer_waits_until_they_begin(place: InCharge, clock: FakeClock) -> None:
    clock.at = datetime(2026, 3, 6, 21, 30, tzinfo=UTC)  # a Friday evening
    place.mei = place.house.browser(place.boss)
    place.save(hours="mon-fri 8:00-20:00")
    place.answer()
    [delivery] = place.house.rows(DeliveryRow)
    assert delivery.due_at == datetime(2026, 3, 9, 8, 0, tzinfo=UTC)
    deliver: Deliver = place.house.steps.deliver
    assert deliver.run() == 0
    clock.at = delivery.due_at
    assert deliver.run() == 1


def test_every_rule_can_be_changed_and_kept_by_the_environment(
    sqlite_database: Database, clock: FakeClock
) -> None:
    other = {
        "brand_name": "Otter",
        "tag": "#otter",
        "private_tag": "#intern",
        "timezone": "Asia/Tokyo",
        "business_hours": "mon-fri 09:00-17:00",
        "closed_days": "12-25 Christmas",
        "credit": "none",
        "domains": "example.com",
        "contacts": "help@example.com",
        "region": "DE",
        "blocked_words": "refund",
        "hold_money": "true",
        "second_look": "tv",
        "max_parts": "2",
        "approve_first": "1",
        "hourly_limit": "1",
        "daily_limit": "1",
        "second_answer": "add",
        "hours": "mon-fri 09:00-17:00",
        "undo_window": "30",
        "correction": "below",
        "author_edits": "follow",
        "first_reply": "true",
        "ask_back": "true",
        "announcement_mails": "false",
        "mode": "mastodon:repost",
        "archive_topics_out": "tv",
        "archive_keeps_from": "0.5",
        "joining": "approve",
        "joining_domains": "example.com",
    }
    assert other.keys() == set(CHANGEABLE)
    place = InCharge(sqlite_database, clock, mail={"host": "mail.example.com"})
    before = place.house.chorus.settings
    assert place.save(**other).status_code == 303
    [version] = place.versions()
    assert version.values.keys() == set(CHANGEABLE)
    assert all(value_of(place.house.chorus.settings, name) != value_of(before, name) for name in CHANGEABLE)
    locked = WorkHouse(sqlite_database, clock, publish={"locked": tuple(CHANGEABLE)})
    assert all(value_of(locked.chorus.settings, name) == value_of(before, name) for name in CHANGEABLE)


def test_how_posts_go_out_is_changed_in_the_browser(quick: InCharge) -> None:
    refused = quick.save(mode="nowhere:repost")
    assert "It should be platform:reply or platform:repost" in refused.text
    quick.save(mode="local:repost")
    assert quick.house.chorus.rules.reposts_on == {"local"}


# --- what the archive takes in


def published(place: InCharge, customer: str, topic: str | None, text: str = HELP) -> EntryRow:
    """A question about this topic, answered and out: its entry."""
    question = place.house.question("@brand My TV shows no picture, what can I do?", customer=customer)
    if topic:
        with place.house.database.write() as session:
            session.get_one(QuestionRow, question).topics = [[topic, 1.0]]
    place.answer(text, question=question)
    place.house.steps.deliver.run()
    return next(one for one in place.house.rows(EntryRow) if one.question_id == question)


def test_a_topic_stays_out_of_the_archive_where_the_rules_say_so(place: InCharge) -> None:
    assert published(place, "sam", "tv").state == EntryState.PUBLIC
    place.save(archive_topics_out="tv")
    out = published(place, "kim", "tv")
    assert (out.state, out.held_back) == (EntryState.HELD_BACK, HeldBack.TOPIC)
    assert published(place, "lou", None).state == EntryState.PUBLIC
    assert "answers about its topic stay out" in place.mei.get("/admin/review").text


def test_how_sure_the_archive_has_to_be_is_a_rule(quick: InCharge) -> None:
    quick.save(archive_keeps_from="1")
    assert published(quick, "sam", None).state == EntryState.HELD_BACK
    quick.save(archive_keeps_from="0")
    assert published(quick, "kim", None, "Your order 4711 is with the carrier.").state == EntryState.PUBLIC


def test_a_trial_says_what_would_have_stayed_out_of_the_archive(place: InCharge) -> None:
    published(place, "sam", "tv")
    published(place, "kim", None)

    tried = place.save(do="try", archive_topics_out="tv").text

    assert "1 would have stayed out of the archive" in tried
    assert "0 would have entered the archive that stayed out" in tried
    assert "answers about its topic stay out" in tried
    place.save(archive_topics_out="tv")
    assert "1 would have entered the archive that stayed out" in place.save(do="try").text
    same = place.save(do="try", archive_topics_out="tv", approve_first="1").text
    assert "0 would have stayed out of the archive" in same


def test_joining_is_opened_with_domains_and_where_mail_goes_out(
    sqlite_database: Database, clock: FakeClock
) -> None:
    place = InCharge(sqlite_database, clock, mail={"host": "mail.example.com"})
    nameless = place.save(joining="open")
    assert nameless.status_code == 422
    assert "It should name a domain at the least" in nameless.text
    for domain in ("*.example.com", "com", "192.0.2.1", "exa mple.com", "jane@example.com"):
        refused = place.save(joining="open", joining_domains=domain)
        assert "a subdomain is named by itself" in refused.text, domain
    assert place.save(joining="open", joining_domains="@Example.com.").status_code == 303
    assert place.versions()[-1].values == {"joining": "open", "joining_domains": ["example.com"]}
    people = place.mei.get("/admin/employees").text
    assert "example.com" in people
    assert "/join" in people
    assert place.save(joining="off", joining_domains="example.com").status_code == 303


def test_joining_stays_closed_where_no_mail_goes_out(quick: InCharge) -> None:
    refused = quick.save(joining="approve", joining_domains="example.com")
    assert refused.status_code == 422
    assert "It should be off as long as no mail server is set" in refused.text
    assert "CHORUS_MAIL__HOST" in quick.mei.get("/admin/rules").text
    assert "CHORUS_MAIL__HOST" in quick.mei.get("/admin/employees").text
    assert quick.save(blocked_words="cellar").status_code == 303, "the others are changed as ever"


def test_closed_days_are_pasted_and_hold_back_what_is_ready(quick: InCharge, clock: FakeClock) -> None:
    refused = quick.save(closed_days="Christmas, 25 December")
    assert refused.status_code == 422
    assert "It should begin each line with its day" in refused.text
    assert "Christmas, 25 December" in refused.text
    today = f"{clock():%Y-%m-%d}"
    saved = quick.save(hours="mon-sun 00:00-24:00", closed_days=f"{today},Founding day\n12-25,Christmas")
    assert saved.status_code == 303
    assert quick.versions()[-1].values["closed_days"] == [f"{today} Founding day", "12-25 Christmas"]
    page = quick.mei.get("/admin/rules").text
    assert f"{today} Founding day\n12-25 Christmas</textarea>" in page
    quick.answer()
    deliver = quick.house.steps.deliver
    assert deliver.run() == 0, "the brand is closed"
    assert "Founding day" in quick.mei.get(f"/admin/coverage?day={today}").text
    clock.advance(86_400)
    assert deliver.run() == 1
