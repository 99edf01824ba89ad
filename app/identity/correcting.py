"""Other words for an announcement that is out, as the desk and those in charge take them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.identity.auth import Person
from app.identity.decisions import DecisionContext, change
from app.wiring.composition import Chorus
from bot.actions.announce.correct import (
    PlannedPlace,
    Standing,
    plan_correction,
    propose_correction,
    standing_on_each,
    words_now,
)
from bot.actions.announce.shown import AnnouncedWords
from bot.actions.people.details import Invalid
from bot.actions.undecidable import Undecidable
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.announcements import AnnouncementRow

_OTHER = "text-"


@dataclass(frozen=True, slots=True)
class CorrectionForm:
    """What the form holds, what is out now, and what would become of the words."""

    there: Mapping[str, Standing]
    typed: Mapping[str, str]
    planned: Sequence[PlannedPlace] = ()
    error: Exception | None = None

    @property
    def others(self) -> bool:
        """Whether there are other words for one of the platforms."""
        return any(name.startswith(_OTHER) and text for name, text in self.typed.items())

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong with a field, by its name."""
        return {self.error.field: str(self.error)} if isinstance(self.error, Invalid) else {}


@dataclass(frozen=True, slots=True)
class Correcting:
    """Somebody corrects an announcement."""

    chorus: Chorus
    person: Person
    typed: Mapping[str, str] = field(default_factory=dict)

    def form(
        self, session: Session, row: AnnouncementRow, declined: AnnouncementRow | None = None
    ) -> CorrectionForm:
        """The words as they are out, to be put right; or those of a correction that was declined."""
        there = standing_on_each(session, row)
        typed = _fields(words_now(row, there))
        if declined is not None:
            words = AnnouncedWords(declined.text, tuple(declined.platforms), "", declined.variants)
            typed = {**_fields(words), "why": declined.why}
        return CorrectionForm(there, typed)

    def seen(self, session: Session, row: AnnouncementRow, error: Exception | None = None) -> CorrectionForm:
        """The form with what was typed, and what would become of it; or why it was not taken (``error``)."""
        there, planned = standing_on_each(session, row), []
        if error is None:
            try:
                words, rules = self._words(row), self.chorus.rules
                planned = plan_correction(session, row, words, self.chorus.platforms, rules)
            except Undecidable as refusal:
                error = refusal
        return CorrectionForm(there, self.typed, planned, error)

    def hand_in(self, found: Callable[[DecisionContext], AnnouncementRow]) -> AnnouncementRow:
        """Put them in front of somebody else. Raises Invalid and Undecidable."""
        with change(self.chorus, self.person) as at:
            row = found(at)
            correction = propose_correction(
                at.session,
                row,
                self._words(row),
                self.typed.get("why", ""),
                self.chorus.platforms,
                self.chorus.rules,
                self.person.id,
                at.now,
            )
            at.record(
                AuditAction.ANNOUNCEMENT_CORRECT,
                f"announcement {row.id}",
                why=correction.why,
                correction=correction.id,
            )
            return correction

    def _words(self, row: AnnouncementRow) -> AnnouncedWords:
        others = {name: self.typed[_OTHER + name] for name in row.platforms if self.typed.get(_OTHER + name)}
        return AnnouncedWords(self.typed.get("text", ""), tuple(row.platforms), row.warning, others)


def _fields(words: AnnouncedWords) -> dict[str, str]:
    return {"text": words.text, **{_OTHER + name: text for name, text in (words.variants or {}).items()}}
