"""The desk: where employees see what they are asked, answer, and say what they know."""

from fastapi import APIRouter

from app.desk import answers, live, profile, questions, regroup
from app.identity import linking

router = APIRouter()
for room in (questions, answers, regroup, live, profile, linking):
    router.include_router(room.router)
