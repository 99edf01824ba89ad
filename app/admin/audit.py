"""Who did what."""

from fastapi import Request, Response

from app.identity.auth import MayReadAudit, guarded
from app.web.forms import PageStart
from app.web.html import render
from app.wiring.composition import Here
from bot.store.house import audit
from bot.store.queries.pages import admin as reads

router = guarded("/admin")


@router.get("/audit")
def log(
    request: Request,
    chorus: Here,
    person: MayReadAudit,
    before: PageStart = None,
    check: str = "",
) -> Response:
    """The audit log, the latest first; with ``check`` its chain is verified from the first line on."""
    with chorus.database.read() as session:
        lines, older = reads.audit_lines(session, before)
        broken = audit.verify(session) if check else None
    return render(
        request,
        "admin/audit.html",
        person=person,
        lines=lines,
        older=older,
        before=before,
        checked=bool(check),
        broken=broken,
    )
