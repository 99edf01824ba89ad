"""The pages for people in charge: whatever waits can be decided, and every act is on record."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.actions import leaving
from bot.actions.archive import review
from bot.actions.archive.repeated_questions import RepeatedQuestion, import_questions
from bot.platforms.x.traits import PRICES
from bot.posts import Ambiguous, Read, Refusal, Rejected
from bot.roles import Role
from bot.states import AnswerState, DeliveryState, EntryState, PostKind, PostState, TitleSource
from bot.steps.deliver import Deliver
from bot.store.engine import Database
from bot.store.house import audit, reading
from bot.store.house.audit_actions import AuditAction
from bot.store.running import switches
from bot.store.tables.conversations import AnswerRow, DeliveryRow, EntryRow, OfferRow, PostRow, QuestionRow
from bot.store.tables.house import AuditRow, ReportRow
from bot.store.tables.people import EmployeeRow, IdentityRow, TopicRow
from routing.model.domain import QuestionState
from tests.app.work_house import WorkHouse
from tests.browser import Browser
from tests.conftest import FakeClock

TEN_SECONDS = "Hold the power button for ten seconds."


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    built = WorkHouse(database, clock)
    built.topic("tv", "TV & picture", ("television",))
    built.topic("wifi", "Wi-Fi")
    return built


@pytest.fixture
def mei(house: WorkHouse) -> Browser:
    """The person in charge."""
    return house.browser(house.employee("Mei Tan", role=Role.ADMIN))


def _acts(house: WorkHouse) -> list[str]:
    with house.database.read() as session:
        assert audit.verify(session) is None
        return list(session.exec(select(AuditRow.action).order_by("id")).all())


def _only(house: WorkHouse, table: type[Any]) -> Any:
    with house.database.read() as session:
        return session.exec(select(table)).one()


def _send(house: WorkHouse, error: Exception) -> None:
    """Try to publish what is due, with a platform that answers like that."""

    class Faulty:
        measure = house.chorus.local.measure

        def publish(self, _outgoing: object, timeout: float) -> None:
            raise error

    step = Deliver(house.database, {"local": Faulty()}, house.chorus.rules, "test")  # type: ignore[dict-item]
    step.run()
    step.close()


def test_every_page_opens_on_an_empty_and_on_a_busy_house(house: WorkHouse, mei: Browser) -> None:
    pages = [
        "/admin",
        "/admin/questions",
        "/admin/questions?state=open&topic=tv&platform=local&words=100%25_\\",
        "/admin/answers",
        "/admin/deliveries",
        "/admin/deliveries?state=sent",
        "/admin/review",
        "/admin/employees",
        "/admin/employees/new",
        "/admin/employees/1",
        "/admin/topics?words=tv&state=nobody+knows+it",
        "/admin/missing-topics",
        "/admin/topics/tv",
        "/admin/topics/tv/split",
        "/admin/topics/tv/merge",
        "/admin/texts",
        "/admin/texts/terms",
        "/admin/audit?check=1",
    ]
    for path in pages:
        assert mei.get(path).status_code == 200, path
    jane = house.employee("Jane", topics={"tv": 3})
    question = house.question()
    house.offer(question, jane)
    house.answer(question, jane, TEN_SECONDS)
    house.answer(question, house.employee("Kim"), "No, use the remote control for that.")
    house.deliver()
    for path in [*pages, f"/admin/questions/{question}"]:
        assert mei.get(path).status_code == 200, path
    assert "1 thing waits for a person" in mei.get("/admin").text


def test_questions_are_found_by_state_topic_feed_and_words(house: WorkHouse, mei: Browser) -> None:
    for text, topic, state in (
        ("@brand no picture", "tv", "open"),
        ("@brand 50% slower", "wifi", "open"),
        ("@brand 50 times", "tv-sets", "escalated"),
    ):
        number = house.question(text, state=state)
        with house.database.write() as session:
            row = session.get_one(QuestionRow, number)
            row.topics = [[topic, 0.6], ["other", 0.1]]
            session.add(row)

    def found(query: str) -> list[bool]:
        page = mei.get(f"/admin/questions?{query}").text
        return [text in page for text in ("no picture", "50% slower", "50 times")]

    assert found("") == [True, True, True]
    assert found("state=escalated") == [False, False, True]
    assert found("topic=tv") == [True, False, False]
    assert found("words=50%25") == [False, True, False]
    assert found("words=PICTURE") == [True, False, False]
    assert found("platform=x") == [False, False, False]


def test_a_question_is_dismissed_brought_back_taken_over_and_closed(house: WorkHouse, mei: Browser) -> None:
    question = house.question()
    house.offer(question, house.employee("Jane"))
    address = f"/admin/questions/{question}"

    mei.post(f"{address}/dismiss", {"why": "Advertising."})
    assert house.state_of(question) == QuestionState.DISMISSED
    assert "Advertising." in mei.get(address).text
    assert mei.post(f"{address}/escalate").status_code == 409
    mei.post(f"{address}/restore")
    row = house.row(QuestionRow, question)
    assert (row.state, row.round, row.rung, row.due_at) == (QuestionState.OPEN, 1, 0, house.clock())
    mei.post(f"{address}/escalate")
    assert house.state_of(question) == QuestionState.ESCALATED
    mei.post(f"{address}/close")
    assert house.state_of(question) == QuestionState.SETTLED
    assert _acts(house) == [
        AuditAction.QUESTION_DISMISS,
        AuditAction.QUESTION_RESTORE,
        AuditAction.QUESTION_ESCALATE,
        AuditAction.QUESTION_CLOSE,
    ]


def test_topics_and_title_of_a_question_reach_its_entry(house: WorkHouse, mei: Browser) -> None:
    question = house.question()
    house.answer(question, house.employee("Jane"), TEN_SECONDS)
    house.deliver()
    address = f"/admin/questions/{question}"
    mei.post(f"{address}/topics", {"main": "wifi", "also-tv": "yes", "also-none": "yes"})
    mei.post(f"{address}/title", {"title": "What to do without a picture"})
    entry = _only(house, EntryRow)
    assert (entry.topic, entry.title, entry.title_source) == (
        "wifi",
        "What to do without a picture",
        TitleSource.MODERATOR,
    )
    assert [slug for slug, _ in house.row(QuestionRow, question).topics] == ["wifi", "tv"]
    assert mei.post(f"{address}/title", {"title": "x" * 200}).status_code == 422


@pytest.mark.parametrize("place", ["addition", "correction"])
def test_a_second_answer_becomes_an_addition_or_the_correction(
    house: WorkHouse, mei: Browser, place: str
) -> None:
    question = house.question()
    first = house.answer(question, house.employee("Jane"), TEN_SECONDS)
    house.deliver()
    second = house.answer(question, house.employee("Kim"), "Ten is too short: hold it for thirty.")
    page = mei.get("/admin/answers").text
    assert TEN_SECONDS in page
    assert "hold it for thirty" in page

    mei.post(f"/admin/answers/{second}/approve", {"place": place})
    house.deliver()

    assert house.answer_row(second).state == AnswerState.PUBLISHED
    assert house.answer_row(second).kind == place
    assert house.answer_row(second).lead is (place == "correction")
    assert house.answer_row(first).lead is (place == "addition")
    assert house.state_of(question) == QuestionState.ANSWERED
    assert len(house.chorus.feed.page(author="brand")) == 2
    assert mei.post(f"/admin/answers/{second}/approve", {"place": place}).status_code == 409


def test_a_dropped_answer_tells_its_author_why(house: WorkHouse, mei: Browser) -> None:
    question, kim = house.question(), house.employee("Kim")
    house.answer(question, house.employee("Jane"), TEN_SECONDS)
    second = house.answer(question, kim, "Throw it out of the window.")
    assert mei.post(f"/admin/answers/{second}/drop").status_code == 422
    mei.post(f"/admin/answers/{second}/drop", {"why": "That is no help."})
    assert house.answer_row(second).state == AnswerState.DROPPED
    assert "That is no help." in house.browser(kim).get("/desk/answers").text


def test_a_tagged_post_is_matched_to_its_question_by_hand(house: WorkHouse, mei: Browser) -> None:
    jane = house.employee("Jane Doe", handle="jane")
    question = house.question()
    for text in (f"{TEN_SECONDS} #chorus", "Lovely weather #chorus"):
        house.browser().request("POST", "/local/posts", json={"author": "jane", "text": text})
    house.take_in()
    with house.database.read() as session:
        posts = session.exec(select(PostRow).where(PostRow.verdict == PostKind.UNMATCHED)).all()
    assert [post.employee_id for post in posts] == [jane, jane]
    assert "2 things wait" in mei.get("/admin").text

    assert mei.post(f"/admin/posts/{posts[0].id}/match").status_code == 422
    assert mei.post(f"/admin/posts/{posts[0].id}/match", {"other": "4711"}).status_code == 404
    mei.post(f"/admin/posts/{posts[0].id}/match", {"question": str(question)})
    mei.post(f"/admin/posts/{posts[1].id}/set-aside")
    house.deliver()

    assert [post.text for post in house.chorus.feed.page(author="brand")] == [f"{TEN_SECONDS} ^Jane"]
    assert house.row(PostRow, posts[0].id).verdict == PostKind.ANSWER
    assert (house.row(PostRow, posts[1].id).text, house.row(PostRow, posts[1].id).state) == (
        "",
        PostState.DONE,
    )


def test_s2_a_post_of_somebody_who_left_is_matched_to_nothing(house: WorkHouse, mei: Browser) -> None:
    jane = house.employee("Jane Doe", handle="jane")
    question = house.question()
    house.browser().request("POST", "/local/posts", json={"author": "jane", "text": "Reset it. #chorus"})
    house.take_in()
    with house.database.write() as session:
        leaving.leave(session, session.get_one(EmployeeRow, jane), house.clock())
        post = session.exec(select(PostRow).where(PostRow.verdict == PostKind.UNMATCHED)).one()
    answer = mei.post(f"/admin/posts/{post.id}/match", {"question": str(question)})
    assert answer.status_code == 409
    assert house.state_of(question) == QuestionState.OFFERED


def test_r2_an_unknown_delivery_is_noted_as_sent_by_a_person(house: WorkHouse, mei: Browser) -> None:
    question = house.question()
    answer = house.answer(question, house.employee("Jane"), TEN_SECONDS)
    _send(house, Ambiguous("The connection broke."))
    delivery = _only(house, DeliveryRow)
    assert delivery.state == DeliveryState.UNKNOWN
    assert "Note as sent" in mei.get("/admin/deliveries").text
    address = f"/admin/deliveries/{delivery.id}"

    assert mei.post(f"{address}/sent", {"url": "yes, it is"}).status_code == 422
    mei.post(f"{address}/sent", {"url": "http://answers.test/local#post-77"})

    delivery = _only(house, DeliveryRow)
    assert (delivery.state, delivery.external_id) == (DeliveryState.SENT, "77")
    assert house.answer_row(answer).state == AnswerState.PUBLISHED
    assert house.state_of(question) == QuestionState.ANSWERED
    assert _only(house, EntryRow).state == EntryState.PUBLIC
    assert mei.post(f"{address}/again").status_code == 409
    assert not house.chorus.feed.page(author="brand")


def test_r2_an_unknown_delivery_is_sent_again_only_when_a_person_says_so(
    house: WorkHouse, mei: Browser
) -> None:
    question = house.question()
    house.answer(question, house.employee("Jane"), TEN_SECONDS)
    _send(house, Ambiguous("The connection broke."))
    house.deliver()
    assert not house.chorus.feed.page(author="brand")

    mei.post(f"/admin/deliveries/{_only(house, DeliveryRow).id}/again")
    house.deliver()

    assert len(house.chorus.feed.page(author="brand")) == 1
    assert house.state_of(question) == QuestionState.ANSWERED


def test_a_refused_delivery_can_be_given_up_or_tried_again(house: WorkHouse, mei: Browser) -> None:
    question = house.question()
    answer = house.answer(question, house.employee("Jane"), TEN_SECONDS)
    _send(house, Rejected("Post it by hand: https://x.example/post?text=1", Refusal.NOT_PERMITTED))
    assert house.state_of(question) == QuestionState.ESCALATED
    page = mei.get("/admin/deliveries").text
    assert 'href="https://x.example/post?text=1"' in page

    address = f"/admin/deliveries/{_only(house, DeliveryRow).id}"
    mei.post(f"{address}/again")
    assert house.state_of(question) == QuestionState.ANSWERING
    _send(house, Ambiguous("The connection broke."))
    mei.post(f"{address}/give-up")
    assert house.answer_row(answer).state == AnswerState.FAILED
    assert house.state_of(question) == QuestionState.ESCALATED
    assert _acts(house) == [AuditAction.DELIVERY_AGAIN, AuditAction.DELIVERY_GIVE_UP]


def test_s18_publishing_stops_and_goes_on_with_one_button(house: WorkHouse, mei: Browser) -> None:
    house.answer(house.question(), house.employee("Jane"), TEN_SECONDS)
    assert mei.post("/admin/publishing/pause").status_code == 422
    mei.post("/admin/publishing/pause", {"reason": "Somebody else has our password."})
    with house.database.read() as session:
        assert switches.is_paused(session)
    page = mei.get("/admin").text
    assert "Publishing is paused" in page
    assert "Somebody else has our password." in page
    house.deliver()
    assert not house.chorus.feed.page(author="brand")

    mei.post("/admin/publishing/resume")
    house.deliver()
    assert len(house.chorus.feed.page(author="brand")) == 1
    assert _acts(house) == [AuditAction.PUBLISHING_PAUSE, AuditAction.PUBLISHING_RESUME]


def test_the_budget_page_shows_what_is_spent_and_what_waits_until_when(
    house: WorkHouse, mei: Browser
) -> None:
    house.chorus.platforms["x"] = house.chorus.local  # only its name matters here
    question = house.question()
    with house.database.write() as session:
        common: dict[str, Any] = {
            "kind": "publication",
            "platform": "x",
            "question_id": question,
            "created_at": house.clock(),
        }
        session.add(DeliveryRow(key="1", state="sent", sent_at=house.clock(), cost_micros=215_000, **common))
        session.add(
            DeliveryRow(
                key="2",
                state="ready",
                code="over_budget",
                reason="The money for the day or month is spent.",
                due_at=house.clock() + timedelta(hours=12),
                payload={"text": "See the manual."},
                **common,
            )
        )
    page = mei.get("/admin/budget").text
    assert "$0.21 of $5.00" in page or "$0.22 of $5.00" in page
    assert "1 of 50" in page
    assert "1 put off" in page
    assert "See the manual." in page
    assert "in 12 hours" in page


def test_the_budget_page_tells_what_reading_costs(house: WorkHouse, mei: Browser) -> None:
    house.chorus.platforms["x"] = house.chorus.local  # only its name matters here
    reads = {Read.OWN: 100, Read.POST: 20, Read.USER: 30, Read.AGAIN: 40}
    with house.database.write() as session:
        reading.note(session, "x", reads, PRICES, house.clock())
    page = mei.get("/admin/budget").text
    assert "$0.70 of $5.00" in page
    assert "$0.70 went for reading" in page
    assert "100 mentions and own posts" in page
    assert "40 posts looked up again" in page
    assert "25 % of the money" in page


def test_somebody_is_added_edited_linked_paused_and_let_go(house: WorkHouse, mei: Browser) -> None:
    fields = {
        "name": "Jane Doe",
        "email": "jane@example.com",
        "role": "employee",
        "hours": "mon-fri 9-17",
        "timezone": "Europe/Berlin",
        "languages": "en de",
        "daily_cap": "9",
        "open_cap": "2",
        "topic-tv": "3",
        "opted_in": "yes",
    }
    made = mei.post("/admin/employees/new", fields)
    address = made.headers["location"].partition("?")[0]
    number = int(address.rpartition("/")[2])
    assert "mon-fri 09:00-17:00" in mei.get(address).text

    assert mei.post(address, {**fields, "name": "Jane Roe", "role": "moderator"}).status_code == 303
    wrong = mei.post(address, {**fields, "hours": "always", "name": "Typed"})
    assert wrong.status_code == 422
    assert 'value="Typed"' in wrong.text
    assert mei.post(f"{address}/accounts", {"account": "local:jane"}).status_code == 303
    assert mei.post(f"{address}/accounts", {"account": "myspace:jane"}).status_code == 422
    assert mei.post(f"{address}/pause", {"days": "500"}).status_code == 422
    mei.post(f"{address}/pause", {"days": "3"})
    row = house.row(EmployeeRow, number)
    assert (row.name, row.role, row.paused_until) == (
        "Jane Roe",
        Role.MODERATOR,
        house.clock() + timedelta(days=3),
    )
    mei.post(f"{address}/resume")

    link = mei.post(f"{address}/link").text.partition("answers.test")[2].partition("<")[0]
    jane = house.browser()
    assert jane.post(link).headers["location"] == "/admin"
    mei.post(f"{address}/leave")
    assert jane.get("/admin").status_code == 303
    assert mei.post(f"{address}/link").status_code == 409
    with house.database.read() as session:
        assert not session.exec(select(IdentityRow)).all()
    assert AuditAction.EMPLOYEE_LEAVE in _acts(house)


def test_the_last_person_in_charge_stays(house: WorkHouse, mei: Browser) -> None:
    fields = {
        "name": "Mei Tan",
        "email": "mei@example.com",
        "role": "employee",
        "timezone": "UTC",
        "daily_cap": "1",
        "open_cap": "1",
    }
    assert "in charge" in mei.post("/admin/employees/1", fields).text
    assert mei.post("/admin/employees/1/leave").status_code == 409
    assert house.row(EmployeeRow, 1).role == Role.ADMIN


def test_topics_are_added_edited_proposed_and_removed(house: WorkHouse, mei: Browser) -> None:
    for number in range(4):
        house.question(f"@brand my doorbell chime number {number} is silent")
    missing = mei.get("/admin/missing-topics").text
    assert "oorbell" in missing
    assert "1 person</span>" in missing  # who asked all four
    assert mei.post("/admin/missing-topics", {"name": "TV", "slug": "tv"}).status_code == 422
    fields = {"slug": "doorbells", "name": "Doorbells", "keywords": "doorbell\nchime", "parent": "tv"}
    assert mei.post("/admin/topics", fields).status_code == 303
    assert mei.post("/admin/topics", fields).status_code == 422
    assert mei.post("/admin/topics/tv", {"name": "TV", "parent": "doorbells"}).status_code == 422
    mei.post("/admin/topics/doorbells", {"name": "Bells", "keywords": "bell"})
    with house.database.read() as session:
        topic = session.exec(select(TopicRow).where(TopicRow.slug == "doorbells")).one()
    assert (topic.name, topic.keywords, topic.parent) == ("Bells", ["bell"], None)
    assert mei.post("/admin/topics/doorbells/remove").status_code == 303
    assert mei.get("/admin/topics/doorbells").status_code == 404


def test_reported_entries_are_hidden_shown_and_left(house: WorkHouse, mei: Browser) -> None:
    house.answer(house.question(), house.employee("Jane"), TEN_SECONDS)
    house.deliver()
    with house.database.write() as session:
        entry = session.exec(select(EntryRow)).one()
        review.ask_for_review(session, entry, "A reader says that the answer is wrong.", house.clock())
        session.add(ReportRow(entry_id=entry.id, reason="wrong", text="It is 15!", reported_at=house.clock()))
    page = mei.get("/admin/review").text
    assert "A reader says that the answer is wrong." in page
    assert "It is 15!" in page

    before = _only(house, EntryRow).revision
    mei.post(f"/admin/entries/{entry.id}/hide")
    assert (_only(house, EntryRow).state, _only(house, EntryRow).revision) == (EntryState.HIDDEN, before + 1)
    assert mei.post(f"/admin/entries/{entry.id}/hide").status_code == 409
    mei.post(f"/admin/entries/{entry.id}/show")
    mei.post(f"/admin/entries/{entry.id}/reviewed")
    assert _only(house, EntryRow).state == EntryState.PUBLIC
    assert _only(house, EntryRow).review is None
    assert _only(house, ReportRow).closed_by.startswith("mei@example.com")


def test_s19_a_tampered_audit_log_is_noticed_on_its_page(house: WorkHouse, mei: Browser) -> None:
    mei.post("/admin/publishing/pause", {"reason": "a test"})
    mei.post("/admin/publishing/resume")
    assert "The chain is sound" in mei.get("/admin/audit?check=1").text
    with house.database.write() as session:
        row = session.exec(select(AuditRow).order_by("id")).first()
        assert row is not None
        row.actor = "eve (9)"
        session.add(row)
    assert "The chain is broken at line 1" in mei.get("/admin/audit?check=1").text


def test_an_auditor_reads_everything_and_finds_no_buttons(house: WorkHouse, mei: Browser) -> None:
    question = house.question()
    house.answer(question, house.employee("Jane"), TEN_SECONDS)
    house.answer(question, house.employee("Kim"), "Use the remote control instead of that.")
    _send(house, Ambiguous("The connection broke."))
    auditor = house.browser(house.employee("Ada", role=Role.AUDITOR))
    rooms = ("", f"/questions/{question}", "/answers", "/deliveries", "/employees/1")
    for path in (f"/admin{room}" for room in rooms):
        page = auditor.get(path)
        assert page.status_code == 200
        assert page.text.count('action="') == page.text.count('action="/sign-out"'), path
    assert mei.get("/admin/answers").text.count("formaction=") > 1


def test_questions_that_nobody_can_decide_about_any_more_say_so(house: WorkHouse, mei: Browser) -> None:
    gone = house.question(state="withdrawn")
    for act in ("dismiss", "restore", "close", "escalate"):
        answer = mei.post(f"/admin/questions/{gone}/{act}")
        assert answer.status_code == 409
        assert "deleted it" in answer.text
    with house.database.read() as session:
        assert not session.exec(select(AnswerRow)).all()
        assert not session.exec(select(OfferRow)).all()


def test_a_question_of_before_chorus_is_read_though_it_has_no_post(house: WorkHouse, mei: Browser) -> None:
    past = RepeatedQuestion(
        text="The remote does nothing since today",
        asked_at=house.clock() - timedelta(hours=2),
        customer="sam",
        topic="tv",
        language="en",
        entry_id=0,
        state=QuestionState.ESCALATED,
    )
    with house.database.write() as session:
        import_questions(session, [past])
    jane = house.browser(house.employee("Jane Doe"))
    question = _only(house, QuestionRow).id
    for page in (mei.get(f"/admin/questions/{question}"), jane.get(f"/desk/questions/{question}")):
        assert "The remote does nothing since today" in page.text.partition("<ol")[2].partition("</ol>")[0]
        assert "deleted the post" not in page.text
