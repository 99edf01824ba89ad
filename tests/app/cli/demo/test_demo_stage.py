"""Where the demo plays: it never disturbs another one, and its start says what is in the way."""

import socket
from pathlib import Path

import pytest

from app.cli.demo.stage import run_demo
from app.wiring.environment import UnusableSettings


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
