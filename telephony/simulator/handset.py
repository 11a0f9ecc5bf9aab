"""The caller's phone: what was said into it, what was heard from it, and when. One per call, across all its streams.

Positions are samples at 8 kHz since the call was answered. The network moves time forward with `tick`; everything else
follows from that, so a test can run a call without a clock.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from telephony.call import Pcm16
from telephony.simulator.playout import AUDIBLE_RMS, RATE_HZ, HeardTrack, Progress

FRAME_SAMPLES = 160
_WINDOW = RATE_HZ // 100


@dataclass(slots=True)
class Spoken:
    """One stretch the caller said. Positions of its first and last audible sample, as sent."""

    start: int
    end: int


@dataclass(slots=True)
class Said:
    """One thing the caller was asked to say, and where each 20 ms of it left the phone, as far as it has.

    Args:
        frames: position of the first sample of each frame.
    """

    frames: list[int] = field(default_factory=list)

    def position(self, sample: int) -> int:
        """Where a sample of it was sent, in samples of the call.

        Raises:
            IndexError: it has not been sent yet.
        """
        return self.frames[sample // FRAME_SAMPLES] + sample % FRAME_SAMPLES


@dataclass(slots=True)
class Company:
    """A stretch in which somebody could be heard who is not the bot. `end` is None while it lasts."""

    start: int
    end: int | None = None


class Handset:
    """Mouth and ear of a simulated caller.

    `into_sentence` is how many frames of what the caller is saying have left, 0 while nothing is said.
    `room_from` is since when it is in a room, alone or not; None before.

    Args:
        noise: background of the caller's end, repeated for ever, or None: int16, 8 kHz mono.
    """

    def __init__(self, noise: Pcm16 | None = None) -> None:
        self._noise = noise
        self._noise_at = 0
        self._echo: npt.NDArray[np.float64] | None = None
        self._voice: deque[tuple[Pcm16, bool, Said]] = deque()
        self._fresh = False
        self.into_sentence = 0
        self._sent: list[tuple[int, Pcm16]] = []
        self._ticked = asyncio.Event()
        self.keys: deque[str] = deque()
        self.words: deque[str] = deque()
        self.texts: list[str] = []
        self.heard = HeardTrack()
        self.spoken: list[Spoken] = []
        self.said_by_network: list[tuple[int, str]] = []
        self.pressed: list[int] = []
        self.room_from: int | None = None
        self.company: list[Company] = []
        self._network_speaks_until = 0
        self.hung_up = asyncio.Event()
        self.pending_bytes = 0
        self.pending_marks = 0
        self.most_ahead_ms = 0
        self.now = 0
        self.on_line = False
        self.over = False

    @property
    def in_company(self) -> bool:
        """Whether somebody can be heard who is not the bot."""
        return bool(self.company) and self.company[-1].end is None

    @property
    def company_from(self) -> int | None:
        """Since when that was so for the first time, None before."""
        return self.company[0].start if self.company else None

    def meet(self) -> None:
        """From now on somebody can be heard who is not the bot."""
        if not self.in_company:
            self.company.append(Company(self.now))

    def part(self) -> None:
        """That is over."""
        if self.in_company:
            self.company[-1].end = self.now

    def hang_up(self) -> None:
        """The caller puts the phone down."""
        self.hung_up.set()

    def press(self, digits: str) -> None:
        """The caller presses keys."""
        self.keys.extend(digits)

    def utter(self, words: str, pcm: Pcm16 | None = None) -> None:
        """Words that the network's own recogniser understands when it listens.

        Args:
            words: as it writes them down.
            pcm: how they sound to everybody else, or None: int16, 8 kHz mono.
        """
        self.words.append(words)
        if pcm is not None:
            self.say(pcm)

    def text_code(self, digits: int) -> str:
        """The row of so many digits in the last text message that has one; "" when none has."""
        found = (re.search(rf"(?<!\d)\d{{{digits}}}(?!\d)", text) for text in reversed(self.texts))
        return next((code[0] for code in found if code), "")

    def surround(self, noise: Pcm16 | None) -> None:
        """From now on there is this noise, or none, at the caller's end: int16, 8 kHz mono, repeated for ever."""
        self._noise, self._noise_at = noise, 0

    def echo(self, response: npt.NDArray[np.float64] | None) -> None:
        """From now on the phone hears its own loudspeaker, or no longer does.

        Args:
            response: the way from loudspeaker to microphone as an impulse response, delay and loss included: float64,
                shape (n,), 8 kHz.
        """
        self._echo = response

    def say(self, pcm: Pcm16) -> Said:
        """The caller begins to speak; the samples leave one frame at a time.

        Args:
            pcm: int16, 8 kHz mono.
        Returns:
            where its samples go, filled in as they go.
        """
        said = Said()
        audible = _audible_frames(pcm)
        for index, loud in enumerate(audible):
            frame = pcm[index * FRAME_SAMPLES : (index + 1) * FRAME_SAMPLES]
            self._voice.append((np.pad(frame, (0, FRAME_SAMPLES - len(frame))), bool(loud), said))
        self._fresh = True
        return said

    @property
    def speaking(self) -> bool:
        """Whether some of what the caller began to say has not been sent yet."""
        return bool(self._voice)

    def next_frame(self, now: int) -> Pcm16:
        """The 20 ms that end, and leave the phone, at `now`: int16, shape (160,), 8 kHz mono."""
        frame = np.zeros(FRAME_SAMPLES, dtype=np.int16)
        self.into_sentence = 0
        if self._voice:
            frame, loud, said = self._voice.popleft()
            said.frames.append(now - FRAME_SAMPLES)
            self.into_sentence = len(said.frames)
            if loud and self._fresh:
                self.spoken.append(Spoken(now - FRAME_SAMPLES, now))
                self._fresh = False
            elif loud:
                self.spoken[-1].end = now
        if self._noise is not None:
            places = (self._noise_at + np.arange(FRAME_SAMPLES)) % len(self._noise)
            self._noise_at += FRAME_SAMPLES
            frame = _mixed(frame, self._noise[places])
        if self._echo is not None:
            frame = _mixed(frame, self._returned(now - FRAME_SAMPLES, self._echo))
        self._sent.append((max(0, now - FRAME_SAMPLES), frame))
        return frame

    def _returned(self, start: int, response: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """What the microphone gets of the loudspeaker in the 20 ms from `start`."""
        before = len(response) - 1
        played = self.heard.between(start - before, FRAME_SAMPLES + before)
        return np.convolve(played.astype(np.float64), response, "valid")

    def hear(self, progress: Progress, pending_bytes: int, pending_marks: int) -> None:
        """The network played some of the bot's audio."""
        for piece in progress.played:
            self.heard.add(piece)
        self.pending_bytes, self.pending_marks = pending_bytes, pending_marks
        self.most_ahead_ms = max(self.most_ahead_ms, pending_bytes * 1000 // RATE_HZ)

    def hear_network(self, text: str, seconds: float = 0.0) -> None:
        """The network's own voice says something, for so long."""
        self.said_by_network.append((self.now, text))
        self._network_speaks_until = self.now + int(seconds * RATE_HZ)

    def tick(self, now: int) -> None:
        """Time has come to `now`; whoever waits looks again."""
        self.now = max(self.now, now)
        self._ticked.set()

    def finish(self) -> None:
        """The call is over."""
        self.over = True
        self._ticked.set()

    async def until(self, reached: Callable[[], bool], timeout_seconds: float) -> bool:
        """Wait for something to become true; looked at on every tick.

        Returns:
            False when the time (of the call, not of the clock) ran out or the call ended first.
        """
        deadline = self.now + int(timeout_seconds * RATE_HZ)
        while not reached():
            if self.over or self.now >= deadline:
                return False
            self._ticked.clear()
            await self._ticked.wait()
        return True

    @property
    def quiet_seconds(self) -> float:
        """For how long nothing was audible and nothing was said."""
        marks = [self.heard.last_audible or 0, self.spoken[-1].end if self.spoken else 0, self._network_speaks_until]
        return max(0.0, (self.now - max(marks)) / RATE_HZ)

    def stereo(self) -> Pcm16:
        """The call as recorded: int16, shape (n, 2), 8 kHz; left what the caller said, right what the caller heard."""
        left = np.zeros(self.now + FRAME_SAMPLES, dtype=np.int16)
        for position, frame in self._sent:
            part = frame[: max(0, len(left) - position)]
            left[position : position + len(part)] = part
        return np.stack([left, self.heard.pcm(len(left))], axis=1)


def _mixed(frame: Pcm16, more: npt.NDArray[np.float64] | Pcm16) -> Pcm16:
    return np.clip(np.rint(frame.astype(np.float64) + more), -32768, 32767).astype(np.int16)


def _audible_frames(pcm: Pcm16) -> list[bool]:
    """For each 20 ms frame, whether it lies between the first and the last sample anybody could hear."""
    count = -(-len(pcm) // FRAME_SAMPLES)
    padded = np.zeros(count * FRAME_SAMPLES, dtype=np.float64)
    padded[: len(pcm)] = pcm
    windows = np.sqrt(np.mean(padded.reshape(-1, _WINDOW) ** 2, axis=1)) > AUDIBLE_RMS
    loud = windows.reshape(count, -1).any(axis=1)
    places = np.flatnonzero(loud)
    if not len(places):
        return [False] * count
    return [bool(places[0] <= index <= places[-1]) for index in range(count)]
