"""The database is away, full, locked or slow: noting goes on, the operator is told, what waits is written in order."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from threading import Event

import pytest
from sqlalchemy import event, func, select

from dialog import Engine
from tests.postgres import Cluster
from tests.voicebot.records.noted_calls import conversation
from voicebot.config import RecordsConfig
from voicebot.records.database import Database, open_database
from voicebot.records.entries import Entry, TurnTaken
from voicebot.records.errors import RecordsUnavailable
from voicebot.records.ledger import Ledger
from voicebot.records.opening import open_records
from voicebot.records.schema import conversations, turns
from voicebot.records.stores import open_vault
from voicebot.records.vault import Vault


@asynccontextmanager
async def writing(database: Database, vault: Vault, engine: Engine, most_waiting: int = 1_000) -> AsyncIterator[Ledger]:
    """A ledger at work, ended at the end."""
    ledger = Ledger(database, vault, engine.bot, most_waiting=most_waiting)
    ledger.start()
    yield ledger
    await ledger.close()


async def in_trouble(ledger: Ledger) -> str:
    """Wait until the ledger has noticed."""
    async with asyncio.timeout(20):
        while ledger.trouble is None:
            assert not await ledger.flushed(0.02)
    return ledger.trouble


async def all_written(ledger: Ledger, database: Database, entries: list[Entry]) -> None:
    """Everything is there, and nothing is wrong any more."""
    assert await ledger.flushed(20)
    with database.reading() as connection:
        numbers = connection.execute(select(turns.c.turn).order_by(turns.c.turn)).scalars().all()
        assert connection.execute(select(conversations.c.outcome)).scalar_one() is not None
    assert numbers == [entry.number for entry in entries if isinstance(entry, TurnTaken)]
    assert (ledger.lost, ledger.trouble) == (0, None)


@pytest.fixture
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A store in a file that gives up waiting for a lock at once."""
    database = open_database(RecordsConfig(tmp_path_factory.mktemp("sqlite"), "", (), None, None))
    with pragma(database, "busy_timeout = 20"):
        yield database
    database.close()


@pytest.fixture
def key(tmp_path_factory: pytest.TempPathFactory, sqlite: Database) -> Vault:
    """Its vault."""
    assert sqlite.file is not None
    return open_vault(sqlite, RecordsConfig(sqlite.file.parent, "", (), None, None))


@contextmanager
def pragma(database: Database, setting: str) -> Iterator[None]:
    """Each connection that is used meanwhile has this setting; new ones are without."""

    def set_it(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA {setting}")

    event.listen(database.engine, "checkout", set_it)
    yield
    event.remove(database.engine, "checkout", set_it)
    database.engine.dispose()


async def test_another_program_holds_the_file(sqlite: Database, key: Vault, engine: Engine) -> None:
    entries = list(conversation(engine))
    other = sqlite3.connect(sqlite.file or "", isolation_level=None)
    async with writing(sqlite, key, engine) as ledger:
        other.execute("BEGIN IMMEDIATE")
        for entry in entries:
            ledger.note(entry)
        assert "another program holds the file" in await in_trouble(ledger)
        assert ledger.waiting == len(entries)
        other.execute("ROLLBACK")
        await all_written(ledger, sqlite, entries)
    other.close()


@pytest.mark.parametrize(
    ("setting", "cure"), [("query_only = ON", "let this user write"), ("max_page_count = 1", "make room on this disk")]
)
async def test_the_disk_is_full_or_may_not_be_written(
    sqlite: Database, key: Vault, engine: Engine, setting: str, cure: str, caplog: pytest.LogCaptureFixture
) -> None:
    entries = list(conversation(engine))
    async with writing(sqlite, key, engine) as ledger:
        with pragma(sqlite, setting):
            for entry in entries:
                ledger.note(entry)
            assert cure in await in_trouble(ledger)
        await all_written(ledger, sqlite, entries)
    assert caplog.text.count("records cannot be written") == 1, "told once, not at each try"


async def test_the_server_is_stopped_and_started_again(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory, engine: Engine
) -> None:
    config = RecordsConfig(tmp_path_factory.mktemp("server"), cluster.new_database(), (), None, None)
    database = open_database(config)
    vault = open_vault(database, config)
    entries = list(conversation(engine))
    async with writing(database, vault, engine) as ledger:
        for entry in entries[:5]:
            ledger.note(entry)
        assert await ledger.flushed(20)
        with cluster.stopped():
            for entry in entries[5:]:
                ledger.note(entry)
            told = await in_trouble(ledger)
            assert "does not answer" in told and str(cluster.folder) not in told
            assert await ledger.recall("CA1") is None
        await all_written(ledger, database, entries)
    database.close()


async def test_a_house_opens_while_the_server_is_away_and_writes_when_it_is_back(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory, engine: Engine
) -> None:
    config = RecordsConfig(tmp_path_factory.mktemp("house"), cluster.new_database(), (), None, None)
    entries = list(conversation(engine))
    with cluster.stopped():
        with pytest.raises(RecordsUnavailable, match="does not answer"):
            open_records(config, engine.bot)  # the first start of all: nobody knows whether there is a key already
        (config.folder / "master.key").write_text("x" * 43 + "=")
        records = open_records(config, engine.bot)
        records.ledger.start()
        for entry in entries:
            records.ledger.note(entry)
        await in_trouble(records.ledger)
    await all_written(records.ledger, records.database, entries)
    await records.ledger.close()
    records.database.close()


async def test_a_house_opens_while_another_program_holds_the_file(
    sqlite: Database, key: Vault, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicebot.records.database.BUSY_SECONDS", 0.02)
    assert sqlite.file is not None
    config = RecordsConfig(sqlite.file.parent, "", (), None, None)
    other = sqlite3.connect(sqlite.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    records = open_records(config, engine.bot)
    other.execute("ROLLBACK")
    other.close()
    entries = list(conversation(engine))
    records.ledger.start()
    for entry in entries:
        records.ledger.note(entry)
    await all_written(records.ledger, records.database, entries)
    await records.ledger.close()
    records.database.close()


@contextmanager
def held(database: Database) -> Iterator[Event]:
    """No transaction is committed until the event is set."""
    may_go_on = Event()

    def wait(connection: object) -> None:
        may_go_on.wait(20)

    event.listen(database.engine, "commit", wait)
    yield may_go_on
    may_go_on.set()
    event.remove(database.engine, "commit", wait)


async def test_noting_goes_on_while_a_transaction_takes_its_time(
    database: Database, vault: Vault, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = list(conversation(engine))
    with held(database) as may_go_on:
        async with writing(database, vault, engine) as ledger:
            for entry in entries:
                ledger.note(entry)
            assert ledger.waiting == len(entries)
            assert not await ledger.flushed(0)
            assert ledger.trouble is None
            monkeypatch.setattr("voicebot.records.ledger.SLOW_SECONDS", 0.0)
            assert "the database is slow, 0 s behind" in str(ledger.trouble)
            monkeypatch.undo()
            may_go_on.set()
            await all_written(ledger, database, entries)


async def test_when_too_much_waits_the_oldest_turns_go_and_no_call_is_forgotten(
    sqlite: Database, key: Vault, engine: Engine
) -> None:
    calls = [list(conversation(engine, call_id=f"CA{at}")) for at in range(5)]
    others = sum(not isinstance(entry, TurnTaken) for entry in calls[0])
    with held(sqlite) as may_go_on:
        async with writing(sqlite, key, engine, most_waiting=3 * len(calls[0])) as ledger:
            for entries in calls:
                for entry in entries:
                    ledger.note(entry)
            assert ledger.waiting <= 3 * len(calls[0])
            assert ledger.lost >= 2 * len(calls[0])
            may_go_on.set()
            assert await ledger.flushed(20)
    with sqlite.reading() as connection:
        kept = connection.execute(select(conversations.c.call_id, conversations.c.outcome)).all()
        last = connection.execute(
            select(func.count()).select_from(turns.join(conversations)).where(conversations.c.call_id == "CA4")
        ).scalar_one()
    assert {row.call_id for row in kept} == {f"CA{at}" for at in range(5)}
    assert all(row.outcome for row in kept)
    assert last == len(calls[4]) - others, "the newest call has all its turns"
