"""Of which kind a turn is: by marks, words in many languages, and what was said before it."""

import pytest

from routing.dialogue.classifier import Model, judge, place_of
from routing.dialogue.marks import plain
from routing.dialogue.turns import By, TurnKind, Utterance
from tests.bench import fit_dialogue
from tests.dialogue_examples import examples

K = TurnKind
ASKED = Utterance(By.CUSTOMER, "@brand the lamp stays dark", None, K.QUESTION)
ANSWERED = (ASKED, Utterance(By.EMPLOYEE, "Press and hold the ring for ten seconds.", 0, K.ANSWER))
ASKED_BACK = (ASKED, Utterance(By.EMPLOYEE, "Which model is it?", 0, K.QUESTION_BACK))
SENT_AWAY = (ASKED, Utterance(By.EMPLOYEE, "Please send us a DM.", 0, K.REDIRECT))


def kind(by: By, text: str, before: tuple[Utterance, ...] = ()) -> TurnKind:
    return judge(Utterance(by, text, len(before) - 1 if before else None), before).kind


@pytest.mark.parametrize(
    "text",
    ["👍", "🙏", "ok great", "Спасибо", "شكرا", "谢谢", "ありがとう",
      "it works, thank you!", "danke, geht wieder",
     "funciona, mil gracias", "감사합니다", "dziękuję, działa", "teşekkürler, oldu", "धन्यवाद"],
)  # fmt: skip
def test_thanks_after_an_answer(text: str) -> None:
    assert kind(By.CUSTOMER, text, ANSWERED) == K.THANKS


@pytest.mark.parametrize(
    "text",
    ["still the same", "nope, nothing happens", "geht immer noch nicht", "toujours pareil", "sigue igual",
     "не помогло", "まだ変わりません", "还是不行", "그대로예요", "hâlâ aynı"],
)  # fmt: skip
def test_it_did_not_help(text: str) -> None:
    assert kind(By.CUSTOMER, text, ANSWERED) == K.NOT_HELPED


@pytest.mark.parametrize("text", ["LX 200", "it's the blue one", "die LX 200", "es el azul", "X55です"])
def test_what_follows_a_question_back_is_details(text: str) -> None:
    assert kind(By.CUSTOMER, text, ASKED_BACK) == K.DETAILS


@pytest.mark.parametrize(
    "text",
    ["thanks! and how do I dim it?", "super, danke! und kann man sie auch draußen aufhängen?",
     "gracias, ¿y venden la pantalla suelta?", "ありがとう！ちなみに色は選べますか？"],
)  # fmt: skip
def test_thanks_with_a_question_is_a_new_question(text: str) -> None:
    assert kind(By.CUSTOMER, text, ANSWERED) == K.NEW_QUESTION


@pytest.mark.parametrize(
    "text",
    ["Which model is it?", "We would need your model number.", "Uns fehlt noch die Seriennummer.",
     "Il nous faudrait la référence de l'appareil.", "¿Qué luz parpadea?", "機種を教えていただけますか。"],
)  # fmt: skip
def test_who_asks_and_offers_nothing_asks_back(text: str) -> None:
    assert kind(By.EMPLOYEE, text, (ASKED,)) == K.QUESTION_BACK


@pytest.mark.parametrize(
    "text",
    ["Have you tried holding the button for ten seconds? That resets it.",
     "Hold the ring, then turn it left.",
     "Unter Einstellungen > Licht auf „Immer an“ stellen. Sonst schreib uns eine DN.",
     "Try the steps in this guide: https://brand.example/help/articles/2210-lamp"],
)  # fmt: skip
def test_what_would_help_somebody_else_is_an_answer(text: str) -> None:
    assert kind(By.EMPLOYEE, text, (ASKED,)) == K.ANSWER


@pytest.mark.parametrize(
    "text",
    ["Please send us a DM with your order number.", "Schreib uns bitte eine DN.", "Llámanos al 900 555 010.",
     "Напишите нам в личные сообщения, пожалуйста.", "请私信我们订单号。"],
)  # fmt: skip
def test_who_only_sends_elsewhere_redirects(text: str) -> None:
    assert kind(By.EMPLOYEE, text, (ASKED,)) == K.REDIRECT


@pytest.mark.parametrize(
    "text",
    ["Turn the collar to the left until it clicks. If it still flickers, drop us a DM.",
     "Have a look at https://brand.example/help/articles/88 first. Otherwise our team is on 0800 555 0123.",
     "Tournez la bague vers la gauche jusqu'au déclic. Si ça continue, envoyez-nous un MP.",
     "Gira el anillo a la izquierda hasta oír un clic. Si sigue igual, mándanos un privado."],
)  # fmt: skip
def test_help_with_a_way_out_at_its_end_is_an_answer(text: str) -> None:
    assert kind(By.EMPLOYEE, text, (ASKED,)) == K.ANSWER


@pytest.mark.parametrize(
    ("asks", "tells"),
    [("@brand which number do I ring to report a loss?", "Hello, that's 0800 555 0134, day and night."),
     ("@brand wie erreiche ich euch telefonisch?", "Am besten unter 030 555 0134, montags bis freitags.")],
)  # fmt: skip
def test_a_number_answers_who_asked_for_it(asks: str, tells: str) -> None:
    assert kind(By.EMPLOYEE, tells, (Utterance(By.CUSTOMER, asks, None, K.QUESTION),)) == K.ANSWER


@pytest.mark.parametrize(
    ("text", "laughs"),
    [("555555", True), ("สุดยอด 555", True), ("0800 555 0134", False), ("+49 30 555 01 34", False)],
)
def test_a_phone_number_is_no_laughter(text: str, laughs: bool) -> None:
    assert ("laughs" in plain(text).marks) is laughs


@pytest.mark.parametrize(
    "text",
    [
        "@brand that worked!",
        "thanks, solved",
        "It's working now, thank you!",
        "Fixed",
        "That was it, thanks!",
        "that worked, it was the timer",
        "@brand Thanks Jane 😊",
        "You fixed it, thank you so much for the quick reply",
        "Danke, hat geklappt!",
        "Vielen Dank, das Problem ist behoben",
        "Merci beaucoup, ça marche",
        "¡Gracias, ya funciona!",
        "Grazie mille, ha funzionato",
        "Obrigada, funcionou!",
        "Bedankt, het werkt weer",
    ],
)
def test_thanks_are_recognised_in_seven_languages(text: str) -> None:
    assert kind(By.CUSTOMER, text, ANSWERED) == K.THANKS


@pytest.mark.parametrize(
    "text",
    [
        "thanks in advance, but my router is dead",
        "Thanks! And how do I do that on the old model?",
        "that worked but now the sound is gone",
        "still not working, thanks",
        "thanks for nothing",
        "Thanks to you I missed my train 🙄",
        "Danke im Voraus",
        "Merci d'avance, mais mon écran reste noir",
        "my tv has no picture",
        "Every time I try to download a work on 4G this happens, on wifi it works https://t.co/x",
        "",
        "@brand",
    ],
)
def test_doubtful_thanks_settle_nothing(text: str) -> None:
    assert kind(By.CUSTOMER, text, ANSWERED) != K.THANKS


def test_irony_after_being_sent_away_is_no_thanks() -> None:
    assert kind(By.CUSTOMER, "I did, nobody picks up. thanks for nothing", SENT_AWAY) == K.NOT_HELPED


def test_ok_sent_is_nothing_to_do() -> None:
    assert kind(By.CUSTOMER, "ok, sent", SENT_AWAY) == K.ASIDE


@pytest.mark.parametrize(
    "text", ["@brand", "@brand @brandhelp", "@brand 🤡", "best bakery in town @brand 😍", "@brand 👏👏👏"]
)
def test_an_opening_with_nothing_to_answer_is_an_aside(text: str) -> None:
    judgement = judge(Utterance(By.CUSTOMER, text))
    assert K.ASIDE in (judgement.kind, judgement.leans)


def test_a_handle_alone_is_not_dropped_as_surely_nothing() -> None:
    """It may come with a picture that asks: it leans, so that an answer to it may still enter the archive."""
    assert judge(Utterance(By.CUSTOMER, "@brand")).leans == K.ASIDE


@pytest.mark.parametrize(
    "text",
    ["@brand great, third parcel lost this month 👏", "@brand the lamp hums all night", "@brand Fehler 12"],
)
def test_a_concrete_trouble_is_a_question_even_in_irony(text: str) -> None:
    assert kind(By.CUSTOMER, text) == K.QUESTION


def test_who_is_answered_has_asked() -> None:
    praised = Utterance(By.CUSTOMER, "@brand love it", None, K.ASIDE)
    answered = Utterance(By.EMPLOYEE, "Hold the ring.", 0, K.ANSWER)
    assert place_of(Utterance(By.CUSTOMER, "thanks", 1), (praised, answered)) is Model.FOLLOWING


def test_who_points_to_where_others_may_know_sends_elsewhere() -> None:
    text = "Check our community, they may know: https://community.brand.example/"
    assert kind(By.EMPLOYEE, text, (ASKED,)) == K.REDIRECT


def test_a_judgement_says_why() -> None:
    judgement = judge(Utterance(By.EMPLOYEE, "Which model is it?", 0), (ASKED,))
    assert 0 < judgement.probability <= 1
    assert any("asks" in reason for reason in judgement.reasons)


@pytest.mark.timeout(300)
def test_the_weights_are_those_of_the_examples() -> None:
    """All is learnt anew, six times over: some ten seconds of a quiet processor."""
    learnt = fit_dialogue.fit(fit_dialogue.cases(examples()))
    gate = fit_dialogue.fit_gate(fit_dialogue.gate_cases(examples()))
    assert fit_dialogue.WRITTEN.read_text(encoding="utf-8") == fit_dialogue.written(learnt, gate), (
        "The examples, words or features have changed: run python tests/bench/fit_dialogue.py."
    )
