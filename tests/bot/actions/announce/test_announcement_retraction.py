"""An announcement that is out is taken back on each of its feeds: every post once, also of one in flight."""

import signal
from datetime import timedelta
from pathlib import Path

import pytest

from bot.actions.announce.retract import retract
from bot.actions.undecidable import Undecidable
from bot.posts import Ambiguous, Outgoing, Published
from bot.roles import Role
from bot.states import AnnouncementState, DeliveryKind, DeliveryState
from bot.store.tables.announcements import AnnouncementRow
from tests.announcing import DELETING, FEEDS, TEXT, Announcing
from tests.mortals import Mortals


@pytest.fixture
def announcing(database_url: str, tmp_path: Path) -> Announcing:
    return Announcing(database_url, tmp_path)


def taken_back(announcing: Announcing, why: str = "It is not true.") -> int:
    with announcing.house.database.write() as session:
        return retract(session, session.get_one(AnnouncementRow, 1), why, announcing.clock())


def test_every_post_goes_the_last_of_a_thread_first_and_nobody_reads_it_any_more(
    announcing: Announcing,
) -> None:
    announcing.plan()
    announcing.work(2)
    assert TEXT[:40] in announcing.house.ask("GET", "/announcements").text
    assert taken_back(announcing) == 4
    assert TEXT[:40] not in announcing.house.ask("GET", "/announcements").text
    assert TEXT[:40] not in announcing.house.ask("GET", "/announcements/feed.atom").text
    announcing.work(2)
    for name in FEEDS:
        ledger = announcing.ledgers[name]
        assert ledger.shown() == []
        posts = [
            one.external_id
            for one in announcing.house.deliveries()
            if one.platform == name and one.kind == DeliveryKind.ANNOUNCEMENT
        ]
        assert ledger.deleted() == posts[::-1]
    row = announcing.announcement()
    assert (row.state, row.note) == (AnnouncementState.WITHDRAWN, "It is not true.")
    with pytest.raises(Undecidable, match="Nothing of it is out"):
        taken_back(announcing)


@pytest.mark.parametrize("arrives", [True, False])
def test_what_nobody_knows_of_is_taken_down_if_it_turns_out_to_be_there(
    announcing: Announcing, arrives: bool
) -> None:
    publish = announcing.ledgers["x"].publish

    def lose(outgoing: Outgoing, timeout: float) -> Published:
        if arrives:
            publish(outgoing, timeout)
        raise Ambiguous("connection reset")

    announcing.ledgers["x"].publish = lose  # type: ignore[method-assign]
    announcing.plan()
    announcing.house.steps.deliver.run()
    taken_back(announcing)
    announcing.work()
    for name in FEEDS:
        assert announcing.ledgers[name].shown() == []
    states = {one.state for one in announcing.house.deliveries()}
    assert states == {DeliveryState.SENT, DeliveryState.WITHDRAWN}


def test_those_in_charge_do_it_on_its_page_and_say_why(announcing: Announcing) -> None:
    announcing.plan()
    announcing.work(2)
    mo = announcing.house.browser(announcing.house.employee("Mo Berg", role=Role.MODERATOR).id)
    assert "Take it back everywhere" in mo.get("/admin/announcements/1").text
    assert mo.post("/admin/announcements/1/retract").status_code == 422
    done = mo.post("/admin/announcements/1/retract", {"why": "It is not true."})
    assert done.headers["location"] == "/admin/announcements/1?done=retracted"
    assert "Take it back everywhere" not in mo.get("/admin/announcements/1").text


@pytest.mark.parametrize(
    ("database_url", "times"), [("sqlite", 1), ("sqlite", 3), ("postgresql", 2)], indirect=["database_url"]
)
@pytest.mark.parametrize("point", DELETING)
def test_r01_a_process_killed_while_it_is_taken_back_leaves_nothing_and_deletes_nothing_twice(
    mortals: Mortals, database_url: str, tmp_path: Path, point: str, times: int
) -> None:
    died = mortals.run("tests.announcing", database_url, tmp_path, point, times, "retract")
    assert died == -signal.SIGKILL, "the point was never reached"
    after = Announcing(database_url, tmp_path)
    after.clock.advance(timedelta(minutes=5))
    after.work(12)
    for name in FEEDS:
        ledger = after.ledgers[name]
        assert ledger.shown() == []
        assert len(ledger.accepted()) == len(ledger.deleted()) == len(set(ledger.deleted())) == 2
    assert {one.state for one in after.house.deliveries()} == {DeliveryState.SENT}
    assert after.announcement().state == AnnouncementState.WITHDRAWN
