"""Who gets a worker next: what somebody waits for goes before what was begun on a guess."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from speech.errors import RecogniserBusy


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    turn: "asyncio.Future[None]"
    needed: asyncio.Event | None

    @property
    def urgent(self) -> bool:
        return self.needed is None or self.needed.is_set()


@dataclass(slots=True)
class WorkerSlots:
    """A bounded queue in front of a number of workers; use it from one event loop.

    Whether work is needed is looked at when a worker comes free, not when the work is queued: a guess that turns out
    right moves up by its event being set, and keeps its place among its equals.

    Args:
        workers: how many may have a slot at once.
        places: how many may wait; more are refused, but needed work takes the place of the latest guess.
    """

    workers: int
    places: int
    _taken: int = 0
    _queue: "deque[_Waiter]" = field(default_factory=deque)

    @property
    def waiting(self) -> int:
        """How many wait for a slot."""
        return len(self._queue)

    async def take(self, needed: asyncio.Event | None = None) -> None:
        """Wait for a slot; being cancelled gives up the place. Whoever gets one owes a `give_back`.

        Args:
            needed: set when somebody waits for the work; None when somebody does already.
        Raises:
            RecogniserBusy: no place in the queue, or it was needed for more urgent work.
        """
        if self._taken < self.workers:
            self._taken += 1
            return
        waiter = _Waiter(asyncio.get_running_loop().create_future(), needed)
        if len(self._queue) >= self.places:
            self._make_room(waiter)
        self._queue.append(waiter)
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if waiter in self._queue:
                self._queue.remove(waiter)
            elif not waiter.turn.cancelled() and waiter.turn.exception() is None:
                self.give_back()  # the slot came in the same moment
            raise

    def give_back(self) -> None:
        """Hand a slot to the next in the queue: the first that is needed, else the first."""
        waiting = [waiter for waiter in self._queue if not waiter.turn.done()]
        if not waiting:
            self._taken -= 1
            return
        chosen = next((waiter for waiter in waiting if waiter.urgent), waiting[0])
        self._queue.remove(chosen)
        chosen.turn.set_result(None)

    def _make_room(self, waiter: _Waiter) -> None:
        guesses = [one for one in self._queue if not one.urgent and not one.turn.done()]
        if not waiter.urgent or not guesses:
            raise RecogniserBusy(f"{len(self._queue)} utterances are waiting already")
        self._queue.remove(guesses[-1])
        guesses[-1].turn.set_exception(RecogniserBusy("gave its place in the queue to more urgent work"))
