"""What an agent does with a call: each a form of the desk, decided by the board in one step.

A page's script asks for JSON and says the answer in place; without a script the page comes back with it.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from voicebot.agents.board import LONGEST_NOTE
from voicebot.agents.live_call import SignedAgent, Verdict
from voicebot.web.forms import fields
from voicebot.web.links import link, see
from voicebot.web.pages.agent.desk import Desk
from voicebot.web.pages.agent.showing import ACTIONS, REASONS
from voicebot.web.pages.agent.who import Agent, agent_in
from voicebot.web.pages.asked import id_of, one_of
from voicebot.web.signed_in import SignedIn

WRITTEN: Final = ("tell", "type")
"""Actions that carry words of the agent's."""


def acting_router(desk_of: Callable[[], Desk]) -> APIRouter:
    """`POST /agent/calls/{conversation}/…` for each of `ACTIONS`.

    Args:
        desk_of: see `desk_router`.
    """
    router = APIRouter()
    for action in ACTIONS:
        router.add_api_route(f"/agent/calls/{{conversation}}/{action}", _route(desk_of, action), methods=["POST"])
    return router


def _route(desk_of: Callable[[], Desk], action: str) -> Callable[..., Awaitable[Response]]:
    async def act(request: Request, signed_in: Agent, conversation: str) -> Response:
        desk, conversation = desk_of(), id_of(conversation)
        form = await fields(request)
        if action in WRITTEN and not form.get("text"):
            return await _refused(request, signed_in, desk, conversation, "empty")
        if len(form.get("text", "")) > LONGEST_NOTE:
            return await _refused(request, signed_in, desk, conversation, "too_long")
        agent = agent_in(desk.parts, signed_in)
        with desk.board.present(agent):  # their page may be between two streams just now
            verdict = await _carried_out(desk, action, conversation, agent, form)
        if not verdict.done:
            return await _refused(request, signed_in, desk, conversation, verdict.why, verdict.by)
        after = f"/agent/wrap-up/{conversation}" if action == "finish" else ""
        if not _wants_json(request):
            return see(request, after or f"/agent/calls/{conversation}?done={action}")
        words = desk.parts.pages.words(desk.parts.pages.language(request, signed_in))
        told = "" if action == "type" else words.agent.done[action]  # the line itself comes into the list
        return JSONResponse({"done": True, "told": told, "next": link(request, after) if after else ""})

    act.__doc__ = f"{action}, if nobody was quicker."
    return act


async def _carried_out(
    desk: Desk, action: str, conversation: str, agent: SignedAgent, form: Mapping[str, str]
) -> Verdict:
    board = desk.board
    match action:
        case "accept":
            return await board.accept(conversation, agent)
        case "decline":
            return await board.decline(conversation, agent, one_of(form.get("reason", ""), REASONS))
        case "take-over":
            return await board.take_over(conversation, agent)
        case "tell":
            return await board.tell_caller(conversation, agent, form["text"])
        case "type":
            return await board.type(conversation, agent, form["text"])
        case "hand-back":
            return await board.hand_back(conversation, agent)
        case _:
            return await board.finish(conversation, agent)


async def _refused(
    request: Request, signed_in: SignedIn, desk: Desk, conversation: str, why: str, by: str = ""
) -> Response:
    """Say why not, on a page that is fresh."""
    pages = desk.parts.pages
    words = pages.words(pages.language(request, signed_in))
    told = str(words.agent.refused[why]).format(by=by)
    if _wants_json(request):
        return JSONResponse({"done": False, "told": told, "next": ""}, status_code=409)
    return await desk.page(request, signed_in, conversation, status=409, told=told)


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")
