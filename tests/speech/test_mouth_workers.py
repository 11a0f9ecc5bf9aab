"""Who goes first, and what cancelling and closing do to those who wait."""

import asyncio
import threading
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.errors import SynthesisFailed
from speech.mouth_workers import SOME_TIME, MouthWorkers
from tests.fakes import settle


class Gate:
    """Work that lasts until the test lets it end."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self._open = threading.Event()

    def work(self) -> None:
        self.entered.set()
        assert self._open.wait(30)

    async def busy(self, workers: MouthWorkers) -> "asyncio.Task[None]":
        task = asyncio.create_task(workers.run(0, self.work))
        assert await asyncio.to_thread(self.entered.wait, 30)
        return task

    def open(self) -> None:
        self._open.set()


async def order(dues: list[float]) -> list[int]:
    """The order in which work is done that comes while the only thread is busy."""
    workers, gate, done = MouthWorkers(1), Gate(), list[int]()
    busy = await gate.busy(workers)
    tasks = [asyncio.create_task(workers.run(due, partial(done.append, at))) for at, due in enumerate(dues)]
    await settle()
    gate.open()
    await asyncio.gather(busy, *tasks)
    await workers.close()
    return done


@given(st.lists(st.sampled_from([1.0, 2.0, 3.0, SOME_TIME]), max_size=6))
def test_what_is_due_first_goes_first(dues: list[float]) -> None:
    expected = sorted(range(len(dues)), key=lambda at: (dues[at], at))
    assert asyncio.run(order(dues)) == expected


async def test_cancelled_work_leaves_the_queue_and_the_thread_to_others() -> None:
    workers, gate, done = MouthWorkers(1), Gate(), list[str]()
    busy = await gate.busy(workers)
    first, second = (asyncio.create_task(workers.run(1, partial(done.append, name))) for name in ("first", "second"))
    await settle()
    for task in (first, busy):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    gate.open()
    await second
    assert done == ["second"]
    await workers.run(1, partial(done.append, "third"))
    assert done == ["second", "third"]
    await workers.close()


async def test_cancelled_when_its_turn_has_just_come_it_hands_the_thread_on() -> None:
    workers, done = MouthWorkers(1), list[str]()
    gate = Gate()
    busy = await gate.busy(workers)
    first = asyncio.create_task(workers.run(1, partial(done.append, "first")))
    second = asyncio.create_task(workers.run(2, partial(done.append, "second")))
    await settle()
    gate.open()
    busy.add_done_callback(lambda _: first.cancel())
    await second
    await asyncio.gather(first, busy, return_exceptions=True)
    await workers.run(1, partial(done.append, "third"))
    assert done[-2:] == ["second", "third"]
    await workers.close()


async def test_a_fault_costs_only_its_own_turn() -> None:
    workers = MouthWorkers(1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await workers.run(0, lambda: 1 // 0)
    assert await workers.run(0, lambda: "well") == "well"
    await workers.close()


async def test_closing_refuses_what_waits_and_what_comes_later() -> None:
    workers, gate = MouthWorkers(1), Gate()
    busy = await gate.busy(workers)
    waiting = asyncio.create_task(workers.run(1, str))
    await settle()
    closing = asyncio.create_task(workers.close())
    with pytest.raises(SynthesisFailed, match="closed"):
        await waiting
    with pytest.raises(SynthesisFailed, match="not running"):
        await workers.run(1, str)
    gate.open()
    await asyncio.gather(busy, closing)
