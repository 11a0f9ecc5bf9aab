"""How fast the mind decides: `python -m benchmarks.dialog_speed BOT`.

Every example question of the bot, and a few orders, once each; wall time of `respond`, and CPU time beside it, because
other programs may be using the machine.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from dialog import Engine, load_bot
from dialog.events import CallBegan, CallerPressed, CallerSaid, CallerSilent, Event

ORDERS: tuple[Event, ...] = (
    CallerSaid("kan du gjenta det"),
    CallerSaid("let me talk to a person please"),
    CallerSaid("takk"),
    CallerPressed("0"),
    CallerSilent(),
)
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how long building and answering take."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bot", type=Path)
    parser.add_argument("--cache", type=Path, help="folder for embeddings; without it building computes all of them")
    chosen = parser.parse_args(arguments)
    began = time.perf_counter()
    bot = load_bot(chosen.bot)
    loaded = time.perf_counter()
    engine = Engine(bot, chosen.cache)
    built = time.perf_counter()
    print(f"{bot.name}: {len(bot.articles)} articles, read in {loaded - began:.2f} s, built in {built - loaded:.2f} s")
    questions: list[Event] = [
        CallerSaid(question) for article in bot.articles for listed in article.questions.values() for question in listed
    ]
    _measure("questions", engine, questions)
    _measure("orders, keys, silence", engine, list(ORDERS) * 20)
    _measure("40 words", engine, [CallerSaid("og så lurer jeg på når pakken kommer " * 6)] * 10)
    return 0


def _measure(what: str, engine: Engine, events: Sequence[Event]) -> None:
    state, _ = engine.respond(engine.new_state(), CallBegan(), NOW)
    wall, cpu = [], []
    for event in events:
        before, before_cpu = time.perf_counter(), time.thread_time()
        engine.respond(state, event, NOW)
        wall.append((time.perf_counter() - before) * 1000)
        cpu.append((time.thread_time() - before_cpu) * 1000)
    print(f"{what}, n={len(events)}: wall {_spread(wall)}, CPU {_spread(cpu)}")


def _spread(times_ms: list[float]) -> str:
    cuts = statistics.quantiles(times_ms, n=20)
    return f"p50 {statistics.median(times_ms):.1f} ms, p95 {cuts[18]:.1f} ms"


if __name__ == "__main__":
    sys.exit(main())
