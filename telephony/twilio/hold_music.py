"""The music that people wait with: made here, so that nobody's rights and no other company's server are in it."""

from functools import lru_cache

import numpy as np

from telephony.call import Pcm16
from telephony.g711 import RATE_HZ

_BEAT_SECONDS = 0.5
_LEVEL = 3_000.0
# Four soft chords, their notes one after the other: A minor seventh, D minor seventh, G, C.
_CHORDS = (
    (220.00, 261.63, 329.63, 392.00),
    (146.83, 220.00, 261.63, 349.23),
    (196.00, 246.94, 293.66, 392.00),
    (130.81, 196.00, 261.63, 329.63),
)


@lru_cache(maxsize=1)
def hold_music() -> Pcm16:
    """Eight seconds of quiet plucked notes that can be repeated: int16, 8 kHz mono."""
    notes = [note for chord in _CHORDS for note in chord]
    track = np.zeros(int(len(notes) * _BEAT_SECONDS * RATE_HZ), dtype=np.float64)
    ring = int(3 * _BEAT_SECONDS * RATE_HZ)
    times = np.arange(ring) / RATE_HZ
    for place, hz in enumerate(notes):
        sound = np.sin(2 * np.pi * hz * times) + 0.3 * np.sin(4 * np.pi * hz * times)
        sound *= np.exp(-3.0 * times) * np.minimum(1.0, times / 0.01)
        at = (int(place * _BEAT_SECONDS * RATE_HZ) + np.arange(ring)) % len(track)
        track[at] += sound
    return np.clip(track * _LEVEL, -32768, 32767).astype(np.int16)
