"""Topics are put in order from the command line, by the deeds of the pages in charge."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from app.cli.opening import clock, open_database, say
from app.web.phrasing import so_many
from app.wiring.environment import UnusableSettings
from app.wiring.settings import load_settings
from app.wiring.steering.in_force import in_force_now
from app.wiring.steering.rules import rules_about_topics
from bot.actions.people.details import Invalid
from bot.actions.people.topics import name_from
from bot.actions.topics import reorganise, retiring
from bot.actions.topics.reorganise import Division, Reorganising
from bot.actions.undecidable import Undecidable
from bot.store.counting import MOST_COUNTED
from bot.store.engine import Session
from bot.store.house import audit
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.people import TopicRow
from bot.store.topics import holdings as counts
from bot.store.topics import named as stored

app = typer.Typer()

_OPERATOR = "operator"
Short = Annotated[str, typer.Argument(help="The topic's short name, as chorus topic list has it.")]
OnlySay = Annotated[bool, typer.Option("--dry-run", help="Only say what would happen; nothing is changed.")]


class _NothingIsChanged(Exception):
    """Undoes what a dry run did."""


@dataclass(frozen=True, slots=True)
class _Deed:
    """The transaction in which topics are put in order."""

    session: Session
    how: Reorganising

    def topic(self, slug: str) -> TopicRow:
        """The topic of this short name. Raises UnusableSettings."""
        row = stored.by_slug(self.session, slug)
        if row is None:
            now = stored.slug_now(self.session, slug)
            instead = f"It is {now} by now." if now != slug else "chorus topic list has those that there are."
            raise UnusableSettings(f"There is no topic {slug}. {instead}")
        return row

    def record(self, action: AuditAction, slug: str, **detail: object) -> None:
        """Note in the audit log what was done."""
        audit.append(self.session, self.how.by, action, f"topic {slug}", detail, self.how.now)


@app.command()
def merge(
    topic: Short,
    into: Annotated[str, typer.Argument(help="The short name of the topic that it becomes part of.")],
    dry_run: OnlySay = False,
) -> None:
    """Make a topic part of another one, with everything it has; addresses with its name lead there."""
    with _deed(dry_run) as deed:
        former, other = deed.topic(topic), deed.topic(into)
        said = f"{former.name} becomes part of {other.name}, with {_holdings(deed.session, former)}."
        move = reorganise.merge(deed.session, former, other, deed.how)
        deed.record(AuditAction.TOPIC_MERGE, topic, into=into, move=move.id)
        say(said)
        _say_where(into)


@app.command()
def split(
    topic: Short,
    into: Annotated[str, typer.Argument(help="Where they go: a topic that is there, or a new short name.")],
    name: Annotated[str, typer.Option(help="What a new one is called.")] = "",
    word: Annotated[list[str] | None, typer.Option(help="Questions with this word or phrase go.")] = None,
    question: Annotated[list[int] | None, typer.Option(help="The number of a question that goes.")] = None,
    matter: Annotated[list[int] | None, typer.Option(help="The number of a matter that goes.")] = None,
    dry_run: OnlySay = False,
) -> None:
    """Part a topic in two: by words, or question by question and matter by matter."""
    with _deed(dry_run) as deed:
        row = deed.topic(topic)
        parts = Division(
            tuple(word or ()), tuple(question or ()), tuple(matter or ()), into, name or name_from(into)
        )
        move = reorganise.split(deed.session, row, parts, deed.how)
        chosen = {"questions": len(move.questions), "matters": len(move.matters)}
        deed.record(AuditAction.TOPIC_SPLIT, topic, into=move.slug, words=move.words, **chosen, move=move.id)
        by = [
            *([f"those that say {', '.join(move.words)}"] if move.words else []),
            *(
                [so_many(chosen["questions"], "single question", "single questions")]
                if move.questions
                else []
            ),
            *([f"those of {so_many(chosen['matters'], 'matter', 'matters')}"] if move.matters else []),
        ]
        say(f"Of the questions about {row.name} these go to {move.slug}: {'; '.join(by)}.")
        _say_where(move.slug)


@app.command()
def rename(
    topic: Short,
    to: Annotated[str, typer.Argument(help="Its new short name.")],
    dry_run: OnlySay = False,
) -> None:
    """Give a topic another short name; addresses with the former one lead to it."""
    with _deed(dry_run) as deed:
        row = deed.topic(topic)
        move = reorganise.rename(deed.session, row, to, deed.how)
        deed.record(AuditAction.TOPIC_RENAME, row.slug, before=topic, move=move.id)
        say(f"The short name of {row.name} is {row.slug}; {topic} leads there.")
        _say_where(row.slug)


@app.command()
def retire(
    topic: Short,
    successor: Annotated[
        str, typer.Option(help="The short name of the topic that new questions get in its place.")
    ] = "",
    dry_run: OnlySay = False,
) -> None:
    """Let no new question have a topic; what it has stays. chorus topic bring-back undoes that."""
    with _deed(dry_run) as deed:
        row, after = deed.topic(topic), deed.topic(successor) if successor else None
        retiring.retire(deed.session, row, after, deed.how)
        deed.record(AuditAction.TOPIC_RETIRE, topic, successor=successor)
        gets = f"get {after.name} in its place" if after is not None else "do without it"
        say(f"{row.name} is retired: new questions {gets}, what it has stays.")


@app.command("bring-back")
def bring_back(topic: Short, dry_run: OnlySay = False) -> None:
    """Make a retired topic one like any other again."""
    with _deed(dry_run) as deed:
        row = deed.topic(topic)
        retiring.bring_back(deed.session, row, deed.how.now)
        deed.record(AuditAction.TOPIC_REOPEN, topic)
        say(f"{row.name} is a topic like any other again.")


@contextmanager
def _deed(dry_run: bool) -> Iterator[_Deed]:
    """One deed in one transaction, undone at its end where it was only to be tried.

    Raises UnusableSettings with what stands against it.
    """
    settings = load_settings()
    database = open_database(settings)
    rules = rules_about_topics(settings, in_force_now(settings, database).rules)
    try:
        with database.write() as session:
            yield _Deed(session, Reorganising(_OPERATOR, clock(database, session), rules))
            _end(dry_run=dry_run)
    except (Invalid, Undecidable) as error:
        raise UnusableSettings(str(error)) from error
    except _NothingIsChanged:
        say("Nothing was changed: without --dry-run it is done.")


def _end(*, dry_run: bool) -> None:
    if dry_run:
        raise _NothingIsChanged


def _holdings(session: Session, topic: TopicRow) -> str:
    found = counts.holdings(session, topic)
    return ", ".join(
        f"{'more than ' if number > MOST_COUNTED else ''}{so_many(min(number, MOST_COUNTED), one, many)}"
        for number, one, many in (
            (found.waiting, "question that waits", "questions that wait"),
            (found.entries, "answer in the archive", "answers in the archive"),
            (found.matters, "matter", "matters"),
            (found.people, "person who knows it", "people who know it"),
            (found.goals, "goal", "goals"),
        )
    )


def _say_where(slug: str) -> None:
    say(f"Questions move while chorus serve or chorus work runs; /admin/topics/{slug} says how far.")
