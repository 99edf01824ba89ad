"""Topics are added, listed and suggested from the command line."""

from collections.abc import Sequence
from typing import Annotated

import typer

from app.cli.opening import clock, open_database, say
from app.cli.printing import AsJson, print_table
from app.cli.topics import reorganising
from app.wiring.environment import UnusableSettings
from bot.actions.people import topics
from bot.actions.people.details import Invalid
from bot.store.house import audit
from bot.store.house.audit_actions import AuditAction
from bot.store.queries.unanswered import texts_without_answer
from bot.store.tables.people import TopicRow
from bot.store.topics import named as stored

app = typer.Typer(help="The topics that questions are about and employees know.", no_args_is_help=True)
app.add_typer(reorganising.app)


def say_new(made: Sequence[TopicRow]) -> None:
    """Tell which topics are new, for nobody has given them keywords yet."""
    for one in made:
        say(f"The topic {one.slug} ({one.name}) is new: chorus topic add gives topics a name and keywords.")


@app.command()
def add(
    slug: Annotated[str, typer.Argument(help="Its short name in addresses, like smart-home.")],
    name: Annotated[str | None, typer.Option(help="Its name for people.")] = None,
    keyword: Annotated[list[str] | None, typer.Option(help="A word or phrase that points to it.")] = None,
    parent: Annotated[str | None, typer.Option(help="The broader topic's short name.")] = None,
    description: Annotated[str, typer.Option(help="A sentence for the topic's page.")] = "",
) -> None:
    """Add a topic, or replace what is known of one."""
    database = open_database()
    with database.write() as session:
        now = clock(database, session)
        title = name or topics.name_from(slug)
        words = keyword or [slug.replace("-", " ")]
        try:
            row = stored.by_slug(session, slug)
            if row is None:
                topics.add_topic(
                    session, slug, title, keywords=words, description=description, parent=parent, now=now
                )
            else:
                topics.edit_topic(
                    session,
                    row,
                    name=name or row.name,
                    keywords=keyword or row.keywords,
                    description=description or row.description,
                    parent=parent or row.parent,
                    now=now,
                )
        except Invalid as error:
            raise UnusableSettings(str(error)) from error
        audit.append(session, "operator", AuditAction.TOPIC_ADD, f"topic {slug}", {}, now)
    say(f"The topic {slug} is there.")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every topic with its keywords."""
    database = open_database()
    with database.read() as session:
        rows = [
            {"slug": one.slug, "name": one.name, "parent": one.parent or "", "keywords": list(one.keywords)}
            for one in stored.as_known(session)
        ]
    columns = {"slug": "Topic", "name": "Name", "parent": "Part of", "keywords": "Keywords"}
    shown = rows if as_json else [{**row, "keywords": ", ".join(row["keywords"])} for row in rows]
    print_table(columns, shown, as_json=as_json)


@app.command()
def suggest(
    most: Annotated[int, typer.Option(help="How many to propose.", min=1, max=100)] = 10,
    as_json: AsJson = False,
) -> None:
    """Propose new topics from questions that no topic covers."""
    from routing.model.topics import Taxonomy
    from routing.model.topics import suggest_topics as propose

    database = open_database()
    with database.read() as session:
        known = Taxonomy(stored.as_known(session))
        texts = texts_without_answer(session)
    rows = [
        {"name": one.name, "questions": one.count, "example": one.examples[0]}
        for one in propose(texts, known)[:most]
    ]
    print_table(
        {"name": "Proposed topic", "questions": "Questions", "example": "An example"}, rows, as_json=as_json
    )
