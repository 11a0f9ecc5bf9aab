"""Everywhere something of a caller lies, opened together."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError

from voicebot.config import RecordsConfig
from voicebot.records.database import Database, open_database, unavailable
from voicebot.records.errors import RecordsUnavailable
from voicebot.records.keys import has_master_key, key_file, load_master_keys
from voicebot.records.schema import secrets
from voicebot.records.vault import Vault


@dataclass(frozen=True, slots=True)
class Stores:
    """What has to be gone through to find all of a caller.

    Args:
        database: the tables.
        vault: opens and locks what is in them.
        folder: of the records; recordings lie below it.
        key_backup: the folder with the callers' keys once more, or None.
    """

    database: Database
    vault: Vault
    folder: Path
    key_backup: Path | None


def open_vault(database: Database, config: RecordsConfig) -> Vault:
    """The vault of a store, with the secrets of the installation in place; a first start makes them, and a key file.

    Raises:
        DatabaseAway: it cannot be asked now.
        RecordsUnavailable: there is no master key for what is stored, or it cannot be read.
    """
    try:
        return _open_vault(database, config)
    except DBAPIError as error:
        raise unavailable(database, error) from None  # the cause's text may hold the address of the server


def _open_vault(database: Database, config: RecordsConfig) -> Vault:
    path = key_file(config)
    if path is not None and not has_master_key(config):
        with database.reading() as connection:
            locked = connection.execute(select(func.count()).select_from(secrets)).scalar_one()
        if locked:  # a fresh key would not open anything, and would look as if it were the one
            raise RecordsUnavailable(
                f"the master key file {path} is gone, and the records are locked with it", "put back your copy of it"
            )
    vault = Vault(load_master_keys(config))
    with database.writing() as connection:
        vault.prepare(connection)
    return vault


@contextmanager
def opened_stores(config: RecordsConfig) -> Iterator[Stores]:
    """The stores for as long as a command works with them; `voicebot serve` may run meanwhile.

    Raises:
        RecordsUnavailable: they cannot be opened, or the database fails while they are.
    """
    database = open_database(config)
    try:
        yield Stores(database, open_vault(database, config), config.folder, config.key_backup)
    except (OperationalError, InterfaceError, InternalError) as error:
        raise unavailable(database, error) from None
    finally:
        database.close()
