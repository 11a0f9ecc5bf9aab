"""Calls go on while the database has trouble: `python -m benchmarks.records_troubles [--seconds 30] [--full FOLDER]`.

Twelve calls note a turn every second or so on one event loop. Meanwhile, one after the other: PostgreSQL is stopped for
so long, another program holds the SQLite file, every transaction takes a second longer, and, where `--full` names an
empty folder on a small disk of its own (`mount -t tmpfs -o size=3m tmpfs FOLDER`), that disk is full. It tells of each
what noting cost, how late the loop woke, what the operator read, and that all was there afterwards, in order.
"""

import argparse
import asyncio
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date
from pathlib import Path

from sqlalchemy import event, select

from dialog import Engine, load_bot
from tests.dialog.conftest import LYSVERKET
from tests.postgres import Cluster, running_cluster
from tests.voicebot.records.crashing import anew
from tests.voicebot.records.noted_calls import conversation
from voicebot.config import RecordsConfig
from voicebot.records.entries import Entry, TurnTaken
from voicebot.records.opening import Records, open_records
from voicebot.records.schema import turns

CALLS = 12
Trouble = Callable[[Records], AbstractAsyncContextManager[None]]


def main(arguments: Sequence[str] | None = None) -> int:
    """One trouble after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long each trouble lasts")
    parser.add_argument("--full", type=Path, help="an empty folder on a small disk of its own")
    chosen = parser.parse_args(arguments)
    engine = Engine(load_bot(LYSVERKET, date.today()))
    with tempfile.TemporaryDirectory() as folder, running_cluster(durable=True) as cluster:
        server = RecordsConfig(Path(folder, "server"), cluster.new_database(), (), None, None)
        file = RecordsConfig(Path(folder, "file"), "", (), None, None)
        _one("PostgreSQL stopped", engine, server, _stopped(cluster), chosen.seconds)
        _one("PostgreSQL, a second more for each write", engine, server, _slow, chosen.seconds)
        _one("SQLite file locked", engine, file, _locked, chosen.seconds)
        _one("SQLite, a second more for each write", engine, file, _slow, chosen.seconds)
        if chosen.full is not None:
            full = RecordsConfig(chosen.full / "records", "", (), None, None)
            _one("disk full", engine, full, _filled(chosen.full), chosen.seconds)
    return 0


def _stopped(cluster: Cluster) -> Trouble:
    @asynccontextmanager
    async def trouble(records: Records) -> AsyncIterator[None]:
        await asyncio.to_thread(cluster.stop)
        yield
        await asyncio.to_thread(cluster.start)

    return trouble


@asynccontextmanager
async def _locked(records: Records) -> AsyncIterator[None]:
    other = sqlite3.connect(records.database.file or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@asynccontextmanager
async def _slow(records: Records) -> AsyncIterator[None]:
    def later(connection: object) -> None:
        time.sleep(1.0)

    event.listen(records.database.engine, "commit", later)
    yield
    event.remove(records.database.engine, "commit", later)


def _filled(folder: Path) -> Trouble:
    @asynccontextmanager
    async def trouble(records: Records) -> AsyncIterator[None]:
        filler = folder / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass  # this was the aim
        yield
        filler.unlink()

    return trouble


def _one(name: str, engine: Engine, config: RecordsConfig, trouble: Trouble, seconds: float) -> None:
    records = open_records(config, engine.bot)
    records.ledger.start()
    asyncio.run(_talk(name, engine, records, trouble, seconds))
    records.database.close()


async def _talk(name: str, engine: Engine, records: Records, trouble: Trouble, seconds: float) -> None:
    costs: list[float] = []
    late: list[float] = []
    template = list(conversation(engine, ["hva koster frakten", "når kommer den", "hvilke pærer har dere"] * 4))
    talking = [asyncio.create_task(_call(template, records, costs)) for _ in range(CALLS)]
    watching = asyncio.create_task(_watch(late))
    await asyncio.sleep(2)
    async with trouble(records):
        await asyncio.sleep(seconds)
        told, waited = records.ledger.trouble, records.ledger.waiting
    began = time.perf_counter()
    written = await records.ledger.flushed(120)
    recovered = time.perf_counter() - began
    for task in (*talking, watching):
        task.cancel()
    ended = await asyncio.gather(*talking, return_exceptions=True)
    assert not [error for error in ended if not isinstance(error, asyncio.CancelledError)], ended
    await records.ledger.close()
    kept = _in_order(records)
    print(f"{name}, {seconds:g} s: {len(costs)} turns noted, {sorted(costs)[len(costs) // 2]:.3f} ms each", end=" ")
    print(f"(worst {max(costs):.3f}); loop late {sorted(late)[int(len(late) * 0.95)]:.1f} ms at p95")
    print(f"  the operator read: {told}")
    print(f"  {waited} waited, all written {written} after {recovered:.1f} s;", end=" ")
    print(f"{kept} turns there, in order; {records.ledger.lost} lost")


async def _call(template: Sequence[Entry], records: Records, costs: list[float]) -> None:
    while True:
        for entry in anew(template):
            before = time.perf_counter()
            records.ledger.note(entry)
            if isinstance(entry, TurnTaken):
                costs.append((time.perf_counter() - before) * 1000)
                await asyncio.sleep(random.uniform(0.5, 1.5))


async def _watch(late: list[float]) -> None:
    while True:
        before = time.perf_counter()
        await asyncio.sleep(0.005)
        late.append((time.perf_counter() - before - 0.005) * 1000)


def _in_order(records: Records) -> int:
    """How many turns are there; every conversation has all of its turns up to its last."""
    numbers: dict[str, list[int]] = {}
    with records.database.reading() as connection:
        for row in connection.execute(select(turns.c.conversation_id, turns.c.turn).order_by(turns.c.turn)):
            numbers.setdefault(row.conversation_id, []).append(row.turn)
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values()), "a turn is missing"
    return sum(map(len, numbers.values()))


if __name__ == "__main__":
    sys.exit(main())
