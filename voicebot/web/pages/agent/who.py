"""Who the agent in front of a page is among the bot's people, and the board they look at."""

from typing import Annotated, TypeAlias

from fastapi import Depends, HTTPException

from voicebot.agents.board import Board
from voicebot.agents.live_call import SignedAgent, agent_of
from voicebot.web.parts import WebParts
from voicebot.web.permissions import Permission
from voicebot.web.signed_in import SignedIn, require

Agent: TypeAlias = Annotated[SignedIn, Depends(require(Permission.TAKE_CALLS))]
"""Somebody who may take calls; a parameter of a route."""


class NoBoard(HTTPException):
    """This application answers nobody, so there is nothing to take; shown as a page."""

    def __init__(self) -> None:
        super().__init__(404, "no_board")


def board_of(parts: WebParts) -> Board:
    """The calls going on.

    Raises:
        NoBoard: nobody is answered here.
    """
    if parts.board is None:
        raise NoBoard
    return parts.board


def agent_in(parts: WebParts, signed_in: SignedIn) -> SignedAgent:
    """Who they are in bot.yaml, where it names them."""
    return agent_of(parts.bot, signed_in.account_id, signed_in.name)
