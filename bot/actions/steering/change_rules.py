"""Changing the house's rules: a new version with a name and a moment, the earlier ones stay on record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bot.actions.people.details import Invalid
from bot.store.engine import Session
from bot.store.house import audit, rule_versions
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.house import RuleVersionRow

LONGEST_REASON: Final = 300


def change_rules(
    session: Session, follows: int, values: Mapping[str, Any], by: str, why: str, now: datetime
) -> RuleVersionRow:
    """A new version of the rules, in force from now on.

    ``follows`` is the version that was shown to whoever changes it: the database lets only one follow each.
    ``values`` are all that differ from the settings; they have been checked.

    Raises:
        Invalid: Somebody else changed them meanwhile, nothing is changed, or the reason is too long.
    """
    newest = rule_versions.newest(session)
    if len(why) > LONGEST_REASON:
        raise Invalid("why", f"Say why in at most {LONGEST_REASON} characters.")
    if dict(values) == (newest.values if newest is not None else {}):
        raise Invalid("version", "Nothing is changed: these are the rules in force.")
    version = put_version(session, follows, values, by, why, now)
    if version is None:
        raise Invalid(
            "version",
            "Somebody else has changed the rules since you opened this page. What you typed is still here, "
            "on top of theirs, and what both of you have changed is marked: look at it, then save again.",
        )
    return version


def put_version(
    session: Session, follows: int, values: Mapping[str, Any], by: str, why: str, now: datetime
) -> RuleVersionRow | None:
    """The version after ``follows``, with a line in the audit log, whatever it came of.

    None where somebody else wrote that one already.
    """
    former = rule_versions.find(session, follows)
    version = rule_versions.add(session, follows, dict(values), by, " ".join(why.split()), now)
    if version is not None:
        names = differing(former.values if former is not None else {}, values)
        detail = {"version": version.id, "changed": names}
        audit.append(session, by, AuditAction.RULES_CHANGE, "rules", detail, now)
    return version


def differing(former: Mapping[str, Any], later: Mapping[str, Any]) -> list[str]:
    """The names of the rules that are not the same in both versions."""
    return sorted(name for name in former.keys() | later.keys() if former.get(name) != later.get(name))
