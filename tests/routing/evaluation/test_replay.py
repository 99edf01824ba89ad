from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from routing.evaluation.replay import GivenAnswer, HistoryQuestion, RankFigures, half_life, replay

START = datetime(2025, 1, 1, tzinfo=UTC)
SUBJECTS = {
    "wifi": ("router", "signal", "wifi", "drops"),
    "tv": ("television", "picture", "hdmi", "remote"),
    "bill": ("invoice", "charged", "refund", "card"),
}


def history(count: int = 400, *, quick: bool = True) -> list[HistoryQuestion]:
    """Three people at home in a topic each, one who answers anything, and passers-by who answer once."""
    random = np.random.default_rng(3)
    rows = []
    for number in range(count):
        topic = ["wifi", "tv", "bill"][int(random.integers(3))]
        at = START + timedelta(hours=number)
        title = " ".join(random.choice(SUBJECTS[topic], 2)) + f" word{random.integers(50)}"
        who = f"expert in {topic}" if random.random() < 0.8 else "anybody"
        delay = timedelta(minutes=20) if quick else timedelta(days=30)
        answers = [GivenAnswer(who, at + delay)]
        if number % 9 == 0:
            answers.append(GivenAnswer(f"passer-by {number}", at + delay))
        rows.append(HistoryQuestion(number, at, title, topics=(topic,), answers=tuple(answers)))
    return rows


@pytest.fixture(scope="module")
def usual():
    return replay(history())


def test_the_last_questions_after_training_and_warm_up_are_scored(usual):
    assert usual.questions == 400
    assert usual.tested == 400 - 240 - 100
    assert [ranking.id for ranking in usual.rankings] == list(range(340, 400))


def test_who_knows_the_topic_is_found(usual):
    assert usual.overall.hit(1) > 0.6
    assert usual.overall.hit(5) == 1


def test_rankings_name_candidates_only_once_and_best_first(usual):
    for ranking in usual.rankings:
        assert len(set(ranking.ranked)) == len(ranking.ranked) <= 50
        assert not any(name.startswith("passer-by") for name in ranking.ranked)


def test_figures_follow_from_the_rankings(usual):
    rows = history()
    ranks = []
    for ranking in usual.rankings:
        truth = {answer.by for answer in rows[int(ranking.id)].answers}
        ranks.append(1 + next(at for at, name in enumerate(ranking.ranked) if name in truth))
    assert RankFigures(ranks).mrr == pytest.approx(usual.overall.mrr)


def test_nothing_that_comes_later_changes_an_earlier_ranking():
    rows = history()
    cut = 360
    until = rows[cut].at
    altered = [
        row
        if row.at < until
        else replace(
            row,
            title=row.title if row.at == until else "something else",
            body="told afterwards",
            topics=("other",),
            answers=(GivenAnswer("expert in tv", row.at), GivenAnswer("expert in wifi", row.at)),
        )
        for row in rows
    ]
    kept = {r.id: r.ranked for r in replay(rows).rankings if int(r.id) <= cut}
    other = {r.id: r.ranked for r in replay(altered).rankings if int(r.id) <= cut}
    assert kept == other
    assert cut in kept


def test_an_answer_is_known_from_its_own_time_on_and_not_from_the_questions():
    late = replay(history(quick=False))
    soon = replay(history())
    assert late.overall.mrr < soon.overall.mrr
    nothing_known = [
        replace(row, answers=tuple(replace(answer, at=START + timedelta(days=999)) for answer in row.answers))
        for row in history()
    ]
    assert replay(nothing_known).rankings == ()


def test_an_answer_at_the_very_moment_of_a_question_is_not_known_yet():
    at = START + timedelta(hours=500)
    rows = history()[:399]
    answered_then = [
        replace(row, answers=(GivenAnswer("late one", at),)) if row.id in (10, 11) else row for row in rows
    ]
    last = HistoryQuestion(
        "last", at, "router wifi", answers=(GivenAnswer("anybody", at + timedelta(hours=1)),)
    )
    same_moment = replay([*answered_then, last]).rankings[-1]
    a_moment_later = replay([*answered_then, replace(last, at=at + timedelta(seconds=1))]).rankings[-1]
    assert same_moment.id == a_moment_later.id == "last"
    assert "late one" not in same_moment.ranked
    assert "late one" in a_moment_later.ranked


def test_given_topics_help_where_titles_say_nothing():
    dull = [replace(row, title="please help") for row in history()]
    assert replay(dull, topics_given=True).overall.hit(1) > replay(dull).overall.hit(1) + 0.2


def test_hidden_topics_of_a_question_are_not_used_for_it():
    rows = history()
    lying = [*rows[:-1], replace(rows[-1], topics=("wifi", "tv", "bill"))]
    assert replay(rows).rankings[-1] == replay(lying).rankings[-1]
    assert replay(rows, topics_given=True).rankings[-1] != replay(lying, topics_given=True).rankings[-1]


def test_the_tail_leaves_out_the_ten_who_answered_most():
    rows = history()
    report = replay(rows)
    assert report.tail.ranks == []


def test_the_half_life_is_a_fifth_of_the_history_as_training_shows_it():
    rows = history()
    assert half_life(rows) == (rows[239].at - rows[0].at) / 3
    later = [*rows[:300], *(replace(row, at=row.at + timedelta(days=900)) for row in rows[300:])]
    assert half_life(later) == half_life(rows)


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_short_histories_score_nothing_and_say_so(count):
    report = replay(history(count))
    assert (report.questions, report.tested, report.overall.mrr, report.overall.hit(5)) == (count, 0, 0, 0)
