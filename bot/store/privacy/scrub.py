"""Taking somebody's names out of every text the database holds, whatever table it is in."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Column, String, Table, UniqueConstraint, cast, func, or_, select, update
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

ERASED = "[erased]"
_KEPT = frozenset(
    {"audit", "erasure", "connection", "employee", "identity", "topic", "brand_word", "cursor", "node"}
)
"""Left alone: what may not be changed afterwards, what is secret, what is not about this person."""
_IDENTITIES = frozenset({("post", "external_id"), ("local_post", "key"), ("delivery", "key")})
"""What a replayed message is recognised by: without it the person's words would come back."""
_SHORTEST_BARE = 5


@dataclass(frozen=True, slots=True)
class Needles:
    """What somebody is recognised by. ``handles`` are taken out where an @ stands before them.

    ``exact`` are ids, addresses and full names, taken out as whole words.
    """

    handles: tuple[str, ...]
    exact: tuple[str, ...]

    @classmethod
    def of(cls, handles: Iterable[str], ids: Iterable[str], names: Iterable[str] = ()) -> "Needles":
        """Sort out what can be searched for without hitting ordinary words."""
        all_handles = {one for one in handles if one}
        short = {one.partition("@")[0] for one in all_handles}
        exact = {one for one in ids if len(one) >= _SHORTEST_BARE and not one.isalpha()}
        exact |= {one for one in names if " " in one.strip() and len(one) >= _SHORTEST_BARE}
        exact |= {one for one in all_handles if "." in one}
        return cls(tuple(sorted(all_handles | short, key=len, reverse=True)), tuple(sorted(exact)))

    @property
    def words(self) -> tuple[str, ...]:
        """What a row's text has to hold to be looked at more closely."""
        return (*(f"@{one}" for one in self.handles), *self.exact)

    def pattern(self) -> re.Pattern[str] | None:
        """What is replaced; None where there is nothing to look for."""
        parts = [rf"(?<!\w)@{re.escape(one)}(?![\w@])" for one in self.handles]
        parts += [rf"(?<!\w){re.escape(one)}(?!\w)" for one in self.exact]
        return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def scrub(session: Session, needles: Needles) -> int:
    """Replace whatever names somebody in all texts; the number of changed values is returned."""
    pattern = needles.pattern()
    if pattern is None:
        return 0
    changed = 0
    for table in SQLModel.metadata.sorted_tables:
        if table.name in _KEPT:
            continue
        for column in table.columns:
            if (table.name, column.name) not in _IDENTITIES and not column.primary_key and _is_text(column):
                changed += _column(session, table, column, needles.words, pattern)
    return changed


def _column(
    session: Session, table: Table, column: Column[Any], words: Sequence[str], pattern: re.Pattern[str]
) -> int:
    is_json, is_unique = isinstance(column.type, JSON), _is_unique(table, column)
    written = func.lower(cast(column, String))
    wanted = sorted({form.lower() for word in words for form in _as_stored(word, is_json=is_json)})
    keys = list(table.primary_key.columns)
    rows = session.execute(
        select(*keys, column).where(or_(*[written.contains(word, autoescape=True) for word in wanted]))
    ).all()
    changed = 0
    for *key, value in rows:
        fresh = without(value, pattern)
        if fresh != value:
            if is_unique:  # what is left of two who are erased must not be the same
                fresh = f"{fresh} {'-'.join(map(str, key))}"
            session.execute(
                update(table)
                .where(*[one == part for one, part in zip(keys, key, strict=True)])
                .values({column.name: fresh})
            )
            changed += 1
    return changed


def without(value: Any, pattern: re.Pattern[str]) -> Any:
    """A text, or whatever JSON holds, with every match replaced."""
    if isinstance(value, str):
        return pattern.sub(ERASED, value)
    if isinstance(value, list):
        return [without(one, pattern) for one in value]
    if isinstance(value, dict):
        return {key: without(one, pattern) for key, one in value.items()}
    return value


def _as_stored(word: str, *, is_json: bool) -> set[str]:
    """How a word stands in a column; JSON of earlier versions holds letters beyond ASCII as they are."""
    if not is_json:
        return {word}
    return {json.dumps(word, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}


def _is_unique(table: Table, column: Column[Any]) -> bool:
    """Whether no two rows may hold the same there, be it together with other columns."""
    together = [one.columns for one in table.constraints if isinstance(one, UniqueConstraint)]
    together += [one.columns for one in table.indexes if one.unique]
    return bool(column.unique) or any(column.name in columns for columns in together)


def _is_text(column: Column[Any]) -> bool:
    kind = column.type
    inner = kind.impl_instance if isinstance(kind, TypeDecorator) else kind
    return isinstance(inner, JSON | String)
