"""What the caller's ear gets: the network's play buffer, and a record of what came out of it. No I/O, no clock.

Positions are samples at 8 kHz since the call was answered; one μ-law byte is one sample.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from telephony.call import Pcm16
from telephony.g711 import decode_ulaw

RATE_HZ = 8000
AUDIBLE_RMS = 32768 * 10 ** (-50 / 20)
"""-50 dBFS: what a caller on a phone can hear as sound."""

_WINDOW = RATE_HZ // 100
_RUN_GAP = RATE_HZ * 3 // 10


@dataclass(frozen=True, slots=True)
class MarkEcho:
    """A mark on its way back to the bot.

    Args:
        name: as the bot sent it.
        position: when, in samples.
        played: False when a clear dropped the audio before it.
    """

    name: str
    position: int
    played: bool


@dataclass(frozen=True, slots=True)
class Played:
    """Audio that came out of the buffer without a gap, μ-law."""

    position: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Progress:
    """What happened between two looks at the buffer."""

    played: tuple[Played, ...] = ()
    echoes: tuple[MarkEcho, ...] = ()


class Playout:
    """A first-in-first-out buffer of audio and marks, emptied at 8 bytes per millisecond.

    Args:
        position: the sample at which the stream began.
    """

    def __init__(self, position: int = 0) -> None:
        self._now = position
        self._queue: deque[bytes | str] = deque()
        self.pending_bytes = 0
        self.pending_marks = 0

    def advance(self, now: int) -> Progress:
        """Play up to `now`."""
        played: list[Played] = []
        echoes: list[MarkEcho] = []
        while self._queue:
            item = self._queue[0]
            if isinstance(item, str):
                self._queue.popleft()
                self.pending_marks -= 1
                echoes.append(MarkEcho(item, self._now, played=True))
                continue
            room = now - self._now
            if room <= 0:
                break
            self._queue.popleft()
            if len(item) > room:
                self._queue.appendleft(item[room:])
                item = item[:room]
            played.append(Played(self._now, item))
            self._now += len(item)
            self.pending_bytes -= len(item)
        self._now = max(self._now, now)
        return Progress(tuple(played), tuple(echoes))

    def audio(self, payload: bytes, now: int) -> Progress:
        """Audio arrived."""
        progress = self.advance(now)
        if payload:
            self._queue.append(payload)
            self.pending_bytes += len(payload)
        return progress

    def mark(self, name: str, now: int) -> Progress:
        """A mark arrived; it comes back at once when nothing is waiting."""
        before = self.advance(now)
        self._queue.append(name)
        self.pending_marks += 1
        after = self.advance(now)
        return Progress(before.played + after.played, before.echoes + after.echoes)

    def clear(self, now: int) -> Progress:
        """The bot takes back what has not been played; marks among it come back unplayed."""
        before = self.advance(now)
        dropped = tuple(MarkEcho(item, now, played=False) for item in self._queue if isinstance(item, str))
        self._queue.clear()
        self.pending_bytes = self.pending_marks = 0
        return Progress(before.played, before.echoes + dropped)


@dataclass(slots=True)
class Run:
    """A stretch in which the caller could hear the bot, pauses under 300 ms included. Positions in samples."""

    start: int
    end: int
    cleared: bool = False


class HeardTrack:
    """Everything the caller heard, with its place in the call, and the stretches that were audible."""

    def __init__(self) -> None:
        self._pieces: list[tuple[int, Pcm16]] = []
        self._window: list[Pcm16] = []
        self._window_start = 0
        self._window_length = 0
        self._cut = True
        self.runs: list[Run] = []

    def add(self, piece: Played) -> None:
        """More was heard; pieces come in order."""
        pcm = decode_ulaw(piece.payload)
        self._pieces.append((piece.position, pcm))
        if self._window_length and self._window_start + self._window_length != piece.position:
            self._window, self._window_length = [], 0
        if not self._window_length:
            self._window_start = piece.position
        self._window.append(pcm)
        self._window_length += len(pcm)
        if self._window_length >= _WINDOW:
            self._listen()

    def _listen(self) -> None:
        pcm = np.concatenate(self._window)
        whole = len(pcm) - len(pcm) % _WINDOW
        levels = np.sqrt(np.mean(pcm[:whole].reshape(-1, _WINDOW).astype(np.float64) ** 2, axis=1))
        for index in np.flatnonzero(levels > AUDIBLE_RMS):
            start = self._window_start + int(index) * _WINDOW
            if self.runs and not self._cut and start - self.runs[-1].end < _RUN_GAP:
                self.runs[-1].end = start + _WINDOW
            else:
                self.runs.append(Run(start, start + _WINDOW))
                self._cut = False
        self._window = [pcm[whole:]]
        self._window_start += whole
        self._window_length = len(pcm) - whole

    def cut(self) -> None:
        """The bot cleared its audio: what is heard from now on is a new stretch."""
        if self.runs and not self._cut:
            self.runs[-1].cleared = True
        self._cut = True

    @property
    def last_audible(self) -> int | None:
        """Position after the last audible sample so far."""
        return self.runs[-1].end if self.runs else None

    def first_run_from(self, position: int) -> Run | None:
        """The first stretch that began at or after `position`."""
        return next((run for run in self.runs if run.start >= position), None)

    def cut_short(self, interrupted: Run | None) -> Run | None:
        """The stretch in which interrupted speech was cleared: that one, or a later one after a pause."""
        if interrupted is None:
            return None
        return next((run for run in self.runs[self.runs.index(interrupted) :] if run.cleared), None)

    def reply_to(self, position: int, interrupted: Run | None = None) -> Run | None:
        """The first stretch that answers what was said at `position`.

        Args:
            position: where the caller began.
            interrupted: the stretch that was being heard then; what went on of it is not the reply.
        """
        cut = self.cut_short(interrupted)
        return self.first_run_from(position if cut is None else max(position, cut.end))

    def between(self, start: int, length: int) -> Pcm16:
        """A stretch near the end of what was heard: int16, shape (length,), silence where nothing was played."""
        track = np.zeros(length, dtype=np.int16)
        for position, piece in reversed(self._pieces):
            if position + len(piece) <= start:
                break
            first, last = max(position, start), min(position + len(piece), start + length)
            if first < last:
                track[first - start : last - start] = piece[first - position : last - position]
        return track

    def pcm(self, length: int) -> Pcm16:
        """The whole call as heard: int16, shape (length,), 8 kHz mono, silence where nothing was played."""
        track = np.zeros(length, dtype=np.int16)
        for position, piece in self._pieces:
            part = piece[: max(0, length - position)]
            track[position : position + len(part)] = part
        return track
