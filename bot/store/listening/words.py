"""The words that are listened for."""

from sqlmodel import Session, col, select

from bot.store.tables.listening import BrandWordRow
from routing.dialogue.brand_words import BrandWord, BrandWords


def listed(session: Session) -> list[BrandWordRow]:
    """All of them, on or off, by their text."""
    return list(session.exec(select(BrandWordRow).order_by(col(BrandWordRow.key))).all())


def by_key(session: Session, key: str) -> BrandWordRow | None:
    """The rule for a text in the form in which texts are compared."""
    return session.exec(select(BrandWordRow).where(BrandWordRow.key == key)).first()


def active(session: Session) -> BrandWords:
    """Those that are on, as whoever reads posts knows them."""
    rows = session.exec(
        select(BrandWordRow).where(col(BrandWordRow.is_on)).order_by(col(BrandWordRow.id))
    ).all()
    return BrandWords.of(
        BrandWord(row.id, row.text, tuple(row.languages), tuple(row.excluded), tuple(row.platforms))
        for row in rows
    )
