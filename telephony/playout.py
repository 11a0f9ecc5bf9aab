"""What is still to be played on a line, and when each piece of it is due. Pure: time is handed in, nothing waits.

Pieces leave on an absolute schedule, never more than `ahead_seconds` before the caller hears them. Running further
ahead would make `clear` wait behind seconds of audio in our own socket, and would make it unsure what was heard.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from telephony.call import FRAME_SECONDS, Pcm16

AHEAD_SECONDS: Final = 0.2
CAPACITY_SECONDS: Final = 30.0

# Binary fractions do not add up to whole frames: half a sample of slack keeps the tenth frame from slipping a tick.
_SLACK_SECONDS: Final = 1e-6


@dataclass(frozen=True, slots=True)
class DueFrame:
    """20 ms to be sent now: int16, shape (rate_hz // 50,), mono, at the line's rate."""

    pcm: Pcm16


@dataclass(frozen=True, slots=True)
class DueMark:
    """A mark to be sent now, behind the audio that it closes.

    Args:
        name: the mark's name.
        heard_at: the time, on the clock handed in, at which the audio before it has been played. For lines whose other
            end does not report marks.
    """

    name: str
    heard_at: float


Due: TypeAlias = DueFrame | DueMark


class Playout:
    """The queue of one call.

    Args:
        rate_hz: the line's rate.
        ahead_seconds: how far what is sent may run ahead of what is heard.
        capacity_seconds: above this, `has_room` is False and whoever plays should wait.
    """

    def __init__(
        self,
        rate_hz: int,
        ahead_seconds: float = AHEAD_SECONDS,
        capacity_seconds: float = CAPACITY_SECONDS,
    ) -> None:
        self._frame_samples = round(rate_hz * FRAME_SECONDS)
        self._ahead = ahead_seconds
        self._capacity = capacity_seconds
        self._queue: deque[Pcm16 | str] = deque()
        self._frames = 0
        self._heard_until = float("-inf")
        self._generation = 0

    @property
    def generation(self) -> int:
        """Counts the clears: audio made before the last one must not be queued after it."""
        return self._generation

    @property
    def queued_seconds(self) -> float:
        """How much audio has not left yet."""
        return self._frames * FRAME_SECONDS

    @property
    def has_room(self) -> bool:
        """Whether more may be queued without waiting."""
        return self.queued_seconds <= self._capacity

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to send."""
        return not self._queue

    def put(self, pcm: Pcm16, mark: str) -> None:
        """Queue audio and the mark that closes it; the last frame is padded with silence.

        Args:
            pcm: int16, shape (n,), mono, at the line's rate. Copied.
            mark: the name of the mark behind it.
        """
        size = self._frame_samples
        whole = np.zeros(-(-len(pcm) // size) * size, dtype=np.int16)
        whole[: len(pcm)] = pcm
        frames = np.split(whole, len(whole) // size) if len(whole) else []
        self._queue.extend(frames)
        self._queue.append(mark)
        self._frames += len(frames)

    def take(self, now: float) -> Due | None:
        """The next piece if it is due at `now` (seconds, monotonic), else None."""
        if not self._queue or self.wait_seconds(now) > 0:
            return None
        piece = self._queue.popleft()
        if isinstance(piece, str):
            return DueMark(piece, max(self._heard_until, now))
        # After a pause the line has run dry and playing starts afresh; otherwise it goes on where it would have ended,
        # however late we are: an absolute schedule does not drift.
        self._heard_until = max(self._heard_until, now) + FRAME_SECONDS
        self._frames -= 1
        return DueFrame(piece)

    def wait_seconds(self, now: float) -> float:
        """How long until the next piece is due; 0.0 when it is due, infinity when nothing is queued."""
        if not self._queue:
            return float("inf")
        if isinstance(self._queue[0], str):
            return 0.0
        early = self._heard_until + FRAME_SECONDS - self._ahead - now
        return early if early > _SLACK_SECONDS else 0.0

    def clear(self, now: float) -> list[str]:
        """Drop everything not sent, and reckon that the line drops what was sent.

        Returns:
            the names of the dropped marks, in order.
        """
        dropped = [piece for piece in self._queue if isinstance(piece, str)]
        self._queue.clear()
        self._frames = 0
        self._heard_until = min(self._heard_until, now)
        self._generation += 1
        return dropped
