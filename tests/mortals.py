"""Processes that die on the way: real ones, each with a memory of its own, that kill themselves at a point.

They are forked off one that has imported what they need, for importing takes a multiple of what they live.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import configure_mappers

from bot.text.language import language_of
from routing.dialogue.lexicon import lexicon

ROOT = Path(__file__).resolve().parents[1]


class Mortals:
    """The process that the others are forked off; it ends when nobody asks it any more."""

    def __init__(self) -> None:
        self._parent: subprocess.Popen[str] | None = None

    def run(self, module: str, *words: object) -> int:
        """What ``main`` of a module does with these words, in a process of its own; its exit code.

        That of one which was killed is its signal's number, negative.
        """
        self._parent = self._parent or _parent()
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        try:
            print(json.dumps([module, *map(str, words)]), file=self._parent.stdin, flush=True)
            return int(self._parent.stdout.readline())
        except BaseException:  # whoever waits no longer would take what is said late for the next one's
            os.killpg(self._parent.pid, signal.SIGKILL)
            self.close()
            raise

    def close(self) -> None:
        if self._parent is not None:
            self._parent.communicate(timeout=60)
            self._parent = None


def _parent() -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.mortals"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def main() -> None:
    """Fork one for each line that says what it is to do, and say how it ended.

    What each would work out anew for the first post that it reads is there before.
    """
    lexicon()
    language_of("What a process reads first takes it longer than the rest.")
    for line in sys.stdin:
        module, *words = json.loads(line)
        entered = importlib.import_module(module).main
        configure_mappers()
        child = os.fork()
        if not child:
            _live(entered, words)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _live(entered: Callable[..., None], words: list[str]) -> None:
    """Do what was asked, apart from what the parent hears and says, and never return."""
    with open(os.devnull) as nothing:  # noqa: PTH123 - a descriptor is wanted, not a path
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    code = 1
    try:
        entered(*words)
        code = 0
    finally:
        if code:
            traceback.print_exc()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
