"""Reading settings from the environment: ``CHORUS_NAME``, nested ``CHORUS_GROUP__NAME``, and ``..._FILE``.

A name that no setting has is refused with a suggestion: a mistyped name would otherwise silently leave
the default in force.
"""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from dotenv import dotenv_values
from pydantic import BaseModel

PREFIX = "CHORUS_"
_FILE = "_FILE"


class UnusableSettings(Exception):
    """One or more settings are wrong; ``str(error)`` names each and says what it should be."""


def names(model: type[BaseModel], prefix: str = PREFIX) -> dict[str, tuple[str, ...]]:
    """Every environment name of a settings model, with the path of the field it sets."""
    found: dict[str, tuple[str, ...]] = {}
    for name, field in model.model_fields.items():
        group = group_of(field.annotation)
        if group is None:
            found[prefix + name.upper()] = (name,)
        else:
            inner = names(group, f"{prefix}{name.upper()}__")
            found.update({key: (name, *path) for key, path in inner.items()})
    return found


def group_of(annotation: Any) -> type[BaseModel] | None:
    """The settings group that a field holds, if it is one."""
    choices = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    return next((one for one in choices if isinstance(one, type) and issubclass(one, BaseModel)), None)


def _is_list(model: type[BaseModel], path: tuple[str, ...]) -> bool:
    for name in path[:-1]:
        group = group_of(model.model_fields[name].annotation)
        if group is None:
            raise AssertionError(f"{name} is no group of settings")
        model = group
    return get_origin(model.model_fields[path[-1]].annotation) is tuple


def gather(environment: Mapping[str, str], directory: Path) -> dict[str, str]:
    """The ``CHORUS_`` names of the environment, on top of those in ``.env`` in ``directory``."""
    written = {key: value or "" for key, value in dotenv_values(directory / ".env").items()}
    merged = {key.upper(): value for key, value in {**written, **environment}.items()}
    return {key: value for key, value in merged.items() if key.startswith(PREFIX)}


def read(model: type[BaseModel], given: Mapping[str, str]) -> dict[str, Any]:
    """Nested values for ``model``, still as text.

    Lists are separated by commas. An empty value counts as not given. Raises UnusableSettings for unknown
    names, unreadable files, and for a value that is given both directly and as a file.
    """
    known = names(model)
    values: dict[str, Any] = {}
    problems: list[str] = []
    for key, text in sorted(given.items()):
        name = key.removesuffix(_FILE) if key not in known and key.endswith(_FILE) else key
        if name not in known:
            problems.append(_unknown(key, known))
            continue
        if name != key:
            if given.get(name):
                problems.append(f"{name} and {key} are both set: keep one of them.")
                continue
            try:
                text = Path(text).read_text(encoding="utf-8").strip()
            except OSError as error:
                problems.append(f"{key}: cannot read {text}: {error.strerror}.")
                continue
        if text.strip():
            _put(values, known[name], _split(text) if _is_list(model, known[name]) else text.strip())
    if problems:
        raise UnusableSettings("\n".join(problems))
    return values


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        values = values.setdefault(name, {})
    values[path[-1]] = value


def _unknown(key: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(key, list(known), n=1, cutoff=0.6)
    hint = f" Did you mean {near[0]}?" if near else " See .env.example for all settings."
    return f"{key} is not a setting of Chorus.{hint}"
