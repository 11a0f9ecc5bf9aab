"""Make every sentence as loud as the last one, and start and end it where the speech does."""

import numpy as np

from speech.audio import Pcm16, Samples

TARGET_DBFS = -20.0
"""Loudness of the speech itself (pauses left out): what people on the telephone network send, roughly."""

PEAK_DBFS = -1.0
"""No sample above this: G.711 and resampling filters overshoot a little."""

_WINDOW_SECONDS = 0.02
_QUIET_BELOW_LOUDEST_DB = 40.0
"""A window this far below the loudest one is pause, not speech."""

LEAD_SECONDS = 0.02
TAIL_SECONDS = 0.16
"""What stays around the speech: sentences are played back to back, and a full stop needs its breath."""


def level(samples: Samples, rate_hz: int) -> Pcm16:
    """Trim the silence at both ends and bring the speech to `TARGET_DBFS`.

    Args:
        samples: float32, shape (n,), any level, mono.
        rate_hz: of `samples`.
    Returns:
        int16, shape (m,), mono, same rate; empty when there is no sound at all.
    """
    window = max(1, round(rate_hz * _WINDOW_SECONDS))
    padded = np.pad(samples, (0, -len(samples) % window))
    energy = np.mean(np.square(padded.reshape(-1, window), dtype=np.float64), axis=1)
    if energy.size == 0 or energy.max() < 1e-10:
        return np.zeros(0, np.int16)
    loud = energy > energy.max() / 10 ** (_QUIET_BELOW_LOUDEST_DB / 10)
    where = np.flatnonzero(loud)
    first = max(0, int(where[0]) * window - round(rate_hz * LEAD_SECONDS))
    end = (int(where[-1]) + 1) * window + round(rate_hz * TAIL_SECONDS)
    speech = np.pad(samples[first:end], (0, max(0, end - len(samples))))
    gain = 10 ** (TARGET_DBFS / 20) / np.sqrt(energy[loud].mean())
    gain = min(gain, 10 ** (PEAK_DBFS / 20) / float(np.abs(speech).max()))
    pcm: Pcm16 = np.round(speech * (gain * 32_767)).astype(np.int16)
    return pcm
