"""The bot's side of one line: it says sentences, and knows from marks which were heard."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import structlog
from rapidfuzz import fuzz

from dialog.events import Prompt
from speech.spoken_forms import display
from telephony.call import FRAME_SECONDS, Call, Caption
from telephony.errors import LineClosed
from voicebot.barge_in import BargeIn
from voicebot.playback import Playback, Sentence
from voicebot.rooms import Deadlines, Speaking
from voicebot.sounding import Sounding
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
        barge_in: is told what sounds, to know our own voice when it comes back.
        clock: seconds of the call, counted in received audio.
        start: starts a task of this call.
    """

    def __init__(
        self,
        call: Call,
        speaking: Speaking,
        deadlines: Deadlines,
        tell: Callable[[Caption], Awaitable[None]],
        barge_in: BargeIn,
        clock: Callable[[], float],
        start: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
    ) -> None:
        self._call = call
        self._speaking = speaking
        self._deadlines = deadlines
        self._tell = tell
        self._barge_in = barge_in
        self._clock = clock
        self._start = start
        self._playback = Playback(())
        self._sentences = 0
        self._recent: list[str] = []
        self._first_sound_at: float | None = None

    @property
    def interruptible(self) -> bool:
        """Whether everything that must be heard has been heard."""
        return self._playback.interruptible

    @property
    def heard(self) -> tuple[Sentence, ...]:
        """What the caller has heard of what is being said, in whole sentences."""
        return self._playback.heard

    @property
    def nearly_done(self) -> bool:
        """Whether at most the last sentence is still to be heard."""
        return len(self._playback.unheard) <= 1

    @property
    def sounding_seconds(self) -> float:
        """How long ago the reply began to sound; 0 before it has."""
        return 0.0 if self._first_sound_at is None else self._clock() - self._first_sound_at

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

    async def say(self, sentences: tuple[Sentence, ...], watch: Stopwatch, first: Sounding | None = None) -> None:
        """Say sentences one behind the other, the next being made while one plays; returns when they were heard.

        Cancelling stops at once; `cut` then tells what was heard.

        Args:
            sentences: see `split`.
            watch: gets the time to the first sound.
            first: the first sentence when it is being made already.
        Raises:
            SpeechError: a sentence could not be made.
            TimeoutError: it took too long to make.
            LineClosed: the caller has gone.
        """
        playback = self._playback = Playback(sentences)
        self._first_sound_at = None
        for sentence in sentences:
            sounding, first = first or self.sound(sentence, playback.queued_seconds), None
            try:
                await self._queue(sentence, sounding, playback, watch)
            finally:
                sounding.cancel()
        try:
            async with asyncio.timeout(playback.queued_seconds + self._deadlines.marks):
                await playback.all_heard.wait()
        except TimeoutError:
            log.warning(
                "the line did not say that it played everything",
                call_id=self._call.caller.call_id,
                missing=len(playback.unheard),
            )

    def sound(self, sentence: Sentence | Prompt, ahead_seconds: float = 0.0) -> Sounding:
        """Begin to make a sentence for this line; nothing is played yet."""
        return Sounding(
            self._speaking,
            sentence.text,
            sentence.language,
            self._call.rate_hz,
            slower=sentence.slower,
            ahead_seconds=ahead_seconds,
            patience_seconds=self._deadlines.synthesise,
            start=self._start,
        )

    async def _queue(self, sentence: Sentence, sounding: Sounding, playback: Playback, watch: Stopwatch) -> None:
        """Give one sentence to the line, piece by piece; its mark stands behind the last."""
        await sounding.begun()
        await self._show(sentence, watch)
        number = 0
        async for piece in sounding.pieces():
            number += 1
            last = len(piece) < self._call.rate_hz * FRAME_SECONDS
            await self._call.play(piece, sentence.mark if last else f"{sentence.mark}.{number}")
            self._barge_in.speaks(piece, self._call.rate_hz, self._clock())
            playback.queued_seconds += len(piece) / self._call.rate_hz

    async def _show(self, sentence: Sentence, watch: Stopwatch) -> None:
        details: dict[str, object] = {"article": sentence.article, "language": sentence.language}
        if self._first_sound_at is None:
            self._first_sound_at = self._clock()
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
        self._barge_in.falls_silent(self._clock())
        with suppress(LineClosed):
            await self._call.clear()
        return self._playback

    def without_echo(self, text: str) -> str:
        """A transcript without the bot's own voice, come back over the line; "" when it is nothing else."""
        rest = text.lower()
        for said in (said for said in self._recent if ECHO_SHORTEST <= len(said) < len(rest)):
            found = fuzz.partial_ratio_alignment(said, rest)
            if found is not None and found.score > ECHO_SIMILARITY:
                text = f"{text[: found.dest_start]} {text[found.dest_end :]}".strip(" .,!?")
                rest = text.lower()
        if len(rest) >= ECHO_SHORTEST and any(
            len(rest) <= len(said) and fuzz.partial_ratio(rest, said) > ECHO_SIMILARITY for said in self._recent
        ):
            return ""
        return text

    def _mark(self) -> str:
        self._sentences += 1
        return f"s{self._sentences}"
