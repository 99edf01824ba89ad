"""Whom to ask now: the rules that always hold, and the ladder step by step."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.experts.evidence import PastQuestion
from routing.experts.experts import Experts
from routing.ladder.policy import Policy, Rung
from routing.ladder.roster import Roster
from routing.ladder.route import route, route_many
from routing.ladder.score import score
from routing.model.domain import (
    Employee,
    EmployeeState,
    Expertise,
    Load,
    Offer,
    OfferState,
    Outcome,
    PastAnswer,
    Question,
    QuestionState,
    Shift,
    Topic,
    TopicWeight,
)
from routing.model.topics import Taxonomy

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # a Monday
TAXONOMY = Taxonomy(
    [
        Topic("wifi", "Wi-Fi", ("router",)),
        Topic("tv", "TV", ("television", "picture")),
        Topic("smart-tv", "Smart TV", ("netflix",), parent="tv"),
    ]
)
POLICY = Policy(explore_rate=0.0)
OFFICE = tuple(Shift(day, 540, 1020) for day in range(5))
QUESTION = Question(1, "@brand my router is dead", NOW)


def knows(number, topic="wifi", level=2, **more):
    return Employee(number, f"E{number}", expertise=(Expertise(topic, level),), **more)


def ask(staff, question=QUESTION, now=NOW, *, asked=(), loads=None, policy=POLICY, experts=None):
    return route(
        question, Roster(staff), policy, now, taxonomy=TAXONOMY, experts=experts, asked=asked, loads=loads
    )


def ids(routing):
    return [offer.employee_id for offer in routing.offers]


# --- what always holds -------------------------------------------------------------------------------

shifts = st.builds(
    lambda day, start, length: Shift(day, start, min(1440, start + length)),
    st.integers(0, 6),
    st.integers(0, 1380),
    st.integers(30, 900),
)
employees = st.builds(
    lambda number, state, topics, own, zone, tongues, caps, pause: Employee(
        number,
        f"E{number}",
        state=state,
        expertise=tuple(Expertise(topic, level) for topic, level in topics.items()),
        shifts=tuple(own),
        timezone=zone,
        languages=tuple(tongues),
        daily_cap=caps[0],
        open_cap=caps[1],
        paused_until=None if pause is None else NOW + timedelta(hours=pause),
    ),
    st.integers(1, 60),
    st.sampled_from(EmployeeState),
    st.dictionaries(st.sampled_from(["wifi", "tv", "smart-tv", "other"]), st.integers(1, 3), max_size=3),
    st.lists(shifts, max_size=4),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
    st.sets(st.sampled_from(["en", "de", "fr"]), max_size=2),
    st.tuples(st.integers(0, 5), st.integers(0, 3)),
    st.none() | st.integers(-5, 5),
)
staffs = st.lists(employees, max_size=12, unique_by=lambda one: one.id)
questions = st.builds(
    lambda number, text, language, rung, turn, minutes, before: Question(
        number,
        text,
        NOW - timedelta(minutes=minutes),
        language=language,
        rung=rung,
        round=turn,
        answered_by=tuple(before),
        reopened_at=NOW if turn else None,
    ),
    st.integers(1, 10**9),
    st.sampled_from(["router", "netflix and my router", "television", "hello?", "WORST router EVER!!!"]),
    st.sampled_from([None, "en", "de", "und"]),
    st.integers(0, 4),
    st.integers(0, 2),
    st.integers(0, 3000),
    st.lists(st.integers(1, 60), max_size=3),
)
loads_of = st.dictionaries(
    st.integers(1, 60),
    st.builds(
        lambda open_offers, today, ago, usual: Load(
            open_offers, today, None if ago is None else NOW - timedelta(minutes=ago), usual
        ),
        st.integers(0, 4),
        st.integers(0, 6),
        st.none() | st.integers(0, 60_000),
        st.none() | st.floats(0.1, 500),
    ),
    max_size=12,
)


@st.composite
def cases(draw):
    question, staff = draw(questions), draw(staffs)
    asked = [
        Offer(
            question.id,
            employee_id,
            NOW - timedelta(minutes=ago),
            NOW - timedelta(minutes=ago) + timedelta(minutes=10),
            rung=1,
            round=turn,
            state=state,
        )
        for employee_id, ago, turn, state in draw(
            st.lists(
                st.tuples(
                    st.integers(1, 60), st.integers(0, 30), st.integers(0, 2), st.sampled_from(OfferState)
                ),
                max_size=4,
            )
        )
    ]
    return question, staff, asked, draw(loads_of), draw(st.booleans())


def taught():
    experts = Experts()
    for number in range(1, 30):
        past = PastQuestion(
            1000 + number, NOW - timedelta(days=number), "my router is slow", topics=("wifi",)
        )
        answer = PastAnswer(
            1000 + number, number % 7 + 1, NOW - timedelta(days=number - 0.5), "reboot", ("wifi",)
        )
        experts.learn(past, answer)
    return experts


TAUGHT = taught()


def on_duty(employee, now):
    local = now.astimezone(ZoneInfo(employee.timezone))
    minute = local.hour * 60 + local.minute
    return not employee.shifts or any(
        s.weekday == local.weekday() and s.start <= minute < s.end for s in employee.shifts
    )


@given(cases())
@settings(max_examples=200)
def test_nobody_is_asked_who_should_not_be(case):
    question, staff, asked, loads, learned = case
    routing = ask(staff, question, asked=asked, loads=loads, experts=TAUGHT if learned else None)
    by_id = {employee.id: employee for employee in staff}
    assert len(set(ids(routing))) == len(routing.offers)
    for offer in routing.offers:
        who, load = by_id[offer.employee_id], loads.get(offer.employee_id, Load())
        assert who.state is EmployeeState.ACTIVE or (who.state is EmployeeState.PAUSED and who.paused_until)
        assert who.paused_until is None or who.paused_until <= NOW
        assert on_duty(who, NOW)
        assert load.offers_today < who.daily_cap
        assert load.open_offers < who.open_cap
        assert not who.languages or question.language in {None, "und", *who.languages}
        assert offer.employee_id not in {one.employee_id for one in asked if one.round == question.round}


@given(cases())
@settings(max_examples=200)
def test_every_explanation_adds_up_and_says_something(case):
    question, staff, asked, loads, learned = case
    for offer in ask(staff, question, asked=asked, loads=loads, experts=TAUGHT if learned else None).offers:
        assert sum(reason.share for reason in offer.reasons) == pytest.approx(offer.score, abs=1e-9)
        assert all(reason.text for reason in offer.reasons)


@given(cases())
@settings(max_examples=200)
def test_a_question_never_gets_stuck(case):
    question, staff, asked, loads, _ = case
    routing = ask(staff, question, asked=asked, loads=loads)
    if routing.state is QuestionState.ESCALATED:
        assert routing.due_at is None
        assert not routing.offers
    else:
        assert routing.state in (QuestionState.OPEN, QuestionState.OFFERED)
        assert routing.due_at is not None
        assert routing.due_at > NOW
    assert routing.rung in (question.rung, question.rung + 1)
    assert bool(routing.offers) == (routing.rung > question.rung)
    assert all(offer.expires_at >= routing.due_at for offer in routing.offers)


@given(cases())
@settings(max_examples=200)
def test_the_same_question_is_routed_the_same_way(case):
    question, staff, asked, loads, _ = case
    assert ask(staff, question, asked=asked, loads=loads) == ask(
        staff[::-1], question, asked=asked, loads=loads
    )


@given(st.integers(1, 2), st.integers(1, 10**6), st.booleans())
@settings(max_examples=100)
def test_a_higher_level_never_lowers_the_score_or_the_place(level, number, learned):
    question = replace(QUESTION, id=number)
    one = [knows(n, level=1 + n % 3) for n in range(1, 9)]
    better = [replace(e, expertise=(Expertise("wifi", level + 1),)) if e.id == 4 else e for e in one]
    worse = [replace(e, expertise=(Expertise("wifi", level),)) if e.id == 4 else e for e in one]
    experts = TAUGHT if learned else None
    policy = Policy(explore_rate=0.0, rungs=(Rung(8, timedelta(minutes=5)),))
    high, low = (ask(staff, question, policy=policy, experts=experts) for staff in (better, worse))
    scores = [next(o.score for o in routing.offers if o.employee_id == 4) for routing in (high, low)]
    assert scores[0] > scores[1]
    assert ids(high).index(4) <= ids(low).index(4)


def test_a_silent_model_falls_back_to_declared_expertise():
    staff = [knows(1, level=1), knows(2, level=3), knows(3, "tv", 3), knows(4, level=2)]
    with_model, without = ask(staff, experts=Experts()), ask(staff)
    assert ids(with_model) == ids(without) == [2, 4, 1]


@given(st.integers(1, 1000))
@settings(max_examples=50)
def test_a_single_score_is_what_route_says(number):
    staff = [knows(n, level=1 + n % 3, shifts=OFFICE) for n in range(1, 7)]
    loads = {n: Load(offers_today=n % 2, last_offered_at=NOW - timedelta(minutes=n)) for n in range(1, 7)}
    question = replace(QUESTION, id=number)
    for offer in ask(staff, question, loads=loads).offers:
        alone = score(
            question,
            staff[offer.employee_id - 1],
            NOW,
            taxonomy=TAXONOMY,
            load=loads[offer.employee_id],
            typical_load=0.5,
        )
        assert alone.value == pytest.approx(offer.score)
        assert alone.reasons == offer.reasons


# --- the ladder --------------------------------------------------------------------------------------


def settle(offers, state):
    return [replace(offer, state=state) for offer in offers]


def test_first_the_best_few_then_more_then_everyone_then_a_person_in_charge():
    staff = [knows(n, level=1 + (n % 3)) for n in range(1, 71)]
    question, now, asked, counts = QUESTION, NOW, [], []
    while True:
        routing = ask(staff, question, now, asked=asked)
        if routing.state is QuestionState.ESCALATED:
            break
        counts.append(len(routing.offers))
        asked = [*asked, *routing.offers]
        question, now = replace(question, rung=routing.rung), routing.due_at
    assert [count for count in counts if count] == [3, 6, 50]
    assert len({offer.employee_id for offer in asked}) == 59
    assert routing.note == "nobody answered in time"


def test_called_too_early_it_says_until_when_to_wait():
    staff = [knows(n) for n in range(1, 9)]
    first = ask(staff)
    again = ask(staff, replace(QUESTION, rung=1), NOW + timedelta(minutes=1), asked=first.offers)
    assert again.offers == ()
    assert again.due_at == first.due_at == NOW + timedelta(minutes=5)


@pytest.mark.parametrize("state", [OfferState.PASSED, OfferState.REFERRED, OfferState.EXPIRED])
def test_when_everybody_has_passed_it_moves_on_at_once(state):
    staff = [knows(n) for n in range(1, 9)]
    first = ask(staff)
    one_left = [*settle(first.offers[:-1], state), first.offers[-1]]
    soon = NOW + timedelta(seconds=30)
    assert ask(staff, replace(QUESTION, rung=1), soon, asked=one_left).offers == ()
    assert len(ask(staff, replace(QUESTION, rung=1), soon, asked=settle(first.offers, state)).offers) == 5


def test_at_night_it_waits_for_the_first_who_comes_on_duty():
    staff = [
        knows(1, shifts=OFFICE, timezone="America/New_York"),
        knows(2, shifts=OFFICE, timezone="Europe/Berlin"),
    ]
    routing = ask(staff, now=NOW.replace(hour=3))
    assert (routing.state, routing.due_at) == (QuestionState.OPEN, NOW.replace(hour=8))
    assert ask(staff, now=routing.due_at).offers[0].employee_id == 2


def test_an_urgent_question_is_not_left_waiting_for_the_morning():
    staff = [knows(1, shifts=OFFICE)]
    urgent = replace(QUESTION, text="my router is on fire!!! urgent", asked_at=NOW.replace(hour=3))
    assert ask(staff, urgent, NOW.replace(hour=3)).state is QuestionState.ESCALATED


def test_nobody_in_time_goes_to_a_person_in_charge_at_once():
    staff = [knows(1, shifts=(Shift(4, 540, 1020),))]
    routing = ask(staff)
    assert (routing.state, routing.due_at) == (QuestionState.ESCALATED, None)
    assert routing.note == "nobody can be asked in time"


def test_nobody_at_all_goes_to_a_person_in_charge():
    assert ask([]).state is QuestionState.ESCALATED


def test_the_capped_are_asked_after_their_midnight_and_the_paused_after_their_pause():
    capped = [knows(1, timezone="Europe/Berlin", daily_cap=2)]
    loads = {1: Load(offers_today=2)}
    a_day = replace(POLICY, wait_for_duty=timedelta(hours=24))
    assert ask(capped, loads=loads, policy=a_day).due_at == datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
    paused = [knows(1, paused_until=NOW + timedelta(hours=2), state=EmployeeState.PAUSED)]
    assert ask(paused).due_at == NOW + timedelta(hours=2)
    assert ask([knows(1, state=EmployeeState.PAUSED)]).state is QuestionState.ESCALATED


def test_full_hands_are_looked_at_again_soon():
    routing = ask([knows(1, open_cap=1)], loads={1: Load(open_offers=1)})
    assert (routing.state, routing.due_at) == (QuestionState.OPEN, NOW + POLICY.retry)


def test_unsure_questions_go_to_people_with_many_topics():
    broad = Employee(9, "Broad", expertise=tuple(Expertise(t, 1) for t in ("wifi", "tv", "smart-tv")))
    routing = ask([knows(1), knows(2), knows(3), broad], replace(QUESTION, text="hello? anybody there?"))
    assert routing.topics == ()
    assert len(routing.offers) == 3
    assert ids(routing)[0] == 9
    assert "nobody who knows the subject" in routing.note


def test_the_most_versatile_stand_in_for_a_topic_that_nobody_knows():
    broad = Employee(9, "Broad", expertise=tuple(Expertise(t, 1) for t in ("tv", "smart-tv", "other")))
    routing = ask([*(knows(n, "other") for n in range(1, 6)), broad])
    assert routing.topics[0].slug == "wifi"
    assert ids(routing)[0] == 9
    assert "knows 3 topics, in case that helps" in [reason.text for reason in routing.offers[0].reasons]


def test_others_stand_in_once_while_who_knows_is_absent_and_then_it_waits():
    staff = [knows(1, shifts=(Shift(0, 780, 1020),)), *(knows(n, "tv") for n in range(2, 9))]
    first = ask(staff)
    assert 1 not in ids(first)
    assert len(first.offers) == 3
    later = NOW + timedelta(minutes=11)
    second = ask(staff, replace(QUESTION, rung=1), later, asked=settle(first.offers, OfferState.EXPIRED))
    assert second.offers == ()
    assert second.due_at == NOW.replace(hour=13)
    third = ask(
        staff, replace(QUESTION, rung=1), second.due_at, asked=settle(first.offers, OfferState.EXPIRED)
    )
    assert ids(third) == [1]


def test_a_follow_up_goes_first_to_who_answered():
    staff = [knows(n, level=3) for n in range(1, 8)] + [Employee(8, "Answered")]
    follow_up = replace(QUESTION, round=1, answered_by=(8, 3), reopened_at=NOW)
    first = ask(staff, follow_up)
    assert ids(first) == [8]
    assert "answered this customer before" in [reason.text for reason in first.offers[0].reasons]
    passed = settle(first.offers, OfferState.PASSED)
    second = ask(staff, replace(follow_up, rung=1), NOW, asked=passed)
    assert ids(second)[0] == 3
    assert len(second.offers) == 6


def test_a_new_round_may_ask_the_same_people_again():
    staff = [knows(1)]
    old = [Offer(1, 1, NOW - timedelta(days=1), NOW - timedelta(hours=23), rung=1, state=OfferState.EXPIRED)]
    assert ask(staff, replace(QUESTION, rung=1), asked=old).state is QuestionState.ESCALATED
    assert ids(ask(staff, replace(QUESTION, round=1, reopened_at=NOW), asked=old)) == [1]


def test_an_upset_customer_gets_more_people_and_less_patience():
    staff = [knows(n) for n in range(1, 20)]
    usual = ask(staff)
    upset = ask(staff, replace(QUESTION, text="router hacked AGAIN, this is the worst service ever!!!"))
    assert upset.priority >= 2 > usual.priority
    assert len(upset.offers) == 5 > len(usual.offers)
    assert upset.due_at < usual.due_at


def test_measured_answer_times_set_the_patience():
    staff = [knows(n) for n in range(1, 4)]
    fast = ask(staff, loads={n: Load(usual_minutes=3.0) for n in range(1, 4)})
    slow = ask(staff, loads={n: Load(usual_minutes=60.0) for n in range(1, 4)})
    assert fast.due_at == NOW + timedelta(minutes=2.5)
    assert slow.due_at == NOW + timedelta(minutes=10)
    assert "usually answers within 3 minutes" in [reason.text for reason in fast.offers[0].reasons]


def test_who_knows_only_the_broader_topic_comes_after_who_knows_it_exactly():
    staff = [knows(1, "tv", 3), knows(2, "smart-tv", 2), knows(3, "wifi", 3)]
    routing = ask(staff, replace(QUESTION, text="netflix", topics=(TopicWeight("smart-tv", 1.0),)))
    assert ids(routing) == [2, 1]
    assert routing.offers[1].reasons[0].text == "knows TV (level 3)"


def test_reasons_are_said_in_plain_words():
    jane = knows(1, level=3, shifts=OFFICE, timezone="Europe/Berlin")
    loads = {1: Load(last_offered_at=NOW - timedelta(hours=3)), 2: Load(offers_today=4)}
    routing = ask([jane, knows(2)], loads=loads)
    said = [reason.text for reason in routing.offers[0].reasons]
    assert said[0] == "knows Wi-Fi (level 3)"
    assert {"on duty until 17:00", "fewer offers than others today", "not asked for 3 hours"} <= set(said)
    assert "asked 4 times today already" in [reason.text for reason in routing.offers[1].reasons]


def test_the_model_is_heard_and_says_why():
    staff = [knows(n, level=2) for n in range(20, 26)] + [Employee(3, "Learned")]
    experts = Experts()
    for number in range(40):
        past = PastQuestion(number, NOW - timedelta(days=2), "my router is dead", topics=("wifi",))
        experts.learn(
            past, PastAnswer(number, 3, NOW - timedelta(days=1), "reboot", ("wifi",), Outcome.PUBLISHED)
        )
    routing = ask(staff, experts=experts)
    offer = next(offer for offer in routing.offers if offer.employee_id == 3)
    assert any("answer" in reason.text for reason in offer.reasons)


def test_a_batch_shares_the_load():
    staff = [knows(n) for n in range(1, 13)]
    batch = [replace(QUESTION, id=n) for n in range(1, 5)]
    routings = route_many(batch, Roster(staff), POLICY, NOW, taxonomy=TAXONOMY)
    asked = [offer.employee_id for routing in routings for offer in routing.offers]
    assert sorted(asked) == list(range(1, 13))
    assert [routing.offers[0].question_id for routing in routings] == [1, 2, 3, 4]


def test_one_impossible_row_does_not_stop_the_others():
    staff = [knows(1, timezone="Mars/Olympus"), knows(2)]
    roster = Roster(staff)
    assert "Mars/Olympus" in roster.problems[0]
    assert ids(ask(staff)) == [2]
