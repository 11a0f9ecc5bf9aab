"""An agent's own page: may they be rung now, how the bot knows them, and their own figures of the day."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Connection, func, select

from dialog.hours import Hours
from dialog.people import Callee
from voicebot.agents.live_call import SignedAgent
from voicebot.agents.status import Status
from voicebot.records.schema import callbacks, transfer_attempts, wrap_ups
from voicebot.web.forms import fields, is_secure
from voicebot.web.links import safe_next, see
from voicebot.web.pages.agent.framed import framed
from voicebot.web.pages.agent.who import Agent, agent_in, board_of
from voicebot.web.pages.asked import Asked, asked, one_of, start_of, zone_of

SOUND: Final = "voicebot-sound"
"""The cookie that says whether pages may sound: "on" or "off". Pages' scripts read it, so it is open to them."""

_YEAR_SECONDS: Final = 365 * 24 * 3600
_MINUTES: Final = 60

router = APIRouter()


@router.get("/agent/me")
async def mine(request: Request, signed_in: Agent) -> Response:
    """Their own page."""
    page = asked(request)
    agent = agent_in(page.parts, signed_in)
    figures = await asyncio.to_thread(_read_figures, page, agent)
    sound = request.cookies.get(SOUND, "on")
    board = board_of(page.parts)
    return framed(
        request,
        signed_in,
        page,
        "agent_me.html",
        now=board.statuses.of(agent.person),
        statuses=tuple(Status),
        waiting=len(board.to_wrap_up(agent)),
        person=agent.callee,
        departments=_departments(page, agent.callee, signed_in.language),
        phone=masked(agent.callee.number) if agent.callee else "",
        hours=None if agent.callee is None or agent.callee.hours is None else week(agent.callee.hours),
        figures=figures,
        sound=sound if sound in ("on", "off") else "on",
        done=one_of(request.query_params.get("done", ""), ("saved",)),
    )


@router.post("/agent/me/status")
async def say(request: Request, signed_in: Agent, form: Annotated[dict[str, str], Depends(fields)]) -> Response:
    """Free, busy or away from now on; then back to where the form stood ("next")."""
    page = asked(request)
    if wanted := one_of(form.get("status", ""), tuple(Status)):
        board_of(page.parts).statuses.set(agent_in(page.parts, signed_in).person, Status(wanted))
    back = form.get("next", "")
    return see(request, safe_next(back) if back else "/agent/me?done=saved")


@router.post("/agent/me/sound")
async def sound(request: Request, signed_in: Agent, form: Annotated[dict[str, str], Depends(fields)]) -> Response:
    """Whether this browser may sound when somebody waits."""
    response = see(request, "/agent/me?done=saved")
    wanted = one_of(form.get("sound", ""), ("on", "off")) or "on"
    secure = is_secure(request)
    response.set_cookie(SOUND, wanted, max_age=_YEAR_SECONDS, path="/", secure=secure, samesite="lax")
    return response


def masked(number: str) -> str:
    """A telephone number by which its owner knows it again and nobody else can ring it; of a SIP address the host."""
    name, at, host = number.partition("@")
    return f"…@{host}" if at else f"{'•' * max(len(name) - 2, 0)}{name[-2:]}"


def week(hours: Hours) -> list[list[tuple[str, str]]]:
    """Monday to Sunday, each with its intervals as clock times; a day off has none."""
    return [[(_clock(start), _clock(end)) for start, end in day] for day in hours.weekly]


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes, _MINUTES)
    return f"{hour if hour == 24 else hour % 24:02d}:{minute:02d}"


def _departments(page: Asked, person: Callee | None, language: str) -> Sequence[str]:
    bot = page.parts.bot
    if bot is None or person is None:
        return ()
    return [one.names.get(language, one.id) for one in bot.departments if person.id in {who.id for who in one.people}]


def _read_figures(page: Asked, agent: SignedAgent) -> dict[str, int]:
    zone = zone_of(page.parts)
    today = start_of(page.parts.now().astimezone(zone).date(), zone)
    assert today is not None
    with page.records.database.reading() as connection:
        return figures_of(connection, agent.person, today)


def figures_of(connection: Connection, person: str, since: datetime) -> dict[str, int]:
    """What somebody has done since a moment; of themselves, for themselves."""
    attempts = transfer_attempts.c
    outcomes: dict[str, int] = {}
    query = select(attempts.outcome, func.count()).where(attempts.agent == person, attempts.at >= since)
    for outcome, count in connection.execute(query.group_by(attempts.outcome)):
        outcomes[outcome] = count
    wrapped = select(func.count()).where(wrap_ups.c.agent == person, wrap_ups.c.at >= since)
    settled = select(func.count()).where(
        callbacks.c.taken_by == person, callbacks.c.status.in_(("done", "given_up")), callbacks.c.done_at >= since
    )
    return {
        "rung": sum(outcomes.values()),
        "taken": outcomes.get("connected", 0),
        "declined": sum(count for outcome, count in outcomes.items() if outcome.startswith("declined")),
        "wrapped_up": connection.execute(wrapped).scalar_one(),
        "callbacks": connection.execute(settled).scalar_one(),
    }
