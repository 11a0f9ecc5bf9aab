"""Taking our own voice out of the microphone, on a machine with a loudspeaker: 16 kHz, 20 ms frames, no I/O.

Three stages. `DelayFinder` learns how much later the microphone hears what was played (sound cards and sound servers
buffer for tens to hundreds of milliseconds). An adaptive filter in the frequency domain, in blocks of one frame, learns
the room and subtracts what it predicts: a background filter always learns, and the foreground filter, whose output is
used, takes over its weights only while they are clearly better, so that a caller who speaks at the same time does not
spoil what was learned (two-path adaptation: Ochiai, Araseki and Ogihara, 1977). What remains is turned down bin by bin
where it looks like the prediction.

It cannot follow a loudspeaker that distorts, two sound cards whose clocks drift apart, or a room that changes while
somebody carries the laptop about; `erle_db` tells how well it does, and a headset is always better.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from telephony.call import Pcm16

RATE_HZ: Final = 16_000
FRAME: Final = RATE_HZ // 50
"""Samples per frame: 20 ms."""
PARTITIONS: Final = 10
"""Frames of room the filter covers behind the delay: 200 ms."""
MOST_DELAY: Final = RATE_HZ // 2
"""The longest delay looked for: half a second."""

_STEP: Final = 0.8
_QUIET: Final = 30.0**2 * FRAME  # energy of a frame below which the loudspeaker counts as silent (-61 dBFS)
_LEAST_POWER: Final = 1e5  # keeps bins without any voice from learning noise
_BETTER, _BETTER_FRAMES = 0.75, 2  # background energy / foreground energy, and for how long, before it takes over
_WORSE: Final = 2.0
_HEAD_START: Final = RATE_HZ // 100  # filter begins 10 ms before the found delay: a peak is not the first arrival
_NEAR: Final = RATE_HZ // 250  # two delays within 4 ms are the same
_FLOOR: Final = 10 ** (-26 / 20)

_Real = npt.NDArray[np.float64]
_Complex = npt.NDArray[np.complex128]


class DelayFinder:
    """Finds how many samples later one signal appears in another, by generalised cross-correlation (PHAT).

    Knapp and Carter, 1976: whitening the spectra makes the peak narrow whatever the voice's own rhythm is.
    Cross-spectra are averaged over about a second of played sound; the first delay is believed when two looks in a
    row agree, another one only when it is much clearer.
    """

    _LOOK: Final = 8192
    _EVERY: Final = 16  # frames of played sound between two looks: 320 ms

    def __init__(self) -> None:
        self._played = np.zeros(2 * self._LOOK)
        self._heard = np.zeros(self._LOOK)
        self._cross: _Complex | None = None
        self._active = 0
        self._last: int | None = None
        self._agreed = 0
        self.delay_samples: int | None = None

    def add(self, heard: _Real, played: _Real) -> bool:
        """Take in one frame of each; True when `delay_samples` has changed by more than 2 ms."""
        self._played = np.concatenate([self._played[FRAME:], played])
        self._heard = np.concatenate([self._heard[FRAME:], heard])
        if float(played @ played) > _QUIET:
            self._active += 1
        if self._active < self._EVERY:
            return False
        self._active = 0
        return self._look()

    def _look(self) -> bool:
        size = 2 * self._LOOK  # the longest lag is shorter than what the padding keeps from wrapping around
        played = np.fft.rfft(self._played)
        heard = np.fft.rfft(np.concatenate([np.zeros(size - self._LOOK), self._heard]), size)
        cross = heard * np.conj(played)
        self._cross = cross if self._cross is None else 0.7 * self._cross + 0.3 * cross
        # Whitened not quite fully: bins without voice hold only noise, and should not all weigh the same.
        whitened = self._cross / (np.abs(self._cross) ** 0.8 + 1e-9)
        lags = np.abs(np.fft.irfft(whitened, size))[:MOST_DELAY]
        return self._believe(int(np.argmax(lags)), lags)

    def _believe(self, peak: int, lags: _Real) -> bool:
        sure = lags[peak] > 10 * np.median(lags)
        self._agreed = self._agreed + 1 if sure and self._last is not None and abs(peak - self._last) <= _NEAR else 0
        self._last = peak if sure else None
        if self._agreed < (1 if self.delay_samples is None else 3):
            return False
        if self.delay_samples is not None:
            # A room has many echoes and moving costs what was learned: move only for a much clearer one.
            here = lags[max(0, self.delay_samples - _NEAR) : self.delay_samples + _NEAR].max()
            if abs(peak - self.delay_samples) <= _NEAR or lags[peak] < 2 * here:
                return False
        self.delay_samples = peak
        return True


class _Filter:
    """The two-path adaptive filter: predicts a frame of echo from the frames played before it."""

    def __init__(self) -> None:
        bins = FRAME + 1
        self._spectra: _Complex = np.zeros((PARTITIONS, bins), dtype=np.complex128)
        self._foreground: _Complex = np.zeros_like(self._spectra)
        self._background: _Complex = np.zeros_like(self._spectra)
        self._power = np.zeros(bins)
        self._previous = np.zeros(FRAME)
        self._energy = np.array([1.0, 1.0])  # smoothed error of foreground and background
        self._better = 0

    def predict(self, heard: _Real, played: _Real) -> _Real:
        """The echo expected in `heard`, learning from it at the same time."""
        block = np.concatenate([self._previous, played])
        self._previous = played
        spectrum = np.fft.rfft(block)
        self._spectra = np.roll(self._spectra, 1, axis=0)
        self._spectra[0] = spectrum
        power = np.sum(np.abs(self._spectra) ** 2, axis=0)
        self._power = np.maximum(power, 0.9 * self._power)
        echo = self._output(self._foreground)
        background_error = heard - self._output(self._background)
        if float(block @ block) > 2 * _QUIET:
            self._learn(background_error)
            self._compare(heard, heard - echo, background_error)
        return echo

    def _output(self, weights: _Complex) -> _Real:
        return np.fft.irfft(np.sum(weights * self._spectra, axis=0))[FRAME:]

    def _learn(self, error: _Real) -> None:
        spectrum = np.fft.rfft(np.concatenate([np.zeros(FRAME), error]))
        step = _STEP / (self._power + _LEAST_POWER)
        change = np.fft.irfft(step * np.conj(self._spectra) * spectrum, axis=1)
        change[:, FRAME:] = 0  # a partition covers one frame; the rest is the circle closing on itself
        self._background = self._background + np.fft.rfft(change, axis=1)

    def _compare(self, heard: _Real, foreground_error: _Real, background_error: _Real) -> None:
        now = np.array([foreground_error @ foreground_error, background_error @ background_error])
        self._energy = 0.8 * self._energy + 0.2 * now
        foreground, background = self._energy
        self._better = self._better + 1 if background < _BETTER * foreground else 0
        if self._better >= _BETTER_FRAMES:
            self._foreground = self._background.copy()
            self._energy[0] = background
            self._better = 0
        elif background > _WORSE * foreground:
            self._background = self._foreground.copy()
            self._energy[1] = foreground
        if foreground > 2 * float(heard @ heard) + _QUIET and now[0] > 2 * float(heard @ heard):
            # It adds more than it takes away: the room it learned is not this one.
            self._foreground = np.zeros_like(self._foreground)


class _Suppressor:
    """Turns down what still looks like the echo, bin by bin; delays by one frame."""

    def __init__(self) -> None:
        bins = FRAME + 1
        self._window = np.sqrt(np.hanning(2 * FRAME + 1)[:-1])
        self._rest = np.zeros(FRAME)
        self._echo = np.zeros(FRAME)
        self._tail = np.zeros(FRAME)
        self._leak = np.full(bins, 0.5)
        self._echo_power = np.zeros(bins)
        self._rest_power = np.zeros(bins)

    def clean(self, rest: _Real, echo: _Real) -> _Real:
        """One frame, 20 ms after it was given.

        Args:
            rest: the microphone without the predicted echo.
            echo: the predicted echo.
        """
        spectrum = np.fft.rfft(self._window * np.concatenate([self._rest, rest]))
        predicted = np.abs(np.fft.rfft(self._window * np.concatenate([self._echo, echo]))) ** 2
        self._rest, self._echo = rest, echo
        # The room rings on for a while after what the filter covers.
        self._echo_power = np.maximum(predicted, 0.6 * self._echo_power)
        power = np.abs(spectrum) ** 2
        self._rest_power = 0.5 * self._rest_power + 0.5 * power
        self._track(predicted)
        left = 4.0 * self._leak * self._echo_power
        gain = np.maximum(1 - left / (self._rest_power + 1.0), _FLOOR)
        whole = self._window * np.fft.irfft(gain * spectrum)
        out = self._tail + whole[:FRAME]
        self._tail = whole[FRAME:]
        return out

    def _track(self, predicted: _Real) -> None:
        """How much of the prediction stays behind: follows its lowest values, because a caller only adds to it."""
        heard = predicted > 100.0 * FRAME
        ratio = np.minimum(self._rest_power / (self._echo_power + 1.0), 1.0)
        down, up = 0.3, 0.004
        rate = np.where(ratio < self._leak, down, up)
        self._leak = np.where(heard, self._leak + rate * (ratio - self._leak), self._leak)


class EchoCanceller:
    """Takes what is played out of what is heard, frame by frame. The result is 20 ms late."""

    def __init__(self) -> None:
        self._finder = DelayFinder()
        self._filter = _Filter()
        self._suppressor = _Suppressor()
        self._history = np.zeros(MOST_DELAY + FRAME)
        self._heard_energy = 0.0
        self._left_energy = 0.0
        self.echo_seconds = 0.0
        """How long the loudspeaker has been heard to play."""

    @property
    def delay_seconds(self) -> float | None:
        """How much later the microphone hears the loudspeaker; None until it is known."""
        found = self._finder.delay_samples
        return None if found is None else found / RATE_HZ

    @property
    def erle_db(self) -> float:
        """Echo return loss enhancement while the loudspeaker plays, over the last seconds: how much quieter the
        microphone has become. Too low while the caller speaks at the same time."""
        return 10 * float(np.log10((self._heard_energy + 1.0) / (self._left_energy + 1.0)))

    def process(self, heard: Pcm16, played: Pcm16) -> Pcm16:
        """Clean one frame.

        Args:
            heard: int16, shape (320,), 16 kHz, mono: from the microphone.
            played: int16, shape (320,): what went to the loudspeaker at the same time.
        Returns:
            int16, shape (320,): the frame before this one, without echo.
        """
        near, far = heard.astype(np.float64), played.astype(np.float64)
        if self._finder.add(near, far):
            self._filter = _Filter()
        self._history = np.concatenate([self._history[FRAME:], far])
        delay = max(0, (self._finder.delay_samples or 0) - _HEAD_START)
        end = len(self._history) - min(delay, MOST_DELAY)
        echo = self._filter.predict(near, self._history[end - FRAME : end])
        clean = self._suppressor.clean(near - echo, echo)
        self._measure(near, clean, echo)
        return np.clip(np.rint(clean), -32768, 32767).astype(np.int16)

    def _measure(self, heard: _Real, clean: _Real, echo: _Real) -> None:
        if float(echo @ echo) < _QUIET:
            return
        self.echo_seconds += FRAME / RATE_HZ
        self._heard_energy = 0.98 * self._heard_energy + 0.02 * float(heard @ heard)
        self._left_energy = 0.98 * self._left_energy + 0.02 * float(clean @ clean)
