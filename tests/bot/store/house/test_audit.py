"""S19: who did what, in a chain in which every tampering shows."""

import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.store import rows
from bot.store.engine import Database
from bot.store.house import audit
from bot.store.house.audit_actions import AuditAction
from bot.store.running import switches

FIRST = datetime(2026, 3, 4, 12, tzinfo=UTC)


def _fill(database: Database, lines: int = 5) -> None:
    for number in range(lines):
        with database.write() as session:
            audit.append(
                session,
                "mei (1)",
                AuditAction.TOPIC_EDIT,
                f"topic {number}",
                {"n": number},
                database.now(session),
            )


def _broken(database: Database) -> int | None:
    with database.read() as session:
        return audit.verify(session)


def test_s19_an_untouched_log_is_sound(database: Database) -> None:
    assert _broken(database) is None
    _fill(database)
    assert _broken(database) is None


@pytest.mark.parametrize(
    ("tampering", "line"),
    [
        ("UPDATE audit SET actor = 'eve (9)' WHERE id = 3", 3),
        ("UPDATE audit SET detail = '{\"n\": 99}' WHERE id = 2", 2),
        ("UPDATE audit SET subject = '' WHERE id = 5", 5),
        ("DELETE FROM audit WHERE id = 3", 4),
        ("DELETE FROM audit WHERE id = 1", 2),
        ("DELETE FROM audit WHERE id = 5", 5),
        ("DELETE FROM audit", 1),
    ],
)
def test_s19_changed_or_removed_lines_are_found(database: Database, tampering: str, line: int) -> None:
    _fill(database)
    with database.write() as session:
        session.execute(text(tampering))

    assert _broken(database) == line


def test_s19_lines_written_at_once_make_one_chain(database: Database) -> None:
    threads = [threading.Thread(target=_fill, args=(database, 5)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert _broken(database) is None
    with database.read() as session:
        count: Any = session.execute(text("SELECT COUNT(*) FROM audit")).scalar_one()
    assert count == 20


def test_a_rolled_back_act_leaves_no_line(database: Database) -> None:
    def act() -> None:
        with database.write() as session:
            audit.append(session, "mei (1)", AuditAction.TOPIC_EDIT, "topic 1", {}, database.now(session))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()

    _fill(database, 1)
    assert _broken(database) is None


def test_an_end_that_was_cut_off_still_shows_after_further_lines(database: Database) -> None:
    _fill(database)
    with database.write() as session:
        session.execute(text("DELETE FROM audit WHERE id = 5"))
    _fill(database, 2)
    assert _broken(database) == 6


def test_a_line_within_a_savepoint_goes_with_it(database: Database) -> None:
    with database.write() as session:
        now = database.now(session)
        audit.append(session, "mei (1)", AuditAction.TOPIC_EDIT, "topic 1", {}, now)
        with suppress(RuntimeError), rows.savepoint(session):
            audit.append(session, "mei (1)", AuditAction.TOPIC_EDIT, "topic 2", {}, now)
            raise RuntimeError
        with rows.savepoint(session):
            audit.append(session, "mei (1)", AuditAction.TOPIC_EDIT, "topic 3", {}, now)
    assert _broken(database) is None
    with database.read() as session:
        found = session.execute(text("SELECT subject FROM audit ORDER BY id")).scalars().all()
    assert found == ["topic 3", "topic 1"]


def test_the_lines_of_a_deed_are_written_last_in_three_statements_and_one_for_each_more(
    database: Database,
) -> None:
    _fill(database, 1)
    said: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *found: said.append(found[2]))
    with database.write() as session:
        for number in range(2):
            audit.append(session, "mei (1)", AuditAction.TOPIC_EDIT, str(number), {}, FIRST)
        switches.put(session, "later", 1, by="mei", now=FIRST)
    about = [one.split()[0] for one in said if "audit" in one or "switch" in one]
    assert about == ["INSERT", "SELECT", "INSERT", "INSERT", "UPDATE"]
    assert _broken(database) is None
