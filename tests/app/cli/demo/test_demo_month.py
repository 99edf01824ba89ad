"""The four weeks before the demo's story begins: enough to look at, and nothing that could not have been."""

from collections import Counter
from datetime import timedelta

from sqlmodel import select

from app.cli.demo.month import DAYS
from app.cli.demo.seed import seed
from app.cli.demo.story import load_story
from app.wiring.settings import Settings
from app.wiring.steering.rules import working_hours_of
from bot.actions.figures.read import DayReader
from bot.actions.figures.roll_up import roll_up
from bot.store.engine import Database
from bot.store.tables.conversations import AnswerRow, EntryRow, OfferRow, QuestionRow
from bot.store.tables.figures import SurveyRow
from bot.wording.compose import CreditStyle
from routing.figures.summary import COUNTED, figures_of
from tests.conftest import FakeClock


def test_a_month_has_passed_before_the_story_begins(sqlite_database: Database, clock: FakeClock) -> None:
    database, now = sqlite_database, clock()
    seed(database, load_story("brand", "#chorus"), CreditStyle.FIRST_NAME)
    with database.read() as session:
        questions = session.exec(select(QuestionRow)).all()
        answers = session.exec(select(AnswerRow)).all()
        offers = session.exec(select(OfferRow)).all()
        surveys = session.exec(select(SurveyRow)).all()
        entries = session.exec(select(EntryRow.question_id)).all()
    assert len(entries) == 40, "what was asked again made entries"
    asked = {one.id: one for one in questions}
    lately = [one for one in questions if now - timedelta(days=DAYS + 1) < one.asked_at]
    assert 400 < len(lately) < 800
    assert len({one.asked_at.date() for one in lately}) >= DAYS
    assert all(one.asked_at < now for one in questions)
    assert all(one.settled_at is None or one.settled_at > one.asked_at for one in questions)
    assert all(one.said_at < now for one in surveys if one.said_at)
    assert len({one.customer_id for one in surveys}) == len(surveys)
    assert len([one for one in surveys if one.waits_since]) == 1
    assert all(one.published_at and one.published_at > asked[one.question_id].asked_at for one in answers)
    assert all(one.state != "open" for one in offers), "somebody is still being asked"
    assert Counter(one.state for one in lately)["escalated"] == 4
    hours = working_hours_of(Settings())
    for _ in range(9):
        with database.write() as session:
            roll_up(session, hours, now)
    with database.read() as session:
        today = now.date()
        table = DayReader(session, hours).read(today - timedelta(days=DAYS), today, COUNTED).table
    figures = figures_of(table)
    assert figures.questions >= len(lately) - 30
    for figure in ("satisfied", "unsatisfied", "reused", "doubled", "contradicted", "backlog"):
        assert getattr(figures, figure) > 0, figure
    assert figures.upset_then_thankful > 0
    assert figures.csat_share is not None, "too few said how it went"
    assert figures.first_response_median_s is not None
    assert 60 < figures.first_response_median_s < 3_600


def test_nothing_that_was_asked_lies_in_the_future(sqlite_database: Database, clock: FakeClock) -> None:
    """The demo may be started at any hour of any day of the week."""
    clock.advance(timedelta(days=3, hours=11, minutes=59))
    seed(sqlite_database, load_story("brand", "#chorus"), CreditStyle.FIRST_NAME)
    with sqlite_database.read() as session:
        for column in (QuestionRow.asked_at, QuestionRow.settled_at, AnswerRow.published_at):
            assert max(one for one in session.exec(select(column)) if one is not None) <= clock()
