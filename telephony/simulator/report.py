"""What came of a simulated call: turn by turn, and whether it was as the script wanted it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from telephony.simulator.webhooks import Delivery


@dataclass(slots=True)
class TurnReport:
    """One turn of the caller and the bot's reply.

    Args:
        did: what the caller did, in words.
        line: where it stands in the script.
        began_seconds, ended_seconds: first and last audible sample the caller sent, or when the act happened.
        latency_ms: from the last audible sample sent to the first audible sample the caller heard of the reply;
            negative when the bot began before the caller had ended, None when it said nothing.
        stopped_ms: how long the bot went on speaking after the caller began to interrupt it.
        understood: what the bot says it heard.
        confidence: how sure it was, 0..1.
        stages_ms: the bot's own account of where the time went.
        article, rule: its decision.
        said: what it answered.
        failures: expectations that did not hold, or could not be checked.
    """

    did: str
    line: int
    began_seconds: float
    ended_seconds: float
    latency_ms: float | None = None
    stopped_ms: float | None = None
    understood: str | None = None
    confidence: float | None = None
    stages_ms: Mapping[str, float] = field(default_factory=dict)
    article: str | None = None
    rule: str | None = None
    said: tuple[str, ...] = ()
    failures: list[str] = field(default_factory=list)


@dataclass(slots=True)
class RungReport:
    """A phone that was rung for the caller. Seconds are those of the caller's call; None: it never came to that.

    Args:
        name: whose phone.
        call_sid: the leg's id.
        outcome: how the leg ended, in words.
        rang_seconds: when it began to ring.
        answered_seconds: when it had answered and its first document was there.
        key_seconds: when the last key was pressed.
        brief_ms: for how long something was heard between that key and the room.
        together_seconds: when the two could hear each other.
        heard_by_caller_seconds, hears_caller_seconds: when each first heard the other.
    """

    name: str
    call_sid: str
    outcome: str
    rang_seconds: float | None = None
    answered_seconds: float | None = None
    key_seconds: float | None = None
    brief_ms: float | None = None
    together_seconds: float | None = None
    heard_by_caller_seconds: float | None = None
    hears_caller_seconds: float | None = None


@dataclass(slots=True)
class CallReport:
    """One simulated call.

    Args:
        name: the script's.
        call_sid: the call's id.
        outcome: how it ended, in words.
        turns: one per turn of the script that was reached.
        failures: what the script expected of the whole call in vain, e.g. turns never reached.
        violations: breaches of the network's protocol by the bot.
        warnings: what the network would only warn of.
        notes: what the reader should know, e.g. that there was no feed.
        transferred_to: numbers the caller was passed on to.
        rung: every phone that was rung for the caller.
        connect_to_ringing_ms: from the caller's last sound or key before the first phone rang, to its ringing.
        key_to_bridged_ms: from the key of whoever took the caller until the two could hear each other; the brief is in
            it, see `RungReport.brief_ms`.
        streams: ids of its media streams.
        message_counts: how many media, mark and clear messages the bot sent.
        greeting_ms: from the answer to the first audible sample.
        most_ahead_ms: the most audio the bot had waiting at the network.
        seconds: how long it lasted.
        deliveries: every HTTP request made to the bot.
    """

    name: str
    call_sid: str
    outcome: str
    turns: list[TurnReport]
    failures: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    transferred_to: list[str] = field(default_factory=list)
    rung: list[RungReport] = field(default_factory=list)
    connect_to_ringing_ms: float | None = None
    key_to_bridged_ms: float | None = None
    streams: list[str] = field(default_factory=list)
    message_counts: Mapping[str, int] = field(default_factory=dict)
    greeting_ms: float | None = None
    most_ahead_ms: int = 0
    seconds: float = 0.0
    deliveries: list[Delivery] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every expectation held and the bot kept to the protocol."""
        return not (self.failures or self.violations or any(turn.failures for turn in self.turns))

    @property
    def latencies_ms(self) -> list[float]:
        """The latency of every turn that got a reply."""
        return [turn.latency_ms for turn in self.turns if turn.latency_ms is not None]

    def as_dict(self) -> dict[str, Any]:
        """Everything, ready for JSON."""
        return {**asdict(self), "ok": self.ok, "latency_ms": percentiles(self.latencies_ms)}


def percentiles(values: Sequence[float]) -> dict[str, float | int | None]:
    """Number, median and 95th percentile (nearest rank)."""
    if not values:
        return {"n": 0, "p50": None, "p95": None}
    ordered = sorted(values)
    return {"n": len(ordered), "p50": round(_rank(ordered, 0.50), 1), "p95": round(_rank(ordered, 0.95), 1)}


def _rank(ordered: Sequence[float], share: float) -> float:
    return ordered[max(0, -(-int(share * 100) * len(ordered) // 100) - 1)]


def to_json(reports: Sequence[CallReport]) -> str:
    """Several calls and their latencies together."""
    latencies = [latency for report in reports for latency in report.latencies_ms]
    body = {
        "ok": all(report.ok for report in reports),
        "latency_ms": percentiles(latencies),
        "calls": [report.as_dict() for report in reports],
    }
    return json.dumps(body, ensure_ascii=False, indent=2)
