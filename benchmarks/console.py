"""How fast the console's pages are: `python -m benchmarks.console [--conversations 1000] [--rounds 20]`.

A store in a file with conversations of eight turns each, and each page asked for in turn over ASGI: what the server
takes from request to answer, sign-in, database, opening of what is sealed, and template included. No network.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.voicebot.records.talks import MORNING, UNKNOWN, Said, Talks
from tests.voicebot.web.conftest import Kept
from tests.voicebot.web.office import EVERYBODY, Office, open_office
from voicebot.config import RecordsConfig
from voicebot.records.database import open_database
from voicebot.records.stores import open_vault

MINUTES_APART = 20
SAID = (*[Said(f"når åpner dere dag {n}") for n in range(6)], replace(UNKNOWN, words="har dere ladekabel til elbil"))
TARGET_MS = 100.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill a store and time its pages; 1 when one of them is slower than the target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=20)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        config = RecordsConfig(Path(folder) / "records", "", (), None, None)
        database = open_database(config)
        kept = Kept(database, open_vault(database, config))
        office = open_office(kept, Path(folder))
        with database.writing() as connection:
            talks = Talks(connection, kept.vault, office.bot)
            for n in range(chosen.conversations):
                number = f"+4798{n % 700:06d}"
                at = MORNING - timedelta(minutes=MINUTES_APART * n)
                talks.talk(*SAID, number=number, at=at, outcome="handed_off" if n % 4 == 0 else "goodbye")
        worst = asyncio.run(_pages(office, chosen.rounds))
        database.close()
    return int(worst > TARGET_MS)


async def _pages(office: Office, rounds: int) -> float:
    """Print a line per page: median, 95th percentile and worst, in milliseconds; gives the worst median."""
    paths = (
        "/console/conversations",
        "/console/conversations?handed=yes&language=nb&rule=answer&article=hours",
        "/console/conversations?rule=threat",
        f"/console/conversations/{office.cut_in}",
        "/console/unanswered",
        "/console/statistics?from=2026-10-25&to=2026-11-23",
        "/console/access-log",
        "/console/access-log?check=1",
        "/console/consents",
        "/console/content",
        "/console/health",
        "/privacy",
    )
    medians = []
    print(f"{'page':72} {'median':>8} {'p95':>8} {'worst':>8}")
    async with office.somebody(*EVERYBODY) as browser:
        for path in paths:
            took = []
            for _ in range(rounds):
                began = time.perf_counter()
                answer = await browser.get(path)
                took.append((time.perf_counter() - began) * 1000)
                answer.raise_for_status()
            took.sort()
            medians.append(statistics.median(took))
            print(f"{path:72} {medians[-1]:8.1f} {took[int(len(took) * 0.95) - 1]:8.1f} {took[-1]:8.1f}")
    return max(medians)


if __name__ == "__main__":
    sys.exit(main())
