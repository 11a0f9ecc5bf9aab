"""What can happen to a warm transfer: small values, no carrier's words in them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may take a caller.

    Args:
        id: names them in records and in the console.
        number: E.164 or a SIP address; only ever from the bot's own configuration. Never logged.
        department: id of the department they answer for.
    """

    id: str
    number: str
    department: str


class LegStatus(StrEnum):
    """How a carrier names what has become of a person's leg. Source: twilio.md, 1.3."""

    INITIATED = "initiated"
    RINGING = "ringing"
    ANSWERED = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"


FINAL = frozenset({LegStatus.COMPLETED, LegStatus.BUSY, LegStatus.NO_ANSWER, LegStatus.FAILED, LegStatus.CANCELED})


@dataclass(frozen=True, slots=True)
class LegMade:
    """The carrier has taken the order to ring somebody. leg: its id."""

    attempt: int
    leg: str


@dataclass(frozen=True, slots=True)
class LegRefused:
    """The phone could not be made to ring. outcome: "failed" when the carrier would not; "busy" when we know better."""

    attempt: int
    outcome: str = "failed"


@dataclass(frozen=True, slots=True)
class LegReported:
    """The carrier says how a leg is doing.

    Args:
        attempt: from the address that it reported to.
        leg: the carrier's id.
        status: of the leg.
        sequence: order in which the carrier sent its reports of this leg; they may arrive in another.
    """

    attempt: int
    leg: str
    status: LegStatus
    sequence: int


@dataclass(frozen=True, slots=True)
class LegAnswered:
    """The carrier asks what whoever has answered is to hear; its report of the answer may come later."""

    attempt: int
    leg: str


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """Whoever answered was asked to press a key. key: "" when they pressed none in time."""

    attempt: int
    key: str


@dataclass(frozen=True, slots=True)
class ReasonGiven:
    """Whoever declined was asked why. reason: one of `telephony.transfer.outcomes.REASONS`' values, or ""."""

    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class BriefHeard:
    """The brief has been spoken to its end."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A person takes the caller by other means than the key: "accept" in the console. person: their id."""

    person: str


@dataclass(frozen=True, slots=True)
class Declined:
    """A person says no in the console.

    Args:
        person: their id.
        reason: one of `telephony.transfer.outcomes.REASONS`' values, or "".
    """

    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class CallerJoined:
    """The caller is in the room."""


@dataclass(frozen=True, slots=True)
class AgentJoined:
    """The person is in the room."""

    attempt: int


@dataclass(frozen=True, slots=True)
class AgentLeft:
    """The person has left the room; their leg's own report may come later, or never."""

    attempt: int


@dataclass(frozen=True, slots=True)
class CallerGone:
    """The caller has hung up."""


@dataclass(frozen=True, slots=True)
class CallerStays:
    """The caller would rather go on with the bot."""


@dataclass(frozen=True, slots=True)
class CallerBack:
    """The caller's line is out of the room, and still there: the room has ended, or never opened."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Happening: TypeAlias = (
    LegMade
    | LegRefused
    | LegReported
    | LegAnswered
    | KeyPressed
    | ReasonGiven
    | BriefHeard
    | Taken
    | Declined
    | CallerJoined
    | AgentJoined
    | AgentLeft
    | CallerGone
    | CallerStays
    | CallerBack
    | Tick
)
