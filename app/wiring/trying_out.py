"""What is only for trying things out: it must not meet the public (pure)."""

from typing import TYPE_CHECKING

from app.wiring.environment import PREFIX
from app.wiring.setting_values import is_loopback

if TYPE_CHECKING:
    from app.wiring.settings import Settings


def refusals(settings: "Settings") -> list[str]:
    """Settings that do not go together, each in a sentence for the operator; empty where all is well."""
    x, found = settings.x, []
    if is_loopback(x.base_url) and not x.allow_loopback:
        found.append(
            f"{PREFIX}X__BASE_URL leads to this machine (it is {x.base_url!r}), and X is not there: to try "
            f"things out with a stand-in like X's own playground, set {PREFIX}X__ALLOW_LOOPBACK=true; else "
            "leave it out."
        )
    if x.allow_loopback and not is_loopback(settings.base_url):
        found.append(
            f"{PREFIX}X__ALLOW_LOOPBACK is for trying things out on this machine, but {PREFIX}BASE_URL says "
            f"that this site is public (it is {settings.base_url!r}): a stand-in for X would pass for "
            f"X there. Leave {PREFIX}X__ALLOW_LOOPBACK out, or try it with {PREFIX}BASE_URL at "
            "http://127.0.0.1:8000."
        )
    return found
