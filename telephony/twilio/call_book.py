"""What is known of each call, from its first webhook until some time after its end. One record per CallSid."""

import asyncio
import hashlib
import re
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from telephony.call import Spoken, TransferTarget
from telephony.front_desk import Refusal

CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
FINAL_STATUSES = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")

# Late and repeated webhooks of a finished call still get the right answer this long.
_KEEP_ENDED_SECONDS = 600.0
# A call whose end Twilio never reported: longer than Twilio lets any call last on its default limit of 4 h.
_KEEP_SILENT_SECONDS = 5 * 3600.0
# Ids of calls long over, so that an old request sent again opens none of them: two days of a busy line in 3 MB.
_KEEP_OVER = 20_000


@dataclass(frozen=True, slots=True)
class Connect:
    """The bot (again): `<Connect><Stream>`.

    Args:
        resumed: "reconnect" after a lost stream, "no-answer" after a failed transfer, "after-person" when the talk with
            a person is over and the caller still there, None at first. The bot knows it from `Caller.resumed` and tells
            the caller itself.
    """

    resumed: str | None = None


@dataclass(frozen=True, slots=True)
class PassOn:
    """A person: `<Dial>`."""

    target: TransferTarget


@dataclass(frozen=True, slots=True)
class EnterRoom:
    """A person who has heard the brief waits in this transfer's room."""

    transfer: str


@dataclass(frozen=True, slots=True)
class Decline:
    """The bot cannot: an apology, then a person if there is one."""

    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Apologise:
    """Nobody can: an apology, then the end."""

    apology: tuple[Spoken, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """Some seconds of waiting, then the same question again."""

    moment: Spoken


@dataclass(frozen=True, slots=True)
class HangUp:
    """The end of the call."""


NextStep: TypeAlias = Connect | PassOn | EnterRoom | Decline | Apologise | Hold | HangUp
"""What Twilio is to do with a call when it asks."""


class LiveStream(Protocol):
    """The stream that a call has open just now, as webhooks see it."""

    def caller_gone(self) -> None:
        """Twilio says that the call is over."""
        ...

    def lose(self) -> None:
        """Twilio says that the stream is over, or another stream has taken its place."""
        ...


class AskedPeople(Protocol):
    """A warm transfer, as the call sees it."""

    @property
    def id(self) -> str:
        """Names its room."""
        ...

    @property
    def waits(self) -> bool:
        """Somebody has heard the brief, and waits in the room for the caller."""
        ...

    def caller_gone(self) -> None:
        """The caller has hung up."""
        ...


@dataclass(slots=True, eq=False)
class CallRecord:
    """One call.

    Args:
        call_sid: CA...
        began_at: the clock at its first webhook.
        number: the caller's, E.164, or None when withheld. Personal data.
        called: the number that was called.
        streams: how many streams have started.
        reconnects: how many lost streams were asked for again.
        holds: how often the caller was asked to wait until the bot is there again.
        resumptions: how often the bot took the call back from a phone that nobody picked up.
        dials: how often a person's phone was rung.
        dialling: the step that rang the last one.
        dialled: whose phone that was.
        next_step: what we want Twilio to do when the stream ends; None when its end is not our doing.
        moved: set when Twilio has asked for the next step, or has reported the end.
        ended_at: the clock when Twilio reported the end, or None.
        stream: the open one.
        transfer: people who are being asked to take the caller, or have, or None.
        answered: the steps already given, so that a repeated webhook gets the same.
        repeats: how often each of those answers was given again.
    """

    call_sid: str
    began_at: float
    number: str | None = None
    called: str | None = None
    streams: int = 0
    reconnects: int = 0
    holds: int = 0
    resumptions: int = 0
    dials: int = 0
    dialling: NextStep | None = None
    dialled: TransferTarget | None = None
    next_step: NextStep | None = None
    moved: asyncio.Event = field(default_factory=asyncio.Event)
    ended_at: float | None = None
    stream: LiveStream | None = None
    transfer: AskedPeople | None = None
    answered: dict[tuple[str, str], NextStep] = field(default_factory=dict)
    repeats: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def ended(self) -> bool:
        """Whether Twilio has reported the end."""
        return self.ended_at is not None

    def begin_stream(self, stream: LiveStream) -> None:
        """A stream has started; one that was still open cannot be alive, because Twilio allows one per call."""
        if self.stream is not None:
            self.stream.lose()
        self.stream = stream
        self.streams += 1
        self.next_step = None
        self.moved.clear()

    def end(self, now: float) -> None:
        """Twilio has reported the end of the call."""
        self.ended_at = now
        self.moved.set()
        if self.stream is not None:
            self.stream.caller_gone()
        self.caller_gone()

    def caller_gone(self) -> None:
        """Nobody needs to be rung for this caller any more."""
        if self.transfer is not None:
            self.transfer.caller_gone()


class CallBook:
    """The records of all calls, bounded by forgetting old ones.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._records: dict[str, CallRecord] = {}
        self._over: OrderedDict[bytes, None] = OrderedDict()

    def find(self, call_sid: str) -> CallRecord | None:
        """The record of a call, or None."""
        return self._records.get(call_sid)

    def was_over(self, call_sid: str) -> bool:
        """Whether a call ended so long ago that its record is gone."""
        return call_sid not in self._records and _short(call_sid) in self._over

    def open(self, call_sid: str, fields: Mapping[str, str]) -> CallRecord:
        """The record of a call, made from the fields of its first webhook if there is none yet."""
        record = self._records.get(call_sid)
        if record is None:
            self._forget_old()
            record = CallRecord(
                call_sid, self._clock(), number=e164(fields.get("From")), called=fields.get("To") or None
            )
            self._records[call_sid] = record
        return record

    def _forget_old(self) -> None:
        now = self._clock()
        old = [sid for sid, record in self._records.items() if not record.stream and _is_old(record, now)]
        for sid in old:
            del self._records[sid]
            self._over[_short(sid)] = None
        while len(self._over) > _KEEP_OVER:
            self._over.popitem(last=False)


def _short(call_sid: str) -> bytes:
    return hashlib.blake2b(call_sid.encode(), digest_size=16).digest()


def e164(number: str | None) -> str | None:
    """The number if it is one; None for what carriers write when it is withheld, in whatever case."""
    return number if number is not None and _E164.fullmatch(number) else None


def _is_old(record: CallRecord, now: float) -> bool:
    if record.ended_at is not None:
        return now - record.ended_at > _KEEP_ENDED_SECONDS
    return now - record.began_at > _KEEP_SILENT_SECONDS
