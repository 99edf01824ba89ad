"""The posts of one transaction of intake: what was read for all of them, and what is to be written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.actions.conversations.answer import NewAnswer
from bot.states import PostKind
from bot.steps.intake.overhearing import Overhearing
from bot.steps.time_slices import NotTogether
from bot.store.conversations.questions import Opening
from bot.store.conversations.threads import Above
from bot.store.tables.conversations import PostRow, QuestionRow
from bot.store.tables.people import EmployeeRow


@dataclass(frozen=True, slots=True)
class TaggedAnswer:
    """A post that an employee answers with; ``values`` are its columns so far."""

    given: NewAnswer
    values: dict[str, Any]


Decided = dict[str, Any] | TaggedAnswer | Opening
"""What a post is: the columns to finish it with, or what is still to be written with it."""


@dataclass(slots=True)
class Slice:
    """The posts of one transaction: what was read for all of them before, and what is to be written."""

    now: datetime
    fences: Mapping[int, int] = field(default_factory=dict)
    behind: dict[tuple[str, str], EmployeeRow | None] = field(default_factory=dict)
    """Whose accounts wrote them."""
    above: Mapping[int, Above] = field(default_factory=dict)
    just_asked: Mapping[tuple[str, str], QuestionRow] = field(default_factory=dict)
    """What their authors asked a moment ago, by platform and account."""
    done: list[tuple[PostRow, dict[str, Any]]] = field(default_factory=list)
    waiting: list[tuple[PostRow, dict[str, Any]]] = field(default_factory=list)
    answers: list[tuple[PostRow, TaggedAnswer]] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    overhearing: Overhearing = field(default_factory=Overhearing)
    """What of them comes onto the tray."""
    _posts: set[tuple[str, str]] = field(default_factory=set)
    _questions: set[int] = field(default_factory=set)

    def join(self, post: PostRow) -> None:
        """A post comes to the others. Raises NotTogether where one that has been decided is in its thread."""
        above = self.above.get(post.id, Above())
        if not self._posts.isdisjoint((post.platform, one) for one in above.read):
            raise NotTogether

    def handles_of(self, posts: Sequence[PostRow]) -> dict[str, dict[str, str]]:
        """Platform -> account id -> handle of the employees who wrote these, as the last one has it."""
        found: dict[str, dict[str, str]] = {}
        for post in posts:
            if self.behind.get((post.platform, post.author_id)) is not None:
                found.setdefault(post.platform, {})[post.author_id] = post.author_handle
        return found

    def is_about(self, question_id: int | None) -> None:
        """The post changes this question. Raises NotTogether where another one does, too."""
        if question_id in self._questions:
            raise NotTogether
        if question_id is not None:
            self._questions.add(question_id)

    def has_opening_of(self, handles: Sequence[str]) -> bool:
        """Whether one of them opens a question of a customer with one of these handles."""
        names = {handle.casefold() for handle in handles}
        return any(one.post.author_handle.casefold() in names for one in self.openings)

    def has_opening_by(self, post: PostRow) -> bool:
        """Whether the same customer opens a question with one of them."""
        author = (post.platform, post.author_id)
        return any((one.post.platform, one.post.author_id) == author for one in self.openings)

    def has_answer_of(self, employee: EmployeeRow) -> bool:
        """Whether this employee has written one of them."""
        return any(one.given.employee.id == employee.id for _, one in self.answers)

    def note_endorsed(self, endorsed: Sequence[bool]) -> None:
        """Of the answers, in order: what only says that another customer's is right is done with that."""
        left = []
        for (post, answer), is_endorsement in zip(self.answers, endorsed, strict=True):
            if is_endorsement:
                self.done.append((post, {**answer.values, "verdict": PostKind.ANSWER}))
            else:
                left.append((post, answer))
        self.answers = left

    def take_in(self, post: PostRow, judgement: Decided) -> None:
        """What the post is will be written at the end."""
        self._posts.add((post.platform, post.external_id))
        match judgement:
            case TaggedAnswer():
                self.answers.append((post, judgement))
            case Opening():
                self.openings.append(judgement)
            case _:
                self.done.append((post, judgement))
