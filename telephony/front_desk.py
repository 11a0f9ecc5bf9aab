"""How a phone line asks the house what to do with a caller."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from telephony.call import Call, Pcm16, Spoken, TransferTarget
from telephony.transfer.request import TransferRecord

RefusalReason: TypeAlias = Literal["not_ready", "full", "fault", "closed", "too_often"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the bot does not take a call, what the carrier's own voice says instead, and who does take it.

    Args:
        reason: "not_ready" (models are loading), "full", "fault" (something broke), "closed" (the service is stopping),
            "too_often" (the limits of the line).
        apology: sentences for the carrier's voice, in order.
        target: the person the caller is passed on to; None ends the call after the apology.
        moment: asks a caller to wait instead, when the reason will soon be over and the bot knows what it was about.
    """

    reason: RefusalReason
    apology: tuple[Spoken, ...]
    target: TransferTarget | None
    moment: Spoken | None = None


class FrontDesk(Protocol):
    """The house behind a line. Every line asks it the same few things."""

    def refusal(self) -> Refusal | None:
        """Whether a call may come in now. Asked before it is answered and must not wait; None means come in."""
        ...

    def fallback(self) -> Refusal:
        """What to do with a caller when the bot itself is broken. Always has an answer."""
        ...

    def remembers(self, call_id: str) -> bool:
        """Whether a conversation with this call can go on, though the line knows nothing of the call: a restart.

        Must not wait.
        """
        ...

    def transfer_noted(self, call_id: str, transfer: str, what: TransferRecord) -> None:
        """Something of a warm transfer is to be written down. Must not wait; it may come after the conversation."""
        ...

    async def transfers_written(self) -> None:
        """Wait until what was noted of transfers outlives this process: no phone rings that the next knows nothing of.

        Not long, because a caller waits: a store that is slow or broken rings people all the same. Never raises.
        """
        ...

    def saved_transfers(self) -> Sequence[tuple[str, str]]:
        """Transfers that were not over when an earlier process ended: ids, and what `Saved` said of each last.

        Asked once, before the first call. Must not wait.
        """
        ...

    async def voice(self, spoken: Spoken) -> Pcm16:
        """A few sentences in the bot's own voice, for the phones of people: int16, 8 kHz mono.

        Raises whatever is wrong with the voice; the carrier's speaks in its place then.
        """
        ...

    async def converse(self, call: Call) -> None:
        """Hold the whole conversation; returns when it is over.

        A line hangs up when this returns without having done so, passes the caller on as `fallback` says when it
        raises, and cancels it when it goes on after the call has ended.
        """
        ...
