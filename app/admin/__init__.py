"""For the people in charge: what waits for a decision, the people and topics, and what was done by whom."""

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
from app.auth import guarded

router = guarded()
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
    router.routes.extend(room.router.routes)
