"""Where two audio threads and the event loop meet; the only thing of the microphone line that needs a lock."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from telephony.call import FRAME_SECONDS, Pcm16
from telephony.playout import DueFrame, Playout
from telephony.sound_devices import FRAME_SAMPLES, RATE_HZ

MOST_UNREAD_FRAMES: Final = 150
"""Three seconds that the event loop may be behind the microphone before the oldest sound is dropped."""
MOST_AHEAD_FRAMES: Final = 4
"""How far the loudspeaker's thread may be ahead of the microphone's; they take turns, but not strictly."""

_SILENCE: Final[Pcm16] = np.zeros(FRAME_SAMPLES, dtype=np.int16)


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
