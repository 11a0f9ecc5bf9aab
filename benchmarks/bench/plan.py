"""What every measurement is given, and what it gives back."""

import os
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.served import Served, served
from telephony.simulator import PhoneNetwork
from telephony.simulator.network import Speak

ROOT = Path(__file__).parents[2]
NORDLYS = ROOT / "bots" / "nordlys"
BRIEF = ROOT / "benchmarks" / "bots" / "brief"
LENGTHY = ROOT / "benchmarks" / "bots" / "lengthy"
_MEASURING = ("benchmarks.measuring_service",)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to measure.

    Args:
        speak: the callers' synthetic voice.
        data: a folder of folders of recordings, or None.
        prompts: where the Debian packages of Asterisk's English prompts are unpacked; "/" when installed.
        calls: the most calls at once, for capacity.
        quick: as little as shows that everything works.
        seed: decides everything that is drawn.
    """

    speak: Speak
    data: Path | None = None
    prompts: Path = Path("/")
    calls: int = 16
    quick: bool = False
    seed: int = 7

    def chance(self, part: str) -> random.Random:
        """The dice of one part: the same whatever other parts run."""
        return random.Random(f"{self.seed} {part}")

    def folder(self, name: str) -> Path | None:
        """One of the folders of recordings, or None when it is not there."""
        folder = None if self.data is None else self.data / name
        return folder if folder is not None and (folder / "labels.jsonl").is_file() else None

    def some(self, full: int, quick: int) -> int:
        """How many, depending on how much time there is."""
        return quick if self.quick else full


@dataclass(slots=True)
class Measured:
    """What a part found.

    Args:
        figures: by name: numbers, or tables of them; ready for JSON.
        notes: what the reader must know to judge them.
    """

    figures: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@asynccontextmanager
async def service(bot: Path, plan: Plan) -> AsyncIterator[tuple[Served, PhoneNetwork]]:
    """A bot that is served, and the network that reaches it; measuring bots listen on whatever happens."""
    program = _MEASURING if bot in (BRIEF, LENGTHY) else ("voicebot", "serve")
    environ = {"VOICEBOT_MAX_CALLS": "64", "VOICEBOT_WAITING": "64"}
    async with (
        served(bot, environ, program=program) as running,
        PhoneNetwork(running.network, seed=plan.seed) as phones,
    ):
        yield running, phones


def spread(values: Sequence[float]) -> dict[str, float | int | None]:
    """Number, median, 90th and 95th percentile (nearest rank)."""
    ordered = sorted(values)
    ranks = {f"p{share}": _rank(ordered, share) for share in (50, 90, 95)}
    return {"n": len(ordered), **ranks}


def _rank(ordered: Sequence[float], share: int) -> float | None:
    return round(ordered[max(0, -(-share * len(ordered) // 100) - 1)], 1) if ordered else None


def percent(part: int, whole: int) -> float | None:
    """A share in percent; None of nothing."""
    return round(100 * part / whole, 1) if whole else None


def load() -> float:
    """How busy the machine was in the last minute: processes that want a core."""
    return round(os.getloadavg()[0], 2)
