"""A store to test with: every test that asks for one runs on SQLite and on PostgreSQL."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from dialog import Engine, load_bot
from tests.dialog.conftest import LYSVERKET, TODAY, TUESDAY_MORNING
from tests.postgres import Cluster, PostgresMissing, running_cluster
from voicebot.config import RecordsConfig
from voicebot.records.database import FILE_NAME, Database, open_database
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


@pytest.fixture(scope="session")
def made_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite store with all its tables, to be copied: making them takes longer than most tests."""
    folder = tmp_path_factory.mktemp("made")
    open_database(RecordsConfig(folder, "", (), None, None)).close()
    return folder / FILE_NAME


@pytest.fixture(scope="session")
def made_database(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same on the server."""
    url = cluster.new_database()
    open_database(RecordsConfig(tmp_path_factory.mktemp("made"), url, (), None, None)).close()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_config(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RecordsConfig]:
    """Where a store of its own may be made, from nothing."""
    with _config(request, tmp_path, None, None) as config:
        yield config


@pytest.fixture(params=["sqlite", "postgresql"])
def records_config(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RecordsConfig]:
    """Where a store with nothing but its tables lies; for a test that opens it itself."""
    with _config(request, tmp_path, "made_file", "made_database") as config:
        yield config


@contextmanager
def _config(
    request: pytest.FixtureRequest, tmp_path: Path, file: str | None, database: str | None
) -> Iterator[RecordsConfig]:
    folder = tmp_path / "records"
    folder.mkdir(mode=0o700)
    if request.param == "sqlite":
        if file is not None:
            shutil.copy(request.getfixturevalue(file), folder / FILE_NAME)
        yield RecordsConfig(folder, "", (), None, None)
        return
    cluster: Cluster = request.getfixturevalue("cluster")
    url = cluster.new_database(None if database is None else request.getfixturevalue(database))
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
