"""What can happen to a warm transfer, and what it can want done: small values, no carrier's words in them."""

from dataclasses import dataclass, field
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


# What happens.


@dataclass(frozen=True, slots=True)
class LegMade:
    """The carrier has taken the order to ring somebody. leg: its id."""

    attempt: int
    leg: str


@dataclass(frozen=True, slots=True)
class LegRefused:
    """The carrier would not."""

    attempt: int


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
class KeyPressed:
    """Whoever answered was asked to press a key. key: "" when they pressed none in time."""

    attempt: int
    key: str


@dataclass(frozen=True, slots=True)
class BriefHeard:
    """The brief has been spoken to its end."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Taken:
    """A person took the caller by other means than the key: "accept" in the console, for a leg that is ringing."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Declined:
    """A person said no in the console. reason: one of a short list, never free words."""

    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class CallerJoined:
    """The caller is in the room."""


@dataclass(frozen=True, slots=True)
class AgentJoined:
    """The person is in the room."""

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
    | KeyPressed
    | BriefHeard
    | Taken
    | Declined
    | CallerJoined
    | AgentJoined
    | CallerGone
    | CallerStays
    | CallerBack
    | Tick
)


# What is wanted.


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring a person's phone."""

    attempt: int
    person: Person
    seconds: int


@dataclass(frozen=True, slots=True)
class EndLeg:
    """End a person's leg, whatever it is doing; one that has ended already is no fault.

    Args:
        why: an outcome of `Attempt`: whoever has answered already is told.
    """

    attempt: int
    leg: str
    why: str


@dataclass(frozen=True, slots=True)
class TellCaller:
    """Somebody has taken the call, and is hearing the brief: the bot says so."""


@dataclass(frozen=True, slots=True)
class MoveCaller:
    """The bot lets the caller go into the room."""


@dataclass(frozen=True, slots=True)
class ReturnCaller:
    """The bot takes the caller back.

    Args:
        why: the transfer's outcome.
        moved: the caller has left the bot's line already, so that the carrier has to bring them back.
    """

    why: str
    moved: bool


@dataclass(frozen=True, slots=True)
class Times:
    """When what happened to one attempt: seconds of the transfer's clock, which are those of the epoch.

    Args:
        began: the carrier was asked to ring them.
        rang: their phone began to ring, or None.
        answered: it was answered, by somebody or something, or None.
        ended: nothing more came of it.
    """

    began: float
    rang: float | None
    answered: float | None
    ended: float


@dataclass(frozen=True, slots=True)
class Attempted:
    """For the records: what came of one attempt; comes once of each, perhaps after `Finished`.

    Args:
        attempt: its number, from 1.
        person: id of whoever was rung.
        outcome: see `telephony.transfer.outcomes.ATTEMPT_OUTCOMES`.
        department: id of the one they were rung for.
        times: None in tests that do not ask.
    """

    attempt: int
    person: str
    outcome: str
    department: str = field(default="", compare=False)
    times: Times | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Finished:
    """For the records: what came of the transfer. seconds_to_human: None when nobody was reached."""

    outcome: str
    seconds_to_human: float | None


Order: TypeAlias = Ring | EndLeg | TellCaller | MoveCaller | ReturnCaller | Attempted | Finished
