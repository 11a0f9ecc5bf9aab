"""The threads that voices run in, lent to whoever's audio is needed first."""

import asyncio
import heapq
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import count
from typing import TypeVar

from speech.errors import SynthesisFailed

T = TypeVar("T")

SOME_TIME = float("inf")
"""Due after everything that a caller waits for."""


class MouthWorkers:
    """Runs small pieces of work in threads, the one that is due first going first.

    The queue lives on the event loop; a thread never holds more than the work it does, so what is urgent waits for at
    most one piece. Work that is due at the same time goes in the order it came.

    Args:
        threads: how many pieces are worked on at once.
    """

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="mouth")
        self._free = threads
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._turn = count()
        self._closed = False

    async def run(self, due: float, work: Callable[[], T]) -> T:
        """Do one piece of work in a thread.

        Args:
            due: when its result is needed, by the loop's clock.
            work: what it raises comes out here.
        Raises:
            SynthesisFailed: closed before it was begun.

        Cancelling takes work out of the queue; work that was begun ends on its own.
        """
        if self._closed:
            raise SynthesisFailed("the mouth is not running")
        if self._free:
            self._free -= 1
        else:
            await self._wait(due)
        loop = asyncio.get_running_loop()
        done = self._pool.submit(work)
        done.add_done_callback(partial(self._back_on, loop))
        return await asyncio.wrap_future(done)

    async def close(self) -> None:
        """Refuse what waits, wait for what was begun, end the threads."""
        self._closed = True
        for _, _, turn in self._waiting:
            if not turn.done():
                turn.set_exception(SynthesisFailed("the mouth was closed"))
        self._waiting.clear()
        await asyncio.get_running_loop().run_in_executor(None, self._pool.shutdown)

    async def _wait(self, due: float) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (due, next(self._turn), turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._hand_on()
            raise
        if self._closed:
            raise SynthesisFailed("the mouth was closed")

    def _back_on(self, loop: asyncio.AbstractEventLoop, _done: "Future[T]") -> None:
        """In the worker thread."""
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(self._hand_on)

    def _hand_on(self) -> None:
        """A thread is free: the next in the queue has it."""
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
