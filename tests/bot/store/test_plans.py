"""What pages ask of the database stays as cheap when the tables have grown.

One line in ``ASKED`` for each statement, or for each function that makes some: its plan may not walk a table
that grows, and may not sort what it holds. Both databases are asked without having seen any data: on SQLite
that is what nearly every house is, and PostgreSQL is told to walk only where it knows no other way.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlmodel import Session

from bot.channels.customers.announced import MailingKind
from bot.states import DeliveryState
from bot.store import changes
from bot.store.archive import listed
from bot.store.archive.copies import copies_of
from bot.store.archive.entries import undecided_after
from bot.store.archive.entry_source import StoredEntries
from bot.store.claim import LostLease, finish
from bot.store.community import likes
from bot.store.conversations import set_aside
from bot.store.counting import counts_by_state
from bot.store.engine import Database
from bot.store.figures import days, due, votes
from bot.store.figures.histories import histories, ids_after
from bot.store.hooks import messages
from bot.store.house import subscribers
from bot.store.listening import tray
from bot.store.matters import counted, statements, surges, voices
from bot.store.people import notes
from bot.store.queries.board.lines import BoardDepartment, BoardFilter, LadderTimes
from bot.store.queries.board.source import BoardSource
from bot.store.queries.board.sources import SOURCES
from bot.store.queries.concerned import employees_of
from bot.store.queries.pages import admin, api_questions, archive, audit_log, listening, my_answers
from bot.store.queries.pages import retractions as retractable
from bot.store.queries.pages.archive import EntryFilter, ListPosition
from bot.store.queries.pages.audit_log import AuditFilter
from bot.store.queries.pages.listening import TrayFilter
from bot.store.queries.pages.my_answers import AnswerFilter
from bot.store.queries.pages.staff import StaffFilter, staff
from bot.store.queries.voice import announcements, coming, matter_list
from bot.store.queries.voice.coming import Reader
from bot.store.queries.voice.matter_list import MatterFilter, MatterOrder
from bot.store.queries.waits import what_waits
from bot.store.tables.announcements import AnnouncementMailRow, AnnouncementRow
from bot.store.tables.conversations import AnswerRow, DeliveryRow, QuestionRow
from bot.store.tables.matters import MatterRow
from bot.store.tables.people import TopicRow
from bot.store.tables.values import NoticedSurge
from bot.store.taking_back import challenges, retractions
from bot.store.topics import holdings as topic_holdings
from bot.store.topics import refiling
from routing.figures.columns import Column
from routing.model.domain import QuestionState

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
DAY = date(2026, 3, 4)
SURGING = MatterRow(
    id=7,
    surge="63 people",
    surge_at=NOW,
    noticed=NoticedSurge(NOW - timedelta(minutes=20), 63, 20, 2).stored(),
)
MAIL = AnnouncementMailRow(id=7, mailing_id=7, subscriber_id=7, root_id=7, fence=1, give_up_at=NOW)
FIGURES = frozenset({"figures_due", "figures_column", "vote_day"})
GROW = frozenset(
    {
        "post",
        "question",
        "offer",
        "answer",
        "delivery",
        "entry",
        "change",
        "audit",
        "challenge",
        "hook_event",
        "hook_message",
        "hook_attempt",
        "note",
        "announcement_mail",
        "subscriber",
    }
    | FIGURES
)
"""Tables that grow with what comes in. People, topics and texts are few."""
OF_FEW = (
    "ix_answer_held",
    "ix_answer_told",
    "ix_entry_review",
    "ix_challenge_waiting",
    "ix_challenge_one",
    "ix_announcement_mail_due",
)
"""Indexes that hold only what waits for a person, or is being told: they may be gone through, and put in
order."""
OPEN_END = ListPosition(NOW, 7)
LADDER = LadderTimes(3, 1800.0)


def _of_board(source: BoardSource, after: int, **wanted: Any) -> Callable[[Session], Any]:
    """What a source of the board asks for one page."""
    return lambda session: source.lines(session, BoardFilter(**wanted), after or None, 26, NOW, LADDER)


ASKED: dict[str, Callable[[Session], Any]] = {
    "the latest entries": lambda session: archive.latest(session, EntryFilter(), 8),
    "the latest entries, further on": lambda session: archive.latest(
        session, EntryFilter(), 8, after=OPEN_END
    ),
    "a topic's entries": lambda session: archive.latest(session, EntryFilter(topic="tv"), 20, offset=40),
    "what is asked most": lambda session: archive.most_asked(session, 8),
    "entries by their ids": lambda session: listed.by_ids(session, [1, 2, 3]),
    "one entry": lambda session: archive.find(session, 1),
    "the other questions of a conversation": lambda session: archive.in_conversation(session, 1),
    "a topic": lambda session: archive.topic(session, "tv"),
    "a topic's next entries that go to another": lambda session: refiling.refile_entries(
        session, "tv", "wifi", 500, NOW
    ),
    "a topic's questions in a stretch": lambda session: refiling.between(session, "tv", 1, 5000, 500),
    "a topic's questions that wait": lambda session: refiling.waiting(session, "tv", 500),
    "a topic's next matters": lambda session: refiling.refile_matters(session, "tv", "wifi", 500),
    "whether a matter has questions of a topic": lambda session: refiling.refile_whole_matters(
        session, [1], "tv", "wifi"
    ),
    "what a topic holds": lambda session: topic_holdings.holdings(
        session, TopicRow(id=1, slug="tv", name="TV")
    ),
    "a topic's latest questions": lambda session: topic_holdings.latest_questions(session, "tv"),
    "a topic's matters": lambda session: topic_holdings.matters_of(session, "tv"),
    "a sitemap": lambda session: archive.sitemap(session, 7),
    "what waits": lambda session: what_waits(session, NOW),
    "questions by state": lambda session: counts_by_state(session, QuestionRow, QuestionState),
    "deliveries by state": lambda session: counts_by_state(session, DeliveryRow, DeliveryState),
    "questions": lambda session: admin.questions(session, admin.QuestionFilter(before=7)),
    "held answers": lambda session: admin.held(session, 7),
    "answers without a question": lambda session: admin.unmatched(session, None),
    "entries to review": lambda session: admin.review(session, 7),
    "entries that wait for a title": lambda session: admin.untitled(session, 7),
    "entries held back": lambda session: admin.held_back(session, 7),
    "entries to be judged anew": lambda session: undecided_after(session, 7, 100),
    "posts set aside": lambda session: set_aside.listed(session, 7),
    "the audit log": lambda session: audit_log.lines(session, AuditFilter(), 7),
    "the audit log of a subject": lambda session: audit_log.lines(
        session, AuditFilter(("mei (1)",), ("entry.hide",), "entry 7"), 7
    ),
    "the audit log of somebody": lambda session: audit_log.lines(
        session, AuditFilter(("mei (1)", "operator"), words="x", since=NOW, until=NOW), 7
    ),
    "the audit log of a deed": lambda session: audit_log.lines(
        session, AuditFilter(actions=("entry.hide", "entry hidden"), words="x"), None
    ),
    "what has changed": lambda session: changes.after(session, 7, (), 100),
    "what changed last": lambda session: changes.latest(session, 100),
    "a question's notes": lambda session: notes.of_question(session, 1),
    "how many notes a question has": lambda session: notes.count(session, 1),
    "what somebody wrote last on a question": lambda session: notes.latest_of(session, 1, 2),
    "whom questions concern": lambda session: employees_of(session, [1, 2, 3]),
    "announcements of everybody": lambda session: announcements.public(session, 7, 20),
    "whether anything was announced": announcements.is_any_public,
    "a month of announcements": lambda session: announcements.moments(session, NOW, NOW + timedelta(days=31)),
    "whether an announcement is to be mailed": lambda session: subscribers.any_open(session, NOW),
    "how many are told first": subscribers.count,
    "whose link it is": lambda session: subscribers.of_link(session, "secret", NOW),
    "whoever asked with a mailbox": lambda session: subscribers.by_address(session, "kim@example.com"),
    "a day of announcements": lambda session: announcements.between(session, NOW, NOW + timedelta(days=1), 7),
    "what is coming up": lambda session: coming.coming(session, Reader(1)),
    "what has just gone out": lambda session: coming.just_out(session, NOW),
    "what corrects announcements": lambda session: announcements.as_said(session, [1, 2]),
    "one announcement": lambda session: announcements.one(session, 1),
    "the plan": lambda session: announcements.planned(session, None),
    "what waits for an approval": lambda session: announcements.to_decide(session, None),
    "where posts are to be taken down": lambda session: retractions.platforms_due(session, NOW),
    "the posts of an answer": lambda session: retractable.posts_out(session, [7]),
    "whether a post was taken back": lambda session: retractions.is_ours(session, "x", "7"),
    "what of an answer is out": lambda session: retractions.held_parts(session, 7),
    "the copies of an answer": lambda session: copies_of(
        session, AnswerRow(id=7, question_id=7, text="x", reuse_of=3)
    ),
    "what is said of answers": lambda session: challenges.of_answers(session, [7]),
    "what waits of an answer": lambda session: challenges.waiting(session, [7]),
    "what a correction puts right": lambda session: challenges.of_correction(session, 7),
    "somebody's answers": lambda session: my_answers.answers(session, 7, AnswerFilter(before=70)),
    "what somebody challenged": lambda session: my_answers.challenged(session, 7, 20),
    "what stands in an answer's place": lambda session: challenges.standing(
        session, AnswerRow(id=7, question_id=7, text="x", state="corrected")
    ),
    "the days of the figures": lambda session: days.between(session, DAY, DAY, tuple(Column)),
    "whole days of the figures": lambda session: days.whole(session, ["2026-03"]),
    "what is to be counted": lambda session: due.first(session, 100),
    "what is counted of questions": lambda session: histories(session, [1, 2, 3]),
    "the next questions to count": lambda session: ids_after(session, 7, 100),
    "what readers said": lambda session: votes.between(session, DAY, DAY),
    **{f"the board, {one.code}": _of_board(one, 0) for one in SOURCES},
    **{f"the board, {one.code}, further on": _of_board(one, 7) for one in SOURCES},
    **{f"the board, {one.code}, of somebody": _of_board(one, 7, person="7") for one in SOURCES},
    **{
        f"the board, {one.code}, of somebody's departments": _of_board(one, 7, person="7", teams=(3, 4))
        for one in SOURCES
    },
    **{
        f"the board, {one.code}, of a department": _of_board(
            one, 7, department=BoardDepartment(3, ("tv", "wifi"))
        )
        for one in SOURCES
    },
    "the tray": lambda session: listening.posts(session, TrayFilter(before=7), NOW),
    "the tray by a word": lambda session: listening.posts(session, TrayFilter(word=1, language="en"), NOW),
    "the tray by a platform": lambda session: listening.posts(
        session, TrayFilter(platform="x", let_be=True), NOW
    ),
    "what of the tray is looked at again": lambda session: tray.due_for_a_look(session, "x", NOW, 100),
    "what of the tray nobody could look at": lambda session: tray.unseen(session, ["x"], NOW),
    "what of the tray is over": lambda session: tray.forget_before(session, NOW, 100),
    "who speaks of matters": lambda session: voices.people(session, [1, 2, 3]),
    "who is listened to for a matter": lambda session: voices.waiting(session, 100),
    "how a surge goes on": lambda session: surges.going_on(session, [SURGING], NOW),
    **{
        f"the matters by {order}": lambda session, order=order: matter_list.listed(
            session, MatterFilter("lamp", department=1, state="open", order=order, before=7), NOW
        )
        for order in MatterOrder
    },
    "how many asked about matters": lambda session: counted.count(session, [1, 2, 3], NOW),
    "what is being told": statements.on_their_way,
    "what is no news any more": lambda session: statements.outdated(session, {5: 7, 6: 8}),
    "likes that are due": lambda session: likes.due(session, ["mastodon"], NOW, 20),
    "likes of a question": lambda session: likes.of_question(session, 7),
    "questions for programs": lambda session: api_questions.questions(session, None, 7, 21),
    "questions of a state for programs": lambda session: api_questions.questions(session, "settled", 7, 21),
    "answers for programs": lambda session: api_questions.answers(session, 1),
    "endpoints with something to send": lambda session: messages.due_endpoints(session, NOW),
    "whether there is something to tell": messages.any_new,
    "the last attempts to tell": lambda session: messages.latest_attempts(session, 1),
    "what could not be told": lambda session: messages.dead(session, 1),
    "what is on its way": messages.counts,
    "a matter's issues": lambda session: messages.issues_of_matter(session, 1),
    "the people": lambda session: staff(session, StaffFilter("jo", "tv", "active", 7), NOW),
}


def _put_in(session: Session) -> None:
    for kind, root in ((MailingKind.ANNOUNCED, None), (MailingKind.CORRECTED, 7)):
        said = AnnouncementRow(text="Open on Sunday.", created_at=NOW, changed_at=NOW, corrects_id=root)
        session.add(said)
        session.flush()
        subscribers.begin(session, said.id, kind, NOW)
        subscribers.spread(session, NOW, 500)


WRITTEN: dict[str, Callable[[Session], Any]] = {
    "mails of announcements are put in": _put_in,
    "mails of announcements that are due": lambda session: subscribers.claim_due(
        session, now=NOW, owner="me", lease=timedelta(minutes=5), limit=20
    ),
    "a mail is begun": lambda session: subscribers.note_begun(session, MAIL, NOW),
    "a mail is done with": lambda session: finish(session, MAIL, state="sent", due_at=None),
    "what was mailed about the same before": lambda session: subscribers.told_of(session, MAIL),
    "somebody is told no more": lambda session: subscribers.forget(session, 7),
    "what was mailed long ago": lambda session: (
        _put_in(session),
        subscribers.forget_old(session, NOW + timedelta(days=99)),
    ),
    "what a backup was about to mail": lambda session: subscribers.end_all(session, NOW),
}
"""What is written, with what is read for it, where the rows become as many as there are readers and news."""


@contextmanager
def asking(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """The statements that are put to a database meanwhile, with their values."""
    asked: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        asked.append((arguments[2], arguments[3]))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("name", ASKED)
def test_no_page_walks_a_table_that_grows(database: Database, name: str) -> None:
    assert _walks(database, ASKED[name]) == []


@pytest.mark.parametrize("name", WRITTEN)
def test_nothing_that_is_written_walks_a_table_that_grows(database: Database, name: str) -> None:
    assert _walks(database, WRITTEN[name], ("SELECT", "WITH", "UPDATE", "DELETE")) == []


def test_a_walk_is_seen(database: Database) -> None:
    """This test's own proof: counting everything, or sorting everything, does not pass."""
    for walk in (
        "SELECT count(*) FROM question WHERE note = 'x'",
        "SELECT id FROM answer ORDER BY text LIMIT 9",
        "SELECT state, count(*) FROM question GROUP BY state",
    ):
        assert _walks(database, lambda session, walk=walk: session.execute(text(walk))) != [], walk


def _walks(
    database: Database, ask: Callable[[Session], Any], kinds: tuple[str, ...] = ("SELECT", "WITH")
) -> list[str]:
    with asking(database) as asked, database.write() as session, suppress(LostLease):
        ask(session)  # a row that is not there is put to the database all the same
    statements = [each for each in asked if each[0].lstrip().startswith(kinds)]
    assert statements
    explain = _sqlite if database.is_sqlite else _postgresql
    return [walk for said, values in statements for walk in explain(database, said, values)]


def _sqlite(database: Database, statement: str, values: Any) -> list[str]:
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    lines = [str(row[3]) for row in rows]
    # A walk in the order that is wanted ends with the page; the lines of one question stand together.
    ends = "LIMIT" in statement.upper() and not any("TEMP B-TREE" in line for line in lines)
    walks = [line for line in lines if line.startswith("SCAN") and line.split()[1] in GROW]
    return [line for line in walks if not ends and not any(index in line for index in OF_FEW)]


def _postgresql(database: Database, statement: str, values: Any) -> list[str]:
    with database.engine.connect() as connection:
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        (plan,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).one()
    return list(_nodes(plan[0]["Plan"], ends=False))


def _nodes(node: dict[str, Any], *, ends: bool) -> Iterator[str]:
    """The walks below a node of a plan; ``ends`` says that a limit above stops them early."""
    kind = node["Node Type"]
    ends = kind == "Limit" or (ends and kind not in ("Sort", "Aggregate", "Hash"))
    is_narrow = (
        "Index Cond" in node
        or kind in ("Bitmap Heap Scan", "ModifyTable")
        or node.get("Index Name") in OF_FEW
    )
    if node.get("Relation Name") in GROW and not ends and not is_narrow:
        yield f"{kind} on {node['Relation Name']} {node.get('Index Name', '')} {node.get('Filter', '')}"
    for below in node.get("Plans", ()):
        yield from _nodes(below, ends=ends)


def test_entries_found_by_a_search_are_read_by_their_ids(sqlite_database: Database) -> None:
    plan = _of_entries(sqlite_database, lambda: _by_ids(sqlite_database))
    assert "SEARCH entry USING INTEGER PRIMARY KEY" in plan
    assert "ix_entry" not in plan


def test_an_index_is_built_in_the_order_of_ids_without_sorting(sqlite_database: Database) -> None:
    plan = _of_entries(sqlite_database, lambda: list(StoredEntries(sqlite_database).stream()))
    assert "SEARCH entry USING INTEGER PRIMARY KEY" in plan
    assert "TEMP B-TREE" not in plan


def _by_ids(database: Database) -> None:
    with database.read() as session:
        listed.by_ids(session, [1, 2, 3])


def _of_entries(database: Database, ask: Callable[[], Any]) -> str:
    with asking(database) as asked:
        ask()
    with database.engine.connect() as connection:
        return "\n".join(
            str(row[3])
            for statement, values in asked
            if "FROM entry" in statement
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        )
