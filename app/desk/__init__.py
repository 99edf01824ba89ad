"""The desk: where employees see what they are asked, answer, and say what they know."""

from fastapi import APIRouter

from app.desk import (
    announcement_correction,
    announcements,
    answers,
    challenges,
    colleagues,
    coming,
    knowing,
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
    colleagues,
    answers,
    challenges,
    private,
    regroup,
    listening,
    announcements,
    announcement_correction,
    coming,
    live,
    profile,
    knowing,
    linking,
):
    router.include_router(room.router)
