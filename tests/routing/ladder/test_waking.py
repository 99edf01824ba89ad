"""Who is woken when a hand becomes free: who waits longest and could go to it, and only a handful."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from routing.ladder.policy import Policy
from routing.ladder.roster import Roster, Workload
from routing.ladder.route import route
from routing.ladder.waking import WaitingQuestion, to_wake
from routing.model.domain import Employee, Expertise, Load, Question, Shift, Topic, TopicWeight
from routing.model.topics import Taxonomy

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # a Monday
TAXONOMY = Taxonomy([Topic("wifi", "Wi-Fi", ("router",)), Topic("tv", "TV", ("picture",))])
WIFI, TV = (TopicWeight("wifi", 1.0),), (TopicWeight("tv", 1.0),)


def knows(number, topic="wifi", **more):
    return Employee(number, f"E{number}", expertise=(Expertise(topic, 2),), **{"open_cap": 1, **more})


def wake(waiting, staff, hands=(1,), loads=None, limit=100):
    roster = Roster(staff)
    return to_wake(waiting, hands, roster, Workload(roster, loads or {}), TAXONOMY, NOW, limit)


def test_r24_one_free_hand_wakes_a_handful_however_many_wait():
    waiting = [WaitingQuestion(number, None, WIFI) for number in range(1, 100_001)]
    woken = wake(waiting, [knows(1)])
    assert woken == list(range(1, len(woken) + 1))
    assert len(woken) <= 6


def test_r24_many_hands_wake_no_more_than_the_limit():
    waiting = [WaitingQuestion(number, None, WIFI) for number in range(1, 1001)]
    staff = [knows(number, open_cap=10) for number in range(1, 51)]
    assert wake(waiting, staff, hands=range(1, 51), limit=100) == list(range(1, 101))


def test_r24_a_raised_cap_wakes_as_many_as_it_has_room_for():
    waiting = [WaitingQuestion(number, None, WIFI) for number in range(1, 1001)]
    assert set(range(1, 21)) <= set(wake(waiting, [knows(1, open_cap=20)]))


def test_r24_who_knows_the_subject_is_found_behind_many_who_wait_for_another():
    waiting = [WaitingQuestion(number, None, WIFI) for number in range(1, 401)] + [
        WaitingQuestion(401, None, TV)
    ]
    assert 401 in wake(waiting, [knows(1, "tv")])


def test_r24_nobody_is_woken_for_whom_it_would_be_in_vain():
    mine = [WaitingQuestion(1, "fi", WIFI), WaitingQuestion(2, None, WIFI, frozenset({1}))]
    assert wake(mine, [knows(1, languages=("en",))]) == []


def test_r24_a_hand_that_is_not_free_wakes_nobody():
    waiting = [WaitingQuestion(1, None, WIFI)]
    full = {1: Load(open_offers=1, offers_today=1)}
    night = (Shift(0, 1200, 1260),)
    assert wake(waiting, [knows(1)], loads=full) == []
    assert wake(waiting, [knows(1, shifts=night)]) == []
    assert wake(waiting, [knows(1, paused_until=NOW + timedelta(hours=1))]) == []
    assert wake(waiting, [knows(1)], hands=(7,)) == []


def test_r24_who_comes_on_duty_is_waited_for_while_others_hands_are_full():
    """The next look comes no later than working hours begin, however long the question has waited."""
    asked_at = NOW - timedelta(hours=8)
    question = Question(1, "@brand my router is dead", asked_at)
    staff = [knows(1), knows(2, shifts=(Shift(0, 630, 1020),))]
    full = {1: Load(open_offers=1, offers_today=1)}
    policy = replace(Policy(), wait_for_duty=timedelta(days=3), wait_for_more=timedelta(days=3))
    routing = route(question, Roster(staff), policy, NOW, taxonomy=TAXONOMY, loads=full)
    assert routing.due_at == NOW + timedelta(minutes=30)
    assert routing.waits
