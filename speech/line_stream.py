"""A voice's stream on its way to the line: levelled, trimmed and resampled without looking at the whole sentence."""

from collections import deque

import numpy as np

from speech.audio import Pcm16, Samples
from speech.loudness import LEAD_SECONDS, PEAK_DBFS, TAIL_SECONDS, WINDOW_SECONDS
from speech.resampling import StreamResampler, to_pcm16

_QUIET_DBFS = -52.0
"""A window below this is pause: `level` puts the border 40 dB below a sentence's loudest window, which is at about
-12 dBFS when the speech is at -20."""

_KNEE_DBFS = -5.0
"""Peaks above this are rounded off towards `PEAK_DBFS`. With the voice's own gain it is one sample in a thousand."""

_FLUSH_SECONDS = 0.03
"""Silence that pushes the last sample through the resampler: one of its blocks (16 ms at 8 kHz) and its reach."""


class LineStream:
    """One sentence, piece by piece, as `loudness.level` and a resampler would make it whole.

    The gain is the same from the first sample to the last, so nothing pumps; peaks are rounded sample by sample, so
    there is no edge to click. Any way of cutting the input into pieces gives the same samples.

    Args:
        in_hz: rate of the voice.
        line_hz: rate of the line.
        gain: brings the voice to its level.
    """

    def __init__(self, in_hz: int, line_hz: int, gain: float) -> None:
        self._resampler = StreamResampler(in_hz, line_hz)
        self._in_hz, self._line_hz = in_hz, line_hz
        self._gain = np.float32(gain)
        self._window = max(1, round(in_hz * WINDOW_SECONDS))
        self._tail_windows = round(TAIL_SECONDS / WINDOW_SECONDS)
        self._rest = np.zeros(0, np.float32)
        self._lead: deque[Samples] = deque(maxlen=round(LEAD_SECONDS / WINDOW_SECONDS))
        self._pause: list[Samples] = []
        self._begun = False
        self._went_in = 0
        self._came_out = 0

    @property
    def silent(self) -> bool:
        """Whether nothing louder than a pause has come yet."""
        return not self._begun

    def feed(self, piece: Samples) -> Pcm16:
        """Take a piece of the voice.

        Args:
            piece: float32, shape (n,), mono, at the voice's rate and level.
        Returns:
            int16, shape (m,), mono, at the line's rate: what is certain by now. A pause longer than a sentence's last
            breath is held back until speech follows it.
        """
        samples = np.concatenate([self._rest, piece * self._gain])
        whole = len(samples) - len(samples) % self._window
        self._rest = samples[whole:]
        return self._to_line(
            [part for window in samples[:whole].reshape(-1, self._window) for part in self._pass(window)]
        )

    def end(self) -> Pcm16:
        """What is left, with the breath after the sentence; nothing when it was silent throughout."""
        parts = self._pass(np.pad(self._rest, (0, self._window - len(self._rest)))) if len(self._rest) else []
        if self.silent:
            return np.zeros(0, np.int16)
        breath = self._tail_windows - min(len(self._pause), self._tail_windows)
        parts += [np.zeros(self._window, np.float32)] * breath
        last = self._to_line(parts)
        missing = round(self._went_in * self._line_hz / self._in_hz) - self._came_out
        if missing <= 0:
            return last
        silence = np.zeros(round(self._in_hz * (missing / self._line_hz + _FLUSH_SECONDS)), np.float32)
        return np.concatenate([last, to_pcm16(self._resampler.feed(silence))[:missing]])

    def _pass(self, window: Samples) -> list[Samples]:
        """The windows that are certain to be heard, now that this one is known."""
        if np.mean(np.square(window, dtype=np.float64)) < 10 ** (_QUIET_DBFS / 10):
            if not self._begun:
                self._lead.append(window)
                return []
            self._pause.append(window)
            return [window] if len(self._pause) <= self._tail_windows else []
        held = [*self._lead, *self._pause[self._tail_windows :], window]
        self._begun = True
        self._lead.clear()
        self._pause.clear()
        return held

    def _to_line(self, parts: list[Samples]) -> Pcm16:
        if not parts:
            return np.zeros(0, np.int16)
        speech = _rounded_peaks(np.concatenate(parts))
        pcm = to_pcm16(self._resampler.feed(speech))
        self._went_in += len(speech)
        self._came_out += len(pcm)
        return pcm


def _rounded_peaks(samples: Samples) -> Samples:
    knee, peak = 10 ** (_KNEE_DBFS / 20), 10 ** (PEAK_DBFS / 20)
    size = np.abs(samples)
    over = size > knee
    if not over.any():
        return samples
    rounded = samples.copy()
    rounded[over] = np.sign(samples[over]) * (knee + (peak - knee) * np.tanh((size[over] - knee) / (peak - knee)))
    return rounded
