"""A second person approves what is said in the brand's name, unless nobody else may."""

from bot.actions.undecidable import Undecidable
from bot.roles import Permission, roles_with
from bot.store.engine import Session
from bot.store.people import staff


def may_approve(session: Session, permission: Permission, proposed_by: int | None, person_id: int) -> bool:
    """Whether this person may, as far as a page is concerned: the deed looks again.

    ``permission`` is what approving takes, which the person has; ``proposed_by`` is who proposed it.
    """
    return proposed_by != person_id or not staff.others_with_role(session, roles_with(permission), person_id)


_PROPOSED = "You proposed it yourself: somebody else in charge has to approve it."


def check_second_person(
    session: Session,
    permission: Permission,
    proposed_by: int | None,
    person_id: int,
    why_not: str = _PROPOSED,
) -> None:
    """Raise Undecidable, ``why_not``, unless this person may. Call it before what is approved is held.

    Everybody who may approve is held until the transaction ends, so nobody becomes the only one meanwhile.
    """
    if proposed_by != person_id:
        return
    if any(one.id != person_id for one in staff.held_with_role(session, roles_with(permission))):
        raise Undecidable(why_not)
