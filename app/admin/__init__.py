"""For the people in charge: what waits for a decision, the people and topics, and what was done by whom."""

from fastapi import APIRouter, Depends

from app.admin import (
    answers,
    audit,
    budget,
    connections,
    deliveries,
    employees,
    overview,
    questions,
    review,
    texts,
    topics,
)
from app.auth import deny_undeclared

router = APIRouter(dependencies=[Depends(deny_undeclared)], include_in_schema=False)
for room in (
    overview,
    questions,
    answers,
    deliveries,
    budget,
    connections,
    review,
    employees,
    topics,
    texts,
    audit,
):
    router.include_router(room.router)
