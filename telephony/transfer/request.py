"""What a warm transfer needs to be told, and what it has written down."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from telephony.call import Spoken
from telephony.transfer.happenings import Person
from telephony.transfer.orders import Attempted, Finished
from telephony.transfer.states import Patience

Words: TypeAlias = Callable[[], Awaitable[Spoken]]
"""Sentences that are made when they are needed, because they tell how things stand then."""


@dataclass(frozen=True, slots=True)
class WarmRequest:
    """Who is to be asked to take a caller, and what they hear: in the bot's own voice, or else in the carrier's.

    Args:
        id: random, 32 hex digits: names the room, and stands in addresses and records.
        rounds: who is rung: those of a round at once, one round after the other.
        whisper: said to whoever answers, with "press 1": may reach a voicemail, so nothing personal is in it.
        brief: who, what, why and what has been tried; heard only by the person who took the caller, and never spoken by
            the carrier.
        no_brief: said in its place when it cannot be spoken; nothing personal.
        taken: said in the place of both to a person who took the caller on their screen, where the brief stands.
            Nothing personal: no key tells that it is them who has answered.
        sorry: said to whoever answers or presses too late, or whose caller has gone.
        reasons: asks whoever has declined for the reason: 1 busy, 2 not theirs, 3 later.
        noted: said when they have given one.
        patience: how long each wait may take.
        taken_by: id of a person who has said on their screen already that they take the caller: rung first, and asked
            for no key; "" when nobody has.
        after: the bot has something to say when the person has hung up and the caller has not.
        may_ring: asked by person right before each phone is rung: False when somebody else's caller has them by now.
    """

    id: str
    rounds: tuple[tuple[Person, ...], ...]
    whisper: Spoken
    brief: Words
    no_brief: Spoken
    taken: Spoken
    sorry: Spoken
    reasons: Spoken
    noted: Spoken
    patience: Patience = Patience()
    taken_by: str = ""
    after: bool = False
    may_ring: Callable[[str], bool] = lambda person: True


@dataclass(frozen=True, slots=True)
class Saved:
    """How a transfer stands, for the process after this one.

    Args:
        state: JSON, with the caller's number and what people are told in it: to be kept sealed. "" when all is over and
            it can be forgotten.
    """

    state: str = field(repr=False)


TransferRecord: TypeAlias = Attempted | Finished | Saved
"""What is written down of a transfer; it comes also when the conversation is long over."""
