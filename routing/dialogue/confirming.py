"""Whether words say of what they reply to that it is right, and nothing else.

Every word has to be one of these: what says anything beside ("that is right, but not for the old ones") is an
answer of its own, and so is what denies it.
"""

import re

from routing.dialogue.lexicon import folded, tokens
from routing.model.entities import without_links_and_handles

_RIGHT = """
that is right|that's right|thats right|this is right|is right|right|that is correct|that's correct
this is correct
correct|exactly|exactly right|exactly so|confirmed|we confirm|we confirm that|we can confirm
we can confirm that
i confirm|i can confirm|true|that is true|that's true|this is true|this works|that works|agreed|spot on
quite right
das ist richtig|richtig|das stimmt|stimmt|stimmt genau|genau|ganz genau|genau so|so ist es|korrekt
das ist korrekt
wir bestätigen das|bestätigt|das können wir bestätigen|absolut richtig
es correcto|eso es correcto|correcto|así es|exacto|exactamente|eso es|es cierto|cierto|confirmado
lo confirmamos
c'est exact|exact|exactement|c'est juste|c'est correct|c'est ça|tout à fait|c'est vrai|nous confirmons
confirmé
è corretto|corretto|esatto|esattamente|giusto|è giusto|è vero|proprio così|confermiamo|confermo
confermato
dat klopt|klopt|dat is juist|juist|dat is correct|inderdaad|precies|klopt helemaal|bevestigd|dat is waar
está correto|está certo|isso está certo|certo|correto|exato|exatamente|isso mesmo|é isso|é verdade
confirmamos
その通りです|そのとおりです|その通り|そのとおり|正しいです|はいその通りです|おっしゃる通りです
هذا صحيح|صحيح|بالضبط|صحيح تماما|نؤكد ذلك|مؤكد|نعم هذا صحيح
"""
_BESIDE = """
yes|yep|yeah|indeed|thanks|thank you|thank you very much|thank you so much|many thanks|well said
for helping|so|very much|for helping out|great|perfect|and|absolutely|it|for the help|for your help
ja|danke|vielen dank|danke schön|dankeschön|und|super|prima|perfekt|fürs helfen|für die hilfe
für deine hilfe|völlig
sí|gracias|muchas gracias|y|perfecto|por ayudar|por la ayuda|por tu ayuda
oui|merci|merci beaucoup|et|parfait|de votre aide|pour votre aide|pour l'aide
sì|grazie|grazie mille|molte grazie|e|perfetto|per l'aiuto|per aver aiutato
dank|bedankt|dank je|dank je wel|en|helemaal|voor de hulp|voor je hulp
sim|obrigado|obrigada|muito obrigado|muito obrigada|perfeito|pela ajuda|por ajudar
はい|ありがとうございます|ありがとう
نعم|شكرا|شكرا لك|شكرا جزيلا|و|على المساعدة
"""
_LONGEST = 12
"""Words; a confirmation is short."""


def _phrases(lines: str) -> frozenset[str]:
    return frozenset(
        " ".join(tokens(folded(one))) for line in lines.split("\n") for one in line.split("|") if one
    )


def _any(phrases: frozenset[str]) -> str:
    return "|".join(map(re.escape, sorted(phrases, key=lambda one: (-len(one), one))))


_CONFIRMS = re.compile(rf"(?:(?:{_any(_phrases(_RIGHT) | _phrases(_BESIDE))})(?: |$))+")
_NAMES_IT = re.compile(rf"(?:^| )(?:{_any(_phrases(_RIGHT))})(?= |$)")


def only_confirms(text: str) -> bool:
    """Whether an employee's words say that what they reply to is right, in any of our languages, and no more.

    Names with an @ do not count, nor do signs; a question is none, and a link says more.
    """
    if "://" in text or "?" in text or "\uff1f" in text or "\u061f" in text:
        return False
    words = tokens(folded(without_links_and_handles(text)))
    if not words or len(words) > _LONGEST:
        return False
    said = " ".join(words)
    return _CONFIRMS.fullmatch(said) is not None and _NAMES_IT.search(said) is not None
