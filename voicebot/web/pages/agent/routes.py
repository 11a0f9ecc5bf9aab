"""All pages of agents, as one router."""

from functools import cache

from fastapi import APIRouter

from voicebot.web.pages.agent import callbacks, history, mine, wrap_up
from voicebot.web.pages.agent.acting import acting_router
from voicebot.web.pages.agent.desk import Desk, desk_router
from voicebot.web.pages.agent.live import LiveDesk
from voicebot.web.pages.agent.who import board_of
from voicebot.web.parts import WebParts


def agent_router(parts: WebParts) -> APIRouter:
    """Everything below /agent; each route is for who may take calls."""

    @cache
    def desk_of() -> Desk:
        board = board_of(parts)
        return Desk(parts, board, LiveDesk(parts, board))

    router = APIRouter()
    router.include_router(desk_router(desk_of))
    router.include_router(acting_router(desk_of))
    for page in (callbacks, history, mine, wrap_up):
        router.include_router(page.router)
    return router
