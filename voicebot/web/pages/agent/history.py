"""What the same caller has talked about with the bot before: when, and what came of it. The words are one page on."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import APIRouter, HTTPException, Request, Response
from sqlalchemy import Connection, Row, select

from voicebot.records import access_log
from voicebot.records.agents import history
from voicebot.records.reading import conversation_head
from voicebot.records.schema import transfers, wrap_ups
from voicebot.web.pages.agent.framed import framed
from voicebot.web.pages.agent.who import Agent
from voicebot.web.pages.asked import Asked, asked, id_of
from voicebot.web.pages.conversations import departments_named, kind_of, length_of
from voicebot.web.signed_in import SignedIn

MOST_SHOWN: Final = 20
_NOTHING: Final[Mapping[str, Any]] = {"rows": None, "passed_on": {}, "wrapped_up": {}}

router = APIRouter()


@router.get("/agent/history/{conversation}")
async def earlier(request: Request, signed_in: Agent, conversation: str) -> Response:
    """Earlier conversations of whoever this conversation is with, and a line that they were looked for.

    Which conversations belong to one person is itself told of that person: hence the line. Where the bot's rules keep
    earlier conversations from agents, nothing is read.
    """
    page = asked(request)
    conversation = id_of(conversation)
    bot = page.parts.bot
    allowed = bot is None or bot.records.history
    values = await asyncio.to_thread(_read, page, signed_in, conversation) if allowed else _NOTHING
    return framed(
        request,
        signed_in,
        page,
        "agent_history.html",
        most=MOST_SHOWN,
        kind_of=kind_of,
        length_of=lambda row: length_of(row, page.t),
        departments=departments_named(page, signed_in.language),
        **values,
    )


def _read(page: Asked, signed_in: SignedIn, conversation: str) -> Mapping[str, Any]:
    with page.records.database.writing() as connection:
        if conversation_head(connection, conversation) is None:
            raise HTTPException(404)
        rows = history(connection, conversation, MOST_SHOWN)
        ids = [row.id for row in rows]
        found = {"rows": rows, "passed_on": _passed_on(connection, ids), "wrapped_up": _wrapped_up(connection, ids)}
        access_log.note(connection, page.records.vault, signed_in.name, signed_in.role, "caller.history", conversation)
    return found


def _passed_on(connection: Connection, conversations: Sequence[str]) -> dict[str, list[Row[Any]]]:
    """Whom they were passed on to, by conversation."""
    query = select(transfers).where(transfers.c.conversation_id.in_(conversations)).order_by(transfers.c.at)
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.conversation_id].append(row)
    return found


def _wrapped_up(connection: Connection, conversations: Sequence[str]) -> dict[str, str]:
    """What the person who had it wrote that it came to, by conversation."""
    query = select(wrap_ups.c.conversation_id, wrap_ups.c.outcome).where(wrap_ups.c.conversation_id.in_(conversations))
    return {row.conversation_id: row.outcome for row in connection.execute(query)}
