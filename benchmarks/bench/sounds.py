"""What can be heard behind a caller: echo, music, babble, noise. int16 at 8 kHz, the same for the same seed."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.bench.clips import CALLER_DBFS, Clip
from telephony.call import Pcm16
from telephony.simulator.playout import RATE_HZ
from telephony.simulator.sound import read_wav

SECONDS = 20
_TALKERS = 6


def white(seed: int) -> Pcm16:
    """Noise of the line, 10 dB below a caller."""
    return _at(np.random.default_rng(seed).normal(0, 1, SECONDS * RATE_HZ), 10)


def music(folder: Path | None, seed: int) -> Pcm16:
    """Music behind the caller, 10 dB below: recorded when there is a folder of it, else chords."""
    recorded = sorted(folder.glob("music_*.wav")) if folder else []
    if recorded:
        return _at(np.concatenate([read_wav(path) for path in recorded]).astype(np.float64), 10)
    dice = random.Random(seed)
    at = np.arange(RATE_HZ) / RATE_HZ
    bars = []
    for _ in range(SECONDS):
        root = 220 * 2 ** (dice.choice((0, 2, 5, 7)) / 12)
        tones = [root * interval for interval in (1, 5 / 4, 3 / 2, 2)]
        bars.append(sum(np.sin(2 * np.pi * tone * at) / rank for rank, tone in enumerate(tones, 1)) * np.exp(-2 * at))
    return _at(np.concatenate(bars), 10)


def babble(clips: Sequence[Clip], seed: int, snr_db: float = 15) -> Pcm16:
    """Six people talking behind the caller."""
    dice = random.Random(seed)
    length = SECONDS * RATE_HZ
    total = np.zeros(length)
    for _ in range(_TALKERS):
        order = dice.sample(list(clips), len(clips))
        talk = np.concatenate([clip.pcm[clip.start : clip.end] for clip in order]).astype(np.float64)
        total += np.roll(np.resize(talk, length), dice.randrange(length))
    return _at(total, snr_db)


def room(folder: Path | None) -> Pcm16 | None:
    """A coffee shop, 15 dB below the caller, when it is among the recordings."""
    recorded = sorted(folder.glob("noise_coffee*.wav")) if folder else []
    return _at(np.concatenate([read_wav(path) for path in recorded]).astype(np.float64), 15) if recorded else None


def _at(sound: npt.NDArray[np.float64], below_db: float) -> Pcm16:
    """A sound so many dB below a caller."""
    rms = float(np.sqrt(np.mean(sound**2)))
    gain = 32768 * 10 ** ((CALLER_DBFS - below_db) / 20) / max(rms, 1e-9)
    scaled: Pcm16 = np.clip(np.rint(sound * gain), -32768, 32767).astype(np.int16)
    return scaled
