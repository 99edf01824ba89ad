"""What a browser would send of a form on a page, with the words that stand in it."""

from html.parser import HTMLParser


class _Forms(HTMLParser):
    """The fields of one form, found by where it goes."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self._action = action
        self._inside = self._begun = False
        self._words: list[str] | None = None
        self._name = ""
        self.found: dict[str, str] = {}
        self.is_there = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and given.get("action") == self._action:
            self._inside = self.is_there = True
        if not self._inside or "disabled" in given:
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


def fields_of(page: str, action: str) -> dict[str, str]:
    """The fields of the form that goes to ``action``, without its buttons."""
    forms = _Forms(action)
    forms.feed(page)
    assert forms.is_there, (action, page[:2000])
    return forms.found
