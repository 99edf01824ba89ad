"""The public archive, out and in again, as JSON lines."""

import gzip
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer
from pydantic import ValidationError

from app.cli.opening import clock, open_database, say
from app.files.json_lines import first_problem
from app.files.text_files import numbered_lines
from app.web.phrasing import so_many
from app.wiring.environment import UnusableSettings
from app.wiring.settings import load_settings
from app.wiring.steering.in_force import in_force_now
from bot.actions.archive import imports
from bot.actions.archive.gate import Reweighed, reweigh
from bot.actions.people.topics import SLUG, name_from
from bot.store.archive import transfer
from bot.store.engine import Database
from bot.store.house import audit
from bot.store.house.audit_actions import AuditAction
from routing.dialogue.gate import ArchiveGate

app = typer.Typer(help="The public archive: hand it out, take another one in.", no_args_is_help=True)

_BATCH = 200
_RUN_AGAIN = "Lines before it may have been taken in; importing the mended file again does no harm."

File = Annotated[str, typer.Argument(help="A file of JSON lines, .gz too; - for standard input or output.")]


@app.command()
def export(file: File) -> None:
    """Write every public entry with its answers: what anybody may read, and nothing else."""
    database = open_database()
    count = 0
    with _output(file) as out, database.read() as session:
        for line in transfer.exported(session):
            out.write(line.model_dump_json().encode("utf-8", "replace") + b"\n")
            count += 1
    say(f"{so_many(count, 'entry', 'entries')} exported.")


@app.command("import")
def import_(file: File) -> None:
    """Take entries in. One that is there already (same title, same accepted answer) is passed over."""
    database = open_database()
    with database.read() as session:
        seen = transfer.known(session)
    new = there = 0
    for batch in _batches(file):
        added = _take_in(database, batch, seen)
        new, there = new + added, there + len(batch) - added
    with database.write() as session:
        now = clock(database, session)
        audit.append(
            session,
            "operator",
            AuditAction.ARCHIVE_IMPORT,
            Path(file).name,
            {"new": new, "there": there},
            now,
        )
    say(f"{so_many(new, 'entry is', 'entries are')} new, {so_many(there, 'was', 'were')} there already.")


def _take_in(database: Database, batch: list[transfer.EntryLine], seen: set[bytes]) -> int:
    with database.write() as session:
        now = clock(database, session)
        topics = {line.topic: line.topic_name or name_from(line.topic) for line in batch if line.topic}
        imports.add_topics(session, topics, now)
        return sum(imports.take_in(session, line, seen, now) is not None for line in batch)


def _batches(file: str) -> Iterator[list[transfer.EntryLine]]:
    batch: list[transfer.EntryLine] = []
    for number, text in numbered_lines(file):
        batch.append(_read(file, number, text))
        if len(batch) >= _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _read(file: str, number: int, text: str) -> transfer.EntryLine:
    try:
        line = transfer.EntryLine.model_validate_json(text)
    except ValidationError as error:
        raise UnusableSettings(f"{file}, line {number}: {first_problem(error)}. {_RUN_AGAIN}") from None
    if line.topic and not SLUG.fullmatch(line.topic):
        raise UnusableSettings(
            f"{file}, line {number}: topic: {line.topic!r} is no topic; write it like smart-tv. {_RUN_AGAIN}"
        )
    return line


@contextmanager
def _output(file: str) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """Standard output, or a file that is put in place when it is complete."""
    if file == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(file)
    if target.is_dir():
        raise UnusableSettings(f"{file} cannot be written: it is a directory.")
    draft = target.with_name(f".{target.name}.draft")
    try:
        with draft.open("wb") as plain:
            if file.endswith(".gz"):
                with gzip.GzipFile(filename="", fileobj=plain, mode="wb") as packed:
                    yield packed
            else:
                yield plain
        draft.replace(target)
    except OSError as error:
        raise UnusableSettings(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        draft.unlink(missing_ok=True)


@app.command()
def gate(
    apply: Annotated[bool, typer.Option("--apply", help="Do it; else only say what would be done.")] = False,
    examples: Annotated[int, typer.Option(min=0, max=100, help="Titles to show of each kind.")] = 3,
) -> None:
    """Judge all entries anew: which of them would be held back, or put in. What a person decided stays."""
    settings = load_settings()
    database = open_database(settings)
    rules = in_force_now(settings, database).rules.archive
    counts: Counter[str] = Counter()
    shown: defaultdict[str, list[str]] = defaultdict(list)
    last = 0
    while batch := _judged_anew(database, rules, last, apply=apply):
        last = batch[-1].entry_id
        for one in batch:
            outcome = _outcome(one)
            counts[outcome] += 1
            if one.changes and len(shown[outcome]) < examples:
                shown[outcome].append(f"{one.entry_id}: {one.title}")
    for outcome, number in sorted(counts.items()):
        say(f"{number:>8} {outcome}")
        for line in shown[outcome]:
            say(f"         {line}")
    if not apply:
        say("Nothing was changed. With --apply it is done.")


def _outcome(one: Reweighed) -> str:
    if one.why is not None:
        return f"{'still out' if one.was_out else 'out now'}: {one.why.value}"
    return "in again" if one.was_out else "stay in"


def _judged_anew(database: Database, rules: ArchiveGate, last: int, *, apply: bool) -> list[Reweighed]:
    if not apply:
        with database.read() as session:
            return reweigh(session, last, _BATCH, rules, None)
    with database.write() as session:
        now = clock(database, session)
        found = reweigh(session, last, _BATCH, rules, now)
        changed = sum(one.changes for one in found)
        if changed:
            detail = {"entries": changed, "behind": last}
            audit.append(session, "operator", AuditAction.ARCHIVE_GATE, "archive", detail, now)
    return found
