"""Reading what a customer left privately: who may, and a line in the audit each time."""

from app.identity.auth import Person
from app.identity.decisions import decision
from app.web.problems import Problem
from app.wiring.composition import Chorus
from app.wiring.keys import sealer_of
from bot.actions import private_details
from bot.actions.private_details import NoSuchPage, PageOver
from bot.roles import Permission
from bot.store.house.audit_actions import AuditAction
from bot.store.sealing import Unreadable
from routing.model.phrases import phrase


def read_privately(chorus: Chorus, person: Person, question_id: int, page_id: int) -> str:
    """What was left on a question's private page. Raises Problem 403, 404, 409 or 410."""
    sealer = sealer_of(chorus.settings)
    try:
        with decision(chorus, person) as at:
            text = private_details.read(
                at.session,
                page_id,
                question_id,
                person.id,
                sealer,
                decides=person.may(Permission.DECIDE),
                kept=chorus.rules.private_kept,
                now=at.now,
            )
            at.record(AuditAction.PRIVATE_READ, f"question {question_id}", page=page_id)
    except NoSuchPage:
        raise Problem(404, phrase("Nothing was left privately there.")) from None
    except PermissionError:
        raise Problem(403, phrase("Only whoever asked for this and those in charge may read it.")) from None
    except PageOver:
        raise Problem(410, phrase("What was left privately has been deleted.")) from None
    except Unreadable:
        raise Problem(
            409,
            phrase("This was encrypted with another secret key. Ask whoever runs Chorus to set that, too."),
        ) from None
    return text
