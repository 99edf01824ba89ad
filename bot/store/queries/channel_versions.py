"""The newest number of everything that open pages follow."""

from sqlalchemy import text

from bot.store.engine import Database

_HEADS = {
    "entries": "SELECT COALESCE(MAX(seq), 0) FROM change WHERE kind = 'entry'",
    "work": "SELECT COALESCE(MAX(seq), 0) FROM change",
    "feed": "SELECT COALESCE(MAX(id), 0) + (SELECT COUNT(*) FROM local_post WHERE deleted_at IS NOT NULL)"
    " FROM local_post",
}


def channel_versions(database: Database) -> dict[str, int]:
    """A number per channel that changes whenever something there does."""
    with database.read() as session:
        return {name: int(session.execute(text(query)).scalar_one()) for name, query in _HEADS.items()}
