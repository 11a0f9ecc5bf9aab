"""What lines tell of warm transfers: written down, shown to the agents, and found again after a restart."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol, assert_never

from telephony.transfer.orders import Attempted, Finished
from telephony.transfer.request import Saved, TransferRecord
from voicebot.agents.calls import Calls
from voicebot.agents.status import Status
from voicebot.keeping import Noting
from voicebot.records.entries import AgentStatusSet, TransferAttempted, TransferEnded, TransferSaved


class Kept(Protocol):
    """`voicebot.records.ledger.Ledger`."""

    async def saved_transfers(self) -> Sequence[tuple[str, str]]:
        """Transfers under way: ids, and what was saved of them last."""
        ...

    async def statuses(self) -> dict[str, tuple[str, datetime]]:
        """What people have said of whether they can take callers, and when."""
        ...


class TransfersKept:
    """Between the lines, the records and the board.

    Args:
        records: where it is written down.
        calls: the conversations that go on now.
        now: the time.
    """

    def __init__(self, records: Noting, calls: Calls, now: Callable[[], datetime]) -> None:
        self._records = records
        self._calls = calls
        self._now = now
        self.saved: Sequence[tuple[str, str]] = ()
        """Transfers that were not over when an earlier process ended: ids, and how they stood."""

    async def read(self, ledger: Kept) -> None:
        """Learn how transfers stood, and what people had said of themselves, when an earlier process ended."""
        self.saved = await ledger.saved_transfers()
        said = await ledger.statuses()
        self._calls.statuses.restore({person: (Status(status), since) for person, (status, since) in said.items()})

    def status_said(self, person: str, status: Status, at: datetime) -> None:
        """Somebody says whether they can take callers."""
        self._records.note(AgentStatusSet(person, str(status), at))

    def noted(self, call_id: str, transfer: str, what: TransferRecord) -> None:
        """Something of a transfer is to be written down; see `FrontDesk.transfer_noted`."""
        match what:
            case Attempted():
                self._records.note(self._attempted(transfer, what))
                self._calls.attempted(call_id, what.person)
            case Finished(outcome, seconds):
                self._records.note(TransferEnded(transfer, outcome, seconds, self._now()))
                self._calls.finished(call_id, transfer, talked=seconds is not None)
            case Saved(state):
                self._records.note(TransferSaved(transfer, call_id, state, self._now()))
            case _:
                assert_never(what)

    def _attempted(self, transfer: str, what: Attempted) -> TransferAttempted:
        times = what.times
        return TransferAttempted(
            transfer,
            what.attempt,
            what.person,
            what.outcome,
            self._now() if times is None else _moment(times.began),
            what.department,
            None if times is None or times.answered is None else _moment(times.answered),
            None if times is None else _moment(times.ended),
        )


def _moment(epoch_seconds: float) -> datetime:
    return datetime.fromtimestamp(epoch_seconds, UTC)
