"""Postal addresses, by the ways of seven languages to write a street and a house number (pure)."""

import re
from collections.abc import Iterator

from bot.text.personal import words

_NO_COUNT = rf"(?!\s*(?:{words.UNITS})\b)"
_STREETS = (
    # English: 12 Oak Street, Apt 4
    (
        r"\d{1,5}[a-z]?,?\s+(?:(?:north|south|east|west|[nsew]\.?|old|new|st\.?)\s+)?(?!(?:minutes?|mins?|hours?|days?|miles?|people|"
        r"of|on|in|at|to|and|the|times?|x|way|stars?|more|for)\b)[a-z0-9][\w'.]*(?:\s+(?!(?:on|in|at|to|the|and|is|was)\b)[a-z][\w'.]*){0,2}"
        r"\s+(?:street|str|avenue|ave|road|rd|lane|ln|boulevard|blvd|crescent|cres|terrace|drive|close|court|highway|parkway|pkwy|"
        r"gardens|mews|(?-i:St|Dr|Ct|Way|Pl|Place|Sq|Square|Cir|Circle|Grove|Row|Hill|Walk|Trail|Hwy|Park))\b\.?"
    ),
    r"\d{1,4}[a-z]?,?\s+the\s(?:avenue|street|drive|close|crescent|green|grove|lane|mews|parade|square|terrace)\b",
    # German: Lindenstraße 12a, Am Markt 5
    r"[a-zäöüß.-]{0,60}[a-zäöüß]{2}-?(?:straße|strasse|str\.|str|weg|platz|allee|gasse|ring|ufer|damm|stieg)\s?\d{1,4}\s?[a-z]?\b",
    r"(?-i:[A-ZÄÖÜ])[a-zäöüß-]+\s(?:straße|strasse|str\.|allee|platz|ufer)\s\d{1,4}\s?[a-z]?\b",
    r"(?:am|an der|auf dem|im|zum|zur|unter den)\s(?-i:[A-ZÄÖÜ])[a-zäöüß]+\s\d{1,3}\s?[a-z]?,?\s+\d{5}\b",
    # French: 12 bis, rue de la Paix
    (
        r"\d{1,4}(?:\s?(?:bis|ter|quater))?,?\s+(?:(?:rue|avenue|av\.?|boulevard|bd|chemin|all[ée]e|impasse|quai)\s"
        r"|(?:place|cours|route)\s(?=d[eu]s?\s|d'|(?-i:[A-Z])))"
        r"[a-zà-ÿ'’-]+(?:\s[a-zà-ÿ'’-]+){0,4}"
    ),
    # Spanish, Portuguese: Calle Mayor 12, Rua das Flores, 34
    (
        r"(?:calle|c/|avda\.?|avenida|av\.|plaza|pza\.?|paseo|rambla|glorieta|traves[ií]a|carrer|camino|carretera|ronda|rua"
        r"|r\.|travessa|pra[çc]a|alameda|estrada|largo)\s"
        r"(?:(?:de|del|la|las|los|el|do|da|dos|das|e|y)\s){0,2}[a-zà-ÿ][\wà-ÿ.'-]*"
        r"(?:\s(?:(?:de|del|la|las|los|do|da|dos|das|e|y)\s){0,2}[a-zà-ÿ][\wà-ÿ.'-]*){0,2},?\s(?:n[ºo°.]{1,2}\s?)?\d{1,5}\b"
        + _NO_COUNT
    ),
    r"gran v[ií]a,?\s\d{1,4}\b" + _NO_COUNT,
    # Italian: via Garibaldi 7
    r"(?:via|viale|v\.le|piazza|p\.zza|corso|c\.so|vicolo|largo)\s(?-i:[A-Z])[\wà-ÿ.'-]+(?:\s(?-i:[A-Z])?[\wà-ÿ.'-]+){0,3},?\s(?:n\.?\s?)?\d{1,4}\b"
    + _NO_COUNT,
    # Dutch: Kerkstraat 12-3
    r"laan\svan\s(?:de\s|het\s)?[a-z]+\s\d{1,4}\b",
    r"[a-z]+(?:straat|burgwal|laan|weg|plein|gracht|kade|singel|dijk|hof|steeg|dreef)\s\d{1,4}(?:\s?[a-z]|-\d+)?\b",
)
_CODES = (
    r"(?:p\.?\s?o\.?\s?box|postfach|apartado(?:\sde\scorreos)?|casella\spostale|caixa\spostal|postbus|bo[îi]te\spostale)\s\d{1,6}\b",
    r"(?:post\s?code|postal\scode)(?:\sis)?[\s:]*[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}\b",
    r"[1-9]\d{3}\s(?-i:(?!AM|PM|TV|HD|[KMGT]B|KM|EU|US|UK|PC|OK|ID|VW)[A-Z]{2}\s[A-Z][a-z]{2,})",
    r"(?-i:[A-Z]{1,2}\d[A-Z\d]?\s\d[ABD-HJLNP-UW-Z]{2})\b",
    (
        r"(?-i:[A-Z][a-z]+),?\s(?-i:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]"
        r"|UT|V[AT]|W[AIVY])\s\d{5}(?:-\d{4})?\b"
    ),
)
_ADDRESS = re.compile(rf"(?<![\w$£€.])(?:{'|'.join((*_STREETS, *_CODES))})", re.IGNORECASE)
_HOUSE = rf"\d{{1,5}}[a-z]?\b{_NO_COUNT}(?![.,:%]\d|\s?[%x])(?:,?\s[\w.'’-]+){{0,4}}"
_LIVES_AT = re.compile(
    rf"\b(?:{words.LIVES_AT})\b[\s:]*(?P<value>(?:[a-z.'’/-]+,?\s+){{0,4}}?{_HOUSE})"
    rf"|\b(?:{words.SENT_TO})\b[\s:]*(?P<sent>(?:(?:my|our|the|flat|apt|apartment|unit|no\.?)\s)*{_HOUSE})",
    re.IGNORECASE,
)


_DIGIT = re.compile(r"\d")


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Streets with a house number, full postcodes, and what follows “I live at”: nothing without a figure."""
    if not _DIGIT.search(text):
        return
    for match in _ADDRESS.finditer(text):
        yield match.span()
    for match in _LIVES_AT.finditer(text):
        yield match.span("value" if match["value"] else "sent")
