"""Amounts and promises of money in nine languages are found; numbers of other things are not."""

import pytest

from bot.wording.money import money_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("You get $20 back.", "$20"),
        ("Das sind 19,99 € im Monat.", "19,99 €"),
        ("It costs EUR 1.200,00 then.", "EUR 1.200,00"),
        ("That is 50 euros.", "50 euros"),
        ("We will refund you.", "refund"),
        ("Sie bekommen einen Gutschein.", "Gutschein"),
        ("Die Rückerstattung ist unterwegs.", "Rückerstattung"),
        ("Nous allons vous rembourser.", "rembourser"),
        ("Le enviaremos un reembolso.", "reembolso"),
        ("Reembolsamos o valor.", "Reembolsamos"),
        ("La rimborsiamo.", "rimborsiamo"),
        ("U krijgt een terugbetaling.", "terugbetaling"),
        ("代金を返金いたします。", "返金"),
        ("سنقوم باسترداد المبلغ", "استرداد"),
        ("1.000円です", "1.000円"),
    ],
)
def test_money_is_found(text: str, found: str) -> None:
    assert money_in(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Hold the button for 10 seconds.",
        "Use channel 36 at 5 GHz.",
        "Model WRT-54G, firmware 2.0.1.",
        "Try 3 times.",
        "Drücken Sie 5 Sekunden lang.",
        "Costs nothing to try: restart it.",
        "Your real name is not needed.",
    ],
)
def test_other_numbers_and_words_are_not(text: str) -> None:
    assert money_in(text) is None
