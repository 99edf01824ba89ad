"""What hooks are called for people, who see the programs' own words beside."""

from collections.abc import Mapping

from bot.states import HookEvent, HookTemplate

EVENTS: Mapping[str, str] = {
    HookEvent.QUESTION_OPENED: "A question comes in",
    HookEvent.QUESTION_OFFERED: "People are asked a question",
    HookEvent.QUESTION_ANSWERED: "A question is answered",
    HookEvent.QUESTION_SETTLED: "A question is settled",
    HookEvent.QUESTION_ESCALATED: "A question needs a person in charge",
    HookEvent.ANSWER_HELD: "An answer is held",
    HookEvent.ENTRY_PUBLISHED: "An entry is in the archive",
    HookEvent.DELIVERY_UNKNOWN: "Nobody can tell whether a message went out",
    HookEvent.MATTER_NOTICED: "More people than usual ask, for the first time",
    HookEvent.MATTER_GROWN: "More people than usual ask again",
    HookEvent.MATTER_ASSIGNED: "A matter is given to a department",
    HookEvent.MATTER_STATED: "The brand says something on a matter",
    HookEvent.MATTER_SETTLED: "A matter is settled",
    HookEvent.MATTER_ISSUE: "An issue about a matter",
    HookEvent.TEST: "A test",
}
TEMPLATES: Mapping[str, str] = {
    HookTemplate.STANDARD: "signed messages",
    HookTemplate.GITHUB: "GitHub issues",
    HookTemplate.GITLAB: "GitLab issues",
    HookTemplate.JIRA: "Jira issues",
}
_LONGEST = 48
_END = 12


def shortened(url: str) -> str:
    """An address in at most ``_LONGEST`` characters: its beginning and its end, without the scheme."""
    shown = url.partition("://")[2] or url
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - _END - 1]}…{shown[-_END:]}"
