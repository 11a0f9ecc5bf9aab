"""What the agents' board costs a call: one line said, with many consoles open; and what one look at all calls costs.

python -m benchmarks.board_cost --consoles 50 --calls 100
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

from dialog.events import HandOff
from tests.voicebot.agents.office import ROUNDS, Quiet
from voicebot.agents.board import Board

TIMES = 5_000


def main() -> None:
    """Print medians and 99th percentiles, in microseconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--consoles", type=int, default=50)
    parser.add_argument("--calls", type=int, default=100)
    given = parser.parse_args()
    asyncio.run(_measure(given.consoles, given.calls))


async def _measure(consoles: int, calls: int) -> None:
    board = Board()
    async with AsyncExitStack() as stack:
        for _ in range(consoles):
            await stack.enter_async_context(board.watch())
        seats = [board.calls.open(f"c{number}", f"CA{number}", "twilio", "nb", Quiet()) for number in range(calls)]
        for seat in seats[: calls // 5]:
            board.calls.wants(seat, HandOff("desk", "+4721000000", "desk", "caller_asked", ROUNDS["everybody"]))
        print(f"{consoles} consoles open, {calls} calls, a fifth of them waiting; {TIMES} times each")
        _print("a line is said", lambda at: seats[at % calls].said("caller", "where is my parcel", partial=at % 3 == 0))
        _print("all calls are looked at", lambda at: board.live())


def _print(what: str, act: Callable[[int], object]) -> None:
    taken = []
    for at in range(TIMES):
        began = time.perf_counter()
        act(at)
        taken.append((time.perf_counter() - began) * 1e6)
    print(
        f"{what:<26} median {statistics.median(taken):8.1f} us   99th {statistics.quantiles(taken, n=100)[98]:8.1f} us"
    )


if __name__ == "__main__":
    main()
