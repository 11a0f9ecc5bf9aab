"""How fast a caller comes to a person, as far as it is up to us: `python -m benchmarks.transfer_speed`.

Transfers on the simulated network, one after the other, with the words of a real bot and without speech models. The
network's own time is taken out: nobody's phone rings long, and prompts take no time. What is left is our code with
requests, sockets and a simulated phone on the same processor, so the numbers are upper bounds.

    decided -> ring   the dialog has passed the caller on; the carrier has the order to ring a person's phone
    key -> room       the person has pressed 1; the carrier has the document that takes the caller into the room
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from dialog import Engine, load_bot
from dialog.events import CallBegan, CallerSaid, HandOff
from telephony.call import Call, CallEnded, PersonReady
from telephony.simulator import Mischief, Ringing
from telephony.simulator.handset import Handset
from telephony.transfer.request import WarmRequest
from tests.telephony.transfer_scene import ADA, asking, request

BOT = Path(__file__).parent.parent / "bots" / "nordlys"
RING_TARGET_MS, ROOM_TARGET_MS = 2_000.0, 1_000.0


@dataclass
class Marks:
    """When what happened, by `time.perf_counter`."""

    decided: float = 0.0
    rung: float = 0.0
    pressed: float = 0.0
    in_room: float = 0.0


class RingsNow(dict[str, Ringing]):
    """Phones by number, which note when one is rung."""

    def __init__(self, marks: Marks, ringing: Ringing) -> None:
        super().__init__({ADA.number: ringing})
        self._marks = marks

    def __getitem__(self, number: str) -> Ringing:
        self._marks.rung = time.perf_counter()
        return super().__getitem__(number)


class Documents(list[str]):
    """What the caller's line is told to do, which notes when it is told to enter a room."""

    def __init__(self, marks: Marks) -> None:
        super().__init__()
        self._marks = marks

    def append(self, document: str) -> None:
        """Note the one that takes them into the room."""
        if "<Conference" in document:
            self._marks.in_room = time.perf_counter()
        super().append(document)


@dataclass
class Conversation:
    """Decides at once that the caller is to have a person, and lets them go when somebody waits."""

    engine: Engine
    wanted: WarmRequest
    marks: Marks
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, call: Call) -> None:
        """See `Scene.bot`."""
        now = datetime(2026, 11, 23, 12, tzinfo=UTC)
        state, _ = self.engine.respond(self.engine.new_state(), CallBegan("en"), now)
        state, reply = self.engine.respond(state, CallerSaid("I want to talk to a person about my bill"), now)
        assert isinstance(reply.action, HandOff)
        self.marks.decided = time.perf_counter()
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self.engine.agent_words, state, reply.action)
        await call.ask_person(self.wanted)  # its words are those that the scene has sounds for
        async for event in call.events():
            match event:
                case PersonReady():
                    self.joining = asyncio.create_task(call.join_person())
                case CallEnded():
                    self.over.set()
                case _:
                    pass


async def transfer(engine: Engine) -> Marks:
    """One caller to one person."""
    marks = Marks()

    async def presses_one(handset: Handset) -> None:
        await handset.until(lambda: bool(handset.heard.runs or handset.said_by_network), 30)
        marks.pressed = time.perf_counter()
        handset.press("1")

    wanted = request((ADA,))
    ring = RingsNow(marks, Ringing("answered", 0.0, presses_one))
    async with asking(wanted, ring, Mischief(verb_pace=0.0)) as scene:
        conversation = Conversation(engine, wanted, marks)
        scene.house.desk.conversation = conversation
        scene.call.documents = Documents(marks)
        await conversation.over.wait()
        await scene.together()
    return marks


def main(arguments: Sequence[str] | None = None) -> int:
    """Time the transfers; 1 when one of the targets is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--transfers", type=int, default=60)
    count = parser.parse_args(arguments).transfers
    engine = Engine(load_bot(BOT, date(2026, 11, 23)))
    marks = [asyncio.run(transfer(engine)) for _ in range(count)]
    rings = _told("decided -> ring", [one.rung - one.decided for one in marks], RING_TARGET_MS)
    rooms = _told("key -> room", [one.in_room - one.pressed for one in marks], ROOM_TARGET_MS)
    return 0 if rings and rooms else 1


def _told(what: str, seconds: list[float], target_ms: float) -> bool:
    cuts = statistics.quantiles([1_000 * second for second in seconds], n=20, method="inclusive")
    print(f"{what:16} n={len(seconds)}  p50 {cuts[9]:6.1f} ms  p95 {cuts[18]:6.1f} ms  target {target_ms:.0f} ms")
    return cuts[18] <= target_ms


if __name__ == "__main__":
    sys.exit(main())
