"""Which question a post belongs to: by the posts above it in its thread, or by whom it names."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from bot.states import DeliveryKind, PostKind, PostState
from bot.store import rows
from bot.store.conversations import posts
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import DeliveryRow, PostRow, QuestionRow
from routing.model.domain import WITHOUT_ANSWER, QuestionState

_LONGEST = 20
"""So many posts are looked at above one."""
_JUST_ASKED = (
    select(QuestionRow)
    .where(
        col(QuestionRow.platform).in_(bindparam("platforms", expanding=True)),
        col(QuestionRow.customer_id).in_(bindparam("customers", expanding=True)),
        col(QuestionRow.state).in_(WITHOUT_ANSWER),
        col(QuestionRow.asked_at) > bindparam("since"),
    )
    .order_by(col(QuestionRow.id))
)


@dataclass(frozen=True, slots=True)
class Above:
    """What is known of the posts above one in its thread."""

    question: QuestionRow | None = None
    """That of the nearest one that belongs to any."""
    announcement_id: int | None = None
    """The announcement below which it stands, where it belongs to no question."""
    answers_announcement: bool = False
    """Whether it replies to the brand's own post itself, and so addresses the brand."""
    is_known: bool = False
    """Whether the post replied to, or its tombstone, has come in."""
    is_pending: bool = False
    """Whether one above has come in but intake is not done with it: its question will be there soon.

    Another worker may have it right now, or had it and died.
    """

    read: frozenset[str] = frozenset()
    """The external ids that were looked at, there or not."""


def of_post(session: Session, platform: str, external_id: str) -> QuestionRow | None:
    """The question that a post belongs to, be it a customer's, an employee's or the brand's own."""
    identity = (platform, external_id)
    known = posts.by_external_ids(session, [identity])
    return rows.find(session, QuestionRow, _belong_to(session, [identity], known)[0].get(identity))


def above_all(session: Session, replies: Sequence[PostRow]) -> dict[int, Above]:
    """Look up the threads of posts, by their ids, as far as they have come in.

    All are climbed together, one post higher at a time. One that leads back to the post itself holds nothing.
    """
    found = {post.id: Above() for post in replies}
    belongs: dict[int, int] = {}
    climbing = [(post, post.in_reply_to) for post in replies if post.in_reply_to is not None]
    for _ in range(_LONGEST):
        if not climbing:
            break
        at = {(post.platform, above) for post, above in climbing}
        known = posts.by_external_ids(session, at)
        questions, announced = _belong_to(session, at, known)
        higher = []
        for post, above in climbing:
            identity = (post.platform, above)
            row, so_far = known.get(identity), found[post.id]
            read = so_far.read | {above}
            if identity in questions:
                belongs[post.id] = questions[identity]
                found[post.id] = Above(is_known=True, read=read)
            elif identity in announced:
                found[post.id] = replace(
                    so_far,
                    is_known=True,
                    read=read,
                    announcement_id=announced[identity],
                    answers_announcement=above == post.in_reply_to,
                )
            elif row is None:
                found[post.id] = replace(so_far, read=read)
            elif row.external_id == post.external_id:
                found[post.id] = Above(is_known=True, read=read)
            else:
                is_pending = so_far.is_pending or row.state in (PostState.NEW, PostState.WAITING)
                found[post.id] = Above(is_known=True, is_pending=is_pending, read=read)
                higher += [(post, row.in_reply_to)] if row.in_reply_to is not None else []
        climbing = higher
    of = rows.find_all(session, QuestionRow, belongs.values())
    for post_id, question_id in belongs.items():
        found[post_id] = replace(found[post_id], question=of.get(question_id))
    return found


def just_asked(
    session: Session, authors: Collection[tuple[str, str]], since: datetime
) -> dict[tuple[str, str], QuestionRow]:
    """The latest question without an answer that each of these customers has asked since then.

    Customers are told by platform and account.
    """
    if not authors:
        return {}
    asked = {
        "platforms": sorted({platform for platform, _ in authors}),
        "customers": sorted({account for _, account in authors}),
        "since": since,
    }
    rows_of = session.exec(_JUST_ASKED, params=asked).all()
    found = {(row.platform, row.customer_id): row for row in rows_of}
    return {author: found[author] for author in authors if author in found}


def of_customers(session: Session, platform: str, handles: Sequence[str]) -> QuestionRow | None:
    """The latest question without an answer of a customer with one of these handles."""
    if not handles:
        return None
    return session.exec(
        select(QuestionRow)
        .where(
            QuestionRow.platform == platform,
            col(QuestionRow.customer_handle).in_([handle.lower() for handle in handles] + list(handles)),
            col(QuestionRow.state).in_((*WITHOUT_ANSWER, QuestionState.ASKED_BACK)),
        )
        .order_by(col(QuestionRow.id).desc())
    ).first()


def _belong_to(
    session: Session, identities: Collection[tuple[str, str]], known: Mapping[tuple[str, str], PostRow]
) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]]:
    """The questions that posts belong to: by what intake said of them, else as publications of ours.

    And the announcements that other posts of ours are.
    """
    announced: dict[tuple[str, str], int] = {}
    found = {
        identity: known[identity].question_id
        for identity in identities
        if identity in known and known[identity].question_id is not None
        if known[identity].verdict != PostKind.CODE  # who repeats somebody's code is in no conversation
    }
    wanted: dict[str, list[str]] = defaultdict(list)
    for platform, external_id in identities:
        if (platform, external_id) not in found:
            wanted[platform].append(external_id)
    for platform, ids in wanted.items():
        sent = session.exec(
            select(DeliveryRow.external_id, DeliveryRow.question_id, DeliveryRow.announcement_id).where(
                DeliveryRow.platform == platform,
                col(DeliveryRow.external_id).in_(ids),
                col(DeliveryRow.kind).in_((DeliveryKind.PUBLICATION, DeliveryKind.ANNOUNCEMENT)),
            )
        ).all()
        roots = roots_of(session, [announcement for *_, announcement in sent])
        for sent_id, question_id, announcement_id in sent:
            found[platform, sent_id or ""] = question_id
            if announcement_id is not None:
                announced[platform, sent_id or ""] = roots[announcement_id]
    belong = {identity: question_id for identity, question_id in found.items() if question_id is not None}
    return belong, announced


def roots_of(session: Session, ids: Iterable[int | None]) -> dict[int, int]:
    """The announcement that each of these puts right; where it puts none right, itself."""
    found = rows.find_all(session, AnnouncementRow, ids)
    return {number: row.corrects_id or number for number, row in found.items()}
