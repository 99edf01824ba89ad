"""An answer that is taken back is gone everywhere: feed, archive, search; and whoever must know does."""

import pytest
from sqlmodel import select

from bot.actions.taking_back.retract import Afterwards, Retracted, Wish, retract
from bot.actions.undecidable import Undecidable
from bot.posts import PostEvent
from bot.roles import Role
from bot.states import AnswerState, DeliveryKind, EntryState, Via
from bot.store.engine import Database
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.store.tables.house import AuditRow, ChangeRow
from bot.store.tables.people import EmployeeRow
from routing.dialogue.gate import ArchiveGate, HeldBack
from routing.model.domain import QuestionState
from tests.bot.actions.talk import Talk
from tests.conftest import FakeClock
from tests.house import House

SOLVES = "Hold the ring for ten seconds until it blinks."
OTHER = "Unscrew the foot and change the fuse inside, it is a 2 A one."


@pytest.fixture
def talk(database: Database, clock: FakeClock) -> Talk:
    talk = Talk(House(database, clock))
    talk.answers(SOLVES, talk.opening)
    return talk


def taken_back(talk: Talk, number: int = 1, **wish: object) -> Retracted:
    """Somebody in charge takes an answer back, and it is worked on."""
    house = talk.house
    wanted = Wish(**{"why": "It is wrong.", "by": 99, **wish})  # type: ignore[arg-type]
    with house.database.write() as session:
        answer = session.get_one(AnswerRow, number)
        done = retract(session, house.answering, answer, wanted, house.clock())
    house.work()
    return done


def test_its_posts_its_page_and_what_is_found_of_it_are_gone(talk: Talk) -> None:
    house = talk.house
    [entry] = house.entries()
    page = house.ask("GET", f"/q/{entry.id}", headers={"accept": "text/html"}).headers["location"]
    house.chorus.search.catch_up()
    assert house.ask("GET", "/api/v1/answers?q=ring").json()["items"]

    done = taken_back(talk)

    house.chorus.search.catch_up()
    assert (done.posts, done.unsure) == (1, 0)
    assert house.by_brand() == []
    [answer], [entry] = house.answers(), house.entries()
    assert (answer.state, answer.held_for, answer.lead) == (AnswerState.RETRACTED, "It is wrong.", False)
    assert (entry.state, entry.held_back) == (EntryState.HELD_BACK, HeldBack.RETRACTED)
    assert house.ask("GET", page).status_code == 410
    assert house.ask("GET", f"/api/v1/answers/{entry.id}").status_code == 410
    assert house.ask("GET", "/api/v1/answers?q=ring").json()["items"] == []
    for place in ("/", "/feed.atom", "/sitemap.xml", "/search?q=ring"):
        text = house.ask("GET", place).text
        assert SOLVES not in text
        assert f"/q/{entry.id}-" not in text


def test_another_answer_comes_in_front_and_the_question_stays_answered(talk: Talk) -> None:
    house = talk.house
    talk.answers(OTHER, talk.opening)
    boss = house.browser(house.employee("Mei Ito", role=Role.MODERATOR).id)
    assert boss.post("/admin/answers/2/approve", {"place": "correction"}).status_code == 303
    house.work()
    [entry] = house.entries()
    assert house.ask("GET", f"/api/v1/answers/{entry.id}").json()["answer"] == OTHER

    assert taken_back(talk, 2).afterwards is Afterwards.KEEP

    [question], [first, _] = house.questions(), house.answers()
    assert (question.state, question.answered_at) == (QuestionState.ANSWERED, first.published_at)
    assert house.ask("GET", f"/api/v1/answers/{entry.id}").json()["answer"] == SOLVES
    assert len(house.by_brand()) == 1


def test_what_did_not_help_before_does_not_come_back_in_front(talk: Talk) -> None:
    house = talk.house
    talk.says("That did not help, it is still dark", house.by_brand()[-1])
    talk.answers(OTHER, talk.opening)
    [entry] = house.entries()
    assert taken_back(talk, 2).afterwards is Afterwards.ASK_AGAIN
    assert house.ask("GET", f"/api/v1/answers/{entry.id}").status_code == 410


@pytest.mark.parametrize(
    ("afterwards", "state"),
    [
        (None, QuestionState.OFFERED),
        (Afterwards.ASK_AGAIN, QuestionState.OFFERED),
        (Afterwards.CLOSE, QuestionState.SETTLED),
        (Afterwards.KEEP, QuestionState.ANSWERED),
    ],
)
def test_whoever_takes_it_back_says_what_becomes_of_the_question(
    talk: Talk, afterwards: Afterwards | None, state: QuestionState
) -> None:
    taken_back(talk, afterwards=afterwards)
    [question] = talk.house.questions()
    assert question.state == state
    assert question.answered_at is None


def test_a_new_answer_brings_the_page_back_at_its_address(talk: Talk) -> None:
    [entry] = talk.house.entries()
    taken_back(talk)
    talk.answers(OTHER, talk.opening)
    told = talk.house.ask("GET", f"/api/v1/answers/{entry.id}")
    assert (told.status_code, told.json()["answer"]) == (200, OTHER)


def test_the_customer_is_told_in_their_language_where_that_is_wished(talk: Talk) -> None:
    with talk.house.database.write() as session:
        session.get_one(QuestionRow, 1).language = "de"
    assert taken_back(talk, tells_customer=True).customer_told
    [said] = talk.house.by_brand()
    assert said.text.startswith("Wir müssen zurücknehmen, was wir hier geantwortet haben")
    assert said.text.endswith("wir suchen die richtige Antwort.")
    assert said.in_reply_to == talk.opening.id


def test_a_pointer_about_it_is_no_answer_and_the_archive_stays_empty(talk: Talk) -> None:
    taken_back(talk, tells_customer=True, afterwards=Afterwards.CLOSE)
    [said] = talk.house.by_brand()
    assert said.text == "We have to take back what we answered you here: it was not right. We are sorry."
    assert talk.house.entries()[0].state == EntryState.HELD_BACK
    assert talk.house.questions()[0].state == QuestionState.SETTLED


@pytest.mark.parametrize("is_own", [False, True])
def test_its_author_reads_why_unless_they_did_it_themselves(
    database: Database, clock: FakeClock, is_own: bool
) -> None:
    talk = Talk(House(database, clock, mail={"host": "localhost"}))
    talk.answers(SOLVES, talk.opening)
    taken_back(talk, **({"by": talk.jane} if is_own else {}))
    told = [one.tells.answer for one in talk.house.deliveries() if one.kind == DeliveryKind.NOTICE]
    assert [one for one in told if one is not None] == ([] if is_own else [1])


def test_whom_to_ask_is_learnt_from_it(talk: Talk) -> None:
    taken_back(talk)
    with talk.house.database.read() as session:
        lines = session.exec(select(ChangeRow)).all()
    learnt = [one.detail["employee"] for one in lines if one.detail.get("outcome") == "corrected"]
    assert learnt == [talk.jane]


def test_no_review_is_asked_for_a_post_that_we_deleted_ourselves(talk: Talk) -> None:
    [post] = talk.house.by_brand()
    taken_back(talk)
    talk.house.tell(post, PostEvent.DELETED)
    talk.house.work()
    assert talk.house.entries()[0].review is None


def test_what_has_not_gone_out_is_simply_withdrawn(database: Database, clock: FakeClock) -> None:
    house = House(database, clock)
    talk = Talk(house)
    with house.database.write() as session:
        question, jane = session.get_one(QuestionRow, 1), session.get_one(EmployeeRow, talk.jane)
        house.answering.take(session, question, jane, SOLVES, via=Via.DESK, now=clock())
    done = taken_back(talk)
    assert done.posts == 0
    assert [one.state for one in house.answers()] == [AnswerState.WITHDRAWN]
    assert not [one for one in house.deliveries() if one.kind == DeliveryKind.RETRACTION]
    assert not house.by_brand()


def test_nothing_is_taken_back_twice_or_without_a_reason(talk: Talk) -> None:
    with pytest.raises(Undecidable, match="Say why"):
        taken_back(talk, why="")
    taken_back(talk)
    with pytest.raises(Undecidable, match="already"):
        taken_back(talk)


def test_an_entry_that_somebody_put_in_goes_too_and_one_kept_out_stays_out(talk: Talk) -> None:
    with talk.house.database.write() as session:
        entry = session.merge(talk.house.entries()[0])
        entry.decided = True
    taken_back(talk)
    assert talk.house.entries()[0].state == EntryState.HELD_BACK


def test_judging_the_archive_anew_keeps_it_gone_rather_than_never_there(talk: Talk) -> None:
    from bot.actions.archive.gate import reweigh

    taken_back(talk)
    with talk.house.database.write() as session:
        reweigh(session, 0, 10, ArchiveGate(), talk.house.clock())
    [entry] = talk.house.entries()
    assert talk.house.ask("GET", f"/api/v1/answers/{entry.id}").status_code == 410


def test_in_charge_it_is_seen_first_and_then_done_with_an_audit_line(talk: Talk) -> None:
    boss = talk.house.browser(talk.house.employee("Mei Ito", role=Role.MODERATOR).id)
    assert "/admin/answers/1/retract" in boss.get("/admin/questions/1").text
    page = boss.get("/admin/answers/1/retract").text
    assert SOLVES in page
    assert "the post" in page
    refused = boss.post("/admin/answers/1/retract", {"why": "", "afterwards": "close", "tell": "1"})
    assert refused.status_code == 422
    assert "Say why" in refused.text
    done = boss.post("/admin/answers/1/retract", {"why": "It is wrong.", "afterwards": "close", "tell": "1"})
    assert done.headers["location"] == "/admin/questions/1?done=retracted"
    [line] = [row for row in talk.house.rows(AuditRow) if row.action == AuditAction.ANSWER_RETRACT]
    assert line.detail == {
        "why": "It is wrong.",
        "question": 1,
        "afterwards": "close",
        "posts": 1,
        "customer_told": True,
    }
    talk.house.work()
    assert "taken down" in boss.get("/admin/questions/1").text
    assert boss.post("/admin/answers/1/retract", {"why": "Again."}).status_code == 422
    assert boss.post("/admin/answers/1/retract", {"why": "x", "afterwards": "burn"}).status_code == 422


def test_from_the_entry_the_way_leads_to_its_question(talk: Talk) -> None:
    boss = talk.house.browser(talk.house.employee("Mei Ito", role=Role.MODERATOR).id)
    [entry] = talk.house.entries()
    assert boss.get(f"/admin/entries/{entry.id}").headers["location"] == "/admin/questions/1"
    assert boss.get("/admin/entries/999").status_code == 404


def test_its_author_takes_it_back_at_the_desk_with_a_reason(talk: Talk) -> None:
    jane = talk.house.browser(talk.jane)
    assert "/desk/answers/1/take-down" in jane.get("/desk/answers").text
    assert jane.post("/desk/answers/1/retract").status_code == 409
    assert jane.post("/desk/answers/1/take-down").status_code == 422  # without a reason
    done = jane.post("/desk/answers/1/take-down", {"why": "I mixed up the models.", "tell": "1"})
    assert done.headers["location"] == "/desk/answers?done=taken_down"
    talk.house.work()
    assert talk.house.answers()[0].state == AnswerState.RETRACTED
    assert len(talk.house.by_brand()) == 1  # that it is taken back
    eve = talk.house.browser(talk.house.employee("Eve Stone").id)
    assert eve.post("/desk/answers/1/take-down", {"why": "Not mine."}).status_code == 404


def test_by_hand_one_click_says_that_the_post_is_gone(talk: Talk) -> None:
    talk.house.steps.take_back.platforms = {}
    taken_back(talk)
    boss = talk.house.browser(talk.house.employee("Mei Ito", role=Role.MODERATOR).id)
    [row] = [one for one in talk.house.deliveries() if one.kind == DeliveryKind.RETRACTION]
    page = boss.get("/admin/deliveries").text
    assert "It is gone" in page
    assert row.takes_down.url in page.replace("&#43;", "+")
    assert boss.post(f"/admin/deliveries/{row.id}/sent", {"url": "https://x.example/a/1"}).status_code == 409
    assert boss.post(f"/admin/deliveries/{row.id}/gone").status_code == 303
    assert boss.post(f"/admin/deliveries/{row.id}/gone").status_code == 409
    [row] = [one for one in talk.house.deliveries() if one.kind == DeliveryKind.RETRACTION]
    assert row.state == "sent"
    lines = [one for one in talk.house.rows(AuditRow) if one.action == AuditAction.DELIVERY_GONE]
    assert [one.subject for one in lines] == [f"delivery {row.id}"]


def test_a_person_can_have_it_tried_once_more(talk: Talk) -> None:
    step = talk.house.steps.take_back
    platforms, step.platforms = step.platforms, {}
    taken_back(talk)
    [row] = [one for one in talk.house.deliveries() if one.kind == DeliveryKind.RETRACTION]
    boss = talk.house.browser(talk.house.employee("Mei Ito", role=Role.MODERATOR).id)
    step.platforms = platforms
    assert boss.post(f"/admin/deliveries/{row.id}/again").status_code == 303
    talk.house.work()
    assert talk.house.by_brand() == []


def test_what_was_refused_of_an_answer_taken_back_is_not_sent_again(talk: Talk) -> None:
    boss = talk.house.browser(talk.house.employee("Mei Ito", role=Role.MODERATOR).id)
    taken_back(talk)
    with talk.house.database.write() as session:
        row = session.merge(talk.house.deliveries()[0])
        row.state = "unknown"
    assert boss.post(f"/admin/deliveries/{row.id}/again").status_code == 409
