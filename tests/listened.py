"""A house that listens for words: for the tests of listening."""

from typing import Any

from sqlmodel import col, select

from bot.actions.listening import word_rules
from bot.actions.listening.word_rules import WordRule
from bot.states import ListenedState
from bot.store.tables.conversations import PostRow
from bot.store.tables.listening import ListenedRow
from tests.house import House

KNOWN = ("local", "x", "mastodon", "bluesky")


def listening(house: House, *texts: str, **rule: Any) -> list[int]:
    """Words are listened for from now on; their ids."""
    with house.database.write() as session:
        return [word_rules.add(session, WordRule(text, **rule), KNOWN, house.clock()).id for text in texts]


def on_the_tray(house: House, state: ListenedState = ListenedState.OPEN) -> list[str]:
    """The words of the posts that wait, the latest in front."""
    with house.database.read() as session:
        statement = select(PostRow.text).join(ListenedRow, col(ListenedRow.post_id) == PostRow.id)
        waiting = statement.where(ListenedRow.state == state).order_by(col(ListenedRow.id).desc())
        return list(session.exec(waiting).all())
