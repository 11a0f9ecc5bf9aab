"""Fakes shared by the tests; each satisfies the same Protocol as the real part.

Audio is the clock: a `FakeCall` plays 20 ms of what the bot queued for every frame the caller sends, so a ten-minute
call runs in milliseconds and nothing sleeps.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from dialog.brief import AgentWords, Brief
from dialog.events import CallBegan, Decision, Event, HandOff, Listen, Prompt, Reply, Ringing
from dialog.frustration import Mood
from speech.audio import AudioChunk, Samples
from speech.transcript import Transcript, Utterance
from telephony.call import (
    Call,
    CallEnded,
    Caller,
    CallEvent,
    Caption,
    EndReason,
    FrameReceived,
    KeyPressed,
    LineKind,
    MarkCleared,
    MarkPlayed,
    Pcm16,
    TextTyped,
    TransferNews,
    TransferTarget,
)
from telephony.errors import LineClosed
from telephony.transfer.request import WarmRequest

RATE_HZ = 8_000
FRAME_SAMPLES = RATE_HZ // 50


async def settle() -> None:
    """Let every task that can run, run."""
    for _ in range(60):
        await asyncio.sleep(0)


class FakeVad:
    """Loud windows are speech."""

    on = 0.5
    off = 0.35

    def probability(self, window: Samples) -> float:
        """1.0 above about -34 dBFS."""
        return float(np.sqrt(np.mean(np.square(window))) > 0.02)


class FakeCall(Call):
    """A line under the test's control.

    Args:
        caller: who is calling.
        refuse_transfer: raised by `transfer`, or None.
    """

    def __init__(self, caller: Caller | None = None, refuse_transfer: Exception | None = None) -> None:
        self._caller = caller or Caller("CA1", LineKind.TWILIO, "+4799999999", "+4721000000")
        self._refuse_transfer = refuse_transfer
        self._events: asyncio.Queue[CallEvent] = asyncio.Queue()
        self._queue: deque[tuple[int, str]] = deque()
        self.played: list[tuple[str, int]] = []
        self.cleared = 0
        self.captions: list[Caption] = []
        self.texts: list[str] = []
        self.transferred: TransferTarget | None = None
        self.asked: list[WarmRequest] = []
        self.stopped_asking = 0
        self.took: list[str] = []
        self.declined: list[tuple[str, str]] = []
        self.joined = False
        self.hung_up = False
        self.closed = False

    @property
    def caller(self) -> Caller:
        return self._caller

    @property
    def rate_hz(self) -> int:
        return RATE_HZ

    async def events(self) -> AsyncIterator[CallEvent]:
        while True:
            event = await self._events.get()
            yield event
            if isinstance(event, CallEnded):
                return

    async def play(self, pcm: Pcm16, mark: str) -> None:
        self._check()
        self.played.append((mark, len(pcm)))
        self._queue.append((len(pcm), mark))

    async def clear(self) -> None:
        self._check()
        self.cleared += 1
        while self._queue:
            self._events.put_nowait(MarkCleared(self._queue.popleft()[1]))

    async def show(self, caption: Caption) -> None:
        self.captions.append(caption)

    async def send_text(self, text: str) -> None:
        self._check()
        self.texts.append(text)

    async def ask_person(self, request: WarmRequest) -> None:
        self._check()
        if self._refuse_transfer is not None:
            raise self._refuse_transfer
        self.asked.append(request)

    def stop_asking(self) -> None:
        self.stopped_asking += 1

    def person_takes(self, person: str) -> bool:
        first = not self.took
        if first:
            self.took.append(person)
        return first and not self.closed

    def person_declines(self, person: str, reason: str) -> bool:
        self.declined.append((person, reason))
        return not self.took and not self.closed

    async def join_person(self) -> None:
        self._check()
        self.joined = True
        self._end(EndReason.TRANSFERRED)

    async def transfer(self, target: TransferTarget) -> None:
        self._check()
        if self._refuse_transfer is not None:
            raise self._refuse_transfer
        self.transferred = target
        self._end(EndReason.TRANSFERRED)

    async def hang_up(self) -> None:
        self.hung_up = True
        self._end(EndReason.WE_HUNG_UP)

    # What the test does.

    async def send(self, pcm: Pcm16) -> None:
        """The caller sends audio; the bot's audio plays at the same pace."""
        for start in range(0, len(pcm), FRAME_SAMPLES):
            if self.closed:
                return
            self._play_frame()
            self._events.put_nowait(FrameReceived(pcm[start : start + FRAME_SAMPLES]))
            await settle()

    async def silence(self, seconds: float) -> None:
        """The caller says nothing."""
        await self.send(np.zeros(int(seconds * RATE_HZ), np.int16))

    async def speech(self, seconds: float, dbfs: float = -20.0) -> None:
        """The caller makes a sound that `FakeVad` takes for speech."""
        loud = int(32767 * 10 ** (dbfs / 20))
        await self.send(np.resize(np.array([loud, -loud], np.int16), int(seconds * RATE_HZ)))

    async def tell(self, news: TransferNews) -> None:
        """There is news of the people who are asked."""
        self._events.put_nowait(news)
        await settle()

    async def press(self, digit: str) -> None:
        """The caller presses a key."""
        self._events.put_nowait(KeyPressed(digit))
        await settle()

    async def type(self, text: str) -> None:
        """The caller types a line."""
        self._events.put_nowait(TextTyped(text))
        await settle()

    async def listen_out(self, seconds: float = 60.0) -> None:
        """The caller listens until the bot has said everything."""
        for _ in range(int(seconds * 50)):
            await self.silence(0.02)
            if self.closed or not self._queue:
                return

    async def leave(self, reason: EndReason = EndReason.CALLER_HUNG_UP) -> None:
        """The caller hangs up."""
        self._end(reason)
        await settle()

    def shown(self, kind: str) -> list[str]:
        """The captions of one kind."""
        return [caption.text for caption in self.captions if caption.kind == kind]

    def _play_frame(self) -> None:
        left = FRAME_SAMPLES
        while self._queue and left > 0:
            samples, mark = self._queue.popleft()
            if samples > left:
                self._queue.appendleft((samples - left, mark))
                return
            left -= samples
            self._events.put_nowait(MarkPlayed(mark))

    def _end(self, reason: EndReason) -> None:
        if not self.closed:
            self.closed = True
            self._events.put_nowait(CallEnded(reason))

    def _check(self) -> None:
        if self.closed:
            raise LineClosed("the caller has gone")


def transcript(text: str, rejected: str | None = None, language: str = "en") -> Transcript:
    """A transcript of one second, sure of itself."""
    return Transcript(text, language, 1.0, 0.9, 0.1, rejected, "fake", "hybrid", 1.0, 0.0, 1.0)


@dataclass
class FakeHearing:
    """Answers with planned transcripts, one per utterance heard to its end; an exception in the plan is raised.

    Args:
        plan: what the utterances say, in order; a pause and the end of the same speech get the same one.
    """

    plan: list[Transcript | Exception]
    asked: list[Utterance] = field(default_factory=list)
    languages: list[tuple[str, ...]] = field(default_factory=list)

    async def transcribe(
        self,
        utterance: Utterance,
        languages: Sequence[str],
        *,
        expects: str = "open",
        choices: Sequence[str] = (),
        deadline_seconds: float | None = None,
        needed: asyncio.Event | None = None,
    ) -> Transcript:
        self.languages.append(tuple(languages))
        starts = list(dict.fromkeys(round(one.start_seconds, 3) for one in self.asked))
        start = round(utterance.start_seconds, 3)
        self.asked.append(utterance)
        result = self.plan[starts.index(start) if start in starts else len(starts)]
        if isinstance(result, Exception):
            raise result
        return result


@dataclass
class FakeSpeaking:
    """A second and a half of quiet per sentence; sentences are what stands between full stops.

    Args:
        fails: raised by every `stream` while set.
    """

    fails: Exception | None = None
    said: list[str] = field(default_factory=list)

    def sentences(self, text: str, language: str) -> tuple[str, ...]:
        return tuple(f"{part.strip()}." for part in text.split(".") if part.strip())

    async def stream(
        self, sentence: str, language: str, *, rate_hz: int, slower: bool = False, ahead_seconds: float = 0.0
    ) -> AsyncIterator[AudioChunk]:
        if self.fails is not None:
            raise self.fails
        self.said.append(sentence)
        for _ in range(3):
            yield AudioChunk(np.zeros(rate_hz // 2, np.int16), rate_hz)


@dataclass(frozen=True)
class FakeState:
    """Remembers the events it has seen."""

    seen: tuple[Event, ...] = ()
    language: str = "en"
    mood: Mood = Mood()
    ringing: str = ""
    caller_languages: tuple[str, ...] = ("en",)


def saying(text: str, action: Any = None, rule: str = "fake", **prompt: Any) -> Reply:
    """A reply of one prompt."""
    return Reply((Prompt(text, "en", **prompt),), action or Listen(), Decision(rule))


@dataclass
class FakeMind:
    """Answers as the test plans: a function from event to reply.

    Args:
        answer: what to say to an event other than the beginning of the call.
        greeting: what to say first.
        agent: who takes a caller when something is broken.
    """

    answer: Callable[[Event], Reply]
    greeting: Reply = field(default_factory=lambda: saying("Hello. I am a bot."))
    agent: HandOff | None = field(default_factory=lambda: HandOff("service", "+4721000000", "service", "fault"))
    states: list[FakeState] = field(default_factory=list)
    rung: list[Ringing] = field(default_factory=list)

    def new_state(self) -> FakeState:
        return FakeState()

    def respond(self, state: FakeState, event: Event, now: datetime) -> tuple[FakeState, Reply]:
        self.states.append(state)
        following = FakeState((*state.seen, event))
        return following, self.greeting if isinstance(event, CallBegan) else self.answer(event)

    def person(self, now: datetime, language: str) -> HandOff | None:
        return self.agent

    def agent_words(self, state: Any, person: HandOff) -> AgentWords:
        words = ("No brief.", "Too late.", "It comes.", "Press 1 if busy.", "Noted.")
        return AgentWords("en", "Press 1 to take a call.", f"A caller. {person.reason}.", *words)

    def brief(self, state: Any, reason: str, language: str) -> Brief:
        return Brief("A caller.", "a call", f"A caller. {reason}. {language}.", {"events": len(state.seen)})

    def ringing_words(self, state: Any, now: Ringing) -> tuple[Prompt, ...]:
        self.rung.append(now)
        return (Prompt(f"Number {now.position}.", "en"),)

    def apology(self, kind: str, language: str) -> str:
        return f"Sorry, {kind}."


class InlineExecutor(Executor):
    """Runs what it is given at once, on the calling thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future
