"""Make every sentence as loud as the last one, and start and end it where the speech does."""

import numpy as np
import numpy.typing as npt

from speech.audio import Pcm16, Samples

TARGET_DBFS = -20.0
"""Loudness of the speech itself (pauses left out): what people on the telephone network send, roughly."""

PEAK_DBFS = -1.0
"""No sample above this: G.711 and resampling filters overshoot a little."""

WINDOW_SECONDS = 0.02
_QUIET_BELOW_LOUDEST_DB = 40.0
"""A window this far below the loudest one is pause, not speech."""

_SOUNDLESS = 1e-10
"""Energy of a loudest window that is no sound at all."""

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
    window, energy = _energy(samples, rate_hz)
    if energy.size == 0 or energy.max() < _SOUNDLESS:
        return np.zeros(0, np.int16)
    loud = _loud(energy)
    where = np.flatnonzero(loud)
    first = max(0, int(where[0]) * window - round(rate_hz * LEAD_SECONDS))
    end = (int(where[-1]) + 1) * window + round(rate_hz * TAIL_SECONDS)
    speech = np.pad(samples[first:end], (0, max(0, end - len(samples))))
    gain = 10 ** (TARGET_DBFS / 20) / np.sqrt(energy[loud].mean())
    gain = min(gain, 10 ** (PEAK_DBFS / 20) / float(np.abs(speech).max()))
    pcm: Pcm16 = np.round(speech * (gain * 32_767)).astype(np.int16)
    return pcm


def speech_dbfs(samples: Samples, rate_hz: int) -> float | None:
    """Loudness of the speech in a recording, pauses left out; None when there is no sound at all.

    Args:
        samples: float32, shape (n,), mono.
        rate_hz: of `samples`.
    """
    _, energy = _energy(samples, rate_hz)
    if energy.size == 0 or energy.max() < _SOUNDLESS:
        return None
    return float(10 * np.log10(energy[_loud(energy)].mean()))


def _energy(samples: Samples, rate_hz: int) -> tuple[int, npt.NDArray[np.float64]]:
    """Samples per window, and the mean square of each."""
    window = max(1, round(rate_hz * WINDOW_SECONDS))
    padded = np.pad(samples, (0, -len(samples) % window))
    return window, np.mean(np.square(padded.reshape(-1, window), dtype=np.float64), axis=1)


def _loud(energy: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    loud: npt.NDArray[np.bool_] = energy > energy.max() / 10 ** (_QUIET_BELOW_LOUDEST_DB / 10)
    return loud
