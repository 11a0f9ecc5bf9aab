"""Changing the master key: every key in the store is locked anew with the current one, in one transaction."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Table, bindparam, select, update

from voicebot.records import escrow
from voicebot.records.changing import change_keys
from voicebot.records.schema import caller_keys, secrets
from voicebot.records.stores import Stores
from voicebot.records.vault import place_of

_KEYS = {caller_keys: caller_keys.c.caller_id, secrets: secrets.c.name}


@dataclass(frozen=True, slots=True)
class KeysHeld:
    """What is locked with what.

    Args:
        current: id of the master key that locks.
        given: ids of all master keys that are configured.
        locked: how many keys each master key locks, by its id.
        escrow: whether the key backup holds just the callers' keys there are; None when there is none configured.
    """

    current: str
    given: tuple[str, ...]
    locked: Mapping[str, int]
    escrow: bool | None

    @property
    def missing(self) -> tuple[str, ...]:
        """Master keys that lock something and are not given."""
        return tuple(one for one in self.locked if one not in self.given)

    @property
    def idle(self) -> tuple[str, ...]:
        """Older master keys that lock nothing in the store any more; backups made with them still need them."""
        return tuple(one for one in self.given if one != self.current and one not in self.locked)


def rotate(stores: Stores) -> int:
    """Lock every key with the current master key. Cut off in the middle, it has changed nothing.

    Returns:
        how many keys were locked anew.
    Raises:
        MasterKeyMissing: a key is locked with a master key that is not given.
        RecordsUnavailable: the store or the key backup cannot be written.
    """
    with escrow.locked(stores.key_backup):
        return change_keys(stores.database, lambda connection: _rotate(connection, stores))


def keys_held(stores: Stores) -> KeysHeld:
    """Which master keys are in use."""
    with escrow.locked(stores.key_backup), stores.database.reading() as connection:
        held = escrow.held(connection)
    master = stores.vault.master
    locked = Counter(key.master_id for key in (*held.keys.values(), *held.secrets.values()))
    same: bool | None = None
    if stores.key_backup is not None:
        kept = escrow.read(stores.key_backup, master)
        # Callers who came since the last backup are in no backup, and need not be here either.
        same = kept is not None and set(kept.keys) <= set(held.keys)
    return KeysHeld(master.current.id, master.ids, locked, same)


def _rotate(connection: Connection, stores: Stores) -> int:
    changed = sum(_relock(connection, stores, table) for table in _KEYS)
    if stores.key_backup is not None:
        escrow.write(stores.key_backup, stores.vault.master, escrow.held(connection))
    return changed


def _relock(connection: Connection, stores: Stores, table: Table) -> int:
    master, key = stores.vault.master, _KEYS[table]
    rows = connection.execute(select(table).where(table.c.master_id != master.current.id)).all()
    changes = []
    for row in rows:
        name = getattr(row, key.name)
        place = place_of(table.name, "wrapped", name)
        wrapped, master_id = master.wrap(master.unwrap(row.wrapped, row.master_id, place), place)
        changes.append({"row": name, "wrapped": wrapped, "master_id": master_id})
    if changes:
        connection.execute(update(table).where(key == bindparam("row")), changes)
    return len(changes)
