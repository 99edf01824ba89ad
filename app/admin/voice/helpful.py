"""Customers who help others: seen, and invited by a person, in words to copy."""

from fastapi import Request, Response

from app.identity.auth import MayDecide, guarded
from app.web.html import render
from app.wiring.composition import Here
from bot.platforms.registry import traits_of
from bot.store.community import helpful
from bot.store.topics import named as names
from bot.wording.by_itself import invitation

router = guarded("/admin")

_SHOWN = 100


@router.get("/helpful")
def listed(request: Request, chorus: Here, person: MayDecide) -> Response:
    """Whose answers to other customers were endorsed, the most helpful in front."""
    with chorus.database.read() as session:
        found = helpful.customers(session, _SHOWN)
        topics = names.all_names(session)
    brand = chorus.settings.brand_name
    return render(
        request,
        "admin/helpful.html",
        person=person,
        customers=found,
        topics=topics,
        profiles={
            (one.platform, one.account_id): traits_of(one.platform).profile(one.account_id, one.handle)
            for one in found
        },
        words={one.language: invitation(one.language, brand) for one in found},
    )
