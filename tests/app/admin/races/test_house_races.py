"""Two in charge of one house at the same moment: entries, programs, and many lines at once."""

from typing import Any

import pytest

from bot.states import AnswerState, EntryState
from bot.store.tables.conversations import EntryRow
from bot.store.tables.hooks import HookEndpointRow
from tests.app.admin.races.three_at_once import ThreeAtOnce, at_once, one_was_told, said

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

DECIDED = "This answer does not wait for a decision any more."
FOCUSED = """{ const it = document.activeElement;
(it.getAttribute('role') ?? it.localName) + ': ' + it.innerText }"""


def focused(page: Any) -> str:
    """What has the focus: its role, or which element it is, and its words."""
    return str(page.evaluate(FOCUSED))


def pick(three: ThreeAtOnce, who: int, answers: list[int], deed: str) -> Any:
    """A board on which these answers are chosen; the button that decides on all of them."""
    page = three.open(who, "/admin/board?kind=answer")
    for answer in answers:
        page.locator(f"[name='pick-answer-{answer}@bulk']").check()
    page.locator("#b-deed").select_option(deed)
    return page.get_by_role("button", name="Do it")


def test_two_hide_one_entry_and_it_is_hidden_once(three: ThreeAtOnce) -> None:
    entry = three.desk.entry(review="It is old.")
    mei, rae = three.open(three.mei, "/admin/board?kind=review"), three.open(three.rae, "/admin/review")
    hide = f"button[formaction='/admin/entries/{entry}/hide']"

    at_once(*(page.locator(hide) for page in (mei, rae)))

    late = one_was_told(*((page, "This entry is not public anyway.") for page in (mei, rae)))
    first = rae if late is mei else mei
    assert focused(first) == "status: Hidden: nobody outside sees it."
    assert "hid an entry" in said(late)
    assert late.get_by_role("button", name="Send it").count() == 0
    assert three.deeds() == ["entry.hide"]
    assert three.desk.house.row(EntryRow, entry).state == EntryState.HIDDEN
    if late is mei:
        mei.get_by_role("link", name="Back to the board").click()
    else:
        rae.get_by_role("link", name="See how it stands now").click()
    assert late.locator(f"button[formaction='/admin/entries/{entry}/hide']").count() == 0


def test_a_program_is_removed_while_somebody_renews_its_secret(three: ThreeAtOnce) -> None:
    endpoint = three.desk.endpoint()
    mei, rae = (three.open(who, f"/admin/hooks/{endpoint}") for who in (three.mei, three.rae))
    for page in (mei, rae):
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")

    at_once(
        mei.locator("button[formaction$='/remove']"),
        rae.locator("button[formaction$='/secret']"),
    )

    assert "Removed." in said(mei)
    assert focused(mei) == "status: Removed."
    assert three.desk.house.rows(HookEndpointRow) == []
    renewed = "whsec_" in said(rae)
    assert renewed or "There is no such" in said(rae) or "is not there any more" in said(rae)
    assert three.deeds() == (["hook.secret"] if renewed else []) + ["hook.remove"]


def test_two_decide_on_many_lines_of_which_they_share_some(three: ThreeAtOnce) -> None:
    answers = [three.desk.answer(text=f"Hold the button {number} times.") for number in range(4)]
    mei = pick(three, three.mei, answers[:3], "approve")
    rae = pick(three, three.rae, answers[1:], "approve")

    at_once(mei, rae)

    assert {three.desk.house.answer_row(answer).state for answer in answers} == {AnswerState.QUEUED}
    assert sorted(three.deeds()) == ["answer.approve"] * 4
    told = [said(button.page) for button in (mei, rae)]
    for answer in answers[1:3]:  # each shared one went for one of them, and the other is told why not
        assert sum(f"answer-{answer}: {DECIDED}" in one for one in told) == 1
    for button in (mei, rae):
        went = 3 - said(button.page).count(DECIDED)
        assert focused(button.page) == f"h1: {went} of 3 approved"
