"""What a call to somebody who asked to be called back needs to be told, and what it tells."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from telephony.call import Pcm16, Spoken
from telephony.twilio.callback_state import CallbackPatience, Outcome, Stage


@dataclass(frozen=True, slots=True)
class CallbackRequest:
    """Who calls whom, and what the agent hears before.

    Args:
        callback: id of what was asked for: 32 hex digits; stands in addresses.
        attempt: which try this is, from 1; an address of an earlier one is answered "too late".
        agent: E.164 or SIP address of the agent, only ever from the bot's own configuration.
        customer: E.164, only ever of a stored callback that is open. Never logged.
        sender: one of the account's own numbers, E.164: both are called from it.
        whisper: said to whoever answers the agent's phone, with "press 1": nothing personal, a voicemail may hear it.
        brief: what it is about; only in our own voice, and only after the key, while the customer is not rung yet.
        no_brief: said by the carrier when our voice cannot speak the brief; nothing personal.
        missed: said by the carrier to the agent when the customer could not be reached.
        how_it_went: said by the carrier to the agent when the customer has gone: press 1 or 2.
        sorry: said by the carrier to whoever answers or presses too late.
        patience: how long each wait may take.
    """

    callback: str
    attempt: int
    agent: str = field(repr=False)
    customer: str = field(repr=False)
    sender: str
    whisper: Spoken
    brief: Spoken = field(repr=False)
    no_brief: Spoken
    missed: Spoken
    how_it_went: Spoken
    sorry: Spoken
    patience: CallbackPatience = CallbackPatience()


@dataclass(frozen=True, slots=True)
class CallbackNews:
    """A call to a customer has got further. outcome: None until it is over."""

    callback: str
    stage: Stage
    outcome: Outcome | None


class NoCallback(Exception):
    """A callback is not one that may be placed, now: nobody waits for it any more, or another agent has it."""


Recall: TypeAlias = Callable[[str, int], Awaitable[CallbackRequest]]
"""After a restart: the request of a callback and a try that are under way at the carrier; raises `NoCallback`."""

Voice: TypeAlias = Callable[[Spoken], Awaitable[Pcm16]]
"""Speaks a few sentences in our own voice: int16, 8 kHz mono."""

Tell: TypeAlias = Callable[[CallbackNews], None]
"""Told of every step. Must not wait."""
