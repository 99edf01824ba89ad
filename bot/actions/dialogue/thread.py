"""A thread as it was judged so far, and of which kind a further turn is: asked here alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from bot.states import PostKind
from bot.store.conversations import turns
from bot.store.conversations.turns import ThreadTurn
from bot.store.engine import Session
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.wording.attachments import unwarned
from routing.dialogue.classifier import Judgement, judge
from routing.dialogue.turns import By, TurnKind, Utterance

_KINDS = {
    PostKind.FOLLOW_UP: TurnKind.DETAILS,
    PostKind.THANKS: TurnKind.THANKS,
    PostKind.NOT_HELPED: TurnKind.NOT_HELPED,
    PostKind.ASIDE: TurnKind.ASIDE,
}


@dataclass(frozen=True, slots=True)
class Thread:
    """What was said about a question, and which of it are answers, by their place."""

    said: tuple[Utterance, ...]
    answers: dict[int, AnswerRow]
    places: dict[str, int]
    """Where what a platform knows by an id stands."""

    @classmethod
    def of(cls, session: Session, question: QuestionRow) -> Self:
        """Read a thread as the customer has seen it."""
        return cls.of_all(session, [question.id])[question.id]

    @classmethod
    def of_all(cls, session: Session, question_ids: Collection[int]) -> dict[int, Self]:
        """As ``of`` of each of these questions."""
        found = turns.of_questions(session, question_ids)
        return {question_id: cls._read(said) for question_id, said in found.items()}

    @classmethod
    def _read(cls, turns_of: Sequence[ThreadTurn]) -> Self:
        said: list[Utterance] = []
        answers: dict[int, AnswerRow] = {}
        places: dict[str, int] = {}
        for one in turns_of:
            places.update(dict.fromkeys(one.external_ids, len(said)))
            if one.post is not None:
                said.append(_known(one.post, places, said))
            elif one.answer is not None:
                answers[len(said)] = one.answer
                said.append(Utterance(By.EMPLOYEE, one.answer.text, _last(said), _kind_of(one.answer)))
        return cls(tuple(said), answers, places)

    def judge_post(self, post: PostRow) -> Judgement:
        """Of which kind a further post of the customer's is.

        A question where nothing that was said so far seems to have asked anything.
        """
        return judge(_outside(post, self.places, By.CUSTOMER), self.said)

    def judge_other(self, post: PostRow) -> Judgement:
        """Of which kind somebody else's post in a customer's thread is."""
        return judge(_outside(post, self.places, By.OTHER), self.said)

    def is_of_another(self, post: PostRow) -> bool:
        """Whether a customer's post is about another customer's answer: replies to it, or follows it."""
        place = self.places.get(post.in_reply_to or "", len(self.said) - 1)
        return 0 <= place < len(self.said) and self.said[place].by == By.OTHER

    def judge_answer(self, text: str, post: PostRow | None = None) -> TurnKind:
        """Of which kind an employee's words are, said in a tagged ``post`` or at the desk."""
        above = self.places.get(post.in_reply_to or "") if post is not None else None
        last = _last(self.said)
        return judge(Utterance(By.EMPLOYEE, text, last if above is None else above), self.said).kind

    def thanked_for(self, post: PostRow) -> tuple[AnswerRow | None, bool]:
        """The answer that thanks are for, and whether the post replies to it; None: nothing solves anything.

        In general it is the latest that solves and of which the customer has not said that it did not help.
        """
        if self.is_of_another(post):
            return None, True
        replied_to = self._replied_to(post)
        if replied_to is not None:
            return replied_to, True
        solving = [one for one in self.answers.values() if one.would_help and not one.refused]
        return (solving[-1] if solving else None), False

    def refused_by(self, post: PostRow) -> AnswerRow | None:
        """The answer up to which nothing helped: the one the post replies to; None: none of them did."""
        return self._replied_to(post)

    def _replied_to(self, post: PostRow) -> AnswerRow | None:
        found = self.answers.get(self.places.get(post.in_reply_to or "", -1))
        return found if found is not None and found.would_help else None


def belongs_to(session: Session, question: QuestionRow, post: PostRow) -> bool:
    """Whether a post beside a question's thread, by who asked it and soon after, adds to that question.

    In doubt it does not: two questions that are one are less of an evil than one that is lost in another.
    """
    return Thread.of(session, question).judge_post(post).kind in (TurnKind.DETAILS, TurnKind.ASIDE)


def _known(post: PostRow, places: Mapping[str, int], before: Sequence[Utterance]) -> Utterance:
    """A post that was judged when it came in; of the first one, whether it seemed to ask at all."""
    if post.verdict == PostKind.COMMUNITY:
        return replace(_outside(post, places, By.OTHER), kind=TurnKind.ANSWER)
    said = _outside(post, places, By.CUSTOMER)
    if post.verdict != PostKind.QUESTION:
        return replace(said, kind=_KINDS[PostKind(post.verdict or "")])
    judged = judge(said, before)
    leans = TurnKind.ASIDE if TurnKind.ASIDE in (judged.kind, judged.leans) else None
    return replace(said, kind=TurnKind.QUESTION, leans=leans)


def _outside(post: PostRow, places: Mapping[str, int], by: By) -> Utterance:
    above = places.get(post.in_reply_to) if post.in_reply_to else None
    return Utterance(by, unwarned(post.text, post.warning), above, pictures=len(post.pictures))


def _kind_of(answer: AnswerRow) -> TurnKind:
    """What was judged, or said by a person; an answer of before there was a judgement is one."""
    return TurnKind(answer.said) if answer.said else TurnKind.ANSWER


def _last(said: Sequence[Utterance]) -> int | None:
    return len(said) - 1 if said else None
