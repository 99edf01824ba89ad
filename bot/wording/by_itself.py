"""What the brand says without an employee, in the language of whoever it says it to."""

from bot.wording.languages.speaking import said
from routing.figures.survey import SurveyKind
from routing.model.phrases import phrase

_GREETING = phrase("Hello! What is it about, and how can we help?")
_REMINDER = phrase("We would still like to help: could you tell us what we asked above?")
_ENDORSED = phrase("Thank you for helping: that is right.")
_TAKEN_BACK = phrase("We have to take back what we answered you here: it was not right. We are sorry.")
_TAKEN_BACK_FOR_NOW = phrase(
    "We have to take back what we answered you here: it was not right. We are sorry, and look for the right "
    "answer."
)


def greeting(language: str | None) -> str:
    """A friendly question back to a post without words."""
    return said(_GREETING, language)


def reminder(language: str | None) -> str:
    """A reminder of a question back that the customer has not replied to."""
    return said(_REMINDER, language)


def endorsed(language: str | None) -> str:
    """That another customer's answer is right, and thanks for it, below that answer."""
    return said(_ENDORSED, language)


def correction(language: str | None, text: str) -> str:
    """Words that put right what stands above them."""
    return said(phrase("Correction: %(text)s", text=text), language)


def taken_back(language: str | None, *, goes_on: bool) -> str:
    """That an answer is taken back, to whoever got it; ``goes_on`` where others are asked."""
    return said(_TAKEN_BACK_FOR_NOW if goes_on else _TAKEN_BACK, language)


def invitation(language: str | None, brand: str) -> str:
    """What a person may send to a customer who has helped others: thanks, and an invitation."""
    words = phrase(
        "Thank you for helping other customers of %(brand)s so well! We would like to stay in touch: may we "
        "tell you of news first, and ask you what you think of it? If you like, just reply to us.",
        brand=brand,
    )
    return said(words, language)


def survey_question(language: str | None, brand: str, kind: SurveyKind, link: str) -> str:
    """The question how it went, after a question was settled, and where it can be answered."""
    if kind is SurveyKind.CSAT:
        asked = phrase(
            "How well did we help you? Reply with a number from 1 (not at all) to 5 (very well), or say it "
            "here: %(link)s",
            link=link,
        )
    else:
        asked = phrase(
            "How likely are you to recommend %(brand)s? Reply with a number from 0 (not at all) to 10 (very "
            "likely), or say it here: %(link)s",
            brand=brand,
            link=link,
        )
    return said(asked, language)


def private_page(language: str | None, link: str) -> str:
    """A request to leave on a private page what must not be public."""
    asked = phrase(
        "We need a detail that should not be public. Could you leave it on this page, and not here? %(link)s",
        link=link,
    )
    return said(asked, language)
