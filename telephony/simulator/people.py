"""What people do who are rung by the bot: each is a function of the phone in their hand."""

import asyncio
from collections.abc import Awaitable, Callable

from telephony.call import Pcm16
from telephony.simulator.handset import Handset
from telephony.simulator.playout import RATE_HZ

Person = Callable[[Handset], Awaitable[None]]

_LISTENS_SECONDS = 30.0
_MEETS_SECONDS = 120.0


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


def declines(key: str = "", *, word: str = "", after_seconds: float = 0.5, then: Person | None = None) -> Person:
    """Presses 2, hears the question why, and answers it.

    Args:
        key: the reason's key; "" says `word`, and without that nothing.
        word: the reason as the network's recogniser understands it.
        after_seconds: how long they listen each time.
        then: what they do next.
    """

    async def answer(handset: Handset) -> None:
        await presses("2", after_seconds=after_seconds)(handset)
        asked = _things_heard(handset)
        await handset.until(lambda: _things_heard(handset) > asked, _LISTENS_SECONDS)
        await wait(handset, after_seconds)
        if key:
            handset.press(key)
        elif word:
            handset.utter(word)
        if then is not None:
            await then(handset)

    return answer


def hears_out(then: Person, *, quiet_seconds: float = 0.5) -> Person:
    """Listens until something has been said and it has been quiet for so long, then does the next thing."""

    async def answer(handset: Handset) -> None:
        await handset.until(lambda: bool(_things_heard(handset)), _LISTENS_SECONDS)
        await handset.until(lambda: handset.quiet_seconds >= quiet_seconds, _LISTENS_SECONDS)
        await then(handset)

    return answer


def meets(then: Person, *, after_seconds: float = 0.0) -> Person:
    """Waits until the caller can be heard, and so long more, then does the next thing."""

    async def answer(handset: Handset) -> None:
        await handset.until(lambda: handset.in_company, _MEETS_SECONDS)
        await wait(handset, after_seconds)
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


def _things_heard(handset: Handset) -> int:
    return len(handset.heard.runs) + len(handset.said_by_network)
