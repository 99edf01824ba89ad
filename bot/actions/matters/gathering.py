"""Questions come into their matters, matters get titles, and a surge is noticed: written down, once."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from bot.actions.matters.who_they_are import WhoTheyAre, who_they_are
from bot.states import ChangeKind, HookEvent, MatterState, TitleSource
from bot.store import changes, rows
from bot.store.engine import Session
from bot.store.hooks.outbox import tell
from bot.store.matters import campaigns, counted, gathered, voices
from bot.store.matters.gathered import AskedQuestion
from bot.store.tables.conversations import QuestionRow
from bot.store.tables.matters import MatterDecisionKind, MatterDecisionRow, MatterRow
from bot.store.tables.values import NoticedSurge
from bot.text.personal import find
from bot.wording.restate import LONGEST_TITLE
from bot.wording.title_sentences import shorten
from bot.wording.titles import title_of
from routing.matters.clustering import Regrouping
from routing.matters.surges import Surge
from routing.model.text import strip_leading_handles

_UNTITLED = "Something without words for a title"
_SMALL = 300
"""So many questions a matter may have for its people to be counted with each that comes in."""


def gathered_in(
    session: Session,
    asked: Sequence[AskedQuestion],
    matters: Mapping[int, int | None],
    surges: Iterable[Surge],
    now: datetime,
) -> list[Surge]:
    """These questions are in these matters; of the surges those that are told are returned."""
    there = gathered.matters(session, {one for one in matters.values() if one is not None})
    settled: dict[int, int | None] = {}
    for question in asked:
        number = matters[question.id]
        if number is None:
            settled[question.id] = None
            continue
        matter = _followed(session, _at(there, number, question), there)
        _grow(matter, question)
        matter.topic = matter.topic or question.topic
        if matter.state == MatterState.SETTLED:
            matter.state = MatterState.OPEN
        settled[question.id] = matter.id
    rows.keep(session, *there.values())
    gathered.assign(session, settled)
    told = _surging(session, there, surges, now)
    counted.count(session, [one.id for one in there.values() if one.questions <= _SMALL], now)
    if asked:
        changes.append(session, ChangeKind.WORK, 0, now)
    return told


def count_people(session: Session, matters: Sequence[int], now: datetime) -> None:
    """How many people asked about these of late is counted again."""
    if counted.count(session, matters, now):
        changes.append(session, ChangeKind.WORK, 0, now)


def hear(session: Session, matters: Mapping[int, int | None], now: datetime) -> None:
    """Posts that ask us nothing speak of these matters (None: of none)."""
    there = gathered.matters(session, {one for one in matters.values() if one is not None})
    spoken = {
        number: None if matter not in there else _followed(session, there[matter], there).id
        for number, matter in matters.items()
    }
    voices.assign(session, spoken)
    if any(spoken.values()):
        changes.append(session, ChangeKind.WORK, 0, now)


def regroup(session: Session, found: Regrouping, now: datetime) -> None:
    """What looking again has changed is written: matters that are one, questions that belong elsewhere."""
    wanted = {*found.merged, *found.merged.values(), *found.moved.values(), *found.opened}
    there = gathered.matters(session, wanted)
    moving = gathered.these(session, found.moved)
    for gone, kept in found.merged.items():
        if gone in there:
            _join(session, there, gone, kept)
    left: Counter[int] = Counter()
    for question_id, number in found.moved.items():
        question = moving.get(question_id)
        if question is None:
            continue
        if question.matter is not None:
            left[question.matter] += 1
        _grow(_at(there, number, question), question)
    rows.keep(session, *there.values())
    gathered.assign(session, {one: number for one, number in found.moved.items() if one in moving})
    for number, matter in gathered.matters(session, left).items():
        matter.questions = max(matter.questions - left[number], 0)
    if wanted:
        changes.append(session, ChangeKind.WORK, 0, now)


def moved(
    session: Session, decided: MatterDecisionRow, question: AskedQuestion, number: int, now: datetime
) -> None:
    """A person put a question elsewhere, and this is where it is now."""
    there = gathered.matters(session, [decided.matter, number])
    _grow(_at(there, number, question), question)
    if decided.matter in there:
        there[decided.matter].questions = max(there[decided.matter].questions - 1, 0)
    decided.other = number
    rows.keep(session, decided, *there.values())
    gathered.assign(session, {question.id: number})
    changes.append(session, ChangeKind.WORK, 0, now)


def _at(there: dict[int, MatterRow], number: int, question: AskedQuestion) -> MatterRow:
    """The matter of this number; one that is not there is opened for the question."""
    if number not in there:
        there[number] = _opened(number, question)
    return there[number]


def _grow(matter: MatterRow, question: AskedQuestion) -> None:
    """A matter has one question more."""
    matter.questions += 1
    matter.counted_at = None
    matter.first_at, matter.last_at = min(matter.first_at, question.at), max(matter.last_at, question.at)


def _opened(number: int, question: AskedQuestion) -> MatterRow:
    """A new matter, under the words of the question that opened it, until it has more."""
    return MatterRow(
        id=number,
        title=_title(question),
        title_source=TitleSource.DERIVED,
        title_question=question.id,
        topic=question.topic,
        state=MatterState.OPEN,
        first_at=question.at,
        last_at=question.at,
    )


def _title(question: AskedQuestion) -> str:
    """A title for the people of the house, without what could tell who asked."""
    if find(question.text):
        return question.topic or _UNTITLED
    title = title_of(question.text, answer="", language=question.language)
    return title or shorten(strip_leading_handles(question.text), LONGEST_TITLE) or _UNTITLED


def forget(session: Session, question: QuestionRow, now: datetime) -> None:
    """A question is gone: its matter has one less, and no title of its words."""
    number = question.matter_id
    if number is None:
        return
    question.matter_id, question.gathered = None, True
    if question.joins:  # whoever gathers never knew of it
        return
    matter = gathered.matters(session, [number]).get(number)
    if matter is not None:
        matter.questions = max(matter.questions - 1, 0)
        if matter.title_question == question.id:
            matter.title, matter.title_question = matter.topic or _UNTITLED, None
    gone = MatterDecisionRow(
        kind=MatterDecisionKind.FORGET, matter=number, question_id=question.id, decided_at=now
    )
    rows.keep(session, gone)


def _followed(session: Session, matter: MatterRow, there: dict[int, MatterRow]) -> MatterRow:
    """The matter that this one is part of by now; itself where it is one of its own."""
    while matter.merged_into is not None:
        if matter.merged_into not in there:
            there.update(gathered.matters(session, [matter.merged_into]))
        matter = there[matter.merged_into]
    return matter


def _join(session: Session, there: dict[int, MatterRow], gone: int, kept: int) -> None:
    mine, other = there.get(kept), there[gone]
    if mine is None:
        return
    gathered.hand_over(session, gone, kept)
    campaigns.hand_over(session, gone, kept)
    join_rows(mine, other)


def join_rows(kept: MatterRow, gone: MatterRow) -> None:
    """One matter takes in what another one was; a person's title wins."""
    kept.questions += gone.questions
    kept.first_at, kept.last_at = min(kept.first_at, gone.first_at), max(kept.last_at, gone.last_at)
    kept.topic = kept.topic or gone.topic
    kept.department_id = kept.department_id or gone.department_id
    kept.is_public = kept.is_public or gone.is_public
    kept.praise = kept.praise and gone.praise
    if kept.title_source == TitleSource.DERIVED and gone.title_source != TitleSource.DERIVED:
        kept.title, kept.title_source, kept.title_question = gone.title, gone.title_source, None
    if not kept.surge and gone.surge_at is not None and (gone.surge or kept.surge_at is None):
        kept.surge, kept.surge_at = gone.surge, gone.surge_at
        kept.noticed, kept.surge_over_at = gone.noticed, gone.surge_over_at
    kept.counted_at = None
    gone.state, gone.merged_into, gone.surge, gone.questions = MatterState.MERGED, kept.id, "", 0


def _surging(
    session: Session, there: Mapping[int, MatterRow], surges: Iterable[Surge], now: datetime
) -> list[Surge]:
    told = []
    for surge in surges:
        matter = there.get(surge.matter)
        if matter is not None and not matter.surge and not matter.praise:
            is_new = matter.surge_at is None
            who = who_they_are(session, surge)
            matter.surge, matter.surge_at, matter.surge_over_at = f"{surge}{who.in_charge}", now, None
            matter.noticed = _noticed(surge, who).stored()
            rows.keep(session, matter)
            others = HookEvent.MATTER_NOTICED if is_new else HookEvent.MATTER_GROWN
            tell(session, others, matter.id, said=f"{surge}{who.outside}")
            told.append(surge)
    return told


def _noticed(surge: Surge, who: WhoTheyAre) -> NoticedSurge:
    began = datetime.fromtimestamp(surge.at, UTC) - timedelta(minutes=surge.minutes)
    return NoticedSurge(began, surge.people, round(surge.minutes), surge.usual, who.language, who.platform)
