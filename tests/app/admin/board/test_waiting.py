"""The board shows what waits for a person in one order, narrowed by its address, and settles it there."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from bot.roles import Role
from bot.states import (
    AnnouncementState,
    ConnectionState,
    DeliveryCode,
    DeliveryState,
    EntryState,
    PostKind,
    PostState,
    StatementKind,
)
from bot.store.engine import Database
from bot.store.queries.board.lines import BoardKind
from bot.store.queries.board.listing import BOARD_PAGE
from bot.store.queries.waits import Waits, what_waits
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.store.tables.figures import GoalRow, SurveyRow
from bot.store.tables.house import ChallengeRow, ConnectionRow, ReportRow
from bot.store.tables.matters import MatterRow, StatementRow
from bot.store.tables.people import JoinRequestRow
from routing.model.domain import QuestionState
from tests.app.board_house import BoardHouse, keys_in
from tests.browser import Browser
from tests.conftest import FakeClock
from tests.forms import fields_of


@pytest.fixture
def desk(database: Database, clock: FakeClock) -> BoardHouse:
    return BoardHouse(database, clock)


def everything(desk: BoardHouse) -> dict[str, str]:
    """Something of every kind that has rows; its key by its kind."""
    matter = desk.add(
        MatterRow(
            title="No picture", first_at=desk.clock(), last_at=desk.clock(), topic="tv", surge="40 people"
        )
    )
    reviewed = desk.entry(review="It was valid until 2026-01-01.")
    held_back = desk.entry(state=EntryState.HELD_BACK, held_back="today")
    asked = desk.question("@brand is it down?", state=QuestionState.OFFERED)
    wrong = AnswerRow(question_id=asked, text="Hold it.", state="published", written_at=desk.clock())
    answered = desk.add(wrong)
    rows = {
        "question": desk.question("@brand my tv smokes"),
        "answer": desk.answer(),
        "unmatched": desk.post(verdict=PostKind.UNMATCHED, employee_id=desk.jane),
        "message": desk.message(
            DeliveryState.REJECTED, reason="too long", link="https://example.social/share"
        ),
        "post": desk.post(state=PostState.QUARANTINED, last_error="no id", attempts=3),
        "announcement": desk.add(
            AnnouncementRow(
                text="We are back.",
                platforms=["local"],
                state=AnnouncementState.PROPOSED,
                proposed_by=desk.jane,
                created_at=desk.clock(),
                changed_at=desk.clock(),
            )
        ),
        "statement": desk.add(
            StatementRow(
                matter_id=matter,
                kind=StatementKind.STATEMENT,
                texts={"": "We know and mend it."},
                written_by=desk.jane,
                written_at=desk.clock(),
            )
        ),
        "newcomer": desk.add(
            JoinRequestRow(email="lee@example.com", name="Lee", levels={"tv": 2}, asked_at=desk.clock())
        ),
        "challenge": desk.add(
            ChallengeRow(
                answer_id=answered, challenger_id=desk.jane, wrong="It takes ten.", made_at=desk.clock()
            )
        ),
        "surge": matter,
        "goal": desk.add(
            GoalRow(percent=80, within_seconds=600, set_at=desk.clock(), missed_since=desk.clock())
        ),
        "score": desk.add(
            SurveyRow(
                question_id=asked,
                platform="local",
                customer_id="sam",
                kind="csat",
                score=2,
                comment="Too slow",
                asked_at=desk.clock(),
                expires_at=desk.clock(),
                said_at=desk.clock(),
                waits_since=desk.clock(),
            )
        ),
        "community": desk.post(verdict=PostKind.COMMUNITY, question_id=asked, author_handle="kim"),
        "review": reviewed,
        "held_back": held_back,
        "breaching": desk.question("@brand last call", state=QuestionState.OFFERED, rung=3),
        "text": desk.text(),
        "endpoint": desk.endpoint(),
        "token": desk.token(),
    }
    return {kind: f"{kind}-{number}" for kind, number in rows.items()}


def test_everything_that_waits_is_on_the_board_and_nothing_else(desk: BoardHouse) -> None:
    assert "Nothing waits for a person." in desk.board()
    wanted = everything(desk)
    desk.question("@brand done", state=QuestionState.ANSWERED)
    desk.question("@brand being asked", state=QuestionState.OFFERED, rung=1)
    desk.message(DeliveryState.SENT)
    desk.message(DeliveryState.UNKNOWN, deadline_at=desk.clock())  # it is still being looked for
    desk.entry()
    assert sorted(desk.standing()) == sorted(wanted.values())
    for kind, key in wanted.items():
        assert desk.standing(f"kind={kind}") == [key]


ON_THE_BOARD = {
    Waits.QUESTION: BoardKind.QUESTION,
    Waits.FAILED_QUESTION: BoardKind.QUESTION,
    Waits.ANSWER: BoardKind.ANSWER,
    Waits.UNMATCHED: BoardKind.UNMATCHED,
    Waits.UNKNOWN: BoardKind.MESSAGE,
    Waits.REFUSED: BoardKind.MESSAGE,
    Waits.FAILED_MESSAGE: BoardKind.MESSAGE,
    Waits.REPORT: BoardKind.REVIEW,
    Waits.REVIEW: BoardKind.REVIEW,
    Waits.POST: BoardKind.POST,
    Waits.ANNOUNCEMENT: BoardKind.ANNOUNCEMENT,
    Waits.CONNECTION: BoardKind.CONNECTION,
    Waits.CHALLENGE: BoardKind.CHALLENGE,
    Waits.SURGE: BoardKind.SURGE,
    Waits.CAMPAIGN: BoardKind.CAMPAIGN,
    Waits.GOAL: BoardKind.GOAL,
    Waits.TEXT: BoardKind.TEXT,
    Waits.ENDPOINT: BoardKind.ENDPOINT,
    Waits.TOKEN: BoardKind.TOKEN,
    Waits.SCORE: BoardKind.SCORE,
    Waits.NEWCOMER: BoardKind.NEWCOMER,
}


def test_whatever_the_overview_counts_is_on_the_board(desk: BoardHouse) -> None:
    assert set(Waits) - set(ON_THE_BOARD) == {Waits.RESTORED}, "which the overview lets go, all at once"
    everything(desk)
    with desk.house.database.read() as session:
        counted = {kind for kind, number in what_waits(session, desk.clock()).items() if number}
    kinds = {key.partition("-")[0] for key in desk.standing()}
    assert {ON_THE_BOARD[kind] for kind in counted} <= kinds


def test_an_account_in_trouble_stands_first_and_cannot_be_put_off(desk: BoardHouse) -> None:
    desk.question(priority=3)
    desk.add(
        ConnectionRow(
            platform="mastodon", state=ConnectionState.RECONNECT, problem="refused", changed_at=desk.clock()
        )
    )
    page = desk.board()
    assert keys_in(page)[0] == "connection-mastodon"
    assert 'name="pick-connection' not in page
    assert desk.standing("topic=tv") == []
    assert desk.standing("platform=x") == []


def test_what_presses_comes_first_and_of_that_the_oldest(desk: BoardHouse) -> None:
    review = desk.entry(review="It is old.")
    old = desk.question()
    desk.clock.advance(60)
    held = desk.answer()
    desk.clock.advance(60)
    new = desk.question()
    urgent = desk.question(priority=2)
    refused = desk.message(DeliveryState.REJECTED)
    assert desk.standing() == [
        f"message-{refused}",
        f"question-{urgent}",
        f"question-{old}",
        f"answer-{held}",
        f"question-{new}",
        f"review-{review}",
    ]


def test_a_reported_entry_comes_before_one_that_has_only_aged(desk: BoardHouse) -> None:
    aged = desk.entry(review="It is old.")
    desk.clock.advance(60)
    reported = desk.entry(review="A reader says that it shows personal data.")
    desk.add(ReportRow(entry_id=reported, reason="personal", text="my number", reported_at=desk.clock()))
    assert desk.standing() == [f"review-{reported}", f"review-{aged}"]
    assert "my number" in desk.board()


def test_the_last_rung_tells_until_when_and_a_long_wait_is_there_too(desk: BoardHouse) -> None:
    last = desk.question(state=QuestionState.OFFERED, rung=3, due_at=desk.clock() + timedelta(minutes=10))
    waits = desk.question(state=QuestionState.OPEN, waits_since=desk.clock() - timedelta(minutes=31))
    desk.question(state=QuestionState.OPEN, waits_since=desk.clock() - timedelta(minutes=29))
    both = desk.question(
        state=QuestionState.OFFERED,
        rung=3,
        waits_since=desk.clock() - timedelta(hours=1),
        due_at=desk.clock(),
    )
    page = desk.board()
    assert sorted(keys_in(page)) == sorted(f"breaching-{one}" for one in (last, waits, both))
    assert "in 10 minutes" in page


def test_filters_narrow_by_topic_feed_language_and_whoever_looks_after_it(desk: BoardHouse) -> None:
    tv = desk.question(topics=[["tv", 0.9]], language="de-AT", platform="x")
    wifi = desk.question(topics=[["wifi", 0.9]], language="en")
    assert desk.standing("topic=tv") == [f"question-{tv}"]
    assert desk.standing("language=de") == [f"question-{tv}"]
    assert desk.standing("platform=local") == [f"question-{wifi}"]
    assert desk.standing("topic=wifi&language=de") == []
    assert desk.standing("kind=nothing") == []
    desk.browser.post(f"/admin/board/question/{tv}/assign")
    assert desk.standing("person=me") == desk.standing(f"person={desk.mei}") == [f"question-{tv}"]
    assert desk.standing("person=nobody") == [f"question-{wifi}"]
    assert desk.standing(f"person={desk.jane}") == []
    assert "Mei Tan" in desk.board("person=me")


def test_pages_follow_each_other_whatever_is_settled_between(
    desk: BoardHouse,
) -> None:
    number = BOARD_PAGE * 2 + 3
    for index in range(number):
        if index % 3:
            desk.question(priority=index % 4)
        else:
            desk.answer()
        desk.clock.advance(1)
    first = desk.board()
    seen = keys_in(first)
    assert len(seen) == BOARD_PAGE
    kind, settled = seen[0].split("-")
    desk.change({"question": QuestionRow, "answer": AnswerRow}[kind], int(settled), state="dismissed")
    page = first
    while 'rel="next"' in page:
        address = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
        page = desk.browser.get(address).text
        seen += keys_in(page)
    assert len(seen) == len(set(seen)) == number
    assert "To the first" in page


@pytest.mark.parametrize("after", ["nonsense", "qn999999999999999999999", "qn0", "zz3", "'", "qn1.qn2"])
def test_a_place_that_somebody_made_up_shows_some_page(desk: BoardHouse, after: str) -> None:
    desk.question()
    assert desk.browser.get(f"/admin/board?after={quote(after)}").status_code == 200


def test_a_page_is_light_however_much_waits(desk: BoardHouse) -> None:
    long = "No picture & no sound since <the> update. " * 40
    for _ in range(BOARD_PAGE):
        desk.answer(text=long, held_for=long)
    assert len(desk.board().encode()) < 100_000


def test_words_that_were_not_public_are_not_shown(desk: BoardHouse) -> None:
    secret = "my card is 4111"
    post = desk.post(visibility="private", text=secret)
    desk.answer(post_id=post, text=secret)
    desk.post(visibility="private", text=secret, verdict=PostKind.UNMATCHED)
    page = desk.board()
    assert len(keys_in(page)) == 2
    assert secret not in page


def test_an_auditor_reads_the_board_and_finds_no_form(desk: BoardHouse) -> None:
    everything(desk)
    auditor = desk.house.browser(desk.house.employee("Ada Roe", role=Role.AUDITOR))
    page = auditor.get("/admin/board").text
    assert len(keys_in(page)) == 17
    assert not {"endpoint", "token"} & {key.partition("-")[0] for key in keys_in(page)}
    main = page.split('id="lines"')[1].split("</main>")[0]
    assert "<form" not in main
    assert "checkbox" not in main


SETTLED = {
    "score": ("/admin/scores/{}/seen", {}),
    "question": ("/admin/questions/{}/dismiss", {"why": "not ours"}),
    "breaching": ("/admin/questions/{}/escalate", {}),
    "answer": ("/admin/answers/{}/drop", {"why": "no"}),
    "unmatched": ("/admin/posts/{}/set-aside", {}),
    "message": ("/admin/deliveries/{}/give-up", {}),
    "post": ("/admin/posts/{}/dismiss", {}),
    "announcement": ("/admin/announcements/{}/decline", {"why": "shorter"}),
    "statement": ("/admin/statements/{}/withdraw", {}),
    "review": ("/admin/entries/{}/reviewed", {}),
    "text": ("/admin/texts/terms/versions/{}/approve", {}),
    "endpoint": ("/admin/hooks/{}/switch", {"to": "off"}),
    "token": ("/admin/tokens/{}/revoke", {}),
    "held_back": ("/admin/entries/{}/show", {}),
}


@pytest.mark.parametrize("kind", SETTLED)
def test_what_is_settled_leads_back_to_the_board_as_it_was_and_leaves_it(desk: BoardHouse, kind: str) -> None:
    key = everything(desk)[kind]
    address, fields = SETTLED[kind]
    address = address.format(key.rpartition("-")[2])
    page = desk.board(f"kind={kind}")
    back = f"/admin/board?kind={kind}"
    assert fields_of(page, address)["back"] == back
    done = desk.browser.post(address, {**fields, "back": back})
    assert done.status_code == 303, done.text
    assert done.headers["location"].startswith(f"{back}&done=")
    after = desk.browser.get(done.headers["location"])
    assert 'role="status"' in after.text
    assert key not in keys_in(after.text)


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/admin/boardx", "/admin/board\n?x", "/desk", "é"]
)
def test_a_form_leads_nowhere_but_to_the_board_or_its_own_page(desk: BoardHouse, back: str) -> None:
    question = desk.question()
    done = desk.browser.post(f"/admin/questions/{question}/close", {"back": back})
    assert done.headers["location"] == f"/admin/questions/{question}?done=closed"


def test_a_message_to_be_posted_by_hand_has_its_link(desk: BoardHouse) -> None:
    desk.message(
        DeliveryState.REJECTED, code=DeliveryCode.BY_HAND, link="https://example.social/share?text=Unplug"
    )
    assert 'href="https://example.social/share?text=Unplug"' in desk.board()


def test_nobody_approves_their_own_words_here_either(desk: BoardHouse) -> None:
    desk.house.employee("Bo Lee", role=Role.ADMIN)
    desk.add(
        AnnouncementRow(
            text="We are back.",
            platforms=["local"],
            state=AnnouncementState.PROPOSED,
            proposed_by=desk.mei,
            created_at=desk.clock(),
            changed_at=desk.clock(),
        )
    )
    page = desk.board()
    assert "Approve these words" not in page
    assert "somebody else in charge has to approve it" in page


def test_the_overview_leads_to_the_board(desk: BoardHouse) -> None:
    assert 'class="button is-primary" href="/admin/board"' not in desk.browser.get("/admin").text
    desk.question()
    assert 'class="button is-primary" href="/admin/board"' in desk.browser.get("/admin").text


def test_browsers_of_strangers_get_no_board(desk: BoardHouse) -> None:
    browser: Browser = desk.house.browser(desk.jane)
    assert browser.get("/admin/board").status_code == 403


def test_what_a_line_cannot_show_whole_is_approved_on_its_own_page(desk: BoardHouse) -> None:
    """Given words that are cut off on the board, or that the guard doubts, then they are read elsewhere."""
    now = desk.clock()
    matter = desk.add(MatterRow(title="No picture", first_at=now, last_at=now))
    said = {"matter_id": matter, "kind": StatementKind.STATEMENT, "written_by": desk.jane, "written_at": now}
    whole, long, doubted = (
        desk.add(StatementRow(texts={"": text}, **said))
        for text in ("We mend it.", "We mend it. " * 80, "See https://elsewhere.example/ for more.")
    )
    page = desk.browser.get("/admin/board").text
    assert f'action="/admin/statements/{whole}/approve"' in page
    for number in (long, doubted):
        assert f"/admin/statements/{number}/approve" not in page
    assert page.count("Read the whole of it, and approve it there") == 2
