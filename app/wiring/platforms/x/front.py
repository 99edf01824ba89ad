"""X at the front: connected by signing in, or by the tokens of the settings."""

from dataclasses import replace

import httpx

from app.wiring.findings import Finding, Level
from app.wiring.platforms.front import (
    Connected,
    Front,
    Given,
    House,
    Keeps,
    NotConnected,
    OnTrial,
    Ports,
    SignIn,
    Terminal,
)
from app.wiring.platforms.group import plain
from app.wiring.platforms.x.receiving import unheard, webhook_notes
from app.wiring.platforms.x.settings import XSettings
from app.wiring.platforms.x.sign_in import XSignIn, signed_in_at
from app.wiring.setting_values import is_loopback
from bot.platforms.base import Clock, Platform
from bot.platforms.health import Checked
from bot.platforms.x.account import XAccount
from bot.platforms.x.adapter import X
from bot.platforms.x.health import XHealth
from bot.platforms.x.setup import XSetup
from bot.posts import Author, PlatformError, PlatformName
from bot.store.sealing import Tokens


class XFront(Front):
    """The brand's account and app on X."""

    name = PlatformName.X.value

    def __init__(self, group: XSettings, house: House) -> None:
        super().__init__(house)
        self._group = group

    def account(self) -> XAccount:
        """The brand's account and app."""
        group = self._group
        return XAccount(
            tags=self.house.tags,
            user_id=group.user_id or "",
            handle=group.handle or "",
            client_id=group.client_id or "",
            client_secret=plain(group.client_secret),
            consumer_key=group.consumer_key or "",
            consumer_secrets=tuple(map(plain, group.consumer_secrets)),
            bearer_token=plain(group.bearer_token),
            query_length=group.query_length,
            base_url=group.base_url,
            allow_loopback=group.allow_loopback,
        )

    def adapter(self, ports: Ports) -> Platform:
        """The adapter of the brand's account."""
        return X(
            self.account(), ports.tokens(), ports.clock, on_revoked=ports.on_revoked, on_read=ports.on_read
        )

    def tokens(self) -> dict[str, str]:
        """The OAuth 1.0a tokens of the settings."""
        token, secret = plain(self._group.access_token), plain(self._group.access_token_secret)
        return {"oauth_token": token, "oauth_token_secret": secret} if token and secret else {}

    def health(self, adapter: Platform) -> Checked | None:
        """Looks after the webhook, where there is a token for that."""
        if not isinstance(adapter, X) or self._group.bearer_token is None:
            return None
        return XHealth(adapter.calls, self.house.webhook(self.name))

    def sign_in(self, adapter: Platform, clock: Clock) -> SignIn | None:
        """By the app of the settings, where it has an OAuth 2.0 client id."""
        if not isinstance(adapter, X) or not self._group.client_id:
            return None
        return XSignIn(adapter, clock)

    def connect(self, given: Given, terminal: Terminal, store: Keeps, clock: Clock) -> Connected:
        """By the OAuth 1.0a tokens of the settings, or by signing in."""
        del given
        if self._group.consumer_key and (tokens := self.tokens()):
            terminal.say("Checking the OAuth 1.0a tokens of the settings.")
            return self.keep(tokens, store, clock)
        back = f"{self.house.base_url}/admin/connections/back"
        if not self._group.client_id:
            raise NotConnected(
                "X needs an app of your own. In X's developer console (https://console.x.com) make one, turn "
                f"on user authentication with “Read and write”, and give {back} as its callback "
                "address. Then set CHORUS_X__CLIENT_ID and, for a confidential app, CHORUS_X__CLIENT_SECRET; "
                "or, for OAuth 1.0a, CHORUS_X__CONSUMER_KEY, CHORUS_X__CONSUMER_SECRETS, "
                "CHORUS_X__ACCESS_TOKEN and CHORUS_X__ACCESS_TOKEN_SECRET. Run this again."
            )
        return self.keep(signed_in_at(self.account(), back, terminal, clock), store, clock)

    def keep(
        self, tokens: Tokens, store: Keeps, clock: Clock, transport: httpx.BaseTransport | None = None
    ) -> Connected:
        """Try a permission of the brand's account, keep it, register webhook and subscriptions."""
        wanted, trial_tokens = self.account(), OnTrial(tokens)
        trial = X(replace(wanted, user_id="", handle=""), trial_tokens, clock, transport=transport)
        try:
            account = trial.brand()
            _check_it_is(account, wanted.user_id, wanted.handle)
            missing = self.missing_permissions(trial)
            if missing:
                raise NotConnected(
                    f"The permission lacks {' and '.join(missing)}. In X's developer console set the app's "
                    "user authentication to “Read and write”, then sign in again."
                )
            # OAuth 1.0a tokens too: what is stored counts before what is set, so an older sign-in would win.
            store.save(trial_tokens.tokens)
            notes = webhook_notes(self._group, self.house.webhook(self.name), trial, account)
        except PlatformError as error:
            raise NotConnected(str(error)) from error
        finally:
            trial.close()
        return Connected(account, notes)

    def findings(self) -> list[Finding]:
        """Whether X is a stand-in, and whether it may call us."""
        group = self._group
        if is_loopback(group.base_url):
            return [
                Finding(
                    Level.NOTE,
                    self.name,
                    f"X is a stand-in at {group.base_url}: nothing reaches X itself.",
                    "Leave out CHORUS_X__BASE_URL and CHORUS_X__ALLOW_LOOPBACK when you have tried it.",
                )
            ]
        if not group.consumer_secrets:
            return [
                Finding(
                    Level.NOTE,
                    self.name,
                    f"Without a consumer secret X's webhooks are refused; mentions are polled every "
                    f"{group.poll_seconds:.0f} seconds.",
                    "Set CHORUS_X__CONSUMER_SECRETS for webhooks.",
                )
            ]
        return []

    def missing_permissions(self, adapter: Platform) -> list[str]:
        """What the token does not allow."""
        return XSetup(adapter.calls).missing_permissions() if isinstance(adapter, X) else []

    def unheard(self, adapter: Platform) -> list[Finding]:
        """The kinds of events that X does not send to the webhook that is registered."""
        return unheard(adapter, self.house.webhook(self.name)) if isinstance(adapter, X) else []


def _check_it_is(account: Author, user_id: str, handle: str) -> None:
    other_id = user_id and account.id != user_id
    other_handle = handle and account.handle.casefold() != handle.lstrip("@").casefold()
    if other_id or other_handle:
        raise NotConnected(
            f"This permission is for @{account.handle} ({account.id}), but the settings name "
            f"@{handle or '?'} ({user_id or '?'}). Sign in as the brand, or change CHORUS_X__USER_ID and "
            "CHORUS_X__HANDLE."
        )


front = XFront
