"""One media stream, network side: a WebSocket to the bot, 20 ms of the caller at a time, and the play buffer."""

import asyncio
import base64
import json
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import Enum
from typing import assert_never
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from telephony.g711 import encode_ulaw
from telephony.simulator.handset import Handset
from telephony.simulator.options import Mischief
from telephony.simulator.playout import RATE_HZ, Playout, Progress
from telephony.simulator.weather import Weather
from telephony.simulator.wire import BotAudio, BotClear, BotMark, Police, StreamMessages

FRAME_SECONDS = 0.02
_CONNECT_SECONDS = 5.0
_STOP_SECONDS = 1.0
# About four seconds of our messages stuck in the socket: the bot does not read, and the network drops audio.
_CONGESTED_BYTES = 65_536


class StreamEnd(Enum):
    """How a stream ended, when not by the network's own doing."""

    BOT_CLOSED = "the bot closed the stream"
    REFUSED = "the bot refused the stream"
    LOST = "the stream broke off"


class MediaStream:
    """The audio between one caller and the bot.

    Args:
        handset: the caller's phone.
        messages: writes what is sent.
        police: reads what comes.
        mischief: what goes wrong on purpose.
        chance: decides where it goes wrong.
        clock: samples since the call was answered.
    """

    def __init__(
        self,
        handset: Handset,
        messages: StreamMessages,
        police: Police,
        mischief: Mischief,
        chance: random.Random,
        clock: Callable[[], int],
    ) -> None:
        self._handset = handset
        self._messages = messages
        self._police = police
        self._mischief = mischief
        self._chance = chance
        self._clock = clock
        self._playout = Playout(clock())
        self._weather = Weather(mischief, chance)
        self.warnings: list[str] = []
        self._dropped = False
        self.close_code: int | None = None
        self.error = ""

    async def run(self, url: str, host: str, headers: Mapping[str, str], parameters: Mapping[str, str]) -> StreamEnd:
        """Connect and carry audio until the bot closes the stream.

        Cancelling it is how the network ends a stream: `stop` is sent, then the socket closes.
        """
        parts = urlsplit(url)
        address = parts._replace(netloc=host).geturl()
        try:
            socket = await connect(
                address,
                host=parts.hostname,
                port=parts.port or (443 if parts.scheme == "wss" else 80),
                additional_headers=dict(headers),
                user_agent_header="TwilioMediaStreams/1.0",
                compression=None,
                proxy=None,
                open_timeout=_CONNECT_SECONDS,
                close_timeout=_STOP_SECONDS,
                ping_interval=None,
                max_size=None,
            )
        except (OSError, InvalidHandshake, InvalidURI, TimeoutError) as error:
            self.error = f"31920: the stream was not accepted ({error or type(error).__name__})"
            return StreamEnd.REFUSED
        async with socket:
            return await self._carry(socket, parameters)

    async def _carry(self, socket: ClientConnection, parameters: Mapping[str, str]) -> StreamEnd:
        tasks: list[asyncio.Task[None]] = []
        try:
            await socket.send(self._messages.connected())
            await socket.send(self._messages.start(parameters))
            self._handset.on_line = True
            tasks = [asyncio.create_task(self._pump(socket)), asyncio.create_task(self._listen(socket))]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            await self._stop(socket)
            raise
        except ConnectionClosed:
            pass
        finally:
            self._handset.on_line = False
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError, ConnectionClosed):
                    await task
            self._hear(self._playout.clear(self._clock()))
        self.close_code = socket.close_code
        if self._dropped or self.close_code in (None, 1006):
            self.error = "31921: the stream broke off"
            return StreamEnd.LOST
        if self.close_code != 1000:
            self.warnings.append(f"31921: the bot closed the stream with code {self.close_code}")
        return StreamEnd.BOT_CLOSED

    async def _stop(self, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed, TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await socket.send(self._messages.stop())

    async def _pump(self, socket: ClientConnection) -> None:
        """Send a frame every 20 ms on an absolute schedule, in silence too."""
        began = time.monotonic()
        number = 0
        while True:
            number += 1
            due = began + number * FRAME_SECONDS
            delay = due - time.monotonic()
            if self._mischief.jitter_ms:
                delay += self._chance.uniform(0, self._mischief.jitter_ms / 1000)
            if delay > 0:
                await asyncio.sleep(delay)
            await self._tick(socket, number)
            drop_after = self._mischief.drop_after_seconds
            if drop_after is not None and number * FRAME_SECONDS >= drop_after:
                self._dropped = True
                socket.transport.abort()
                return

    async def _tick(self, socket: ClientConnection, number: int) -> None:
        now = self._clock()
        await self._return(socket, self._hear(self._playout.advance(now)))
        await self._press_keys(socket, now)
        payload = encode_ulaw(self._handset.next_frame(now))
        self._handset.tick(now)
        timestamp = round(number * FRAME_SECONDS * 1000)
        if socket.transport.get_write_buffer_size() > _CONGESTED_BYTES:
            if not any(warning.startswith("31930") for warning in self.warnings):
                self.warnings.append("31930: the bot reads too slowly, audio from the caller was dropped")
            return
        carried = self._weather.carry(payload, timestamp, self._handset.into_sentence)
        for message in self._weather.order(self._messages.media(one.payload, one.timestamp_ms) for one in carried):
            await socket.send(message)
        await self._misbehave(socket, number)

    async def _press_keys(self, socket: ClientConnection, now: int) -> None:
        while self._handset.keys:
            self._handset.pressed.append(now)
            await socket.send(self._messages.dtmf(self._handset.keys.popleft()))

    async def _misbehave(self, socket: ClientConnection, number: int) -> None:
        every = self._mischief.garbage_every_frames
        if every and number % every == 0:
            await socket.send(self._chance.choice(GARBAGE))
        if self._mischief.oversized_message_bytes and number == round(1 / FRAME_SECONDS):
            await socket.send(json.dumps({"event": "noise", "pad": "x" * self._mischief.oversized_message_bytes}))

    async def _listen(self, socket: ClientConnection) -> None:
        """Take the bot's messages until it closes."""
        stalled = self._mischief.slow_reader_seconds == 0
        began = self._clock()
        async for message in socket:
            if not stalled and self._clock() - began > RATE_HZ:
                stalled = True
                await asyncio.sleep(self._mischief.slow_reader_seconds)
            now = self._clock()
            heard = self._police.read(message)
            match heard:
                case BotAudio(payload):
                    progress = self._playout.audio(payload, now)
                case BotMark(name):
                    progress = self._playout.mark(name, now)
                case BotClear():
                    progress = self._playout.clear(now)
                case None:
                    continue
                case other:
                    assert_never(other)
            self._hear(progress)
            if isinstance(heard, BotClear):
                # Only now: the last milliseconds before the clear belong to what was cut off, not to what comes next.
                self._handset.heard.cut()
            await self._return(socket, progress)

    def _hear(self, progress: Progress) -> Progress:
        self._handset.hear(progress, self._playout.pending_bytes, self._playout.pending_marks)
        return progress

    async def _return(self, socket: ClientConnection, progress: Progress) -> None:
        for echo in progress.echoes:
            await socket.send(self._messages.mark(echo.name))


GARBAGE: tuple[str | bytes, ...] = (
    "",
    "not json at all",
    "[1, 2, 3]",
    "null",
    '{"event": 7}',
    '{"event": "media"}',
    '{"event": "media", "media": {"payload": "*** not base64 ***"}}',
    '{"event": "media", "media": {"track": "inbound", "payload": 17}}',
    '{"event": "dtmf", "dtmf": {}}',
    '{"event": "mark", "mark": {"name": "never-sent"}}',
    '{"event": "something-new", "sequenceNumber": "many"}',
    '{"event": "media", "media": {"payload": "' + base64.b64encode(bytes(7)).decode() + '"}}',
    b"\x00\x01\x02",
)
"""Messages no bot should fall over."""
