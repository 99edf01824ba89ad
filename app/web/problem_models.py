"""Errors as the machine-readable description of the API shows them (RFC 9457)."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, Field

from app.web.problems import PROBLEM_JSON


class ProblemError(BaseModel):
    """One thing that is wrong with a request."""

    name: str
    detail: str


class ProblemDocument(BaseModel):
    """An error, as RFC 9457 describes them."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str | None = None
    errors: list[ProblemError] | None = None


def problem_response(description: str) -> dict[str, Any]:
    """How the machine-readable description tells of an error."""
    return {"description": description, "content": {PROBLEM_JSON: {"schema": _schema()}}}


@lru_cache(maxsize=1)
def _schema() -> dict[str, Any]:
    """The schema of a problem document in one piece: a reference would lead nowhere in the description."""
    schema = ProblemDocument.model_json_schema()
    parts = schema.pop("$defs")
    whole: dict[str, Any] = _whole(schema, parts)
    return whole


def _whole(schema: Any, parts: Mapping[str, Any]) -> Any:
    if isinstance(schema, list):
        return [_whole(one, parts) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if (name := str(schema.get("$ref", "")).rpartition("/")[2]) in parts:
        return _whole(parts[name], parts)
    return {key: _whole(value, parts) for key, value in schema.items()}


DoorAnswers = dict[int | str, dict[str, Any]]
"""What a door answers beside what was wanted, by its status."""
UNUSABLE: DoorAnswers = {422: problem_response("Something is not usable; `errors` says what and why.")}
LIMITED: DoorAnswers = {
    **UNUSABLE,
    429: problem_response("Too many requests; `Retry-After` says when to come back."),
}
