"""What the settings of every platform can be asked, whatever they hold."""

from abc import abstractmethod
from datetime import timedelta

from pydantic import SecretStr

from app.wiring.group import Group
from bot.platforms.planner import Budget, Prices, Window

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class PlatformGroup(Group):
    """The settings of one platform."""

    @property
    @abstractmethod
    def on(self) -> bool | None:
        """Whether enough is set to use it; None: it is on where no other platform is."""

    @property
    def poll_interval(self) -> float | None:
        """Seconds between two looks at it, where a setting says so; None: those of its traits."""
        return None

    @property
    def budget(self) -> Budget:
        """What it may be sent; by default there are no bounds."""
        return Budget()

    @property
    def prices(self) -> Prices | None:
        """What it asks for posts and for reading; None where it is free."""
        return None

    def refusals(self, base_url: str) -> list[str]:
        """Why these settings do not go with the address of this site, each in a sentence."""
        del base_url
        return []


def windows_of(texts: tuple[str, ...]) -> tuple[Window, ...]:
    """The bounds that settings give, like ``100/1h``."""
    return tuple(_window(text) for text in texts if text != "none")


def _window(text: str) -> Window:
    posts, _, span = text.partition("/")
    return Window(int(posts), int(span[:-1]) * _UNITS[span[-1]])


def written(budget: Budget) -> tuple[str, ...]:
    """A budget's bounds as they are written in settings."""
    return tuple(f"{window.posts}/{_span(window.span)}" for window in budget.windows)


def _span(span: timedelta) -> str:
    for letter in ("d", "h"):
        if span % _UNITS[letter] == timedelta():
            return f"{span // _UNITS[letter]}{letter}"
    return f"{span // _UNITS['m']}m"


def plain(secret: SecretStr | None) -> str:
    """A secret as it is sent; empty where there is none."""
    return secret.get_secret_value() if secret is not None else ""
