"""The two kinds of samples, and a piece of audio that knows its rate."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Pcm16: TypeAlias = npt.NDArray[np.int16]
"""Linear PCM as it travels on a line: int16, shape (n,), mono. The rate is said beside it."""

Samples: TypeAlias = npt.NDArray[np.float32]
"""Audio as models want it: float32 in -1..1, shape (n,), mono. The rate is said beside it."""

MODEL_RATE_HZ = 16_000
"""What Whisper, Silero and smart-turn listen at."""


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """Audio of any length that carries its own rate.

    Args:
        pcm: int16, shape (n,), mono.
        rate_hz: samples per second.
    """

    pcm: Pcm16
    rate_hz: int

    @property
    def duration_seconds(self) -> float:
        """How long it takes to play."""
        return len(self.pcm) / self.rate_hz
