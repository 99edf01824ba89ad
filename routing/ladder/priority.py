"""How urgent a question is, and why: danger and loss, an upset customer, a long wait, a wide audience.

Imports no numpy: pages sort questions by it, too.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from routing.model.domain import Question
from routing.model.entities import normalise, without_links_and_handles


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b")


_URGENT = _any_of(
    r"urgent(?:ly|e)?|asap|emergency|immediately|right now|deadline|stranded|stuck at|running out of",
    r"(?:about|going) to miss|missed my|dringend|sofort|notfall|urgencia|cuanto antes|inmediatamente",
    r"d[' ]?urgence|immédiatement|urgenza|subito|urgência|imediatamente|spoed|onmiddellijk",
)
_DANGER = _any_of(
    r"on fire|caught fire|smok(?:e|ing)|burn(?:ed|t|ing)|explod(?:e|ed|ing)|electric shock|injur(?:ed|y)",
    r"hospital|unsafe|dangerous|allerg(?:y|ic)|hack(?:ed|er|ers)|fraud(?:ulent)?|scam(?:med|mer)?|stolen",
    r"identity theft|phishing|unauthori[sz]ed|brennt|rauch|gehackt|betrug|gestohlen|incendio|humo",
    r"hackead[oa]|fraude|robad[oa]|incendie|fumée|piraté|arnaque|volé|fumo|hackerat[oa]|truffa|rubat[oa]",
    r"gestolen|roubad[oa]",
)
_UPSET = _any_of(
    r"worst|terrible|horrible|awful|unacceptable|disgust(?:ed|ing)|ridiculous|pathetic|useless|furious",
    r"outrag(?:ed|eous)|fed up|sick of|joke|disgrace(?:ful)?|shame(?:ful)?|appalling|incompeten(?:t|ce)",
    r"never again|cancel(?:l?ing)? my|rip ?off|rude|lied|liars?|wtf|fuck\w*|shit\w*|bullshit|crap|sucks?",
    r"damn|hell|unverschämt|frechheit|katastrophe|scheiße|scheisse|unmöglich|enttäuscht|vergüenza",
    r"pésim[oa]|mierda|honte|inadmissible|scandaleux|merde|nul|vergogna|pessim[oa]|schifo|vergonha",
    r"péssim[oa]|absurdo|belachelijk|schandalig|waardeloos|klote",
)
_ANGRY_EMOJI = re.compile("[😡🤬😠👿💢🖕]")
_SHOUTING = 0.7
"""Share of capitals from which a text of some length is shouted."""


@dataclass(frozen=True, slots=True)
class Urgency:
    """A question's priority and what makes it so, in words; 0 is usual, 2 and more is hurried."""

    value: int
    reasons: tuple[str, ...] = ()


def urgency(
    question: Question,
    now: datetime,
    *,
    long_wait: timedelta = timedelta(minutes=30),
    wide_reach: int = 10_000,
) -> Urgency:
    """How urgent a question is.

    Danger, loss or fraud count 2; urgent words, an upset tone, a wait beyond ``long_wait`` and an
    audience of at least ``wide_reach`` people count 1 each, ten times either counts one more; being a
    follow-up counts 1, because that customer has had to ask twice.
    """
    plain = normalise(without_links_and_handles(question.text))
    opened = question.reopened_at or (now if question.round else question.asked_at)
    waited = (now - opened) / long_wait
    reach = (question.reach or 0) / wide_reach
    found = [
        (2, "danger, loss or fraud", bool(_DANGER.search(plain))),
        (1, "says that it is urgent", bool(_URGENT.search(plain))),
        (1, "the customer is upset", _is_upset(question.text, plain)),
        (1, "has waited long", waited >= 1),
        (1, "has waited very long", waited >= 10),
        (1, "many people may see it", reach >= 1),
        (1, "very many people may see it", reach >= 10),
        (1, "the customer had to ask again", question.round > 0),
    ]
    return Urgency(
        sum(points for points, _, holds in found if holds), tuple(words for _, words, holds in found if holds)
    )


def _is_upset(text: str, plain: str) -> bool:
    letters = [letter for letter in without_links_and_handles(text) if letter.isalpha()]
    shouted = len(letters) >= 20 and sum(map(str.isupper, letters)) / len(letters) > _SHOUTING
    return shouted or "!!!" in plain or bool(_UPSET.search(plain) or _ANGRY_EMOJI.search(plain))
