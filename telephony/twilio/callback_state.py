"""Where a call to somebody who asked to be called back stands, and what can happen to it: plain values."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from telephony.transfer.happenings import LegStatus


class Stage(StrEnum):
    """Where a call to a customer stands."""

    RINGING = "ringing"
    WHISPERING = "whispering"
    BRIEFING = "briefing"
    CALLING = "calling"
    TALKING = "talking"
    PARTING = "parting"
    ASKING = "asking"
    OVER = "over"


class Outcome(StrEnum):
    """What came of a call to a customer."""

    TALKED = "talked"
    SHORT = "short"
    VOICEMAIL = "voicemail"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    DECLINED = "declined"
    AGENT_AWAY = "agent_away"
    AGENT_LEFT = "agent_left"


@dataclass(frozen=True, slots=True)
class CallbackPatience:
    """How long each wait may take, in seconds.

    Args:
        ring: the agent's phone rings.
        answer: beyond a ring, until the carrier has told us how it went.
        whisper: whoever answered decides.
        brief: the brief is heard.
        customer_ring: the customer's phone rings; a mobile's voicemail answers after about 25.
        talk: they talk.
        part: the carrier's last word about a call of which one side has gone.
        ask: the agent says how it went.
    """

    ring: int = 25
    answer: float = 8.0
    whisper: float = 25.0
    brief: float = 60.0
    customer_ring: int = 40
    talk: float = 3_600.0
    part: float = 5.0
    ask: float = 25.0


@dataclass(frozen=True, slots=True)
class CallbackCall:
    """One call to a customer.

    Args:
        patience: how long each wait may take.
        stage: where it stands.
        deadline: when the stage is given up.
        leg: the agent's, as the carrier names it; "" until it is known.
        sequence: of the last report of that leg that was believed.
        ended: the agent's leg is over.
        talking_at: when the customer picked up.
        talked_seconds: how long they talked, once that is over.
        outcome: what came of it; "" until then.
    """

    patience: CallbackPatience
    stage: Stage
    deadline: float
    leg: str = ""
    sequence: int = -1
    ended: bool = False
    talking_at: float | None = None
    talked_seconds: float = 0.0
    outcome: str = ""


# What happens.


@dataclass(frozen=True, slots=True)
class LegMade:
    """The carrier rings the agent. leg: its id."""

    leg: str


@dataclass(frozen=True, slots=True)
class LegRefused:
    """The carrier would not ring the agent."""


@dataclass(frozen=True, slots=True)
class AgentReported:
    """The carrier says how the agent's leg is doing; `sequence` is the order in which it sent its reports."""

    leg: str
    status: LegStatus
    sequence: int


@dataclass(frozen=True, slots=True)
class AgentAnswered:
    """Somebody, or something, has picked up the agent's phone."""

    leg: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key after the whisper or in the brief; "" when none was pressed in time."""

    key: str


@dataclass(frozen=True, slots=True)
class BriefOver:
    """The brief has been heard, or the agent has heard enough."""


@dataclass(frozen=True, slots=True)
class CustomerPickedUp:
    """The customer's phone was answered, by a person or a machine."""


@dataclass(frozen=True, slots=True)
class DialOver:
    """The customer's leg is over.

    Args:
        status: as the carrier names it.
        bridged: the two were connected; None when the carrier does not say.
        seconds: how long the customer's leg lasted, for when nobody told us when they picked up.
        agent_there: the agent is still on the line.
    """

    status: str
    bridged: bool | None
    seconds: float
    agent_there: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The agent said by key how it went; "" when they pressed none."""

    key: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


Happening: TypeAlias = (
    LegMade
    | LegRefused
    | AgentReported
    | AgentAnswered
    | Pressed
    | BriefOver
    | CustomerPickedUp
    | DialOver
    | Told
    | Tick
)
