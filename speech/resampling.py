"""From the rate of the line to the 16 kHz of the models, and between any two rates.

A live stream needs a filter that answers at once. soxr's streaming mode works in blocks and holds back 60 ms of an
8 kHz call at the median and 115 ms at worst (measured with soxr 1.1.0; only its "QQ" quality is prompt), which is
delay before every answer. `StreamResampler` is a short windowed-sinc filter that holds back 2 ms. Whole recordings
go through soxr, where blocks cost nothing.
"""

from math import gcd
from typing import cast

import numpy as np
import numpy.typing as npt
import soxr

from speech.audio import Pcm16, Samples

# Zero crossings on each side of the filter's centre. 16 give a transition band of about 400 Hz at 8 kHz, above what a
# telephone line carries (300-3400 Hz), with images 80 dB down.
_HALF_WIDTH = 16
_KAISER_BETA = 8.0
# Output comes in blocks of this size, so that each sample is computed by the same arithmetic however the input is
# cut. It divides the VAD's window of 512 samples, so no window waits for half a block.
_BLOCK_SAMPLES = 128


class StreamResampler:
    """Resample a live mono stream with about 2 ms of delay.

    Any way of cutting the input into pieces gives bit-identical output. Output sample k stands for the moment
    k / out_hz of the input: the filter is centred, and the first samples lean on silence before the call.

    Args:
        in_hz: samples per second of what comes in.
        out_hz: samples per second of what goes out.
    """

    def __init__(self, in_hz: int, out_hz: int) -> None:
        if in_hz <= 0 or out_hz <= 0:
            raise ValueError(f"sample rates must be positive, got {in_hz} and {out_hz}")
        common = gcd(in_hz, out_hz)
        self._up, self._down = out_hz // common, in_hz // common
        self._taps = _phase_filters(self._up, self._down)
        self._reach = self._taps.shape[1] // 2
        self._held: Samples = np.zeros(self._reach, np.float32)
        self._held_from = -self._reach  # input position of the first held sample
        self._made = 0

    def feed(self, samples: Samples) -> Samples:
        """Take the next piece of input and give all output that is certain by now.

        Args:
            samples: float32, shape (n,), mono at `in_hz`, any length.
        Returns:
            float32, shape (m,), mono at `out_hz`; m is a multiple of 128 (or n when the rates are equal).
        """
        if self._up == self._down:
            return samples
        self._held = np.concatenate([self._held, samples])
        blocks = []
        while (block := self._next_block()) is not None:
            blocks.append(block)
        self._forget()
        return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)

    def _next_block(self) -> Samples | None:
        positions = np.arange(self._made, self._made + _BLOCK_SAMPLES, dtype=np.int64) * self._down
        centres = positions // self._up
        last_needed = int(centres[-1]) + self._reach
        if last_needed >= self._held_from + len(self._held):
            return None
        offsets = np.arange(1 - self._reach, self._reach + 1)
        windows = self._held[(centres - self._held_from)[:, None] + offsets]
        self._made += _BLOCK_SAMPLES
        return cast(Samples, (windows * self._taps[positions % self._up]).sum(axis=1, dtype=np.float32))

    def _forget(self) -> None:
        first_needed = self._made * self._down // self._up + 1 - self._reach
        if first_needed > self._held_from:
            self._held = self._held[first_needed - self._held_from :]
            self._held_from = first_needed


def _phase_filters(up: int, down: int) -> npt.NDArray[np.float32]:
    """The windowed sinc, one row per phase: shape (up, taps), each row summing to 1."""
    cutoff = min(1.0, up / down)
    reach = int(np.ceil(_HALF_WIDTH / cutoff))
    offsets = np.arange(1 - reach, reach + 1)
    distances = offsets[None, :] - (np.arange(up) / up)[:, None]
    shape = np.sinc(distances * cutoff) * np.i0(
        _KAISER_BETA * np.sqrt(np.clip(1.0 - (distances / reach) ** 2, 0.0, 1.0))
    )
    return cast(npt.NDArray[np.float32], (shape / shape.sum(axis=1, keepdims=True)).astype(np.float32))


def resample(samples: Samples, in_hz: int, out_hz: int) -> Samples:
    """Resample a whole recording.

    Args:
        samples: float32, shape (n,), mono at `in_hz`.
        in_hz: its rate.
        out_hz: the wanted rate.
    Returns:
        float32, shape (about n * out_hz / in_hz,), mono.
    """
    if in_hz == out_hz:
        return samples
    return cast(Samples, soxr.resample(samples, in_hz, out_hz, quality="HQ"))


def to_samples(pcm: Pcm16) -> Samples:
    """int16 of a line as float32 in -1..1, shape unchanged."""
    return cast(Samples, pcm.astype(np.float32) / 32768.0)


def to_pcm16(samples: Samples) -> Pcm16:
    """float32 in -1..1 as int16, shape unchanged; louder values are clipped."""
    return cast(Pcm16, np.clip(np.rint(samples * 32768.0), -32768, 32767).astype(np.int16))
