"""An outbox with answers in it, for what happens on their way out."""

from collections.abc import Callable, Mapping
from pathlib import Path

from sqlmodel import select

from bot.actions.rules import Rules
from bot.platforms.base import Platform
from bot.posts import Visibility
from bot.states import AnswerState, DeliveryCode, DeliveryKind, DeliveryState, PostState
from bot.steps.deliver import Deliver
from bot.store.engine import Database
from bot.store.house.budgets import Terms
from bot.store.tables.conversations import AnswerRow, DeliveryRow, PostRow, QuestionRow
from routing.model.domain import QuestionState
from tests.conftest import FakeClock
from tests.ledger_platform import LedgerPlatform


class Outbox:
    """An outbox in front of one platform, with a ledger behind it."""

    def __init__(self, database: Database, clock: FakeClock, ledger: Path, platform: str = "x") -> None:
        self.database, self.clock, self.name = database, clock, platform
        self.platform = LedgerPlatform(ledger, platform)

    def sender(
        self,
        terms: Terms | None = None,
        owner: str = "worker",
        *,
        platform: Platform | None = None,
        jitter: Callable[[], float] = lambda: 0.5,
    ) -> Deliver:
        """A node that sends; ``platform`` stands in the ledger's place."""
        return Deliver(
            self.database,
            {self.name: platform or self.platform},
            Rules(),
            owner,
            jitter=jitter,
            terms={self.name: terms} if terms is not None else {},
        )

    def put(
        self,
        text: str,
        *,
        priority: int = 0,
        parts: int = 1,
        to: str | None = None,
        refs: Mapping[str, str] | None = None,
    ) -> int:
        """An answer of so many parts, ready to go, to the post ``to``; the question's id."""
        now = self.clock()
        with self.database.write() as session:
            question = QuestionRow(
                platform=self.name, state=QuestionState.ANSWERING, priority=priority, asked_at=now
            )
            session.add(question)
            session.flush()
            post = PostRow(
                platform=self.name,
                external_id=to or f"q{question.id}",
                refs=dict(refs or {}),
                author_id="200",
                text="@brand help",
                visibility=Visibility.PUBLIC,
                received_at=now,
                state=PostState.DONE,
            )
            session.add(post)
            session.flush()
            question.post_id = question.reply_to = post.id
            answer = AnswerRow(question_id=question.id, text=text, state=AnswerState.QUEUED, written_at=now)
            session.add(answer)
            session.flush()
            for part in range(parts):
                session.add(
                    DeliveryRow(
                        kind=DeliveryKind.PUBLICATION,
                        platform=self.name,
                        key=f"{question.id}-{part}",
                        answer_id=answer.id,
                        question_id=question.id,
                        part=part,
                        parts=parts,
                        payload={
                            "text": f"{text} {part}" if parts > 1 else text,
                            "in_reply_to": (to or f"q{question.id}") if part == 0 else None,
                            "refs": dict(refs or {}) if part == 0 else {},
                            "visibility": Visibility.PUBLIC.value,
                            "created_at": now.isoformat(),
                        },
                        state=DeliveryState.READY if part == 0 else DeliveryState.HELD,
                        code=None if part == 0 else DeliveryCode.EARLIER_PART,
                        created_at=now,
                        due_at=now,
                    )
                )
            return question.id

    def rows(self) -> list[DeliveryRow]:
        with self.database.read() as session:
            return list(session.exec(select(DeliveryRow).order_by(DeliveryRow.id)).all())  # type: ignore[arg-type]

    def texts(self) -> list[str]:
        return [text for text, _ in self.platform.accepted()]
