"""Quality figures as JSON on standard output: routing, search, the ladder, what is said, and matters."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from app.cli.printing import print_json
from app.wiring.environment import UnusableSettings

app = typer.Typer(
    help="Measure routing, search, the ladder, conversations and matters on data of your own.",
    no_args_is_help=True,
)


class Tags(StrEnum):
    """Whether a question's own tags may be used."""

    HIDDEN = "hidden"
    GIVEN = "given"


class Switch(StrEnum):
    """On or off."""

    ON = "on"
    OFF = "off"


Rankings = Annotated[Path | None, typer.Option(help="Write each ranking as a line of JSON to this file.")]
Meaning = Annotated[Switch, typer.Option(help="Use the embedding model, where it is installed.")]


@app.command()
def routing(
    file: Annotated[Path, typer.Argument(help="Questions and answers as JSON lines, sorted by t; .gz too.")],
    tags: Annotated[Tags, typer.Option(help="Whether topics have to be predicted.")] = Tags.HIDDEN,
    meaning: Meaning = Switch.ON,
    rankings: Rankings = None,
) -> None:
    """Replay history and tell how often the router would have found who answered."""
    from app.cli.evaluate.routing import BadHistory, evaluate_routing

    try:
        figures = evaluate_routing(file, tags.value, meaning is Switch.ON, rankings)
    except BadHistory as error:
        raise UnusableSettings(str(error)) from error
    print_json(figures)


@app.command()
def search(
    docs: Annotated[Path, typer.Argument(help="Entries as JSON lines: id, question, answer; .gz too.")],
    queries: Annotated[Path, typer.Argument(help="Queries as JSON lines: q, rel (ids); .gz too.")],
    meaning: Meaning = Switch.ON,
    rankings: Rankings = None,
) -> None:
    """Tell how well the archive's search finds labelled entries."""
    from app.cli.evaluate.search import BadDataset, evaluate_search
    from app.wiring.settings import load_settings

    settings = load_settings().search
    try:
        figures = evaluate_search(docs, queries, meaning is Switch.ON, rankings, search=settings)
    except BadDataset as error:
        raise UnusableSettings(str(error)) from error
    print_json(figures)


@app.command()
def ladder(
    file: Annotated[Path, typer.Argument(help="Questions and answers as for chorus evaluate routing.")],
    rungs: Annotated[
        list[str] | None,
        typer.Option(help="A policy as people:minutes per rung, like 3:5,6:10,50:15. Repeat to compare."),
    ] = None,
    per_day: Annotated[float, typer.Option(help="Questions a day.", min=1)] = 200.0,
    answer_minutes: Annotated[
        float | None,
        typer.Option(help="Median minutes from an offer to its answer; 0 takes the record's own.", min=0),
    ] = 6.0,
    explore: Annotated[
        float | None, typer.Option(help="Share of questions that keep a place for newcomers.", min=0, max=1)
    ] = None,
    limit: Annotated[int, typer.Option(help="The most questions to simulate.", min=1)] = 1000,
) -> None:
    """Simulate who would be asked, and how long customers would wait, under one or more ladders."""
    from app.cli.evaluate.ladder import COMPARED, BadRecord, evaluate_ladder

    try:
        figures = evaluate_ladder(
            file,
            rungs=rungs or COMPARED,
            per_day=per_day,
            answer_minutes=answer_minutes or None,
            explore=explore,
            limit=limit,
        )
    except BadRecord as error:
        raise UnusableSettings(str(error)) from error
    print_json(figures)


@app.command()
def conversations(
    file: Annotated[Path, typer.Argument(help="Conversations as JSON lines: id, turns; .gz too.")],
    judgements: Annotated[
        Path | None, typer.Option(help="Write what was judged as lines of JSON to this file.")
    ] = None,
) -> None:
    """Tell of which kind each turn is taken to be, what solved each question, and what the archive keeps."""
    from app.cli.evaluate.conversations import BadConversations, evaluate_conversations

    try:
        figures = evaluate_conversations(file, judgements)
    except BadConversations as error:
        raise UnusableSettings(str(error)) from error
    print_json(figures)


@app.command()
def matters(
    file: Annotated[Path, typer.Argument(help="Questions as JSON lines: id, t, text; sorted by t; .gz too.")],
    meaning: Meaning = Switch.ON,
    assignments: Annotated[
        Path | None, typer.Option(help="Write each question's matter as a line of JSON to this file.")
    ] = None,
) -> None:
    """Gather questions into matters one by one, and tell how well where the file names their matters."""
    from app.cli.evaluate.matters import BadMatters, evaluate_matters

    try:
        figures = evaluate_matters(file, meaning is Switch.ON, assignments)
    except BadMatters as error:
        raise UnusableSettings(str(error)) from error
    print_json(figures)
