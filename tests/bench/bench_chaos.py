"""Everything that the brand can say and take back, all at once, while processes are killed again and again.

``python tests/bench/bench_chaos.py [--size N] [--kills N] [--databases postgresql] [--minutes M]``. A real
house between the generic feed and a server that speaks Mastodon's API: answers, corrections (edited on
Mastodon, posted anew elsewhere), many answers taken back at once, announcements and their retraction, a
statement told and settled, a campaign joined by posts and told. On PostgreSQL with two workers. What people
can read on the feeds at the end is compared with what was meant, post by post. It ends by itself.
"""

import argparse
import html
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.wiring.composition import Chorus, build
from app.wiring.settings import load_settings
from bot.actions import statements
from bot.actions.announce import decide
from bot.actions.announce.propose import Proposal, propose
from bot.actions.announce.retract import retract as retract_announcement
from bot.actions.matters import campaigns, decisions
from bot.actions.taking_back.correct import Rewording, correct
from bot.actions.taking_back.retract import Wish
from bot.actions.taking_back.retract_many import retract_all
from bot.states import StatementAudience, StatementKind, Via
from bot.store.engine import Session
from bot.store.people import staff
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import AnswerRow, QuestionRow
from bot.store.tables.matters import CampaignRow, MatterRow, StatementRow
from bot.store.tables.people import EmployeeRow
from tests.bench.killing import Killer
from tests.bench.mortal_house import MortalHouse
from tests.bench.outside import Asking
from tests.bench.served import environment

DOWN = "Streaming is down for everybody since noon. We are on it and tell you here."
BACK = "Streaming is back for everybody. Thank you for your patience."
CHANGED = "The dark theme is back: update the app, and choose it under Settings."
DEMAND = "Bring back the dark theme"
ANNOUNCEMENTS = 4
_MARKUP = re.compile("<[^>]+>")

Meant = Counter[tuple[str, str, str]]
"""How often each feed shows somebody (or nobody) which words."""


class Chaos(MortalHouse):
    """A house to which everything happens at once."""

    def __init__(self, stack: ExitStack, kind: str, size: int, kills: int, minutes: float) -> None:
        super().__init__(stack, kind, minutes)
        self.size = size
        own = environment(self.directory, self.port, self.given)
        self.chorus: Chorus = build(load_settings(own, self.directory), works=False, serves=False)
        stack.callback(self.chorus.stop)
        self.meant: Meant = Counter()
        self.between = (self.generic, self.mastodon)
        self.killer = Killer(self.processes, self._progress, max(1, size * 14 // kills))

    def happens(self) -> dict[str, Any]:
        """All of it; what is known at the end."""
        askings = self._ask()
        self.until(lambda: self.one("SELECT count(*) FROM question WHERE gathered") >= len(askings))
        answered = self._answer()
        self._announce()
        self._state("o", StatementKind.STATEMENT, DOWN)
        self._join_campaign()
        self.until(lambda: self._sent() > self.size)
        self._put_right(answered)
        self._retract_announcements()
        self.until(lambda: self._told(1) >= 2 * self.size)
        self._state("o", StatementKind.SETTLED, BACK)
        self._state("w", StatementKind.CHANGED, CHANGED)
        is_over = "SELECT 1 FROM statement WHERE state = 'active'"
        self.until(lambda: not self.rows(is_over))
        kills = self.killer.stop()
        self.until(self.is_quiet)
        shown = self._shown()
        missing, more = self.meant - shown, shown - self.meant
        return {
            "kills": kills,
            "posts_meant": sum(self.meant.values()),
            "lost": sum(missing.values()),
            "doubled_or_not_meant": sum(more.values()),
            "examples": [*map(str, list(missing)[:5]), *map(str, list(more)[:5])],
            "same_key_again": self.generic.again,
            "quiet": self.is_quiet(),
            "waits_for_a_person": self.one("SELECT count(*) FROM delivery WHERE state = 'rejected'"),
            "processor_s": round(self.processor_seconds()),
            "took_s": round(time.monotonic() - self.began),
        }

    # -- what happens ---------------------------------------------------------------------------------

    @contextmanager
    def _deed(self) -> Iterator[tuple[Session, datetime]]:
        with self.database.write() as session:
            yield session, self.database.now(session)

    def _ask(self) -> list[Asking]:
        """About the outage, for the dark theme, and this and that, on both feeds."""
        askings = []
        for number in range(self.size):
            askings += [
                Asking(f"o{number}", "the streaming service is down, I cannot watch anything", "en"),
                Asking(f"w{number}", "please bring back the dark theme in your app, my eyes hurt", "en"),
                Asking(f"t{number}", f"how do I pair remote number {number} with box {number * 7}?", "en"),
            ]
        for feed in self.between:
            for one in askings:
                feed.ask(one)
        return askings * len(self.between)

    def _answer(self) -> list[tuple[str, str, int]]:
        """Somebody answers each of this and that at the desk: where, whom, and the answer's id."""
        found = self.rows(
            "SELECT id, platform, customer_handle FROM question WHERE text LIKE '%pair remote%' ORDER BY id"
        )
        answered = []
        for number, platform, handle in found:
            who, words = _name(handle), f"Hold the button of remote {number} for five seconds."
            with self._deed() as (session, now):
                question, by = session.get_one(QuestionRow, number), session.get_one(EmployeeRow, 1)
                answer = self.chorus.answering.take(session, question, by, words, via=Via.DESK, now=now)
                answered.append((platform, who, answer.id))
            self.meant[platform, who, words] += 1
        return answered

    def _put_right(self, answered: list[tuple[str, str, int]]) -> None:
        """A third of the answers get other words, another third is taken back in one go."""
        out = {number for (number,) in self.rows("SELECT id FROM answer WHERE state = 'published'")}
        theirs = [one for one in answered if one[2] in out]
        for platform, who, number in theirs[::3]:
            with self._deed() as (session, now):
                answer, mei = session.get_one(AnswerRow, number), self._person(session, "mei")
                words = f"{answer.text[:-1]}, and wait."
                wanted = Rewording(words, "It was too short.", mei)
                correct(session, self.chorus.answering, answer, wanted, now)
                self.meant[platform, who, answer.text] -= 1
                self.meant[platform, who, words] += 1
        gone = theirs[1::3]
        with self._deed() as (session, now):
            wish = Wish(why="They are wrong.", by=self._person(session, "mei").id)
            retract_all(session, self.chorus.answering, [number for *_, number in gone], wish, now)
            for platform, who, number in gone:
                self.meant[platform, who, session.get_one(AnswerRow, number).text] -= 1

    def _announce(self) -> None:
        platforms, rules = self.chorus.platforms, self.chorus.rules
        feeds = tuple(one.name for one in self.between)
        for number in range(ANNOUNCEMENTS):
            with self._deed() as (session, now):
                mei, ravi = self._person(session, "mei").id, self._person(session, "ravi").id
                words = f"News number {number}: the shop is open again."
                row = propose(session, Proposal(words, feeds, {}), platforms, rules, mei, now)
                decide.approve(session, row, 1, ravi, now)
                decide.plan(session, row, now, platforms, rules, now)
            self.meant.update({(feed, "", words): 1 for feed in feeds})

    def _retract_announcements(self) -> None:
        """Every other one of those that are out is taken back."""
        for (number,) in self.rows("SELECT id FROM announcement WHERE state = 'published' ORDER BY id")[::2]:
            with self._deed() as (session, now):
                row = session.get_one(AnnouncementRow, number)
                retract_announcement(session, row, "It is closed.", now)
                self.meant.subtract({(one.name, "", row.text): 1 for one in self.between})

    def _state(self, about: str, kind: StatementKind, words: str) -> None:
        """Mei writes it on the matter of those whose names begin so, Ravi approves it; all are to be told."""
        with self._deed() as (session, now):
            matter = session.get_one(MatterRow, self._matter(about))
            mei, everybody = self._person(session, "mei").id, StatementAudience.ALL
            answering = self.chorus.answering
            row = statements.propose(session, matter, kind, {"": words}, everybody, mei, answering, now)
            number = row.id
        with self._deed() as (session, now):
            row = session.get_one(StatementRow, number)
            statements.approve(session, row, self._person(session, "ravi").id, now)
        names = [f"{about}{number}" for number in range(self.size)]
        names += [f"j{number}" for number in range(self.size)] if about == "w" else []
        self.meant.update({(feed.name, who, words): 1 for feed in self.between for who in names})

    def _join_campaign(self) -> None:
        """What was wished becomes a campaign, and as many again join it by a post."""
        number = self._matter("w")
        with self._deed() as (session, now):
            matter, mei = session.get_one(MatterRow, number), self._person(session, "mei").id
            campaigns.make(session, matter, DEMAND, mei, 14, now)
        with self._deed() as (session, now):
            campaigns.open_page(session, session.get_one(CampaignRow, number), now)
        for feed in self.between:
            for one in range(self.size):
                feed.ask(Asking(f"j{one}", f"{DEMAND} join-{number}", "en"))
        self.until(lambda: self.one("SELECT count(*) FROM question WHERE joins") >= 2 * self.size)

    def _matter(self, about: str) -> int:
        """The matter of those whose names begin so; what lies in another one is joined to it."""
        like = f"customer_handle LIKE '{about}%' AND matter_id IS NOT NULL"
        while True:
            found = [
                number for (number,) in self.rows(f"SELECT DISTINCT matter_id FROM question WHERE {like}")
            ]
            if len(found) <= 1 or self.is_late:
                return int(found[0])
            with self._deed() as (session, now):
                decisions.merge(session, found[0], found[1], "mei", now)

    def _person(self, session: Session, name: str) -> EmployeeRow:
        found = staff.by_email(session, f"{name}@example.com")
        assert found is not None
        return found

    # -- what is known --------------------------------------------------------------------------------

    def _progress(self) -> int:
        return int(
            self.one(
                "SELECT coalesce((SELECT max(id) FROM post), 0) + coalesce((SELECT max(id) FROM delivery), 0)"
            )
        )

    def _sent(self) -> int:
        return int(self.one("SELECT count(*) FROM delivery WHERE state = 'sent'"))

    def _told(self, statement: int) -> int:
        return int(self.one(f"SELECT count(*) FROM told WHERE statement_id = {statement}"))

    def _shown(self) -> Meant:
        """What people can read, by the words that were meant."""
        known: Mapping[str, None] = {words: None for _, _, words in self.meant}
        shown: Meant = Counter()
        for feed in self.between:
            for one in feed.said():
                text = html.unescape(_MARKUP.sub("", one.text))
                words = max((each for each in known if each in text), key=len, default=text)
                shown[feed.name, one.who, words] += 1
        return shown


def _name(handle: str) -> str:
    return handle.partition("@")[0].partition("_")[0]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--size", type=int, default=40, help="people of each kind on each feed")
    arguments.add_argument("--kills", type=int, default=12, help="more or less")
    arguments.add_argument("--databases", nargs="+", default=["postgresql"])
    arguments.add_argument("--minutes", type=float, default=12.0, help="the most that one database takes")
    chosen = arguments.parse_args()
    failed = False
    for kind in chosen.databases:
        with ExitStack() as stack:
            chaos = Chaos(stack, kind, chosen.size, chosen.kills, chosen.minutes)
            figures = chaos.happens()
        print(json.dumps({"database": kind, **figures}, indent=1), flush=True)
        wrong = figures["lost"] + figures["doubled_or_not_meant"]
        print(f"{kind}: lost, doubled or not meant {wrong} (0)", flush=True)
        failed |= bool(wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
