"""A service in a process of its own, for tests that end it in the middle of calls."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

ACCOUNT, TOKEN = "AC" + "7" * 32, "a-token-for-this-test"


@dataclass
class Served:
    """A service in a process of its own, on a socket that outlives it."""

    bot: Path
    base: str
    listener: socket.socket
    environ: dict[str, str]
    process: asyncio.subprocess.Process | None = None
    log: list[str] = field(default_factory=list)
    reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it; returns when the bot answers callers."""
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "voicebot", "serve", str(self.bot), "--fd", str(self.listener.fileno())),
            env=self.environ,
            pass_fds=[self.listener.fileno()],
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        ready = asyncio.Event()
        self.reading = asyncio.create_task(self._read(self.process, ready))
        async with asyncio.timeout(90):
            await ready.wait()
        assert self.process.returncode is None, "".join(self.log)

    async def _read(self, process: asyncio.subprocess.Process, ready: asyncio.Event) -> None:
        """Whatever it writes, so that it never waits for a reader; ready, or at its end, it is waited for no more."""
        assert process.stdout is not None
        async for line in process.stdout:
            self.log.append(line.decode())
            if '"event": "ready"' in self.log[-1]:
                ready.set()
        ready.set()

    async def kill(self) -> None:
        """As the kernel does when there is no memory left."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def served(bot: Path, records: Path, **settings: str) -> AsyncIterator[Served]:
    """A service that has not been started; ended with the block.

    Args:
        bot: its bot folder.
        records: where it keeps what happens.
        settings: further environment variables.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        environ = {
            **os.environ,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "PUBLIC_URL": base,
            "VOICEBOT_RECORDS_FOLDER": str(records),
            "VOICEBOT_LOG_FORMAT": "json",
            **settings,
        }
        service = Served(bot, base, listener, environ)
        try:
            yield service
        finally:
            if service.process is not None and service.process.returncode is None:
                service.process.terminate()
                await service.process.wait()
            if service.reading is not None:
                await service.reading
