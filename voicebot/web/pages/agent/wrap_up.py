"""After the conversation: what came of it, a note for whoever takes the matter next, and whether the brief was right.

A note is an agent's own words about a person. It is redacted and sealed like the caller's, and only who wrote it may
change it, until their day is over.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from sqlalchemy import select

from voicebot.agents.live_call import SignedAgent
from voicebot.records import access_log
from voicebot.records.agents import WrapUp, waiting_wrap_ups, wrap_up, written_wrap_ups
from voicebot.records.entries import BRIEF_RIGHT, WRAP_UP_OUTCOMES, WrappedUp
from voicebot.records.reading import ConversationRow, conversation_head
from voicebot.records.schema import transfers
from voicebot.web.forms import fields
from voicebot.web.links import see
from voicebot.web.pages.agent.framed import framed
from voicebot.web.pages.agent.who import Agent, agent_in, board_of
from voicebot.web.pages.asked import ID_DIGITS, Asked, asked, id_of, one_of, start_of, told, zone_of
from voicebot.web.pages.conversations import length_of
from voicebot.web.parts import NoRecords
from voicebot.web.signed_in import SignedIn

LIST: Final = "/agent/wrap-up"
LONGEST_NOTE: Final = 2000
WRITTEN_SECONDS: Final = 1.0

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Open:
    """Conversations of one agent.

    Args:
        waiting: to be written about.
        left: talked in today, with nothing written and not waited for any more.
        written: what they have written today may still be corrected.
    """

    waiting: Sequence[ConversationRow]
    left: Sequence[ConversationRow]
    written: Sequence[ConversationRow]


@dataclass(frozen=True, slots=True)
class Found:
    """One of them. written: what they said of it today; transfer: the last that brought the two together, its id."""

    head: ConversationRow
    written: WrapUp | None
    transfer: str | None


@router.get(LIST)
async def overview(request: Request, signed_in: Agent) -> Response:
    """What is to be done."""
    page = asked(request)
    agent = agent_in(page.parts, signed_in)
    chosen = request.query_params
    just = chosen.get("conversation", "")
    found = await asyncio.to_thread(_overview, page, agent, board_of(page.parts).to_wrap_up(agent))
    return framed(
        request,
        signed_in,
        page,
        "agent_wrap_ups.html",
        waiting=found.waiting,
        left=found.left,
        written=found.written,
        done=one_of(chosen.get("done", ""), ("saved", "skipped")),
        just=just if len(just) == ID_DIGITS and just.isalnum() else "",
        length_of=lambda row: length_of(row, page.t),
    )


@router.get(LIST + "/{conversation}")
async def form(request: Request, signed_in: Agent, conversation: str) -> Response:
    """The form of one conversation; with what was written today already filled in."""
    page = asked(request)
    return await _form(request, signed_in, page, id_of(conversation))


@router.post(LIST + "/{conversation}")
async def save(
    request: Request, signed_in: Agent, conversation: str, given: Annotated[dict[str, str], Depends(fields)]
) -> Response:
    """Have it written down; the agent is free again."""
    page = asked(request)
    conversation = id_of(conversation)
    ledger = page.parts.ledger
    if ledger is None:
        raise NoRecords
    agent = agent_in(page.parts, signed_in)
    found = await _find(page, agent, conversation)
    outcome, note = one_of(given.get("outcome", ""), WRAP_UP_OUTCOMES), given.get("note", "")
    brief = one_of(given.get("brief", ""), BRIEF_RIGHT)
    if not outcome or len(note) > LONGEST_NOTE:
        fault = page.t.wrap_up["too_long" if outcome else "choose_outcome"]
        return await _form(request, signed_in, page, conversation, fault, outcome=outcome, note=note, brief=brief)
    ledger.note(WrappedUp(conversation, found.transfer, agent.person, outcome, note, brief, page.parts.now()))
    await ledger.flushed(WRITTEN_SECONDS)  # the list shows it then; if the database is away it is written later
    board_of(page.parts).wrapped_up(agent, conversation)
    return see(request, f"{LIST}?done=saved&conversation={conversation}")


@router.post(LIST + "/{conversation}/skip")
async def skip(request: Request, signed_in: Agent, conversation: str) -> Response:
    """Nothing is to be said of it; the agent is free again."""
    page = asked(request)
    board_of(page.parts).wrapped_up(agent_in(page.parts, signed_in), id_of(conversation))
    return see(request, f"{LIST}?done=skipped&conversation={conversation}")


async def _form(
    request: Request, signed_in: SignedIn, page: Asked, conversation: str, fault: str = "", **given: Any
) -> Response:
    agent = agent_in(page.parts, signed_in)
    found = await _find(page, agent, conversation, signed_in)
    written = found.written
    before = {
        "outcome": written.outcome if written else "",
        "note": (written.note or "") if written else "",
        "brief": written.brief_right if written else "",
    }
    bot = page.parts.bot
    return framed(
        request,
        signed_in,
        page,
        "agent_wrap_up.html",
        status=422 if fault else 200,
        told=found.head,
        length_of=lambda row: length_of(row, page.t),
        outcomes=told(WRAP_UP_OUTCOMES, page.t.wrap_up.outcomes),
        briefs=told([one for one in BRIEF_RIGHT if one], page.t.wrap_up.briefs),
        given=before | given,
        fault=fault,
        most=LONGEST_NOTE,
        keeps_notes=bot is None or bot.records.keep == "redacted",
        written=written,
    )


async def _find(page: Asked, agent: SignedAgent, conversation: str, reader: SignedIn | None = None) -> Found:
    """The conversation when it is this agent's to write about, and what they have written of it today.

    Args:
        page: where it is asked.
        agent: who writes.
        conversation: its id.
        reader: who is shown the note, which leaves a line in the access log; None when nobody is.

    Raises:
        HTTPException: 404; somebody else's, or of another day.
    """
    waits = conversation in board_of(page.parts).to_wrap_up(agent)
    found = await asyncio.to_thread(_read, page, agent, conversation, waits, reader)
    if found is None:
        raise HTTPException(404)
    return found


def _read(page: Asked, agent: SignedAgent, conversation: str, waits: bool, reader: SignedIn | None) -> Found | None:
    records, today = page.records, _today(page)
    with records.database.writing() as connection:
        head = conversation_head(connection, conversation)
        written = wrap_up(connection, records.vault, conversation)
        if written is not None and (written.agent != agent.person or written.at < today):
            return None
        if written is None:
            waits = waits or conversation in {row.id for row in waiting_wrap_ups(connection, agent.person, today)}
        if head is None or (written is None and not waits):
            return None
        if reader is not None and written is not None and written.note:
            access_log.note(connection, records.vault, reader.name, reader.role, "wrap_up.read", conversation)
        passed = select(transfers.c.id).where(transfers.c.conversation_id == conversation)
        transfer = connection.execute(passed.order_by(transfers.c.at.desc()).limit(1)).scalar_one_or_none()
        return Found(head, written, transfer)


def _overview(page: Asked, agent: SignedAgent, waiting: Sequence[str]) -> Open:
    """What waits as the board knows it, and what was skipped or left behind by an earlier process."""
    today = _today(page)
    with page.records.database.reading() as connection:
        rows = [conversation_head(connection, one) for one in waiting]
        left = [row for row in waiting_wrap_ups(connection, agent.person, today) if row.id not in waiting]
        return Open([row for row in rows if row], left, written_wrap_ups(connection, agent.person, today))


def _today(page: Asked) -> datetime:
    zone = zone_of(page.parts)
    start = start_of(page.parts.now().astimezone(zone).date(), zone)
    assert start is not None
    return start
