"""Runs the measurements that were asked for, and tells what came of them."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.bench import barge_in, capacity, cut_ins, latency, words
from benchmarks.bench.plan import Measured, Plan, load
from benchmarks.bench.plot import picture
from benchmarks.bench.targets import held
from benchmarks.caller_voice import caller_voice
from benchmarks.served import machine

_LONG = ("voice_to_voice_all_ms", "latency_all_ms", "stop_all_ms")


@dataclass(frozen=True, slots=True)
class Part:
    """One measurement.

    Args:
        measure: does it.
        minutes, quick_minutes: how long it takes, roughly.
    """

    measure: Callable[[Plan], Awaitable[Measured]]
    minutes: float
    quick_minutes: float


PARTS: Mapping[str, Part] = {
    "latency": Part(latency.measure, 12, 1.0),
    "cut-ins": Part(cut_ins.measure, 27, 1.6),
    "barge-in": Part(barge_in.measure, 18, 2.2),
    "words": Part(words.measure, 12, 0.7),
    "capacity": Part(capacity.measure, 9, 1.1),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line; see `voicebot bench --help`."""

    only: tuple[str, ...] = ()
    data: Path | None = None
    prompts: Path = Path("/")
    calls: int = 16
    seed: int = 7
    quick: bool = False
    json: Path | None = None
    svg: Path | None = None


def main(wanted: Wanted) -> int:
    """Measure, print, write; 0 when every figure that has a target reached it."""
    names = wanted.only or tuple(PARTS)
    quick = sum(PARTS[name].quick_minutes for name in names) / min(2, len(names))
    estimate = quick if wanted.quick else sum(PARTS[name].minutes for name in names)
    print(machine())
    print(f"{', '.join(names)}: about {estimate:.0f} minutes, seed {wanted.seed}")
    parts = asyncio.run(measure(wanted, names))
    reached = summarise(parts)
    report = {"machine": machine(), "seed": wanted.seed, "quick": wanted.quick, "parts": parts}
    if wanted.json is not None:
        wanted.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if wanted.svg is not None:
        wanted.svg.write_text(picture(parts, f"{machine()}, seed {wanted.seed}"), encoding="utf-8")
    return 0 if reached else 1


async def measure(wanted: Wanted, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The figures of each part, with how long it took and how busy the machine was."""
    async with caller_voice(("en", "nb")) as speak:
        plan = Plan(speak, wanted.data, wanted.prompts, wanted.calls, wanted.quick, wanted.seed)
        if wanted.quick and len(names) > 1:
            print("quick: two parts at a time. This shows that everything works; the figures say little.")
            lanes = asyncio.Semaphore(2)

            async def in_lane(name: str) -> dict[str, Any]:
                async with lanes:
                    return await one(name, plan)

            longest_first = sorted(names, key=lambda name: -PARTS[name].quick_minutes)
            return dict(zip(longest_first, await asyncio.gather(*map(in_lane, longest_first)), strict=True))
        return {name: await one(name, plan) for name in names}


async def one(name: str, plan: Plan) -> dict[str, Any]:
    """The figures of one part."""
    before, began = load(), time.monotonic()
    print(f"{name} ...", flush=True)
    found = await PARTS[name].measure(plan)
    found.notes.append(f"took {time.monotonic() - began:.0f} s; load {before} before, {load()} after")
    figures = {**found.figures, "notes": found.notes}
    print(f"\n{name}")
    show(figures)
    return figures


def show(figures: Mapping[str, Any], indent: int = 2) -> None:
    """Print figures, a line each, tables in the rows of their own."""
    for name, value in figures.items():
        if name in _LONG:
            continue
        if name == "notes":
            for note in value:
                print(f"{' ' * indent}({note})")
        elif isinstance(value, Mapping) and not any(isinstance(inner, Mapping | list) for inner in value.values()):
            print(f"{' ' * indent}{name:34} {'  '.join(f'{key} {inner}' for key, inner in value.items())}")
        elif isinstance(value, Mapping):
            print(f"{' ' * indent}{name}")
            show(value, indent + 2)
        elif isinstance(value, list):
            print(f"{' ' * indent}{name}")
            for row in value:
                print(f"{' ' * (indent + 2)}{row}")
        else:
            print(f"{' ' * indent}{name:34} {value}")


def summarise(parts: Mapping[str, Mapping[str, Any]]) -> bool:
    """Print every target that was measured; True when all were reached."""
    print(f"\n{'target':38} {'bound':>10} {'measured':>10}")
    all_reached = True
    for target, figure in held(parts):
        reached = target.reached(figure)
        all_reached &= reached
        print(f"{target.what:38} {target.bound:>10} {figure:>10g} {target.unit:12}{'' if reached else ' NOT REACHED'}")
    return all_reached
