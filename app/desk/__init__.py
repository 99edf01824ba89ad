"""The desk: where employees see what they are asked, answer, and say what they know."""

from fastapi import APIRouter

from app.desk import announcements, answers, coming, listening, live, private, profile, questions, regroup
from app.identity import linking

router = APIRouter()
for room in (questions, answers, private, regroup, listening, announcements, coming, live, profile, linking):
    router.include_router(room.router)
