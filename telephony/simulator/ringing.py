"""How a phone behaves that the bot calls."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from telephony.simulator.handset import Handset

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
