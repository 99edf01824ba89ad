"""What a working process does, step by step, and on which threads it does that."""

from dataclasses import dataclass

from bot.steps.announcing.tell_first import TellFirst
from bot.steps.community.give_likes import GiveLikes
from bot.steps.deliver import Deliver
from bot.steps.departments.digest import WriteDigests
from bot.steps.expire import Expire
from bot.steps.figures.ask_customers import AskCustomers
from bot.steps.figures.goal_watch import GoalWatch
from bot.steps.figures.roll_up import RollUp
from bot.steps.gathering.gather import Gather
from bot.steps.gathering.tell import Tell
from bot.steps.hooks import Hooks
from bot.steps.intake.intake import Intake
from bot.steps.learning.learner import Learner
from bot.steps.listening.search_words import SearchWords
from bot.steps.notify import Notify
from bot.steps.patience import Patience
from bot.steps.recheck import Recheck
from bot.steps.route import Route
from bot.steps.settle import Settle
from bot.steps.take_back import TakeBack
from bot.steps.timekeeping import Timekeeping
from bot.steps.topics.refile import Refile
from bot.steps.upkeep import Upkeep
from bot.steps.watch import Watch
from bot.worker import Lane, Scheduled


@dataclass(frozen=True, slots=True)
class Steps:
    """What a working process does, step by step; each can be run by itself."""

    intake: Intake
    route: Route
    deliver: Deliver
    settle: Settle
    take_back: TakeBack
    timekeeping: Timekeeping
    expire: Expire
    patience: Patience
    recheck: Recheck
    watch: Watch
    upkeep: Upkeep
    learner: Learner
    gather: Gather
    tell: Tell
    search_words: SearchWords
    give_likes: GiveLikes
    roll_up: RollUp
    goal_watch: GoalWatch
    refile: Refile
    ask_customers: AskCustomers
    hooks: Hooks
    notify: Notify | None
    """None where there is no channel to tell people on."""
    digests: WriteDigests | None
    """None where nobody can be told by mail."""
    tell_first: TellFirst | None
    """None where customers are mailed nothing."""


def lanes_of(steps: Steps) -> list[Lane]:
    """What runs on which thread, and how often.

    Each lane runs its steps in turn, and rests when none had work: ``rest`` is the seconds until it looks
    again by itself; ``hears`` says whether news wakes it before that; ``gathers`` are the seconds in which
    more may come together after a turn that found little. A step with ``every`` runs at most once in so many
    seconds, the others at each turn.
    """
    lanes = [
        # Each on its own: an answer must not wait while people are being sought for other questions.
        Lane("intake", [Scheduled(steps.intake.run)], rest=0.5, gathers=0.1),
        Lane("route", [Scheduled(steps.route.run)], rest=0.5, gathers=0.1),
        Lane(
            "gather",
            [
                Scheduled(steps.gather.run),
                Scheduled(steps.gather.look_again, every=15.0),
                Scheduled(steps.gather.calm, every=60.0),
            ],
            rest=2.0,
            hears=False,
        ),
        # Thousands who come in at once never hold up who is told, nor the other way round; what has gone out
        # makes room for more.
        Lane("tell", [Scheduled(steps.tell.run)], rest=0.5),
        # What there is to learn never keeps a question waiting.
        Lane(
            "learn",
            [Scheduled(steps.learner.catch_up), Scheduled(steps.learner.fit, every=60.0)],
            rest=5.0,
            hears=False,
        ),
        Lane(
            "deliver",
            [Scheduled(steps.take_back.run), Scheduled(steps.deliver.run), Scheduled(steps.settle.run)],
            rest=0.5,
            gathers=0.1,
        ),
        Lane(
            "house",
            [
                Scheduled(steps.timekeeping.run),
                Scheduled(steps.timekeeping.look, every=10.0),
                Scheduled(steps.expire.run),
                Scheduled(steps.expire.forget, every=600.0),
                Scheduled(steps.patience.run, every=60.0),
                Scheduled(steps.ask_customers.run, every=60.0),
            ],
            rest=2.0,
            hears=False,
        ),
        # It asks platforms, and a slow one must not keep offers from ending on time.
        Lane("recheck", [Scheduled(steps.recheck.run)], rest=5.0, hears=False),
        # So does this, and what nobody asked us is never urgent.
        Lane(
            "listen",
            [
                Scheduled(steps.search_words.run),
                Scheduled(steps.search_words.forget, every=600.0),
                Scheduled(steps.give_likes.run),
            ],
            rest=5.0,
            hears=False,
        ),
        Lane(
            "watch",
            [
                Scheduled(steps.watch.check, every=300.0),
                Scheduled(steps.watch.follow, every=15.0),
                Scheduled(steps.watch.note_waiting, every=300.0),
            ],
            rest=5.0,
            hears=False,
        ),
        Lane(
            "upkeep",
            [
                Scheduled(steps.upkeep.put_up, every=600.0),
                Scheduled(steps.upkeep.forget_private, every=600.0),
                Scheduled(steps.upkeep.run),
            ],
            rest=30.0,
            hears=False,
        ),
        Lane(
            "figures",
            [Scheduled(steps.roll_up.run), Scheduled(steps.goal_watch.look, every=120.0)],
            rest=10.0,
            hears=False,
            gathers=10.0,
        ),
        Lane("topics", [Scheduled(steps.refile.run)], rest=5.0, hears=False),
        # Other programs' servers: a slow one keeps nothing of ours waiting.
        Lane(
            "hooks",
            [
                Scheduled(steps.hooks.run),
                Scheduled(steps.hooks.look, every=15.0),
                Scheduled(steps.hooks.forget, every=600.0),
            ],
            rest=2.0,
            hears=False,
        ),
    ]
    if steps.notify is not None:
        # On a lane of its own: a slow mail server must not keep offers from ending on time.
        notices = [Scheduled(steps.notify.look, every=15.0), Scheduled(steps.notify.run)]
        if steps.digests is not None:
            notices.append(Scheduled(steps.digests.run, every=300.0))
        lanes.append(Lane("notices", notices, rest=2.0, hears=False))
    if steps.tell_first is not None:
        # Ten thousand customers who are mailed something keep no employee waiting for a notice.
        lanes.append(Lane("first", [Scheduled(steps.tell_first.run)], rest=2.0, hears=False))
    return lanes
