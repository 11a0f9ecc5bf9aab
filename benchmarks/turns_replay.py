"""Rules tried on traces, through the real `Ear`, on the audio clock: how soon they end a turn, how often too soon."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from benchmarks.ears_path import FRAME_SAMPLES, LINE_HZ
from benchmarks.turns_material import SHARES, Turn
from benchmarks.turns_traces import PROBES_MS, PauseTrace, ReplayVad, TurnTrace, silence_like
from speech.ear import Ear
from speech.endpointing import EndpointSettings, SpeechPaused, SpeechResumed, UtteranceComplete

STILL_TO_COME_MS = 60
"""An end with at least so much of the caller's speech still to come is a cut-in."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to end turns.

    Args:
        name: for the table.
        settings: the times.
        slot: whether the dialog says what it expects.
        text: whether words are known in pauses.
        probes: how many of `PROBES_MS` smart-turn is asked at.
        text_after_ms: from the pause event to its words.
        model_after_ms: from a probe to smart-turn's answer.
    """

    name: str
    settings: EndpointSettings
    slot: bool = False
    text: bool = False
    probes: int = 0
    text_after_ms: int = 110
    model_after_ms: int = 90


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a rule ended one turn.

    Args:
        kind: of the turn.
        cut_in: it ended while the caller had more to say.
        delay_ms: from the true end of speech to the decision; of no meaning for a cut-in.
        reason: what decided.
    """

    kind: str
    cut_in: bool
    delay_ms: float
    reason: str


def replay(rule: Rule, turn: Turn, trace: TurnTrace) -> Outcome:
    """End one turn by one rule."""
    ear = Ear(ReplayVad(trace.windows), LINE_HZ, rule.settings)
    if rule.slot:
        ear.expect(turn.expects, turn.length)
    pauses = {pause.at_ms: pause for pause in trace.pauses}
    due: list[tuple[float, str | float]] = []
    audio = silence_like(turn)
    for start in range(0, len(audio), FRAME_SAMPLES):
        now_ms = ear.received_seconds * 1000
        for _, what in [one for one in due if one[0] <= now_ms]:
            ear.heard_so_far(what) if isinstance(what, str) else ear.turn_probability(what)
        due = [one for one in due if one[0] > now_ms]
        for event in ear.hear(audio[start : start + FRAME_SAMPLES]):
            match event:
                case SpeechPaused(utterance):
                    pause = pauses[round(utterance.speech_end_seconds * 1000)]
                    due = _coming(rule, pause, ear.received_seconds * 1000)
                case SpeechResumed():
                    due = []
                case UtteranceComplete(utterance, reason):
                    now_ms = ear.received_seconds * 1000
                    end_ms = turn.end_seconds * 1000
                    more = any(pause.at_ms > now_ms + STILL_TO_COME_MS for pause in trace.pauses)
                    cut_in = more and now_ms < end_ms - STILL_TO_COME_MS
                    return Outcome(turn.kind, cut_in, now_ms - end_ms, reason)
    return Outcome(turn.kind, False, len(audio) / LINE_HZ * 1000 - turn.end_seconds * 1000, "never")


def _coming(rule: Rule, pause: PauseTrace, now_ms: float) -> list[tuple[float, str | float]]:
    due: list[tuple[float, str | float]] = []
    if rule.text:
        due.append((now_ms + rule.text_after_ms, pause.as_expected if rule.slot else pause.text))
    for probe_ms, probability in list(zip(PROBES_MS, pause.turn_probabilities, strict=True))[: rule.probes]:
        due.append((now_ms + probe_ms - PROBES_MS[0] + rule.model_after_ms, probability))
        if probability >= rule.settings.model_ms[0][0]:
            break
    return due


@dataclass(slots=True)
class Result:
    """A rule over all turns."""

    rule: Rule
    outcomes: list[Outcome] = field(default_factory=list)

    def cut_ins(self, *kinds: str) -> float:
        """Percent of turns cut into, the kinds weighted by `SHARES`."""
        shares = {kind: SHARES[kind] for kind in kinds}
        return _weighted({kind: [one.cut_in for one in self._of(kind)] for kind in kinds}, shares) * 100

    def delays(self, *kinds: str) -> tuple[float, float]:
        """Median and 90th percentile in ms over turns not cut into, the kinds weighted by `SHARES`."""
        values, weights = [], []
        for kind in kinds:
            fine = [one.delay_ms for one in self._of(kind) if not one.cut_in]
            values += fine
            weights += [SHARES[kind] / len(fine)] * len(fine) if fine else []
        order = np.argsort(values)
        sums = np.cumsum(np.array(weights)[order])
        at = [int(np.searchsorted(sums, share * sums[-1])) for share in (0.5, 0.9)]
        return values[order[at[0]]], values[order[at[1]]]

    def _of(self, kind: str) -> list[Outcome]:
        return [one for one in self.outcomes if one.kind == kind]


def _weighted(values: Mapping[str, list[bool]], shares: Mapping[str, int]) -> float:
    total = sum(share for kind, share in shares.items() if values[kind])
    return sum(shares[kind] * sum(flags) / len(flags) for kind, flags in values.items() if flags) / total


def run(rule: Rule, turns: list[Turn], traces: Mapping[str, TurnTrace]) -> Result:
    """Try a rule on all turns."""
    return Result(rule, [replay(rule, turn, traces[turn.name]) for turn in turns])
