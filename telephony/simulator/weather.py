"""What befalls the caller's audio on its way to the bot: late, lost, out of order, by a clock that jumps. No I/O."""

import random
from collections.abc import Iterable
from dataclasses import dataclass

from telephony.simulator.options import Mischief

FRAME_MS = 20

MIDDLE_FRAMES = 25
"""So far into a sentence things go wrong in its middle: half a second, when the bot is already listening to it."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A frame as it goes to the bot.

    Args:
        payload: 20 ms, μ-law.
        timestamp_ms: the stream's time it claims.
    """

    payload: bytes
    timestamp_ms: int


class Weather:
    """Carries the frames of one stream.

    Args:
        mischief: what goes wrong.
        chance: decides where, as far as that is left to chance.
    """

    def __init__(self, mischief: Mischief, chance: random.Random) -> None:
        self._mischief = mischief
        self._chance = chance
        self._held: list[Carried] = []
        self._overtaken: list[str] = []
        self._jumps = 0
        self._offset_ms = 0

    def carry(self, payload: bytes, timestamp_ms: int, into_sentence: int) -> list[Carried]:
        """Take the next frame.

        Args:
            payload: 20 ms, μ-law.
            timestamp_ms: the stream's true time.
            into_sentence: how many frames of a sentence have left the phone with this one; 0 in between.
        Returns:
            what arrives now, in order.
        """
        jumps = self._mischief.timestamp_jumps_ms
        if jumps and into_sentence == MIDDLE_FRAMES:
            self._offset_ms += jumps[self._jumps % len(jumps)]
            self._jumps += 1
        if not self._is_lost(into_sentence):
            self._held.append(Carried(payload, max(0, timestamp_ms + self._offset_ms)))
        if self._is_stalled(into_sentence) or len(self._held) < self._mischief.burst_frames:
            return []
        arrived, self._held = self._held, []
        return arrived

    def order(self, messages: Iterable[str]) -> list[str]:
        """The order in which messages go out: now and then the next one overtakes."""
        ordered: list[str] = []
        for message in messages:
            if not self._overtaken and self._chance.random() < self._mischief.swapped_share:
                self._overtaken.append(message)
                continue
            ordered += [message, *self._overtaken]
            self._overtaken.clear()
        return ordered

    def _is_lost(self, into_sentence: int) -> bool:
        in_hole = 0 <= into_sentence - MIDDLE_FRAMES < self._mischief.hole_ms // FRAME_MS
        return in_hole or self._chance.random() < self._mischief.lost_share

    def _is_stalled(self, into_sentence: int) -> bool:
        """From the middle of a sentence on the line stands still again and again, and runs as freely in between."""
        frames = self._mischief.stall_ms // FRAME_MS
        since = into_sentence - MIDDLE_FRAMES
        return since >= 0 and frames > 0 and since % (2 * frames) < frames
