"""R8: what a platform asks of one message holds for the whole brand, on every node; none comes at once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.posts import Outgoing, Published, Retry
from bot.states import DeliveryState
from bot.steps.deliver import Deliver
from bot.store.engine import Database, open_engine
from tests.bot.platforms.stage_x import XStage
from tests.bot.platforms.stages import STAGES, Stage
from tests.conftest import FakeClock
from tests.outbox import Outbox

WAIT = timedelta(minutes=5)


@pytest.fixture
def outbox(database: Database, clock: FakeClock, tmp_path: Path) -> Outbox:
    return Outbox(database, clock, tmp_path / "ledger")


@pytest.fixture
def nodes() -> Iterator[list[Deliver]]:
    """Nodes of a test, stopped at its end."""
    made: list[Deliver] = []
    yield made
    for node in made:
        node.close()


def refuse(outbox: Outbox, until: timedelta) -> None:
    """Let the platform ask to wait, as long as that is over."""
    publish, reset = outbox.platform.publish, outbox.clock() + until

    def refusing(outgoing: Outgoing, timeout: float) -> Published:
        if outbox.clock() < reset:
            raise Retry("slow down", reset)
        return publish(outgoing, timeout)

    outbox.platform.publish = refusing  # type: ignore[method-assign]


def drain(node: Deliver) -> None:
    while node.run():
        pass


def test_r08_what_one_message_is_told_holds_for_the_brand_on_every_node(
    outbox: Outbox, nodes: list[Deliver]
) -> None:
    first, second = outbox.sender(owner="first"), outbox.sender(owner="second")
    nodes += [first, second]
    for number in range(4):
        outbox.put(f"answer {number}")
    reset = outbox.clock() + WAIT
    refuse(outbox, WAIT)
    assert first.run(limit=1) == 1
    assert [row.state for row in outbox.rows()] == [DeliveryState.READY] * 4
    assert min(row.due_at or reset for row in outbox.rows()) == reset
    drain(second)  # a process that heard nothing of it
    outbox.clock.advance(WAIT - timedelta(seconds=1))
    drain(first)
    drain(second)
    assert [row.attempts for row in outbox.rows()] == [1, 0, 0, 0]
    outbox.clock.advance(timedelta(minutes=1))
    drain(second)
    assert sorted(outbox.texts()) == [f"answer {number}" for number in range(4)]


def test_r08_another_platform_goes_on(database: Database, clock: FakeClock, tmp_path: Path) -> None:
    asked, other = (Outbox(database, clock, tmp_path / name, name) for name in ("x", "mastodon"))
    asked.put("waits")
    refuse(asked, WAIT)
    drain(asked.sender())
    other.put("goes")
    drain(other.sender())
    assert (asked.texts(), other.texts()) == ([], ["goes"])


def test_r08_what_was_refused_together_does_not_come_back_together(
    outbox: Outbox, nodes: list[Deliver]
) -> None:
    for number in range(8):
        outbox.put(f"answer {number}")
    reset = outbox.clock() + WAIT
    refuse(outbox, WAIT)
    node = Deliver(outbox.database, {"x": outbox.platform}, outbox.sender().rules, "node")
    nodes.append(node)
    node.run()
    due = [row.due_at for row in outbox.rows()]
    assert len(set(due)) > 4
    assert all(one is not None and one >= reset for one in due)


@pytest.mark.parametrize(("draw", "seconds"), [(0.0, 1.0), (1.0, 2.0)])
def test_r08_the_wait_is_longer_by_a_half_to_the_whole_of_the_backoff(
    outbox: Outbox, nodes: list[Deliver], draw: float, seconds: float
) -> None:
    outbox.put("answer")
    reset = outbox.clock() + WAIT
    refuse(outbox, WAIT)
    nodes.append(outbox.sender(jitter=lambda: draw))
    nodes[0].run()
    (row,) = outbox.rows()
    assert row.due_at == reset + timedelta(seconds=seconds)


def test_r08_the_order_within_a_thread_is_kept(outbox: Outbox, nodes: list[Deliver]) -> None:
    outbox.put("thread", parts=3)
    refuse(outbox, WAIT)
    nodes.append(outbox.sender())
    drain(nodes[0])
    for _ in range(4):
        outbox.clock.advance(WAIT)
        drain(nodes[0])
    assert outbox.texts() == ["thread 0", "thread 1", "thread 2"]


@pytest.mark.parametrize("headers", [{"retry-after": "300"}, {}], ids=["told", "untold"])
@pytest.mark.parametrize("name", [name for name in STAGES if name != "local"])
def test_r08_a_429_of_each_platform_keeps_the_brands_other_nodes_away(
    sqlite_url: str, tmp_path: Path, nodes: list[Deliver], name: str, headers: dict[str, str]
) -> None:
    stage: Stage = STAGES[name]()
    database = Database(open_engine(sqlite_url), stage.clock)
    question = stage.customer_posts("no picture")
    post = stage.received()[0]
    outbox = Outbox(database, stage.clock, tmp_path / "ledger", stage.adapter.name)  # type: ignore[arg-type]
    outbox.put("Hold it.", to=question, refs=post.refs)
    outbox.put("Turn it.")
    if not stage.refuses_next(429, headers):
        pytest.skip("by design: this feed is in our own hands and refuses nothing in this way")
    asked, unaware = outbox.sender(owner="asked", platform=stage.adapter), outbox.sender(owner="unaware")
    nodes += [asked, unaware]
    asked.run(limit=1)
    drain(unaware)
    assert outbox.texts() == []
    least = timedelta(seconds=300 if headers else 60)
    assert min(row.due_at or stage.clock() for row in outbox.rows()) >= stage.clock() + least
    database.close()


def test_an_answer_outlives_any_number_of_refusals_of_the_whole_account(
    sqlite_url: str, tmp_path: Path, nodes: list[Deliver]
) -> None:
    stage = XStage()
    database = Database(open_engine(sqlite_url), stage.clock)
    outbox = Outbox(database, stage.clock, tmp_path / "ledger")  # type: ignore[arg-type]
    question = stage.customer_posts("no picture")
    outbox.put("Hold the button.", to=question)
    nodes.append(outbox.sender(platform=stage.adapter))
    cap = {"title": "SpendCapReached", "detail": "Your account has reached its billing cycle spend cap."}
    for _ in range(40):
        stage.refuses_next(403, {}, cap)
        nodes[0].run()
        stage.clock.pass_by(hours=2)
    (row,) = outbox.rows()
    assert (row.state, row.attempts) == (DeliveryState.READY, 40)
    assert "spending limit" in (row.last_error or "")
    nodes[0].run()
    assert [text for text, _ in stage.ledger()] == ["Hold the button."]
    assert outbox.rows()[0].state == DeliveryState.SENT
    database.close()
