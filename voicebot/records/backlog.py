"""Entries on their way to the database: in order, bounded, filled on the event loop and emptied by a thread."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from threading import Condition

from voicebot.records.entries import Entry, TurnHeard, TurnTaken
from voicebot.records.preparing import Prepared

SHED_AT_ONCE = 500
"""A full backlog is looked through once in so many entries, not for each."""


@dataclass(slots=True)
class Waiting:
    """An entry that is not written yet; `prepared` (nothing or one thing) once that is done: a second try need not.

    `since`: when it was noted, as `time.monotonic` counts.
    """

    number: int
    entry: Entry
    since: float
    prepared: tuple[Prepared, ...] | None = None


@dataclass(slots=True, eq=False)
class _Watcher:
    number: int
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[None] = field(repr=False)


class Backlog:
    """What waits to be written.

    Args:
        most: entries that may wait. Then the oldest turns are let go, and only without any turn the oldest of anything:
            who called, who was promised a callback and who agreed to what is worth more than what was said.
    """

    def __init__(self, most: int) -> None:
        self.lost = 0
        self._most = most
        self._entries: deque[Waiting] = deque()
        self._in_hand = 0
        self._numbers = 0
        self._watchers: list[_Watcher] = []
        self._closing = False
        self._changed = Condition()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def oldest_seconds(self) -> float:
        """How long the oldest entry has waited; 0 when none does."""
        with self._changed:
            return time.monotonic() - self._entries[0].since if self._entries else 0.0

    def add(self, entry: Entry) -> None:
        """Put an entry at the end. Takes microseconds, on any thread."""
        with self._changed:
            self._numbers += 1
            self._entries.append(Waiting(self._numbers, entry, time.monotonic()))
            if len(self._entries) > self._most:
                self._shed()
            self._changed.notify()

    def wait(self, seconds: float) -> bool:
        """Wait for an entry, or so long; False when the end has come and nothing is left."""
        with self._changed:
            self._changed.wait_for(lambda: self._entries or self._closing, seconds)
            return bool(self._entries) or not self._closing

    def rest(self, seconds: float) -> None:
        """Wait so long before another try, or until the end comes."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing, seconds)

    def close(self) -> None:
        """Nothing more will come: `wait` ends when the last entry is done."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()

    def take(self, most: int) -> list[Waiting]:
        """The oldest entries; they stay until they are `done`, and are not let go before `put_back`."""
        with self._changed:
            batch = list(islice(self._entries, most))
            self._in_hand = len(batch)
            return batch

    def done(self, count: int) -> None:
        """The oldest so many have been written, or never will be."""
        with self._changed:
            for _ in range(count):
                self._entries.popleft()
            self._in_hand = max(0, self._in_hand - count)
            self._wake()

    def put_back(self) -> None:
        """What was taken and is not done may be let go again when too much waits."""
        with self._changed:
            self._in_hand = 0

    async def emptied(self, seconds: float) -> bool:
        """Wait until everything that is here now is done or let go; False when that took longer."""
        loop = asyncio.get_running_loop()
        with self._changed:
            if not self._entries:
                return True
            watcher = _Watcher(self._entries[-1].number, loop, loop.create_future())
            self._watchers.append(watcher)
        try:
            async with asyncio.timeout(seconds):
                await watcher.future
            return True
        except TimeoutError:
            return False
        finally:
            with self._changed:
                if watcher in self._watchers:
                    self._watchers.remove(watcher)

    def _shed(self) -> None:
        spare = list(islice(self._entries, self._in_hand, None))
        turns = [waiting for waiting in spare if isinstance(waiting.entry, TurnTaken | TurnHeard)]
        count = max(1, min(SHED_AT_ONCE, self._most // 20))
        going = {waiting.number for waiting in (turns or spare)[:count]}
        self._entries = deque(waiting for waiting in self._entries if waiting.number not in going)
        self.lost += len(going)
        self._wake()

    def _wake(self) -> None:
        oldest = self._entries[0].number if self._entries else self._numbers + 1
        for watcher in [watcher for watcher in self._watchers if watcher.number < oldest]:
            self._watchers.remove(watcher)
            watcher.loop.call_soon_threadsafe(_finish, watcher.future)


def _finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
