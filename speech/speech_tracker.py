"""Speech, pauses and ends from one speech probability per window: the bookkeeping under `speech.ear`."""

from enum import Enum
from math import ceil

from speech.endpointing import EndpointSettings


class Verdict(Enum):
    """What one more window changed."""

    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    COMPLETE = "complete"
    CUT = "cut"


class SpeechTracker:
    """Speech, pauses and ends from one speech probability per window. Holds no audio.

    Window numbers count from the first window of the call. After each `advance`, `first_window` and `last_window` bound
    the speech of the current (or just completed) utterance, both inclusive.

    Args:
        settings: thresholds in time.
        window_ms: length of a window.
        on: from this probability on, a window is speech.
        off: below this probability, a window is silence.
    """

    def __init__(self, settings: EndpointSettings, window_ms: float, on: float, off: float) -> None:
        self._on, self._off = on, off
        self._start_windows = settings.start_windows
        self._pause_windows = max(1, ceil(settings.pause_ms / window_ms))
        self.cap_windows = ceil(settings.cap_seconds * 1000 / window_ms)
        self._cut_search = max(1, self.cap_windows // 10)
        self._window_ms = window_ms
        self._probabilities: list[float] = []  # of the current utterance, from first_window on
        self._run = 0  # speech windows in a row
        self._window = -1
        self.speaking = False
        self.paused = False
        self.first_window = 0
        self.last_window = -1

    def advance(self, probability: float, patience: float) -> list[Verdict]:
        """Take the next window.

        Args:
            probability: 0..1, of speech in it.
            patience: milliseconds of silence that end the utterance, as of now.
        Returns:
            what changed, in order; CUT means: completed at `last_window` and the next one began right behind it.
        """
        self._window += 1
        self._run = self._run + 1 if probability >= self._on else 0
        if not self.speaking:
            return self._wait_for_speech(probability)
        self._probabilities.append(probability)
        verdicts = self._follow(probability, patience)
        if self.speaking and self._window - self.first_window + 1 >= self.cap_windows:
            verdicts.append(self._cap())
        return verdicts

    def restart_behind_cut(self) -> None:
        """After a CUT, go on with the rest of the speech as the next utterance."""
        kept = self._window - self.last_window
        self.first_window = self.last_window + 1
        self._probabilities = self._probabilities[len(self._probabilities) - kept :]
        self.last_window = self._window
        self.speaking = True

    @property
    def probabilities(self) -> list[float]:
        """Of the windows from `first_window` to `last_window`."""
        return self._probabilities[: self.last_window - self.first_window + 1]

    def _wait_for_speech(self, probability: float) -> list[Verdict]:
        self._probabilities = [*self._probabilities, probability][-self._start_windows :] if self._run else []
        if self._run < self._start_windows:
            return []
        self.first_window = self._window - self._start_windows + 1
        self.last_window = self._window
        self.speaking, self.paused = True, False
        return [Verdict.STARTED]

    def _follow(self, probability: float, patience: float) -> list[Verdict]:
        if self.paused:
            return self._wait_for_more(patience)
        silent_before = self._window - self.last_window - 1
        if probability >= self._on or (probability >= self._off and silent_before == 0):
            self.last_window = self._window
        elif self._window - self.last_window >= self._pause_windows:
            self.paused = True
            return [Verdict.PAUSED]
        return []

    def _wait_for_more(self, patience: float) -> list[Verdict]:
        if self._run >= self._start_windows:
            self.paused = False
            self.last_window = self._window
            return [Verdict.RESUMED]
        silence_ms = (self._window - self.last_window) * self._window_ms
        if self._run or silence_ms < patience:  # the first window of a possible resumption is let through
            return []
        self.speaking = self.paused = False
        return [Verdict.COMPLETE]

    def _cap(self) -> Verdict:
        self.speaking = False
        if self._window > self.last_window:
            self.paused = False
            return Verdict.COMPLETE
        # The rest must be long enough to count as speech of its own.
        behind = self._start_windows
        recent = self._probabilities[-self._cut_search - behind : -behind]
        quietest = min(range(len(recent)), key=recent.__getitem__)
        self.last_window = self._window - behind - (len(recent) - 1 - quietest)
        return Verdict.CUT
