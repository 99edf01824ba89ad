"""``chorus replay``: real conversations from a file, posted on the built-in feed as if they happened now."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer

from app.cli.conversations import RecordedConversation, read_conversations
from app.cli.opening import open_database, say
from app.cli.printing import AsJson, print_table
from app.web.phrasing import so_many
from app.wiring.adapters import connect_platforms
from app.wiring.environment import UnusableSettings
from app.wiring.settings import Settings, load_settings
from app.wiring.steering.in_force import in_force_now, rulebook_of
from bot.actions.conversations.answer import Answering
from bot.actions.people import employees
from bot.actions.people.details import Details
from bot.platforms.accounts import Account
from bot.platforms.registry import traits_of
from bot.store import rows
from bot.store.engine import Database
from bot.store.house.feed import StoredFeed
from bot.store.people import identities
from bot.store.queries import replays
from bot.store.queries.replays import Reached
from bot.store.tables.conversations import QuestionRow

_NO_PROGRESS_SECONDS = 120.0
_ANSWER_AFTER_SECONDS = 1.0


def replay(
    file: Annotated[
        Path, typer.Argument(help="Conversations as JSON lines (text, author, answer, expert); .gz too.")
    ],
    platform: Annotated[
        str, typer.Option(help="The feed to post on; only the built-in one can be posted on.")
    ] = "local",
    rate: Annotated[float, typer.Option(help="Conversations a second.", min=0.01, max=10_000)] = 50.0,
    as_json: AsJson = False,
) -> None:
    """Post each line's text as a customer and its answer as an employee, once even over restarts."""
    settings = load_settings()
    if not traits_of(platform).own_record or not settings.local_on:
        raise UnusableSettings(
            "Conversations can be replayed on the built-in feed alone: use --platform local, "
            "and set CHORUS_LOCAL__ENABLED=true where another platform is configured."
        )
    database = open_database(settings)
    tag = in_force_now(settings, database).settings.tag
    conversations = list(read_conversations(file, settings.local.handle, tag))
    with _somebody_works(settings, database):
        _post_all(database, conversations, rate)
        reached = _wait(database, settings, conversations)
    _print(conversations, reached, as_json=as_json)
    if not reached.is_exact(len(conversations), sum(bool(one.answer) for one in conversations)):
        raise typer.Exit(1)


@contextmanager
def _somebody_works(settings: Settings, database: Database) -> Iterator[None]:
    """Do the work in this process where no other does it."""
    if not replays.nobody_works(database):
        yield
        return
    from app.wiring.composition import build

    say("No server is at work on this database: this command does the work itself.")
    chorus = build(settings)
    chorus.start()
    try:
        yield
    finally:
        chorus.stop()


def _post_all(database: Database, conversations: list[RecordedConversation], rate: float) -> None:
    """Questions at ``rate`` a second, each answered a second later; what is there already is passed over."""
    feed = StoredFeed(database)
    _hire(database, sorted({one.expert for one in conversations if one.answer}))
    there = replays.already_posted(database, [one.key for one in conversations])
    waiting = [one for one in conversations if one.answer_key not in there or one.key not in there]
    if len(waiting) < len(conversations):
        say(f"{len(conversations) - len(waiting)} conversations were posted before; going on with the rest.")
    pause = threading.Event()
    began = monotonic()
    behind: list[tuple[float, RecordedConversation, str]] = []
    for number, one in enumerate(waiting):
        pause.wait(max(0.0, began + number / rate - monotonic()))
        question = feed.append(one.author, one.text, key=one.key)
        behind.append((monotonic() + _ANSWER_AFTER_SECONDS, one, question.id))
        behind = _answer_due(feed, behind)
    while behind:
        pause.wait(max(0.0, behind[0][0] - monotonic()))
        behind = _answer_due(feed, behind)


def _answer_due(
    feed: StoredFeed, behind: list[tuple[float, RecordedConversation, str]]
) -> list[tuple[float, RecordedConversation, str]]:
    now = monotonic()
    for at, one, question in behind:
        if at <= now and one.answer:
            feed.append(one.expert, one.answer, in_reply_to=question, key=one.answer_key)
    return [item for item in behind if item[0] > now]


def _wait(database: Database, settings: Settings, conversations: list[RecordedConversation]) -> Reached:
    """Wait until everything has arrived, or nothing has moved for two minutes."""
    keys = [(one.key, one.answer_key if one.answer else None) for one in conversations]
    answers = sum(bool(one.answer) for one in conversations)
    platforms = connect_platforms(settings, database, StoredFeed(database), lambda: _now(database))
    rulebook = rulebook_of(settings, database, monotonic)
    answering = Answering(platforms, lambda: rulebook().rules)
    pause, moved, last, released = threading.Event(), monotonic(), Reached(), 0
    while True:
        released += _release(database, answering, keys)
        reached = replace(replays.reached(database, settings.local.handle, keys), released=released)
        if reached.is_exact(len(conversations), answers):
            return reached
        if reached != last:
            last, moved = reached, monotonic()
        if monotonic() - moved > _NO_PROGRESS_SECONDS:
            say("Nothing has moved for two minutes: is a server at work? Run this command again to go on.")
            return reached
        pause.wait(0.5)


def _hire(database: Database, handles: Sequence[str]) -> None:
    """Employees for accounts that nobody has yet; they answer, but are asked nothing."""
    with database.write() as session:
        now = database.now(session)
        for handle in handles:
            if identities.employee_behind(session, "local", handle) is None:
                employees.add_employee(
                    session,
                    Details(
                        name=handle.replace("_", " ").title(),
                        email=f"{handle}@replay.invalid",
                        title="From a replayed conversation",
                        daily_cap=0,
                    ),
                    accounts=[Account("local", handle, handle)],
                    now=now,
                )


def _release(database: Database, answering: Answering, keys: replays.Keys) -> int:
    """Let through what the guard holds for a person: whoever replays a file has seen it."""
    with database.write() as session:
        held = replays.held_answers(session, keys)
        for answer in held:
            question = rows.one(session, QuestionRow, answer.question_id)
            answering.send(session, question, answer, database.now(session))
        return len(held)


def _now(database: Database) -> datetime:
    with database.read() as session:
        return database.now(session)


def _print(conversations: list[RecordedConversation], reached: Reached, *, as_json: bool) -> None:
    answers = sum(bool(one.answer) for one in conversations)
    questions = len(conversations)
    rows: list[dict[str, Any]] = [
        {"what": "Questions stored", "expected": questions, "reached": reached.questions,
         "doubled": reached.doubled_questions},
        {"what": "Answers published", "expected": answers, "reached": reached.published,
         "doubled": reached.doubled_answers},
        {"what": "Entries in the archive", "expected": answers, "reached": reached.entries, "doubled": ""},
    ]  # fmt: skip
    columns = {"what": "", "expected": "Expected", "reached": "Reached", "doubled": "Doubled"}
    print_table(columns, rows, as_json=as_json)
    if reached.released:
        held = so_many(reached.released, "answer was", "answers were")
        say(f"{held} held by the guard and let through by this command.")
