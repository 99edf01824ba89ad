"""A question's life: which event leads from which state to which.

The table is total: every pair of state and event either has a next state or a reason why it cannot be.
"""

from enum import StrEnum

from routing.model.domain import QuestionState


class Event(StrEnum):
    """What can happen to a question."""

    OFFERED = "offered"
    """The router put it in front of people."""
    WAITED = "waited"
    """Nobody can be asked right now: the router looks again later."""
    EXHAUSTED = "exhausted"
    """The ladder is at its end, or something needs a decision: over to a person in charge."""
    ANSWER_STORED = "answer_stored"
    """An employee's answer is stored and on its way out."""
    ANSWER_DROPPED = "answer_dropped"
    """The answer was retracted or refused before it went out, and no other is on its way."""
    PUBLISHED = "published"
    """The brand account published an answer."""
    ASKED_BACK = "asked_back"
    """The brand account published a question back; nothing has been solved yet."""
    UNANSWERED = "unanswered"
    """What went out for an answer only asks back, a person says: nothing has been solved."""
    UNREPLIED = "unreplied"
    """The customer has not replied to what was asked back, for as long as we wait."""
    PUBLICATION_FAILED = "publication_failed"
    """The platform refused the answer for good."""
    FOLLOW_UP = "follow_up"
    """The customer wrote again."""
    THANKS = "thanks"
    """The customer said that it helped."""
    DISMISSED = "dismissed"
    """Found to be nothing for us."""
    RESTORED = "restored"
    """A person undid a dismissal, or wants a question asked anew."""
    WITHDRAWN = "withdrawn"
    """The customer deleted the mention."""
    CLOSED = "closed"
    """A person closed it."""
    JOINED = "joined"
    """A person says that it is one with another question of the same customer."""
    POISONED = "poisoned"
    """Failed repeatedly for a reason of ours."""


class Impossible(ValueError):
    """An event that cannot happen in this state; the message says why."""

    def __init__(self, state: QuestionState, event: Event) -> None:
        super().__init__(f"A question that is {state} cannot be {event}: {_WHY[state]}")
        self.state = state
        self.event = event


_S = QuestionState
_E = Event

_WHY = {
    _S.OPEN: "it waits to be put in front of people, and nobody has answered it yet.",
    _S.OFFERED: "people are being asked, and nobody has answered it yet.",
    _S.ESCALATED: "it is with a person in charge, and nobody has answered it yet.",
    _S.ANSWERING: "its answer is on its way out.",
    _S.ASKED_BACK: "it waits for the customer, who was asked something.",
    _S.UNREPLIED: "its customer never replied to what was asked back; their next post opens it again.",
    _S.ANSWERED: "an answer is out already; only a new post of the customer or a person opens it again.",
    _S.SETTLED: "it is settled; only a new post of the customer or a person opens it again.",
    _S.DISMISSED: "it was dismissed; a person or a tagged answer can undo that.",
    _S.WITHDRAWN: "its customer deleted it, and that is final.",
    _S.JOINED: "it is part of another question of the same customer; part them first.",
    _S.QUARANTINED: "it failed too often; a person must look at it and restore or close it.",
}

# What leads to the same state from wherever a question is alive.
_ALWAYS = {
    _E.WITHDRAWN: _S.WITHDRAWN,
    _E.POISONED: _S.QUARANTINED,
    _E.CLOSED: _S.SETTLED,
    _E.ANSWER_STORED: _S.ANSWERING,
    _E.EXHAUSTED: _S.ESCALATED,
    _E.JOINED: _S.JOINED,
}

# While nobody has answered, a late outcome of an answer to an earlier round changes nothing: the customer
# has asked again since.
_WAITING = {
    **_ALWAYS,
    _E.OFFERED: _S.OFFERED,
    _E.WAITED: _S.OPEN,
    _E.DISMISSED: _S.DISMISSED,
    _E.RESTORED: _S.OPEN,
    _E.THANKS: _S.SETTLED,
}

_TABLE: dict[QuestionState, dict[Event, QuestionState]] = {
    _S.OPEN: {
        **_WAITING,
        _E.FOLLOW_UP: _S.OPEN,
        _E.PUBLISHED: _S.OPEN,
        _E.ASKED_BACK: _S.OPEN,
        _E.PUBLICATION_FAILED: _S.OPEN,
        _E.ANSWER_DROPPED: _S.OPEN,
    },
    _S.OFFERED: {
        **_WAITING,
        _E.FOLLOW_UP: _S.OFFERED,
        _E.PUBLISHED: _S.OFFERED,
        _E.ASKED_BACK: _S.OFFERED,
        _E.PUBLICATION_FAILED: _S.OFFERED,
        _E.ANSWER_DROPPED: _S.OFFERED,
    },
    _S.ESCALATED: {
        **_WAITING,
        _E.FOLLOW_UP: _S.ESCALATED,
        _E.PUBLISHED: _S.ANSWERED,
        _E.ASKED_BACK: _S.ASKED_BACK,
        _E.PUBLICATION_FAILED: _S.ESCALATED,
        _E.ANSWER_DROPPED: _S.ESCALATED,
    },
    _S.ANSWERING: {
        **_ALWAYS,
        _E.PUBLISHED: _S.ANSWERED,
        _E.ASKED_BACK: _S.ASKED_BACK,
        _E.PUBLICATION_FAILED: _S.ESCALATED,
        _E.ANSWER_DROPPED: _S.OPEN,
        _E.FOLLOW_UP: _S.ANSWERING,
        _E.THANKS: _S.ANSWERING,
        _E.RESTORED: _S.OPEN,
    },
    _S.ASKED_BACK: {
        **_ALWAYS,
        _E.PUBLISHED: _S.ANSWERED,
        _E.ASKED_BACK: _S.ASKED_BACK,
        _E.PUBLICATION_FAILED: _S.ASKED_BACK,
        _E.ANSWER_DROPPED: _S.ASKED_BACK,
        _E.UNREPLIED: _S.UNREPLIED,
        _E.FOLLOW_UP: _S.OPEN,
        _E.THANKS: _S.SETTLED,
        _E.RESTORED: _S.OPEN,
        _E.DISMISSED: _S.DISMISSED,
    },
    _S.UNREPLIED: {
        **_ALWAYS,
        _E.PUBLISHED: _S.ANSWERED,
        _E.ASKED_BACK: _S.ASKED_BACK,
        _E.PUBLICATION_FAILED: _S.UNREPLIED,
        _E.ANSWER_DROPPED: _S.UNREPLIED,
        _E.FOLLOW_UP: _S.OPEN,
        _E.THANKS: _S.SETTLED,
        _E.RESTORED: _S.OPEN,
        _E.DISMISSED: _S.DISMISSED,
    },
    _S.ANSWERED: {
        **_ALWAYS,
        _E.UNANSWERED: _S.ASKED_BACK,
        _E.PUBLISHED: _S.ANSWERED,
        _E.ASKED_BACK: _S.ANSWERED,
        _E.PUBLICATION_FAILED: _S.ANSWERED,
        _E.ANSWER_DROPPED: _S.ANSWERED,
        _E.FOLLOW_UP: _S.OPEN,
        _E.THANKS: _S.SETTLED,
        _E.RESTORED: _S.OPEN,
    },
    _S.SETTLED: {
        **_ALWAYS,
        _E.PUBLISHED: _S.SETTLED,
        _E.ASKED_BACK: _S.SETTLED,
        _E.PUBLICATION_FAILED: _S.SETTLED,
        _E.ANSWER_DROPPED: _S.SETTLED,
        _E.FOLLOW_UP: _S.OPEN,
        _E.THANKS: _S.SETTLED,
        _E.RESTORED: _S.OPEN,
    },
    _S.DISMISSED: {
        _E.WITHDRAWN: _S.WITHDRAWN,
        _E.POISONED: _S.QUARANTINED,
        _E.CLOSED: _S.SETTLED,
        _E.ANSWER_STORED: _S.ANSWERING,
        _E.DISMISSED: _S.DISMISSED,
        _E.JOINED: _S.JOINED,
        _E.RESTORED: _S.OPEN,
        _E.FOLLOW_UP: _S.OPEN,
        _E.THANKS: _S.DISMISSED,
    },
    # A late outcome of what was on its way when the customer deleted the mention changes nothing.
    _S.WITHDRAWN: {
        _E.WITHDRAWN: _S.WITHDRAWN,
        _E.PUBLISHED: _S.WITHDRAWN,
        _E.ASKED_BACK: _S.WITHDRAWN,
        _E.PUBLICATION_FAILED: _S.WITHDRAWN,
        _E.ANSWER_DROPPED: _S.WITHDRAWN,
        _E.POISONED: _S.WITHDRAWN,
    },
    _S.JOINED: {
        _E.WITHDRAWN: _S.WITHDRAWN,
        _E.RESTORED: _S.OPEN,
    },
    _S.QUARANTINED: {
        _E.WITHDRAWN: _S.WITHDRAWN,
        _E.POISONED: _S.QUARANTINED,
        _E.CLOSED: _S.SETTLED,
        _E.ANSWER_STORED: _S.ANSWERING,
        _E.JOINED: _S.JOINED,
        _E.RESTORED: _S.OPEN,
        _E.DISMISSED: _S.DISMISSED,
        _E.PUBLISHED: _S.ANSWERED,
        _E.ASKED_BACK: _S.ASKED_BACK,
        _E.PUBLICATION_FAILED: _S.QUARANTINED,
        _E.ANSWER_DROPPED: _S.QUARANTINED,
        _E.FOLLOW_UP: _S.QUARANTINED,
        _E.THANKS: _S.SETTLED,
    },
}


def advance(state: QuestionState, event: Event) -> QuestionState:
    """The state that ``event`` leads to.

    Raises:
        Impossible: when the event cannot happen in this state.
    """
    following = _TABLE[state].get(event)
    if following is None:
        raise Impossible(state, event)
    return following


def possible(state: QuestionState) -> frozenset[Event]:
    """The events that can happen in a state, for menus of what to do."""
    return frozenset(_TABLE[state])
