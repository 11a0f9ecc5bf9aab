"""What is known of a call before it begins, and what the bot asked for when it makes one itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from telephony.simulator.callbacks import Subscription
from telephony.simulator.dialling import Connect
from telephony.simulator.ringing import RING_SLACK_SECONDS, Ringing
from telephony.simulator.verbs import Action
from telephony.simulator.webhooks import Answer


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


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known of a call before it begins.

    Args:
        opening: where its first document comes from.
        subscription: who is told how it goes.
        fallback: asked for a document when another address fails.
        outgoing: for a call that the bot makes.
        limit_seconds: when it is ended.
        connect: for a leg of a `<Dial>`: called when it has heard its whisper.
    """

    opening: Action | Answer
    subscription: Subscription | None = None
    fallback: Action | None = None
    outgoing: Outgoing | None = None
    limit_seconds: float = 14_400.0
    connect: Connect | None = None
