"""What the operator's Prometheus reads: calls, turns, latency per stage, queue, faults. No caller's word in a label."""

from collections.abc import Iterator
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

STAGE_BUCKETS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0)


class Records(Protocol):
    """`voicebot.records.ledger.Ledger`, as far as it is counted."""

    @property
    def waiting(self) -> int:
        """Entries not written yet."""
        ...

    @property
    def lost(self) -> int:
        """Entries that never will be."""
        ...

    @property
    def trouble(self) -> str | None:
        """What keeps entries from being written."""
        ...


class Promises(Protocol):
    """`voicebot.callbacks.service.Callbacks`, as far as it is counted."""

    @property
    def open(self) -> int:
        """Callbacks and messages that wait."""
        ...

    @property
    def overdue(self) -> int:
        """Those of them that are past their deadline."""
        ...


class _RecordsWatched(Collector):
    """Reads the ledger when the metrics are asked for: the ledger's thread counts nothing for it."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        """The ledger's state now."""
        trouble = int(self._records.trouble is not None)
        yield GaugeMetricFamily("voicebot_records_waiting", "Entries not written yet.", value=self._records.waiting)
        yield GaugeMetricFamily("voicebot_records_trouble", "1 while records cannot be written.", value=trouble)
        yield CounterMetricFamily("voicebot_records_lost", "Entries that were let go.", value=self._records.lost)


class Metrics:
    """One process's metrics in a registry of their own, so that two houses can live in one test."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.calls = Counter(
            "voicebot_calls", "Calls that ended, by line and outcome.", ["line", "outcome"], registry=self.registry
        )
        self.calls_in_progress = Gauge("voicebot_calls_in_progress", "Calls being talked to.", registry=self.registry)
        self.refused = Counter(
            "voicebot_calls_refused", "Calls passed on unanswered, by reason.", ["reason"], registry=self.registry
        )
        self.door_refused = Counter(
            "voicebot_door_refused", "Refused before anybody read it, by reason.", ["reason"], registry=self.registry
        )
        self.turns = Counter("voicebot_turns", "Turns, by the rule that decided.", ["rule"], registry=self.registry)
        self.stage_seconds = Histogram(
            "voicebot_stage_seconds",
            "Time per stage of a turn; total is from the end of speech to the first sound sent.",
            ["stage"],
            buckets=STAGE_BUCKETS,
            registry=self.registry,
        )
        self.interruptions = Counter("voicebot_interruptions", "Replies cut off by a caller.", registry=self.registry)
        self.resumed = Counter(
            "voicebot_resumed", "Replies that went on after a noise had stopped them.", registry=self.registry
        )
        self.rejected = Counter(
            "voicebot_transcripts_rejected", "Utterances without usable words.", ["reason"], registry=self.registry
        )
        self.faults = Counter("voicebot_faults", "Faults in a call, by kind.", ["kind"], registry=self.registry)
        self.recogniser_waiting = Gauge(
            "voicebot_recogniser_waiting", "Utterances waiting for a worker.", registry=self.registry
        )
        self.recogniser_busy = Gauge("voicebot_recogniser_busy", "Workers transcribing.", registry=self.registry)
        self.line_events = Gauge(
            "voicebot_line_events", "Counted on the phone line, by kind.", ["kind"], registry=self.registry
        )
        self.tasks = Gauge(
            "voicebot_tasks", "Asyncio tasks alive; must fall back after each call.", registry=self.registry
        )
        self.phrases_ready = Gauge(
            "voicebot_phrases_ready",
            "1 when everything that can be said verbatim is in the cache.",
            registry=self.registry,
        )
        self.ready = Gauge("voicebot_ready", "1 when calls are answered by the bot.", registry=self.registry)

    def watch_records(self, records: Records) -> None:
        """Tell of the ledger from now on; once."""
        self.registry.register(_RecordsWatched(records))

    def watch_callbacks(self, promises: Promises) -> None:
        """Tell of callbacks from now on; once."""
        Gauge("voicebot_callbacks_open", "Callbacks and messages that wait.", registry=self.registry).set_function(
            lambda: promises.open
        )
        Gauge("voicebot_callbacks_overdue", "Those past their deadline.", registry=self.registry).set_function(
            lambda: promises.overdue
        )
