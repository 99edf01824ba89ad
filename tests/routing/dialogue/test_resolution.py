"""What solved a question: thanked, else the latest that nobody has taken back."""

from routing.dialogue.gate import HeldBack, worth
from routing.dialogue.resolution import resolutions
from routing.dialogue.turns import By, TurnKind, Utterance

K = TurnKind


def said(*kinds: tuple[By, TurnKind, int | None]) -> list[Utterance]:
    return [Utterance(by, kind, to, kind) for by, kind, to in kinds]


C, E = By.CUSTOMER, By.EMPLOYEE


def test_a_question_back_solves_nothing() -> None:
    (one,) = resolutions(said((C, K.QUESTION, None), (E, K.QUESTION_BACK, 0), (C, K.DETAILS, 1)))
    assert one.accepted is None


def test_the_latest_answer_is_accepted_where_nobody_thanks() -> None:
    (one,) = resolutions(said((C, K.QUESTION, None), (E, K.ANSWER, 0), (E, K.ANSWER, 0)))
    assert one.accepted == 2


def test_thanks_go_to_the_answer_they_reply_to_and_a_later_answer_changes_nothing() -> None:
    turns = said(
        (C, K.QUESTION, None), (E, K.ANSWER, 0), (E, K.ANSWER, 0), (C, K.THANKS, 1), (E, K.ANSWER, 0)
    )
    assert resolutions(turns)[0].accepted == 1


def test_thanks_after_a_second_answer_move_the_acceptance() -> None:
    turns = said(
        (C, K.QUESTION, None), (E, K.ANSWER, 0), (C, K.THANKS, 1), (E, K.ANSWER, 0), (C, K.THANKS, 3)
    )
    assert resolutions(turns)[0].accepted == 3


def test_it_did_not_help_takes_the_answer_back() -> None:
    turns = said((C, K.QUESTION, None), (E, K.ANSWER, 0), (C, K.THANKS, 1), (C, K.NOT_HELPED, 1))
    assert resolutions(turns)[0].accepted is None


def test_a_new_question_has_its_own_answer() -> None:
    turns = said((C, K.QUESTION, None), (E, K.ANSWER, 0), (C, K.NEW_QUESTION, 1), (E, K.ANSWER, 2))
    assert [(one.opened_by, one.accepted) for one in resolutions(turns)] == [(0, 1), (2, 3)]


def test_an_aside_opens_nothing() -> None:
    assert resolutions(said((C, K.ASIDE, None), (E, K.COURTESY, 0))) == []


def test_what_nothing_solved_stays_out() -> None:
    assert worth("why is the lamp dark?", None).held_back is HeldBack.UNSOLVED


def test_what_lasts_is_kept() -> None:
    found = worth("how do I reset the lamp?", "Hold the ring for ten seconds until it blinks white.")
    assert found.held_back is None


def test_what_passes_is_held_back_with_the_reason() -> None:
    found = worth(
        "@brand is the app down again?", "Yes, there is an outage, our engineers fix it until 4 pm."
    )
    assert found.held_back is HeldBack.OUTAGE
