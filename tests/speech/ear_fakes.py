"""A detector that hears loudness, and callers made of tones and silence."""

import numpy as np

from speech.audio import Pcm16, Samples


class LevelVad:
    """Takes any window louder than -40 dBFS for speech, and one between -50 and -40 for maybe."""

    on = 0.5
    off = 0.35

    def probability(self, window: Samples) -> float:
        rms = float(np.sqrt(np.mean(np.square(window))))
        if rms > 0.01:
            return 0.95
        return 0.4 if rms > 0.00316 else 0.02


def sound(seconds: float, rate_hz: int = 8_000, level: float = 0.2) -> Pcm16:
    """A steady tone in the place of speech: int16, mono."""
    wave = np.sin(2 * np.pi * 600 * np.arange(round(seconds * rate_hz)) / rate_hz)
    return np.rint(wave * level * 32_767).astype(np.int16)


def quiet(seconds: float, rate_hz: int = 8_000) -> Pcm16:
    """Digital silence: int16, mono."""
    return np.zeros(round(seconds * rate_hz), np.int16)
