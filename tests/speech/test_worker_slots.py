import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.errors import RecogniserBusy
from speech.worker_slots import WorkerSlots


class Line:
    """Requests for slots under letters, and the order in which they are served."""

    def __init__(self, slots: WorkerSlots) -> None:
        self.slots = slots
        self.served: list[str] = []
        self.refused: list[str] = []

    async def ask(self, name: str, needed: asyncio.Event | None = None) -> "asyncio.Task[None]":
        task = asyncio.create_task(self._serve(name, needed))
        await asyncio.sleep(0)
        return task

    async def _serve(self, name: str, needed: asyncio.Event | None) -> None:
        try:
            await self.slots.take(needed)
        except RecogniserBusy:
            self.refused.append(name)
        else:
            self.served.append(name)

    async def work_off(self, times: int) -> None:
        for _ in range(times):
            self.slots.give_back()
            for _ in range(3):
                await asyncio.sleep(0)


async def test_needed_work_goes_before_guesses() -> None:
    line = Line(WorkerSlots(1, 8))
    for name, needed in (("running", None), ("guess", asyncio.Event()), ("needed", None), ("guess 2", asyncio.Event())):
        await line.ask(name, needed)
    await line.work_off(3)
    assert line.served == ["running", "needed", "guess", "guess 2"]


async def test_a_guess_that_turns_out_right_moves_up_and_keeps_its_place() -> None:
    line = Line(WorkerSlots(1, 8))
    right = asyncio.Event()
    for name, needed in (("running", None), ("wrong", asyncio.Event()), ("right", right), ("needed", None)):
        await line.ask(name, needed)
    right.set()
    await line.work_off(3)
    assert line.served == ["running", "right", "needed", "wrong"]


async def test_a_full_queue_gives_up_its_latest_guess_for_needed_work_only() -> None:
    line = Line(WorkerSlots(1, 2))
    for name in ("running", "guess", "guess 2"):
        await line.ask(name, None if name == "running" else asyncio.Event())
    await line.ask("guess 3", asyncio.Event())
    assert line.refused == ["guess 3"]
    await line.ask("needed")
    await line.ask("needed 2")
    await line.ask("needed 3")
    assert sorted(line.refused) == ["guess", "guess 2", "guess 3", "needed 3"]
    await line.work_off(2)
    assert line.served == ["running", "needed", "needed 2"]


async def test_a_slot_given_to_one_cancelled_in_the_same_moment_goes_on() -> None:
    line = Line(WorkerSlots(1, 8))
    await line.ask("running")
    leaving = await line.ask("leaving")
    await line.ask("next")
    line.slots.give_back()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    await asyncio.sleep(0)
    assert line.served == ["running", "next"]
    assert line.slots.waiting == 0


@given(st.lists(st.sampled_from(["ask", "guess", "cancel", "give", "need"]), max_size=40), st.integers(1, 3))
def test_no_slot_is_lost_or_given_twice(steps: Sequence[str], workers: int) -> None:
    async def run() -> None:
        slots = WorkerSlots(workers, 4)
        tasks: list[asyncio.Task[None]] = []
        events: list[asyncio.Event] = []
        held = 0

        async def hold(needed: asyncio.Event | None) -> None:
            nonlocal held
            await slots.take(needed)
            held += 1

        for step in steps:
            if step in ("ask", "guess"):
                events.append(asyncio.Event())
                tasks.append(asyncio.create_task(hold(events[-1] if step == "guess" else None)))
            elif step == "cancel" and tasks:
                tasks[-1].cancel()
            elif step == "need" and events:
                events[0].set()
            elif step == "give" and held:
                held -= 1
                slots.give_back()
            for _ in range(4):
                await asyncio.sleep(0)
            assert 0 <= held <= workers
            assert held == workers or slots.waiting == 0
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())
