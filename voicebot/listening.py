"""The caller's side of one line: utterances, and their transcriptions and replies under way.

Work starts at the first short pause, before anybody knows that the caller is done, and is dropped when the caller goes
on.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

import structlog

from speech.ear import Ear
from speech.errors import SpeechError
from speech.transcript import Transcript, Utterance
from voicebot.preparing import Context, Prepared
from voicebot.rooms import Deadlines, Rooms, TurnEnd

log = structlog.get_logger(__name__)

T = TypeVar("T")

COUNTED = frozenset({"digits", "letters"})
"""Answers of which smart-turn knows nothing: their end is counted."""

Result: TypeAlias = Transcript | SpeechError
"""An error is a value here, because nobody may be waiting for the transcription that failed."""

Draft: TypeAlias = Prepared | Exception
"""The same for a reply."""


class Start(Protocol):
    """Starts a task of this call."""

    def __call__(self, work: Coroutine[Any, Any, T], /) -> asyncio.Task[T]: ...


@dataclass(slots=True)
class Heard:
    """Utterances to be answered together, with their transcriptions and the reply to them under way.

    Args:
        utterance: the last one.
        results: one task per utterance, in order.
        draft: the reply to all of them.
        context: what the bot was doing when the last one began.
        complete_at: monotonic seconds when endpointing decided.
        endpoint_ms: from the end of speech to that decision, on the audio clock.
    """

    utterance: Utterance
    results: list[asyncio.Task[Result]]
    draft: asyncio.Task[Draft]
    context: Context
    complete_at: float
    endpoint_ms: float

    async def ready_within(self, seconds: float) -> bool:
        """Whether the reply is there before so much time has passed."""
        done, _ = await asyncio.wait({self.draft}, timeout=seconds)
        return bool(done)

    async def prepared(self) -> Prepared:
        """The reply; being cancelled while waiting does not cancel it.

        Raises:
            Exception: what went wrong while it was prepared.
        """
        draft = await asyncio.shield(self.draft)
        if isinstance(draft, Exception):
            raise draft
        return draft

    def cancel(self) -> None:
        """Nobody needs it any more."""
        _discard(self.draft)
        for result in self.results:
            result.cancel()


async def transcripts_of(results: Sequence[asyncio.Task[Result]]) -> list[Transcript]:
    """All transcripts; being cancelled while waiting does not cancel them.

    Raises:
        SpeechError: one of them failed.
    """
    done = []
    for task in results:
        result = await asyncio.shield(task)
        if isinstance(result, SpeechError):
            raise result
        done.append(result)
    return done


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What was begun at a pause.

    Args:
        utterance: what had been said then.
        result: its transcription.
        draft: the reply to it.
        needed: set once the caller is done and somebody waits for it.
    """

    utterance: Utterance
    result: asyncio.Task[Result]
    draft: asyncio.Task[Draft]
    needed: asyncio.Event

    def is_of(self, utterance: Utterance) -> bool:
        """Whether this is of that very speech, and has not failed for want of a worker."""
        result = self.result
        failed = result.done() and not result.cancelled() and isinstance(result.result(), SpeechError)
        return self.utterance.speech_end_seconds == utterance.speech_end_seconds and not failed


class Listening:
    """Hears one caller.

    Args:
        ear: this call's own.
        rooms: the shared parts.
        prepare: works out the reply to transcripts, given what the bot was doing.
        start: starts a task of this call.
        deadlines: how long a transcription may take.
    """

    def __init__(
        self,
        ear: Ear,
        rooms: Rooms,
        prepare: Callable[[list[Transcript], Context], Awaitable[Prepared]],
        start: Start,
        deadlines: Deadlines,
    ) -> None:
        self.ear = ear
        self.languages: Sequence[str] = ()
        self.expects = "open"
        self.choices: Sequence[str] = ()
        self._hearing = rooms.hearing
        self._turn_end = rooms.turn_end
        self._prepare = prepare
        self._start = start
        self._deadlines = deadlines
        self._under_way: UnderWay | None = None
        self._judging: asyncio.Task[None] | None = None
        self._carried: list[asyncio.Task[Result]] = []

    def begin(self, utterance: Utterance, context: Context) -> None:
        """Start working on what has been said so far, in place of what was begun before."""
        self.drop()
        needed = asyncio.Event()
        result = self._start(self._transcribe(utterance, needed))
        draft = self._start(self._drafted([*self._carried, result], context))
        self._under_way = UnderWay(utterance, result, draft, needed)
        if self._turn_end is not None and self.expects not in COUNTED:
            self._judging = self._start(self._judge(self._turn_end, utterance))

    def drop(self) -> None:
        """The caller went on: what was begun is out of date."""
        if self._under_way is not None:
            _discard(self._under_way.draft)
            self._under_way.result.cancel()
            self._under_way = None
        self._stop_judging()

    def _stop_judging(self) -> None:
        if self._judging is not None:
            self._judging.cancel()
            self._judging = None

    def carry(self, heard: Heard) -> None:
        """The caller went on before we answered: what was heard belongs to what comes next."""
        self.drop()
        _discard(heard.draft)
        self._carried = heard.results

    def forget(self) -> None:
        """What was carried along has had its answer."""
        self._carried = []

    def complete(self, utterance: Utterance, context: Context) -> Heard:
        """The caller is done."""
        if self._under_way is None or not self._under_way.is_of(utterance):
            self.begin(utterance, context)
        under_way = self._under_way
        assert under_way is not None
        under_way.needed.set()
        results = [*self._carried, under_way.result]
        self._under_way, self._carried = None, []
        self._stop_judging()
        endpoint_ms = (self.ear.received_seconds - utterance.speech_end_seconds) * 1000
        return Heard(utterance, results, under_way.draft, context, time.monotonic(), endpoint_ms)

    def close(self) -> None:
        """Nobody will answer any more."""
        self.drop()
        for task in self._carried:
            task.cancel()

    async def _transcribe(self, utterance: Utterance, needed: asyncio.Event) -> Result:
        patience = self._deadlines.transcribe
        try:
            async with asyncio.timeout(patience):
                transcript = await self._hearing.transcribe(
                    utterance,
                    self.languages,
                    expects=self.expects,
                    choices=self.choices,
                    deadline_seconds=patience,
                    needed=needed,
                )
        except SpeechError as error:
            return error
        except TimeoutError:
            return SpeechError("transcription took too long")
        self.ear.heard_so_far(transcript.text)
        return transcript

    async def _judge(self, turn_end: TurnEnd, utterance: Utterance) -> None:
        try:
            probability = await turn_end(utterance.samples)
        except Exception as error:  # the last resort of this task: turns end well enough without it
            log.warning("smart-turn failed", error=type(error).__name__)
            return
        if probability is not None:
            self.ear.turn_probability(probability)

    async def _drafted(self, results: list[asyncio.Task[Result]], context: Context) -> Draft:
        try:
            return await self._prepare(await transcripts_of(results), context)
        except Exception as error:  # a value for the turn that will need it, which is the call's last resort
            return error


def _discard(draft: asyncio.Task[Draft]) -> None:
    """Nobody needs this reply; what is being made of it is not made to its end."""
    draft.cancel()
    if draft.done() and not draft.cancelled():
        prepared = draft.result()
        if isinstance(prepared, Prepared) and prepared.first is not None:
            prepared.first.cancel()
