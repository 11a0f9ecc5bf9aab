"""A house that is killed in the middle of calls, and a judge of what it leaves behind.

The house is a process of its own that holds calls through the real ledger and tells over a pipe what it has noted. A
parent process of it has loaded the bot and forks one for each moment, so that two hundred of them take minutes.
"""

import asyncio
import json
import os
import pickle
import random
import select as readable
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text

from dialog import Bot, Engine, load_bot
from dialog.record import decision_of
from dialog.serial import from_json
from tests.dialog.conftest import LYSVERKET, TODAY
from tests.voicebot.records.noted_calls import conversation
from voicebot.config import RecordsConfig
from voicebot.records import access_log
from voicebot.records.database import Database
from voicebot.records.entries import ConversationBegan, Entry, TurnHeard, TurnTaken, new_id
from voicebot.records.forgetting import forget
from voicebot.records.leftovers import recalled
from voicebot.records.opening import open_records
from voicebot.records.schema import callers, conversations, turns
from voicebot.records.stores import Stores
from voicebot.records.vault import Vault, place_of

CALLS_AT_ONCE = 6
LEAST_TURNS = CALLS_AT_ONCE
"""A house that was killed before it did anything proves nothing."""

LOOKS_EVERY = 5
"""Turns of a call between two looks at a conversation that leave a line in the access log."""


@dataclass(frozen=True, slots=True)
class Left:
    """What was found after a crash.

    Args:
        live: calls that were going on.
        missing: turns noted and not there, for each of them that has any missing.
        turns: that are there.
        looks: lines in the access log.
    """

    live: int
    missing: tuple[int, ...]
    turns: int
    looks: int


class Crashing:
    """Houses to kill. Use as `with crashing(engine) as crashes`."""

    def __init__(self, process: "subprocess.Popen[bytes]", bot: Bot) -> None:
        self._process = process
        self._bot = bot

    def at(self, config: RecordsConfig, seconds: float, seed: int, pause_seconds: float) -> dict[str, int]:
        """Kill a house so long after it has got going. Returns the last turn it noted of each conversation.

        Args:
            config: where it keeps its records.
            seconds: until it is killed.
            seed: of what it says.
            pause_seconds: between a call's turns. At most one of them may be missing, so they must not come faster than
                a database on a busy machine can write.
        """
        order = {"folder": str(config.folder), "url": config.url, "seed": seed, "pause_seconds": pause_seconds}
        self._say(json.dumps(order))
        pid, noted = int(self._hear().split()[1]), dict[str, int]()
        assert self._hear() == "talking"
        for _ in range(LEAST_TURNS):
            self._note(self._hear(), noted)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:  # the pipe is read meanwhile, so that the house never waits
            if readable.select([self._out], [], [], left)[0]:
                self._note(self._hear(), noted)
        os.kill(pid, signal.SIGKILL)
        while (line := self._hear()) != "dead":
            self._note(line, noted)
        return noted

    @property
    def _out(self) -> Any:
        return self._process.stdout

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")

    def _hear(self) -> str:
        line: bytes = self._out.readline()
        assert line, "the house ended by itself"
        return line.decode().rstrip("\n")

    @staticmethod
    def _note(line: str, noted: dict[str, int]) -> None:
        conversation_id, number = line.split()
        noted[conversation_id] = int(number)


@contextmanager
def crashing(engine: Engine) -> Iterator[Crashing]:
    """A process that makes houses; ended at the end, with the house it has."""
    calls = [list(conversation(engine, sayings)) for sayings in _sayings()]
    process = subprocess.Popen(
        [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        process.stdin.write(pickle.dumps(calls).hex().encode() + b"\n")
        yield Crashing(process, engine.bot)
    finally:
        process.stdin.close()
        process.kill()
        process.wait()
        process.stdout.close()


def _sayings() -> Iterator[Sequence[str]]:
    yield ("hva koster frakten", "når kommer den", "hvilke pærer har dere", "hva koster frakten") * 3
    yield ("jeg heter Kari Nordmann og nummeret mitt er 92 24 37 11", "hva koster frakten") * 2
    yield ("når kommer den", "fødselsnummeret er 21059012345", "hva koster frakten", "når kommer den") * 2


def judge(config: RecordsConfig, bot: Bot, noted: dict[str, int]) -> Left:
    """Open what a crash has left, and check that every row is whole.

    Raises:
        AssertionError: something is not as it must be; says what.
    """
    records = open_records(config, bot)
    try:
        _check_file(records.database)
        missing, there = [], 0
        for conversation_id, last in noted.items():
            kept = _check_conversation(records.database, records.vault, bot, conversation_id)
            there += kept
            if last > kept:
                missing.append(last - kept)
        with records.database.reading() as connection:
            verdict = access_log.verify(connection, records.vault)
            assert verdict.is_whole, verdict.faults
        _check_forgetting(Stores(records.database, records.vault, config.folder, None), bot)
    finally:
        records.database.close()
    return Left(len(noted), tuple(missing), there, verdict.lines)


def _check_file(database: Database) -> None:
    if database.is_sqlite:
        with database.reading() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
            assert connection.execute(text("PRAGMA foreign_key_check")).all() == []


def _check_conversation(database: Database, vault: Vault, bot: Bot, conversation_id: str) -> int:
    """Every turn of it opens, none is left out in the middle, and it can go on from the last. Returns how many."""
    with database.reading() as connection:
        head = connection.execute(select(conversations).where(conversations.c.id == conversation_id)).one_or_none()
        if head is None:
            return 0
        rows = connection.execute(
            select(turns).where(turns.c.conversation_id == conversation_id).order_by(turns.c.turn)
        ).all()
        assert [row.turn for row in rows] == list(range(1, len(rows) + 1)), "a turn in the middle is missing"
        assert head.turns == len(rows)
        for row in rows:
            place = place_of("turns", "record", conversation_id, row.turn)
            decision = decision_of(json.loads(vault.open(connection, head.caller_id, row.record, place)))
            assert decision.rule == row.rule
            if row is not rows[-1]:
                assert row.heard is not None, "what was heard of an earlier turn is missing"
        if rows:
            found = recalled(connection, vault, head.call_id, rows[-1].at)
            assert found is not None and found.turns == len(rows)
            from_json(found.state, bot)
        return len(rows)


def _check_forgetting(stores: Stores, bot: Bot) -> None:
    """Retention runs to its end: in a hundred days nothing of all this is left."""
    forget(stores, bot.records, None, datetime.now(UTC) + timedelta(days=100), "test")
    with stores.database.reading() as connection:
        for table in (turns, conversations, callers):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0


def _main() -> None:
    bot = load_bot(LYSVERKET, TODAY)
    calls = pickle.loads(bytes.fromhex(sys.stdin.readline()))
    for line in iter(sys.stdin.readline, ""):
        pid = os.fork()  # here is no thread and no open database: what the house inherits is its own
        if pid == 0:
            asyncio.run(_house(json.loads(line), bot, calls))
        os.waitpid(pid, 0)
        os.write(1, b"dead\n")


async def _house(order: dict[str, Any], bot: Bot, calls: Sequence[Sequence[Entry]]) -> None:
    os.write(1, f"pid {os.getpid()}\n".encode())
    chance, pause = random.Random(order["seed"]), order["pause_seconds"]
    records = open_records(RecordsConfig(Path(order["folder"]), order["url"], (), None, None), bot)
    records.ledger.start()
    os.write(1, b"talking\n")

    async def talk() -> None:
        await asyncio.sleep(chance.random() * pause)
        while True:
            for number, entry in enumerate(anew(chance.choice(calls))):
                records.ledger.note(entry)
                if isinstance(entry, TurnTaken):
                    os.write(1, f"{entry.conversation} {entry.number}\n".encode())
                if isinstance(entry, TurnHeard):
                    await asyncio.sleep(pause * (0.5 + chance.random()))
                if number % LOOKS_EVERY == 0:
                    await asyncio.to_thread(_look, records.database, records.vault)

    await asyncio.gather(*(talk() for _ in range(CALLS_AT_ONCE)))


def _look(database: Database, vault: Vault) -> None:
    with database.writing() as connection:
        access_log.note(connection, vault, "cli:test", "privacy", "read", "0" * 32)


def anew(entries: Sequence[Entry]) -> Iterator[Entry]:
    """The same call once more, now, by somebody else; it goes on for as long as the house does."""
    conversation_id = new_id()
    for entry in entries:
        if isinstance(entry, TurnTaken):
            yield replace(entry, conversation=conversation_id, at=datetime.now(UTC))
        elif isinstance(entry, TurnHeard):
            yield replace(entry, conversation=conversation_id)
        elif isinstance(entry, ConversationBegan):
            number = f"+47{random.randrange(40_000_000, 49_999_999)}"
            yield replace(
                entry, conversation=conversation_id, call_id=conversation_id, number=number, at=datetime.now(UTC)
            )


if __name__ == "__main__":
    _main()
