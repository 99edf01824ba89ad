"""What is only for trying things out: it must not meet the public (pure)."""

from app.wiring.environment import PREFIX
from app.wiring.setting_values import is_loopback


def refusals(base_url: str, *, x_base_url: str, x_on_loopback: bool) -> list[str]:
    """Settings that do not go together, each in a sentence for the operator; empty where all is well.

    ``base_url`` is this site's address, ``x_base_url`` where X is looked for, and ``x_on_loopback`` whether
    that may be this machine.
    """
    found = []
    if is_loopback(x_base_url) and not x_on_loopback:
        found.append(
            f"{PREFIX}X__BASE_URL leads to this machine (it is {x_base_url!r}), and X is not there: to try "
            f"things out with a stand-in like X's own playground, set {PREFIX}X__ALLOW_LOOPBACK=true; else "
            "leave it out."
        )
    if x_on_loopback and not is_loopback(base_url):
        found.append(
            f"{PREFIX}X__ALLOW_LOOPBACK is for trying things out on this machine, but {PREFIX}BASE_URL says "
            f"that this site is public (it is {base_url!r}): a stand-in for X would pass for "
            f"X there. Leave {PREFIX}X__ALLOW_LOOPBACK out, or try it with {PREFIX}BASE_URL at "
            "http://127.0.0.1:8000."
        )
    return found
