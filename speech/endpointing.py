"""Who is speaking now, and has the caller finished: windows in, verdicts out, clocked by samples."""

from dataclasses import dataclass
from enum import Enum
from math import ceil
from typing import TypeAlias

from speech.spoken_digits import count_digits
from speech.transcript import Utterance
from speech.unfinished import is_one_of, sounds_unfinished


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller began to speak.

    Args:
        at_seconds: when, in received audio.
        level_dbfs: how loud the first windows were.
    """

    at_seconds: float
    level_dbfs: float


@dataclass(frozen=True, slots=True)
class SpeechPaused:
    """A first short silence: worth starting to transcribe, not yet worth answering."""

    utterance: Utterance


@dataclass(frozen=True, slots=True)
class SpeechResumed:
    """The caller went on after `SpeechPaused`: whatever was prepared is out of date."""

    at_seconds: float


@dataclass(frozen=True, slots=True)
class UtteranceComplete:
    """The caller is done.

    Args:
        utterance: all of it.
        reason: what decided: "silence", "text" (an unfinished or a complete text moved the end), "cap".
    """

    utterance: Utterance
    reason: str


EarEvent: TypeAlias = SpeechStarted | SpeechPaused | SpeechResumed | UtteranceComplete


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """How long to wait before taking silence for an end. Milliseconds count silence after the last speech.

    Args:
        start_windows: so many speech windows in a row begin an utterance.
        pause_ms: silence after which transcription may start.
        open_ms: silence that ends an answer to an open question.
        yes_no_ms: the same after a yes-or-no question.
        choice_ms: the same after a choice.
        digits_ms: the same when digits are expected and nothing is known of those heard.
        digits_missing_ms: the same when fewer digits were heard than expected.
        answered_ms: the same when the text so far is a whole answer: all digits, one of the choices.
        unfinished_ms: the same when the text so far sounds unfinished.
        cap_seconds: longer utterances are cut at their quietest place.
        lead_ms: audio kept before the first speech, so that no onset is lost.
        trail_ms: audio kept after the last speech.
    """

    start_windows: int = 2
    pause_ms: int = 96
    open_ms: int = 640
    yes_no_ms: int = 448
    choice_ms: int = 448
    digits_ms: int = 1200
    digits_missing_ms: int = 1800
    answered_ms: int = 320
    unfinished_ms: int = 1200
    cap_seconds: float = 20.0
    lead_ms: int = 192
    trail_ms: int = 192


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the dialog expects to hear next.

    Args:
        kind: "open", "yes_no", "choice" or "digits".
        length: how many digits, when known.
        choices: the words that would answer.
    """

    kind: str = "open"
    length: int | None = None
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in ("open", "yes_no", "choice", "digits"):
            raise ValueError(f"unknown expectation {self.kind!r}: open, yes_no, choice or digits")


def patience_ms(settings: EndpointSettings, expectation: Expectation, text: str) -> tuple[int, str]:
    """How much silence ends the utterance, and what decided it.

    Args:
        settings: the times.
        expectation: what the dialog expects.
        text: transcript of the utterance so far, "" when there is none yet.
    Returns:
        milliseconds, and the reason for `UtteranceComplete`.
    """
    if expectation.kind == "digits":
        return _patience_for_digits(settings, expectation.length, text)
    if expectation.kind in ("yes_no", "choice") and is_one_of(text, expectation.choices):
        return settings.answered_ms, "text"
    base = {"yes_no": settings.yes_no_ms, "choice": settings.choice_ms}.get(expectation.kind, settings.open_ms)
    if sounds_unfinished(text):
        return max(base, settings.unfinished_ms), "text"
    return base, "silence"


def _patience_for_digits(settings: EndpointSettings, length: int | None, text: str) -> tuple[int, str]:
    heard = count_digits(text)
    if length is None or heard == 0 or heard > length:
        return settings.digits_ms, "silence"
    return (settings.answered_ms if heard == length else settings.digits_missing_ms), "text"


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
