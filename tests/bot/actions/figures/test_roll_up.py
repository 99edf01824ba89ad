"""The figures are exact: whatever happens to questions, whenever it is counted, they say what rows say."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select

from bot.actions.figures.read import DayReader, FiguresKept
from bot.actions.figures.roll_up import begin_anew, is_due, roll_up
from bot.store.engine import Database
from bot.store.figures import days as stored
from bot.store.figures import due as waiting
from bot.store.tables.conversations import AnswerRow, OfferRow, QuestionRow
from bot.store.tables.figures import SurveyRow
from bot.store.tables.people import EmployeeRow
from bot.text.times.closed_days import closed_day_line, parse_closed_days
from bot.text.times.hours import parse_hours
from routing.figures.columns import Column
from routing.figures.grouping import COLUMNS, GroupBy, grouped
from routing.figures.summary import COUNTED, Figures, figures_of
from routing.figures.working_hours import WorkingHours
from routing.model.closed_days import ClosedDays
from tests.bot.actions.figures import raw as slow

HOURS = "mon-fri 09:00-17:30, sun 00:00-04:00"
BERLIN, AUCKLAND = "Europe/Berlin", "Pacific/Auckland"
CHANGES = {  # the clocks change in the middle of these days
    BERLIN: (datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC)),
    AUCKLAND: (datetime(2026, 4, 3, tzinfo=UTC), datetime(2026, 9, 25, tzinfo=UTC)),
}
NOW = datetime(2026, 12, 1, tzinfo=UTC)
TOPICS = ("tv", "wifi", "delivery")
BYS = tuple(GroupBy)
STATES = (
    *("open", "offered", "escalated", "answering", "asked_back", "unreplied", "answered", "settled"),
    *("settled", "answered", "dismissed", "withdrawn", "joined", "quarantined"),
)
EVERY = tuple(dict.fromkeys((*COUNTED, *COLUMNS.values())))


class History:
    """Things that happen to questions, one after another, at random."""

    def __init__(self, database: Database, seed: int, zone: str) -> None:
        self.database = database
        self.chance = random.Random(seed)
        self.starts = CHANGES[zone]
        with database.write() as session:
            people = [
                EmployeeRow(name=f"P{n}", email=f"p{n}@example.com", created_at=self.moment())
                for n in range(3)
            ]
            session.add_all(people)
            session.flush()
            self.people = [one.id for one in people]

    def moment(self) -> datetime:
        return self.chance.choice(self.starts) + timedelta(minutes=self.chance.randrange(5 * 1440))

    def live(self, happenings: int) -> None:
        """Some things happen, several in one transaction now and then."""
        while happenings > 0:
            some = self.chance.randint(1, 3)
            with self.database.write() as session:
                for _ in range(some):
                    self.chance.choices(
                        (self.ask, self.answer, self.offer, self.say, *self.changes),
                        (24, 14, 6, 10, *(2,) * 8),
                    )[0](session)
                    session.flush()
            happenings -= some

    @property
    def changes(self) -> tuple[Callable[[Session], None], ...]:
        return (
            self.move_on, self.rename, self.join, self.forget, self.redate, self.retract, self.delete,
            self.correct,
        )  # fmt: skip

    def any_of(self, session: Session, table: type[Any]) -> Any:
        ids = session.exec(select(table.id)).all()
        return session.get_one(table, self.chance.choice(ids)) if ids else None

    def ask(self, session: Session) -> None:
        session.add(
            QuestionRow(
                platform=self.chance.choice(("local", "x")),
                customer_id=self.chance.choice(("", "ann", "bob", "cy", "di")),
                text=self.chance.choice(("no picture", "this is terrible 😡")),
                language=self.chance.choice((None, "en", "de")),
                topics=[[self.chance.choice(TOPICS), 0.9]] if self.chance.random() < 0.8 else [],
                state=self.chance.choice(STATES),
                asked_at=self.moment(),
                settled_at=self.moment() if self.chance.random() < 0.5 else None,
                satisfied=self.chance.choice((None, True, False)),
            )
        )

    def answer(self, session: Session) -> None:
        if (question := self.any_of(session, QuestionRow)) is None:
            return
        is_out = self.chance.random() < 0.8
        later = question.asked_at + timedelta(
            minutes=self.chance.choice((2, 9, 10, 11, 60, 61, 900, 9000, -5))
        )
        session.add(
            AnswerRow(
                question_id=question.id,
                employee_id=self.chance.choice((*self.people, None)),
                text="Hold the button.",
                state="published"
                if is_out
                else self.chance.choice(("held", "queued", "pointed", "retracted")),
                kind=self.chance.choice(
                    ("answer", "answer", "addition", "correction", "pointer", "statement", "community")
                ),
                said=self.chance.choice((None, "answer", "question_back")),
                reuse_of=self.chance.choice((None, None, 7)),
                written_at=later,
                published_at=later if is_out or self.chance.random() < 0.5 else None,
            )
        )

    def offer(self, session: Session) -> None:
        if (question := self.any_of(session, QuestionRow)) is not None:
            session.add(
                OfferRow(
                    question_id=question.id,
                    employee_id=self.chance.choice(self.people),
                    round=self.chance.randrange(10**6),
                    offered_at=question.asked_at,
                    expires_at=question.asked_at,
                )
            )

    def say(self, session: Session) -> None:
        """A customer is asked how it went, says it, or something else."""
        if (question := self.any_of(session, QuestionRow)) is None:
            return
        kind = self.chance.choice(("csat", "csat", "nps"))
        score = self.chance.choice((None, *((1, 2, 3, 4, 5, 5, 4) if kind == "csat" else range(11))))
        row = session.exec(select(SurveyRow).where(SurveyRow.question_id == question.id)).first()
        if row is None:
            asked = AnswerRow(
                question_id=question.id,
                text="How did it go?",
                kind="survey",
                state=self.chance.choice(("queued", "pointed", "pointed", "withdrawn")),
                written_at=question.asked_at,
                published_at=question.asked_at,
            )
            session.add(asked)
            session.flush()
            row = SurveyRow(
                question_id=question.id,
                answer_id=asked.id,
                platform=question.platform,
                customer_id=question.customer_id,
                kind=kind,
                asked_at=question.asked_at,
                expires_at=question.asked_at,
            )
        row.kind, row.score = kind, score
        session.add(row)

    def move_on(self, session: Session) -> None:
        if (question := self.any_of(session, QuestionRow)) is not None:
            question.state = self.chance.choice(STATES)
            question.satisfied = self.chance.choice((None, True, False))
            question.settled_at = self.moment()

    def rename(self, session: Session) -> None:
        if (question := self.any_of(session, QuestionRow)) is not None:
            question.topics = [[self.chance.choice(TOPICS), 0.7]]
            question.language = self.chance.choice((None, "fr"))

    def join(self, session: Session) -> None:
        """What belonged to one question belongs to another, as when a person joins or parts them."""
        one, other = self.any_of(session, QuestionRow), self.any_of(session, QuestionRow)
        if one is not None and one.id != other.id:
            one.state = "joined"
            for table in (AnswerRow, OfferRow):
                for row in session.exec(select(table).where(table.question_id == one.id)).all():
                    row.question_id = other.id

    def forget(self, session: Session) -> None:
        if (question := self.any_of(session, QuestionRow)) is not None:
            question.customer_id, question.text = "", ""

    def redate(self, session: Session) -> None:
        """As when the machine's clock had been ahead."""
        if (question := self.any_of(session, QuestionRow)) is not None:
            question.asked_at = self.moment()

    def retract(self, session: Session) -> None:
        if (answer := self.any_of(session, AnswerRow)) is not None:
            answer.state = self.chance.choice(("retracted", "published", "dropped"))

    def correct(self, session: Session) -> None:
        if (answer := self.any_of(session, AnswerRow)) is not None:
            answer.published_at = self.chance.choice((None, answer.written_at + timedelta(minutes=1)))
            answer.employee_id = self.chance.choice(self.people)
            answer.said = self.chance.choice((None, "question_back"))

    def delete(self, session: Session) -> None:
        if (question := self.any_of(session, QuestionRow)) is not None:
            answers = session.exec(select(AnswerRow.id).where(AnswerRow.question_id == question.id)).all()
            for survey in session.exec(select(SurveyRow)).all():
                if survey.question_id == question.id or survey.answer_id in answers:
                    session.delete(survey)
            session.flush()
            for table in (AnswerRow, OfferRow):
                for row in session.exec(select(table).where(table.question_id == question.id)).all():
                    session.delete(row)
            session.delete(question)


def count(database: Database, hours: WorkingHours, most: int = 100) -> None:
    for _ in range(most):
        with database.write() as session:
            if not roll_up(session, hours, NOW):
                return


def check(
    database: Database,
    hours: WorkingHours,
    first: date,
    last: date,
    closed: slow.Closed = (),
    kept: FiguresKept | None = None,
) -> int:
    """Every figure of every group against the raw rows; how many questions there were."""
    with database.read() as session:
        reader = DayReader(session, hours)
        found = reader.read(first, last, EVERY)
        together = reader.figures(first, last, kept or FiguresKept())
        raws = slow.raw_questions(session)
    assert found.is_up_to_date
    assert together == figures_of(found.table), "what is kept is what would be counted"
    for by in BYS:
        groups = grouped(found.table, by, first, last, slow.DEPARTMENTS).groups
        said = {one.key: one.figures for one in groups if one.figures.questions}
        expected = slow.figures(raws, by, hours.zone.key, hours.shifts, first, last, closed)
        assert said.keys() == expected.keys(), by
        for key, figures in expected.items():
            assert {name: getattr(said[key], name) for name in figures} == pytest.approx(figures), (by, key)
    return len(found.table)


OPEN_ON_HOLIDAYS = (
    ("", ()),
    ("01:30-02:45", ((90, 165),)),
    ("10:00-12:00+13:00-14:00", ((600, 720), (780, 840))),
)


def holidays(history: History, zone: str) -> tuple[ClosedDays, slow.Closed]:
    """Days around the clock changes, closed or with other hours: as the product reads them, and plainly."""
    lines, plain = [], {}
    for change in CHANGES[zone]:
        for step in history.chance.sample(range(-2, 5), 4):
            day = change.date() + timedelta(days=step)
            hours, spans = history.chance.choice(OPEN_ON_HOLIDAYS)
            said = f"{day:%Y-%m-%d}" if history.chance.random() < 0.7 else f"{day:%m-%d}"
            if said not in plain:
                lines.append(f"{said} {hours} Holiday")
                plain[said] = spans
    return parse_closed_days([closed_day_line(one) for one in lines]), tuple(plain.items())


@pytest.mark.parametrize("zone", [BERLIN, AUCKLAND])
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("week", [HOURS, ""])
def test_closed_days_are_counted_as_the_calendar_says(
    database: Database, seed: int, zone: str, week: str
) -> None:
    history = History(database, seed, zone)
    closed, plainly = holidays(history, zone)
    hours = WorkingHours(ZoneInfo(zone), parse_hours(week), closed)
    history.live(60)
    count(database, hours)
    assert check(database, hours, date(2026, 1, 1), date(2026, 12, 31), plainly) > 10
    open_days = WorkingHours(ZoneInfo(zone), parse_hours(week))
    with database.read() as session:
        assert is_due(session, open_days, NOW), "with other days something is to be counted"


@pytest.mark.parametrize("zone", [BERLIN, AUCKLAND])
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("week", [HOURS, ""])
def test_when_closed_days_change_figures_stay_exact_whatever_dies_on_the_way(
    database: Database, monkeypatch: pytest.MonkeyPatch, seed: int, zone: str, week: str
) -> None:
    monkeypatch.setattr("bot.actions.figures.roll_up.BATCH", 3)
    history = History(database, seed, zone)
    history.live(80)
    for _ in range(5):
        closed, plainly = holidays(history, zone) if history.chance.random() < 0.8 else (ClosedDays(), ())
        hours = WorkingHours(ZoneInfo(zone), parse_hours(week), closed)
        with pytest.raises(_Killed):
            _die_while_counting(database, hours)
        count(database, hours, history.chance.choice((1, 2, 5)))
        with database.read() as session:
            is_whole = waiting.progress(session).counted_to is None
        if is_whole:  # in the middle of it whoever reads looks at what is still to be counted
            check(database, hours, date(2026, 1, 1), date(2026, 12, 31), plainly)
        history.live(history.chance.choice((0, 5)))
        count(database, hours, history.chance.choice((2, 400)))
    count(database, hours, 400)
    assert check(database, hours, date(2026, 1, 1), date(2026, 12, 31), plainly) > 10


class _Killed(Exception):
    """The process dies before it has written down what it did."""


def _die_while_counting(database: Database, hours: WorkingHours) -> None:
    with database.write() as session:
        roll_up(session, hours, NOW)
        raise _Killed


def test_when_a_closed_day_is_added_only_what_waited_on_it_is_counted_again(database: Database) -> None:
    with database.write() as session:
        for day in range(1, 29):
            asked = datetime(2026, 5, day, 12, tzinfo=UTC)
            question = QuestionRow(platform="local", text="no picture", state="answered", asked_at=asked)
            session.add(question)
            session.flush()
            out = asked + timedelta(hours=1)
            session.add(
                AnswerRow(
                    question_id=question.id, text="So.", state="published", written_at=out, published_at=out
                )
            )
    hours = WorkingHours(ZoneInfo(BERLIN), parse_hours(HOURS))
    count(database, hours)
    for lines in (["2026-05-14 Ascension"], ["2026-05-14 Ascension Day"], []):
        changed = WorkingHours(hours.zone, hours.shifts, parse_closed_days(lines))
        with database.write() as session:
            done = roll_up(session, changed, NOW)
            assert waiting.progress(session).counted_to is None
        assert done == (0 if "Ascension Day" in " ".join(lines) else 3), "the day itself, and those beside it"


@pytest.mark.parametrize("zone", [BERLIN, AUCKLAND])
@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_figures_say_what_the_rows_say(database: Database, seed: int, zone: str) -> None:
    hours = WorkingHours(ZoneInfo(zone), parse_hours(HOURS))
    history = History(database, seed, zone)
    seen = 0
    for _ in range(8):
        history.live(history.chance.choice((5, 20, 60)))
        if history.chance.random() < 0.6:
            count(database, hours, history.chance.choice((1, 100)))
        with database.read() as session:
            is_begun = bool(stored.first_day(session)) or not is_due(session, hours, NOW)
        if is_begun:
            start = min(CHANGES[zone]).date() + timedelta(days=history.chance.randrange(3))
            end = start + timedelta(days=history.chance.choice((0, 1, 6, 300)))
            seen = max(seen, check(database, hours, start, end))
    count(database, hours)
    seen = max(seen, check(database, hours, date(2026, 1, 1), date(2026, 12, 31)))
    assert seen > 10, "hardly anything happened"
    with database.read() as session:
        assert not is_due(session, hours, NOW)


@pytest.mark.parametrize("seed", range(2))
def test_what_is_kept_of_a_span_is_counted_anew_as_soon_as_a_day_of_it_is(
    database: Database, seed: int
) -> None:
    berlin = WorkingHours(ZoneInfo(BERLIN), parse_hours(HOURS))
    history, kept = History(database, seed, BERLIN), FiguresKept()
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    for _ in range(12):
        history.live(history.chance.choice((1, 4, 12)))
        if history.chance.random() < 0.8:
            count(database, berlin)
        check(database, berlin, first, last, kept=kept)
    count(database, berlin)
    with database.read() as session:
        once = DayReader(session, berlin).figures(first, last, kept)
    with database.read() as session:
        assert DayReader(session, berlin).figures(first, last, kept) is once, "nothing happened since"
        elsewhere = DayReader(session, WorkingHours(ZoneInfo(AUCKLAND)))
        assert elsewhere.figures(first, last, kept) == Figures(), "nothing is counted by that clock"


def test_no_more_spans_are_kept_than_are_asked_for_again() -> None:
    kept = FiguresKept(most=2)
    assert [kept.get(span, lambda: Figures(questions=1)).questions for span in "aab"] == [1, 1, 1]
    kept.get("a", Figures)
    kept.get("c", Figures)
    assert kept.get("a", Figures).questions == 1
    assert kept.get("b", Figures).questions == 0, "it was asked for the longest ago"


def test_counted_anew_by_another_clock_it_is_the_same_as_counted_as_it_came(database: Database) -> None:
    berlin = WorkingHours(ZoneInfo(BERLIN), parse_hours(HOURS))
    history = History(database, 11, BERLIN)
    history.live(60)
    count(database, berlin)
    before = everything(database)
    auckland = WorkingHours(ZoneInfo(AUCKLAND))
    count(database, auckland)
    assert everything(database) != before
    check(database, auckland, date(2026, 1, 1), date(2026, 12, 31))
    count(database, berlin)
    assert everything(database) == before
    with database.write() as session:
        begin_anew(session, berlin, NOW)
    assert not everything(database)
    count(database, berlin)
    assert everything(database) == before


def everything(database: Database) -> dict[str, Any]:
    with database.read() as session:
        table = stored.between(session, date(2000, 1, 1), date(2100, 1, 1), tuple(Column))
    return {
        **{str(column): table[column].tolist() for column in Column if not column.is_named},
        **{
            str(column): [table.names[column][number] for number in table[column].tolist()]
            for column in Column
            if column.is_named
        },
    } if len(table) else {}  # fmt: skip
