"""The desk: where employees see what they are asked, answer, and say what they know."""

from app import linking
from app.auth import guarded
from app.desk import answers, profile, questions

router = guarded()
for room in (questions, answers, profile, linking):
    router.routes.extend(room.router.routes)
