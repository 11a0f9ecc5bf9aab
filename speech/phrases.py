"""Memory and disk together: the phrases of a mouth, found and kept without holding up the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from speech.audio import AudioChunk
from speech.errors import SynthesisFailed
from speech.phrase_cache import PhraseFolder, PhraseKey, PhraseMemory
from speech.saying import Saying, at_rate

T = TypeVar("T")


class Phrases:
    """What was said before, for any line.

    Args:
        folder: where phrases are kept; made when missing.
        folder_bytes: limit of the folder.
        memory_bytes: limit of what is held in memory, at the rates of the lines.
    """

    def __init__(self, folder: Path, folder_bytes: int, memory_bytes: int) -> None:
        self._memory = PhraseMemory(memory_bytes)
        self._folder = PhraseFolder(folder, folder_bytes)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mouth-phrases")
        self._closed = False

    async def find(self, key: PhraseKey, rate_hz: int) -> AudioChunk | None:
        """The phrase at `rate_hz`, from memory or from disk, or None.

        Raises:
            SynthesisFailed: closed.
        """
        if self._closed:
            raise _closed()
        held = self._memory.get(key, rate_hz)
        if held is not None:
            return held
        found = await self.aside(partial(self._read, key, rate_hz))
        if found is not None:
            self._memory.put(key, found)
        return found

    async def keep(self, key: PhraseKey, saying: Saying, rate_hz: int) -> None:
        """Hold what was said, unless it was said by the last resort; raises as `find`."""
        if saying.worth_keeping:
            self._memory.put(key, await self.aside(partial(self._write, key, saying, rate_hz)))

    async def aside(self, work: Callable[[], T]) -> T:
        """Do something in the thread of this cache; raises as `find`."""
        if self._closed:
            raise _closed()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not self._closed or (task is not None and task.cancelling()):
                raise
            # `close` emptied the queue; whoever waits for this phrase was not cancelled.
            raise _closed() from None

    async def close(self) -> None:
        """Finish what is being read or written, drop the rest, end the thread."""
        self._closed = True
        await asyncio.get_running_loop().run_in_executor(None, partial(self._thread.shutdown, cancel_futures=True))

    def _read(self, key: PhraseKey, rate_hz: int) -> AudioChunk | None:
        stored = self._folder.read(key)
        return None if stored is None else at_rate(stored, rate_hz)

    def _write(self, key: PhraseKey, saying: Saying, rate_hz: int) -> AudioChunk:
        spoken = saying.spoken()
        self._folder.write(key, spoken)
        return at_rate(spoken, rate_hz)


def _closed() -> SynthesisFailed:
    return SynthesisFailed("the mouth was closed and is not running")
