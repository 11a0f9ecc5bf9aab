"""What a warm transfer needs to be told, and what it has written down."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from telephony.call import Pcm16, Spoken
from telephony.transfer.happenings import Attempted, Finished, Person
from telephony.transfer.states import Patience

Sound: TypeAlias = Callable[[], Awaitable[Pcm16]]
"""Speech that is made when it is needed: int16, 8 kHz mono."""


@dataclass(frozen=True, slots=True)
class WarmRequest:
    """Who is to be asked to take a caller, and what they hear.

    Args:
        id: random, 32 hex digits: names the room, and stands in addresses and records.
        rounds: who is rung: those of a round at once, one round after the other.
        whisper: said to whoever answers, with "press 1": may reach a voicemail, so nothing personal is in it.
        whisper_text: the same in the carrier's own voice, for when ours is broken.
        brief: who, what, why and what has been tried; heard only by the person who pressed the key.
        no_brief: said by the carrier's voice when the brief cannot be made; nothing personal.
        sorry: said by the carrier's voice to whoever answers or presses too late.
        patience: how long each wait may take.
    """

    id: str
    rounds: tuple[tuple[Person, ...], ...]
    whisper: Sound
    whisper_text: Spoken
    brief: Sound
    no_brief: Spoken
    sorry: Spoken
    patience: Patience = Patience()


TransferRecord: TypeAlias = Attempted | Finished
"""What is written down of a transfer; it comes also when the conversation is long over."""
