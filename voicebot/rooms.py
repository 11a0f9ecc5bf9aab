"""What a conversation needs of the other packages, as small Protocols: the real parts and the tests' fakes fit both."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from dialog.brief import AgentWords, Brief
from dialog.events import Act, ActionDone, ActionFailed, Event, HandOff, Prompt, Reply, Ringing
from speech.audio import AudioChunk, Samples
from speech.transcript import Transcript, Utterance
from voicebot.agents.board import Board
from voicebot.callbacks.asking import Asker, NotPromised
from voicebot.feed import Feed
from voicebot.identity.provider import IdentityProvider, Proven
from voicebot.keeping import NothingKept, Noting
from voicebot.metrics import Metrics


class Mind(Protocol):
    """`dialog.Engine`: pure and synchronous; called on a thread of its own."""

    def new_state(self) -> Any:
        """The state before the first event."""
        ...

    def respond(self, state: Any, event: Event, now: datetime) -> tuple[Any, Reply]:
        """What to answer to an event."""
        ...

    def person(self, now: datetime, language: str) -> HandOff | None:
        """Who takes the caller when the bot cannot."""
        ...

    def agent_words(self, state: Any, person: HandOff) -> AgentWords:
        """What the person hears who is rung for a caller."""
        ...

    def brief(self, state: Any, reason: str, language: str) -> Brief:
        """What a conversation is about, for the screen of whoever takes over."""
        ...

    def ringing_words(self, state: Any, now: Ringing) -> tuple[Prompt, ...]:
        """What a silent caller hears while people are asked; nothing when it is too early for more."""
        ...

    def apology(self, kind: str, language: str) -> str:
        """One spoken sentence for a fault."""
        ...


class Hearing(Protocol):
    """`speech.Recogniser`."""

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
        """The words of an utterance; `needed` is set once somebody waits for them."""
        ...


class Speaking(Protocol):
    """`speech.Mouth`."""

    def sentences(self, text: str, language: str) -> tuple[str, ...]:
        """A prompt in the pieces it is spoken in."""
        ...

    def stream(
        self, sentence: str, language: str, *, rate_hz: int, slower: bool = False, ahead_seconds: float = 0.0
    ) -> AsyncIterator[AudioChunk]:
        """One sentence as audio at the line's rate, piece by piece."""
        ...


class TurnEnd(Protocol):
    """Smart-turn on a worker thread."""

    async def __call__(self, samples: Samples) -> float | None:
        """How likely the caller has finished, 0..1; None when nobody has time to say. 16 kHz mono, float32."""
        ...


class Doing(Protocol):
    """`voicebot.acting.Acting`."""

    async def __call__(self, act: Act, proven: Proven | None = None) -> ActionDone | ActionFailed:
        """What came of it; never raises, and ends by itself. proven: who the caller is, for functions that ask."""
        ...


class TakingCallbacks(Protocol):
    """`voicebot.callbacks.service.Callbacks`, as far as callers ask for something to be done later."""

    async def ask(self, arguments: Mapping[str, str], who: Asker) -> Mapping[str, str]:
        """Take a callback or a message; raises `NotPromised`."""
        ...


class NoCallbacks:
    """For a house that calls nobody back."""

    async def ask(self, arguments: Mapping[str, str], who: Asker) -> Mapping[str, str]:
        """Nothing is promised."""
        raise NotPromised("off")


async def nothing_can_be_done(act: Act, proven: Proven | None = None) -> ActionFailed:
    """For a house without actions."""
    return ActionFailed(act.ticket, "unavailable")


@dataclass(frozen=True, slots=True)
class Rooms:
    """The parts that all conversations of a process share.

    Args:
        mind: answers; runs on `thinking`, a small pool of threads.
        hearing: transcribes.
        speaking: synthesises.
        thinking: threads for the mind.
        feed: where captions go.
        metrics: what is counted.
        now: the time by which opening hours are judged.
        turn_end: judges by ear whether a caller has finished; None goes without.
        act: does things outside; without it everything is "unavailable".
        records: where what happens is written down; without it nothing is.
        identity: proves who callers are; None cannot.
        callbacks: takes what callers want done later.
        board: who takes over, and what they see.
        after_person: the bot has something to say when a person has hung up and the caller has not.
    """

    mind: Mind
    hearing: Hearing
    speaking: Speaking
    thinking: Executor
    feed: Feed
    metrics: Metrics
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    turn_end: TurnEnd | None = None
    act: Doing = nothing_can_be_done
    records: Noting = field(default_factory=NothingKept)
    identity: IdentityProvider | None = None
    callbacks: TakingCallbacks = field(default_factory=NoCallbacks)
    board: Board = field(default_factory=Board)
    after_person: bool = False


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long each wait may take, in seconds, before the caller is passed to a person.

    Args:
        transcribe: one utterance, queueing included.
        respond: the dialog's answer.
        synthesise: one sentence.
        marks: beyond the length of the queued audio, for the last mark to come back.
        carrier: a transfer or a hang-up.
        idle: the line sends nothing at all.
        ring: a person's phone, in whole seconds.
        somebody_free: until one of the people who have another caller now comes free.
        writer: until somebody at the console answers a caller who types.
        line_answered: until an agent who writes with a caller answers a line of theirs.
        console_closed: an agent who writes may have the console closed: a page that is loaded again is soon back.
        news: of people whom an earlier stream of the same call has asked.
        filler: without a reply before the caller hears that it is coming.
        filler_again: after that, before they hear that it still is.
        filler_waiting: the same, when it is the caller who has something to do.
    """

    transcribe: float = 8.0
    respond: float = 5.0
    synthesise: float = 10.0
    marks: float = 5.0
    carrier: float = 15.0
    idle: float = 60.0
    ring: int = 18
    somebody_free: float = 120.0
    writer: float = 60.0
    line_answered: float = 180.0
    console_closed: float = 45.0
    news: float = 3.0
    filler: float = 0.7
    filler_again: float = 5.0
    filler_waiting: float = 12.0
