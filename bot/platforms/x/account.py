"""What the adapter has to know of the brand's account and app on X."""

from dataclasses import dataclass, field
from datetime import timedelta

from bot.platforms.base import AnswerTags


@dataclass(frozen=True, slots=True)
class XAccount:
    """The settings of X. Keys come from the app's page in X's developer console.

    ``client_id`` (and, for a confidential app, ``client_secret``) serve OAuth 2.0 with PKCE; ``consumer_key``
    and the first of ``consumer_secrets`` serve OAuth 1.0a. The consumer secrets also prove the webhooks: two
    while one is replaced. ``bearer_token`` is the app's own, for webhooks, subscriptions and the stream.
    """

    tags: AnswerTags = lambda: ("#chorus",)
    """The tags that mark answers."""
    user_id: str = ""
    """The brand account's id; asked from X where it is empty."""
    handle: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    consumer_key: str = ""
    consumer_secrets: tuple[str, ...] = field(default=(), repr=False)
    bearer_token: str = field(default="", repr=False)
    query_length: int = 512
    """How long a search may be: 512 on self-serve plans, 1,024 and more on others."""
    batches_per_poll: int = 10
    """Searches for tagged answers in one go; the rest of the employees come with the next."""
    first_look_back: timedelta = timedelta(hours=1)
    """How far the first poll of a new account looks back."""
    base_url: str = "https://api.x.com"
    allow_loopback: bool = False
    """Whether X may be a stand-in on this machine, for trying things out."""
