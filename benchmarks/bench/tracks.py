"""What the tracks of a call say: when the bot began, when it stopped, whether it spoke while the caller did.

Everything here is computed from what the caller sent and heard, in samples at 8 kHz since the call was answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from benchmarks.bench.clips import WINDOW, Clip, closed, levels_dbfs
from telephony.call import Pcm16
from telephony.simulator.handset import Said
from telephony.simulator.playout import RATE_HZ

AUDIBLE_DBFS = -50.0
SENTENCE_GAP = RATE_HZ * 3 // 10
"""A quiet shorter than this lies inside the bot's speech."""

STOP_GAP = RATE_HZ * 4 // 10
"""A quiet longer than this is no pause between two sentences: the bot has stopped."""

STILL_TO_COME = RATE_HZ * 60 // 1000
"""So much of the caller's speech must still be to come for the bot's to count as cutting in."""

LONGEST_ANSWER = 6 * RATE_HZ
"""What the bot says later than this is no answer: it asks whether the caller is still there."""

Stretch: TypeAlias = tuple[int, int]


def audible(track: Pcm16, gap: int = SENTENCE_GAP) -> tuple[Stretch, ...]:
    """The stretches in which something could be heard, to 10 ms; gaps shorter than `gap` samples are closed.

    Args:
        track: int16, 8 kHz mono.
        gap: in samples.
    """
    return closed((int(place) * WINDOW for place in np.flatnonzero(levels_dbfs(track) > AUDIBLE_DBFS)), gap)


@dataclass(frozen=True, slots=True)
class Answered:
    """One turn as the caller lived it.

    Args:
        cut_in: the bot began while more of the clip was still to come.
        latency_ms: from the clip's last speech to the first audible sample of the bot; None without an answer.
    """

    cut_in: bool
    latency_ms: float | None


def answered(bot: Sequence[Stretch], clip: Clip, said: Said, until: int, since: int = 0) -> Answered:
    """How a turn went.

    Args:
        bot: the bot's audible stretches.
        clip: what was said.
        said: where it was sent.
        until: where the next turn began.
        since: what the bot said before this was not the answer but a request to wait.
    """
    first, last = said.position(clip.start), said.position(clip.end - 1) + 1
    starts = [start for start, _ in bot if first <= start < until]
    early = any(start < last - STILL_TO_COME for start in starts)
    reply = next((start for start in starts if start >= max(since, last - STILL_TO_COME)), None)
    if reply is None and any(start < since < end for start, end in bot):
        reply = since  # the answer followed the request to wait without a gap
    if reply is not None and reply - last > LONGEST_ANSWER:
        reply = None
    return Answered(early, None if reply is None else round((reply - last) * 1000 / RATE_HZ, 1))


def stop_ms(bot: Sequence[Stretch], onset: int, patience: int) -> float | None:
    """How long the bot went on after the caller began over it.

    Args:
        bot: the bot's audible stretches, as `audible(track, STOP_GAP)` gives them.
        onset: the caller's first speech.
        patience: samples within which it must have stopped.
    Returns:
        milliseconds from the onset to the bot's last audible sample; None when it did not stop in time, or was not
        speaking.
    """
    over = next((stretch for stretch in bot if stretch[0] < onset < stretch[1]), None)
    if over is None or over[1] - onset > patience:
        return None
    return (over[1] - onset) * 1000 / RATE_HZ


def heard_within(bot: Sequence[Stretch], window: Stretch) -> int:
    """How many samples of the bot's speech lie in a window."""
    return sum(max(0, min(end, window[1]) - max(start, window[0])) for start, end in bot)
