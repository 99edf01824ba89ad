"""A thread as it was judged so far, and of which kind a further turn is: asked here alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from bot.states import PostKind
from bot.store.conversations import turns
from bot.store.engine import Session
from bot.store.tables.conversations import AnswerRow, PostRow, QuestionRow
from bot.wording.attachments import unwarned
from routing.dialogue.classifier import Judgement, judge
from routing.dialogue.turns import By, TurnKind, Utterance

_KINDS = {
    PostKind.QUESTION: TurnKind.QUESTION,
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
        said: list[Utterance] = []
        answers: dict[int, AnswerRow] = {}
        places: dict[str, int] = {}
        for one in turns.of_question(session, question.id):
            places.update(dict.fromkeys(one.external_ids, len(said)))
            if one.post is not None:
                said.append(_of_customer(one.post, places, _KINDS[PostKind(one.post.verdict or "")]))
            elif one.answer is not None:
                answers[len(said)] = one.answer
                said.append(Utterance(By.EMPLOYEE, one.answer.text, _last(said), _kind_of(one.answer)))
        return cls(tuple(said), answers, places)

    def judge_post(self, post: PostRow) -> Judgement:
        """Of which kind a further post of the customer's is."""
        return judge(_of_customer(post, self.places, None), self.said)

    def thanked_for(self, post: PostRow) -> tuple[AnswerRow | None, bool]:
        """The answer that thanks are for, and whether the post replies to it; None: nothing solves anything.

        In general it is the latest that solves and of which the customer has not said that it did not help.
        """
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


def kind_of_answer(question: QuestionRow, text: str) -> TurnKind:
    """Of which kind an employee's words are, by the question alone: it takes no query."""
    asked = Utterance(By.CUSTOMER, question.text, None, TurnKind.QUESTION)
    return judge(Utterance(By.EMPLOYEE, text, 0), (asked,)).kind


def _of_customer(post: PostRow, places: Mapping[str, int], kind: TurnKind | None) -> Utterance:
    above = places.get(post.in_reply_to) if post.in_reply_to else None
    return Utterance(By.CUSTOMER, unwarned(post.text, post.warning), above, kind, len(post.pictures))


def _kind_of(answer: AnswerRow) -> TurnKind:
    """What was judged, or said by a person; an answer of before there was a judgement is one."""
    return TurnKind(answer.said) if answer.said else TurnKind.ANSWER


def _last(said: Sequence[Utterance]) -> int | None:
    return len(said) - 1 if said else None
