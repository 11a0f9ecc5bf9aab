"""The desk: who waits, whom the bot has, and one call in the middle; and the stream that keeps it fresh."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, Final

from fastapi import APIRouter, HTTPException, Request, Response

from voicebot.agents.board import Board
from voicebot.web.event_stream import EventStream
from voicebot.web.headers import POLICY
from voicebot.web.pages.agent.live import LiveDesk
from voicebot.web.pages.agent.opening import note_opened
from voicebot.web.pages.agent.pieces import PAGE_ROOTS, Reading, list_values
from voicebot.web.pages.agent.showing import ACTIONS, REASONS, allowed
from voicebot.web.pages.agent.who import Agent, agent_in
from voicebot.web.pages.asked import id_of, one_of
from voicebot.web.parts import WebParts
from voicebot.web.signed_in import SignedIn

LIVE_POLICY: Final = f"{POLICY}; connect-src 'self'"
"""As everywhere, and the page's script may listen to us and send our forms."""
DONE: Final = tuple(action for action in ACTIONS if action != "finish")
"""What a page can say has been done; after the last of them another page follows."""


class Desk:
    """The desk's pages.

    Args:
        parts: of the application.
        board: the calls going on.
        live: its open pages.
    """

    def __init__(self, parts: WebParts, board: Board, live: LiveDesk) -> None:
        self.parts = parts
        self.board = board
        self._live = live

    async def page(
        self,
        request: Request,
        signed_in: SignedIn,
        conversation: str | None = None,
        *,
        status: int = 200,
        told: str = "",
        done: str = "",
    ) -> Response:
        """The desk, with a call in the middle when one is chosen.

        Args:
            request: what is answered.
            signed_in: the agent.
            conversation: which call; None for none.
            status: of the answer.
            told: why what they wanted was not done.
            done: what was done, a key of the texts.
        """
        pages, agent = self.parts.pages, agent_in(self.parts, signed_in)
        language = pages.language(request, signed_in)
        call = None if conversation is None else self.board.find(conversation)
        values: dict[str, Any] = {"call": None, "actions": ()}
        if call is not None:
            await note_opened(self.parts, signed_in, call.conversation)
            values = await self._live.pieces.call_values(call, language) | {"actions": allowed(call, agent)}
        elif conversation is not None and status == 200:
            status = 404
        live = self.board.live()
        response = pages.page(
            request,
            signed_in,
            "agent_desk.html",
            status=status,
            **{**list_values(live, language, agent.person, conversation or ""), **values},
            conversation=conversation,
            agent=agent,
            now_at=self.parts.now(),
            my_status=self.board.statuses.of(agent.person),
            wrap_ups=self.board.to_wrap_up(agent),
            reasons=REASONS,
            told=told,
            done=done,
            callbacks_open=self.parts.callbacks.open if self.parts.callbacks is not None else 0,
        )
        response.headers["Content-Security-Policy"] = LIVE_POLICY
        return response

    async def stream(
        self, request: Request, signed_in: SignedIn, conversation: str | None, root: str = PAGE_ROOTS[0]
    ) -> Response:
        """Everything that is new for one open page, with this call open in it. root: see `PAGE_ROOTS`."""
        agent = agent_in(self.parts, signed_in)
        reading = Reading(self.parts.pages.language(request, signed_in), root)

        async def events() -> AsyncGenerator[bytes, None]:
            async with (
                self._live.reading(signed_in, agent, reading, conversation) as reader,
                aclosing(self._live.events(reader)) as messages,
            ):
                async for message in messages:
                    yield message

        return EventStream(events())


def desk_router(desk_of: Callable[[], Desk]) -> APIRouter:
    """`GET /agent`, `/agent/calls/{conversation}` and `/agent/events`.

    Args:
        desk_of: the desk; raises `NoBoard` where nobody is answered.
    """
    router = APIRouter()

    @router.get("/agent")
    async def lists(request: Request, signed_in: Agent) -> Response:
        return await desk_of().page(request, signed_in)

    @router.get("/agent/calls/{conversation}")
    async def call(request: Request, signed_in: Agent, conversation: str, done: str = "") -> Response:
        return await desk_of().page(request, signed_in, id_of(conversation), done=one_of(done, DONE))

    @router.get("/agent/events")
    async def events(request: Request, signed_in: Agent, call: str = "", depth: str = "0") -> Response:
        if "text/event-stream" not in request.headers.get("accept", ""):
            raise HTTPException(406)
        root = PAGE_ROOTS[int(depth)] if depth in ("1", "2", "3") else PAGE_ROOTS[0]
        return await desk_of().stream(request, signed_in, id_of(call) if call else None, root)

    return router
