"""What the pages of those who are signed in are told while they are open."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from fastapi import Query
from fastapi.responses import StreamingResponse

from app.identity.auth import MayFollow, Person, guarded
from app.web.events import Since, stream
from app.web.problems import Problem
from app.wiring.composition import Here
from app.wiring.publish_subscribe import Member
from bot.live import WORK, of_employee, of_question
from bot.roles import Permission
from routing.model.phrases import phrase

router = guarded("/desk")

_MINE = "mine"
_QUESTION = "question:"
_MOST_NAMES = 60
"""Tabs of one browser listen together; so many of them hear of everything."""


@router.get("/live")
async def live(
    chorus: Here, person: MayFollow, since: Since, watch: Annotated[Sequence[str], Query()] = ()
) -> StreamingResponse:
    """Tell somebody's open pages what they ``watch`` has changed, for as long as they are signed in."""
    names = topics_of(person, watch)
    if not names:
        raise Problem(403, phrase("Nothing of this is yours to watch."))
    return stream(chorus.live, names, since, Member(person.session_secret, person.role))


def topics_of(person: Person, wanted: Sequence[str]) -> dict[str, str]:
    """The topics behind what a page calls ``mine``, ``work`` or ``question:7``, with these names.

    What this person may not see is left out.
    No name says whose: ``mine`` are the offers and answers of whoever is signed in.
    """
    return {topic: name for name in wanted[:_MOST_NAMES] for topic in _topic(person, name)}


def _topic(person: Person, name: str) -> Iterator[str]:
    if name == _MINE and person.may(Permission.ANSWER):
        yield of_employee(person.id)
    elif name == WORK:
        yield WORK
    elif name.startswith(_QUESTION) and _reads_questions(person):
        number = name.removeprefix(_QUESTION)
        if number.isascii() and number.isdigit() and len(number) <= 18:
            yield of_question(int(number))


def _reads_questions(person: Person) -> bool:
    return person.may(Permission.READ_QUESTIONS) or (person.may(Permission.ANSWER) and person.opted_in)
