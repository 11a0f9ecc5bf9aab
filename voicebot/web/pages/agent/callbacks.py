"""Callers who are to be called back, and messages: in the order in which they are urgent, worked through by agents.

The list gives nobody away. One of them is opened with its number and what the caller said, and that leaves a line in
the access log, in the transaction that reads it. Whoever takes one has it alone: of two who press at once, one is told
who was quicker. A number is in no address.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from sqlalchemy import Connection

from voicebot.callbacks.promises import hours_of, within
from voicebot.records import access_log
from voicebot.records.callbacks import CallbackRow, callback, open_callbacks, release, settle, take, tried
from voicebot.web.forms import fields
from voicebot.web.links import see
from voicebot.web.pages.agent.framed import framed
from voicebot.web.pages.agent.who import Agent, agent_in, board_of
from voicebot.web.pages.asked import Asked, asked, id_of, one_of, told
from voicebot.web.pages.conversations import departments_named
from voicebot.web.signed_in import SignedIn

LIST: Final = "/agent/callbacks"
OUTCOMES: Final = ("talked", "done", "no_answer", "not_reached")
AGAIN: Final = ("30", "120", "next")
"""When to try again: in so many minutes, or when the service opens next."""

TOLD: Final = (
    *("taken", "taken_other", "released", "settled", "later", "calling", "gone", "not_yours", "no_choice"),
    *("nothing_waits", "no_phone", "no_line", "no_sender", "no_number", "closed", "busy"),
)
"""What may have come of what the reader did last; stands in the address."""

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Queue:
    """Open callbacks as an agent reads them.

    Args:
        mine: taken by the reader.
        now: to be done now, those past their deadline first.
        later: wanted, or to be tried again, at a later time.
        others: taken by somebody else.
    """

    mine: Sequence[CallbackRow]
    now: Sequence[CallbackRow]
    later: Sequence[CallbackRow]
    others: Sequence[CallbackRow]


@router.get(LIST)
async def overview(request: Request, signed_in: Agent) -> Response:
    """The queue."""
    page = asked(request)
    person = agent_in(page.parts, signed_in).person
    rows = await asyncio.to_thread(_open, page)
    queue = sorted_out(rows, person, page.parts.now())
    return framed(
        request,
        signed_in,
        page,
        "agent_callbacks.html",
        sections=[(name, getattr(queue, name)) for name in Queue.__slots__],
        may_take=bool(queue.now),
        now=page.parts.now(),
        departments=departments_named(page, signed_in.language),
        told=_told(request, page),
    )


@router.post(LIST + "/next")
async def take_next(request: Request, signed_in: Agent) -> Response:
    """Take the most urgent one that nobody has."""
    page = asked(request)
    person = agent_in(page.parts, signed_in).person
    taken = await asyncio.to_thread(_take_next, page, person)
    if taken is None:
        return see(request, _address("", "nothing_waits"))
    board_of(page.parts).told("callbacks")
    return see(request, f"{LIST}/{taken}?told=taken")


@router.get(LIST + "/{callback_id}")
async def opened(request: Request, signed_in: Agent, callback_id: str) -> Response:
    """One of them with number and words, and a line that it was looked at."""
    page = asked(request)
    row = await asyncio.to_thread(_read, page, signed_in, callback_id)
    return framed(
        request,
        signed_in,
        page,
        "agent_callback.html",
        row=row,
        mine=row.status == "taken" and row.taken_by == agent_in(page.parts, signed_in).person,
        underway=page.parts.callbacks is not None and row.id in page.parts.callbacks.underway,
        can_call=page.parts.callbacks is not None and page.parts.callbacks.can_place,
        now=page.parts.now(),
        departments=departments_named(page, signed_in.language),
        outcomes=told(OUTCOMES, page.t.callback_page.outcomes),
        agains=told(AGAIN, page.t.callback_page.agains),
        told=_told(request, page, row.taken_by),
    )


@router.post(LIST + "/{callback_id}/take")
async def take_it(request: Request, signed_in: Agent, callback_id: str) -> Response:
    """Have it alone, unless somebody was quicker."""
    page = asked(request)
    person = agent_in(page.parts, signed_in).person

    def act(connection: Connection, row: CallbackRow) -> str:
        if take(connection, row.id, person, page.parts.now()):
            return "taken"
        return "taken_other" if _row(connection, page, row.id).status == "taken" else "gone"

    return await _act(request, page, callback_id, act)


@router.post(LIST + "/{callback_id}/release")
async def let_go(request: Request, signed_in: Agent, callback_id: str) -> Response:
    """Others may have it again."""
    page = asked(request)
    person = agent_in(page.parts, signed_in).person

    def act(connection: Connection, row: CallbackRow) -> str:
        return "released" if release(connection, row.id, person) else "not_yours"

    return await _act(request, page, callback_id, act)


@router.post(LIST + "/{callback_id}/call")
async def call_now(request: Request, signed_in: Agent, callback_id: str) -> Response:
    """Ring the agent, then the customer; see `voicebot.callbacks`."""
    page = asked(request)
    agent, placing = agent_in(page.parts, signed_in), page.parts.callbacks
    callback_id = id_of(callback_id)
    if placing is None:
        return see(request, _address(callback_id, "no_line"))
    if not await asyncio.to_thread(_note_call, page, signed_in, callback_id, agent.person):
        return see(request, _address(callback_id, "not_yours"))
    placed = await placing.place(callback_id, agent)
    why = "taken_other" if placed.why == "taken" else placed.why
    return see(request, _address(callback_id, "calling" if placed.done else why))


@router.post(LIST + "/{callback_id}/settle")
async def came_of_it(
    request: Request, signed_in: Agent, callback_id: str, given: Annotated[dict[str, str], Depends(fields)]
) -> Response:
    """It is over, or is to be tried again."""
    page = asked(request)
    person, now = agent_in(page.parts, signed_in).person, page.parts.now()
    outcome = one_of(given.get("outcome", ""), OUTCOMES)

    def act(connection: Connection, row: CallbackRow) -> str:
        if not outcome:
            return "no_choice"
        if row.status != "taken" or row.taken_by != person:
            return "not_yours"
        if outcome == "no_answer":
            tried(connection, row.id, now, _again(page, row, given.get("again", ""), now))
            return "later"
        return "settled" if settle(connection, page.records.vault, row.id, person, outcome, now) else "gone"

    return await _act(request, page, callback_id, act)


def sorted_out(rows: Sequence[CallbackRow], person: str, now: datetime) -> Queue:
    """Open callbacks as this person reads them. A deadline that has passed does not wait for a wanted time."""

    def waits(row: CallbackRow) -> bool:
        until = row.next_at or row.wanted
        return until is not None and until > now and row.deadline > now

    free = [row for row in rows if row.status == "open"]
    taken = [row for row in rows if row.status == "taken"]
    return Queue(
        mine=[row for row in taken if row.taken_by == person],
        now=sorted((row for row in free if not waits(row)), key=lambda row: row.deadline),
        later=sorted((row for row in free if waits(row)), key=lambda row: row.next_at or row.wanted or row.deadline),
        others=[row for row in taken if row.taken_by != person],
    )


async def _act(
    request: Request, page: Asked, callback_id: str, act: Callable[[Connection, CallbackRow], str]
) -> Response:
    """Do it in one transaction, tell everybody who looks at the list, and show what came of it."""
    callback_id = id_of(callback_id)

    def write() -> str:
        with page.records.database.writing() as connection:
            return act(connection, _row(connection, page, callback_id))

    what = await asyncio.to_thread(write)
    board_of(page.parts).told("callbacks")
    stays = what in ("taken", "taken_other", "not_yours", "no_choice")
    return see(request, _address(callback_id if stays else "", what))


def _open(page: Asked) -> list[CallbackRow]:
    with page.records.database.reading() as connection:
        return open_callbacks(connection, page.records.vault, page.parts.now())


def _take_next(page: Asked, person: str) -> str | None:
    now = page.parts.now()
    with page.records.database.writing() as connection:
        queue = sorted_out(open_callbacks(connection, page.records.vault, now), person, now)
        return next((row.id for row in queue.now if take(connection, row.id, person, now)), None)


def _read(page: Asked, signed_in: SignedIn, callback_id: str) -> CallbackRow:
    with page.records.database.writing() as connection:
        row = _row(connection, page, callback_id)
        subject = row.conversation or row.id
        access_log.note(connection, page.records.vault, signed_in.name, signed_in.role, "callback.read", subject)
    return row


def _note_call(page: Asked, signed_in: SignedIn, callback_id: str, person: str) -> bool:
    """Leave the line before anybody is rung; False when it is not theirs to call."""
    with page.records.database.writing() as connection:
        row = _row(connection, page, callback_id)
        if row.status != "taken" or row.taken_by != person:
            return False
        subject = row.conversation or row.id
        access_log.note(connection, page.records.vault, signed_in.name, signed_in.role, "callback.call", subject)
    return True


def _row(connection: Connection, page: Asked, callback_id: str) -> CallbackRow:
    row = callback(connection, page.records.vault, id_of(callback_id))
    if row is None:
        raise HTTPException(404)
    return row


def _again(page: Asked, row: CallbackRow, chosen: str, now: datetime) -> datetime:
    """When to try again, while somebody is there: in half an hour where nothing is chosen."""
    bot = page.parts.bot
    hours = None if bot is None else hours_of(bot, row.department)
    if chosen == "next" and hours is not None and (opening := hours.next_opening(now)) is not None:
        return opening
    minutes = int(chosen if chosen.isdecimal() and chosen in AGAIN else AGAIN[0])
    return within(hours, now + timedelta(minutes=minutes))


def _address(callback_id: str, what: str) -> str:
    """Of the list, or of one of them, with what is to be told there."""
    return f"{LIST}/{callback_id}".rstrip("/") + "?" + urlencode({"told": what})


def _told(request: Request, page: Asked, who: str = "") -> str:
    """What came of what the reader did last, in words."""
    what = one_of(request.query_params.get("told", ""), TOLD)
    return str(page.t.callback_page.told[what]).format(who=who) if what else ""
