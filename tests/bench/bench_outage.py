"""An outage as it really comes: three feeds, four languages, real processes, and ``kill -9`` all the while.

``python tests/bench/bench_outage.py [--people N] [--seconds S] [--databases sqlite postgresql]
[--kills N] [--minutes M]``. So many people ask within so many seconds (the two hours of an outage, made
short): on the built-in feed, on the generic feed and on a server that speaks Mastodon's API. On SQLite one
``chorus serve`` does everything; on PostgreSQL there is ``chorus serve --no-worker`` and two ``chorus work``.
The surge is noticed, what each language says is joined by a person, one statement is written in four
languages, refused to its writer, approved by a second person and told while others go on asking; then
"settled". From the beginning on a process is killed from outside whenever so much more is done. The feeds'
own ledgers are the judges. It ends by itself, after ``--minutes`` a database at the latest.
"""

import argparse
import html
import json
import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.killing import Killer
from tests.bench.load import percentile
from tests.bench.mortal_house import BUDGETS, MortalHouse
from tests.bench.outside import Asking, Outside, SaidTo

ASKED = {
    "en": "the streaming service is down, I cannot watch anything since noon",
    "de": "das Streaming ist ausgefallen, ich kann seit Mittag nichts mehr sehen",
    "fr": "la plateforme de vidéo est en panne, je ne peux plus rien regarder depuis midi",
    "es": "la plataforma de vídeo no funciona, no puedo ver nada desde el mediodía",
}
UPSET = {
    "en": "This is unacceptable!!!",
    "de": "Eine Frechheit!!!",
    "fr": "C'est inadmissible!!!",
    "es": "Es una vergüenza!!!",
}
DOWN = {
    "en": "Streaming is down for everybody since noon. We are on it and tell you here when it is back.",
    "de": "Das Streaming ist seit Mittag bei allen gestört. Wir melden uns hier, sobald es läuft.",
    "fr": "La plateforme est en panne pour tous depuis midi. Nous vous dirons ici quand elle revient.",
    "es": "La plataforma no funciona para nadie desde el mediodía. Les diremos aquí cuando vuelva.",
}
BACK = {
    "en": "Streaming is back for everybody. Thank you for your patience.",
    "de": "Das Streaming läuft wieder bei allen. Danke für Ihre Geduld.",
    "fr": "La plateforme fonctionne de nouveau pour tous. Merci de votre patience.",
    "es": "La plataforma vuelve a funcionar para todos. Gracias por su paciencia.",
}
SHARES = (("local", 0.45), ("generic", 0.45), ("mastodon", 0.1))
UPSET_SHARE = WIDE_SHARE = 0.02
WIDE = 200_000
STATED_AFTER = 0.4
"""Share of the people who have asked when the statement is approved."""
SLACK = 60
"""Places by which somebody may come later than by their turn: so many are on their way at a time."""
_JOINED_EVERY = 5.0
_STEPS = 3
"""What happens to each: they ask, are told, and told that it is settled."""
PAGES = ("/", "/admin", "/admin/matters", "/desk", "/api/v1/matters")


@dataclass
class Pages:
    """Pages that people open all the while, and how long they wait for them."""

    port: int
    cookies: Mapping[str, str]
    waited: dict[str, list[float]] = field(default_factory=dict)
    down: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> dict[str, Any]:
        """The p95 of each page in seconds, of those that were answered, and how often nobody was there."""
        self._over.set()
        self._thread.join()
        shown: dict[str, Any] = {page: round(percentile(each, 0.95), 3) for page, each in self.waited.items()}
        everything = [one for each in self.waited.values() for one in each]
        return {"p95_s": round(percentile(everything, 0.95), 3), **shown, "nobody_there": self.down}

    def _run(self) -> None:
        number = 0
        base = f"http://127.0.0.1:{self.port}"
        with httpx.Client(base_url=base, timeout=30, cookies=dict(self.cookies)) as client:
            while not self._over.wait(0.2):
                page, number = PAGES[number % len(PAGES)], number + 1
                began = time.perf_counter()
                try:
                    client.get(page, follow_redirects=True).raise_for_status()
                except httpx.TransportError:
                    self.down += 1
                    continue
                self.waited.setdefault(page, []).append(time.perf_counter() - began)


class Outbreak(MortalHouse):
    """One house through an outage, and what the feeds and its database tell of it."""

    def __init__(
        self, stack: ExitStack, kind: str, people: int, seconds: float, kills: int, minutes: float
    ) -> None:
        super().__init__(stack, kind, minutes)
        self.seconds, self.people = seconds, people
        self.pages = Pages(self.port, self.cookies["mei"])
        self.killer = Killer(self.processes, self._progress, max(1, _STEPS * people // kills))
        self.asked = self._askings()
        self.done = Counter[str]()
        self.joined_at = 0.0

    def _askings(self) -> dict[str, list[Asking]]:
        """Who asks on which feed, in order; here and there somebody upset, or with many who listen."""
        chance, languages, asked = random.Random(11), tuple(ASKED), dict[str, list[Asking]]()
        for name, share in SHARES:
            asked[name] = []
            for number in range(round(self.people * share)):
                language = languages[number % len(languages)]
                words, reach = ASKED[language], 10
                if chance.random() < UPSET_SHARE:
                    words = f"{words}. {UPSET[language]}"
                elif name == "generic" and chance.random() < WIDE_SHARE:
                    reach = WIDE
                asked[name].append(Asking(f"{name[0]}{number}", words, language, reach))
        return asked

    # -- what happens, in order -----------------------------------------------------------------------

    def happens(self) -> dict[str, Any]:
        """All of it; what is known of it at the end."""
        asking = [threading.Thread(target=self._ask, args=(feed,), daemon=True) for feed in self.feeds]
        for thread in asking:
            thread.start()
        noticed = self._until(lambda: self.rows("SELECT id FROM matter WHERE surge <> ''"))
        noticed_after, noticed_at = time.monotonic() - self.began, sum(self.done.values())
        self._until(lambda: sum(self.done.values()) >= STATED_AFTER * self.people)
        self._until(lambda: self._waiting_share() > STATED_AFTER * 0.9)
        refused = self._say("statement", DOWN)
        waiting = self._waiting()
        stated = time.monotonic()
        for thread in asking:
            thread.join(max(0.0, self.ends_at - time.monotonic()))
        told = self._until(lambda: self._told() >= self.people)
        self._until(self.is_quiet)
        told_after = time.monotonic() - stated
        settling = time.monotonic()
        self._say("settled", BACK)
        settled = self._until(
            lambda: not self.rows("SELECT 1 FROM statement WHERE state IN ('active', 'proposed')")
        )
        kills = self.killer.stop()
        pages = self.pages.stop()
        self._until(self.is_quiet)
        settled_after = time.monotonic() - settling
        used = self.processor_seconds()
        stored = self.one("SELECT count(DISTINCT platform || customer_id) FROM question")
        said = {feed.name: feed.said() for feed in self.feeds}
        return {
            "people": self.people,
            "stored": stored,
            "noticed": bool(noticed),
            "noticed_after_s": round(noticed_after, 1),
            "people_by_then": noticed_at,
            "its_writer_was_refused": refused,
            "kills": kills,
            "all_told": bool(told) and bool(settled),
            "told_in_s": round(told_after),
            "settled_in_s": round(settled_after),
            **{name: self._judged(said, words) for name, words in (("statement", DOWN), ("settled", BACK))},
            "same_key_again": self.generic.again,
            "order": self._order(said, waiting),
            "fullest_minute": {name: f"{_fullest(said[name])} of {most}" for name, most in BUDGETS.items()},
            "pages": pages,
            "processor_ms_a_person": round(1_000 * used / self.people, 1),
            "took_s": round(time.monotonic() - self.began),
        }

    def _ask(self, feed: Outside) -> None:
        """Everybody on this feed, one after the other, over the time that they have."""
        everybody = self.asked[feed.name]
        for number, one in enumerate(everybody):
            late = self.began + self.seconds * number / len(everybody) - time.monotonic()
            time.sleep(max(0.0, late))
            feed.ask(one)
            self.done[feed.name] += 1

    def _say(self, kind: str, words: Mapping[str, str]) -> bool:
        """Mei writes it, may not approve it, and Ravi approves it; whether Mei was refused."""
        matter = self._joined()
        form = {"kind": kind, "audience": "all", "text": words["en"]}
        form |= {f"text-{code}": text for code, text in words.items() if code != "en"}
        proposed = f"SELECT id FROM statement WHERE kind = '{kind}'"
        self._deed("mei", f"/admin/matters/{matter}/statements", form, lambda: self.rows(proposed))
        number = self.one(proposed)
        refused = self._deed("mei", f"/admin/statements/{number}/approve", {}).status_code
        is_approved = f"SELECT 1 FROM statement WHERE id = {number} AND state <> 'proposed'"
        was_approved = bool(self.rows(is_approved))
        self._deed("ravi", f"/admin/statements/{number}/approve", {}, lambda: self.rows(is_approved))
        return refused >= 400 and not was_approved

    def _joined(self) -> int:
        """The matter that all are about; a person joins what each language says."""
        sizes = self.rows(
            "SELECT matter_id, count(*) FROM question WHERE matter_id IS NOT NULL"
            " GROUP BY matter_id ORDER BY count(*) DESC, matter_id"
        )
        if not sizes:
            return 0
        largest = self.one("SELECT matter_id FROM statement LIMIT 1") or sizes[0][0]
        for other in (number for number, _ in sizes if number != largest):
            merged = f"SELECT 1 FROM matter WHERE id = {other} AND state = 'merged'"
            self._deed(
                "mei",
                f"/admin/matters/{largest}/merge",
                {"other": str(other)},
                partial(self.rows, merged),
            )
        kept: int = self.one(
            "SELECT matter_id FROM question WHERE matter_id IS NOT NULL"
            " GROUP BY matter_id ORDER BY count(*) DESC LIMIT 1"
        )
        return kept

    def _deed(
        self, who: str, path: str, form: Mapping[str, str], done: Callable[[], Any] | None = None
    ) -> httpx.Response:
        """Somebody presses a button, again where the server died before it said anything."""
        while True:
            with suppress(httpx.TransportError):
                answer = httpx.post(
                    f"http://127.0.0.1:{self.port}{path}",
                    data=dict(form),
                    cookies=self.cookies[who],
                    headers={"accept": "text/html", "sec-fetch-site": "same-origin"},
                    timeout=60,
                )
                if done is None or done() or self.is_late:
                    return answer
            time.sleep(0.5)

    def _until(self, is_so: Callable[[], Any]) -> Any:
        """As ``until``; what is in a matter of its own by mistake is joined on the way."""
        return self.until(is_so, self._join_strays)

    def _join_strays(self) -> None:
        if time.monotonic() - self.joined_at > _JOINED_EVERY and self.rows("SELECT 1 FROM statement"):
            self._joined()
            self.joined_at = time.monotonic()

    # -- what is known --------------------------------------------------------------------------------

    def _waiting_share(self) -> float:
        gathered = "SELECT count(DISTINCT platform || customer_id) FROM question WHERE matter_id IS NOT NULL"
        return float(self.one(gathered)) / self.people

    def _waiting(self) -> dict[str, list[tuple[str, int]]]:
        """Who waits on each feed, in the order in which they are to be told, and how urgent they are."""
        found: dict[str, list[tuple[str, int]]] = {feed.name: [] for feed in self.feeds}
        rows = self.rows(
            "SELECT question.platform, customer_handle, priority FROM question WHERE matter_id IS NOT NULL"
            " AND state IN ('open', 'offered', 'waiting', 'escalated') ORDER BY priority DESC, asked_at, id"
        )
        for platform, handle, priority in rows:
            who = handle.partition("@")[0].partition("_")[0]
            found[platform].append((who, priority))
        return found

    def _progress(self) -> int:
        """Posts that came in, and people told."""
        came = "SELECT coalesce((SELECT max(id) FROM post), 0) + coalesce((SELECT max(id) FROM told), 0)"
        return int(self.one(came))

    def _told(self) -> int:
        return int(self.one("SELECT count(DISTINCT platform || customer_id) FROM told"))

    def _judged(self, said: Mapping[str, list[SaidTo]], words: Mapping[str, str]) -> dict[str, int]:
        """Of everybody who asked, how many the ledgers say were told, not at all, or more than once."""
        lost = doubled = other_language = told = 0
        for name, askings in self.asked.items():
            heard: dict[str, list[str]] = {}
            for one in said[name]:
                shown = html.unescape(one.text)
                heard.setdefault(one.who, []).extend(code for code, each in words.items() if each in shown)
            for asking in askings:
                codes = heard.get(asking.who, [])
                told += bool(codes)
                lost += not codes
                doubled += len(codes) > 1
                other_language += bool(codes) and asking.language not in codes
        return {"told": told, "lost": lost, "doubled": doubled, "in_another_language": other_language}

    def _order(
        self, said: Mapping[str, list[SaidTo]], waiting: Mapping[str, list[tuple[str, int]]]
    ) -> dict[str, float]:
        """Of those who waited when it was approved, how many had their turn (see ``SLACK``)."""
        urgent, usual = list[bool](), list[bool]()
        for name, turns in waiting.items():
            statements = [
                one for one in said[name] if any(each in html.unescape(one.text) for each in DOWN.values())
            ]
            place = {one.who: number for number, one in enumerate(statements)}
            for turn, (who, priority) in enumerate(turns):
                if who in place:
                    (urgent if priority else usual).append(place[who] <= turn + SLACK)
        return {
            "urgent_who_waited": len(urgent),
            "urgent_in_turn": round(statistics.mean(urgent), 3) if urgent else 1.0,
            "others_who_waited": len(usual),
            "others_in_turn": round(statistics.mean(usual), 3) if usual else 1.0,
        }


def _fullest(said: Sequence[SaidTo]) -> int:
    """The most posts within a minute."""
    times = sorted(one.at for one in said)
    most = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - 60:
            first += 1
        most = max(most, last - first + 1)
    return most


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, default=1_000)
    arguments.add_argument("--seconds", type=float, default=60.0, help="in which they ask")
    arguments.add_argument("--databases", nargs="+", default=["sqlite", "postgresql"])
    arguments.add_argument("--kills", type=int, default=15, help="more or less")
    arguments.add_argument("--minutes", type=float, default=15.0, help="the most that one database takes")
    chosen = arguments.parse_args()
    failed = False
    for kind in chosen.databases:
        with ExitStack() as stack:
            outbreak = Outbreak(stack, kind, chosen.people, chosen.seconds, chosen.kills, chosen.minutes)
            figures = outbreak.happens()
        print(json.dumps({"database": kind, **figures}, indent=1), flush=True)
        for name in ("statement", "settled"):
            lost, doubled = figures[name]["lost"], figures[name]["doubled"]
            failed |= bool(lost or doubled)
            print(f"{kind}, {name}: lost {lost} (0), doubled {doubled} (0)", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
