"""What a browser would send of a form on a page, with the words that stand in it."""

from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit


class _Forms(HTMLParser):
    """The fields of one form, found by where it goes."""

    def __init__(self, action: str = "", form: str = "") -> None:
        super().__init__()
        self._action, self._form = action, form
        self._inside = self._begun = False
        self._words: list[str] | None = None
        self._name = ""
        self.found: dict[str, str] = {}
        self.is_there = False
        self.parts: dict[str, str] = {}
        """The parts of the page's one form, by where their buttons go."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and (
            given.get("id") == self._form if self._form else given.get("action") == self._action
        ):
            self._inside = self.is_there = True
        if tag == "button" and given.get("form") == "page":
            goes = given.get("formaction") or ""
            self.parts[_without_part(goes)] = goes
        if tag != "option" and not self._inside and (not self._form or given.get("form") != self._form):
            return
        if "disabled" in given:
            return
        name, kind = given.get("name") or "", given.get("type") or "text"
        if tag == "input" and name and (kind not in ("checkbox", "radio") or "checked" in given):
            self.found[name] = given.get("value") or ""
        elif tag == "textarea":
            self._name, self._words = name, []
        elif tag == "select":
            self._name, self._begun = name, True
        elif tag == "option" and self._begun and ("selected" in given or self._name not in self.found):
            self.found[self._name] = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        if self._words is not None:
            self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._begun = False
        elif tag == "textarea" and self._words is not None:
            self.found[self._name] = "".join(self._words).removeprefix("\n")
            self._words = None


def _part(address: str) -> str:
    return parse_qs(urlsplit(address).query).get("of", [address])[0]


def _without_part(address: str) -> str:
    return address.partition("?of=")[0].partition("&of=")[0]


def page_of(page: str) -> dict[str, str]:
    """All that is sent with any button of a page's one form."""
    forms = _Forms(form="page")
    forms.feed(page)
    return forms.found


def fields_of(page: str, action: str) -> dict[str, str]:
    """The fields of the form, or the part of the page's one form, that goes to ``action``; no buttons."""
    forms = _Forms(action)
    forms.feed(page)
    if forms.is_there:
        return forms.found
    assert action in forms.parts, (action, page[:2000])
    own = f"@{_part(forms.parts[action])}"
    fields = {name.removesuffix(own): text for name, text in page_of(page).items() if name.endswith(own)}
    fields.pop("was", None)
    return fields


def pressed(page: str, action: str, **typed: str) -> tuple[str, dict[str, str]]:
    """Where a browser without script goes that presses the button to ``action``, and all that it sends.

    ``typed`` are words by the names of the fields, with two underscores before their part: ``note__note``.
    """
    forms = _Forms(form="page")
    forms.feed(page)
    assert action in forms.parts, (action, sorted(forms.parts))
    words = {name.replace("__", "@", 1): words for name, words in typed.items()}
    held = page_of(page)
    assert words.keys() <= held.keys(), (sorted(words), sorted(held))
    return forms.parts[action], {**held, **words}
