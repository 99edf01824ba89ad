"""Who may do what: the one table that pages, templates, steps and the command line ask."""

from enum import StrEnum
from typing import Self


class Permission(StrEnum):
    """Something that not everybody with an account may do."""

    FOLLOW = "follow"
    """Hear of changes while a page is open."""
    ANSWER = "answer"
    """Be asked, and answer customers at the desk or with the tag."""
    ACCEPT = "accept"
    """Choose a question's accepted answer, and say that another customer's answer is right."""
    NOTE = "note"
    """Write notes between colleagues on a question, and take one's own back."""
    REGROUP = "regroup"
    """Say which posts of a customer are one question: join two, or part one."""
    LISTEN = "listen"
    """See what is said without addressing the brand: let it be, or make a question of it."""
    PROPOSE = "propose"
    """Propose what the brand is to say of its own accord."""
    ANNOUNCE = "announce"
    """Approve what somebody else proposed, and say when it goes out."""
    READ_QUESTIONS = "read_questions"
    """See every question and what became of it."""
    READ_DEPARTMENTS = "read_departments"
    """See one's own department, its matters and its people; with ``read_questions`` every department."""
    ANSWER_MATTERS = "answer_matters"
    """Say what one's own department does about a matter; with ``decide`` any department."""
    WATCH = "watch"
    """See how the house runs: what waits, outbox, budget, connections, topics, words, announcements."""
    DECIDE = "decide"
    """Decide about questions, answers, posts, messages and entries."""
    CHALLENGE = "challenge"
    """Say that a published answer is wrong, whoever gave it."""
    JUDGE_CHALLENGES = "judge_challenges"
    """Decide about what somebody else says is wrong."""
    RETRACT_OWN = "retract_own"
    """Take one's own answer back after it is out."""
    RETRACT = "retract"
    """Take back and correct what the brand has published, whoever wrote it."""
    STOP_PUBLISHING = "stop_publishing"
    """Stop all publishing, and let it go on."""
    READ_PEOPLE = "read_people"
    """See who works here and what they do."""
    MANAGE_PEOPLE = "manage_people"
    """Add, change, pause and remove people and their accounts."""
    MANAGE_WORDS = "manage_words"
    """Say which words are listened for where nobody addresses the brand."""
    MANAGE_TOPICS = "manage_topics"
    """Add, change and remove topics."""
    MANAGE_DEPARTMENTS = "manage_departments"
    """Make, change and retire departments, and say who is in them."""
    READ_TEXTS = "read_texts"
    """See the public texts and their earlier versions."""
    MANAGE_TEXTS = "manage_texts"
    """Write a new version of a public text, and approve somebody else's."""
    READ_RULES = "read_rules"
    """See the rules for what is said in the brand's name, and their earlier versions."""
    MANAGE_RULES = "manage_rules"
    """Change the rules for what is said in the brand's name."""
    CONNECT = "connect"
    """Connect the brand's accounts to their platforms."""
    MANAGE_HOOKS = "manage_hooks"
    """Say which other programs are told of what happens, and which may read it."""
    SET_GOALS = "set_goals"
    """Say how soon customers are to have a response."""
    READ_AUDIT = "read_audit"
    """See who did what."""


class Role(StrEnum):
    """What somebody is here, with what it permits. A new role is one more line."""

    permissions: frozenset[Permission]

    def __new__(cls, value: str, *permissions: Permission) -> Self:
        """A role of this name that permits these things."""
        role = str.__new__(cls, value)
        role._value_ = value
        role.permissions = frozenset(permissions)
        return role

    READER = "reader", Permission.FOLLOW, Permission.READ_QUESTIONS, Permission.READ_DEPARTMENTS
    EMPLOYEE = (
        "employee",
        Permission.FOLLOW,
        Permission.ANSWER,
        Permission.ACCEPT,
        Permission.NOTE,
        Permission.REGROUP,
        Permission.LISTEN,
        Permission.PROPOSE,
        Permission.CHALLENGE,
        Permission.RETRACT_OWN,
    )
    LEAD = (
        "lead",
        Permission.FOLLOW,
        Permission.ANSWER,
        Permission.ACCEPT,
        Permission.NOTE,
        Permission.REGROUP,
        Permission.LISTEN,
        Permission.PROPOSE,
        Permission.CHALLENGE,
        Permission.RETRACT_OWN,
        Permission.READ_DEPARTMENTS,
        Permission.ANSWER_MATTERS,
    )
    MODERATOR = (
        "moderator",
        Permission.FOLLOW,
        Permission.ANSWER,
        Permission.ACCEPT,
        Permission.NOTE,
        Permission.REGROUP,
        Permission.LISTEN,
        Permission.PROPOSE,
        Permission.ANNOUNCE,
        Permission.READ_QUESTIONS,
        Permission.READ_DEPARTMENTS,
        Permission.ANSWER_MATTERS,
        Permission.WATCH,
        Permission.READ_RULES,
        Permission.DECIDE,
        Permission.CHALLENGE,
        Permission.RETRACT_OWN,
        Permission.RETRACT,
        Permission.JUDGE_CHALLENGES,
        Permission.STOP_PUBLISHING,
        Permission.MANAGE_WORDS,
    )
    ADMIN = ("admin", *Permission)
    AUDITOR = (
        "auditor",
        Permission.FOLLOW,
        Permission.READ_QUESTIONS,
        Permission.READ_DEPARTMENTS,
        Permission.WATCH,
        Permission.READ_PEOPLE,
        Permission.READ_TEXTS,
        Permission.READ_RULES,
        Permission.READ_AUDIT,
    )

    def may(self, permission: Permission) -> bool:
        """Whether this role permits it."""
        return permission in self.permissions


def roles_with(permission: Permission) -> tuple[Role, ...]:
    """The roles that permit something."""
    return tuple(role for role in Role if role.may(permission))


class Scope(StrEnum):
    """What a program may read that presents a token."""

    QUESTIONS_READ = "questions:read"
    """Questions and how they stand."""
    ANSWERS_READ = "answers:read"
    """The answers to a question, also those that did not go out, without their words then."""
    FIGURES_READ = "figures:read"
    """What was asked and answered, in numbers."""
