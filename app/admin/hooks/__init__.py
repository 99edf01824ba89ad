"""What other programs are told and may read: endpoints of outgoing hooks, for those who manage them."""

from fastapi import APIRouter

from app.admin.hooks import endpoints, issues

router = APIRouter()
for room in (endpoints, issues):
    router.include_router(room.router)
