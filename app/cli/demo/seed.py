"""Fills an empty database with the demo's people, topics and archive."""

from datetime import datetime, timedelta

from app.cli.demo.month import month
from app.cli.demo.story import Chapter, Story
from bot.actions.archive.imports import ImportedAnswer, PastEntry, import_entry
from bot.actions.archive.repeated_questions import import_questions
from bot.actions.listening import word_rules
from bot.actions.listening.word_rules import WordRule
from bot.actions.people import employees, topics
from bot.actions.people.details import Details
from bot.platforms.accounts import Account
from bot.roles import Role
from bot.store.engine import Database, Session
from bot.store.house.feed import StoredFeed
from bot.store.tables.people import EmployeeRow
from bot.text.times.hours import format_hours
from bot.wording.compose import CreditStyle, credit_line
from bot.wording.restate import quotation


def seed(database: Database, story: Story, credit: CreditStyle, second: str | None = None) -> None:
    """Store everything that has happened before the story begins.

    ``second`` is the handle of an employee who is in charge, too.
    """
    with database.write() as session:
        now = database.now(session)
        for subject in story.topics:
            topics.add_topic(session, subject.slug, subject.name, keywords=subject.keywords, now=now)
        for word in story.words:
            word_rules.add(session, WordRule(word), (), now)
        people = _hire(session, story, now)
        archive = []
        if second is not None:
            people[second].role = Role.MODERATOR
        for chapter in sorted(story.archive, key=lambda one: -one.days_ago):
            entry = import_entry(session, _past(chapter, people, credit, now), now)
            entry.asked_count = chapter.asked
            archive.append((chapter, entry.id))
        import_questions(session, month(archive, people, _who_knows(story), credit, now))
    feed = StoredFeed(database)
    for remark in story.remarks:
        feed.append(remark.by, remark.text)


def _who_knows(story: Story) -> dict[str, list[str]]:
    """The handles of those who know a topic, the best first."""
    return {
        topic.slug: [
            one.handle
            for one in sorted(story.employees, key=lambda one: -one.topics.get(topic.slug, 0))
            if topic.slug in one.topics
        ]
        for topic in story.topics
    }


def _hire(session: Session, story: Story, now: datetime) -> dict[str, EmployeeRow]:
    joined = now - timedelta(days=90)
    people = {}
    for one in story.employees:
        details = Details(
            name=one.name,
            email=one.email,
            title=one.title,
            timezone=one.timezone,
            hours=format_hours(one.shifts),
            languages=tuple(one.languages),
            daily_cap=one.daily_cap,
            open_cap=one.open_cap,
            topics=dict(one.topics),
        )
        account = Account("local", one.handle, one.handle)
        people[one.handle] = employees.add_employee(session, details, accounts=[account], now=joined)
    lead = story.brand.in_charge
    details = Details(name=lead.name, email=lead.email, title=lead.title, role=Role.ADMIN, daily_cap=0)
    account = Account("local", lead.handle, lead.handle)
    employees.add_employee(session, details, accounts=[account], now=joined)
    return people


def _past(chapter: Chapter, people: dict[str, EmployeeRow], credit: CreditStyle, now: datetime) -> PastEntry:
    asked_at = now - timedelta(days=chapter.days_ago)
    answered_at = asked_at + timedelta(minutes=chapter.minutes)
    return PastEntry(
        title=chapter.title,
        question=quotation(chapter.mention)[0] or "",
        asked_at=asked_at,
        topic=chapter.topic,
        language="en",
        customer=chapter.customer,
        settled=chapter.settled,
        answers=[
            ImportedAnswer(
                text=reply.text,
                credit=credit_line(people[reply.by].name, reply.by, credit),
                written_at=answered_at + timedelta(minutes=7 * number),
                employee_id=people[reply.by].id,
            )
            for number, reply in enumerate(chapter.answers)
        ],
    )
