"""A customer says how it went: on the survey's page, or in a reply to the brand's post.

Both are theirs to change. A reply comes from their own account, so it counts before what was said on the
page, whose address everybody may read.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.actions.survey.tokens import NoSuchSurvey, SurveyOver
from bot.states import ChangeKind
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.privacy import surveys
from bot.store.row_locks import lock_row, locked_row
from bot.store.tables.conversations import PostRow, QuestionRow
from bot.store.tables.figures import SurveyRow
from routing.dialogue.scores import GivenScore, score_of
from routing.figures.survey import SurveyKind, needs_look
from routing.model.domain import WITH_ANSWER, QuestionState

LONGEST_COMMENT = 500
"""Characters that may be written beside a score."""
CHANGE_FOR = timedelta(days=1)
"""How long after the first time a score can be changed on the page, by the browser that gave it."""
_OVER = (QuestionState.WITHDRAWN, QuestionState.JOINED)


class SurveyStage(StrEnum):
    """What a browser can do at a survey's page."""

    OPEN = "open"
    """Nobody has answered yet."""
    CHANGEABLE = "changeable"
    """This browser has, and may change it."""
    SAID = "said"
    """It was answered; nothing can be changed here."""


class SaidAlready(Exception):
    """It was answered, and not by whoever tries now, or too long ago."""


@dataclass(frozen=True, slots=True)
class PageVote:
    """What is said on the page: a score, words beside it, and the hash of the browser's secret."""

    score: int
    comment: str
    browser: str


def survey(session: Session, survey_id: int) -> SurveyRow:
    """The survey with this number, while its question is there. Raises NoSuchSurvey or SurveyOver."""
    row = rows.find(session, SurveyRow, survey_id)
    if row is None:
        raise NoSuchSurvey
    question = rows.find(session, QuestionRow, row.question_id)
    if question is None or question.state in _OVER:
        raise SurveyOver
    return row


def stage_of(row: SurveyRow, browser: str, now: datetime) -> SurveyStage:
    """What a browser, by the hash of its secret, can do about it."""
    if row.said_at is None or row.score is None:
        return SurveyStage.OPEN
    is_theirs = row.post_id is None and bool(browser) and hmac.compare_digest(row.browser, browser)
    return SurveyStage.CHANGEABLE if is_theirs and now < row.said_at + CHANGE_FOR else SurveyStage.SAID


def say_on_page(session: Session, survey_id: int, said: PageVote, now: datetime) -> SurveyRow:
    """Take what is said on the page. Raises NoSuchSurvey, SurveyOver, SaidAlready or ValueError."""
    row = locked_row(session, SurveyRow, survey_id)
    if row is None:
        raise NoSuchSurvey
    survey(session, survey_id)  # as it is by now
    if stage_of(row, said.browser, now) is SurveyStage.SAID:
        raise SaidAlready
    if said.score not in SurveyKind(row.kind).scale:
        raise ValueError(said.score)
    row.browser, row.comment = said.browser, said.comment
    _note(session, row, said.score, now, has_words=bool(said.comment))
    return row


def say_in_reply(session: Session, question: QuestionRow, post: PostRow, now: datetime) -> bool:
    """Take the score that a customer's reply to the brand's question gives; whether that is all it says.

    Then the question stays as it is: it is settled, and this is nothing that somebody has to answer. What
    also asks something is handled as any other post.
    """
    if question.state not in WITH_ANSWER or not post.is_public or post.in_reply_to is None:
        return False
    row = surveys.of_question(session, question.id)
    if row is None or row.expires_at <= now:
        return False
    score = _score(row, post)
    if score is None or not surveys.is_reply_to(session, row, post):
        return False
    lock_row(session, row)
    row.post_id, row.browser, row.comment = post.id, "", ""
    _note(session, row, score.value, now, has_words=score.says_more)
    return not score.asks


def is_about_survey(session: Session, post: PostRow) -> bool:
    """Whether a score stands in this post."""
    return surveys.of_post(session, post.id) is not None


def reply_edited(session: Session, post: PostRow, now: datetime) -> None:
    """The words of a reply that gave a score have changed: what it says now counts."""
    row = surveys.of_post(session, post.id)
    if row is None:
        return
    lock_row(session, row)
    score = _score(row, post)
    if score is None:
        take_score_back(session, post)
    else:
        _note(session, row, score.value, now, has_words=score.says_more)


def take_score_back(session: Session, post: PostRow) -> None:
    """A customer's post is gone, and with it the score that stood in it."""
    row = surveys.of_post(session, post.id)
    if row is not None:
        lock_row(session, row)
        row.score = row.said_at = row.post_id = row.waits_since = None
        rows.keep(session, row)


def seen(session: Session, row: SurveyRow, now: datetime) -> None:
    """Somebody has looked at a bad score."""
    lock_row(session, row)
    row.waits_since = None
    rows.keep(session, row)
    changes.append(session, ChangeKind.WORK, row.question_id, now)


def _score(row: SurveyRow, post: PostRow) -> GivenScore | None:
    kind = SurveyKind(row.kind)
    return score_of(post.text, kind.low, kind.high)


def _note(session: Session, row: SurveyRow, score: int, now: datetime, *, has_words: bool) -> None:
    is_new = score != row.score
    row.score, row.said_at = score, row.said_at or now
    if not needs_look(SurveyKind(row.kind), score, has_words=has_words):
        row.waits_since = None
    elif is_new or has_words:
        row.waits_since = row.waits_since or now
    rows.keep(session, row)
    changes.append(session, ChangeKind.WORK, row.question_id, now)
