"""How many calls at once? Callers who ask Nordlys all the time, more and more of them, and callers who say nothing."""

import asyncio
from typing import Any

import numpy as np

from benchmarks.bench.caller import Caller, on_call
from benchmarks.bench.clips import Clip
from benchmarks.bench.latency import asked
from benchmarks.bench.plan import NORDLYS, Measured, Plan, service, spread
from benchmarks.bench.tracks import SENTENCE_GAP
from benchmarks.served import Served
from telephony.call import Pcm16
from telephony.simulator import PhoneNetwork
from telephony.simulator.playout import RATE_HZ

STEPS = (1, 2, 4, 8, 12, 16, 24, 32)
PASSABLE_MS = 1_000.0
HOPELESS_MS = 2_500.0
SILENT_CALLS = 4
_ANSWER_SECONDS = 12.0
_LINE_NOISE_DBFS = -60.0


async def measure(plan: Plan) -> Measured:
    """Latency, processor and memory at each number of calls, and the cost of a silent call."""
    steps = [step for step in STEPS if step <= plan.calls] if not plan.quick else [min(2, plan.calls)]
    questions = plan.some(6, 2)
    clips = await asked(plan, max(steps) * questions if not plan.quick else 8, "capacity")
    measured = Measured()
    rows = []
    async with service(NORDLYS, plan) as (running, network):
        measured.figures["idle"] = await idle(running, network, plan)
        for step in steps:
            rows.append(await at_once(running, network, clips, step, questions, plan))
            print(f"    {step:3} at once: {rows[-1]['voice_to_voice_ms']}", flush=True)
            if (rows[-1]["voice_to_voice_ms"]["p95"] or np.inf) > HOPELESS_MS:
                break
    passable = [row["calls"] for row in rows if (row["voice_to_voice_ms"]["p95"] or np.inf) <= PASSABLE_MS]
    measured.figures |= {
        "steps": rows,
        "most_calls_with_p95_within_1000_ms": max(passable, default=0),
        "cpu_seconds_per_call_minute": rows[0]["cpu_seconds_per_call_minute"],
        "resident_mb": rows[-1]["resident_mb"],
    }
    measured.notes.append("each caller asks again as soon as the answer is over; the simulator shares the machine")
    return measured


async def at_once(
    running: Served, network: PhoneNetwork, clips: list[Clip], calls: int, questions: int, plan: Plan
) -> dict[str, Any]:
    """So many callers with so many questions each, beginning within three seconds of each other."""
    chance = plan.chance(f"capacity {calls}")

    async def one(number: int, delay: float, pause: float) -> Caller:
        mine = [clips[(number * questions + place) % len(clips)] for place in range(questions)]

        async def talk(caller: Caller) -> None:
            for clip in mine:
                if not await caller.settled() or not await caller.wait(pause):
                    return
                await caller.say(clip)
                await caller.bot_speaks(caller.handset.now, _ANSWER_SECONDS)
            await caller.settled()

        await asyncio.sleep(delay)
        return await on_call(network, talk)

    late: list[float] = []
    watching = asyncio.create_task(_watch(late))
    before = running.cpu_seconds
    plans = [(number, chance.uniform(0, 3), chance.uniform(0.1, 0.9)) for number in range(calls)]
    callers = await asyncio.gather(*(one(*plan_of) for plan_of in plans))
    used, resident = running.cpu_seconds - before, running.resident_mb
    watching.cancel()
    latencies, asked_for, waits = [], 0, 0
    for caller in callers:
        bot = caller.bot_stretches(SENTENCE_GAP)
        for turn in caller.turns:
            asked_for += 1
            waits += caller.asked_to_wait(turn)
            outcome = caller.outcome_of(turn, bot)
            if outcome.latency_ms is not None and not outcome.cut_in:
                latencies.append(outcome.latency_ms)
    minutes = sum(caller.handset.now for caller in callers) / RATE_HZ / 60
    return {
        "calls": calls,
        "voice_to_voice_ms": spread(latencies),
        "asked_to_wait": waits,
        "unanswered": asked_for - len(latencies),
        "cpu_seconds_per_call_minute": round(used / minutes, 2),
        "resident_mb": round(resident),
        "simulator_late_ms": spread(late),
    }


async def _watch(late: list[float]) -> None:
    """How late the simulator's own event loop is: it sends audio, and must not be what is measured."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + 0.02
        await asyncio.sleep(0.02)
        late.append((loop.time() - due) * 1000)


async def idle(running: Served, network: PhoneNetwork, plan: Plan) -> dict[str, float]:
    """What a call costs in which nobody says anything, in percent of a core."""
    noise = line_noise(plan.seed)
    seconds = plan.some(6, 4)
    settled = asyncio.Barrier(SILENT_CALLS + 1)
    before_calls = await _used(running, seconds)

    async def silent(caller: Caller) -> None:
        caller.handset.surround(noise)
        await caller.settled()
        async with asyncio.timeout(30):
            await settled.wait()
            await caller.wait(seconds)

    calls = asyncio.gather(*(on_call(network, silent) for _ in range(SILENT_CALLS)))
    async with asyncio.timeout(60):
        await settled.wait()
    used = await _used(running, seconds - 0.5)
    await calls
    nobody = min(before_calls, await _used(running, seconds))
    return {
        "percent_of_a_core_per_call": round(100 * (used - nobody) / SILENT_CALLS, 2),
        "percent_of_a_core_without_calls": round(100 * nobody, 2),
    }


async def _used(running: Served, seconds: float) -> float:
    """Cores the service uses over some seconds."""
    before = running.cpu_seconds
    await asyncio.sleep(seconds)
    return (running.cpu_seconds - before) / seconds


def line_noise(seed: int) -> Pcm16:
    """What a quiet line sounds like."""
    noise = np.random.default_rng(seed).normal(0, 32768 * 10 ** (_LINE_NOISE_DBFS / 20), 4 * RATE_HZ)
    return np.rint(noise).astype(np.int16)
