"""Programs that prove by a token who they are, and what that lets them read."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.web.problems import Problem
from app.wiring.composition import Here
from bot.roles import Scope
from bot.store.people import api_tokens

_BEARER = HTTPBearer(
    scheme_name="token",
    description="A token that people in charge make under Hooks, Tokens.",
    auto_error=False,
)
Presented = Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]


class NeedsScope:
    """A dependency that lets in whoever presents a token that may read this."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def __call__(self, chorus: Here, presented: Presented) -> None:
        """Let the request in. Raises Problem 401 or 403, as RFC 6750 has them."""
        if presented is None:
            raise Problem(
                401, "Send a token: Authorization: Bearer chorus_...", headers={"WWW-Authenticate": "Bearer"}
            )
        with chorus.database.read() as session:
            now = chorus.database.now(session)
            row = api_tokens.working(session, presented.credentials, now)
        if row is None:
            told = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            raise Problem(401, "This token is not known, has run out or was revoked.", headers=told)
        if api_tokens.wants_notice(row, now):
            with chorus.database.write() as session:
                api_tokens.note_use(session, row.id, now)
        if self.scope not in row.scopes:
            told = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{self.scope}"'}
            raise Problem(403, f"This token may not read this: it lacks {self.scope}.", headers=told)
