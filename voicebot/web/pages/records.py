"""All pages about records, as one router."""

from fastapi import APIRouter

from voicebot.web.pages import (
    access,
    callers,
    consents,
    content,
    conversations,
    forgetting,
    health,
    processing,
    recordings,
    statistics,
    unanswered,
)

PAGES = (
    conversations,
    recordings,
    unanswered,
    statistics,
    callers,
    access,
    forgetting,
    processing,
    consents,
    content,
    health,
)


def records_router() -> APIRouter:
    """Their routes; each says itself who may see it."""
    router = APIRouter()
    for page in PAGES:
        router.include_router(page.router)
    return router
