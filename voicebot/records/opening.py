"""The records of a house or of a command, opened: database, keys, and for a house the ledger."""

import logging
from dataclasses import dataclass

from dialog.bot import Bot
from voicebot.config import RecordsConfig
from voicebot.records.database import Database, connect, upgrade
from voicebot.records.errors import DatabaseAway
from voicebot.records.keys import has_master_key, load_master_keys
from voicebot.records.ledger import Ledger
from voicebot.records.stores import open_vault
from voicebot.records.vault import Vault

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Records:
    """What a house has open: the ledger is to be started, and closed before the database."""

    database: Database
    vault: Vault
    ledger: Ledger


def open_records(config: RecordsConfig, bot: Bot) -> Records:
    """Open the records for a house that answers with this bot. Takes up to seconds.

    A database that is away now does not keep callers from being answered: the ledger holds what is to be written, and
    goes on trying.

    Raises:
        RecordsUnavailable: what does not pass by itself: a folder nobody may write, a wrong URL, tables of a later
            version, a missing master key.
    """
    database = connect(config)

    def make_ready() -> None:
        upgrade(database)
        with database.writing() as connection:
            vault.prepare(connection)

    try:
        upgrade(database)
        vault = open_vault(database, config)
    except DatabaseAway as away:
        if not has_master_key(config):  # whether one must be made, or was lost, only the database knows
            raise
        vault = Vault(load_master_keys(config))
        logger.error("records cannot be written yet: %s", away)
    except BaseException:
        database.close()
        raise
    return Records(database, vault, Ledger(database, vault, bot, make_ready))
