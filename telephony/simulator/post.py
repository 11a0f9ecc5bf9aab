"""The way of the network's requests to the bot: how often each arrives, when, and in which order.

A test writes `Fate`s; everything else arrives once and at once, as on a good day.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from telephony.simulator.fields import Pairs

CALL, STREAM, ROOM, MESSAGE, MACHINE, DOCUMENT = "call", "stream", "room", "message", "machine", "document"
"""Kinds of requests: status callbacks about one of these, machine detection's result, and questions for a document."""

_EVENT_FIELDS = {
    CALL: "CallStatus",
    STREAM: "StreamEvent",
    ROOM: "StatusCallbackEvent",
    MESSAGE: "MessageStatus",
    MACHINE: "AnsweredBy",
}
_SUBJECT_FIELDS = {ROOM: "ConferenceSid", MESSAGE: "MessageSid"}
_MOST_WAIT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Letter:
    """One request on its way to the bot.

    Args:
        kind: `CALL`, `STREAM`, `ROOM`, `MESSAGE`, `MACHINE` or `DOCUMENT`.
        url: where to.
        fields: its form.
    """

    kind: str
    url: str
    fields: Pairs

    @property
    def event(self) -> str:
        """What it tells, e.g. completed or participant-join; "" for a document."""
        return dict(self.fields).get(_EVENT_FIELDS.get(self.kind, ""), "")

    @property
    def subject(self) -> str:
        """The id of what it tells of."""
        return dict(self.fields).get(_SUBJECT_FIELDS.get(self.kind, "CallSid"), "")


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of certain requests.

    Args:
        kind: of which kind; "" of any.
        event: which tell this, e.g. completed or participant-join; "" any.
        path: whose address has this (a regular expression).
        number: about calls to this number only; "" any.
        copies: how often each arrives, one after the other; 0 never. A document that never arrives is as if the bot
            could not be reached, and of several answers the last one counts.
        delay_seconds: how late.
        held: only when the test says so, see `Post.release`.
        overtaken: after the next one about the same, or after two seconds if there is none.
        times: for the first so many only; None for all.
    """

    kind: str = ""
    event: str = ""
    path: str = ""
    number: str = ""
    copies: int = 1
    delay_seconds: float = 0.0
    held: bool = False
    overtaken: bool = False
    times: int | None = None

    def is_for(self, letter: Letter) -> bool:
        """Whether it is about this request."""
        return (
            self.kind in ("", letter.kind)
            and self.event in ("", letter.event)
            and re.search(self.path, letter.url) is not None
            and (not self.number or dict(letter.fields).get("To") == self.number)
        )


_ORDINARY = Fate()


@dataclass(slots=True)
class _Waiting:
    letter: Letter
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    last: asyncio.Event | None = None
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class Post:
    """Carries every request of one network; `fates` may be changed while it runs, the first that fits decides."""

    def __init__(self) -> None:
        self.fates: list[Fate] = []
        self.carried: list[Letter] = []
        self._used: Counter[Fate] = Counter()
        self._held: list[_Waiting] = []
        self._more_held = asyncio.Event()
        self._overtaken: list[_Waiting] = []

    @property
    def held(self) -> tuple[Letter, ...]:
        """What waits to be released."""
        return tuple(one.letter for one in self._held)

    async def holds(self, count: int) -> None:
        """Wait until so many wait to be released; give it a time limit."""
        while len(self._held) < count:
            self._more_held.clear()
            await self._more_held.wait()

    def release(self, kind: str = "", *, backwards: bool = False) -> int:
        """Let what is held go, one after the other.

        Args:
            kind: only this kind; "" all.
            backwards: the last one first.
        Returns:
            how many.
        """
        going = [one for one in self._held if kind in ("", one.letter.kind)]
        self._held = [one for one in self._held if one not in going]
        if backwards:
            going.reverse()
        before: asyncio.Event | None = None
        for one in going:
            one.last, before = before, one.gone
            one.let_go.set()
        return len(going)

    def take(self, letter: Letter) -> Fate:
        """What is to become of a request; counts it."""
        for fate in self.fates:
            if fate.is_for(letter) and (fate.times is None or self._used[fate] < fate.times):
                self._used[fate] += 1
                return fate
        return _ORDINARY

    async def carry(self, letter: Letter, fate: Fate, deliver: Callable[[], Awaitable[None]]) -> None:
        """Deliver it as its fate wants."""
        waiting = _Waiting(letter)
        await self._moment(waiting, fate)
        try:
            for _ in range(fate.copies):
                self.carried.append(letter)
                await deliver()
        finally:
            waiting.gone.set()
            for other in [one for one in self._overtaken if one is not waiting and _same(one.letter, letter)]:
                self._overtaken.remove(other)
                other.let_go.set()

    async def _moment(self, waiting: _Waiting, fate: Fate) -> None:
        await asyncio.sleep(fate.delay_seconds)
        if fate.held:
            self._held.append(waiting)
            self._more_held.set()
            await waiting.let_go.wait()
            if waiting.last is not None:
                await waiting.last.wait()
        elif fate.overtaken:
            self._overtaken.append(waiting)
            try:
                async with asyncio.timeout(_MOST_WAIT_SECONDS):
                    await waiting.let_go.wait()
            except TimeoutError:
                self._overtaken.remove(waiting)


def _same(one: Letter, other: Letter) -> bool:
    return (one.kind, one.subject) == (other.kind, other.subject)
