"""What matters are called where words leave the house: by mail, in a chat, to another program, in a tracker.

A title that a person has given is said. One that was made of what customers wrote is not, whoever could read
their posts: then topic and department say what a matter is about.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bot.states import TitleSource
from bot.store.departments import directory
from bot.store.tables.matters import MatterRow
from bot.store.topics.named import all_names

_BY_PEOPLE = (TitleSource.EMPLOYEE, TitleSource.MODERATOR)


@dataclass(frozen=True, slots=True)
class NamedMatter:
    """A matter as it may be named outside; what is not known, or not to be said, is empty."""

    number: int
    title: str = ""
    topic: str = ""
    department: str = ""


def title_outside(matter: MatterRow) -> str:
    """A person's title; empty where nobody has given it one."""
    return matter.title if matter.title_source in _BY_PEOPLE else ""


def named_outside(session: Session, matters: Collection[MatterRow]) -> dict[int, NamedMatter]:
    """These matters, by number."""
    if not matters:
        return {}
    topics, owners, departments = all_names(session), directory.of_topics(session), directory.names(session)
    return {
        one.id: NamedMatter(
            one.id,
            title_outside(one),
            topics.get(one.topic or "", ""),
            departments.get(one.department_id or owners.get(one.topic or "", 0), ""),
        )
        for one in matters
    }


def numbered(session: Session, numbers: Collection[int]) -> list[MatterRow]:
    """The matters with these numbers, in their order."""
    found = {row.id: row for row in session.exec(select(MatterRow).where(col(MatterRow.id).in_(numbers)))}
    return [found[one] for one in numbers if one in found]
