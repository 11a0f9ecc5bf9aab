"""What the console costs the calls: `python -m benchmarks.console_load bots/nordlys [--browsers 50] [--rounds 4]`.

The service runs in this process with a mind that answers every key, and is watched from within: how late its event
loop gets to a timer, and how late each 20 ms of a caller's sound reaches the conversation. Callers press keys in a
process of their own; browsers are another, at the lowest priority, because agents' computers are other machines. Blocks
without and with browsers take turns in one run: half of the browsers show the lists, half have a call open with its
brief and words, and a few are real chromium windows. People's statuses change twice a second meanwhile.
"""

import argparse
import asyncio
import random
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import numpy as np
import uvicorn

from benchmarks.console_crowd import KEY_SECONDS
from benchmarks.measuring_service import MeasuringEngine
from benchmarks.served import LIMITS, free_port, machine
from dialog import load_bot
from telephony.call import Call, CallEvent, FrameReceived
from voicebot.agents.status import Status
from voicebot.app import build_app
from voicebot.config import TwilioConfig, load_config
from voicebot.house import House
from voicebot.logs import start_logging
from voicebot.records.entries import new_id
from voicebot.records.schema import accounts
from voicebot.server import server_settings
from voicebot.upkeep import keep_records
from voicebot.web.sign_in.sessions import SessionRules, Stage, begin

FRAME_SECONDS = 0.02
TICK_SECONDS = 0.01
SETTLE_SECONDS = 3.0
TARGET_MORE_MS = 5.0
"""Browsers may make the 99th percentile of either lateness so much worse; a frame is 20 ms, and 200 ms are buffered."""


@dataclass
class Watched:
    """How late things were, in seconds, while somebody watched."""

    loop: list[float] = field(default_factory=list)
    frames: list[float] = field(default_factory=list)


class TimedHouse(House):
    """A house that notes when each frame of a caller reaches the conversation.

    Attributes:
        watched: where lateness is noted now; None notes nothing.
    """

    watched: Watched | None = None

    async def converse(self, call: Call) -> None:
        """See `House.converse`."""
        await super().converse(cast("Call", _TimedCall(call, self)))


class _TimedCall:
    """A call as it is, but for its frames being timed. A frame's due time is that of the most punctual one so far."""

    def __init__(self, call: Call, house: TimedHouse) -> None:
        self._call = call
        self._house = house

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    async def events(self) -> AsyncIterator[CallEvent]:
        first, count = float("inf"), 0
        async for event in self._call.events():
            if isinstance(event, FrameReceived):
                began = time.perf_counter() - count * FRAME_SECONDS
                first, count = min(first, began), count + 1
                if self._house.watched is not None:
                    self._house.watched.frames.append(began - first)
            yield event


async def run(arguments: argparse.Namespace) -> bool:
    """Serve, measure in turns, print; whether the target is met."""
    start_logging("warning", "console")
    with tempfile.TemporaryDirectory() as folder:
        config = load_config(environ=dict.fromkeys(LIMITS, "0"))
        twilio = TwilioConfig(f"AC{secrets.token_hex(16)}", (secrets.token_hex(16),), None, None, None, None, None)
        config = replace(
            config,
            twilio=twilio,
            server=replace(config.server, public_url="https://bot.example.com"),
            records=replace(config.records, folder=Path(folder) / "records"),
        )
        engine = MeasuringEngine(
            await asyncio.to_thread(load_bot, arguments.bot), config.speech.cache_folder / "dialog"
        )
        async with keep_records(config.records, engine.bot) as kept:
            house = TimedHouse(config, engine.bot, engine, kept)
            house.prepare()
            app, _ = build_app(config, house)
            port = free_port()
            settings = server_settings(app, config)
            settings.host, settings.port = "127.0.0.1", port
            server = uvicorn.Server(settings)
            serving = asyncio.create_task(server.serve())
            try:
                assert await house.wait_ready(), house.trouble
                told = f"{twilio.account_sid} {twilio.auth_tokens[0]}"
                async with child("callers", port, str(arguments.calls), told=told):
                    return await measure(house, port, arguments)
            finally:
                server.should_exit = True
                await serving
                await house.close()


async def measure(house: TimedHouse, port: int, arguments: argparse.Namespace) -> bool:
    """Blocks without and with browsers, by turns."""
    tokens = sessions_of(house, arguments.browsers + arguments.windows)
    alone, beside, received = Watched(), Watched(), [0, 0]
    async with asyncio.timeout(60):
        while house.calls < arguments.calls:  # noqa: ASYNC110 - the callers are another process
            await asyncio.sleep(0.1)
    restless = asyncio.create_task(_statuses(house))
    for _ in range(arguments.rounds):
        await block(house, alone, arguments.seconds)
        live = [call.conversation for call in house.board.live()]
        told = f"{arguments.windows} {','.join(live)} {' '.join(tokens)}"
        async with child("browsers", port, told=told) as sent:
            await block(house, beside, arguments.seconds)
        received = [before + more for before, more in zip(received, sent, strict=True)]
    restless.cancel()
    print(f"streams got {received[0]} events, {received[1] / 1e6:.1f} MB")
    return report(alone, beside, arguments)


async def block(house: TimedHouse, watched: Watched, seconds: float) -> None:
    """Watch for so long, after a moment to settle."""
    await asyncio.sleep(SETTLE_SECONDS)
    house.watched = watched
    end = time.perf_counter() + seconds
    while (before := time.perf_counter()) < end:
        await asyncio.sleep(TICK_SECONDS)
        watched.loop.append(time.perf_counter() - before - TICK_SECONDS)
    house.watched = None


def report(alone: Watched, beside: Watched, arguments: argparse.Namespace) -> bool:
    """Print both, and the difference."""
    print(machine())
    print(
        f"{arguments.calls} calls with a key every {KEY_SECONDS} s; {arguments.browsers} streams and "
        f"{arguments.windows} chromium windows; {arguments.rounds} rounds of {arguments.seconds:.0f} s each way"
    )
    good = True
    for name, before, after in (
        ("event loop late", alone.loop, beside.loop),
        ("a caller's frame late", alone.frames, beside.frames),
    ):
        without, with_them = (np.percentile(np.array(values) * 1000, (50, 95, 99, 100)) for values in (before, after))
        for what, values, n in (("without", without, len(before)), ("with", with_them, len(after))):
            told = "  ".join(f"{kind} {ms:6.2f}" for kind, ms in zip(("p50", "p95", "p99", "max"), values, strict=True))
            print(f"{name:22} {what:8} n {n:6}  {told} ms")
        print(f"{'':22} ratio p50 {with_them[0] / without[0]:.2f}, p99 {with_them[2] / without[2]:.2f}")
        good &= bool(with_them[2] - without[2] <= TARGET_MORE_MS)
    return good


async def _statuses(house: House) -> None:
    """People come and go at their desks."""
    chance = random.Random(7)
    while True:
        await asyncio.sleep(0.5)
        house.board.statuses.set(f"person {chance.randrange(20)}", chance.choice(list(Status)))


def sessions_of(house: House, count: int) -> list[str]:
    """Signed-in agents: a browser each."""
    assert house.kept is not None
    tokens: list[str] = []
    rules, now = SessionRules(timedelta(hours=8), timedelta(hours=8)), datetime.now(UTC)
    with house.kept.records.database.writing() as connection:
        for number in range(count):
            account = new_id()
            values = {"id": account, "name": f"agent {number}", "roles": "agent", "language": "nb", "created_at": now}
            connection.execute(accounts.insert().values(**values))
            tokens.append(begin(connection, account, Stage.FULL, "benchmark", rules, now))
    return tokens


@asynccontextmanager
async def child(role: str, port: int, *more: str, told: str) -> AsyncIterator[list[int]]:
    """`benchmarks.console_crowd` in a process of its own; entered when it says that it is ready, ended with the block.

    What comes is filled in the end: numbers that it has printed.

    Args:
        role: "callers" or "browsers".
        port: of the service.
        more: further arguments.
        told: what it reads, as one line: secrets stay out of the list of processes.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.console_crowd", role, str(port), *more),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(f"{told}\n".encode())
        await process.stdin.drain()
        async with asyncio.timeout(60):
            assert await process.stdout.readline() == b"ready\n", role
        numbers: list[int] = []
        yield numbers
        process.stdin.close()  # it ends by itself then
        async with asyncio.timeout(20):
            numbers += map(int, (await process.stdout.read()).split())
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()


def main() -> int:
    """Measure; 1 when the target is not met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bot", type=Path, help="the bot folder")
    parser.add_argument("--calls", type=int, default=4)
    parser.add_argument("--browsers", type=int, default=50)
    parser.add_argument("--windows", type=int, default=2, help="of chromium, besides")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=10.0)
    chosen = parser.parse_args()
    return 0 if asyncio.run(run(chosen)) else 1


if __name__ == "__main__":
    raise SystemExit(main())
