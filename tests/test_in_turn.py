"""Tests of pages take turns on the databases, and everything else runs on both."""

from dataclasses import dataclass, field
from typing import Any

from tests.in_turn import left_out


@dataclass(frozen=True)
class Call:
    params: dict[str, Any] = field(hash=False)


@dataclass(frozen=True)
class Item:
    nodeid: str
    callspec: Call | None = None


def both(path: str, count: int = 40) -> list[Item]:
    return [
        Item(f"{path}::test_{number}[{database}]", Call({"database_url": database}))
        for number in range(count)
        for database in ("sqlite", "postgresql")
    ]


def test_each_test_of_a_page_runs_on_one_of_the_databases_and_all_together_on_both() -> None:
    items = both("tests/app/desk/test_desk.py")
    late = left_out(items)
    run = [item for item in items if item not in late]
    assert sorted(item.nodeid.partition("[")[0] for item in run) == sorted(
        {item.nodeid.partition("[")[0] for item in items}
    )
    on = [item.nodeid.partition("[")[2] for item in run]
    assert min(on.count("sqlite]"), on.count("postgresql]")) > len(on) / 4
    assert set(left_out(reversed(items))) == set(late) != set()


def test_what_is_about_the_database_runs_on_both() -> None:
    for path in (
        "tests/bot/store/test_claim.py",
        "tests/bot/actions/test_who_comes_second.py",
        "tests/app/admin/races/test_board_races.py",
        "tests/app/identity/test_auth_matrix.py",
    ):
        assert left_out(both(path)) == []


def test_a_test_that_is_for_one_database_stays() -> None:
    alone = Item("tests/app/web/test_health.py::test_x[postgresql]", Call({"database_url": "postgresql"}))
    assert left_out([alone, Item("tests/app/web/test_health.py::test_y")]) == []
