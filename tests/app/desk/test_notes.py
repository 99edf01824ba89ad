"""Notes between colleagues on a question: who writes and reads them, and that nobody outside ever does."""

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot.actions import erase, notes, regroup
from bot.actions.conversations import deletion
from bot.actions.notes import LONGEST_NOTE
from bot.channels.base import Reach
from bot.channels.messages import Message
from bot.roles import Role
from bot.states import DeliveryKind, PostKind
from bot.store.engine import Database
from bot.store.privacy import erasure, personal_record
from bot.store.tables.conversations import DeliveryRow, PostRow, QuestionRow
from bot.store.tables.house import AuditRow, ChangeRow
from bot.store.tables.people import EmployeeRow, NoteRow
from routing.ladder.policy import Policy
from routing.model.domain import QuestionState
from tests.app.work_house import WorkHouse
from tests.conftest import FakeClock
from tests.forms import page_of, pressed

SECRET = "They moved last week, the old box is still in the cellar."
TEN_SECONDS = "Hold the power button for ten seconds."


@pytest.fixture
def house(database: Database, clock: FakeClock) -> WorkHouse:
    built = WorkHouse(database, clock, publish={"undo_window": 30})
    built.topic("tv", "TV & picture")
    return built


def _press(house: WorkHouse, who: int, question: int, deed: str, **typed: str) -> Any:
    """What a browser without script sends from the question's page."""
    browser, page = house.browser(who), f"/desk/questions/{question}"
    return browser.post(*pressed(browser.get(page).text, f"{page}/{deed}", **typed))


def _write(house: WorkHouse, who: int, question: int, note: str = SECRET, **fields: str) -> Any:
    return house.browser(who).post(f"/desk/questions/{question}/notes", {"note": note, **fields})


def _all(house: WorkHouse) -> list[NoteRow]:
    with house.database.read() as session:
        return list(session.exec(select(NoteRow).order_by(NoteRow.id)).all())


def _mails(house: WorkHouse) -> list[DeliveryRow]:
    with house.database.read() as session:
        rows = session.exec(select(DeliveryRow).where(DeliveryRow.kind == DeliveryKind.NOTICE)).all()
        return [row for row in rows if row.tells.note is not None]


def test_a_note_stands_in_its_place_in_time_for_colleagues(house: WorkHouse) -> None:
    jane, kim = house.employee("Jane Doe"), house.employee("Kim Lee")
    mei, ada = house.employee("Mei Tan", role=Role.MODERATOR), house.employee("Ada Roe", role=Role.AUDITOR)
    question = house.question()
    house.clock.advance(60)

    done = _write(house, jane, question)

    (note,) = _all(house)
    assert done.headers["location"] == f"/desk/questions/{question}?done=noted&at=note-{note.id}"
    house.clock.advance(60)
    house.browser(kim).post(f"/desk/questions/{question}/answer", {"text": TEN_SECONDS, "step": "send"})
    pages = [house.browser(who).get(f"/desk/questions/{question}").text for who in (jane, kim)]
    pages += [house.browser(who).get(f"/admin/questions/{question}").text for who in (mei, ada)]
    for page in pages:
        thread = page[page.index('aria-label="Conversation"') :]
        assert thread.index("no picture") < thread.index(SECRET) < thread.index(TEN_SECONDS)
        assert "Only colleagues see this." in thread
        assert f'id="note-{note.id}"' in thread
    assert "Take the note back" in pages[0]
    assert "Remove the note" in pages[2]
    assert not any("note back" in page or "Remove the note" in page for page in (pages[1], pages[3]))
    assert 'name="note@note"' not in pages[3]


def test_a_note_that_is_refused_comes_back_with_everything_typed(house: WorkHouse) -> None:
    jane = house.employee()
    question = house.question()
    typed = {"text__answer": TEN_SECONDS, "title__answer": "A dead TV", "kind__answer": "question_back"}
    for note, why in (
        ("", "Write the note first."),
        ("x" * (LONGEST_NOTE + 1), "At most 2,000 characters"),
    ):
        page = _press(house, jane, question, "notes", note__note=note, **typed)
        assert page.status_code == 422
        assert why in page.text
        assert TEN_SECONDS in page.text
        assert "A dead TV" in page.text
        assert note in page.text
    assert _all(house) == []


def test_an_answer_that_is_being_written_stays_while_a_note_is_written_and_the_other_way(
    house: WorkHouse,
) -> None:
    jane = house.employee()
    question = house.question()
    page = _press(house, jane, question, "notes", note__note=SECRET, text__answer=TEN_SECONDS)
    assert page.status_code == 200
    assert "Noted: only colleagues see it." in page.text
    assert f"{TEN_SECONDS}</textarea>" in page.text
    assert 'id="preview"' not in page.text
    assert len(_all(house)) == 1

    begun = {"note__note": "Ask the warehouse"}
    asked = _press(house, jane, question, "private", **begun)
    assert "Ask the warehouse</textarea>" in asked.text
    preview = _press(house, jane, question, "answer", text__answer=TEN_SECONDS, **begun)
    assert "Ask the warehouse</textarea>" in preview.text
    address = f"/desk/questions/{question}"
    sent = page_of(preview.text)
    done = house.browser(jane).post(f"{address}/answer?of=send", {**sent, "step@send": "send"})
    assert "Your answer is on its way" in done.text
    assert "Ask the warehouse</textarea>" in done.text
    assert f"{TEN_SECONDS}</textarea>" not in done.text, "what is sent does not wait to be sent again"
    assert len(_all(house)) == 1


def test_a_note_sent_twice_is_there_once(house: WorkHouse) -> None:
    jane = house.employee()
    question = house.question()
    first = _write(house, jane, question)
    assert _write(house, jane, question).headers["location"] == first.headers["location"]
    assert len(_all(house)) == 1
    _write(house, jane, question, "Or in the shed.")
    assert len(_all(house)) == 2


@dataclass
class Letters:
    """A channel that keeps what it was handed: by address, the words."""

    reaches: Reach = Reach.PERSON
    sent: dict[str, str] = field(default_factory=dict)

    def send(self, to: str, message: Message, *, key: str, timeout: float) -> None:
        assert key
        assert timeout > 0
        self.sent[to] = message.text

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def told(database: Database, clock: FakeClock, letters: Letters) -> WorkHouse:
    return WorkHouse(database, clock, channels={"letters": letters})


def test_whoever_is_named_or_chosen_gets_a_mail_without_a_word_of_it(
    told: WorkHouse, letters: Letters
) -> None:
    jane, kim, mo = (told.employee(name) for name in ("Jane Doe", "Kim Lee", "Mo Ray"))
    ada = told.employee("Ada Roe", role=Role.AUDITOR, opted_in=False)
    question = told.question(customer="kim")

    _write(told, jane, question, f"@kim @mo, @Ada Roe, @nobody and @jane@example.com: {SECRET}")
    _write(told, jane, question, "Please look.", tell=str(kim))

    assert [one.told for one in _all(told)] == [[mo, ada], [kim]]
    assert [(row.employee_id, row.question_id) for row in _mails(told)] == [
        (mo, question),
        (ada, question),
        (kim, question),
    ]
    assert "Mo Ray, Ada Roe" in told.browser(kim).get(f"/desk/questions/{question}").text
    told.steps.notify.run()  # Kim has used a page just now, and is told all the same
    first, second = _all(told)
    assert sorted(letters.sent) == ["ada@example.com", "kim@example.com", "mo@example.com"]
    assert f"/desk/questions/{question}#note-{first.id}" in letters.sent["mo@example.com"]
    assert f"/admin/questions/{question}#note-{first.id}" in letters.sent["ada@example.com"]
    assert f"/desk/questions/{question}#note-{second.id}" in letters.sent["kim@example.com"]
    assert "Jane Doe wrote a note for you" in letters.sent["kim@example.com"]
    assert not any(SECRET in text or "Please look" in text for text in letters.sent.values())


def test_a_mail_about_a_note_that_was_taken_back_is_not_sent(told: WorkHouse, letters: Letters) -> None:
    jane = told.employee("Jane Doe")
    told.employee("Kim Lee")
    question = told.question()
    _write(told, jane, question, "@Kim look")
    (note,) = _all(told)
    told.browser(jane).post(f"/desk/questions/{question}/notes/{note.id}/remove")
    told.steps.notify.run()
    (mail,) = _mails(told)
    assert (mail.state, mail.reason) == ("withdrawn", "The note is not there any more.")
    assert letters.sent == {}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("@Jo look", "Several colleagues are called Jo"),
        ("@Neu One look", "Neu One may not see this question"),
    ],
)
def test_who_cannot_be_told_is_named(house: WorkHouse, text: str, why: str) -> None:
    jane = house.employee("Jane Doe")
    house.employee("Jo Hill")
    with house.database.write() as session:
        session.add(EmployeeRow(name="Jo Hall", email="jo2@example.com", created_at=house.clock()))
    house.employee("Neu One", opted_in=False)
    page = _write(house, jane, house.question(), text)
    assert page.status_code == 422
    assert why in page.text
    assert text in page.text


def test_a_note_is_taken_back_by_its_author_or_in_charge_and_the_audit_holds_no_words(
    house: WorkHouse,
) -> None:
    jane, kim = house.employee("Jane Doe"), house.employee("Kim Lee")
    mei = house.employee("Mei Tan", role=Role.MODERATOR)
    question = house.question()
    for _ in range(2):
        _write(house, jane, question)
        (note,) = _all(house)
        path = f"questions/{question}/notes/{note.id}/remove"
        assert house.browser(kim).post(f"/desk/{path}").status_code == 409
        by = (jane, f"/desk/{path}") if note.id == 1 else (mei, f"/admin/{path}")
        assert house.browser(by[0]).post(by[1]).status_code == 303
        assert _all(house) == []
        assert house.browser(by[0]).post(by[1]).status_code == 409
    with house.database.read() as session:
        lines = [(one.action, one.detail) for one in session.exec(select(AuditRow).order_by(AuditRow.id))]
    assert lines == [
        ("note.write", {"note": 1}),
        ("note.remove", {"note": 1}),
        ("note.write", {"note": 2}),
        ("note.remove", {"note": 2, "of": jane}),
    ]


def test_in_charge_writes_where_they_decide_and_gets_back_what_was_refused(house: WorkHouse) -> None:
    mei = house.employee("Mei Tan", role=Role.MODERATOR, opted_in=False)
    question = house.question()
    address = f"/admin/questions/{question}"
    refused = house.browser(mei).post(f"{address}/notes", {"note": "x" * (LONGEST_NOTE + 1)})
    assert refused.status_code == 422
    assert "x" * (LONGEST_NOTE + 1) in refused.text
    assert "At most 2,000 characters" in refused.text
    written = house.browser(mei).post(f"{address}/notes", {"note": SECRET})
    assert written.headers["location"].startswith(f"{address}?done=noted&at=note-")
    assert SECRET in house.browser(mei).get(address).text


def test_a_question_takes_so_many_notes(house: WorkHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notes, "MOST_NOTES", 2)
    jane = house.employee()
    question = house.question()
    for number in range(2):
        _write(house, jane, question, f"Note {number}")
    page = _write(house, jane, question, "One more")
    assert "There are 2 notes on this question" in page.text
    assert "One more</textarea>" in page.text


def test_pages_that_are_open_hear_of_a_note(house: WorkHouse) -> None:
    jane = house.employee()
    question = house.question()
    _write(house, jane, question)
    with house.database.read() as session:
        lines = session.exec(select(ChangeRow)).all()
    assert question in {one for line in lines for one in line.questions}


def test_nothing_public_holds_a_note(house: WorkHouse) -> None:
    jane, mei = house.employee("Jane Doe"), house.employee("Mei Tan", role=Role.ADMIN)
    question = house.question()
    _write(house, jane, question)
    house.browser(jane).post(f"/desk/questions/{question}/answer", {"text": TEN_SECONDS, "step": "send"})
    house.clock.advance(31)
    house.work()
    house.chorus.search.catch_up()
    for path in (
        *("/", "/q/1", "/search?q=cellar", "/feed.atom", "/api/v1/answers?q=cellar", "/api/v1/answers/1"),
        *("/api/v1/suggest?q=cellar", "/sitemap.xml", "/topics", "/local", "/local/posts", "/staff"),
    ):
        found = house.browser().get(path)
        assert SECRET not in found.text
    assert SECRET not in house.browser(mei).get("/admin/matters").text
    with house.database.read() as session:
        assert SECRET not in str([row.payload for row in session.exec(select(DeliveryRow)).all()])


def test_a_note_goes_with_its_question(house: WorkHouse) -> None:
    jane = house.employee()
    erased, deleted = house.question(customer="sam"), house.question(customer="ann")
    for question in (erased, deleted):
        _write(house, jane, question)
    with house.database.write() as session:
        who = erasure.customer(session, "local", "sam")
        assert [one["text"] for one in personal_record.of_customer(session, who)["notes_on_these_questions"]]
        erase.erase_customer(session, who, house.clock())
        post = session.get_one(PostRow, session.get_one(QuestionRow, deleted).post_id)
        deletion.post_deleted(session, post, house.clock())
    assert _all(house) == []
    late = _write(house, jane, deleted)
    assert late.status_code == 410 or "deleted" in late.text


def test_what_a_former_colleague_wrote_is_exported_and_erased(house: WorkHouse) -> None:
    jane, kim = house.employee("Jane Doe"), house.employee("Kim Lee")
    question = house.question()
    _write(house, jane, question)
    _write(house, kim, question, "Jane Doe knows. @Jane")
    with house.database.write() as session:
        row = session.get_one(EmployeeRow, jane)
        assert [one["text"] for one in personal_record.of_employee(session, row)["notes"]] == [SECRET]
        row.state = "left"
        session.add(row)
    assert "Jane Doe" in house.browser(kim).get(f"/desk/questions/{question}").text
    with house.database.write() as session:
        erase.erase_employee(session, session.get_one(EmployeeRow, jane), house.clock())
    (left,) = _all(house)
    assert left.text == "[erased] knows. @Jane"
    assert "Jane Doe" not in house.browser(kim).get(f"/desk/questions/{question}").text


def test_notes_go_along_when_questions_are_joined_and_back_when_they_are_parted(house: WorkHouse) -> None:
    jane = house.employee()
    first, second = house.question(), house.question("@brand and no sound")
    _write(house, jane, first, "On the first")
    _write(house, jane, second, "On the second")
    with house.database.write() as session:
        regroup.join(session, first, second, Policy(), house.clock())
    whole = house.browser(jane).get(f"/desk/questions/{first}").text
    assert "On the first" in whole
    assert "On the second" in whole
    _write(house, jane, second, "On both")
    assert [one.question_id for one in _all(house)] == [first] * 3
    with house.database.write() as session:
        post = session.exec(select(PostRow).where(PostRow.verdict == PostKind.FOLLOW_UP)).one()
        regroup.part(session, session.get_one(QuestionRow, first), post, house.clock())
    assert {one.text: one.question_id for one in _all(house)} == {
        "On the first": first,
        "On the second": second,
        "On both": first,
    }


def test_a_note_and_the_deletion_of_its_question_at_the_same_moment_leave_none(house: WorkHouse) -> None:
    """Whoever comes second sees what the first did: a note never outlives its question."""
    jane = house.employee()
    question = house.question()
    held, done = threading.Event(), threading.Event()

    def delete() -> None:
        with house.database.write() as session:
            row = session.get_one(QuestionRow, question)
            deletion.post_deleted(session, session.get_one(PostRow, row.post_id), house.clock())
            held.set()
            done.wait(1)

    deleting = threading.Thread(target=delete)
    deleting.start()
    held.wait(10)
    writing = threading.Thread(target=lambda: _write(house, jane, question))
    writing.start()
    done.set()
    deleting.join(20)
    writing.join(20)
    assert house.state_of(question) == QuestionState.WITHDRAWN
    assert _all(house) == []


def test_what_is_on_the_page_may_be_long_ago(house: WorkHouse) -> None:
    jane = house.employee()
    question = house.question()
    _write(house, jane, question)
    house.clock.advance(timedelta(days=400))
    assert SECRET in house.browser(jane).get(f"/desk/questions/{question}").text
