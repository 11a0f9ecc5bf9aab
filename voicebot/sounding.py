"""One sentence while it is being made: its first piece can be played before its last is there."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import numpy as np

from speech.audio import AudioChunk, Pcm16
from voicebot.rooms import Speaking

FRAMES_PER_SECOND = 50


class Sounding:
    """Makes one sentence ahead of its playing.

    Args:
        speaking: the shared mouth.
        text: the sentence.
        language: its language.
        rate_hz: of the line.
        slower: to be spoken slower.
        ahead_seconds: audio the line has still to play before it; whoever has less is served first.
        patience_seconds: how long the next piece may take.
        start: starts a task of this call.
    """

    def __init__(
        self,
        speaking: Speaking,
        text: str,
        language: str,
        rate_hz: int,
        *,
        slower: bool,
        ahead_seconds: float,
        patience_seconds: float,
        start: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
    ) -> None:
        self._rate_hz = rate_hz
        self._patience_seconds = patience_seconds
        self._chunks: list[AudioChunk] = []
        self._error: Exception | None = None
        self._news = asyncio.Event()
        self._made = False
        stream = speaking.stream(text, language, rate_hz=rate_hz, slower=slower, ahead_seconds=ahead_seconds)
        self._task = start(self._make(stream))

    def cancel(self) -> None:
        """Nobody will hear it."""
        self._task.cancel()

    async def begun(self) -> None:
        """Wait for its first piece.

        Raises:
            SpeechError: it could not be made.
            TimeoutError: it took too long.
        """
        while not (self._chunks or self._made):
            await self._wait()
        self._raise()

    async def pieces(self) -> AsyncIterator[Pcm16]:
        """The sentence in whole frames of 20 ms, as they come; the last piece is shorter than one, perhaps empty.

        Raises:
            SpeechError: it could not be made.
            TimeoutError: it took too long.
        """
        frame = self._rate_hz // FRAMES_PER_SECOND
        rest, taken = np.zeros(0, np.int16), 0
        while True:
            while taken == len(self._chunks) and not self._made:
                await self._wait()
            self._raise()
            if taken == len(self._chunks):
                yield rest
                return
            joined = np.concatenate([rest, self._chunks[taken].pcm])
            taken += 1
            whole = len(joined) - len(joined) % frame
            rest = joined[whole:]
            if whole:
                yield joined[:whole]

    async def _make(self, stream: AsyncIterator[AudioChunk]) -> None:
        try:
            async for chunk in stream:
                self._chunks.append(chunk)
                self._news.set()
        except Exception as error:  # a value for whoever plays it; nobody may be there
            self._error = error
        finally:
            self._made = True
            self._news.set()

    async def _wait(self) -> None:
        self._news.clear()
        async with asyncio.timeout(self._patience_seconds):
            await self._news.wait()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error
