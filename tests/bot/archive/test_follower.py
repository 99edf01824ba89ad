"""The thread that keeps replicas up to date."""

from threading import Event

from bot.archive.follower import Follower


class Replica:
    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.looks = 0
        self.looked = Event()

    def follow(self) -> int:
        self.looks += 1
        self.looked.set()
        if self.looks <= self.failures:
            raise RuntimeError("the database is away")
        return 0


def test_a_nudge_makes_it_look_at_once() -> None:
    replica = Replica()
    follower = Follower([replica], interval=3_600)
    follower.start()
    assert replica.looked.wait(5)
    replica.looked.clear()
    follower.nudge()
    assert replica.looked.wait(5)
    follower.stop()


def test_nudges_that_follow_each_other_closely_are_taken_together() -> None:
    replica = Replica()
    follower = Follower([replica], gather=3_600)
    follower.start()
    assert replica.looked.wait(5)
    for _ in range(10):
        follower.nudge()
    follower.stop()
    assert replica.looks == 1


def test_without_a_nudge_it_looks_by_itself() -> None:
    replica = Replica()
    follower = Follower([replica], interval=0.01)
    follower.start()
    for _ in range(3):
        replica.looked.clear()
        assert replica.looked.wait(5)
    follower.stop()


def test_trouble_is_told_and_ends_when_it_works_again() -> None:
    replica = Replica(failures=1)
    follower = Follower([replica])
    follower.look()
    assert follower.trouble == "the database is away"
    follower.look()
    assert follower.trouble is None


def test_stopping_before_starting_does_no_harm() -> None:
    Follower([Replica()]).stop()


def test_a_replica_that_fails_for_long_is_tried_ever_more_rarely_and_does_not_hold_up_the_others() -> None:
    broken, sound = Replica(failures=1_000), Replica()
    follower = Follower([broken, sound])
    for _ in range(100):
        follower.look()
    assert sound.looks == 100
    assert 5 <= broken.looks <= 9
    assert follower.trouble == "the database is away"
