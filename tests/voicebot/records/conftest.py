"""A store to test with: every test that asks for one runs on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from dialog import Engine, load_bot
from tests.dialog.conftest import LYSVERKET, TODAY, TUESDAY_MORNING
from tests.postgres import Cluster, PostgresMissing, running_cluster
from voicebot.config import RecordsConfig
from voicebot.records.database import Database, open_database
from voicebot.records.keys import load_master_keys
from voicebot.records.ledger import Ledger
from voicebot.records.stores import Stores
from voicebot.records.vault import Vault


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One PostgreSQL server for all tests of a run."""
    with ExitStack() as stack:
        try:
            running = stack.enter_context(running_cluster())
        except PostgresMissing as missing:
            pytest.skip(str(missing))
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def records_config(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RecordsConfig]:
    """Where a store of its own may be made; for a test that opens it itself."""
    folder = tmp_path / "records"
    if request.param == "sqlite":
        yield RecordsConfig(folder, "", (), None, None)
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    url = cluster.new_database()
    yield RecordsConfig(folder, url, (), None, None)
    cluster.drop_database(url)


@pytest.fixture
def database(records_config: RecordsConfig) -> Iterator[Database]:
    """An open store with nothing in it."""
    database = open_database(records_config)
    yield database
    database.close()


@pytest.fixture
def vault(records_config: RecordsConfig) -> Vault:
    """Seals and opens with a master key made for this test."""
    return Vault(load_master_keys(records_config))


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The mind of the small bot."""
    return Engine(load_bot(LYSVERKET, TODAY), tmp_path_factory.mktemp("embeddings"))


@pytest.fixture
async def ledger(database: Database, vault: Vault, engine: Engine) -> AsyncIterator[Ledger]:
    """A ledger that writes into the store."""
    with database.writing() as connection:
        vault.prepare(connection)
    ledger = Ledger(database, vault, engine.bot, now=lambda: TUESDAY_MORNING + timedelta(minutes=3))
    ledger.start()
    yield ledger
    await ledger.close()


@pytest.fixture
def stores(records_config: RecordsConfig, database: Database, vault: Vault, tmp_path: Path) -> Stores:
    """The store with the installation's secrets in place, and the callers' keys once more elsewhere."""
    with database.writing() as connection:
        vault.prepare(connection)
    return Stores(database, vault, records_config.folder, tmp_path / "elsewhere")
