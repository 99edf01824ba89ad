"""Words that say of what they reply to that it is right, and nothing else."""

import pytest

from routing.dialogue.confirming import only_confirms


@pytest.mark.parametrize(
    "text",
    [
        "Yes, that is correct.",
        "@kim That's right! Thank you so much ✅",
        "Stimmt genau, danke!",
        "Sí, es correcto. ¡Gracias!",
        "C’est exact, merci !",
        "Esatto, grazie mille",
        "Dat klopt, bedankt!",
        "Isso mesmo, obrigada!",
        "はい、その通りです。ありがとうございます",
        "نعم، هذا صحيح. شكرا",
    ],
)
def test_it_confirms_in_any_of_our_languages(text: str) -> None:
    assert only_confirms(text)


@pytest.mark.parametrize(
    "text",
    [
        "That is not right.",
        "Das stimmt nicht.",
        "Is that right?",
        "その通りです？",
        "Right, but unplug it first.",
        "That is right for the old ones.",
        "That is right: https://brand.example/help",
        "Thank you so much!",
        "right " * 13,
        "👍",
        "",
    ],
)
def test_what_denies_asks_or_says_more_is_an_answer_of_its_own(text: str) -> None:
    assert not only_confirms(text)
