"""What one process is made of, put together in one place: tests hand in fakes by argument."""

import random
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Request

from app.wiring.adapters import connect_platforms, health_checks, terms_of
from app.wiring.channels import channels_of, house_of, tells_first
from app.wiring.keys import sealer_of, stop_address, survey_address
from app.wiring.process.lanes import Steps, lanes_of
from app.wiring.publish_subscribe import ChangeBroker
from app.wiring.settings import EmbeddingChoice, Settings
from app.wiring.steering.in_force import HouseRules, rulebook_of
from app.wiring.steering.rules import policy_of, prices_of, survey_rules_of, working_hours_of
from app.wiring.telemetry import UNFIT
from bot.actions.archive.gate import judge_by
from bot.actions.conversations.answer import Answering
from bot.actions.figures.week import week_figures
from bot.actions.rules import Rules
from bot.actions.steering.rulebook import Rulebook
from bot.archive.follower import GATHER
from bot.archive.search import Search
from bot.channels.base import Channel, Reach, reaching
from bot.channels.digest import DigestFigures
from bot.channels.mail import MailChannel
from bot.listener import Listener
from bot.live import news
from bot.platforms.base import Clock, Platform
from bot.platforms.local.adapter import Local
from bot.steps.announcing.tell_first import TellFirst
from bot.steps.community.give_likes import GiveLikes
from bot.steps.deliver import Checkpoint, Deliver
from bot.steps.departments.digest import WriteDigests
from bot.steps.expire import Expire
from bot.steps.figures.ask_customers import AskCustomers
from bot.steps.figures.goal_watch import GoalWatch
from bot.steps.figures.roll_up import RollUp
from bot.steps.gathering.gather import Gather
from bot.steps.gathering.tell import Tell
from bot.steps.hooks import Hooks, SettingsEndpoint
from bot.steps.intake.intake import Intake
from bot.steps.learning.learner import Learner
from bot.steps.listening.search_words import SearchWords
from bot.steps.notify import Notify
from bot.steps.patience import Patience
from bot.steps.recheck import Recheck
from bot.steps.route import Route
from bot.steps.settle import Settle
from bot.steps.take_back import TakeBack
from bot.steps.timekeeping import Timekeeping, steady_seconds
from bot.steps.topics.refile import Refile
from bot.steps.upkeep import Upkeep
from bot.steps.watch import Watch
from bot.store.archive.entry_source import StoredEntries
from bot.store.archive.suggestions import StoredOutcomes
from bot.store.conversations.ingest import Ingest
from bot.store.departments import digests
from bot.store.engine import Database, Session, open_engine
from bot.store.hooks.outbox import always_listened
from bot.store.house.feed import StoredFeed
from bot.store.running.listen_notify import ChangeListener
from bot.worker import Bell, Worker
from routing.ladder.policy import Policy

_GATHER_WITHOUT_PAGES = 5.0
"""Seconds that entries are gathered for the search of a process that only asks it what to suggest."""


@dataclass(frozen=True, slots=True)
class Chorus:
    """One process's parts. ``steps`` and ``worker`` are None where another process does the work."""

    given: Settings
    """What the environment says."""
    database: Database
    clock: Clock
    timer: Callable[[], float]
    platforms: Mapping[str, Platform]
    channels: Mapping[str, Channel]
    rulebook: Rulebook[HouseRules]
    answering: Answering
    ingest: Ingest
    search: Search
    live: ChangeBroker
    bell: Bell
    signals: ChangeListener
    timekeeping: Timekeeping
    feed: StoredFeed | None = None
    steps: Steps | None = None
    worker: Worker | None = None
    listeners: Sequence[Listener] = ()

    @property
    def settings(self) -> Settings:
        """The settings in force: what the environment says, with what people in charge changed on top."""
        return self.rulebook().settings

    @property
    def rules(self) -> Rules:
        """The rules in force."""
        return self.rulebook().rules

    @property
    def local(self) -> Local | None:
        """The adapter of the built-in feed, where that is on."""
        return next((one for one in self.platforms.values() if isinstance(one, Local)), None)

    def start(self) -> None:
        """Begin to follow the entries and, where this process works, to work and to listen."""
        self.search.start()
        self.signals.start()
        if self.worker is not None:
            self.worker.start()
        for listener in self.listeners:
            listener.start()

    def stop(self) -> None:
        """End what was started; what is under way is finished first, half a minute at the most."""
        stopping = [threading.Thread(target=listener.stop) for listener in self.listeners]
        for thread in stopping:
            thread.start()
        if self.worker is not None:
            self.worker.stop()
        for thread in stopping:
            thread.join(timeout=10)
        self.ingest.close()
        self.signals.stop()
        self.search.stop()
        for platform in self.platforms.values():
            platform.close()
        for channel in self.channels.values():
            channel.close()
        self.database.close()


def build(
    settings: Settings,
    *,
    works: bool = True,
    serves: bool = True,
    clock: Clock | None = None,
    timer: Callable[[], float] | None = None,
    platforms: Mapping[str, Platform] | None = None,
    channels: Mapping[str, Channel] | None = None,
    search: Search | None = None,
    policy: Policy | None = None,
    checkpoint: Checkpoint = lambda _name: None,
    jitter: Callable[[], float] = random.random,
) -> Chorus:
    """Put a process together. Raises UnusableSettings.

    ``works`` and ``serves`` say whether it does the work, and whether people search in it.
    ``clock`` replaces the database's and the platforms' clocks; ``timer`` the seconds that nobody sets, by
    which steps are due, jumps of the clock are told and clients are limited: without it, a ``clock`` of one's
    own is believed. ``platforms`` replaces the adapters, ``channels`` how people are told, ``search`` the
    archive's search, ``policy`` the ladder of the settings; ``checkpoint`` is called at the points where
    tests crash the process; ``jitter`` draws between 0 and 1 how long failures wait.
    """
    database = Database(open_engine(settings.database_url), clock)
    if settings.hooks.url is not None:
        always_listened(database)
    time: Clock = clock or _now
    seconds = timer or _timer(clock)
    feed = StoredFeed(database) if settings.local_on else None
    telling = channels_of(settings, time) if channels is None else channels
    rulebook = rulebook_of(settings, database, seconds, reaching(telling, Reach.PERSON))
    judge_by(database, lambda: rulebook().rules.archive)
    adapters = platforms
    if adapters is None:
        adapters = connect_platforms(settings, database, feed, time, lambda: rulebook().rules.tags)
    bell, arrivals = Bell(), Bell()
    chorus = Chorus(
        given=settings,
        database=database,
        clock=time,
        timer=seconds,
        platforms=adapters,
        channels=telling,
        rulebook=rulebook,
        answering=Answering(adapters, lambda: rulebook().rules),
        ingest=Ingest(
            database, arrivals.ring, noted=lambda platform, field: UNFIT.labels(platform, field).inc()
        ),
        search=search or _search(settings, database, GATHER if serves else _GATHER_WITHOUT_PAGES),
        live=ChangeBroker(partial(news, database)),
        bell=bell,
        signals=ChangeListener(database, bell.ring),
        timekeeping=Timekeeping(database, seconds, bell.ring),
        feed=feed,
    )
    bell.tell(chorus.search.nudge)
    if not works:
        return chorus
    owner = f"{socket.gethostname()}-{uuid4().hex[:8]}"
    steps = _steps(chorus, owner, policy or policy_of(settings), checkpoint, jitter)
    closing = [steps.deliver.close, steps.learner.close, steps.hooks.close]
    worker = Worker(
        database,
        lanes_of(steps),
        name=owner,
        closing=closing,
        timer=seconds,
        learned=lambda: steps.learner.share,
    )
    bell.tell(worker.wake)
    arrivals.tell(lambda: worker.wake("intake"))
    return replace(chorus, steps=steps, worker=worker, listeners=_listeners(chorus, owner))


def _search(settings: Settings, database: Database, gather: float) -> Search:
    return Search.open(
        settings.data_directory / "search",
        StoredEntries(database),
        meaning=settings.search.meaning,
        multilingual=settings.search.model is EmbeddingChoice.MULTILINGUAL,
        model_directory=settings.search.model_directory,
        outcomes=StoredOutcomes(database),
        gather=gather,
    )


def _steps(
    chorus: Chorus, owner: str, policy: Policy, checkpoint: Checkpoint, jitter: Callable[[], float]
) -> Steps:
    settings, database, platforms = chorus.given, chorus.database, chorus.platforms
    rules = chorus.rules  # only of what nobody changes
    wake, ingest = chorus.bell.ring, chorus.ingest
    terms = {name: one for name, one in terms_of(settings).items() if name in platforms}
    notify = _notify(chorus, rules, owner)
    learner = Learner(
        database, settings.data_directory / "experts.snapshot", vector_of=chorus.search.vector_of
    )
    return Steps(
        intake=Intake(database, platforms, chorus.answering, ingest, owner, wake, checkpoint),
        route=Route(
            database,
            rules,
            policy,
            owner,
            learner,
            chorus.search,
            chorus.answering,
            notify=notify.queue if notify is not None else None,
            wake=wake,
            give_way=ingest.rush.give_way,
            checkpoint=checkpoint,
            jitter=jitter,
        ),
        deliver=Deliver(
            database, platforms, rules, owner, wake, checkpoint, jitter, heard=ingest.write, terms=terms
        ),
        settle=Settle(database, platforms, rules, owner, wake),
        take_back=TakeBack(database, platforms, rules, owner, wake, checkpoint, jitter),
        timekeeping=chorus.timekeeping,
        expire=Expire(database),
        patience=Patience(database, chorus.answering),
        recheck=Recheck(database, platforms, ingest, rules.attempts, terms),
        watch=Watch(database, platforms, health_checks(settings, platforms)),
        upkeep=Upkeep(database, owner, private_kept=rules.private_kept, wake=wake, timer=chorus.timer),
        learner=learner,
        gather=Gather(
            database,
            owner,
            chorus.search.vector_of,
            settings.data_directory / "matters.snapshot",
            wake=wake,
        ),
        tell=Tell(database, chorus.answering, wake, checkpoint),
        give_likes=GiveLikes(database, platforms, owner),
        search_words=SearchWords(database, platforms, ingest, owner, rules, terms, chorus.timer),
        roll_up=RollUp(database, lambda: working_hours_of(chorus.settings)),
        goal_watch=GoalWatch(database, lambda: working_hours_of(chorus.settings), owner),
        refile=Refile(database, checkpoint),
        ask_customers=AskCustomers(
            database,
            chorus.answering,
            lambda: survey_rules_of(chorus.settings),
            partial(survey_address, settings),
            wake,
            checkpoint,
        ),
        hooks=_hooks(chorus, owner, checkpoint, jitter),
        notify=notify,
        digests=_digests(chorus),
        tell_first=_tell_first(chorus, owner, checkpoint),
    )


def _hooks(chorus: Chorus, owner: str, checkpoint: Checkpoint, jitter: Callable[[], float]) -> Hooks:
    hooks = chorus.given.hooks
    secrets = tuple(one.get_secret_value() for one in hooks.secret)
    return Hooks(
        chorus.database,
        lambda: house_of(chorus.settings),
        owner,
        sealer=partial(sealer_of, chorus.given),
        clock=chorus.clock,
        settings=SettingsEndpoint(hooks.url, secrets, hooks.private_hosts),
        checkpoint=checkpoint,
        jitter=jitter,
    )


def _notify(chorus: Chorus, rules: Rules, owner: str) -> Notify | None:
    if not chorus.channels:
        return None
    return Notify(
        chorus.database,
        lambda: house_of(chorus.settings),
        rules,
        owner,
        chorus.channels,
        lambda: chorus.settings.timezone,
        partial(_of_week, chorus),
    )


def _of_week(
    chorus: Chorus, session: Session, department: int, monday: date, now: datetime
) -> DigestFigures | None:
    """A department's figures of the week before a Monday, as digests tell them."""
    settings = chorus.settings
    topics = digests.topics_of(session, department)
    return week_figures(session, working_hours_of(settings), prices_of(settings), monday, topics, now)


def _digests(chorus: Chorus) -> WriteDigests | None:
    if MailChannel.name not in chorus.channels:
        return None
    return WriteDigests(chorus.database, [MailChannel.name], lambda: chorus.settings.timezone)


def _tell_first(chorus: Chorus, owner: str, checkpoint: Checkpoint) -> TellFirst | None:
    mail = chorus.channels.get(MailChannel.name)
    if mail is None:
        return None
    house, stop = lambda: house_of(chorus.settings), partial(stop_address, chorus.given)
    return TellFirst(
        chorus.database, lambda: tells_first(chorus.settings), house, mail, owner, stop, checkpoint
    )


def _listeners(chorus: Chorus, owner: str) -> list[Listener]:
    """What reads the platforms that do not only call us, at their own pace or at the one the settings say."""
    listeners = []
    for platform in chorus.platforms.values():
        traits = platform.traits
        if traits.poll_interval is None:
            continue
        group = chorus.given.groups.get(platform.name)  # none where an adapter was handed in by itself
        poll_interval = (group and group.poll_interval) or traits.poll_interval
        listeners.append(
            Listener(
                chorus.database,
                platform,
                chorus.ingest,
                owner,
                poll_interval,
                streams=traits.streams,
                answers_poll_interval=max(poll_interval, traits.answers_poll_interval)
                if traits.answers_poll_interval
                else 0.0,
                answer_pages=traits.answer_pages,
            )
        )
    return listeners


def _timer(clock: Clock | None) -> Callable[[], float]:
    return steady_seconds if clock is None else lambda: clock().timestamp()


def _now() -> datetime:
    return datetime.now(UTC)


async def chorus_of(request: Request) -> Chorus:
    """The parts that serve this request."""  # async, for a plain function would go to a thread and back
    chorus: Chorus = request.app.state.chorus
    return chorus


Here = Annotated[Chorus, Depends(chorus_of)]
"""An endpoint's parameter of this type receives the parts of this process."""
