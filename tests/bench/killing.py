"""``chorus`` processes that are killed from outside, again and again, and started anew each time."""

import random
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from app.wiring.settings import load_settings
from tests.bench.served import Running, Server, environment, free_port, start

_STOPPING = 40


class Mortal:
    """``chorus serve`` (with a ``port``) or ``chorus work``, as a service manager keeps it up."""

    def __init__(self, directory: Path, given: Mapping[str, str], *words: str) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port() if words[0] == "serve" else 0
        self._directory, self._own = directory, environment(directory, self.port or 8000, given)
        self._words = (*words, "--port", str(self.port)) if self.port else words
        self._used, self.kills = 0.0, 0
        self.start()

    def start(self) -> None:
        """Up again, without waiting until it is ready."""
        with (self._directory / "log").open("ab") as log:
            self._process = start(self._directory, self._own, *self._words, log=log)

    def wait_until_ready(self) -> None:
        settings = load_settings(self._own, self._directory)
        try:
            Server(self._process, self.port, settings).wait_until_ready(time.perf_counter())
        except RuntimeError as error:
            said = (self._directory / "log").read_text(encoding="utf-8")[-2_000:]
            raise RuntimeError(f"{error}:\n{said}") from error

    def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is given back."""
        with suppress(OSError, IndexError):
            self._used += Running(self._process).processor_seconds()
        self._process.kill()
        self._process.wait()
        self.kills += 1

    def processor_seconds(self) -> float:
        """What it has used in all its lives."""
        with suppress(OSError, IndexError):
            return self._used + Running(self._process).processor_seconds()
        return self._used

    def stop(self) -> None:
        """SIGTERM, and what is under way is finished."""
        self._used = self.processor_seconds()
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            with suppress(Exception):
                self._process.wait(timeout=_STOPPING)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


class Killer:
    """Kills one of the processes in turn whenever so much more is done, and starts it anew.

    Counted by what is done and not by the clock, so that on a slow machine, too, there is always something
    done in between, and a death never falls into a quiet time.
    """

    def __init__(
        self, mortals: Sequence[Mortal], progress: Callable[[], int], every: int, seed: int = 5
    ) -> None:
        self._mortals, self._progress, self._every = mortals, progress, every
        self._chance, self._over = random.Random(seed), threading.Event()
        self._thread = threading.Thread(target=self._run, name="killer", daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """No more deaths; how many there were. What was killed is up again."""
        self._over.set()
        self._thread.join()
        return sum(one.kills for one in self._mortals)

    def _run(self) -> None:
        number, done = 0, self._progress()
        while not self._over.wait(0.2):
            if self._progress() < done + self._every:
                continue
            self._over.wait(self._chance.uniform(0.0, 0.5))
            one = self._mortals[number % len(self._mortals)]
            one.kill()
            one.start()
            number, done = number + 1, self._progress()
