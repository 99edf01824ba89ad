"""The API's guide says what the API does."""

from pathlib import Path

from app.public import api_models
from app.public.archive import router as archive_router
from app.public.feeds import router as feeds_router

GUIDE = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_field_of_an_answer_is_in_the_guide() -> None:
    fields = {*api_models.AnswerDetail.model_fields, *api_models.Suggestion.model_fields}

    assert [name for name in sorted(fields) if f'"{name}"' not in GUIDE and f"`{name}`" not in GUIDE] == []


def test_every_feed_is_in_the_guide() -> None:
    addresses = {getattr(route, "path", "").replace("{block}", "{n}") for route in feeds_router.routes}

    assert [address for address in sorted(addresses) if f"`{address}`" not in GUIDE] == []
    assert "/search" in {getattr(route, "path", "") for route in archive_router.routes}
