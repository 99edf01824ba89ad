"""What each platform may be sent, what of it is spent, and what waits until when."""

from fastapi import Request, Response

from app.identity.auth import MayWatch, guarded
from app.web.html import render
from app.wiring.adapters import terms_of
from app.wiring.composition import Here
from bot.store.house import budgets

router = guarded("/admin")


@router.get("/budget")
def budget(request: Request, chorus: Here, person: MayWatch) -> Response:
    """The budgets of the platforms that are on."""
    terms = {name: one for name, one in terms_of(chorus.settings).items() if name in chorus.platforms}
    with chorus.database.read() as session:
        now = chorus.database.now(session)
        accounts = [budgets.account(session, name, one, now) for name, one in terms.items()]
    free = [name for name in chorus.platforms if name not in terms]
    return render(request, "admin/budget.html", person=person, accounts=accounts, free=free)
