"""What a warm transfer can want done, and what it wants written down."""

from dataclasses import dataclass, field
from typing import TypeAlias

from telephony.transfer.happenings import Person


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
        attempt: its number.
        leg: the carrier's id.
        why: outcome of the attempt.
        tell: somebody listens who expected a caller: a sentence first.
    """

    attempt: int
    leg: str
    why: str
    tell: bool = False


@dataclass(frozen=True, slots=True)
class TellRinging:
    """Somebody's phone is being rung: the bot may say so."""

    person: Person


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
    """For the records: what came of the transfer.

    Args:
        outcome: see `telephony.transfer.outcomes.TRANSFER_OUTCOMES`.
        seconds_to_human: from asking until both were in the room; None when nobody was reached.
    """

    outcome: str
    seconds_to_human: float | None


Order: TypeAlias = Ring | EndLeg | TellRinging | TellCaller | MoveCaller | ReturnCaller | Attempted | Finished
