"""An old house in a moment: the rows of many questions, made by the database itself.

Each archived question has its post, three offers, an answer, a publication, a notice, an entry and lines in
the logs, as if it had been answered long ago; a few of everything that is rare stand between them.
"""

import random
from dataclasses import dataclass

from sqlalchemy import Connection, text

from app.cli.demo.story import load_story
from bot.store.engine import Database

_STEP = 50_000
_POOL = 997
"""Texts to draw from; a prime, so that title, words and answer meet in ever new company."""
_TABLES = (
    "question",
    "post",
    "offer",
    "answer",
    "delivery",
    "entry",
    "change",
    "audit",
    "local_post",
    "report",
)


@dataclass(frozen=True, slots=True)
class Grown:
    """Fills one database, as often as it is asked to: what is there already stays.

    ``people`` are the first numbers of the employees, who must be there before.
    """

    database: Database
    people: int
    seconds: float = 1.0
    """Between two questions."""

    def archived(self, questions: int) -> None:
        """So many questions that were answered and archived."""
        self._in_steps(questions, _ARCHIVED)

    def waiting(self, questions: int) -> None:
        """So many questions that are in front of one employee each, until tomorrow."""
        self._in_steps(questions, _WAITING)

    def analyse(self) -> None:
        """Let the database look at what it holds, as it does by itself in time."""
        with self.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE" if self.database.is_sqlite else "VACUUM ANALYZE"))

    def _in_steps(self, questions: int, statements: tuple[str, ...]) -> None:
        with self.database.connect() as connection:
            self._fill_pool(connection)
        for first in range(1, questions + 1, _STEP):
            last = min(first + _STEP - 1, questions)
            with self.database.connect() as connection:
                words = self._words(connection, first, last, questions)
                for statement in statements:
                    connection.execution_options(no_parameters=True).exec_driver_sql(
                        statement.format(**words)
                    )
        with self.database.connect() as connection:
            connection.execute(text("DROP TABLE words_pool"))
            connection.execute(text("DELETE FROM load"))
            connection.execute(text(_LOADS))
            if not self.database.is_sqlite:
                self._set_sequences(connection)

    def _fill_pool(self, connection: Connection) -> None:
        story, rng = load_story(), random.Random(7)
        parts = [part for one in story.archive for reply in one.answers for part in reply.text.split(". ")]
        rows = []
        for number in range(_POOL):
            about = rng.choice(story.archive)
            rows.append(
                {
                    "number": number,
                    "title": f"{about.title} ({rng.choice(story.archive).title.lower()})",
                    "mention": about.mention,
                    "answer": ". ".join(rng.choices(parts, k=3)),
                    "topic": about.topic,
                }
            )
        connection.execute(
            text(
                "CREATE TABLE words_pool"
                " (number INTEGER PRIMARY KEY, title TEXT, mention TEXT, answer TEXT, topic TEXT)"
            )
        )
        connection.execute(
            text("INSERT INTO words_pool VALUES (:number, :title, :mention, :answer, :topic)"), rows
        )

    def _words(self, connection: Connection, first: int, last: int, questions: int) -> dict[str, str]:
        """What stands in the braces of the statements."""
        begin = {
            table: int(connection.execute(text(f"SELECT COALESCE(MAX({key}), 0) FROM {table}")).scalar_one())
            for table, key in (("question", "id"), ("post", "id"), ("local_post", "id"))
        }
        q, p = (begin[table] - first + 1 for table in ("question", "post"))
        age = f"({questions} - s.n) * {self.seconds} + 7200"
        return {
            "series": f"WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s"
            f" WHERE n < {last})",
            "pool": f"s JOIN words_pool p ON p.number = (s.n * 7) % {_POOL}"
            f" JOIN words_pool r ON r.number = (s.n * 31) % {_POOL}",
            "question": f"({q} + s.n)",
            "post": f"({p} + s.n)",
            "feed": f"({begin['local_post'] - first + 1} + s.n)",
            "at": self._at(f"-({age})"),
            "answered": self._at(f"-({age}) + 600"),
            "lately": self._at("-(60 + s.n % 3000)"),
            "tomorrow": self._at("86400 + s.n % 3000"),
            "json": "" if self.database.is_sqlite else "::json",
            "people": str(self.people),
        }

    def _at(self, seconds: str) -> str:
        if self.database.is_sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%f', 'now', ({seconds}) || ' seconds') || '000'"
        return f"now() + ({seconds}) * interval '1 second'"

    def _set_sequences(self, connection: Connection) -> None:
        for table in _TABLES:
            key = "seq" if table == "change" else "id"
            latest = f"(SELECT GREATEST(MAX({key}), 1) FROM {table})"
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', '{key}'), {latest})"))


_LOADS = """
INSERT INTO load (employee_id, open_offers, offers, last_offered_at)
 SELECT employee_id, SUM(CASE WHEN state = 'open' THEN 1 ELSE 0 END), 0, MAX(offered_at)
 FROM offer GROUP BY employee_id"""
_QUESTION = """
INSERT INTO question (id, platform, post_id, reply_to, customer_id, customer_handle, text, language, state,
 round, rung, priority, topics, topics_by, note, asked_at, answered_at, title, suggestions, due_at,
 fence, attempts)
{series} SELECT {question}, 'local', {post}, {post}, 'old' || {post}, 'old' || {post},
 p.mention || ' (' || s.n || ')',
 'en', """
_TOPICS = """ 0, 1, s.n % 3, ('[["' || p.topic || '", 1.0]]'){json}, '', '', """
_REASONS = """'[{{"kind":"topic","text":"knows it (level 2)","share":2.6}}]'{json}"""
_POST = """
INSERT INTO post (id, platform, external_id, author_id, author_handle, author_name, indexable, text,
 language,
 visibility, mentions, tags, refs, is_repost, posted_at, received_at, checked_at, state, verdict,
 question_id, fence,
 attempts)
{series} SELECT {post}, 'local', 'old' || {post}, 'old' || {post}, 'old' || {post}, '', true,
 p.mention || ' (' || s.n || ')', 'en', 'public', '[]'{json}, '[]'{json}, '{{}}'{json}, false, AT, AT,
 CHECKED,
 'done', 'question', {question}, 0, 0 FROM {pool}"""
_ARCHIVED = (
    _QUESTION
    + "CASE s.n % 100 WHEN 0 THEN 'dismissed' WHEN 1 THEN 'withdrawn' WHEN 2 THEN 'settled'"
    + " ELSE 'answered' END,"
    + _TOPICS
    + "{at}, {answered}, '', '[]'{json}, NULL, 0, 0 FROM {pool}",
    _POST.replace("AT", "{at}").replace("CHECKED", "{lately}"),
    """
INSERT INTO offer (question_id, employee_id, round, rung, state, score, reasons, offered_at, expires_at,
 ended_at)
{series}, k(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM k WHERE k < 2)
 SELECT {question}, (s.n + k.k) % {people} + 1, 0, 1,
 CASE k.k WHEN 0 THEN 'answered' ELSE 'withdrawn' END, 2.8, """
    + _REASONS
    + ", {at}, {answered}, {answered} FROM s, k",
    """
INSERT INTO answer (id, question_id, employee_id, via, text, round, credit, state, lead, kind,
 written_at, published_at)
{series} SELECT {question}, {question}, s.n % {people} + 1, 'post', r.answer || ' ref' || s.n, 0, '^E',
 'published', true, 'answer', {answered}, {answered} FROM {pool}""",
    """
INSERT INTO entry (id, question_id, title, title_source, quotation, topic, language, platform, state,
 asked_count,
 helpful, unhelpful, revision, published_at, updated_at)
{series} SELECT {question}, {question}, r.title || ' ' || s.n, 'employee',
 p.mention || ' (' || s.n || ')', p.topic,
 'en', 'local', CASE WHEN s.n % 50 = 0 THEN 'hidden' ELSE 'public' END, 1 + s.n % 7, 0, 0, 1, {answered},
 {answered}
 FROM {pool}""",
    """
INSERT INTO delivery (kind, platform, key, answer_id, question_id, employee_id, part, parts, payload,
 state, created_at,
 sent_at, external_id, refs, cost_micros, fence, attempts)
{series} SELECT 'publication', 'local', 'old' || {question}, {question}, {question}, s.n % {people} + 1,
 0, 1,
 '{{"text":"old","in_reply_to":"old1"}}'{json}, 'sent', {answered}, {answered}, 'said' || {question},
 '{{}}'{json},
 0, 0, 1 FROM s""",
    """
INSERT INTO delivery (kind, platform, key, employee_id, part, parts, payload, state, created_at,
 sent_at, refs, cost_micros, fence, attempts)
{series} SELECT 'notice', 'mail', 'told' || {question}, s.n % {people} + 1, 0, 1,
 '{{"what":"offers"}}'{json}, 'sent', {at}, {at}, '{{}}'{json}, 0, 0, 1 FROM s""",
    """
INSERT INTO change (kind, row_id, detail, at) {series} SELECT 'entry', {question}, '{{}}'{json},
 {answered} FROM s""",
    """
INSERT INTO audit (at, actor, action, subject, detail, hash)
{series} SELECT {at}, 'old', 'entry.hide', 'entry ' || {question}, '{{}}'{json},
 'old' FROM s WHERE s.n % 5 = 0""",
    """
INSERT INTO entry_care (entry_id, links_due_at)
{series} SELECT {question}, {tomorrow} FROM s WHERE s.n % 2 = 0""",
    """
INSERT INTO cursor (name, value, moved_at)
 SELECT 'links', CAST(MAX(seq) AS VARCHAR), {lately} FROM change, (SELECT 1 AS n) s GROUP BY s.n
 ON CONFLICT (name) DO UPDATE SET value = excluded.value""",
    """
INSERT INTO local_post (id, author, text, key, posted_at, deleted_at)
{series} SELECT {feed}, 'old' || {post}, p.mention, 'old' || {feed}, {at},
 CASE WHEN s.n % 3 = 0 THEN {answered} END FROM {pool}""",
    """
INSERT INTO report (entry_id, reason, text, reported_at, closed_at, closed_by)
{series} SELECT {question}, 'outdated', '', {answered}, {answered}, 'old' FROM s WHERE s.n % 20 = 0""",
)
_WAITING = (
    _QUESTION + "'offered'," + _TOPICS + "{lately}, NULL, '', '[]'{json}, {tomorrow}, 0, 0 FROM {pool}",
    _POST.replace("AT", "{lately}").replace("CHECKED", "NULL"),
    """
INSERT INTO offer (question_id, employee_id, round, rung, state, score, reasons, offered_at, expires_at)
{series} SELECT {question}, s.n % {people} + 1, 0, 1, 'open', 2.8, """
    + _REASONS
    + ", {lately}, {tomorrow} FROM s",
)
