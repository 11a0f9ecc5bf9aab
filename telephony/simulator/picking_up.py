"""A phone rings that the bot has called: until it is answered, is not, or the bot gives up; and who has answered."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from telephony.simulator.callbacks import Callbacks
from telephony.simulator.plan import Outgoing
from telephony.simulator.ringing import Ringing
from telephony.simulator.verbs import Action

ANSWERED, GIVEN_UP = "in-progress", "canceled"


async def let_ring(
    outgoing: Outgoing, callbacks: Callbacks, ended: Awaitable[object], rings: Callable[[], None]
) -> str:
    """Let a call wait for its turn, and then ring.

    Args:
        outgoing: what the bot asked for, and how the phone behaves.
        callbacks: told how it goes.
        ended: comes when the bot gives up.
        rings: called when the phone begins to ring.
    Returns:
        `ANSWERED`, `GIVEN_UP`, or busy, no-answer or failed.
    """
    ending = asyncio.ensure_future(ended)
    try:
        if not await _before(ending, outgoing.turn()):
            return GIVEN_UP
        callbacks.progress("initiated", "queued")
        callbacks.progress("ringing", "ringing")
        rings()
        ringing = outgoing.ringing
        if not await _before(ending, asyncio.sleep(min(ringing.seconds, outgoing.timeout_seconds))):
            return GIVEN_UP
    finally:
        ending.cancel()
    if ringing.seconds > outgoing.timeout_seconds:
        return "no-answer"
    if ringing.result != "answered":
        return ringing.result
    callbacks.progress("answered", ANSWERED)
    return ANSWERED


async def _before(ending: asyncio.Future[object], waiting: Awaitable[None]) -> bool:
    """Wait; False when the end came first."""
    going: asyncio.Future[None] = asyncio.ensure_future(waiting)
    both: set[asyncio.Future[Any]] = {going, ending}
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    going.cancel()
    return not ending.done()


async def detect(ringing: Ringing, told: Action, callbacks: Callbacks) -> None:
    """Find out who has answered while the call goes on, and tell."""
    await asyncio.sleep(ringing.detected_after_seconds)
    callbacks.detected(told, ringing.answered_by, round(ringing.detected_after_seconds * 1000))


async def detected_first(outgoing: Outgoing | None) -> dict[str, str]:
    """Find out who has answered before anything else: the fields that tell it, none when it was not asked for."""
    if outgoing is None or outgoing.detection is None or outgoing.detection.told is not None:
        return {}
    seconds = outgoing.ringing.detected_after_seconds
    await asyncio.sleep(seconds)
    return {"AnsweredBy": outgoing.ringing.answered_by, "MachineDetectionDuration": str(round(seconds * 1000))}
