"""An employee edits or deletes the post that a published answer came from: what follows is the house's rule.

``propose``: it waits on the board, as a colleague's challenge does. ``follow``: the answer is corrected or
taken back by itself, through the guard and the outbox; what the guard would hold or refuse, and what cannot
be done now, waits on the board instead. ``ignore``: the answer stays, and its author reads that.
"""

from collections.abc import Callable
from datetime import datetime

from bot.actions.conversations.answer import Answering
from bot.actions.conversations.deletion import post_deleted
from bot.actions.conversations.edit import EDITED, post_edited
from bot.actions.conversations.hold_or_publish import WRITTEN_AGAIN, words_of
from bot.actions.conversations.tell import tell_challenger
from bot.actions.rules import AuthorEdits
from bot.actions.taking_back.correct import Rewording, correct, plan_correction
from bot.actions.taking_back.retract import Wish, retract
from bot.actions.taking_back.under_way import correction_under_way
from bot.actions.undecidable import Undecidable
from bot.states import AnswerState, ChangeKind
from bot.store import changes, rows
from bot.store.conversations import answers, questions
from bot.store.engine import Session
from bot.store.people.identities import may_answer
from bot.store.tables.conversations import AnswerRow, PostRow
from bot.store.tables.house import BY_AUTHOR, ChallengeKind, ChallengeRow, ChallengeState
from bot.store.tables.people import EmployeeRow
from bot.store.taking_back import challenges
from bot.wording.attachments import own_warning
from routing.model.domain import QuestionState
from routing.model.lifecycle import Impossible
from routing.model.phrases import phrase

OWN_GONE = phrase("Its author has deleted the post that it came from.")
NOT_PUBLIC = phrase("Its author has made the post that it came from private.")
STAYS = phrase(
    "What is changed on the platform after an answer is out is not taken over: a rule of the house."
)
_AUTHOR_GONE = phrase("Its author may not answer any more.")
_EDITED_BACK = phrase("Its author has edited the post back.")


def post_changed(session: Session, answering: Answering, post: PostRow, now: datetime) -> None:
    """A post that is known is gone, or was edited: what follows, for a customer's and for an employee's."""
    if post.deleted_at is not None:
        answer = post_deleted(session, post, now)
    else:
        answer = post_edited(session, answering, post, now)
    own_post_changed(session, answering, answer, post, now)


def own_post_changed(
    session: Session, answering: Answering, answer: AnswerRow | None, post: PostRow, now: datetime
) -> None:
    """The post of an answer that is out is gone, less visible, or says something else; None: of none."""
    author = rows.find(session, EmployeeRow, answer.employee_id) if answer is not None else None
    if answer is None or author is None:
        return
    if post.deleted_at is not None or not post.is_public:
        why = NOT_PUBLIC if post.deleted_at is None else OWN_GONE
        change = _Change(session, answering, ChallengeKind.DELETION, answer, author, now)
        change.happens(lambda target: change.follow_deletion(target, why), "", why)
        return
    words = words_of(post.text, post, author.name, answering.rules)
    stands = _latest(session, answer)
    if (words, own_warning(post.warning, *answering.rules.unsaid_tags)) == (stands.text, stands.warning):
        _end_own(session, answer, author, now)
        return
    wanted = Rewording(post.text, EDITED, author, own=post)
    change = _Change(session, answering, ChallengeKind.EDIT, answer, author, now)
    change.happens(lambda target: change.follow_edit(target, wanted), words)


def _latest(session: Session, answer: AnswerRow) -> AnswerRow:
    """What is to be said in an answer's place: a correction that is on its way counts."""
    stands = challenges.standing(session, answer)
    return correction_under_way(session, stands) or stands


def _end_own(session: Session, answer: AnswerRow, author: EmployeeRow, now: datetime) -> None:
    stands = challenges.standing(session, answer)
    mine = challenges.waiting_of(session, stands.id, author.id)
    if mine is not None and mine.kind in BY_AUTHOR:
        challenges.end_all(session, [mine], _EDITED_BACK, now)
        changes.append(session, ChangeKind.WORK, answer.question_id, now)


class _Change:
    """What an author did to their post, and what becomes of it. The question is held."""

    def __init__(
        self,
        session: Session,
        answering: Answering,
        kind: ChallengeKind,
        answer: AnswerRow,
        author: EmployeeRow,
        now: datetime,
    ) -> None:
        self._session, self._answering, self._kind = session, answering, kind
        self._author, self._now = author, now
        self._question = questions.held_one(session, answer.question_id)
        self._stands = challenges.standing(session, answer)

    def happens(self, follow: Callable[[AnswerRow], None], words: str, why: str = "") -> None:
        """Go by the rule of the house; what cannot be followed waits for a person."""
        stands = self._stands
        is_out = stands.state in (AnswerState.PUBLISHED, AnswerState.QUEUED, AnswerState.FAILED)
        if not is_out or self._question.state in (QuestionState.WITHDRAWN, QuestionState.JOINED):
            return
        if self._is_declined(words):
            return
        rule = self._answering.rules.author_edits
        if rule is AuthorEdits.IGNORE:
            self._ignore(words)
            return
        if rule is AuthorEdits.FOLLOW and stands.employee_id == self._author.id:
            why = self._try(follow) or ""
            if not why:
                return
        self._propose(words, why)

    def follow_edit(self, target: AnswerRow, wanted: Rewording) -> None:
        """The answer says what its author says by now. Raises Undecidable where a person looks first."""
        self._make_way(target)
        planned = plan_correction(self._session, self._answering, target, wanted, self._now)
        if planned.objections:
            raise Undecidable(planned.objections[0])
        row = self._note(ChallengeState.ACCEPTED, planned.text, "")
        correct(
            self._session,
            self._answering,
            target,
            Rewording(wanted.text, wanted.why, wanted.by, own=wanted.own, challenge=row),
            self._now,
        )

    def follow_deletion(self, target: AnswerRow, why: str) -> None:
        """The answer goes as its post went."""
        self._make_way(target)
        self._note(ChallengeState.ACCEPTED, "", why)
        retract(
            self._session,
            self._answering,
            correction_under_way(self._session, target) or target,
            Wish(why, self._author.id),
            self._now,
        )

    def _try(self, follow: Callable[[AnswerRow], None]) -> str | None:
        """Why it could not be followed; None where it was."""
        if not may_answer(self._author):
            return _AUTHOR_GONE
        try:
            with rows.savepoint(self._session):
                follow(self._stands)
        except (Undecidable, Impossible) as error:
            return str(error)
        return None

    def _make_way(self, target: AnswerRow) -> None:
        """A correction of the author's own of which nothing has gone out yet makes room for the next."""
        for number in answers.corrections_under_way(self._session, target.id):
            one = rows.one(self._session, AnswerRow, number)
            if one.employee_id == self._author.id:
                answers.stop(self._session, one, AnswerState.WITHDRAWN, WRITTEN_AGAIN, self._now)

    def _propose(self, words: str, why: str) -> None:
        row = challenges.waiting_of(self._session, self._stands.id, self._author.id)
        if row is None or row.kind not in BY_AUTHOR:
            if row is not None:  # what they had said at the desk is overtaken by what they say now
                challenges.end_all(self._session, [row], EDITED, self._now)
            row = ChallengeRow(answer_id=self._stands.id, challenger_id=self._author.id, made_at=self._now)
        row.kind, row.words, row.wrong = self._kind, words, why
        self._keep(row)

    def _is_declined(self, words: str) -> bool:
        """Whether just this was declined before: a platform tells the same more than once."""
        last = challenges.last_of_author(self._session, self._stands.id, self._author.id)
        is_declined = last is not None and last.state == ChallengeState.DECLINED
        return is_declined and last is not None and (last.kind, last.words) == (self._kind, words)

    def _ignore(self, words: str) -> None:
        """The author reads that it stays; of each thing that they do to the post it is told once."""
        known = challenges.last_of_author(self._session, self._stands.id, self._author.id)
        if known is not None and known.state == ChallengeState.DECLINED and known.kind == self._kind:
            known.words = words
            self._keep(known)
            return
        row = self._note(ChallengeState.DECLINED, words, "")
        row.why = STAYS
        self._keep(row)
        tell_challenger(self._session, self._answering.rules, row, self._stands, self._now)

    def _note(self, state: ChallengeState, words: str, wrong: str) -> ChallengeRow:
        mine = challenges.waiting_of(self._session, self._stands.id, self._author.id)
        row = mine if mine is not None and mine.kind in BY_AUTHOR else None
        row = row or ChallengeRow(answer_id=self._stands.id, challenger_id=self._author.id, made_at=self._now)
        row.kind, row.words, row.wrong = self._kind, words, wrong
        row.state, row.decided_at = state, self._now
        self._keep(row)
        return row

    def _keep(self, row: ChallengeRow) -> None:
        rows.keep(self._session, row)
        changes.append(self._session, ChangeKind.WORK, self._question.id, self._now)
