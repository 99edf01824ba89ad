"""How a row that waits becomes a line of the board."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.states import DeliveryKind
from bot.store.people import api_tokens
from bot.store.queries.board.lines import BoardLine
from bot.store.queries.board.source import BoardSource
from bot.store.queries.pages.desk import is_private
from bot.store.tables.conversations import EntryRow, PostRow, QuestionRow
from bot.store.tables.figures import GoalRow
from bot.store.tables.hooks import ApiTokenRow, HookEndpointRow
from bot.store.tables.house import TextRow
from bot.store.tables.matters import MatterRow
from bot.store.tables.people import JoinRequestRow
from routing.figures.goals import GoalMeasure
from routing.figures.survey import SurveyKind
from routing.model.domain import QuestionState

_COUNTED = 1_000
_TAKES_DOWN = "A post of the brand's that was taken back and is still out"


def _topics(question: QuestionRow | None) -> tuple[str, ...]:
    """What it is about; nothing where nobody can tell from the row."""
    with suppress(TypeError, ValueError):
        return tuple(one.slug for one in question.weights) if question is not None else ()
    return ()


def question_line(source: BoardSource, row: Any) -> BoardLine:
    question: QuestionRow = row[0]
    is_last_call = question.state == QuestionState.OFFERED
    return BoardLine(
        kind=source.kind,
        id=question.id,
        pressing=source.pressing,
        since=question.reopened_at or question.asked_at,
        words=question.text,
        view=question,
        who=question.customer_handle,
        platform=question.platform,
        language=question.language,
        topics=_topics(question),
        reach=question.reach,
        question_id=question.id,
        note=question.note or question.last_error or "",
        deadline=question.due_at if is_last_call else None,
    )


def answer_line(source: BoardSource, row: Any) -> BoardLine:
    answer, question, name, visibility, *_ = row
    is_hidden = is_private(answer, visibility)
    return BoardLine(
        kind=source.kind,
        id=answer.id,
        pressing=source.pressing,
        since=answer.written_at,
        words="" if is_hidden else answer.text,
        view=row,
        who=name or answer.credit or "Somebody",
        platform=question.platform,
        language=question.language,
        topics=_topics(question),
        reach=question.reach,
        question_id=question.id,
        note=answer.held_for or "It waits for a decision.",
        is_private=is_hidden,
    )


def challenge_line(source: BoardSource, row: Any) -> BoardLine:
    challenge, answer, question, name, *_ = row
    return BoardLine(
        kind=source.kind,
        id=challenge.id,
        pressing=source.pressing,
        since=challenge.made_at,
        words=answer.text,
        view=(challenge, answer, question),
        who=name or "",
        platform=question.platform,
        language=question.language,
        topics=_topics(question),
        reach=question.reach,
        question_id=question.id,
    )


def message_line(source: BoardSource, row: Any) -> BoardLine:
    delivery, question, name, *_ = row
    is_retraction = delivery.kind == DeliveryKind.RETRACTION
    return BoardLine(
        kind=source.kind,
        id=delivery.id,
        pressing=source.pressing,
        since=delivery.created_at,
        words=_TAKES_DOWN if is_retraction else delivery.sends.text or "",
        view=delivery,
        who=name or "",
        platform=delivery.platform,
        language=question.language if question else None,
        topics=_topics(question),
        reach=question.reach if question else None,
        question_id=delivery.question_id,
        note=delivery.reason or delivery.last_error or "",
    )


def post_line(source: BoardSource, row: Any) -> BoardLine:
    post, name, *_ = row
    line = _of_post(source, post)
    return replace(line, who=name or line.who, note=post.last_error or "")


def _of_post(source: BoardSource, post: PostRow) -> BoardLine:
    return BoardLine(
        kind=source.kind,
        id=post.id,
        pressing=source.pressing,
        since=post.received_at,
        words=post.text if post.is_public else "",
        view=post,
        who=post.author_handle,
        platform=post.platform,
        language=post.language,
        reach=post.followers,
        question_id=post.question_id,
        is_private=not post.is_public,
    )


def community_line(source: BoardSource, row: Any) -> BoardLine:
    post, question, *_ = row
    line = _of_post(source, post)
    return replace(
        line,
        view=row,
        language=question.language,
        topics=_topics(question),
        question_id=question.id,
    )


def entry_line(source: BoardSource, row: Any) -> BoardLine:
    entry: EntryRow = row[0]
    return BoardLine(
        kind=source.kind,
        id=entry.id,
        pressing=source.pressing,
        since=entry.updated_at,
        words=entry.title,
        view=entry,
        platform=entry.platform,
        language=entry.language,
        topics=(entry.topic,) if entry.topic else (),
        question_id=entry.question_id,
        note=entry.review or "",
    )


def announcement_line(source: BoardSource, row: Any) -> BoardLine:
    announcement, name, *_ = row
    return BoardLine(
        kind=source.kind,
        id=announcement.id,
        pressing=source.pressing,
        since=announcement.changed_at,
        words=announcement.text,
        view=announcement,
        who=name or "",
        language=announcement.language,
    )


def statement_line(source: BoardSource, row: Any) -> BoardLine:
    statement, matter, name, *_ = row
    return BoardLine(
        kind=source.kind,
        id=statement.id,
        pressing=source.pressing,
        since=statement.written_at,
        words=statement.text_for(None),
        view=(statement, matter),
        who=name or "",
        topics=(matter.topic,) if matter.topic else (),
    )


def surge_line(source: BoardSource, row: Any) -> BoardLine:
    matter: MatterRow = row[0]
    return BoardLine(
        kind=source.kind,
        id=matter.id,
        pressing=source.pressing,
        since=matter.surge_at or matter.last_at,
        words=matter.title,
        view=matter,
        topics=(matter.topic,) if matter.topic else (),
        note=matter.surge,
    )


def score_line(source: BoardSource, row: Any) -> BoardLine:
    """The words beside the score are for those in charge alone: the page shows them by what one may."""
    survey, question, said, *_ = row
    return BoardLine(
        kind=source.kind,
        id=survey.id,
        pressing=source.pressing,
        since=survey.waits_since,
        words=question.text,
        view=(survey, said),
        who=question.customer_handle,
        platform=question.platform,
        language=question.language,
        topics=_topics(question),
        reach=question.reach,
        question_id=question.id,
        note=f"They gave {survey.score} of {SurveyKind(survey.kind).high} when they were asked how it went.",
    )


def campaign_line(source: BoardSource, row: Any) -> BoardLine:
    matter, campaign, *_ = row
    return BoardLine(
        kind=source.kind,
        id=matter.id,
        pressing=source.pressing,
        since=campaign.due_at or campaign.made_at,
        words=campaign.demand,
        view=matter,
        topics=(matter.topic,) if matter.topic else (),
    )


def goal_line(source: BoardSource, row: Any) -> BoardLine:
    goal: GoalRow = row[0]
    return BoardLine(
        kind=source.kind,
        id=goal.id,
        pressing=source.pressing,
        since=goal.missed_since or goal.set_at,
        words=_goal_words(goal),
        view=goal,
        topics=(goal.topic,) if goal.topic else (),
    )


def _goal_words(goal: GoalRow) -> str:
    match GoalMeasure(goal.measure):
        case GoalMeasure.SATISFIED:
            return f"{goal.percent} of 100 who say whether it helped are to be satisfied"
        case GoalMeasure.CSAT:
            return f"The CSAT is to be {goal.percent} % at least"
        case GoalMeasure.NPS:
            return f"The NPS is to be {goal.percent:+d} at least"
    return f"{goal.percent} of 100 are to have a response within {goal.within_seconds / 60:g} minutes"


def text_line(source: BoardSource, row: Any) -> BoardLine:
    text: TextRow = row[0]
    return BoardLine(
        kind=source.kind,
        id=text.id,
        pressing=source.pressing,
        since=text.proposed_at,  # type: ignore[arg-type]  # what nobody proposed does not wait
        words=text.title,
        view=text,
        who=text.proposed_by,
        note=_with_text(text),
    )


def _with_text(text: TextRow) -> str:
    if text.retires:
        return "With it, the text is retired: it stands on About no more."
    return "With it, employees accept the guidelines anew." if text.accept_anew else ""


def newcomer_line(source: BoardSource, row: Any) -> BoardLine:
    request: JoinRequestRow = row[0]
    return BoardLine(
        kind=source.kind,
        id=request.id,
        pressing=source.pressing,
        since=request.asked_at,
        words=f"{request.name} wants to take part.",
        view=request,
        who=request.email,
        topics=tuple(request.levels),
    )


def endpoint_line(source: BoardSource, row: Any) -> BoardLine:
    endpoint: HookEndpointRow = row[0]
    given_up, given_up_since = row[1], row[2]
    said = [f"{given_up if given_up <= _COUNTED else 'More than 1,000'} given up."] if given_up else []
    return BoardLine(
        kind=source.kind,
        id=endpoint.id,
        pressing=source.pressing,
        since=endpoint.failing_since or given_up_since or endpoint.created_at,
        words=endpoint.name,
        view=(endpoint, given_up),
        note=" ".join([*said, endpoint.problem or ""]).strip(),
    )


def token_line(source: BoardSource, row: Any) -> BoardLine:
    token: ApiTokenRow = row[0]
    ends: datetime = token.expires_at  # type: ignore[assignment]  # one without an end is not about to
    return BoardLine(
        kind=source.kind,
        id=token.id,
        pressing=source.pressing,
        since=max(token.created_at, ends - api_tokens.RUNS_OUT),
        words=f"{token.name} (…{token.hint})",
        view=token,
        note="Whatever reads with it then reads no more: make it a new one in time.",
        deadline=ends,
    )
