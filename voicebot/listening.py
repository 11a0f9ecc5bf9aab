"""The caller's side of one line: utterances, and their transcriptions under way.

Transcribing starts at the first short pause, before anybody knows that the caller is done, and is dropped when the
caller goes on.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from speech.ear import Ear
from speech.errors import SpeechError
from speech.transcript import Transcript, Utterance
from voicebot.rooms import Deadlines, Hearing

Result: TypeAlias = Transcript | SpeechError
"""An error is a value here, because nobody may be waiting for the transcription that failed."""


@dataclass(slots=True)
class Heard:
    """Utterances to be answered together, each with its transcription under way.

    Args:
        results: one task per utterance, in order.
        over_bot: whether the bot was speaking when the last one began.
        complete_at: monotonic seconds when endpointing decided.
        endpoint_ms: from the end of speech to that decision, on the audio clock.
    """

    results: list[asyncio.Task[Result]]
    over_bot: bool
    complete_at: float
    endpoint_ms: float

    async def transcripts(self) -> list[Transcript]:
        """All transcripts; being cancelled while waiting does not cancel them.

        Raises:
            SpeechError: one of them failed.
        """
        done = []
        for task in self.results:
            result = await asyncio.shield(task)
            if isinstance(result, SpeechError):
                raise result
            done.append(result)
        return done


class Listening:
    """Hears one caller.

    Args:
        ear: this call's own.
        hearing: the shared recogniser.
        start: starts a task of this call.
        deadlines: how long a transcription may take.
    """

    def __init__(
        self,
        ear: Ear,
        hearing: Hearing,
        start: Callable[[Coroutine[Any, Any, Result]], asyncio.Task[Result]],
        deadlines: Deadlines,
    ) -> None:
        self.ear = ear
        self.languages: Sequence[str] = ()
        self.expects = "open"
        self._hearing = hearing
        self._start = start
        self._deadlines = deadlines
        self._under_way: tuple[Utterance, asyncio.Task[Result]] | None = None
        self._carried: list[asyncio.Task[Result]] = []

    def begin(self, utterance: Utterance) -> None:
        """Start transcribing what has been said so far, in place of what was begun before."""
        self.drop()
        self._under_way = (utterance, self._start(self._transcribe(utterance)))

    def drop(self) -> None:
        """The caller went on: what was begun is out of date."""
        if self._under_way is not None:
            self._under_way[1].cancel()
            self._under_way = None

    def carry(self, heard: Heard) -> None:
        """The caller went on before we answered: what was heard belongs to what comes next."""
        self._carried = heard.results

    def complete(self, utterance: Utterance, over_bot: bool) -> Heard:
        """The caller is done."""
        # The last pause's transcription may have been of this very speech: then it is under way already.
        if self._under_way is None or self._under_way[0].speech_end_seconds != utterance.speech_end_seconds:
            self.begin(utterance)
        assert self._under_way is not None
        results = [*self._carried, self._under_way[1]]
        self._under_way, self._carried = None, []
        endpoint_ms = (self.ear.received_seconds - utterance.speech_end_seconds) * 1000
        return Heard(results, over_bot, time.monotonic(), endpoint_ms)

    def close(self) -> None:
        """Nobody will answer any more."""
        self.drop()
        for task in self._carried:
            task.cancel()

    async def _transcribe(self, utterance: Utterance) -> Result:
        patience = self._deadlines.transcribe
        try:
            async with asyncio.timeout(patience):
                transcript = await self._hearing.transcribe(
                    utterance, self.languages, expects=self.expects, deadline_seconds=patience
                )
        except SpeechError as error:
            return error
        except TimeoutError:
            return SpeechError("transcription took too long")
        self.ear.heard_so_far(transcript.text)
        return transcript
