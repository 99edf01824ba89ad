"""No statement that the house runs costs more because of what was stored before.

A house on the product's own composition lives some hours, and the same once more with ``MORE`` questions
more, archived and in front of people. Every statement that it puts to its database is noted and afterwards
put to it once more, to see what that costs: SQLite tells the steps of its machine, PostgreSQL the rows that
it looked at. One that costs the old house a step or a row more for every few of these questions walks along
something that grows. ``GROWS`` says which may, and why.
"""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, text
from sqlmodel import col, select

from bot.live import news
from bot.roles import Role
from bot.store.engine import Database
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.store.tables.house import ChallengeRow
from routing.model.domain import QuestionState
from tests.app.work_house import WorkHouse
from tests.bot.store.statement_costs import Statements, cost, plan, watching
from tests.conftest import FakeClock
from tests.grown import Grown

PEOPLE = 12
FEW = 2_200
"""More than any statement looks at in one go: pages count to 1,001, rounds look at 2,000 in a turn."""
MORE = 2_400
PER_WALK = 3
"""A statement that costs one step for so many questions more is taken for a walk: most take several each."""
PAGES = (
    *("/admin", "/admin/questions", "/admin/questions?state=answered", "/admin/questions?state=offered"),
    *("/admin/deliveries", "/admin/deliveries?state=sent", "/admin/answers", "/admin/review", "/admin/posts"),
    *(f"/admin/first-run{step}" for step in ("", "/brand", "/topics", "/people", "/question?post=1")),
    *("/admin/take-back?last=5", "/admin/take-back?of=1&since=2026-01-01T00:00"),
    *(
        "/admin/coverage",
        "/admin/employees",
        "/admin/employees?order=most+asked+now&words=p1",
        "/admin/employees/1",
        "/admin/topics",
        "/admin/topics/tv",
        "/admin/topics/tv/merge",
        "/admin/topics/tv/split",
        "/admin/texts",
    ),
    *("/admin/announcements/month?month=2026-03", "/admin/announcements/day?on=2026-03-05"),
    *("/admin/campaigns", "/campaigns", "/campaigns/feed.atom", "/api/v1/campaigns"),
    *("/admin/announcements", "/desk/announcements", "/announcements", "/announcements/feed.atom"),
    *(
        "/admin/hooks",
        "/admin/audit",
        "/admin/departments",
        "/admin/drivers",
        "/admin/budget",
        "/admin/connections",
    ),
    *("/desk/listening", "/admin/words", "/admin/helpful"),
    *("/admin/figures", "/admin/figures.csv?by=day", "/admin/scores"),
    *("/admin/board", "/admin/board?topic=tv", "/admin/board?person=nobody&language=en"),
    "/admin/board?department=1",
    *("/admin/board?person=me", "/admin/board?put_off=yes", "/admin/audit?words=nowhere&since=2026-01-01"),
    *("/admin/audit?who=mei", "/admin/audit?what=entry.hide&words=x", "/admin/audit?subject=entry+5"),
    *(
        "/desk",
        "/desk/coming",
        "/desk/open",
        "/desk/answers",
        "/desk/profile",
        "/local",
        "/local/posts?after=5",
    ),
    *("/", "/search?q=picture", "/topics", "/topics/tv", "/about", "/feed.atom", "/api/v1/answers?q=light"),
    *("/api/v1/suggest?q=li", "/staff?account=local:p1", "/readyz", "/metrics"),
)
GROWS = {
    "UPDATE offer SET state=%(became)s": "PostgreSQL expects most of the open offers to have run out",
    "GROUP BY entry.": "the archive in figures is counted now and then, not at every request",
    "count(*) AS count_1 FROM entry": "the same",
    "AS block, max(entry.updated_at)": "the blocks of the sitemap, kept likewise",
    "answer.employee_id = employee.id": "the people's page counts to 1,001 for each person that it lists",
    "SELECT 1 FROM question WHERE question.state": "each state is counted to 1,001; PostgreSQL takes a "
    "common one in the order of the table, past the others",
    "GROUP BY question.state": "the metrics count what waits, exactly",
    "answer.written_at >= %(written_at": "what one person said since a moment is read back from the latest",
    "ORDER BY question.priority DESC": "the desk's list of all that wait is put in order; few open it",
    "SELECT 1 FROM entry WHERE entry.topic": "before that, entries are counted to 1,001",
    "SELECT 1 FROM question WHERE question.id >": "before topics are put in order, the latest 20,000 "
    "questions are looked at for those of one of them",
    "FROM question LEFT OUTER JOIN post": "the same, and what no topic fits of the latest 20,000",
    "SELECT audit.id FROM audit": "the audit log is looked through for words 20,000 lines at a time",
    "CAST(audit.detail AS VARCHAR)": "the same",
}
"""Statements that may cost more, by a part of their text, with the reason."""


class Hours:
    """A house with its past, and what happens in it."""

    def __init__(self, database: Database) -> None:
        self.house = WorkHouse(database, FakeClock(datetime.now(UTC)))
        self.database = self.house.database  # whose statements can be watched
        self.statements = Statements()
        self.house.topic("tv", "TV", ("tv", "picture"))
        for number in range(PEOPLE):
            self.house.employee(f"P{number} Doe", handle=f"p{number}", topics={"tv": 2})
        with database.connect() as connection:
            connection.execute(text("UPDATE employee SET daily_cap = 1000000, open_cap = 1000000"))
        self.boss = self.house.employee("Mei Tan", handle="mei", role=Role.ADMIN, topics={"tv": 1})

    def grow(self, questions: int) -> dict[str, int]:
        """So many questions more of each kind: what each statement of some hours costs then."""
        grown = Grown(self.database, PEOPLE)
        grown.archived(questions)
        grown.waiting(questions)
        if not self.database.is_sqlite:
            grown.analyse()
        self.house.clock.at = max(self.house.clock.at, datetime.now(UTC))
        self.house.chorus.search.catch_up()
        self.live()  # what a process does only once, at its start
        with watching(self.database) as self.statements:
            self.live()
        return self.costs()

    def say(self, author: str, words: str, in_reply_to: str | None = None) -> str:
        said = {"author": author, "text": words} | ({"in_reply_to": in_reply_to} if in_reply_to else {})
        answer = self.house.ask("POST", "/local/posts", json=said)
        assert answer.status_code == 201, answer.text
        self.turn()
        return str(answer.json()["id"])

    def turn(self) -> None:
        self.house.clock.advance(1)
        self.house.worker.run_until_idle("intake", "route", "deliver")

    def live(self) -> None:
        """A question is answered, thanked for, asked again and taken back; people look at their pages."""
        seen = news(self.database, None, ()).seq
        asked = self.say("sam", "@brand my tv has no picture since the update")
        self.say("p1", "Hold its button for ten seconds. #chorus", asked)
        self.say("sam", "@brand thank you, that helped!", asked)
        self.say("kim", "@brand the picture of my tv is green")
        gone = self.say("lee", "@brand the picture of my tv is red")
        self.house.ask("DELETE", f"/local/posts/{gone}")
        self.turn()
        with self.database.read() as session:
            latest = select(QuestionRow.state).order_by(col(QuestionRow.id).desc()).limit(3)
            assert {QuestionState.SETTLED, QuestionState.OFFERED} <= set(session.exec(latest)), (
                "nothing was lived"
            )
        self.take_back()
        self.house.clock.advance(3_700)
        for name in ("intake", "route", "deliver", "house", "recheck", "watch", "upkeep", "notices"):
            self.house.worker.run_until_idle(name, turns=2)
        news(self.database, seen, ())
        browser = self.house.browser(self.boss)
        for page in (*PAGES, *self._of_rows()):
            assert browser.get(page).status_code == 200, page
        self.house.chorus.search.catch_up()

    def take_back(self) -> None:
        """What was answered just now is taken back."""
        with self.database.read() as session:
            number = session.exec(select(AnswerRow.id).order_by(col(AnswerRow.id).desc()).limit(1)).one()
        boss = self.house.browser(self.boss)
        said = {"wrong": "It takes twelve seconds."}
        assert boss.get(f"/desk/answers/{number}/challenge").status_code == 200
        assert boss.post(f"/desk/answers/{number}/challenge", said).status_code == 303
        with self.database.read() as session:
            challenge = session.exec(select(func.max(ChallengeRow.id))).one()
        for page in (f"/admin/challenges/{challenge}", "/admin/board?kind=challenge", "/desk/answers"):
            assert boss.get(page).status_code == 200
        assert boss.get(f"/admin/answers/{number}/correct").status_code == 200
        assert boss.get(f"/admin/answers/{number}/retract").status_code == 200
        done = boss.post(f"/admin/answers/{number}/retract", {"why": "It was wrong.", "tell": "1"})
        assert done.status_code == 303
        self.turn()

    def _of_rows(self) -> list[str]:
        """Pages of one question, and of one entry."""
        with self.database.engine.connect() as connection:
            question = connection.execute(text("SELECT MAX(id) - 2 FROM question")).scalar_one()
        return [f"/admin/questions/{question}", f"/desk/questions/{question}"]

    def costs(self) -> dict[str, int]:
        return {name: cost(self.database, *asked) for name, asked in self.statements.asked.items()}


def walks(hours: Hours, young: dict[str, int], old: dict[str, int]) -> list[str]:
    """The statements that cost more by then, with their plans."""
    return [
        f"{young.get(name, 0)} -> {spent}: {name} :: {plan(hours.database, *hours.statements.asked[name])}"
        for name, spent in old.items()
        if spent - young.get(name, 0) > MORE / PER_WALK and not any(part in name for part in GROWS)
    ]


@pytest.mark.timeout(600)
def test_no_statement_costs_more_because_of_what_was_stored(database: Database) -> None:
    hours = Hours(database)
    young, old = hours.grow(FEW), hours.grow(MORE)
    assert len(old) > 100, "hardly anything happened"
    found = walks(hours, young, old)
    assert not found, "\n".join(found)
    Grown(database, PEOPLE).analyse()  # what a database knows of its tables changes plans
    found = walks(hours, young, hours.costs())
    assert not found, "with statistics:\n" + "\n".join(found)
    with database.connect() as connection:  # this test's own proof: without an index it fails
        connection.execute(text("DROP INDEX ix_offer_expiry"))
    assert any("expires_at" in one for one in walks(hours, young, hours.costs()))
