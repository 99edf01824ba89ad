"""A conversation played through the product: posts come in by the feed, answers go out, the archive decides.

One house, put together as any other process is, plays one conversation after the other, a minute from post to
post. Where a person would have to decide about an answer it is approved, as the correction of one before it:
what is measured is what is understood, not who looks at it first.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from app.wiring.composition import Chorus, build
from app.wiring.platforms.local.settings import LocalSettings
from app.wiring.rule_settings import PublishSettings
from app.wiring.settings import SearchSettings, Settings
from bot.actions.conversations import decide
from bot.actions.people import employees
from bot.actions.people.details import Details
from bot.actions.undecidable import Undecidable
from bot.platforms.accounts import Account
from bot.platforms.local.adapter import Local
from bot.posts import PostEvent
from bot.states import AnswerKind, AnswerState, EntryState, PostKind
from bot.store import migrations, rows
from bot.store.archive import entries
from bot.store.conversations import answers, deliveries, posts
from bot.store.engine import Database, Session, open_engine
from bot.store.house.feed import StoredFeed
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.wording.compose import CreditStyle
from routing.dialogue.turns import By, TurnKind, Utterance
from routing.evaluation.conversations import QuestionOutcome
from routing.model.domain import QuestionState
from routing.model.text import has_tag, mentions

_BEGIN: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_BRAND: Final = "brand"
_EXPERT: Final = "expert"
_KINDS: Final = {
    PostKind.FOLLOW_UP: TurnKind.DETAILS,
    PostKind.THANKS: TurnKind.THANKS,
    PostKind.NOT_HELPED: TurnKind.NOT_HELPED,
    PostKind.COMMUNITY: TurnKind.ANSWER,
}


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a conversation: the kind of each turn, and its questions with their titles."""

    kinds: tuple[TurnKind, ...]
    questions: tuple[QuestionOutcome, ...]
    titles: tuple[str, ...]


@dataclass
class _Clock:
    at: datetime = _BEGIN

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Stage:
    """A house in which conversations are played; each has customers of its own."""

    chorus: Chorus
    clock: _Clock
    local: Local
    feed: StoredFeed
    _played: int = 0

    @classmethod
    @contextmanager
    def opened(cls, directory: Path) -> Iterator["Stage"]:
        """A fresh house over files in this directory."""
        clock = _Clock()
        settings = Settings(
            database_url=f"sqlite:///{directory / 'chorus.db'}",
            data_directory=directory,
            secret_key=secrets.token_hex(),
            local=LocalSettings(handle=_BRAND, enabled=True),
            search=SearchSettings(meaning=False),
            publish=PublishSettings(credit=CreditStyle.NONE),
        )
        database = Database(open_engine(settings.database_url))
        migrations.upgrade(database.engine)
        database.close()
        chorus = build(settings, clock=clock)
        feed = StoredFeed(chorus.database)
        local = Local(feed, _BRAND, [secrets.token_hex()], settings.base_url, clock)
        with chorus.database.write() as session:
            account = Account(Local.name, _EXPERT, _EXPERT)
            details = Details(_EXPERT.title(), f"{_EXPERT}@example.com")
            employees.add_employee(session, details, accounts=[account], now=clock())
        try:
            yield cls(chorus, clock, local, feed)
        finally:
            chorus.stop()

    def play(self, turns: Sequence[Utterance]) -> Played:
        """Everybody says their part, one after the other."""
        self._played += 1
        said = _Said(self, self._played)
        for turn in turns:
            self.clock.at += timedelta(minutes=1)
            said.turn(turn)
        return said.outcome()

    def post(self, author: str, text: str, in_reply_to: str | None) -> str:
        """Somebody posts, and everything that follows at once has happened; the post's id."""
        post = self.feed.append(author, text, in_reply_to=in_reply_to)
        body, _ = self.local.webhook(PostEvent.CREATED, post)
        self.chorus.ingest.write(self.local.parse(body))
        self.work()
        return post.id

    def work(self) -> None:
        """The lanes that a conversation goes through, until nothing is left to do."""
        if self.chorus.worker is not None:
            self.chorus.worker.run_until_idle("intake", "deliver")


@dataclass
class _Said:
    """What was said in one conversation so far."""

    stage: Stage
    number: int
    _kinds: list[TurnKind] = field(default_factory=list)
    _ids: list[str] = field(default_factory=list)
    """By turn, the post that replies to it reply to: what the brand published of an employee's."""
    _answers: dict[int, int] = field(default_factory=dict)
    """The turns of stored answers, by their ids."""
    _others: dict[int, int] = field(default_factory=dict)
    """The turns of posts that no employee wrote, by their ids."""
    _opened: dict[int, int] = field(default_factory=dict)
    """The turns that opened questions, by their ids."""

    def turn(self, turn: Utterance) -> None:
        """One more turn."""
        above = None if turn.to is None else self._ids[turn.to]
        if turn.by is By.EMPLOYEE:
            self._employee(turn, above or (self._ids[-1] if self._ids else None))
        else:
            self._outside(turn, above)

    def outcome(self) -> Played:
        """What came of it, as it stands."""
        found, titles = [], []
        with self.stage.chorus.database.read() as session:
            published = answers.published_in_order(session, list(self._opened))
            for question_id, place in self._opened.items():
                front = next((one for one in published[question_id] if one.lead), None)
                entry = entries.of_question(session, question_id)
                keeps = entry is not None and entry.state == EntryState.PUBLIC
                accepted = None if front is None else self._place_of(front)
                found.append(QuestionOutcome(place, accepted, keeps))
                titles.append(entry.title if entry is not None else "")
            kinds = list(self._kinds)
            for post_id, place in self._others.items():
                if rows.one(session, PostRow, post_id).verdict == PostKind.ASIDE:  # seen better since
                    kinds[place] = TurnKind.ASIDE
        return Played(tuple(kinds), tuple(found), tuple(titles))

    def _place_of(self, answer: AnswerRow) -> int | None:
        """The turn in which an answer was given, by an employee or by another customer."""
        return self._answers.get(answer.id, self._others.get(answer.post_id or 0))

    def _outside(self, turn: Utterance, above: str | None) -> None:
        who = "customer" if turn.by is By.CUSTOMER else "other"
        text = turn.text
        if above is None and _BRAND not in (name.casefold() for name in mentions(text)):
            text = f"@{_BRAND} {text}"
        post_id = self.stage.post(f"{who}{self.number}", text, above)
        with self.stage.chorus.database.read() as session:
            post = posts.by_external_id(session, Local.name, post_id)
            kind = TurnKind.ASIDE if post is None else self._kind_of(session, post)
            if post is not None:
                self._others[post.id] = len(self._kinds)
        self._kinds.append(kind)
        self._ids.append(post_id)

    def _kind_of(self, session: Session, post: PostRow) -> TurnKind:
        if post.verdict != PostKind.QUESTION:
            return _KINDS.get(PostKind(post.verdict or PostKind.ASIDE), TurnKind.ASIDE)
        question = rows.one(session, QuestionRow, post.question_id)
        if question.state == QuestionState.DISMISSED:
            return TurnKind.ASIDE
        kind = TurnKind.NEW_QUESTION if question.follows_id in self._opened else TurnKind.QUESTION
        self._opened[question.id] = len(self._kinds)
        return kind

    def _employee(self, turn: Utterance, above: str | None) -> None:
        tag = self.stage.chorus.rules.tag
        text = turn.text if has_tag(turn.text, tag) else f"{turn.text} {tag}"
        post_id = self.stage.post(_EXPERT, text, above)
        with self.stage.chorus.database.write() as session:
            answer = self._answer(session, post_id)
            if answer is not None and answer.state == AnswerState.HELD:
                with suppress(Undecidable):
                    decide.approve(
                        session,
                        self.stage.chorus.answering,
                        answer,
                        AnswerKind.CORRECTION,
                        self.stage.clock(),
                    )
        self.stage.work()
        with self.stage.chorus.database.read() as session:
            answer = self._answer(session, post_id)
            self._kinds.append(TurnKind(answer.said) if answer and answer.said else TurnKind.ANSWER)
            self._ids.append(post_id)
            if answer is not None:
                self._answers[answer.id] = len(self._ids) - 1
                sent = deliveries.of_answer(session, answer.id)
                self._ids[-1] = next((one.external_id for one in sent if one.external_id), post_id)

    def _answer(self, session: Session, post_id: str) -> AnswerRow | None:
        post = posts.by_external_id(session, Local.name, post_id)
        if post is None:
            return None
        return answers.of_post(session, post.id)
