"""What a notice says of what waits for people in charge (pure)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from babel import Locale

from bot.channels.messages import BrandProfile, Message, one_line, written
from bot.wording.languages.speaking import said
from routing.model.phrases import Phrase, phrase, phrases


class Alarm(StrEnum):
    """What people in charge are told about."""

    QUESTIONS = "questions"
    ANSWERS = "answers"
    POSTS = "posts"
    DELIVERIES = "deliveries"
    CONNECTIONS = "connections"
    SURGES = "surges"
    GOALS = "goals"
    ANNOUNCEMENTS = "announcements"
    HOOKS = "hooks"
    CAMPAIGNS = "campaigns"
    CHALLENGES = "challenges"
    NEWCOMERS = "newcomers"
    TEXTS = "texts"
    TOKENS = "tokens"
    SCORES = "scores"


@dataclass(frozen=True, slots=True)
class SurgeToTell:
    """A matter of which more people ask than usual, in nothing of its customers' words.

    ``people`` asked within ``minutes`` where usually ``usual`` do, noticed at a ``clock`` in ``zone``;
    ``so_far`` and ``in_hour`` have asked by now. Most of them share a ``language``, by its code, and a
    ``platform``, by its name. What is not known is empty.
    """

    number: int
    title: str
    topic: str
    department: str
    people: int
    minutes: int
    usual: float
    clock: str
    zone: str
    so_far: int
    in_hour: int
    language: str = ""
    platform: str = ""


def alarm_message(
    house: BrandProfile,
    found: Mapping[Alarm, Sequence[str]],
    language: str | None = None,
    place: str | None = None,
    surges: Sequence[SurgeToTell] = (),
) -> Message:
    """Tell people in charge what waits for them; ``found`` names what, by kind.

    ``place`` is the page where they find all of it; None: each kind has its own. ``surges`` are the matters
    among what was found of which more people ask than usual, as they are told.
    """
    told = [(kind, _ALARMS[kind](ids)) for kind, ids in sorted(found.items()) if ids]
    about = told[0][1].subject if len(told) == 1 else phrase("Several things wait for you")
    if len(told) == 1 and len(surges) == 1:
        about = phrase("More people than usual ask: %(matter)s", matter=_named(surges[0], language))
    texts = []
    for kind, one in told:
        texts.append(f"{said(one.text, language)}\n{house.base_url}{place or _PLACES[kind]}")
        if kind is Alarm.SURGES:
            texts += [_surge(house, each, language) for each in surges]
    return written(language, f"{house.brand}: {said(about, language)}", *texts)


MOST_NAMED = 10
"""So many surges a notice tells of by name; its page has them all."""
_LESS_THAN_ONE = 0.95


def _named(one: SurgeToTell, language: str | None) -> str:
    """A person's title, else the topic, with the number by which it is found."""
    about = one_line(one.title) or one_line(one.topic)
    number = said(phrase("Matter %(number)s", number=str(one.number)), language)
    return f"{about} ({number})" if about else number


def _surge(house: BrandProfile, one: SurgeToTell, language: str | None) -> str:
    usual = phrase("less than one") if one.usual < _LESS_THAN_ONE else f"{one.usual:.0f}"
    names = Locale.parse(language or "en").languages
    shared = [names.get(one.language, one.language), one.platform]
    lines = [
        _named(one, language),
        phrase(
            "Noticed at %(clock)s (%(zone)s). People who asked: %(people)s within %(minutes)s minutes, "
            "usually %(usual)s.",
            clock=one.clock,
            zone=one.zone,
            people=str(one.people),
            minutes=str(one.minutes),
            usual=usual,
        ),
        phrase(
            "By now: %(people)s since it began, %(hour)s of them in the last hour.",
            people=str(one.so_far),
            hour=str(one.in_hour),
        ),
    ]
    if any(shared):
        lines.append(phrase("Most of them share: %(what)s.", what=", ".join(part for part in shared if part)))
    if one.department:
        lines.append(phrase("Department: %(name)s", name=one_line(one.department)))
    lines.append(f"{house.base_url}/admin/matters/{one.number}")
    return "\n".join(said(line, language) if isinstance(line, Phrase) else line for line in lines)


@dataclass(frozen=True, slots=True)
class _Told:
    """One kind of thing that waits for people in charge: as a subject, and in full."""

    subject: str
    text: str


def _questions(ids: Sequence[str]) -> _Told:
    return _Told(
        phrases("A question needs you", "%(number)s questions need you", len(ids)),
        phrases(
            "A question needs you: the employees who were asked could not answer in time.",
            "%(number)s questions need you: the employees who were asked could not answer in time.",
            len(ids),
        ),
    )


def _answers(ids: Sequence[str]) -> _Told:
    return _Told(
        phrases("An answer waits for your decision", "%(number)s answers wait for your decision", len(ids)),
        phrases(
            "An answer waits for your decision: its page says why it is held.",
            "%(number)s answers wait for your decision: their page says why they are held.",
            len(ids),
        ),
    )


def _announcements(ids: Sequence[str]) -> _Told:
    return _Told(
        phrases(
            "An announcement waits for an approval",
            "%(number)s announcements wait for an approval",
            len(ids),
        ),
        phrases(
            "An announcement waits for an approval, by somebody else than whoever proposed it.",
            "%(number)s announcements wait for an approval, by somebody else than whoever proposed them.",
            len(ids),
        ),
    )


def _challenges(ids: Sequence[str]) -> _Told:
    return _Told(
        phrases(
            "Somebody says that an answer is wrong",
            "Of %(number)s answers somebody says that they are wrong",
            len(ids),
        ),
        phrases(
            "Somebody says that a published answer is wrong, or its author has changed their post.",
            "Of %(number)s published answers somebody says that they are wrong, or their authors have "
            "changed their posts.",
            len(ids),
        ),
    )


def _deliveries(ids: Sequence[str]) -> _Told:
    return _Told(
        phrases("A message is stuck", "%(number)s messages are stuck", len(ids)),
        phrases(
            "A message is stuck: refused, or nobody can tell whether it went out.",
            "%(number)s messages are stuck: refused, or nobody can tell whether they went out.",
            len(ids),
        ),
    )


def _posts(ids: Sequence[str]) -> _Told:
    return _Told(
        phrases(
            "A post could not be read or handled and may hold a question",
            "%(number)s posts could not be read or handled and may hold questions",
            len(ids),
        ),
        phrases(
            "A post could not be read or handled and may hold a question: look whether somebody needs help.",
            "%(number)s posts could not be read or handled and may hold questions: look whether somebody "
            "needs help.",
            len(ids),
        ),
    )


def _connections(ids: Sequence[str]) -> _Told:
    names = ", ".join(sorted(one_line(one) for one in ids))
    return _Told(
        phrase("Connect %(platforms)s", platforms=names),
        phrase(
            "Connect %(platforms)s: the brand's account cannot be used there, and answers wait.",
            platforms=names,
        ),
    )


def _surges(ids: Sequence[str]) -> _Told:
    return _Told(
        phrase("More people than usual ask about something"),
        phrases(
            "%(number)s matter of which more people ask than usual.",
            "%(number)s matters of which more people ask than usual.",
            len(ids),
        ),
    )


def _goals(ids: Sequence[str]) -> _Told:
    return _Told(
        phrases("A goal is missed", "%(number)s goals are missed", len(ids)),
        phrases(
            "A goal is missed: customers wait longer for a response, or are less content, than "
            "they should be.",
            "%(number)s goals are missed: customers wait longer for a response, or are less content, than "
            "they should be.",
            len(ids),
        ),
    )


def _scores(ids: Sequence[str]) -> _Told:
    return _Told(
        phrases("A customer is not content", "%(number)s customers are not content", len(ids)),
        phrases(
            "A customer who was asked how it went is not content: look at the question and what was "
            "answered.",
            "%(number)s customers who were asked how it went are not content: look at the questions and what "
            "was answered.",
            len(ids),
        ),
    )


def _hooks(ids: Sequence[str]) -> _Told:
    return _Told(
        phrases("A hook takes nothing", "%(number)s hooks take nothing", len(ids)),
        phrases(
            "Another program does not take what Chorus tells it: look at its last attempts.",
            "%(number)s other programs do not take what Chorus tells them: look at their last attempts.",
            len(ids),
        ),
    )


def _campaigns(ids: Sequence[str]) -> _Told:
    return _Told(
        phrases("Our word on a campaign is overdue", "Our word on %(number)s campaigns is overdue", len(ids)),
        phrases(
            "Our word on a campaign is overdue: its public page says by when it was to come.",
            "Our word on %(number)s campaigns is overdue: their public pages say by when it was to come.",
            len(ids),
        ),
    )


def _newcomers(ids: Sequence[str]) -> _Told:
    return _Told(
        phrases("Somebody wants to take part", "%(number)s people want to take part", len(ids)),
        phrases(
            "Somebody wants to take part, and has proved their address: let them in, or say why not.",
            "%(number)s people want to take part, and have proved their addresses: let them in, or say why "
            "not.",
            len(ids),
        ),
    )


def _texts(ids: Sequence[str]) -> _Told:
    return _Told(
        phrases(
            "A public text waits for an approval", "%(number)s public texts wait for an approval", len(ids)
        ),
        phrases(
            "A new version of a public text waits for an approval, by somebody else than whoever wrote it.",
            "New versions of %(number)s public texts wait for an approval, by somebody else than whoever "
            "wrote them.",
            len(ids),
        ),
    )


def _tokens(ids: Sequence[str]) -> _Told:
    return _Told(
        phrases("A program's token ends soon", "The tokens of %(number)s programs end soon", len(ids)),
        phrases(
            "A program's token ends within seven days: give it another one, or it can read nothing any more.",
            "The tokens of %(number)s programs end within seven days: give them others, or they can read "
            "nothing any more.",
            len(ids),
        ),
    )


_ALARMS: Mapping[Alarm, Callable[[Sequence[str]], _Told]] = {
    Alarm.QUESTIONS: _questions,
    Alarm.ANSWERS: _answers,
    Alarm.POSTS: _posts,
    Alarm.DELIVERIES: _deliveries,
    Alarm.CONNECTIONS: _connections,
    Alarm.SURGES: _surges,
    Alarm.GOALS: _goals,
    Alarm.ANNOUNCEMENTS: _announcements,
    Alarm.HOOKS: _hooks,
    Alarm.CAMPAIGNS: _campaigns,
    Alarm.CHALLENGES: _challenges,
    Alarm.NEWCOMERS: _newcomers,
    Alarm.TEXTS: _texts,
    Alarm.TOKENS: _tokens,
    Alarm.SCORES: _scores,
}
_PLACES = {
    Alarm.QUESTIONS: "/admin",
    Alarm.ANSWERS: "/admin/answers",
    Alarm.POSTS: "/admin/posts",
    Alarm.DELIVERIES: "/admin/deliveries",
    Alarm.CONNECTIONS: "/admin/connections",
    Alarm.SURGES: "/admin/matters",
    Alarm.GOALS: "/admin/figures#goals",
    Alarm.ANNOUNCEMENTS: "/admin/announcements",
    Alarm.HOOKS: "/admin/hooks",
    Alarm.CAMPAIGNS: "/admin/campaigns",
    Alarm.CHALLENGES: "/admin/board?kind=challenge",
    Alarm.NEWCOMERS: "/admin/board?kind=newcomer",
    Alarm.TEXTS: "/admin/texts",
    Alarm.TOKENS: "/admin/tokens",
    Alarm.SCORES: "/admin/board?kind=score",
}
