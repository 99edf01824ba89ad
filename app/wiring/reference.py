"""The settings as people read them: ``.env.example`` and ``docs/settings.md``, made from the code.

``python -m app.wiring.reference`` writes both; a test holds them to what the code says.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from app.wiring.environment import PREFIX, group_of
from app.wiring.settings import Settings

_WIDTH = 100
_OPENING = (
    "Chorus reads its settings from the environment and from `.env` in the working directory; the "
    "environment wins. Every name can end in `_FILE` to be read from a file instead. Lists are separated "
    "by commas. An unknown `CHORUS_` name stops the start with a suggestion, so that a slip of the pen "
    "cannot go unnoticed."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting: its environment name, default as text, and meaning."""

    name: str
    default: str
    meaning: str


@dataclass(frozen=True, slots=True)
class SettingsSection:
    """Settings that belong together."""

    title: str
    entries: tuple[Entry, ...]


def sections() -> list[SettingsSection]:
    """Every setting, the ungrouped ones first."""
    return [SettingsSection("Chorus", tuple(_entries(Settings, PREFIX))), *_groups()]


def _groups() -> Iterator[SettingsSection]:
    for name, field in Settings.model_fields.items():
        group = group_of(field.annotation)
        if group is not None:
            title = (group.__doc__ or name).strip().rstrip(".")
            yield SettingsSection(title, tuple(_entries(group, f"{PREFIX}{name.upper()}__")))


def _entries(model: type[BaseModel], prefix: str) -> Iterator[Entry]:
    for name, field in model.model_fields.items():
        if group_of(field.annotation) is None:
            meaning = " ".join((field.description or "").split())
            yield Entry(prefix + name.upper(), _shown(field.default), meaning)


def _shown(value: Any) -> str:
    if value is None or value == () or isinstance(value, SecretStr):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(str(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def env_example() -> str:
    """The text of ``.env.example``."""
    lines = [
        "# Every setting of Chorus with its default. Copy to .env and uncomment what you change.",
        "# Each can also be given as a file: CHORUS_SECRET_KEY_FILE=/run/secrets/chorus_key.",
        "# Lists are separated by commas. docs/settings.md says the same as a table.",
    ]
    for section in sections():
        lines += ["", f"# --- {section.title}"]
        for entry in section.entries:
            lines += ["", *_wrapped(entry.meaning), f"# {entry.name}={entry.default}"]
    return "\n".join(lines) + "\n"


def _wrapped(text: str) -> list[str]:
    lines, line = [], "#"
    for word in text.split():
        if len(line) + len(word) >= _WIDTH:
            lines.append(line)
            line = "#"
        line += f" {word}"
    return [*lines, line]


def settings_page() -> str:
    """The text of ``docs/settings.md``."""
    lines = [
        "# Settings",
        "",
        _OPENING,
    ]
    for section in sections():
        lines += ["", f"## {section.title}", "", "| name | default | meaning |", "| --- | --- | --- |"]
        lines += [
            f"| `{entry.name}` | {f'`{entry.default}`' if entry.default else ''} | {entry.meaning} |"
            for entry in section.entries
        ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write both files where they belong."""
    root = Path(__file__).resolve().parents[2]
    (root / ".env.example").write_text(env_example(), encoding="utf-8")
    (root / "docs" / "settings.md").write_text(settings_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
