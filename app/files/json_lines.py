"""What is wrong with a line of JSON, for whoever wrote the file."""

from pydantic import ValidationError


def first_problem(error: ValidationError) -> str:
    """The field and what it should be, without a full stop; for a line that is no JSON at all, that."""
    problem = error.errors()[0]
    place = ".".join(str(step) for step in problem["loc"]) or "the line"
    return f"{place}: {'it is no JSON object' if problem['type'] == 'json_invalid' else problem['msg']}"
