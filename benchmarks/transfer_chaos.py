"""Warm transfers in real time with people, callbacks and a carrier that behave badly at random, as many as wanted.

python -m benchmarks.transfer_chaos 1000 --at-once 6
"""

import argparse
import asyncio
import logging
import time
from collections import Counter

from tests.telephony.transfer_chaos import troubled_transfer


def main() -> None:
    """Play them; tells every seed that broke a law, and ends with status 1 when there was one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("transfers", type=int, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--at-once", type=int, default=4, help="how many at the same time; too many, and all are late")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)  # what goes wrong here goes wrong on purpose
    began = time.monotonic()
    seeds = range(arguments.first, arguments.first + arguments.transfers)
    outcomes, broken = asyncio.run(played(seeds, arguments.at_once))
    print(f"{len(seeds)} transfers, {len(broken)} broke a law, {time.monotonic() - began:.0f} s")
    for outcome, times in outcomes.most_common():
        print(f"{times:7} {outcome}")
    for fault in broken:
        print(fault)
    raise SystemExit(bool(broken))


async def played(seeds: range, at_once: int) -> tuple[Counter[str], list[str]]:
    """The outcomes, and what was broken."""
    room = asyncio.Semaphore(at_once)
    outcomes: Counter[str] = Counter()
    broken: list[str] = []

    async def play(seed: int) -> None:
        async with room:
            try:
                outcomes[await troubled_transfer(seed)] += 1
            except AssertionError as fault:
                broken.append(str(fault))

    async with asyncio.TaskGroup() as tasks:
        for seed in seeds:
            tasks.create_task(play(seed))
    return outcomes, broken


if __name__ == "__main__":
    main()
