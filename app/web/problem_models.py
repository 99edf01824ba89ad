"""Errors as the machine-readable description of the API shows them (RFC 9457)."""

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
    schema = ProblemDocument.model_json_schema()
    return {"description": description, "content": {PROBLEM_JSON: {"schema": schema}}}


UNUSABLE: dict[int | str, dict[str, Any]] = {
    422: problem_response("Something is not usable; `errors` says what and why.")
}
