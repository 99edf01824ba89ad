"""The settings of X."""

from decimal import Decimal

from pydantic import Field

from app.wiring.platforms.group import PlatformGroup, windows_of, written
from app.wiring.platforms.x.trying_out import refusals
from app.wiring.setting_values import (
    Dollars,
    HandleValue,
    Number,
    SecretToken,
    ServerValue,
    SwitchValue,
    Token,
    WindowsOfPosts,
)
from bot.platforms.planner import Budget, Prices
from bot.platforms.x.traits import PRICES, TRAITS


class XSettings(PlatformGroup):
    """X. Keys come from the app's page in X's developer console; ``chorus connect x`` walks through them."""

    client_id: Token | None = None
    """OAuth 2.0 client id; with it, ``chorus connect x`` signs the brand account in."""
    client_secret: SecretToken | None = None
    """OAuth 2.0 client secret, for a confidential app."""
    consumer_key: Token | None = None
    """OAuth 1.0a consumer key (also called API key)."""
    consumer_secrets: tuple[SecretToken, ...] = ()
    """Consumer secrets: prove X's webhooks, and sign OAuth 1.0a calls. Two while one is replaced."""
    access_token: SecretToken | None = None
    """OAuth 1.0a user token of the brand account, with its secret below; not needed with OAuth 2.0."""
    access_token_secret: SecretToken | None = None
    """The secret that goes with the OAuth 1.0a user token."""
    bearer_token: SecretToken | None = None
    """The app's own token, for webhooks, subscriptions and the stream."""
    user_id: Number | None = None
    """The brand account's id; asked from X when it is not set."""
    handle: HandleValue | None = None
    """The brand account's handle, without @; asked from X when it is not set."""
    query_length: int = Field(default=512, ge=128, le=4096)
    """How long a search may be on your plan."""
    poll_seconds: float = Field(default=60, ge=5, le=86_400)
    """Seconds between two looks at the mentions."""
    dollars_per_day: Dollars = 5.0
    """The most spent in a day, on publishing and reading together; 0: no limit."""
    dollars_per_month: Dollars = 100.0
    """The most spent in a month, on publishing and reading together; 0: no limit."""
    most_posts: WindowsOfPosts = written(TRAITS.budget)
    """The most posts in a time of minutes, hours or days (m, h, d); ``none``: no bound."""
    price_reply: Decimal = Field(default=PRICES.reply, ge=0, le=1_000)
    """Dollars X asks for a reply to a post that mentions the brand."""
    price_post: Decimal = Field(default=PRICES.post, ge=0, le=1_000)
    """Dollars X asks for any other post, such as the second part of a thread."""
    price_with_link: Decimal = Field(default=PRICES.with_link, ge=0, le=1_000)
    """Dollars X asks for a post with a link in it."""
    price_read_own: Decimal = Field(default=PRICES.read_own, ge=0, le=1_000)
    """Dollars X asks for reading a mention or a post of the brand's own (its app's owner being the brand)."""
    price_read_post: Decimal = Field(default=PRICES.read_post, ge=0, le=1_000)
    """Dollars X asks for reading any other post, and for an event about one; once a day."""
    price_read_user: Decimal = Field(default=PRICES.read_user, ge=0, le=1_000)
    """Dollars X asks for reading an account; once a day."""
    base_url: ServerValue = "https://api.x.com"
    """Where X's API is."""
    allow_loopback: SwitchValue = False
    """Let X be a stand-in on this machine, like X's own playground, for trying things out."""

    @property
    def on(self) -> bool:
        """Whether enough is set to use X."""
        return bool(self.client_id or self.consumer_key)

    @property
    def poll_interval(self) -> float:
        """Seconds between two looks at the mentions."""
        return self.poll_seconds

    @property
    def budget(self) -> Budget:
        """Posts in a time, and dollars."""
        return Budget(windows_of(self.most_posts), _sum(self.dollars_per_day), _sum(self.dollars_per_month))

    @property
    def prices(self) -> Prices:
        """What X asks."""
        return Prices(
            self.price_reply,
            self.price_post,
            self.price_with_link,
            self.price_read_own,
            self.price_read_post,
            self.price_read_user,
        )

    def refusals(self, base_url: str) -> list[str]:
        """A stand-in for X must be meant, and must not meet the public."""
        return refusals(base_url, x_base_url=self.base_url, x_on_loopback=self.allow_loopback)


def _sum(dollars: float) -> Decimal | None:
    return Decimal(str(dollars)) if dollars else None
