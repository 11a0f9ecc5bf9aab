"""All pages of agents, as one router."""

from fastapi import APIRouter

from voicebot.web.pages.agent import callbacks, history, mine, wrap_up
from voicebot.web.pages.agent.acting import acting_router
from voicebot.web.pages.agent.desk import Desk, desk_router
from voicebot.web.pages.agent.live import LiveDesk
from voicebot.web.pages.agent.who import NoBoard
from voicebot.web.parts import WebParts


def agent_router(parts: WebParts, live: LiveDesk | None) -> APIRouter:
    """Everything below /agent; each route is for who may take calls.

    Args:
        parts: what the pages use.
        live: the pages that are open; None where nobody is answered.
    """
    desk = None if parts.board is None or live is None else Desk(parts, parts.board, live)

    def desk_of() -> Desk:
        if desk is None:
            raise NoBoard
        return desk

    router = APIRouter()
    router.include_router(desk_router(desk_of))
    router.include_router(acting_router(desk_of))
    for page in (callbacks, history, mine, wrap_up):
        router.include_router(page.router)
    return router
