"""The desk: where employees see what they are asked, answer, and say what they know."""

from fastapi import APIRouter

from app.desk import (
    announcements,
    answers,
    challenges,
    coming,
    listening,
    live,
    private,
    profile,
    questions,
    regroup,
)
from app.identity import linking

router = APIRouter()
for room in (
    questions,
    answers,
    challenges,
    private,
    regroup,
    listening,
    announcements,
    coming,
    live,
    profile,
    linking,
):
    router.include_router(room.router)
