"""This machine's own microphone and loudspeaker as a phone line: 16 kHz, with our own voice taken out.

The audio threads and the event loop meet in `AudioExchange` alone. Frames are the clock of the line: marks are counted
in frames given to the loudspeaker, and nothing reads the time.
"""

import asyncio
import secrets
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import structlog

from telephony.call import (
    FRAME_SECONDS,
    CallEnded,
    Caller,
    CallEvent,
    Caption,
    EndReason,
    FrameReceived,
    KeyPressed,
    LineKind,
    MarkCleared,
    MarkPlayed,
    Pcm16,
    TextTyped,
    TransferTarget,
)
from telephony.echo import EchoCanceller
from telephony.errors import LineClosed
from telephony.inbox import Inbox
from telephony.playout import DueFrame, Playout
from telephony.sound_devices import FRAME_SAMPLES, RATE_HZ, Hear, SoundStream, Speak, open_stream

log = structlog.get_logger(__name__)

MOST_UNREAD_FRAMES: Final = 150
"""Three seconds that the event loop may be behind the microphone before the oldest sound is dropped."""
MOST_AHEAD_FRAMES: Final = 4
"""How far the loudspeaker's thread may be ahead of the microphone's; they take turns, but not strictly."""
ENOUGH_ECHO_SECONDS: Final = 8.0
"""How long the loudspeaker must have been heard before the echo canceller is judged."""
LEAST_ERLE_DB: Final = 10.0
"""Below this, our own voice comes back loud enough to be taken for the caller's."""

STALLED_SECONDS: Final = 5.0
"""A sound card that is silent for this long has been pulled out."""

_SILENCE: Final[Pcm16] = np.zeros(FRAME_SAMPLES, dtype=np.int16)


@dataclass(frozen=True, slots=True)
class MicrophoneSettings:
    """Which devices, and how.

    Args:
        input_device: index or part of the name; None for the system's default.
        output_device: likewise.
        headset: True: the microphone cannot hear the loudspeaker, and its sound is used as it is.
        language: what the caller has chosen, or None.
    """

    input_device: str | None = None
    output_device: str | None = None
    headset: bool = False
    language: str | None = None


class Screen(Protocol):
    """Where captions of this line are shown."""

    def show(self, caption: Caption) -> None:
        """Show a caption; kind "advice" is the line's own word to its user."""
        ...


@dataclass(frozen=True, slots=True)
class Exchanged:
    """20 ms of the line.

    Args:
        heard: from the microphone: int16, shape (320,).
        played: what was given to the loudspeaker meanwhile: int16, shape (320,).
        marks: heard by the end of it.
    """

    heard: Pcm16
    played: Pcm16
    marks: tuple[str, ...]


class AudioExchange:
    """What the two audio threads and the event loop hand each other. Every method may be called from any of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # The loudspeaker asks for exactly the frame that comes next: "ahead" is that one frame.
        self._playout = Playout(RATE_HZ, ahead_seconds=FRAME_SECONDS)
        self._spoken = 0
        self._on_the_way: deque[tuple[int, str]] = deque()
        self._heard_marks: list[str] = []
        self._just_played: deque[Pcm16] = deque()
        self._unread: deque[Exchanged] = deque()
        self.dropped = 0

    def speak(self, latency_seconds: float) -> Pcm16:
        """The next frame for the loudspeaker.

        Args:
            latency_seconds: in how long it will be heard.
        """
        with self._lock:
            frame = _SILENCE
            while (due := self._playout.take(self._spoken * FRAME_SECONDS)) is not None:
                if isinstance(due, DueFrame):
                    frame = due.pcm
                    break
                self._on_the_way.append((self._spoken + round(max(0.0, latency_seconds) / FRAME_SECONDS), due.name))
            while self._on_the_way and self._on_the_way[0][0] <= self._spoken:
                self._heard_marks.append(self._on_the_way.popleft()[1])
            self._spoken += 1
            self._just_played.append(frame)
            if len(self._just_played) > MOST_AHEAD_FRAMES:
                # The echo canceller must see a frame before the microphone can hear it, so only the newest will do.
                self._just_played = deque([frame])
            return frame

    def hear(self, heard: Pcm16) -> bool:
        """Take in a frame from the microphone; True when the event loop has to be woken to read."""
        with self._lock:
            played = self._just_played.popleft() if self._just_played else _SILENCE
            marks, self._heard_marks = self._heard_marks, []
            wake = not self._unread
            if len(self._unread) == MOST_UNREAD_FRAMES:
                self.dropped += 1
                marks = [*self._unread.popleft().marks, *marks]
            self._unread.append(Exchanged(heard, played, tuple(marks)))
            return wake

    def read(self) -> list[Exchanged]:
        """Everything exchanged since the last reading, in order."""
        with self._lock:
            read = list(self._unread)
            self._unread.clear()
            return read

    @property
    def has_room(self) -> bool:
        """Whether more may be queued without waiting."""
        with self._lock:
            return self._playout.has_room

    def put(self, pcm: Pcm16, mark: str) -> None:
        """Queue audio and its mark; see `Playout.put`."""
        with self._lock:
            self._playout.put(pcm, mark)

    def clear(self) -> list[str]:
        """Drop everything not given to the loudspeaker; the marks that will not be heard.

        What the sound card has already buffered is still heard, and its marks count as not heard.
        """
        with self._lock:
            dropped = [mark for tick in self._unread for mark in tick.marks] + self._heard_marks
            dropped += [mark for _, mark in self._on_the_way]
            dropped += self._playout.clear(self._spoken * FRAME_SECONDS)
            self._heard_marks = []
            self._on_the_way.clear()
            self._unread = deque(Exchanged(tick.heard, tick.played, ()) for tick in self._unread)
            return dropped


class MicrophoneCall:
    """`telephony.call.Call` on this machine's sound devices. Use it through `open_microphone`.

    Args:
        settings: see `MicrophoneSettings`.
        exchange: where the audio thread leaves and takes sound.
        screen: where captions go.
    """

    def __init__(self, settings: MicrophoneSettings, exchange: AudioExchange, screen: Screen) -> None:
        self._caller = Caller("MI" + secrets.token_hex(16), LineKind.MICROPHONE, language=settings.language)
        self._exchange = exchange
        self._screen = screen
        self._inbox = Inbox()
        self._canceller = None if settings.headset else EchoCanceller()
        self._advised = False
        self._generation = 0
        self._room = asyncio.Event()
        self._alive = asyncio.Event()

    @property
    def caller(self) -> Caller:
        """Who is calling: somebody at this machine."""
        return self._caller

    @property
    def rate_hz(self) -> int:
        """16 kHz."""
        return RATE_HZ

    @property
    def erle_db(self) -> float | None:
        """How well our own voice is taken out of the microphone; None with a headset."""
        return None if self._canceller is None else self._canceller.erle_db

    def events(self) -> AsyncIterator[CallEvent]:
        """What happens on the line; see `Call.events`."""
        return self._inbox.events()

    def take_in(self) -> None:
        """Read what the audio thread has left; called on the event loop whenever there is something."""
        self._alive.set()
        for tick in self._exchange.read():
            heard = tick.heard if self._canceller is None else self._canceller.process(tick.heard, tick.played)
            self._inbox.put(FrameReceived(heard))
            for name in tick.marks:
                self._inbox.put(MarkPlayed(name))
        self._room.set()
        self._judge_echo()

    async def watch(self) -> None:
        """End the call when the sound card falls silent; runs until cancelled."""
        while not self._inbox.has_ended:
            self._alive.clear()
            try:
                async with asyncio.timeout(STALLED_SECONDS):
                    await self._alive.wait()
            except TimeoutError:
                log.error("sound_card_stalled", call_id=self._caller.call_id)
                self.end(EndReason.LINE_LOST)

    def _judge_echo(self) -> None:
        canceller = self._canceller
        if canceller is None or self._advised or canceller.echo_seconds < ENOUGH_ECHO_SECONDS:
            return
        self._advised = True
        log.info("echo_judged", call_id=self._caller.call_id, erle_db=round(canceller.erle_db, 1))
        if canceller.erle_db < LEAST_ERLE_DB:
            self._screen.show(Caption("advice", "headset", {"erle_db": round(canceller.erle_db, 1)}))

    def press(self, digit: str) -> None:
        """The user pressed a key of the keypad."""
        self._inbox.put(KeyPressed(digit))

    def type(self, text: str) -> None:
        """The user typed a line."""
        self._inbox.put(TextTyped(text))

    def end(self, reason: EndReason) -> None:
        """End the call for this reason; the first reason stays."""
        if self._inbox.has_ended:
            return
        self._inbox.put(CallEnded(reason))
        self._exchange.clear()
        self._room.set()
        dropped = self._inbox.dropped + self._exchange.dropped
        if dropped:
            log.warning("microphone_frames_dropped", call_id=self._caller.call_id, count=dropped)

    async def play(self, pcm: Pcm16, mark: str) -> None:
        """Queue audio and its mark; see `Call.play`."""
        self._require_open()
        generation = self._generation
        while not self._exchange.has_room and generation == self._generation:
            self._room.clear()
            await self._room.wait()
            self._require_open()
        if generation != self._generation:
            self._inbox.put(MarkCleared(mark))
            return
        self._exchange.put(pcm, mark)

    async def clear(self) -> None:
        """Drop everything not given to the loudspeaker; see `Call.clear`."""
        self._require_open()
        self._generation += 1
        for name in self._exchange.clear():
            self._inbox.put(MarkCleared(name))
        self._room.set()

    async def show(self, caption: Caption) -> None:
        """Show a caption on the screen; see `Call.show`."""
        self._screen.show(caption)

    async def transfer(self, target: TransferTarget) -> None:
        """Show the number to ring and end the call: this line cannot be passed on. See `Call.transfer`."""
        self._require_open()
        self._screen.show(Caption("transfer", target.name, {"number": target.number}))
        self.end(EndReason.TRANSFERRED)

    async def hang_up(self) -> None:
        """End the call at once; see `Call.hang_up`."""
        self._require_open()
        self.end(EndReason.WE_HUNG_UP)

    def _require_open(self) -> None:
        if self._inbox.has_ended:
            raise LineClosed("the call has ended")


@asynccontextmanager
async def open_microphone(
    settings: MicrophoneSettings,
    screen: Screen,
    open_sound: Callable[[Hear, Speak, str | None, str | None], SoundStream] = open_stream,
) -> AsyncIterator[MicrophoneCall]:
    """A call on this machine's sound devices, running until the block is left.

    Args:
        settings: see `MicrophoneSettings`.
        screen: where captions go.
        open_sound: opens the devices; tests give one without any.
    Raises:
        SoundUnavailable: no library or no device; says what to do.
    """
    loop = asyncio.get_running_loop()
    exchange = AudioExchange()
    call = MicrophoneCall(settings, exchange, screen)

    def hear(heard: Pcm16) -> None:
        if exchange.hear(heard):
            loop.call_soon_threadsafe(call.take_in)

    stream = open_sound(hear, exchange.speak, settings.input_device, settings.output_device)
    stream.start()
    watching = asyncio.create_task(call.watch())
    try:
        yield call
    finally:
        watching.cancel()
        # Closing joins the audio threads; they never wait for the loop, so this blocks for a frame at most.
        stream.close()
        call.end(EndReason.CALLER_HUNG_UP)
