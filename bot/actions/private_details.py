"""What must not be public: an employee asks for it, the customer proves who they are and leaves it.

The address of a private page is posted in public, so it proves nothing: whoever opens it is shown a code of
their own browser, and the browser may write whose code the customer's account has posted.
"""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.actions.conversations.answer import NotAnswerable
from bot.actions.conversations.audience import Audience
from bot.actions.conversations.follow_up import open_again
from bot.states import ChangeKind
from bot.store import changes, rows
from bot.store.conversations import questions
from bot.store.engine import Session
from bot.store.privacy import handoffs
from bot.store.row_locks import lock_row, locked_row
from bot.store.sealing import Sealer
from bot.store.tables.conversations import PostRow, QuestionRow
from bot.store.tables.handoffs import HandoffRow, HandoffState
from routing.model.domain import QuestionState
from routing.model.phrases import phrase

LINK_LASTS = timedelta(days=3)
LONGEST = 4_000
"""Characters that may be left."""
_LETTERS = "bcdfghjkmnpqrstvwxyz"
"""Without vowels and digits: no word, number or address ever comes of a token by chance."""
_TOKEN_LENGTH = 24
_DIGITS = "23456789"
_CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz" + _DIGITS
_MOST_PROOFS = 10
_MARK_LENGTH = 4
"""So many letters of the hash of its address mark a page in its codes."""
_OVER = (QuestionState.WITHDRAWN, QuestionState.JOINED)


@dataclass(frozen=True, slots=True)
class PostedCode:
    """A post that holds the code of a private page. It is kept by nobody, and is no question.

    ``question_id`` is the question that the page belongs to, where another account than its customer's has
    posted it: whoever answers there hears of that.
    """

    question_id: int | None


class NoSuchPage(LookupError):
    """No private page has this address."""


class PageOver(LookupError):
    """The page was there, and is not to be used any more."""


def ask(session: Session, question: QuestionRow, employee_id: int, now: datetime) -> str:
    """Make a private page for a question's customer; what its address ends in, which is kept nowhere.

    A page that the same employee asked for before, and that was not used, is over. Raises NotAnswerable where
    there is nobody to be asked in public.
    """
    lock_row(session, question)
    if question.state in _OVER or not question.customer_id:
        raise NotAnswerable(phrase("This question is over: there is nobody to ask."))
    why_not = Audience.of(session, question).why_not
    if why_not is not None:
        raise NotAnswerable(why_not)
    handoffs.end_open(session, question.id, employee_id)
    token = "".join(secrets.choice(_LETTERS) for _ in range(_TOKEN_LENGTH))
    page = HandoffRow(
        question_id=question.id,
        employee_id=employee_id,
        token_hash=handoffs.token_hash(token),
        created_at=now,
        expires_at=now + LINK_LASTS,
    )
    rows.keep(session, page)
    changes.append(session, ChangeKind.WORK, question.id, now)
    return token


def open_page(session: Session, token: str, now: datetime) -> HandoffRow:
    """The page with this address, which may be used. Raises NoSuchPage or PageOver."""
    page = handoffs.by_token(session, token)
    if page is None:
        raise NoSuchPage
    if page.state != HandoffState.OPEN or page.expires_at <= now:
        raise PageOver
    return page


def code_of(key: bytes, page: HandoffRow, browser: str) -> str:
    """The code that a browser (by its secret) shows on a page: who knows the code does not know the secret.

    ``proof-``, the page's mark, by which it is found again whoever posts it, and 8 letters and digits of the
    browser's, at least one of them a digit, so that no ordinary words look like it.
    """
    digest = hmac.new(key, f"{page.id}:{browser}".encode("utf-8", "replace"), hashlib.sha256).digest()
    letters = [_CODE_LETTERS[byte % len(_CODE_LETTERS)] for byte in digest[:8]]
    letters[7] = _DIGITS[digest[8] % len(_DIGITS)]
    mark = page.token_hash[:_MARK_LENGTH]
    return f"proof-{mark}-{''.join(letters[:4])}-{''.join(letters[4:])}"


def posted(
    session: Session, platform: str, account_id: str, codes: Sequence[str], now: datetime
) -> PostedCode | None:
    """An account has posted what may be codes: its own pages open to the browsers that showed them.

    The code of somebody else's page proves nothing. It stays good all the same: it is of use to one browser
    alone, and were it void, anybody who reads it could shut out the customer by repeating it.

    None where these are no codes: no page has such a mark, and the account was never asked to one.
    """
    own = handoffs.of_customer(session, platform, account_id) if codes else ()
    others = None
    for code in codes:
        mark = code.split("-")[1]
        mine = [page for page in own if page.token_hash.startswith(mark)]
        for page in mine:
            _prove(session, page, code, now)
        others = others or (None if mine else handoffs.by_mark(session, mark))
    if others is None:
        return PostedCode(None) if own else None
    return PostedCode(others.question_id)


def _prove(session: Session, page: HandoffRow, code: str, now: datetime) -> None:
    lock_row(session, page)
    if page.state == HandoffState.OPEN and page.expires_at > now:
        page.proofs = [*page.proofs, code][-_MOST_PROOFS:]
        page.proved_at = page.proved_at or now
        rows.keep(session, page)


def leave(session: Session, token: str, code: str, text: str, sealer: Sealer, now: datetime) -> QuestionRow:
    """What a customer leaves is kept, encrypted, once; their question wakes for whoever asked.

    Raises NoSuchPage, PageOver, or PermissionError where the account has not posted the browser's code.
    """
    page = open_page(session, token, now)
    question = questions.held_one(session, page.question_id)
    lock_row(session, page)
    open_page(session, token, now)  # as it is by now
    if question.state in _OVER:
        raise PageOver
    if code not in page.proofs:
        raise PermissionError
    page.state, page.sealed, page.left_at = HandoffState.LEFT, sealer.seal({"text": text}), now
    page.proofs = []
    rows.keep(session, page)
    said_last = rows.find(session, PostRow, question.reply_to or question.post_id)
    if said_last is not None:
        satisfied = question.satisfied
        open_again(session, question, said_last, now)
        question.satisfied = satisfied
    changes.append(session, ChangeKind.WORK, question.id, now)
    return question


def read(
    session: Session,
    page_id: int,
    question_id: int,
    reader_id: int,
    sealer: Sealer,
    *,
    decides: bool,
    kept: timedelta,
    now: datetime,
) -> str:
    """What was left, for the employee who asked for it and for those who decide (``decides``).

    Raises NoSuchPage, PageOver where nothing is kept (any more), PermissionError, sealing.Unreadable.
    """
    page = locked_row(session, HandoffRow, page_id)
    if page is None or page.question_id != question_id:
        raise NoSuchPage
    if not may_read(page, reader_id, decides=decides):
        raise PermissionError
    if page.sealed is None or page.left_at is None or page.left_at + kept <= now:
        raise PageOver
    return sealer.open(page.sealed)["text"]


def may_read(page: HandoffRow, reader_id: int, *, decides: bool) -> bool:
    """Whether what was left there is for this person's eyes."""
    return decides or page.employee_id == reader_id
