"""Words that name an amount of money, or promise some (pure).

Meant for a person who looks at an answer before it goes out, so it rather finds too much: “€ 20”, “20 Euro”,
“refund”, “Gutschein”. Amounts are a currency's sign, its ISO 4217 code or its name beside a
number; codes that are everyday words (TRY) are left out.
"""

import re

_SIGNS = "$€£¥₹₽₩₺₪₫฿₴₦₱"
_CODES = "usd|eur|gbp|jpy|chf|cad|aud|nzd|cny|rmb|inr|brl|mxn|sek|nok|dkk|pln|czk|huf|rub|krw|zar|sgd|hkd|aed"
_NAMES = (
    r"dollars?|euros?|pounds?|yen|francs?|franken|cents?|bucks|quid|reais|pesos?|d[oó]lares|libras?|dollari"
    r"|sterline"
)
_UNSPACED_NAMES = r"円|ドル|ユーロ|دولار|يورو|درهم|ريال"
_PROMISES = (
    r"refund\w*|reimburs\w*|compensat\w*|money[ -]?back|vouchers?|gift ?cards?|store credit|free of charge"
    r"|rückerstatt\w*|erstatt\w*|entschädig\w*|gutschein\w*|gutschrift\w*|kostenlos\w*|kulanz\w*"
    r"|rembours\w*|indemnis\w*|dédommag\w*|bons? d.achat|gratuit\w*"
    r"|reembols\w*|indemniz\w*|compensaci[oó]n|vales? de|gratis"
    r"|indeniza\w*|compensação|vale[- ]presente|gratuit\w*"
    r"|rimbors\w*|risarcim\w*|buon[io] (?:sconto|acquisto|regalo)"
    r"|terugbetal\w*|terugbetaling\w*|schadevergoeding\w*|tegoedbon\w*|cadeaubon\w*"
)
_UNSPACED = r"返金|払い戻し|補償|クーポン|無料|استرداد|تعويض|قسيمة"
_NUMBER = r"\d[\d.,'’  ]*"

_MONEY = re.compile(
    rf"[{re.escape(_SIGNS)}]\s?{_NUMBER}"
    rf"|{_NUMBER}\s?(?:[{re.escape(_SIGNS)}]|{_UNSPACED_NAMES}|(?:{_CODES}|{_NAMES})(?!\w))"
    rf"|(?<!\w)(?:{_CODES})\s?{_NUMBER}"
    rf"|(?<!\w)(?:{_PROMISES})(?!\w)|{_UNSPACED}",
    re.IGNORECASE,
)


def money_in(text: str) -> str | None:
    """The first words that name or promise money, as they stand there; None where there are none."""
    found = _MONEY.search(text)
    return found[0].strip() if found is not None else None
