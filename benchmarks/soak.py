"""Does anything leak or get stuck? Many calls from unlucky callers on a bad network, two at a time.

`python -m benchmarks.soak` starts the service, places calls that hang up, press keys, send garbage and tear
connections at random (seeded), then prints what is left: calls, tasks, memory before and after.
"""

import argparse
import asyncio
import random
from collections import Counter
from pathlib import Path

from benchmarks.caller_voice import caller_voice
from benchmarks.served import Served, machine, served
from telephony.simulator import PhoneNetwork
from telephony.simulator.chaos import chaos_call
from telephony.simulator.network import Speak

QUESTIONS = (
    "How long does delivery take?",
    "Can I return my order?",
    "What are your opening hours?",
    "Do you repair bicycles?",
    "How can I pay?",
)
WARM_UP_CALLS = 10
SETTLE_SECONDS = 12.0
PHRASES_SECONDS = 600.0
QUARTERS = 4


async def place(service: Served, speak: Speak, calls: int, at_once: int, seed: int) -> Counter[str]:
    """Place unlucky calls; returns how they ended."""
    chance = random.Random(seed)
    plans = [chaos_call(chance.randrange(2**31), QUESTIONS, "en") for _ in range(calls)]
    turnstile = asyncio.Semaphore(at_once)
    outcomes: Counter[str] = Counter()

    async def one(number: int) -> None:
        script, mischief = plans[number]
        async with turnstile, PhoneNetwork(service.network, seed=seed + number) as network:
            report, _ = await network.place(script, speak, mischief=mischief, limit_seconds=90.0)
            outcomes[report.outcome.split(":")[0]] += 1
            stuck = [violation for violation in report.violations if "still running" in violation]
            outcomes["STUCK"] += len(stuck)

    await asyncio.gather(*(one(number) for number in range(calls)))
    return outcomes


async def phrases_ready(service: Served) -> None:
    """Wait until the phrase cache is full: what it holds is memory spent on purpose."""
    async with asyncio.timeout(PHRASES_SECONDS):
        while not await service.metric("voicebot_phrases_ready"):  # noqa: ASYNC110 - it is another process that knows
            await asyncio.sleep(1.0)
    await asyncio.sleep(SETTLE_SECONDS)


async def soak(arguments: argparse.Namespace) -> bool:
    """Warm up, look, soak, look again."""
    environ = {"VOICEBOT_IDLE_SECONDS": "8"}
    async with caller_voice() as speak, served(arguments.bot, environ) as service:
        await place(service, speak, WARM_UP_CALLS, arguments.at_once, seed=arguments.seed + 1_000_000)
        await phrases_ready(service)
        tasks_before, memory_before = await service.metric("voicebot_tasks"), service.resident_mb
        outcomes: Counter[str] = Counter()
        memory = [memory_before]
        for quarter in range(QUARTERS):
            seed = arguments.seed + quarter * 100_000
            outcomes += await place(service, speak, arguments.calls // QUARTERS, arguments.at_once, seed)
            await asyncio.sleep(SETTLE_SECONDS)
            memory.append(service.resident_mb)
        tasks = await service.metric("voicebot_tasks")
        left = await service.metric("voicebot_calls_in_progress")
    stuck = outcomes.pop("STUCK", 0)
    print(machine())
    print(f"{arguments.calls} calls, {arguments.at_once} at a time, seed {arguments.seed}, {WARM_UP_CALLS} before")
    for outcome, count in outcomes.most_common():
        print(f"  {count:4} {outcome}")
    print(f"stuck {stuck}, calls left {left:.0f}, tasks {tasks_before:.0f} -> {tasks:.0f}")
    print(f"memory after each quarter: {' -> '.join(f'{megabytes:.0f}' for megabytes in memory)} MB")
    return stuck == 0 and left == 0 and tasks <= tasks_before


def main() -> int:
    """Run the soak."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bot", type=Path, default=Path("bots/nordlys"))
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    return 0 if asyncio.run(soak(parser.parse_args())) else 1


if __name__ == "__main__":
    raise SystemExit(main())
