"""The agents' pages besides the desk: whoever reads one is at the console all the same, and hears of who waits."""

from typing import Any

from fastapi import Request, Response

from voicebot.web.pages.agent.desk import LIVE_POLICY
from voicebot.web.pages.agent.pieces import list_values
from voicebot.web.pages.agent.who import agent_in, board_of
from voicebot.web.pages.asked import Asked
from voicebot.web.signed_in import SignedIn


def framed(
    request: Request, signed_in: SignedIn, page: Asked, template: str, *, status: int = 200, **values: Any
) -> Response:
    """A page with the list of those who wait, which its script keeps fresh. On the event loop: the board is read.

    Args:
        request: what is answered.
        signed_in: the agent.
        page: the parts it is made of.
        template: its file in `templates/`.
        status: of the answer.
        values: what else the template uses.
    """
    pages, agent = page.parts.pages, agent_in(page.parts, signed_in)
    lists = list_values(board_of(page.parts).live(), pages.language(request, signed_in), agent.person)
    waiting = page.parts.callbacks.open if page.parts.callbacks is not None else 0
    response = pages.page(
        request, signed_in, template, status=status, **lists, agent=agent, callbacks_open=waiting, **values
    )
    response.headers["Content-Security-Policy"] = LIVE_POLICY
    return response
