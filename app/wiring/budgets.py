"""What each platform may be sent in posts and money, from the settings."""

from datetime import timedelta
from decimal import Decimal

from app.wiring.settings import Settings
from bot.platforms.planner import Budget, Prices, Window
from bot.posts import PlatformName
from bot.store.house.budgets import Terms

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def terms_of(settings: Settings) -> dict[str, Terms]:
    """The terms of the platforms that have any; the others may be sent whatever is due."""
    given = {
        PlatformName.X: settings.x.most_posts,
        PlatformName.MASTODON: settings.mastodon.most_posts,
        PlatformName.BLUESKY: settings.bluesky.most_posts,
        PlatformName.GENERIC: settings.generic.most_posts,
    }
    terms = {str(name): Terms(Budget(_windows(texts))) for name, texts in given.items()}
    x = settings.x
    terms[PlatformName.X] = Terms(
        Budget(terms[PlatformName.X].budget.windows, _sum(x.dollars_per_day), _sum(x.dollars_per_month)),
        Prices(
            x.price_reply,
            x.price_post,
            x.price_with_link,
            x.price_read_own,
            x.price_read_post,
            x.price_read_user,
        ),
    )
    return {name: one for name, one in terms.items() if one.budget.windows or one.prices}


def _windows(texts: tuple[str, ...]) -> tuple[Window, ...]:
    return tuple(_window(text) for text in texts if text != "none")


def _window(text: str) -> Window:
    posts, _, span = text.partition("/")
    return Window(int(posts), int(span[:-1]) * _UNITS[span[-1]])


def _sum(dollars: float) -> Decimal | None:
    return Decimal(str(dollars)) if dollars else None
