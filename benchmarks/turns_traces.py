"""What the ears know in every pause of a turn, computed once: words, smart-turn, speech probabilities.

Rules are then tried on the traces, through the real `Ear`, without running a model again.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.ears_path import FRAME_SAMPLES, LINE_HZ
from benchmarks.turns_material import Turn
from speech.audio import MODEL_RATE_HZ, Samples
from speech.ear import Ear
from speech.endpointing import EndpointSettings, SpeechPaused
from speech.resampling import resample, to_samples
from speech.smart_turn import SmartTurn
from speech.transcript import Utterance
from speech.vad import Vad

PROBES_MS = (96, 256, 512)
"""Silences after which smart-turn is asked."""

_DISPUTED_MS = 250

_ENDLESS = EndpointSettings(open_ms=10**9, untranscribed_ms=10**9, wordless_ms=10**9, longest_ms=10**9, cap_seconds=120)


@dataclass(frozen=True, slots=True)
class PauseTrace:
    """One pause.

    Args:
        at_ms: where the speech before it ended.
        text: what the recogniser made of the turn so far; "" when rejected.
        as_expected: the same, told what the dialog expects.
        turn_probabilities: smart-turn's, after each of `PROBES_MS`.
    """

    at_ms: int
    text: str
    as_expected: str
    turn_probabilities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class TurnTrace:
    """One turn: the speech probability of each window, and its pauses."""

    name: str
    windows: tuple[float, ...]
    pauses: tuple[PauseTrace, ...]

    def agrees_with(self, turn: Turn) -> bool:
        """Whether the detector's last speech ends within a quarter of a second of the end by loudness.

        Where it does not, somebody coughed, a door fell shut, or noise covers the last word.
        """
        return bool(self.pauses) and abs(self.pauses[-1].at_ms - turn.end_seconds * 1000) < _DISPUTED_MS


class RecordingVad:
    """Passes a detector's answers on and keeps them."""

    def __init__(self, vad: Vad) -> None:
        self.on, self.off = vad.on, vad.off
        self.answers: list[float] = []
        self._vad = vad

    def probability(self, window: Samples) -> float:
        """See `Vad.probability`."""
        self.answers.append(round(self._vad.probability(window), 4))
        return self.answers[-1]


class ReplayVad:
    """Gives recorded answers."""

    on, off = 0.5, 0.35

    def __init__(self, answers: tuple[float, ...]) -> None:
        self._answers = iter(answers)

    def probability(self, window: Samples) -> float:
        """The next one."""
        return next(self._answers)


Read = Callable[[Utterance, str, str], str]
"""Utterance, language and what is expected to text."""


def trace(turn: Turn, vad: Vad, read: Read, smart_turn: SmartTurn) -> TurnTrace:
    """Run the models over one turn."""
    pcm = turn.pcm
    recording = RecordingVad(vad)
    ear = Ear(recording, LINE_HZ, _ENDLESS)
    whole = resample(to_samples(pcm), LINE_HZ, MODEL_RATE_HZ)
    pauses: list[PauseTrace] = []
    for start in range(0, len(pcm), FRAME_SAMPLES):
        for event in ear.hear(pcm[start : start + FRAME_SAMPLES]):
            if isinstance(event, SpeechPaused):
                pauses.append(_pause(event.utterance, turn, read, smart_turn, whole))
    return TurnTrace(turn.name, tuple(recording.answers), tuple(pauses))


def _pause(utterance: Utterance, turn: Turn, read: Read, smart_turn: SmartTurn, whole: Samples) -> PauseTrace:
    text = read(utterance, turn.language, "open")
    begin, end = utterance.start_seconds, utterance.speech_end_seconds
    until = [round((end + probe / 1000) * MODEL_RATE_HZ) for probe in PROBES_MS]
    return PauseTrace(
        round(end * 1000),
        text,
        read(utterance, turn.language, turn.expects) if turn.expects != "open" else text,
        tuple(round(smart_turn.probability(whole[round(begin * MODEL_RATE_HZ) : last]), 4) for last in until),
    )


def save(traces: list[TurnTrace], path: Path) -> None:
    """Write them as JSON; holds texts."""
    path.write_text(json.dumps([asdict(one) for one in traces], ensure_ascii=False))


def load(path: Path) -> list[TurnTrace]:
    """Read what `save` wrote."""
    return [
        TurnTrace(
            one["name"],
            tuple(one["windows"]),
            tuple(
                PauseTrace(each["at_ms"], each["text"], each["as_expected"], tuple(each["turn_probabilities"]))
                for each in one["pauses"]
            ),
        )
        for one in json.loads(path.read_text())
    ]


def silence_like(turn: Turn) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Quiet audio as long as the turn: for replays, where the recorded detector hears for us."""
    return np.zeros(len(turn.samples), np.int16)
