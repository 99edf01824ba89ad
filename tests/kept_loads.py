"""What is kept of people's loads against what counting every offer says."""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import select

from bot.store.engine import Database
from bot.store.tables.conversations import OfferRow
from bot.store.tables.people import EmployeeRow, LoadRow
from routing.model.domain import OfferState

Counts = dict[int, tuple[int, str | None, int, datetime | None]]
"""By employee: open offers, the latest day on which they were asked, offers on that day, the latest offer."""


def kept(database: Database) -> Counts:
    with database.read() as session:
        rows = session.exec(select(LoadRow)).all()
    return {row.employee_id: (row.open_offers, row.day, row.offers, row.last_offered_at) for row in rows}


def counted(database: Database) -> Counts:
    with database.read() as session:
        offers = session.exec(select(OfferRow)).all()
        zones = {row.id: ZoneInfo(row.timezone) for row in session.exec(select(EmployeeRow)).all()}
    found: Counts = {}
    for employee_id in {offer.employee_id for offer in offers}:
        own = [offer for offer in offers if offer.employee_id == employee_id]
        days = Counter(offer.offered_at.astimezone(zones[employee_id]).date().isoformat() for offer in own)
        open_offers = sum(offer.state == OfferState.OPEN for offer in own)
        last = max(offer.offered_at for offer in own)
        found[employee_id] = (open_offers, max(days), days[max(days)], last)
    return found
