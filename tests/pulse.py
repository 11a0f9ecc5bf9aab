"""A sound server of our own with two devices that exist only in memory, so that a real sound library can be tested.

    async with null_devices() as devices:
        async with devices.speaker_recorded(tmp_path / "heard.wav"):
            await devices.say(tmp_path / "question.wav")     # into the microphone, in real time

PortAudio reaches it through ALSA's plugin for PulseAudio: apt install pulseaudio pulseaudio-utils libasound2-plugins.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from ctypes.util import find_library
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

PROGRAMS = ("pulseaudio", "pactl", "paplay", "parec")

_SETUP = """
load-module module-native-protocol-unix auth-anonymous=1 socket={socket}
load-module module-null-sink sink_name=speaker rate=48000
load-module module-null-sink sink_name=microphone rate=48000
set-default-sink speaker
set-default-source microphone.monitor
"""


def missing() -> str | None:
    """Why there can be no null devices here, or None: tests skip with it as their reason."""
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if absent:
        return f"no {', '.join(absent)} here: apt install pulseaudio pulseaudio-utils"
    if find_spec("sounddevice") is None or find_library("portaudio") is None:
        return "no sounddevice with PortAudio here: pip install 'voicebot[mic]', apt install libportaudio2"
    if not any(Path("/usr").glob("lib*/**/alsa-lib/libasound_module_pcm_pulse.so")):
        return "ALSA cannot reach PulseAudio here: apt install libasound2-plugins"
    return None


@dataclass(frozen=True)
class NullDevices:
    """The running sound server.

    Args:
        environment: what a process needs in its environment to use these devices as its defaults.
    """

    environment: Mapping[str, str]

    async def say(self, wav: Path) -> None:
        """Play a WAV into the microphone; returns when it is over."""
        process = await self._start("paplay", "--device=microphone", str(wav))
        try:
            if await process.wait() != 0:
                raise RuntimeError("paplay failed")
        finally:
            await _end(process)

    @asynccontextmanager
    async def speaker_recorded(self, wav: Path, rate_hz: int = 16_000) -> AsyncIterator[None]:
        """Record what the loudspeaker plays while the block runs, as mono PCM16."""
        process = await self._start(
            "parec",
            "--device=speaker.monitor",
            "--file-format=wav",
            f"--rate={rate_hz}",
            "--channels=1",
            "--format=s16le",
            "--latency-msec=20",
            str(wav),
        )
        try:
            yield
        finally:
            await _end(process)

    async def run(self, *command: str) -> tuple[int, str]:
        """Run a program that uses these devices to its end; its status and everything it wrote."""
        process = await self._start(*command, stdout=asyncio.subprocess.PIPE)
        try:
            written, _ = await process.communicate()
        finally:
            await _end(process)
        return process.returncode or 0, written.decode()

    async def _start(self, *command: str, stdout: int = asyncio.subprocess.DEVNULL) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *command,
            env={**os.environ, **self.environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=stdout,
            stderr=asyncio.subprocess.STDOUT if stdout == asyncio.subprocess.PIPE else asyncio.subprocess.DEVNULL,
        )


@asynccontextmanager
async def null_devices() -> AsyncIterator[NullDevices]:
    """Start the sound server, with everything it keeps in a folder of its own, and end it afterwards."""
    with tempfile.TemporaryDirectory(prefix="pulse-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        socket = place / "native"
        (place / "setup.pa").write_text(_SETUP.format(socket=socket))
        environment = {
            "XDG_RUNTIME_DIR": folder,
            "HOME": folder,
            "PULSE_SERVER": f"unix:{socket}",
            "PULSE_COOKIE": str(place / "cookie"),
        }
        daemon = await asyncio.create_subprocess_exec(
            "pulseaudio",
            "-n",
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--use-pid-file=no",
            "--disable-shm=yes",
            f"--file={place / 'setup.pa'}",
            env={**os.environ, **environment},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        devices = NullDevices(environment)
        try:
            async with asyncio.timeout(20):
                while (await devices.run("pactl", "info"))[0] != 0:
                    if daemon.returncode is not None:
                        raise RuntimeError(f"pulseaudio ended at once with status {daemon.returncode}")
            yield devices
        finally:
            await _end(daemon)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
            await process.wait()
