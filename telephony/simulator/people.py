"""What people do who are rung by the bot: each is a function of the phone in their hand."""

import asyncio
from collections.abc import Awaitable, Callable

from telephony.call import Pcm16
from telephony.simulator.handset import Handset
from telephony.simulator.playout import RATE_HZ

Person = Callable[[Handset], Awaitable[None]]

_LISTENS_SECONDS = 30.0


def presses(key: str, *, after_seconds: float = 0.5, then: Person | None = None) -> Person:
    """Listens until something is said, waits a little, and presses a key.

    Args:
        key: "1" takes the caller.
        after_seconds: how long they listen.
        then: what they do next.
    """

    async def answer(handset: Handset) -> None:
        await handset.until(lambda: bool(handset.heard.runs or handset.said_by_network), _LISTENS_SECONDS)
        await wait(handset, after_seconds)
        handset.press(key)
        if then is not None:
            await then(handset)

    return answer


def hangs_up(*, after_seconds: float) -> Person:
    """Puts the phone down after so long."""

    async def answer(handset: Handset) -> None:
        await wait(handset, after_seconds)
        handset.hang_up()

    return answer


def voicemail(greeting: Pcm16, *, records_seconds: float = 20.0) -> Person:
    """A machine: plays its greeting, records for a while and hangs up. It never presses a key.

    Args:
        greeting: int16, 8 kHz mono.
        records_seconds: how long it takes whatever is said for a message.
    """

    async def answer(handset: Handset) -> None:
        handset.say(greeting)
        await wait(handset, len(greeting) / RATE_HZ + records_seconds)
        handset.hang_up()

    return answer


def says(pcm: Pcm16, then: Person | None = None) -> Person:
    """Says something: int16, 8 kHz mono."""

    async def answer(handset: Handset) -> None:
        handset.say(pcm)
        if then is not None:
            await then(handset)

    return answer


async def wait(handset: Handset, seconds: float) -> None:
    """So much of the call's own time."""
    await handset.until(lambda: False, seconds) if seconds else await asyncio.sleep(0)
