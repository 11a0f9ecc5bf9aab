"""A small house behind the browser line for tests: a desk that hears energy instead of words, and a real server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import numpy as np
import uvicorn
from fastapi import FastAPI

from telephony.browser import BrowserSettings, browser_router
from telephony.call import (
    Call,
    CallEnded,
    CallEvent,
    Caption,
    FrameReceived,
    KeyPressed,
    MarkCleared,
    MarkPlayed,
    Pcm16,
    Spoken,
    TextTyped,
    TransferTarget,
)
from telephony.front_desk import Refusal
from telephony.transfer.request import TransferRecord

PERSON = TransferTarget("+442079460101", "customer service")


def tone(seconds: float, rate_hz: int, hertz: float = 440.0, level: float = 0.2) -> Pcm16:
    """A sine, int16, mono."""
    at = np.arange(round(seconds * rate_hz)) / rate_hz
    return (np.sin(2 * np.pi * hertz * at) * level * 32767).astype(np.int16)


@dataclass
class EchoDesk:
    """Answers everything: energy with a caption and a tone, text and keys with a caption; 0 passes the caller on,
    9 hangs up, 5 raises. `events` keeps what came, frames apart."""

    refused: Refusal | None = None
    greeting_seconds: float = 0.3
    events: list[CallEvent] = field(default_factory=list)
    frames: list[Pcm16] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def refusal(self) -> Refusal | None:
        return self.refused

    def fallback(self) -> Refusal:
        return Refusal("fault", (), PERSON)

    def remembers(self, call_id: str) -> bool:
        return False

    def transfer_noted(self, call_id: str, transfer: str, what: TransferRecord) -> None:
        raise AssertionError("a page rings nobody")

    async def transfers_written(self) -> None:
        await asyncio.sleep(0)

    def saved_transfers(self) -> Sequence[tuple[str, str]]:
        return ()

    async def voice(self, spoken: Spoken) -> Pcm16:
        raise AssertionError("a page rings nobody")

    async def converse(self, call: Call) -> None:
        self.calls.append(call)
        try:
            await call.show(Caption("bot", f"Hello in {call.caller.language}."))
            await call.play(tone(self.greeting_seconds, call.rate_hz), "greeting")
            await self._listen(call)
        finally:
            self.over.set()

    async def _listen(self, call: Call) -> None:
        loud = quiet = turns = 0
        async for event in call.events():
            if not isinstance(event, FrameReceived):
                self.events.append(event)
            match event:
                case FrameReceived(pcm=pcm):
                    self.frames.append(pcm)
                    is_loud = float(np.sqrt(np.mean(pcm.astype(float) ** 2))) > 800
                    loud, quiet = (loud + 1, 0) if is_loud else (loud, quiet + 1)
                    if loud >= 10 and quiet >= 15:
                        turns += 1
                        await self._answer(call, f"{loud * 20} ms of speech", turns)
                        loud = 0
                case TextTyped(text=text):
                    turns += 1
                    await self._answer(call, text, turns)
                case KeyPressed(digit="0"):
                    await call.transfer(PERSON)
                case KeyPressed(digit="9"):
                    await call.hang_up()
                case KeyPressed(digit="8"):
                    await call.clear()
                    await call.show(Caption("interrupted", ""))
                case KeyPressed(digit="5"):
                    raise RuntimeError("planned")
                case KeyPressed() | MarkPlayed() | MarkCleared() | CallEnded():
                    pass

    async def _answer(self, call: Call, heard: str, turn: int) -> None:
        await call.show(Caption("caller", heard, {"confidence": 0.93}))
        await call.show(Caption("state", "speaking"))
        await call.show(
            Caption("bot", f"I heard: {heard}", {"language": "en", "stages": {"whisper": 310.0, "total": 742.0}})
        )
        await call.play(tone(0.5, call.rate_hz, 660), f"answer-{turn}")
        await call.show(Caption("state", "listening"))


@asynccontextmanager
async def serve(desk: EchoDesk, settings: BrowserSettings | None = None, prefix: str = "") -> AsyncIterator[str]:
    """The browser line on a free port of this machine; gives http://127.0.0.1:PORT, and a prefix if it has one."""
    app = FastAPI()
    settings = settings or BrowserSettings(name="Nordlys", calls_per_minute=0)
    app.include_router(browser_router(desk, settings), prefix=prefix)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off", ws="websockets-sansio"))
    serving = asyncio.create_task(server.serve())
    try:
        async with asyncio.timeout(10):
            await until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}{prefix}"
    finally:
        server.should_exit = True
        await serving


async def until(true: Callable[[], bool]) -> None:
    """Let the loop turn until something is true; put a timeout around it."""
    while not true():  # noqa: ASYNC110 - uvicorn has no event to wait for
        await asyncio.sleep(0.005)
