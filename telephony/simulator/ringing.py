"""Calls that the bot makes: how the phone called behaves, and what the bot asked for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from telephony.simulator.handset import Handset
from telephony.simulator.verbs import Action

RING_SLACK_SECONDS = 5.0
"""How much longer than asked for the network lets a phone ring. Source: Twilio's page on calls."""


@dataclass(frozen=True, slots=True)
class Ringing:
    """How a phone that the bot calls behaves.

    Args:
        result: answered, busy, no-answer or failed. Somebody who rejects a call is busy.
        seconds: for how long it rings first.
        person: what whoever answers does with the phone, see `telephony.simulator.people`; None does nothing.
        answered_by: what machine detection makes of it: human, machine_start, machine_end_beep, fax, unknown, ...
        detected_after_seconds: how long that takes.
    """

    result: str = "answered"
    seconds: float = 0.0
    person: Callable[[Handset], Awaitable[None]] | None = None
    answered_by: str = "human"
    detected_after_seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Detection:
    """Whether a person or a machine has answered, to be found out.

    Args:
        told: who is told, once it is known; None: the first document waits for it and is asked for with the result.
    """

    told: Action | None = None


async def at_once() -> None:
    """A call that waits for no other."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A call that the bot makes.

    Args:
        ringing: how the phone called behaves.
        timeout_seconds: how long it may ring.
        detection: whether machines are to be told from people.
        turn: waits until the network has time to place it.
        whisper: it is one leg of a `<Dial>`: its documents may only say, play and ask for keys.
    """

    ringing: Ringing
    timeout_seconds: float = 60.0 + RING_SLACK_SECONDS
    detection: Detection | None = None
    turn: Callable[[], Awaitable[None]] = at_once
    whisper: bool = False
