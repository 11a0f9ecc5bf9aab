"""The ear of one call: line audio in, `SpeechStarted` to `UtteranceComplete` out."""

from dataclasses import replace

import numpy as np

from speech.audio import MODEL_RATE_HZ, Pcm16, Samples
from speech.endpointing import (
    EarEvent,
    EndpointSettings,
    Expectation,
    PauseSoFar,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    UtteranceComplete,
    patience,
)
from speech.resampling import StreamResampler, to_samples
from speech.speech_tracker import SpeechTracker, Verdict
from speech.transcript import Utterance, VoiceEvidence
from speech.vad import WINDOW_SAMPLES, Vad

_WINDOW_SECONDS = WINDOW_SAMPLES / MODEL_RATE_HZ
# Before anybody has spoken: a caller at the usual level of the telephone network, and a quiet line.
_FIRST_LEVEL_DBFS = -31.0
_FIRST_NOISE_DBFS = -60.0
_SILENCE_DBFS = -96.0


class Ear:
    """Hears one call. Pure, and clocked by the samples it is given; no call to it waits.

    Any way of cutting the same audio into frames gives the same events. Every stretch of two or more speech windows is
    in exactly one utterance, with up to `lead_ms` before and `trail_ms` after it.

    Args:
        vad: a detector of this call's own.
        rate_hz: of the line.
        settings: how long to wait for what.
    """

    def __init__(self, vad: Vad, rate_hz: int, settings: EndpointSettings = EndpointSettings()) -> None:  # noqa: B008
        self._vad = vad
        self._rate_hz = rate_hz
        self._settings = settings
        self._resampler = StreamResampler(rate_hz, MODEL_RATE_HZ)
        self._tracker = SpeechTracker(settings, _WINDOW_SECONDS * 1000, vad.on, vad.off)
        self._lead_windows = round(settings.lead_ms / 1000 / _WINDOW_SECONDS)
        self._trail_windows = round(settings.trail_ms / 1000 / _WINDOW_SECONDS)
        self._rest: Samples = np.zeros(0, np.float32)
        self._kept: list[Samples] = []  # windows from number _kept_from on
        self._levels: list[float] = []  # their levels in dBFS
        self._kept_from = 0
        self._used = 0  # windows before this number are in an utterance that is over
        self._received_samples = 0
        self._expectation = Expectation()
        self._pause = PauseSoFar()
        self._extra_ms = 0.0  # what false ends have taught
        self._level_dbfs = _FIRST_LEVEL_DBFS
        self._noise_dbfs = _FIRST_NOISE_DBFS

    @property
    def received_seconds(self) -> float:
        """The clock of the call: audio received so far."""
        return self._received_samples / self._rate_hz

    @property
    def caller_level_dbfs(self) -> float:
        """How loud this caller speaks, tracked over what they have said; -31 before they have."""
        return self._level_dbfs

    @property
    def noise_dbfs(self) -> float:
        """How loud the line is when nobody speaks."""
        return self._noise_dbfs

    def expect(self, kind: str, length: int | None = None, choices: tuple[str, ...] = ()) -> None:
        """Say what the dialog expects next; holds until the next `expect`.

        Args:
            kind: "open", "yes_no", "choice", "digits", "letters" or "date".
            length: how many digits, or letters and digits together, when known.
            choices: the words that would answer.
        Raises:
            ValueError: another kind.
        """
        self._expectation = Expectation(kind, length, choices)

    def heard_so_far(self, text: str) -> None:
        """Say what the utterance reads up to the pause that lasts; "" when no words were found in it.

        Forgotten when the caller goes on. Out of place, and without effect, while they speak.
        """
        if self._tracker.paused:
            self._pause = replace(self._pause, text=text)

    def turn_probability(self, probability: float) -> None:
        """Say how likely the caller has finished, by smart-turn's judgement of the pause that lasts.

        Forgotten, and without effect out of place, as for `heard_so_far`.

        Args:
            probability: 0..1.
        Raises:
            ValueError: outside that.
        """
        if not 0.0 <= probability <= 1.0:
            raise ValueError(f"a probability is from 0 to 1, got {probability}")
        if self._tracker.paused:
            self._pause = replace(self._pause, turn_probability=probability)

    def settled(self) -> None:
        """Say that the dialog takes the words of the pause that lasts for a whole turn; forgotten as the text is."""
        if self._tracker.paused:
            self._pause = replace(self._pause, settled=True)

    def understood(self) -> None:
        """Say that the dialog has a sure answer to the words of the pause that lasts; forgotten as the text is."""
        if self._tracker.paused:
            self._pause = replace(self._pause, understood=True)

    def false_end(self) -> None:
        """Say that the last end was none: the caller went on right after the bot began. Waits longer from now on."""
        settings = self._settings
        self._extra_ms = min(settings.false_end_cap_ms, self._extra_ms + settings.false_end_ms)

    @property
    def extra_patience_ms(self) -> float:
        """What false ends have added to every wait of this call; it wears off."""
        return self._extra_ms

    def hear(self, pcm: Pcm16) -> list[EarEvent]:
        """Listen to the next frame.

        Args:
            pcm: int16, shape (n,), mono at the line's rate, any length.
        Returns:
            what it changed, in order.
        """
        self._received_samples += len(pcm)
        waiting = np.concatenate([self._rest, self._resampler.feed(to_samples(pcm))])
        whole = len(waiting) - len(waiting) % WINDOW_SAMPLES
        self._rest = waiting[whole:]
        events: list[EarEvent] = []
        for window in waiting[:whole].reshape(-1, WINDOW_SAMPLES):
            events += self._hear_window(window)
        return events

    def _hear_window(self, window: Samples) -> list[EarEvent]:
        self._kept.append(window)
        self._levels.append(level_dbfs(window))
        probability = self._vad.probability(window)
        wait = patience(self._settings, self._expectation, self._pause, self._extra_ms)
        events: list[EarEvent] = []
        for verdict in self._tracker.advance(probability, wait.ms):
            events += self._act_on(verdict, wait.reason)
        self._track_levels(probability)
        self._forget()
        return events

    def _act_on(self, verdict: Verdict, reason: str) -> list[EarEvent]:
        match verdict:
            case Verdict.STARTED:
                return [self._started()]
            case Verdict.PAUSED:
                return [SpeechPaused(self._utterance())]
            case Verdict.RESUMED:
                self._pause = PauseSoFar()
                return [SpeechResumed((self._window + 1 - self._settings.start_windows) * _WINDOW_SECONDS)]
            case Verdict.COMPLETE:
                capped = self._window - self._tracker.first_window + 1 >= self._tracker.cap_windows
                return [self._complete("cap" if capped else reason)]
            case Verdict.CUT:
                complete = self._complete("cap", trail_windows=0)
                self._tracker.restart_behind_cut()
                return [complete, self._started()]

    def _started(self) -> SpeechStarted:
        self._pause = PauseSoFar()
        first = self._tracker.first_window
        return SpeechStarted(first * _WINDOW_SECONDS, _mean_level(self._levels[first - self._kept_from :]))

    def _complete(self, reason: str, trail_windows: int | None = None) -> UtteranceComplete:
        utterance = self._utterance(trail_windows)
        self._used = round(utterance.start_seconds / _WINDOW_SECONDS) + len(utterance.samples) // WINDOW_SAMPLES
        self._pause = PauseSoFar()
        self._extra_ms *= self._settings.false_end_decay
        return UtteranceComplete(utterance, reason)

    def _utterance(self, trail_windows: int | None = None) -> Utterance:
        tracker = self._tracker
        trail = self._trail_windows if trail_windows is None else trail_windows
        start = max(tracker.first_window - self._lead_windows, self._used, 0)
        end = min(tracker.last_window + 1 + trail, self._window + 1)
        return Utterance(
            samples=np.concatenate(self._kept[start - self._kept_from : end - self._kept_from]),
            start_seconds=start * _WINDOW_SECONDS,
            speech_end_seconds=(tracker.last_window + 1) * _WINDOW_SECONDS,
            evidence=self._evidence(),
        )

    def _evidence(self) -> VoiceEvidence:
        first = self._tracker.first_window - self._kept_from
        windows = zip(self._levels[first:], self._tracker.probabilities, strict=False)
        spoken = [(level, probability) for level, probability in windows if probability >= self._vad.on]
        return VoiceEvidence(
            speech_seconds=len(spoken) * _WINDOW_SECONDS,
            mean_probability=sum(probability for _, probability in spoken) / max(1, len(spoken)),
            level_dbfs=_mean_level([level for level, _ in spoken]),
            noise_dbfs=self._noise_dbfs,
        )

    def _track_levels(self, probability: float) -> None:
        level = self._levels[-1]
        if self._tracker.speaking and probability >= self._vad.on:
            self._level_dbfs += 0.05 * (level - self._level_dbfs)
        elif not self._tracker.speaking and probability < self._vad.off:
            self._noise_dbfs += 0.1 * (level - self._noise_dbfs)

    def _forget(self) -> None:
        if self._tracker.speaking:
            return
        spare = len(self._kept) - self._lead_windows - self._settings.start_windows
        if spare > 0:
            del self._kept[:spare], self._levels[:spare]
            self._kept_from += spare

    @property
    def _window(self) -> int:
        """Number of the newest window."""
        return self._kept_from + len(self._kept) - 1


def level_dbfs(samples: Samples) -> float:
    """Mean power relative to a full-scale square wave, in dB; -96 for digital silence."""
    power = float(np.mean(np.square(samples))) if len(samples) else 0.0
    return max(_SILENCE_DBFS, 10.0 * float(np.log10(max(power, 1e-12))))


def _mean_level(levels: list[float]) -> float:
    if not levels:
        return _SILENCE_DBFS
    return 10.0 * float(np.log10(np.mean(np.power(10.0, np.array(levels) / 10.0))))
