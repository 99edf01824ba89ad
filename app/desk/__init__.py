"""The desk: where employees see what they are asked, answer, and say what they know."""

from fastapi import APIRouter, Depends

from app import linking
from app.auth import deny_undeclared
from app.desk import answers, profile, questions

router = APIRouter(dependencies=[Depends(deny_undeclared)], include_in_schema=False)
router.include_router(questions.router)
router.include_router(answers.router)
router.include_router(profile.router)
router.include_router(linking.router)
