"""What other programs are told and may read: endpoints of outgoing hooks, and tokens."""

from fastapi import APIRouter

from app.admin.hooks import endpoints, issues, tokens

router = APIRouter()
for room in (endpoints, issues, tokens):
    router.include_router(room.router)
