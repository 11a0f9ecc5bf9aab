"""This machine's own microphone and loudspeaker as a phone line: 16 kHz, with our own voice taken out.

Frames are the clock of the line: marks are counted in frames given to the loudspeaker, and nothing reads the time. The
audio threads and the event loop meet in `AudioExchange` alone.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from telephony.audio_exchange import AudioExchange
from telephony.call import (
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
from telephony.errors import CarrierRefused, LineClosed
from telephony.inbox import Inbox
from telephony.sound_devices import RATE_HZ, Hear, SoundStream, Speak, open_stream
from telephony.transfer.request import WarmRequest

log = structlog.get_logger(__name__)

ENOUGH_ECHO_SECONDS: Final = 8.0
"""How long the loudspeaker must have been heard before the echo canceller is judged."""
LEAST_ERLE_DB: Final = 10.0
"""Below this, our own voice comes back loud enough to be taken for the caller's."""

STALLED_SECONDS: Final = 5.0
"""A sound card that is silent for this long has been pulled out."""


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
        self._inbox = Inbox(self._caller.call_id)
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

    async def send_text(self, text: str) -> None:
        """Show it on the screen; see `Call.send_text`."""
        self._require_open()
        self._screen.show(Caption("message", text))

    async def ask_person(self, request: WarmRequest) -> None:
        """A microphone can ring nobody.

        Raises:
            CarrierRefused: always.
        """
        raise CarrierRefused(0, None, "ring a person from a microphone")

    def stop_asking(self) -> None:
        """Nobody is asked."""

    def person_takes(self, person: str) -> bool:
        """Nobody is asked."""
        return False

    def person_declines(self, person: str, reason: str) -> bool:
        """Nobody is asked."""
        return False

    async def join_person(self) -> None:
        """Nobody waits.

        Raises:
            CarrierRefused: always.
        """
        raise CarrierRefused(0, None, "let the caller of a microphone go to a person")

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
