"""Posts as they came in."""

from sqlmodel import Session, select

from bot.store.tables import PostRow


def by_external_id(session: Session, platform: str, external_id: str) -> PostRow | None:
    """The post with this identity, or its tombstone."""
    return session.exec(
        select(PostRow).where(PostRow.platform == platform, PostRow.external_id == external_id)
    ).first()
