"""The words that are listened for where nobody addresses the brand."""

from collections.abc import Mapping

from fastapi import Request, Response

from app.admin.confirmations import notice
from app.identity.auth import MayManageWords, MayWatch, Person, guarded, see_other
from app.identity.decisions import DecisionContext, change, decision
from app.web.forms import Fields, RowId
from app.web.html import render
from app.web.problems import there
from app.wiring.adapters import terms_of
from app.wiring.composition import Chorus, Here
from bot.actions.listening import word_rules
from bot.actions.listening.word_rules import WordRule
from bot.actions.people.details import Invalid
from bot.platforms.base import Searchable
from bot.posts import Read
from bot.store import rows
from bot.store.house.audit_actions import AuditAction
from bot.store.listening import days, words
from bot.store.tables.listening import BrandWordRow

router = guarded("/admin")

_CHOSEN = "platform-"


@router.get("/words")
def listed(request: Request, chorus: Here, person: MayWatch, done: str = "") -> Response:
    """All words, and the form to add one."""
    return _page(request, chorus, person, done=done)


@router.post("/words")
def add(request: Request, chorus: Here, person: MayManageWords, fields: Fields) -> Response:
    """Listen for another word."""
    rule = _rule(fields, chorus, is_on=True)
    try:
        with change(chorus, person) as at:
            row = word_rules.add(at.session, rule, list(chorus.platforms), at.now)
            at.record(AuditAction.WORD_ADD, f"word {row.id}", text=row.text)
    except Invalid as error:
        return _page(request, chorus, person, typed=rule, errors={error.field: str(error)})
    return see_other("/admin/words?done=added")


@router.get("/words/{word_id}")
def detail(request: Request, chorus: Here, person: MayWatch, word_id: RowId) -> Response:
    """One word, to read or to change."""
    with chorus.database.read() as session:
        row = there(rows.find(session, BrandWordRow, word_id), "such word")
    rule = WordRule(row.text, row.languages, row.excluded, row.platforms, row.is_on)
    return _one(request, chorus, person, word_id, rule)


@router.post("/words/{word_id}")
def edit(request: Request, chorus: Here, person: MayManageWords, word_id: RowId, fields: Fields) -> Response:
    """Listen for this instead, or not for now."""
    rule = _rule(fields, chorus, is_on=bool(fields.get("on")))
    try:
        with change(chorus, person) as at:
            row = _row(at, word_id)
            word_rules.edit(at.session, row, rule, list(chorus.platforms), at.now)
            at.record(AuditAction.WORD_EDIT, f"word {word_id}", text=row.text, on=row.is_on)
    except Invalid as error:
        return _one(request, chorus, person, word_id, rule, errors={error.field: str(error)})
    return see_other("/admin/words?done=saved")


@router.post("/words/{word_id}/remove")
def remove(chorus: Here, person: MayManageWords, word_id: RowId) -> Response:
    """Do not listen for it any more."""
    with decision(chorus, person) as at:
        row = _row(at, word_id)
        at.record(AuditAction.WORD_REMOVE, f"word {word_id}", text=row.text)
        word_rules.remove(at.session, row, at.now)
    return see_other("/admin/words?done=removed")


def _row(at: DecisionContext, word_id: int) -> BrandWordRow:
    return at.row(BrandWordRow, word_id, "such word")


def _rule(fields: Mapping[str, str], chorus: Chorus, *, is_on: bool) -> WordRule:
    chosen = [name for name in chorus.platforms if fields.get(_CHOSEN + name)]
    everywhere = len(chosen) == len(chorus.platforms)
    return WordRule(
        fields.get("text", ""),
        fields.get("languages", "").replace(",", " ").split(),
        [one for line in fields.get("excluded", "").splitlines() for one in line.split(",")],
        () if everywhere else chosen,
        is_on,
    )


def _one(
    request: Request,
    chorus: Chorus,
    person: Person,
    word_id: int,
    rule: WordRule,
    *,
    errors: dict[str, str] | None = None,
) -> Response:
    return render(
        request,
        "admin/word.html",
        status=422 if errors else 200,
        person=person,
        word_id=word_id,
        typed=rule,
        platforms=list(chorus.platforms),
        errors=errors or {},
    )


def _page(
    request: Request,
    chorus: Chorus,
    person: Person,
    *,
    typed: WordRule | None = None,
    errors: dict[str, str] | None = None,
    done: str = "",
) -> Response:
    with chorus.database.read() as session:
        known = words.listed(session)
        today = days.of_today(session, chorus.database.now(session))
    terms = terms_of(chorus.settings)
    priced = {name: one.prices for name, one in terms.items() if one.prices and name in chorus.platforms}
    return render(
        request,
        "admin/words.html",
        status=422 if errors else 200,
        person=person,
        words=known,
        today=today,
        searched=[name for name, one in chorus.platforms.items() if isinstance(one, Searchable)],
        heard=[name for name, one in chorus.platforms.items() if not isinstance(one, Searchable)],
        prices={
            name: prices.reading(Read.LISTENED) + prices.read_post + prices.read_user
            for name, prices in priced.items()
        },
        most=chorus.rules.listened_a_day,
        kept=chorus.rules.listened_kept.days,
        platforms=list(chorus.platforms),
        typed=typed or WordRule(""),
        errors=errors or {},
        notice=notice(done),
    )
