"""Reading settings from the environment: ``CHORUS_NAME``, nested ``CHORUS_GROUP__NAME``, and ``..._FILE``.

A name that no setting has is refused with a suggestion: a mistyped name would otherwise silently leave
the default in force.
"""

import difflib
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from pydantic import BaseModel

from app.files.text_files import UnreadableText, read_text
from bot.text.characters import CONTROL

PREFIX = "CHORUS_"
_FILE = "_FILE"
_END_OF_NAME = re.compile(r"[\s=:]+")


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
    """The ``CHORUS_`` names of the environment, on top of those in ``.env`` in ``directory``.

    Raises UnusableSettings for a ``.env`` that cannot be read.
    """
    merged = {key.upper(): value for key, value in {**_written(directory / ".env"), **environment}.items()}
    return {key: value for key, value in merged.items() if key.startswith(PREFIX)}


def _written(file: Path) -> dict[str, str]:
    """What ``.env`` says. Lines of others that make no sense are theirs; one of ours is refused."""
    if not file.is_file():
        return {}
    try:
        text = read_text(file)
    except UnreadableText as error:
        raise UnusableSettings(str(error)) from error
    problems = [
        f"{file}, line {line.original.line}: {_name_in(line.original.string)} has no value that can be read: "
        "write NAME=value, and put a value with blanks, quotes or # in it into quotes."
        for line in parse_stream(io.StringIO(text))
        if (line.error or (line.key and line.value is None)) and PREFIX in line.original.string.upper()
    ]
    if problems:
        raise UnusableSettings("\n".join(problems))
    return {key: value or "" for key, value in dotenv_values(stream=io.StringIO(text)).items()}


def _name_in(line: str) -> str:
    """The setting that a broken line speaks of, without its value, which may be a secret."""
    return _END_OF_NAME.split(line.strip().removeprefix("export "))[0]


def read(model: type[BaseModel], given: Mapping[str, str]) -> dict[str, Any]:
    """Nested values for ``model``, still as text.

    Lists are separated by commas, in a file by line ends as well. An empty value counts as not given. Raises
    UnusableSettings for unknown names, unreadable files, and for a value that is given both directly and as a
    file.
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
                text = read_text(Path(text))
            except UnreadableText as error:
                problems.append(f"{key}: {error}")
                continue
        value = list_in(text) if _is_list(model, known[name]) else text.strip()
        if any(map(CONTROL.search, [value] if isinstance(value, str) else value)):
            problems.append(f"{key} should be one line without control characters.")
        elif value:
            _put(values, known[name], value)
    if problems:
        raise UnusableSettings("\n".join(problems))
    return values


def list_in(text: str) -> list[str]:
    """The parts of a value with several, between commas or on lines of their own."""
    return [part.strip() for part in re.split(r"[,\r\n]", text) if part.strip()]


def _put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    for name in path[:-1]:
        values = values.setdefault(name, {})
    values[path[-1]] = value


def _unknown(key: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(key, list(known), n=1, cutoff=0.6)
    hint = f" Did you mean {near[0]}?" if near else " See .env.example for all settings."
    return f"{key} is not a setting of Chorus.{hint}"
