"""What the first version of the tables wrote is still there in this one: in a store, and in a backup."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert

from tests.voicebot.records.talks import MORNING, NUMBER
from voicebot.config import RecordsConfig
from voicebot.records import database as stored
from voicebot.records import escrow
from voicebot.records.access_log import verify
from voicebot.records.archive_rows import Stored, found_in
from voicebot.records.callbacks import CallbackRow, open_callbacks, settle, take
from voicebot.records.database import Database, open_database
from voicebot.records.keys import MasterKeys
from voicebot.records.reading import conversation_detail
from voicebot.records.restoring import restore
from voicebot.records.schema import caller_keys
from voicebot.records.stores import Stores
from voicebot.records.subjects import Officer
from voicebot.records.vault import Vault

OLD = Path(__file__).parent / "of_0001"
"""A backup and its key backup, written by the program as it was at revision 0001: one call, passed on, with a wish to
be called back and a mark."""

MASTER = MasterKeys([b"k" * 32])
CONVERSATION, CALLBACK = "c" * 32, "e" * 32
ASKED_AT = MORNING + timedelta(minutes=1)


def make_0001(database: Database) -> None:
    """The tables as revision 0001 left them, with what it wrote."""
    scripts = ScriptDirectory(str(Path(stored.__file__).parent / "migrations"))
    keys = escrow.read(OLD, MASTER)
    assert keys is not None
    with database.writing() as connection:
        steps = {"fn": lambda revision, _: scripts._upgrade_revs("0001", revision)}
        migration = MigrationContext.configure(connection, opts=steps)
        with Operations.context(migration):
            migration.run_migrations()
        for found in found_in(OLD / "records.backup", MASTER, keys.keys):
            if isinstance(found, Stored):
                connection.execute(insert(found.table).values(found.row))
        for caller, key in keys.keys.items():
            values = {"caller_id": caller, "wrapped": key.wrapped, "master_id": key.master_id}
            connection.execute(insert(caller_keys).values(values))


def what_it_wrote_is_there(connection: Connection, vault: Vault) -> None:
    assert open_callbacks(connection, vault, ASKED_AT) == [
        CallbackRow(
            CALLBACK, CONVERSATION, "callback", "desk", "nb", "om en ødelagt pære", NUMBER, None, None,
            ASKED_AT + timedelta(days=1), "open", 0, None, "", ASKED_AT, False, "", "",
        )
    ]  # fmt: skip
    detail = conversation_detail(connection, vault, CONVERSATION)
    assert detail is not None and detail.rating == 4 and detail.transfers[0].row.outcome == "passed_on"
    assert [turn.record is not None and turn.fault == "" for turn in detail.turns] == [True, True]


@pytest.fixture
def vault_of_old() -> Vault:
    return Vault(MASTER)


def test_a_store_of_the_first_version_is_brought_up_to_date_with_all_that_is_in_it(
    empty_config: RecordsConfig, vault_of_old: Vault
) -> None:
    before = stored.connect(empty_config)
    make_0001(before)
    before.close()

    database = open_database(empty_config)

    with database.reading() as connection:
        what_it_wrote_is_there(connection, vault_of_old)
        assert verify(connection, vault_of_old).is_whole
    with database.writing() as connection:
        assert take(connection, CALLBACK, "ada", ASKED_AT)
        assert settle(connection, vault_of_old, CALLBACK, "ada", "solved", ASKED_AT)
    database.close()


def test_a_backup_of_the_first_version_comes_back(stores: Stores, vault_of_old: Vault, tmp_path: Path) -> None:
    shutil.copytree(OLD, tmp_path / "old")
    old = replace(stores, vault=vault_of_old, key_backup=tmp_path / "old")
    done = restore(old, OLD / "records.backup", Officer("cli:anne", "operator", ""), replace=True)
    assert done.chain_is_whole and not done.dark and not done.buried
    with stores.database.reading() as connection:
        what_it_wrote_is_there(connection, vault_of_old)
