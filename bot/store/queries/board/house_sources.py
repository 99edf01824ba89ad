"""Lines of the board about the house itself: texts to approve, people to let in, programs to look after."""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from bot.states import HookMessageState
from bot.store.hooks import endpoints, messages
from bot.store.people import api_tokens
from bot.store.queries.board import drawing
from bot.store.queries.board.lines import BoardKind, Pressing
from bot.store.queries.board.source import BoardSource, rows_of
from bot.store.queries.waits import is_to_approve, is_to_let_in
from bot.store.tables.hooks import ApiTokenRow, HookEndpointRow, HookMessageRow
from bot.store.tables.house import TextRow
from bot.store.tables.people import JoinRequestRow


def _given_up_since() -> Any:
    """When the first message was given up that an endpoint did not take."""
    return (
        select(col(HookMessageRow.give_up_at))
        .where(
            col(HookMessageRow.endpoint_id) == HookEndpointRow.id,
            col(HookMessageRow.state) == HookMessageState.DEAD,
        )
        .order_by(col(HookMessageRow.due_at), col(HookMessageRow.id))
        .limit(1)
        .correlate(HookEndpointRow)
        .scalar_subquery()
    )


HOUSE_SOURCES: tuple[BoardSource, ...] = (
    BoardSource(
        "ep",
        BoardKind.ENDPOINT,
        Pressing.AT_ONCE,
        table=HookEndpointRow,
        rows=lambda now, _: rows_of(
            HookEndpointRow, messages.counted(HookMessageState.DEAD), _given_up_since()
        ).where(endpoints.is_in_trouble(now)),
        line=drawing.endpoint_line,
    ),
    BoardSource(
        "tx",
        BoardKind.TEXT,
        Pressing.NOW,
        table=TextRow,
        rows=lambda *_: rows_of(TextRow).where(is_to_approve()),
        line=drawing.text_line,
    ),
    BoardSource(
        "nc",
        BoardKind.NEWCOMER,
        Pressing.NOW,
        table=JoinRequestRow,
        rows=lambda *_: rows_of(JoinRequestRow).where(is_to_let_in()),
        line=drawing.newcomer_line,
    ),
    BoardSource(
        "to",
        BoardKind.TOKEN,
        Pressing.NOW,
        table=ApiTokenRow,
        rows=lambda now, _: rows_of(ApiTokenRow).where(api_tokens.runs_out(now)),
        line=drawing.token_line,
        order=(col(ApiTokenRow.expires_at),),
    ),
)
