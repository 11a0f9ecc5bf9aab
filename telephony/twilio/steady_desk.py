"""A front desk that answers even when the one behind it raises."""

import logging
from collections.abc import Sequence

from telephony.call import Call, Pcm16, Spoken
from telephony.front_desk import FrontDesk, Refusal
from telephony.transfer.request import TransferRecord

_log = logging.getLogger(__name__)


class SteadyDesk:
    """Asks another desk, and remembers its fallback from when it still worked. Implements `FrontDesk`.

    Args:
        desk: asked for its fallback at once, so that a house that cannot say it does not open.
    """

    def __init__(self, desk: FrontDesk) -> None:
        self._desk = desk
        self._remembered = desk.fallback()

    def refusal(self) -> Refusal | None:
        """What the desk says, or its fallback when it raises."""
        try:
            return self._desk.refusal()
        except Exception:
            _log.exception("the front desk cannot say whether a call may come in; using its fallback")
            return self.fallback()

    def fallback(self) -> Refusal:
        """What the desk says, or what it said last when it raises."""
        try:
            self._remembered = self._desk.fallback()
        except Exception:
            _log.exception("the front desk cannot say its fallback; using the last one")
        return self._remembered

    def remembers(self, call_id: str) -> bool:
        """What the desk says, or that it does not when it raises."""
        try:
            return self._desk.remembers(call_id)
        except Exception:
            _log.exception("the front desk cannot say whether it remembers a call; taking it for a no")
            return False

    def transfer_noted(self, call_id: str, transfer: str, what: TransferRecord) -> None:
        """Let the desk write it down; a transfer goes on when it cannot."""
        try:
            self._desk.transfer_noted(call_id, transfer, what)
        except Exception:
            _log.exception("the front desk cannot write down what came of a transfer")

    async def transfers_written(self) -> None:
        """The desk's own waiting; a transfer goes on when it raises."""
        try:
            await self._desk.transfers_written()
        except Exception:
            _log.exception("the front desk cannot say whether a transfer is written down")

    def saved_transfers(self) -> Sequence[tuple[str, str]]:
        """What the desk says, or none when it raises."""
        try:
            return self._desk.saved_transfers()
        except Exception:
            _log.exception("the front desk cannot say which transfers go on; they are over")
            return ()

    async def voice(self, spoken: Spoken) -> Pcm16:
        """The desk's own voice; what it raises is the line's to handle."""
        return await self._desk.voice(spoken)

    async def converse(self, call: Call) -> None:
        """The desk's own conversation; what it raises is the line's to handle."""
        await self._desk.converse(call)
