"""What lines tell of transfers reaches the records and the board, and what was kept reaches the next process."""

from collections.abc import Sequence
from datetime import UTC, datetime

from dialog.events import HandOff
from telephony.transfer.orders import Attempted, Finished, Times
from telephony.transfer.request import Saved
from tests.voicebot.agents.office import ADA, AGENTS, Quiet
from tests.voicebot.test_keeping import NOON, Book
from voicebot.agents.board import Board
from voicebot.agents.status import Status
from voicebot.records.entries import AgentStatusSet, TransferAttempted, TransferEnded, TransferSaved
from voicebot.transfers_kept import TransfersKept

PERSON = HandOff("desk", "+4721000000", "customer service", "caller_asked", ((ADA,),))


class Kept:
    """What an earlier process has left."""

    async def saved_transfers(self) -> Sequence[tuple[str, str]]:
        return [("t1", "{}")]

    async def statuses(self) -> dict[str, tuple[str, datetime]]:
        return {"ada": ("away", NOON)}


async def test_a_transfer_is_written_down_and_whoever_was_rung_is_free_again() -> None:
    book, board = Book(), Board()
    kept = TransfersKept(book, board.calls, lambda: NOON)
    seat = board.calls.open("c1", "CA1", "twilio", "nb", Quiet())
    board.calls.wants(seat, PERSON)
    board.calls.asks(seat, "t1", PERSON.rounds)
    assert board.calls.may_ring(seat, "ada")
    kept.noted("CA1", "t1", Saved("{}"))
    kept.noted("CA1", "t1", Attempted(1, "ada", "no_answer", "desk", Times(0.0, 1.0, None, 20.0)))
    assert board.statuses.of("ada").status is Status.FREE
    kept.noted("CA1", "t1", Finished("no_answer", None))
    began, ended = (datetime.fromtimestamp(seconds, UTC) for seconds in (0, 20))
    assert book.entries == [
        TransferSaved("t1", "CA1", "{}", NOON),
        TransferAttempted("t1", 1, "ada", "no_answer", began, "desk", None, ended),
        TransferEnded("t1", "no_answer", None, NOON),
    ]


async def test_the_end_of_an_earlier_transfer_is_not_the_end_of_this_one() -> None:
    board = Board()
    seat = board.calls.open("c1", "CA1", "twilio", "nb", Quiet())
    board.calls.wants(seat, PERSON)
    board.calls.asks(seat, "t2", PERSON.rounds)
    board.calls.together(seat, "ada")
    board.calls.close(seat, "handed_off")
    TransfersKept(Book(), board.calls, lambda: NOON).noted("CA1", "t1", Finished("caller_stayed", None))
    assert [call.with_person for call in board.live()] == ["ada"]


async def test_the_next_process_knows_what_was_kept() -> None:
    book, board = Book(), Board()
    kept = TransfersKept(book, board.calls, lambda: NOON)
    await kept.read(Kept())
    assert kept.saved == [("t1", "{}")]
    assert board.statuses.of("ada").status is Status.AWAY
    kept.status_said("ada", Status.FREE, NOON)
    assert book.entries == [AgentStatusSet("ada", "free", NOON)]
    assert board.to_wrap_up(AGENTS[0]) == ()
