"""A real `voicebot serve` in a process of its own, for benchmarks that talk to it as the phone network would."""

import asyncio
import os
import platform
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx

from telephony.simulator.options import Network

READY_SECONDS = 180

LIMITS = (
    "VOICEBOT_CALLS_PER_NUMBER_MINUTE",
    "VOICEBOT_CALLS_PER_NUMBER_HOUR",
    "VOICEBOT_CALLS_PER_MINUTE",
    "VOICEBOT_TRANSFERS_PER_NUMBER_HOUR",
    "VOICEBOT_TRANSFERS_PER_MINUTE",
    "VOICEBOT_TRY_PER_MINUTE",
)


@dataclass(frozen=True, slots=True)
class Served:
    """A service that is ready.

    Args:
        base_url: where it listens.
        network: the account and token it was started with.
        pid: its process.
    """

    base_url: str
    network: Network
    pid: int

    async def metric(self, name: str) -> float:
        """One number of its /metrics; 0 when it is not there."""
        async with httpx.AsyncClient(trust_env=False) as client:
            text = (await client.get(f"{self.base_url}/metrics")).text
        for line in text.splitlines():
            if line.startswith(f"{name} "):
                return float(line.split()[-1])
        return 0.0

    @property
    def resident_mb(self) -> float:
        """Memory it and the processes it started hold now, from /proc."""
        statuses = (Path(f"/proc/{pid}/status").read_text(encoding="utf-8") for pid in self._processes())
        return sum(int(status.split("VmRSS:")[1].split()[0]) for status in statuses) / 1024

    @property
    def cpu_seconds(self) -> float:
        """Processor time it and the processes it started have used, from /proc, to 10 ms."""
        ticks = 0
        for pid in self._processes():
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def _processes(self) -> list[int]:
        found = [self.pid]
        for pid in found:
            for children in Path(f"/proc/{pid}/task").glob("*/children"):
                found += map(int, children.read_text(encoding="utf-8").split())
        return found


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def machine() -> str:
    """What the numbers were measured on, for the line beside them."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return f"{model}, {os.cpu_count()} cores, Python {platform.python_version()}, {date.today().isoformat()}"


@asynccontextmanager
async def served(
    bot: Path, environ: dict[str, str] | None = None, *, program: Sequence[str] = ("voicebot", "serve")
) -> AsyncIterator[Served]:
    """Start the service, wait until it is ready, and stop it at the end.

    Args:
        bot: the bot folder.
        environ: more environment variables for it.
        program: the module that serves, and its first arguments.
    """
    port = free_port()
    network = Network(
        account_sid=f"AC{secrets.token_hex(16)}",
        auth_token=secrets.token_hex(16),
        public_url="https://bot.example.com",
        connect_to=f"http://127.0.0.1:{port}",
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *program, str(bot), "--port", str(port)),
        stdout=asyncio.subprocess.DEVNULL,
        env={
            **os.environ,
            "TWILIO_ACCOUNT_SID": network.account_sid,
            "TWILIO_AUTH_TOKEN": network.auth_token,
            "PUBLIC_URL": network.public_url,
            "VOICEBOT_LOG_LEVEL": "warning",
            # Every simulated call comes from the same number, or from this machine.
            **dict.fromkeys(LIMITS, "0"),
            **(environ or {}),
        },
    )
    base_url = f"http://127.0.0.1:{port}"
    try:
        await _ready(base_url, process)
        yield Served(base_url, network, process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(40):
                    await process.wait()
            finally:
                if process.returncode is None:
                    process.kill()


async def _ready(base_url: str, process: asyncio.subprocess.Process) -> None:
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(READY_SECONDS):
        while process.returncode is None:
            try:
                if (await client.get(f"{base_url}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)
    raise RuntimeError(f"the service ended with status {process.returncode} before it was ready")
