"""The bot's side of one line: it says sentences, and knows from marks which were heard."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace

import structlog
from rapidfuzz import fuzz

from dialog.events import Prompt
from speech.spoken_forms import display
from telephony.call import Call, Caption
from telephony.errors import LineClosed
from voicebot.playback import Playback, Sentence
from voicebot.rooms import Deadlines, Speaking
from voicebot.stopwatch import Stopwatch

log = structlog.get_logger(__name__)

ECHO_SIMILARITY = 85.0
"""A transcript this like what the bot just said, 0..100, is the bot's own voice coming back."""

ECHO_SHORTEST = 9
"""Shorter texts ("yes", "delivery") are too easily alike to be called echo."""

REMEMBERED_SENTENCES = 12


class Talking:
    """Says the bot's sentences on one line.

    Args:
        call: the line.
        speaking: the shared mouth.
        deadlines: how long a sentence and a mark may take.
        tell: shows a caption to whoever watches.
    """

    def __init__(
        self, call: Call, speaking: Speaking, deadlines: Deadlines, tell: Callable[[Caption], Awaitable[None]]
    ) -> None:
        self._call = call
        self._speaking = speaking
        self._deadlines = deadlines
        self._tell = tell
        self._playback = Playback(())
        self._sentences = 0
        self._recent: list[str] = []

    @property
    def interruptible(self) -> bool:
        """Whether everything that must be heard has been heard."""
        return self._playback.interruptible

    def split(self, prompts: Iterable[Prompt]) -> tuple[Sentence, ...]:
        """Prompts as sentences, each with a mark of its own."""
        return tuple(
            Sentence(self._mark(), text, prompt.language, prompt.article, prompt.interruptible, prompt.slower)
            for prompt in prompts
            for text in self._speaking.sentences(prompt.text, prompt.language)
        )

    def again(self, sentences: Iterable[Sentence]) -> tuple[Sentence, ...]:
        """The same words under new marks: a mark is never used twice."""
        return tuple(replace(sentence, mark=self._mark()) for sentence in sentences)

    async def say(self, sentences: tuple[Sentence, ...], watch: Stopwatch) -> None:
        """Say sentences one behind the other, the next being made while one plays; returns when they were heard.

        Cancelling stops at once; `cut` then tells what was heard.

        Raises:
            SpeechError: a sentence could not be made.
            TimeoutError: it took too long to make.
            LineClosed: the caller has gone.
        """
        playback = self._playback = Playback(sentences)
        for sentence in sentences:
            await self._queue(sentence, playback, watch, first=sentence is sentences[0])
        try:
            async with asyncio.timeout(playback.queued_seconds + self._deadlines.marks):
                await playback.all_heard.wait()
        except TimeoutError:
            log.warning(
                "the line did not say that it played everything",
                call_id=self._call.caller.call_id,
                missing=len(playback.unheard),
            )

    async def _queue(self, sentence: Sentence, playback: Playback, watch: Stopwatch, first: bool) -> None:
        asked = time.monotonic()
        async with asyncio.timeout(self._deadlines.synthesise):
            chunk = await self._speaking.say(
                sentence.text, sentence.language, rate_hz=self._call.rate_hz, slower=sentence.slower
            )
        await self._call.play(chunk.pcm, sentence.mark)
        playback.queued_seconds += chunk.duration_seconds
        details: dict[str, object] = {"article": sentence.article, "language": sentence.language}
        if first:
            watch.since("mouth", asked)
            watch.since("total", watch.began)
            details["stages"] = watch.shown()
        shown = display(sentence.text, sentence.language)
        self._recent = [*self._recent[1 - REMEMBERED_SENTENCES :], shown.lower()]
        await self._tell(Caption("bot", shown, details))

    def played(self, mark: str) -> None:
        """The line says that everything up to this mark was heard."""
        self._playback.played(mark)

    async def cut(self) -> Playback:
        """Stop talking now; what comes back tells what was heard and what was not."""
        self._playback.cut()
        with suppress(LineClosed):
            await self._call.clear()
        return self._playback

    def is_echo(self, text: str) -> bool:
        """Whether a transcript is the bot's own voice, come back over the line."""
        return len(text) >= ECHO_SHORTEST and any(
            fuzz.partial_ratio(text.lower(), said) > ECHO_SIMILARITY for said in self._recent
        )

    def _mark(self) -> str:
        self._sentences += 1
        return f"s{self._sentences}"
