"""Two in charge and an employee press at the same moment: one deed counts, and whoever is late reads it."""

import pytest

from bot.states import AnswerState
from bot.store.house import rule_versions
from bot.store.tables.house import TextRow
from routing.model.domain import QuestionState
from tests.app.admin.races.three_at_once import ThreeAtOnce, at_once, one_was_told, said

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

DECIDED = "This answer does not wait for a decision any more."
ANSWERED = "Somebody has answered this question meanwhile: look at the answer first."


def test_of_who_publishes_and_who_drops_an_answer_one_decides(three: ThreeAtOnce) -> None:
    answer = three.desk.answer()
    mei, rae = three.open(three.mei, "/admin/board?kind=answer"), three.open(three.rae, "/admin/board")
    rae.get_by_label("Or drop it, because").fill("It is for another model.")

    at_once(mei.get_by_role("button", name="Publish it"), rae.get_by_role("button", name="Drop"))

    late = one_was_told((mei, DECIDED), (rae, DECIDED))
    state = three.desk.house.answer_row(answer).state
    assert (state, three.deeds()) in [
        (AnswerState.QUEUED, ["answer.approve"]),
        (AnswerState.DROPPED, ["answer.drop"]),
    ]
    if late is rae:
        assert rae.get_by_label("Because").input_value() == "It is for another model."
    late.get_by_role("link", name="Back to the board").click()
    assert late.locator("[data-key^='answer-']").count() == 0


def test_of_many_at_once_the_one_that_a_colleague_settles_is_named(three: ThreeAtOnce) -> None:
    answers = [three.desk.answer(text=f"Hold the button {number} times.") for number in range(3)]
    mei, rae = (three.open(who, "/admin/board?kind=answer") for who in (three.mei, three.rae))
    for answer in answers:
        mei.locator(f"[name='pick-answer-{answer}@bulk']").check()
    mei.locator("#b-deed").select_option("approve")
    line = rae.locator(f"[data-key='answer-{answers[1]}']")
    line.get_by_label("Or drop it, because").fill("Once is enough.")

    at_once(mei.get_by_role("button", name="Do it"), line.get_by_role("button", name="Drop"))

    states = [three.desk.house.answer_row(answer).state for answer in answers]
    assert (states[0], states[2]) == (AnswerState.QUEUED, AnswerState.QUEUED)
    one_was_told((mei, f"answer-{answers[1]}: {DECIDED}"), (rae, DECIDED))
    if states[1] == AnswerState.DROPPED:
        assert "2 of 3 approved" in said(mei)
    assert sorted(three.deeds()) == ["answer.approve", "answer.approve"] + (
        ["answer.drop"] if states[1] == AnswerState.DROPPED else ["answer.approve"]
    )


def test_nobody_is_asked_anew_about_what_is_being_answered(three: ThreeAtOnce) -> None:
    question = three.desk.question("@brand no picture", state=QuestionState.OFFERED)
    three.desk.house.offer(question, three.jane)
    rae = three.open(three.rae, f"/admin/questions/{question}")
    jane = three.open(three.jane, f"/desk/questions/{question}")
    jane.get_by_role("textbox", name="In your own words", exact=True).fill("Hold the button.")
    jane.get_by_role("button", name="See what it becomes").click()

    at_once(
        rae.get_by_role("button", name="Ask people anew"), jane.get_by_role("button", name="Publish this")
    )

    assert "Your answer is on its way" in said(jane)
    assert three.desk.house.state_of(question) == QuestionState.ANSWERING
    was_first = "People are asked anew." in said(rae)
    assert was_first or ANSWERED in said(rae)
    assert three.deeds() == (["question.restore"] if was_first else []) + ["answer.write"]


def test_nobody_looks_after_what_a_colleague_has_dismissed(three: ThreeAtOnce) -> None:
    question = three.desk.question("@brand no picture")
    mei, rae = (three.open(who, "/admin/board") for who in (three.mei, three.rae))
    mei.locator("summary", has_text="More about question").click()

    at_once(mei.get_by_role("button", name="Note it"), rae.get_by_role("button", name="Dismiss"))

    assert three.desk.house.state_of(question) == QuestionState.DISMISSED
    noted = "Noted who looks after it." in said(mei)
    assert noted or "This does not wait any more" in said(mei)
    assert three.deeds() == (["board.assign"] if noted else []) + ["question.dismiss"]


def test_of_two_who_change_the_rules_neither_undoes_the_others(three: ThreeAtOnce) -> None:
    mei, rae = (three.open(who, "/admin/rules") for who in (three.mei, three.rae))
    mei.get_by_label("Words that somebody has to approve").fill("refund")
    rae.get_by_label("Answers per person and hour").fill("3")

    at_once(*(page.get_by_role("button", name="Save and put into force") for page in (mei, rae)))

    overtaken = "Somebody else has changed the rules since you opened this page."
    late = one_was_told((mei, overtaken), (rae, overtaken))
    late.get_by_role("button", name="Save and put into force").click()
    late.get_by_text("Saved: these rules are in force now.").wait_for()
    with three.desk.house.database.read() as session:
        newest = rule_versions.newest(session)
        assert newest is not None
        assert newest.values == {"blocked_words": ["refund"], "hourly_limit": 3}
    assert three.deeds() == ["rules.change", "rules.change"]


def test_of_two_who_approve_a_text_or_revoke_a_token_one_does(three: ThreeAtOnce) -> None:
    three.desk.text()
    token = three.desk.token()
    approve = {"name": "Approve: it is in force from now on"}
    mei, rae = three.open(three.mei, "/admin/texts/terms"), three.open(three.rae, "/admin/board?kind=text")
    at_once(*(page.get_by_role("button", **approve) for page in (mei, rae)))
    one_was_told(*((page, "this version is in force already, or was.") for page in (mei, rae)))

    mei.goto(f"{three.address}/admin/tokens")
    rae.goto(f"{three.address}/admin/board?kind=token")
    revoke = f"button[formaction='/admin/tokens/{token}/revoke']"
    at_once(*(page.locator(revoke) for page in (mei, rae)))
    one_was_told(*((page, "This token was revoked already.") for page in (mei, rae)))
    assert three.deeds() == ["text.publish", "token.revoke"]


def test_of_who_approves_a_text_and_who_withdraws_it_one_decides(three: ThreeAtOnce) -> None:
    text = three.desk.text()
    mei, rae = three.open(three.mei, "/admin/texts/terms"), three.open(three.rae, "/admin/board?kind=text")
    at_once(
        mei.get_by_role("button", name="Withdraw it"),
        rae.get_by_role("button", name="Approve: it is in force from now on"),
    )
    late = one_was_told((mei, "has approved it meanwhile"), (rae, "has withdrawn it meanwhile"))
    assert three.deeds() == ["text.publish" if late is mei else "text.withdraw"]
    row = three.desk.house.row(TextRow, text)
    assert (row.published_at is None, row.withdrawn_at is None) == (late is rae, late is mei)


def test_a_topic_is_in_one_change_at_a_time(three: ThreeAtOnce) -> None:
    three.desk.house.topic("radio", "Radio")
    mei = three.open(three.mei, "/admin/topics/radio/merge?into=tv")
    rae = three.open(three.rae, "/admin/topics/radio")
    rae.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    rae.locator("[name^='to@'][name$='/rename']").fill("wireless")

    at_once(
        mei.locator("form[method=post][action$='/merge'] button"),
        rae.locator("button[formaction$='/rename']"),
    )

    done = three.deeds()
    assert len(done) == 1
    now, late = ("tv", rae) if done == ["topic.merge"] else ("wireless", mei)
    told = (f"“radio” has become “{now}” meanwhile", "somebody else was quicker", "still on their way")
    assert any(words in said(late) for words in told), said(late)[:400]
