"""Who was erased, without naming them, so that a restored backup can be cleared of them again.

A line holds an HMAC of the platform and the id. Its key is random and lies beside it, encrypted with the
secret key: neither the database nor the file alone tells whether somebody is in the log. The log is kept in a
file outside the database as well, because a backup may be older than an erasure.
"""

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
from sqlmodel import Session, col, select

from bot.private_files import make_private_directory, make_private_file
from bot.store.house import subscribers
from bot.store.people import staff
from bot.store.sealing import Sealer, Unreadable
from bot.store.tables.conversations import PostRow, QuestionRow
from bot.store.tables.house import ErasureRow, LocalPostRow
from bot.store.tables.people import EmployeeRow

CUSTOMER = "customer"
EMPLOYEE = "employee"
SUBSCRIBER = "subscriber"


@dataclass(frozen=True, slots=True)
class ErasureRecord:
    """One erasure, as it is kept outside the database as well. It names nobody."""

    kind: str
    platform: str
    identity_hash: str
    sealed: bytes
    credit: str
    erased_at: datetime

    def to_json(self) -> str:
        """The line of a file."""
        values = {
            "kind": self.kind,
            "platform": self.platform,
            "identity_hash": self.identity_hash,
            "sealed": base64.b64encode(self.sealed).decode(),
            "credit": self.credit,
            "erased_at": self.erased_at.isoformat(),
        }
        return orjson.dumps(values).decode()

    @classmethod
    def from_json(cls, line: str) -> "ErasureRecord":
        """Read the line of a file. Raises ValueError."""
        try:
            read = orjson.loads(line)
            return cls(
                kind=str(read["kind"]),
                platform=str(read["platform"]),
                identity_hash=str(read["identity_hash"]),
                sealed=base64.b64decode(read["sealed"]),
                credit=str(read["credit"]),
                erased_at=datetime.fromisoformat(read["erased_at"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"this is no line of an erasure log: {line[:60]}") from error


def note(
    session: Session, kind: str, platform: str, identity: str, sealer: Sealer, now: datetime, credit: str = ""
) -> ErasureRecord:
    """Remember an erasure, so that it can be applied again; the line is to be kept outside, too."""
    latest = session.exec(select(ErasureRow).order_by(col(ErasureRow.id).desc()).limit(1)).first()
    sealed, key = _key(latest, sealer)
    line = ErasureRecord(kind, platform, _hash(key, kind, platform, identity), sealed, credit, now)
    add_lines(session, [line])
    return line


def add_lines(session: Session, lines: Iterable[ErasureRecord]) -> None:
    """Put erasures into the log that are not there yet."""
    known = set(session.exec(select(ErasureRow.identity_hash)).all())
    for line in lines:
        if line.identity_hash in known:
            continue
        known.add(line.identity_hash)
        session.add(
            ErasureRow(
                kind=line.kind,
                platform=line.platform,
                identity_hash=line.identity_hash,
                sealed=line.sealed,
                credit=line.credit,
                erased_at=line.erased_at,
            )
        )
    session.flush()


def lines(session: Session) -> list[ErasureRecord]:
    """The log, in order."""
    rows = session.exec(select(ErasureRow).order_by(col(ErasureRow.id))).all()
    return [
        ErasureRecord(row.kind, row.platform, row.identity_hash, row.sealed, row.credit, row.erased_at)
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class OpenedErasureLog:
    """The log, opened: whose hash stands in it."""

    keys: frozenset[bytes]
    wanted: Mapping[str, ErasureRecord]

    @classmethod
    def of(cls, session: Session, sealer: Sealer) -> "OpenedErasureLog":
        """The whole log. Raises sealing.Unreadable."""
        log = lines(session)
        keys = frozenset(bytes.fromhex(sealer.open(sealed)["key"]) for sealed in {one.sealed for one in log})
        return cls(keys, {one.identity_hash: one for one in log})

    def line_of(self, kind: str, platform: str, identity: str) -> ErasureRecord | None:
        """The line that says that somebody was erased."""
        hashes = (_hash(key, kind, platform, identity) for key in self.keys)
        return next((self.wanted[one] for one in hashes if one in self.wanted), None)


def customers(session: Session, known: OpenedErasureLog) -> list[tuple[str, str]]:
    """Platform and id of the customers in the log who are there again."""
    there = _all_customers(session) if known.wanted else ()
    return [one for one in there if known.line_of(CUSTOMER, *one) is not None]


def employees(session: Session, known: OpenedErasureLog) -> list[tuple[EmployeeRow, str]]:
    """The employees in the log who are there again, and how their answers are credited."""
    there = staff.everybody(session, gone_too=True) if known.wanted else ()
    found = [(one, known.line_of(EMPLOYEE, "", one.email)) for one in there]
    return [(employee, line.credit) for employee, line in found if line is not None]


def subscribed(session: Session, known: OpenedErasureLog) -> list[int]:
    """The numbers of the subscribers in the log who are there again."""
    there = subscribers.everybody(session) if known.wanted else ()
    return [one.id for one in there if known.line_of(SUBSCRIBER, "", one.address) is not None]


def reseal(session: Session, sealer: Sealer) -> None:
    """Put the log's keys under the current secret key. Raises sealing.Unreadable."""
    rows = session.exec(select(ErasureRow)).all()
    fresh = {sealed: sealer.reseal(sealed) for sealed in {row.sealed for row in rows}}
    for row in rows:
        row.sealed = fresh[row.sealed]
        session.add(row)
    session.flush()


def append_to(path: Path, line: ErasureRecord) -> None:
    """Keep a line in a file outside the database; it is on the disk when this returns."""
    make_private_directory(path.parent)
    make_private_file(path)
    with path.open("a", encoding="utf-8") as file:
        file.write(line.to_json() + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_from(path: Path) -> list[ErasureRecord]:
    """The lines of such a file; none where there is no file. Raises ValueError, OSError."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8") as file:
        return [ErasureRecord.from_json(line) for line in file if line.strip()]


def write_to(path: Path, log: Iterable[ErasureRecord]) -> None:
    """Write the whole log anew, or not at all."""
    fresh = path.with_suffix(".new")
    make_private_file(fresh)
    fresh.write_text("".join(f"{line.to_json()}\n" for line in log), encoding="utf-8")
    fresh.replace(path)


def _key(latest: ErasureRow | None, sealer: Sealer) -> tuple[bytes, bytes]:
    """The log's key, sealed and open; a new one where there is none or it cannot be opened any more."""
    if latest is not None:
        try:
            return latest.sealed, bytes.fromhex(sealer.open(latest.sealed)["key"])
        except Unreadable:
            pass
    key = secrets.token_bytes(32)
    return sealer.seal({"key": key.hex()}), key


def _hash(key: bytes, kind: str, platform: str, identity: str) -> str:
    return hmac.new(key, f"{kind}\n{platform}\n{identity}".encode(), hashlib.sha256).hexdigest()


def _all_customers(session: Session) -> Iterator[tuple[str, str]]:
    posted = session.exec(select(PostRow.platform, PostRow.author_id).distinct()).all()
    asked = session.exec(select(QuestionRow.platform, QuestionRow.customer_id).distinct()).all()
    local = [("local", one.lower()) for one in session.exec(select(LocalPostRow.author).distinct()).all()]
    yield from sorted({*posted, *asked, *local})
