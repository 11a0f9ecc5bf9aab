"""What the figures should reach, and whether they do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

PEER_P50_MS, PEER_P95_MS = 1_450.0, 1_770.0
"""Pipecat 1.14, tuned, on this kind of machine with the same Whisper base and Piper, its answer costing nothing."""


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the table.

    Args:
        what: in words.
        part: which measurement has the figure.
        path: where in its figures.
        at_most, at_least: the bound; one of them.
        unit: of the figure.
    """

    what: str
    part: str
    path: tuple[str, ...]
    at_most: float | None = None
    at_least: float | None = None
    unit: str = ""

    def reached(self, figure: float) -> bool:
        """Whether a figure is within the bound."""
        below = self.at_most is None or figure <= self.at_most
        return below and (self.at_least is None or figure >= self.at_least)

    @property
    def bound(self) -> str:
        """The bound in words."""
        return f"≤ {self.at_most:g}" if self.at_most is not None else f"≥ {self.at_least:g}"


TARGETS = (
    Target("voice to voice, p50", "latency", ("voice_to_voice_ms", "p50"), at_most=400, unit="ms"),
    Target("voice to voice, p95", "latency", ("voice_to_voice_ms", "p95"), at_most=900, unit="ms"),
    Target("a quarter of the peer's p50", "latency", ("voice_to_voice_ms", "p50"), at_most=PEER_P50_MS / 4, unit="ms"),
    Target("a quarter of the peer's p95", "latency", ("voice_to_voice_ms", "p95"), at_most=PEER_P95_MS / 4, unit="ms"),
    Target("turns answered twice", "latency", ("answered_twice",), at_most=0),
    Target("missed answers", "latency", ("missed_answers",), at_most=0),
    Target("false cut-ins, free sentences", "cut-ins", ("free_turns", "cut_in_percent"), at_most=8, unit="%"),
    Target("false cut-ins, numbers expected", "cut-ins", ("all_numbers", "cut_in_percent"), at_most=5, unit="%"),
    Target("numbers exact or caught", "cut-ins", ("all_numbers", "caught_percent"), at_least=90, unit="%"),
    Target("barge-in stop, p50", "barge-in", ("interruptions", "stop_ms", "p50"), at_most=200, unit="ms"),
    Target("barge-in stop, p95", "barge-in", ("interruptions", "stop_ms", "p95"), at_most=350, unit="ms"),
    Target("interruptions taken", "barge-in", ("interruptions", "taken_percent"), at_least=95, unit="%"),
    Target(
        "backchannels that stop the bot", "barge-in", ("backchannels", "stopped_for_good_percent"), at_most=10, unit="%"
    ),
    *(
        Target(f"false stops, {kind}", "barge-in", ("noise", kind, "false_stops_per_minute"), at_most=1, unit="/min")
        for kind in ("echo -25 dB", "music 10 dB", "babble 15 dB")
    ),
    Target("WER against padded", "words", ("hybrid_minus_padded_points", "points"), at_most=0.5, unit="points"),
    Target(
        "the same under one second",
        "words",
        ("hybrid_minus_padded_under_1s_points", "points"),
        at_most=0,
        unit="points",
    ),
    Target("times faster than stock, CPU", "words", ("times_faster_than_stock_cpu",), at_least=5),
    Target("calls at once with p95 ≤ 1,000 ms", "capacity", ("most_calls_with_p95_within_1000_ms",), at_least=12),
    Target("a silent call", "capacity", ("idle", "percent_of_a_core_per_call"), at_most=2, unit="% of a core"),
)


def held(parts: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[Target, float]]:
    """The targets for which there is a figure, and the figure."""
    for target in TARGETS:
        figure: Any = parts.get(target.part)
        for step in target.path:
            figure = figure.get(step) if isinstance(figure, Mapping) else None
        if isinstance(figure, int | float):
            yield target, float(figure)
