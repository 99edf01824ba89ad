"""Where the demo plays: it never disturbs another one, and its start says what is in the way."""

import shlex
import socket
from pathlib import Path

import pytest

from app.cli.demo.stage import _settings, for_other_commands, run_demo
from app.cli.demo.story import load_story
from app.wiring.environment import UnusableSettings
from app.wiring.settings import load_settings


def test_demo_leaves_the_data_alone_when_its_port_is_taken(tmp_path: Path) -> None:
    data = tmp_path / "chorus.db"
    data.write_text("of the demo that runs")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(UnusableSettings, match=f"port {port} .* --port"):
            run_demo("127.0.0.1", port, tmp_path, keep=False, pace=1.0)
    assert data.read_text() == "of the demo that runs"


def test_demo_leaves_the_data_alone_that_another_one_uses(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl", reason="by design: no such locks on this system")
    data = tmp_path / "chorus.db"
    data.write_text("of the demo that runs")
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UnusableSettings, match="--directory"):
            run_demo("127.0.0.1", 0, tmp_path, keep=False, pace=1.0)
    assert data.read_text() == "of the demo that runs"


def test_the_line_for_other_commands_leads_them_to_the_house_of_the_demo(tmp_path: Path) -> None:
    home = tmp_path / "Jane's demo"
    home.mkdir()
    demo = _settings(load_story(), "127.0.0.1", 8123, home, 1.0)
    command, *named = shlex.split(for_other_commands(demo))
    assert command == "export"
    there = load_settings(dict(one.split("=", 1) for one in named), tmp_path)
    for name in ("database_url", "data_directory", "secret_key", "brand_name", "base_url"):
        assert getattr(there, name) == getattr(demo, name), name
