"""The board: what waits for a person, the most pressing and of that the oldest first, and its filters.

It is a page of its own. The overview counts, stays open on many screens and is renewed at every change; the
board is where somebody works: it has filters, pages and forms, which a page of counters would lose.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Annotated

from fastapi import Depends, Query, Request, Response

from app.admin.confirmations import notice
from app.admin.review import WHY_HELD
from app.identity.auth import MayWatch, Person, guarded
from app.web.addresses import BOARD, query_of, tidied
from app.web.forms import number_in
from app.web.html import render
from app.web.languages.interface import named_languages
from app.wiring.adapters import terms_of
from app.wiring.composition import Chorus, Here
from app.wiring.steering.rules import policy_of
from bot.actions.announce.decide import words_of
from bot.actions.announce.shown import shown_on_each
from bot.actions.board import LONGEST_NAME, OF_NO_ROW, OF_QUESTIONS
from bot.actions.endorse import MayBeSaid, may_be_said
from bot.actions.second_person import may_approve
from bot.actions.statements import objections
from bot.roles import Permission, roles_with
from bot.store.conversations import set_aside
from bot.store.departments import directory
from bot.store.engine import Session
from bot.store.house import board_marks, budgets
from bot.store.matters.surges import going_on
from bot.store.people import claims, staff
from bot.store.queries.board.lines import (
    NOBODY,
    SEEN_BY,
    BoardDepartment,
    BoardFilter,
    BoardKind,
    BoardLine,
    LadderTimes,
    Pressing,
)
from bot.store.queries.board.listing import BoardPage, board, may_be_of_house
from bot.store.queries.pages import desk
from bot.store.topics import named as stored_topics

router = guarded("/admin")

ME = "me"
"""In an address: whoever looks, so that one link serves everybody."""
KINDS = {
    BoardKind.QUESTION: "question nobody took",
    BoardKind.BREACHING: "question about to be too late",
    BoardKind.ANSWER: "held answer",
    BoardKind.CHALLENGE: "answer said to be wrong",
    BoardKind.UNMATCHED: "answer without a question",
    BoardKind.MESSAGE: "message that is stuck",
    BoardKind.POST: "post set aside",
    BoardKind.ANNOUNCEMENT: "announcement to approve",
    BoardKind.STATEMENT: "statement to approve",
    BoardKind.SURGE: "more people ask than usual",
    BoardKind.CAMPAIGN: "campaign whose next word is overdue",
    BoardKind.GOAL: "goal that is missed",
    BoardKind.TEXT: "text to approve",
    BoardKind.NEWCOMER: "person to let in",
    BoardKind.ENDPOINT: "hook that takes nothing",
    BoardKind.TOKEN: "token about to end",
    BoardKind.SCORE: "customer who is not content",
    BoardKind.COMMUNITY: "another customer's answer",
    BoardKind.REVIEW: "entry to look at again",
    BoardKind.HELD_BACK: "entry held back",
    BoardKind.CONNECTION: "account in trouble",
    BoardKind.BUDGET: "budget running out",
}
PRESSING = {
    Pressing.AT_ONCE: "At once",
    Pressing.NOW: "Somebody waits",
    Pressing.LATER: "When there is time",
}
_MOST_NAMED = 50
_SHORT_TEXT = 3_000
LONGEST_SHOWN = 600
"""Characters of a statement or an announcement that a line shows."""
_MOST_OF_PLACES = 400


@dataclass(frozen=True, slots=True)
class BoardAddress:
    """What the address of the board says: the filter as it was written there, and where the page begins."""

    kind: str = ""
    topic: str = ""
    platform: str = ""
    language: str = ""
    person: str = ""
    department: str = ""
    put_off: str = ""
    after: str = ""

    @property
    def query(self) -> str:
        """The filter alone, as it is kept and passed on."""
        return query_of(self.filters)

    @property
    def filters(self) -> dict[str, str]:
        """The parts of the filter, by their names."""
        names = ("kind", "topic", "platform", "language", "person", "department", "put_off")
        return {name: getattr(self, name) for name in names}

    @property
    def here(self) -> str:
        """The address of this very page."""
        query = query_of({**self.filters, "after": self.after})
        return f"{BOARD}?{query}" if query else BOARD

    def wanted(self, session: Session, person: Person) -> BoardFilter:
        """The filter for whoever looks."""
        found = BoardFilter(
            self.kind,
            self.topic,
            self.platform,
            self.language,
            str(person.id) if self.person == ME else self.person,
            bool(self.put_off),
            unseen=unseen_by(person),
        )
        if found.person_id is not None:
            found = replace(found, teams=tuple(directory.led_by(session, found.person_id)))
        if (number := self.department_id) is not None:
            found = replace(found, department=BoardDepartment(number, directory.slugs_of(session, number)))
        return found

    @property
    def department_id(self) -> int | None:
        """The department that is wanted; None: any."""
        return number_in(self.department)


def unseen_by(person: Person) -> frozenset[BoardKind]:
    """The kinds whose lines somebody may not see."""
    return frozenset(kind for kind, needed in SEEN_BY.items() if not person.may(needed))


def _address(
    kind: Annotated[str, Query(max_length=20)] = "",
    topic: Annotated[str, Query(max_length=60)] = "",
    platform: Annotated[str, Query(max_length=20)] = "",
    language: Annotated[str, Query(max_length=16)] = "",
    person: Annotated[str, Query(max_length=18)] = "",
    department: Annotated[str, Query(max_length=18)] = "",
    put_off: Annotated[str, Query(max_length=3)] = "",
    after: Annotated[str, Query(max_length=_MOST_OF_PLACES)] = "",
) -> BoardAddress:
    parts = (kind, topic, platform, language, person, department, put_off, after)
    return BoardAddress(*map(tidied, parts))


@router.get("/board")
def listed(
    request: Request,
    chorus: Here,
    person: MayWatch,
    address: Annotated[BoardAddress, Depends(_address)],
    done: str = "",
) -> Response:
    """A page of the board."""
    with chorus.database.read() as session:
        now = chorus.database.now(session)
        address = replace(address, topic=stored_topics.slug_now(session, address.topic))
        wanted = address.wanted(session, person)
        found = _read(session, chorus, wanted, address.after, now)
        return render(
            request,
            "admin/board.html",
            person=person,
            sections=_sections(found.lines),
            surges=going_on(
                session, [line.view for line in found.lines if line.kind == BoardKind.SURGE], now
            ),
            further=found.further,
            address=address,
            back=address.here,
            kinds={kind: name for kind, name in KINDS.items() if kind not in wanted.unseen},
            departments=directory.names(session),
            topics=desk.topic_names(session),
            platforms=list(chorus.platforms),
            languages=named_languages(),
            kept=board_marks.filters_of(session, person.id),
            in_charge=staff.named_with_role(session, roles_with(Permission.DECIDE), _MOST_NAMED),
            below=_said_below(chorus, found.lines),
            claimed=claims.of_questions(session, {one.question_id or 0 for one in found.lines}, now),
            approvable=_approvable(session, found.lines, person),
            of_no_row=OF_NO_ROW,
            of_questions=OF_QUESTIONS,
            me=ME,
            nobody=NOBODY,
            longest_name=LONGEST_NAME,
            why_held=WHY_HELD,
            was_taken_in=set_aside.was_taken_in,
            shown_whole=_shown_whole(chorus, found.lines),
            longest_shown=LONGEST_SHOWN,
            notice=notice(done),
        )


def _shown_whole(chorus: Chorus, lines: Sequence[BoardLine]) -> set[str]:
    """The keys of what can be approved on its line: every word stands there, and nothing speaks against it.

    The rest is read, and approved, on its own page.
    """
    return {one.key for one in lines if _is_shown_whole(chorus, one)}


def _is_shown_whole(chorus: Chorus, line: BoardLine) -> bool:
    match line.kind:
        case BoardKind.TEXT:
            return sum(map(len, line.view.paragraphs)) <= _SHORT_TEXT
        case BoardKind.STATEMENT:
            said = line.view[0]
            return len(line.words) <= LONGEST_SHOWN and not objections(said, chorus.rules.guard)
        case BoardKind.ANNOUNCEMENT:
            posts = shown_on_each(words_of(line.view), chorus.platforms, chorus.rules)
            is_doubted = any(post.noticed or post.impossible for post in posts)
            return len(line.words) <= LONGEST_SHOWN and not is_doubted
        case _:
            return True


def _said_below(chorus: Chorus, lines: Sequence[BoardLine]) -> dict[int, MayBeSaid | None]:
    """What the brand says below others' answers as they are endorsed, by the post."""
    return {
        line.id: may_be_said(chorus.platforms.get(line.platform or ""), line.view[0])
        for line in lines
        if line.kind == BoardKind.COMMUNITY
    }


def _read(session: Session, chorus: Chorus, wanted: BoardFilter, after: str, now: datetime) -> BoardPage:
    beside = [] if after else _budget_lines(session, chorus, wanted, now)
    return board(session, wanted, after, now, ladder_times(chorus), beside)


def ladder_times(chorus: Chorus) -> LadderTimes:
    """What the board takes from the ladder that is set up."""
    policy = policy_of(chorus.settings)
    return LadderTimes(len(policy.rungs), policy.long_wait.total_seconds())


def _budget_lines(session: Session, chorus: Chorus, wanted: BoardFilter, now: datetime) -> list[BoardLine]:
    """The platforms whose budget runs out."""
    if wanted.kind not in ("", BoardKind.BUDGET) or not may_be_of_house(wanted):
        return []
    terms = {name: one for name, one in terms_of(chorus.settings).items() if name in chorus.platforms}
    running_out = {
        name: budgets.running_out(session, name, one, now)
        for name, one in terms.items()
        if wanted.platform in ("", name)
    }
    return [
        BoardLine(
            kind=BoardKind.BUDGET,
            id=0,
            pressing=Pressing.AT_ONCE,
            since=now,
            words="",
            view=None,
            platform=name,
            note=why,
        )
        for name, why in running_out.items()
        if why
    ]


def _sections(lines: Sequence[BoardLine]) -> list[tuple[Pressing, str, list[BoardLine]]]:
    grouped = groupby(lines, key=lambda one: one.pressing)
    return [(pressing, PRESSING[pressing], list(some)) for pressing, some in grouped]


def _approvable(session: Session, lines: Sequence[BoardLine], person: Person) -> set[str]:
    """The keys of what this person may approve: nobody approves their own words while another could."""
    found = set()
    for one in lines:
        if one.kind is BoardKind.ANNOUNCEMENT and person.may(Permission.ANNOUNCE):
            needed, author = Permission.ANNOUNCE, one.view.proposed_by
        elif one.kind is BoardKind.STATEMENT:
            needed, author = Permission.DECIDE, one.view[0].written_by
        elif one.kind is BoardKind.TEXT:
            needed, author = Permission.MANAGE_TEXTS, one.view.proposed_by_id
        elif one.kind is BoardKind.CHALLENGE and person.may(Permission.JUDGE_CHALLENGES):
            needed, author = Permission.JUDGE_CHALLENGES, one.view[0].challenger_id
        else:
            continue
        if may_approve(session, needed, author, person.id):
            found.add(one.key)
    return found
