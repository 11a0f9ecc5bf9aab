"""What a phone line is to the rest of the program: one small Protocol and the events it yields."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from telephony.transfer.request import WarmRequest

Pcm16: TypeAlias = npt.NDArray[np.int16]
"""Linear PCM: int16, shape (n,), mono, at the call's `rate_hz`."""

FRAME_SECONDS = 0.02
"""Every frame on every line is 20 ms."""


class LineKind(StrEnum):
    """Where a call comes from."""

    TWILIO = "twilio"
    BROWSER = "browser"
    MICROPHONE = "microphone"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, on which line.

    Args:
        call_id: the carrier's id of the call (Twilio: CallSid), or a random one; safe to log.
        line: the kind of line.
        number: E.164, or None when withheld or when there is none. Personal data: never log it.
        called: the number or address that was called.
        language: a language the caller has chosen before speaking (the browser page has a menu), or None.
        writes: the caller has no microphone here, and types.
        resumed: why this stream continues an earlier one of the same call: "reconnect" after a lost stream, "no-answer"
            when nobody took the caller, "after-person" when the person has hung up and the caller has not; else None.
    """

    call_id: str
    line: LineKind
    number: str | None = None
    called: str | None = None
    language: str | None = None
    resumed: str | None = None
    writes: bool = False


@dataclass(frozen=True, slots=True)
class FrameReceived:
    """20 ms from the caller: int16, shape (rate_hz // 50,), mono, at the call's rate."""

    pcm: Pcm16


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """One key of the keypad: 0-9, * or #. Personal data: never log it."""

    digit: str


@dataclass(frozen=True, slots=True)
class TextTyped:
    """A line of text from a caller who types instead of talking. Personal data: never log it."""

    text: str


@dataclass(frozen=True, slots=True)
class MarkPlayed:
    """The caller has heard everything that was played up to this mark."""

    name: str


@dataclass(frozen=True, slots=True)
class MarkCleared:
    """Audio before this mark was dropped by `clear` and never heard."""

    name: str


class EndReason(StrEnum):
    """Why a call's events stopped."""

    CALLER_HUNG_UP = "caller_hung_up"
    WE_HUNG_UP = "we_hung_up"
    TRANSFERRED = "transferred"
    LINE_LOST = "line_lost"
    TIME_LIMIT = "time_limit"


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The last event of every call; nothing follows it."""

    reason: EndReason


@dataclass(frozen=True, slots=True)
class PersonRings:
    """Somebody's phone has begun to ring for the caller. department: id of the one they answer for."""

    person: str
    department: str


@dataclass(frozen=True, slots=True)
class PersonTook:
    """Somebody has taken the call, and is hearing what it is about."""

    person: str


@dataclass(frozen=True, slots=True)
class PersonReady:
    """Somebody has heard the brief and waits in the room."""

    person: str


@dataclass(frozen=True, slots=True)
class PersonGone:
    """Nothing more comes of ringing somebody. outcome: of the attempt, see `telephony.transfer.outcomes`."""

    person: str
    outcome: str


@dataclass(frozen=True, slots=True)
class NobodyCame:
    """The transfer is over, and the caller is still on the line. outcome: see `telephony.transfer.outcomes`."""

    outcome: str


TransferNews: TypeAlias = PersonRings | PersonTook | PersonReady | PersonGone | NobodyCame
"""What a conversation is told while people are asked to take its caller."""

CallEvent: TypeAlias = FrameReceived | KeyPressed | TextTyped | MarkPlayed | MarkCleared | TransferNews | CallEnded


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence for the carrier's own voice, for when ours cannot speak.

    Args:
        text: plain words.
        language: nb, nn, en or uk.
    """

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class TransferTarget:
    """Where a caller is passed on to.

    Args:
        number: E.164 or SIP URI, only ever from the bot's own configuration.
        name: the department's name, for people to read.
        announcement: said by the carrier's voice before it rings, for when ours cannot speak.
        apology: said by the carrier when nobody there picks up and the bot cannot take the caller back.
    """

    number: str
    name: str
    announcement: tuple[Spoken, ...] = ()
    apology: tuple[Spoken, ...] = ()


@dataclass(frozen=True, slots=True)
class Caption:
    """What is going on, for lines that can show it; a phone ignores it.

    Args:
        kind: "caller", "bot", "partial", "state", "interrupted", "transfer", "message", "ended".
        text: the words, or the state's name.
        details: JSON-able facts beside it (confidence, latency per stage, article).
    """

    kind: str
    text: str
    details: Mapping[str, object] = field(default_factory=dict)


class Call(Protocol):
    """One caller on one line.

    The line paces what is played (at most 200 ms ahead of the caller's ear), drops it on `clear`, and tells with
    `MarkPlayed` what was really heard. All methods raise `LineClosed` once the line is gone.
    """

    @property
    def caller(self) -> Caller:
        """Who is calling."""
        ...

    @property
    def rate_hz(self) -> int:
        """Rate of every frame in both directions: 8000 on the phone, 16000 in a browser or on a microphone."""
        ...

    def events(self) -> AsyncIterator[CallEvent]:
        """What happens on the line, in order, ending with exactly one `CallEnded`. Iterate once."""
        ...

    async def play(self, pcm: Pcm16, mark: str) -> None:
        """Queue audio behind what is already queued, then a mark.

        Returns as soon as it is queued; waits only while more than 30 s are queued already.

        Args:
            pcm: int16, any length (the line pads to whole frames), mono, at `rate_hz`.
            mark: a name never used before in this call; comes back in `MarkPlayed` or `MarkCleared`.
        """
        ...

    async def clear(self) -> None:
        """Drop everything not yet played, here and at the carrier. Marks outstanding come back as `MarkCleared`."""
        ...

    async def show(self, caption: Caption) -> None:
        """Tell the line what is going on. Never raises: a caption is not worth a call."""
        ...

    async def send_text(self, text: str) -> None:
        """Send the caller something to read: a text message to a phone, a line on a page.

        Raises:
            CarrierRefused: the carrier would not, or the caller's number is not known.
        """
        ...

    async def ask_person(self, request: "WarmRequest") -> None:
        """Ring people who may take the caller, while the call goes on; the events tell how it goes.

        Asking again takes the place of asking before.

        Raises:
            CarrierRefused: this line can ring nobody, or not now.
        """
        ...

    def stop_asking(self) -> None:
        """The caller would rather stay: whoever is ringing stops. Nothing when nobody is asked."""
        ...

    def person_takes(self, person: str) -> bool:
        """Somebody has said on their screen that they take the caller: their phone rings first, and asks for no key.

        Whoever hears the question about the key just now is still asked: it may be their voicemail that listens.

        Args:
            person: one of those of `ask_person`, whether their phone rings already or not yet.

        Returns:
            False when somebody else was quicker, or nobody is asked any more.
        """
        ...

    def person_declines(self, person: str, reason: str) -> bool:
        """Somebody has said on their screen that they cannot: their phone stops, or will not ring.

        Args:
            person: one of those of `ask_person`.
            reason: one of `telephony.transfer.outcomes.REASONS`, or "".

        Returns:
            False when somebody has taken the caller, or nobody is asked any more.
        """
        ...

    async def join_person(self) -> None:
        """After `PersonReady`: pass the caller on to whoever waits. The call's events end with `TRANSFERRED`.

        Raises:
            CarrierRefused: nobody waits, or the carrier would not.
        """
        ...

    async def transfer(self, target: TransferTarget) -> None:
        """Pass the caller on to a person. The call's events end with `TRANSFERRED`.

        Raises:
            CarrierRefused: the carrier would not. The call goes on, unless its events have ended.
        """
        ...

    async def hang_up(self) -> None:
        """End the call at once. Wait for the last mark first if the goodbye is to be heard."""
        ...
