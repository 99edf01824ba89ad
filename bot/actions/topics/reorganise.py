"""Topics are merged, split and renamed: what stands about them changes at once, questions move in a while.

Everything that is small (who knows it, its department, goals, keywords, its addresses) changes in the
caller's transaction. Questions, entries and matters may be millions: a step moves them a part at a time
(``bot.actions.topics.refiling``), and until it is done both names are understood everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.actions.people import topics as names
from bot.actions.people.details import Invalid
from bot.actions.topics.topic_rules import TopicRule, follow_topic
from bot.actions.undecidable import Undecidable
from bot.states import ChangeKind
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.row_locks import locked_rows
from bot.store.tables.people import TopicMoveKind, TopicMoveRow, TopicRow
from bot.store.topics import calls, moves, standing
from bot.store.topics import named as topics

MOST_CHOSEN = 500
"""So many questions and matters are chosen by hand at the most."""


@dataclass(frozen=True, slots=True)
class Division:
    """Which questions of a topic go to another one: by what they say, chosen one by one, or by matter."""

    words: tuple[str, ...] = ()
    questions: tuple[int, ...] = ()
    matters: tuple[int, ...] = ()
    slug: str = ""
    """Where they go: a topic that is there, or the short name of a new one."""
    name: str = ""
    """What a new one is called."""


@dataclass(frozen=True, slots=True)
class Reorganising:
    """Who does it, when, and the rules that must follow."""

    by: str
    now: datetime
    rules: Sequence[TopicRule] = ()


def merge(session: Session, former: TopicRow, into: TopicRow | None, how: Reorganising) -> TopicMoveRow:
    """One topic becomes part of another, with everything it has. Raises Invalid and Undecidable."""
    if into is None or former.id == into.id:
        raise Invalid("into", "Choose the topic that it becomes part of.")
    _hold(session, former, into)
    if into.retired_at is not None:
        raise Undecidable(f"{into.name} is retired: bring it back first.")
    slug, name = former.slug, former.name
    follow_topic(session, how.rules, slug, into.slug, how.by, f"{name} is part of {into.name}.", how.now)
    words = [*into.keywords, *former.keywords, name.lower(), slug.replace("-", " ")]
    above = former.parent
    calls.move(session, former, into, how.now)
    standing.copy_people(session, former, into)
    standing.give_department(session, into, standing.department_of(session, former))
    standing.move_goals(session, slug, into.slug)
    standing.move_below(session, slug, into.slug, above)
    standing.lead_all_to(session, former, into)
    topics.remove(session, former)
    standing.lead_to(session, slug, into, how.now)
    names.edit_topic(
        session,
        into,
        name=into.name,
        keywords=words,
        description=into.description,
        parent=into.parent,
        now=how.now,
    )
    return _begin(session, TopicMoveKind.MERGE, slug, into.slug, how)


def rename(session: Session, topic: TopicRow, slug: str, how: Reorganising) -> TopicMoveRow:
    """A topic gets another short name; addresses with the former one lead to it. Raises as ``merge``."""
    _hold(session, topic)
    former, slug = topic.slug, slug.strip().lower()
    if slug == former:
        raise Invalid("slug", "This is the short name that it has.")
    leads = standing.former(session, slug)
    if leads is not None and leads.topic_id == topic.id:
        standing.forget(session, slug)
    names.check_slug(session, slug)
    follow_topic(session, how.rules, former, slug, how.by, f"{topic.name} is called {slug}.", how.now)
    topic.slug = slug
    rows.keep(session, topic)
    standing.move_goals(session, former, slug)
    standing.move_below(session, former, slug, None)
    standing.lead_to(session, former, topic, how.now)
    return _begin(session, TopicMoveKind.RENAME, former, slug, how)


def split(session: Session, topic: TopicRow, division: Division, how: Reorganising) -> TopicMoveRow:
    """Some of a topic's questions go to another, which may be new. Raises Invalid and Undecidable.

    Whoever knows the one is taken to know the other, too; they say otherwise in their profile.
    """
    words = names.tidy_words(division.words)
    chosen = (*division.questions, *division.matters)
    if not words and not chosen:
        raise Invalid("words", "Say which questions move: type words, or choose some of them.")
    if len(chosen) > MOST_CHOSEN:
        raise Invalid("words", f"At most {MOST_CHOSEN} are chosen by hand: type words that they say.")
    slug = division.slug.strip().lower()
    if slug == topic.slug:
        raise Invalid("slug", "Choose another topic than this one.")
    other = topics.by_slug(session, slug)
    if other is None:
        _hold(session, topic)
        other = names.add_topic(
            session, slug, division.name, keywords=words, parent=topic.parent, now=how.now
        )
    else:
        _hold(session, topic, other)
        if other.retired_at is not None:
            raise Undecidable(f"{other.name} is retired: bring it back first.")
        _reword(session, other, [*other.keywords, *words], how.now)
    why = f"{other.name} was part of {topic.name}."
    follow_topic(session, how.rules, topic.slug, slug, how.by, why, how.now)
    _reword(session, topic, [word for word in topic.keywords if word not in words], how.now)
    standing.copy_people(session, topic, other)
    standing.give_department(session, other, standing.department_of(session, topic))
    changes.append(session, ChangeKind.ROSTER, topic.id, how.now)
    return moves.begin(
        session,
        TopicMoveKind.SPLIT,
        topic.slug,
        other.slug,
        how.by,
        how.now,
        words=words,
        questions=division.questions,
        matters=division.matters,
    )


def _hold(session: Session, *held: TopicRow) -> None:
    """Two at one topic are decided here: the one who comes later finds it gone, moving, or as it is now.

    Raises Undecidable.
    """
    if len(locked_rows(session, TopicRow, [one.id for one in held])) < len(held):
        raise Undecidable("This topic is not there any more: somebody else was quicker.")
    going = moves.going_of(session, *(one.slug for one in held))
    if going is not None:
        raise Undecidable(
            f"Questions are still on their way from “{going.former}” to “{going.slug}”: "
            "wait until that is done."
        )


def check_still(session: Session, topic: TopicRow) -> None:
    """Hold a topic that nothing is on its way from or to. Raises Undecidable."""
    _hold(session, topic)


def _begin(session: Session, kind: TopicMoveKind, former: str, slug: str, how: Reorganising) -> TopicMoveRow:
    changes.append(session, ChangeKind.ROSTER, 0, how.now)
    changes.append(session, ChangeKind.TOPIC, 0, how.now, former=former, slug=slug)
    return moves.begin(session, kind, former, slug, how.by, how.now)


def _reword(session: Session, topic: TopicRow, keywords: Sequence[str], now: datetime) -> None:
    names.edit_topic(
        session,
        topic,
        name=topic.name,
        keywords=keywords,
        description=topic.description,
        parent=topic.parent,
        now=now,
    )
