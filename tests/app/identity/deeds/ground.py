"""What deeds are done to: a subject of its own for each, in one house."""

from collections.abc import Callable
from itertools import count
from typing import Any

from sqlmodel import SQLModel, col, select

from app.admin.house_rules.rule_fields import as_typed
from app.wiring.keys import sealer_of
from bot.actions import private_details
from bot.roles import Role
from bot.states import (
    AnnouncementState,
    AnswerState,
    DeliveryKind,
    DeliveryState,
    HookTemplate,
    PostKind,
)
from bot.store.engine import Session
from bot.store.house.audit_actions import AuditAction
from bot.store.tables.announcements import AnnouncementRow
from bot.store.tables.conversations import AnswerRow, DeliveryRow, PostRow, QuestionRow
from bot.store.tables.departments import DepartmentAnswerRow, DepartmentRow
from bot.store.tables.figures import GoalRow, SurveyRow
from bot.store.tables.handoffs import HandoffRow
from bot.store.tables.hooks import HookEndpointRow
from bot.store.tables.house import ChallengeRow, KeptFilterRow, RuleVersionRow, TextRow
from bot.store.tables.listening import BrandWordRow, ListenedRow
from bot.store.tables.matters import MatterRow, StatementRow
from bot.store.tables.people import (
    EmployeeRow,
    FormerSlugRow,
    IdentityRow,
    JoinRequestRow,
    NoteRow,
    TopicCallRow,
    TopicRow,
)
from bot.store.tables.values import BrandPost
from routing.model.domain import EmployeeState, QuestionState
from tests.app.board_house import BoardHouse

Prepared = tuple[dict[str, Any], dict[str, str]]
"""What stands in a page's address, and what is sent."""


class Ground:
    """A house, and who does the deeds in it; ``rae`` is somebody else in charge, so that nobody is alone."""

    def __init__(self, desk: BoardHouse, who: int) -> None:
        self.desk, self.who = desk, who
        self.rae = desk.house.employee("Rae Sun", role=Role.ADMIN)
        self._numbers = count(1)

    def name(self, what: str) -> str:
        """A name that nothing else has."""
        return f"{what}{next(self._numbers)}"

    def add(self, row: SQLModel) -> int:
        return self.desk.add(row)

    def first(self, table: Any, *conditions: Any) -> Any:
        with self.desk.house.database.read() as session:
            return session.exec(select(table).where(*conditions).order_by(table.id.desc())).first()

    def write(self, deed: Callable[[Session], Any]) -> Any:
        with self.desk.house.database.write() as session:
            return deed(session)

    def post(self, path: str, **fields: str) -> None:
        """Something that has to be done before, by somebody else in charge."""
        done = self.desk.house.browser(self.rae).post(path, fields)
        assert done.status_code in (200, 303), (path, done.text[-2000:])

    # Conversations

    def offered(self) -> int:
        question = self.desk.question("@brand no picture", state=QuestionState.OFFERED)
        self.desk.house.offer(question, self.who)
        return question

    def own_answer(self) -> int:
        return self.desk.house.answer(self.offered(), self.who, "Hold its button for ten seconds.")

    def out(self, by: int | None = None) -> int:
        """An answer that is out on the feed, of whoever acts or of somebody else."""
        answer = self.desk.house.answer(self.offered(), by or self.who, "Hold its button for ten seconds.")
        self.desk.house.deliver()
        assert self.desk.house.answer_row(answer).state == AnswerState.PUBLISHED
        return answer

    def published(self) -> int:
        question = self.desk.question("@brand no picture", state=QuestionState.ANSWERED)
        kept = {"text": "Unplug it.", "state": AnswerState.PUBLISHED, "published_at": self.desk.clock()}
        row = AnswerRow(
            question_id=question,
            employee_id=self.desk.jane,
            written_at=self.desk.clock(),
            said="answer",
            **kept,
        )
        return self.add(row)

    def challenge(self, *, is_out: bool = False) -> int:
        """What Rae says is wrong with a published answer of Jane's, which is on the feed or not."""
        now = self.desk.clock()
        answer = self.out(self.desk.jane) if is_out else self.published()
        return self.add(ChallengeRow(answer_id=answer, challenger_id=self.rae, wrong="Ten.", made_at=now))

    def low_score(self) -> int:
        """A score that somebody should look at."""
        now = self.desk.clock()
        question = self.desk.question("@brand no picture", state=QuestionState.ANSWERED)
        row = SurveyRow(
            question_id=question,
            platform="local",
            customer_id="sam",
            kind="csat",
            asked_at=now,
            expires_at=now,
            score=1,
            said_at=now,
            waits_since=now,
        )
        return self.add(row)

    def community(self) -> tuple[int, int]:
        question = self.desk.question("@brand no picture", state=QuestionState.OFFERED)
        words = "Unplug it, worked for me"
        return question, self.desk.post(verdict=PostKind.COMMUNITY, question_id=question, text=words)

    def of_one_customer(self) -> tuple[int, int]:
        """Two questions of one customer."""
        return self.desk.question("@brand no picture"), self.desk.question("@brand no sound")

    def with_more(self) -> tuple[int, int]:
        """A question and a later post of its customer's."""
        question = self.desk.question("@brand no picture")
        row = self.desk.house.row(QuestionRow, question)
        more = self.desk.post(
            verdict=PostKind.FOLLOW_UP,
            question_id=question,
            author_id=row.customer_id,
            author_handle=row.customer_id,
            text="@brand and how do I pair the remote?",
            posted_at=self.desk.clock(),
        )
        return question, more

    def note(self) -> tuple[int, int]:
        """A question, and a note on it of whoever acts."""
        question, now = self.offered(), self.desk.clock()
        row = NoteRow(
            question_id=question, written_on=question, employee_id=self.who, text="Ask Jane.", written_at=now
        )
        return question, self.add(row)

    def private_page(self) -> tuple[int, int]:
        """A question, and the page on which its customer left something for whoever acts."""
        question = self.offered()
        house = self.desk.house

        def leave(session: Session) -> int:
            row = session.get_one(QuestionRow, question)
            token = private_details.ask(session, row, self.who, self.desk.clock())
            page = session.exec(select(HandoffRow).order_by(col(HandoffRow.id).desc())).first()
            assert page is not None
            page.proofs = ["proof-aaaa-aaa1"]
            sealer = sealer_of(house.chorus.settings)
            words = "My number is 42."
            private_details.leave(session, token, page.proofs[0], words, sealer, self.desk.clock())
            return int(page.id)

        return question, int(self.write(leave))

    def taken_down_by_hand(self) -> int:
        """A message that was to take a post down, and did not."""
        question = self.desk.question("@brand told", state=QuestionState.ANSWERED)
        sent = self.desk.message(DeliveryState.SENT, external_id=self.name("said"))
        return self.add(
            DeliveryRow(
                kind=DeliveryKind.RETRACTION,
                platform="local",
                key=self.name("gone"),
                question_id=question,
                target_id=sent,
                payload=BrandPost(self.name("said")).stored(),
                state=DeliveryState.REJECTED,
                created_at=self.desk.clock(),
            )
        )

    # The brand's voice

    def announcement(self, **values: Any) -> int:
        kept = {"text": "We are back.", "platforms": ["local"], "state": AnnouncementState.PROPOSED}
        row = AnnouncementRow(
            created_at=self.desk.clock(), changed_at=self.desk.clock(), **{**kept, **values}
        )
        return self.add(row)

    def announced(self, proposed_by: int | None = None) -> int:
        """An announcement that is out."""
        number = self.announcement(
            text=f"We are back. {self.name('No')}",
            state=AnnouncementState.APPROVED,
            proposed_by=proposed_by or self.desk.jane,
        )
        self.post(f"/admin/announcements/{number}/plan", step="now")
        self.desk.clock.advance(1)
        for _ in range(3):
            self.desk.house.work()
        assert self.desk.house.row(AnnouncementRow, number).state == AnnouncementState.PUBLISHED
        return number

    def listened(self) -> int:
        post = self.desk.post(
            text="my otter lamp is dead",
            author_id=self.name("kim"),
            author_handle="kim",
            verdict=PostKind.LISTENED,
            posted_at=self.desk.clock(),
        )
        now = self.desk.clock()
        row = self.desk.house.row(PostRow, post)
        return self.add(
            ListenedRow(post_id=post, platform="local", author_id=row.author_id, found_at=now, looked_at=now)
        )

    def let_be(self) -> int:
        """A post on the tray that somebody let be."""
        number = self.listened()
        self.post(f"/desk/listening/{number}/let-be")
        return number

    def word(self) -> int:
        text = self.name("otter")
        self.post("/admin/words", text=text, **{"platform-local": "1"})
        return int(self.first(BrandWordRow).id)

    def matter(self, **values: Any) -> int:
        now = self.desk.clock()
        return self.add(MatterRow(title="No picture", first_at=now, last_at=now, **values))

    def in_matter(self) -> tuple[int, int]:
        """A matter, and a question that is about it."""
        matter = self.matter(questions=1)
        return matter, self.desk.question("@brand dark", matter_id=matter, gathered=True)

    def led_matter(self) -> int:
        """A matter of a department that whoever acts is in charge of."""
        department = self.desk.department(self.name("Screens"), lead=self.who)
        return self.matter(department_id=department)

    def department_answer(self) -> tuple[int, int]:
        """A matter, and what whoever acts said for its department."""
        matter = self.led_matter()
        row = DepartmentAnswerRow(matter_id=matter, kind="seen", said_by=self.who, said_at=self.desk.clock())
        return matter, self.add(row)

    def campaign(self, state: str = "new", *, of: int | None = None) -> int:
        """A matter that is a campaign, whose page is open where ``state`` says so."""
        matter = of or self.matter()
        self.post(f"/admin/matters/{matter}/campaign", demand=f"Bring the dock back {self.name('no')}")
        if state == "open":
            self.post(f"/admin/matters/{matter}/campaign/open")
        return matter

    def statement(self) -> int:
        row = StatementRow(
            matter_id=self.matter(),
            kind="statement",
            texts={"": "We know."},
            written_by=self.desk.jane,
            written_at=self.desk.clock(),
        )
        return self.add(row)

    # The house

    def employee(self, **values: Any) -> int:
        name = self.name("Kai")
        return self.desk.house.employee(f"{name} Ito", handle=name.lower(), **values)

    def join_request(self) -> int:
        """Somebody who wants to take part."""
        name = self.name("Lee")
        return self.add(
            JoinRequestRow(email=f"{name.lower()}@example.com", name=name, asked_at=self.desk.clock())
        )

    def who_left(self) -> int:
        number = self.employee()
        self.desk.change(EmployeeRow, number, state=EmployeeState.LEFT, left_at=self.desk.clock())
        return number

    def newcomer(self) -> dict[str, str]:
        """What is typed about somebody new."""
        name = self.name("Kim")
        email = f"{name.lower()}@example.com"
        return {"name": name, "email": email, "daily_cap": "9", "open_cap": "2"}

    def account_of(self, employee: int) -> int:
        return int(self.first(IdentityRow, IdentityRow.employee_id == employee).id)

    def email_of(self, employee: int) -> str:
        return str(self.desk.house.row(EmployeeRow, employee).email)

    def topic(self, **values: Any) -> str:
        slug = self.name("topic")
        self.desk.house.topic(slug, slug.title())
        if values:
            self.desk.change(TopicRow, int(self.first(TopicRow, TopicRow.slug == slug).id), **values)
        return slug

    def topic_asked_about(self) -> tuple[str, int]:
        """A topic that nobody knows and all are asked about: its short name, and the call."""
        slug = self.topic()
        number = self.first(TopicRow, TopicRow.slug == slug).id
        call = TopicCallRow(topic_id=number, asked_by=self.desk.jane, asked_at=self.desk.clock())
        return slug, self.add(call)

    def former_slug(self) -> dict[str, str]:
        slug, before = self.topic(), self.name("was")
        number = self.first(TopicRow, TopicRow.slug == slug).id
        self.add(FormerSlugRow(slug=before, topic_id=number, since=self.desk.clock()))
        return {"slug": slug, "before": before}

    def department(self, *, lead: bool = False, retired: bool = False) -> int:
        number = self.desk.department(self.name("Sound"), lead=self.who if lead else None)
        if retired:
            self.post(f"/admin/departments/{number}/retire")
        return number

    def given(self) -> tuple[int, int]:
        """A department that whoever acts leads, and a question that was given to it."""
        department, question = self.department(lead=True), self.desk.question()
        name = self.desk.house.row(DepartmentRow, department).name
        self.post(f"/admin/board/question/{question}/assign", to=name)
        return department, question

    def goal(self) -> int:
        row = GoalRow(percent=80, within_seconds=600, set_at=self.desk.clock())
        return self.add(row)

    def kept_filter(self) -> int:
        return self.add(KeptFilterRow(employee_id=self.who, name=self.name("mine"), query="kind=question"))

    def further_text(self) -> str:
        """The name of a further text that is in force."""
        name = self.name("warranty")
        since = self.desk.house.clock()
        self.add(TextRow(name=name, title="Warranty", paragraphs=["Two years."], published_at=since))
        return name

    def rules(self) -> dict[str, str]:
        """The rules in force, with a word that waits from now on."""
        return {**self._in_force(), "blocked_words": self.name("cellar"), "do": "save", "why": "drill"}

    def brand(self) -> dict[str, str]:
        """What the brand is called from now on."""
        return {**self._in_force(), "brand_name": self.name("Acme"), "do": "save", "why": "drill"}

    def _in_force(self) -> dict[str, str]:
        newest = self.first(RuleVersionRow)
        follows = str(newest.id if newest is not None else 0)
        return {**as_typed(self.desk.house.chorus.settings), "follows": follows}

    def hook(self, template: str = HookTemplate.STANDARD, **values: Any) -> int:
        self.post(
            "/admin/hooks",
            name=self.name("Wall"),
            template=template,
            url=_TRACKER if template != HookTemplate.STANDARD else "https://hooks.example.com/chorus",
            token="secret" if template != HookTemplate.STANDARD else "",
            **{"event-question.opened": "1"},
        )
        number = int(self.first(HookEndpointRow).id)
        if values:
            self.desk.change(HookEndpointRow, number, **values)
        return number

    def hook_with_dead(self) -> int:
        number = self.hook()
        self.desk.given_up(number)
        return number


_TRACKER = "https://api.github.com/repos/acme/support/issues"
Deed = tuple[AuditAction, Callable[[Ground], Prepared]]
"""What a page does, and what is prepared for it."""
