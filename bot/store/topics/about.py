"""What is asked of questions where topics are looked at, as conditions of the database's."""

from sqlalchemy import ColumnElement, String, cast, or_
from sqlmodel import col

from bot.posts import Visibility
from bot.store.tables.conversations import PostRow, QuestionRow


def is_about(slug: str) -> ColumnElement[bool]:
    """Whether a question is about a topic: its column holds JSON, ``[["wifi", 0.61], ...]``."""
    return cast(col(QuestionRow.topics), String).contains(f'["{slug}", ', autoescape=True)


def is_mainly_about(slug: str) -> ColumnElement[bool]:
    """Whether a topic is a question's main one, the first of them."""
    return cast(col(QuestionRow.topics), String).startswith(f'[["{slug}", ', autoescape=True)


def was_public() -> ColumnElement[bool]:
    """Of questions joined with the posts that opened them: whether anybody may read their words.

    Those brought in from elsewhere have no post.
    """
    readable = [one.value for one in Visibility if one.is_public]
    return or_(col(PostRow.id).is_(None), col(PostRow.visibility).in_(readable))
