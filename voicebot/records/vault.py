"""What a caller said is locked with a key of that caller's own. Destroy the key, and every copy is unreadable.

No key is kept in memory between two calls: it is read, with its row, in the transaction that needs it. That costs one
look-up by primary key, and an erasure in another process holds at once.
"""

import hashlib
import hmac
import secrets as randomness
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import Connection, Table, insert, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from voicebot.records.errors import KeyDestroyed
from voicebot.records.keys import KEY_BYTES, MasterKeys, open_with, seal_with
from voicebot.records.schema import caller_keys, caller_numbers, callers, secrets

NAMES = ("numbers", "audit", "sessions", "totp")
"""Secrets of the installation: for finding numbers, chaining the access log, sign-ins, and second factors."""


def place_of(table: str, column: str, *key: object) -> str:
    """Where a sealed value stands, e.g. "turns.record:<conversation>:3": a blob moved elsewhere does not open."""
    return ":".join((f"{table}.{column}", *map(str, key)))


class Vault:
    """Locks and opens what is stored.

    Args:
        master: locks the keys themselves.
    """

    def __init__(self, master: MasterKeys) -> None:
        self.master = master

    def prepare(self, connection: Connection) -> None:
        """Make the secrets of a new installation. For a writing connection, once when the store is opened.

        Raises:
            MasterKeyMissing: there are secrets, and none of the master keys opens them.
        """
        for name in NAMES:
            self.named(connection, name)

    def named(self, connection: Connection, name: str) -> bytes:
        """A 32-byte secret of the installation, made at first use.

        Raises:
            MasterKeyMissing, SealBroken: it cannot be opened.
        """
        query = select(secrets.c.wrapped, secrets.c.master_id).where(secrets.c.name == name)
        place = place_of("secrets", "wrapped", name)
        row = connection.execute(query).one_or_none()
        if row is None:
            wrapped, master_id = self.master.wrap(randomness.token_bytes(KEY_BYTES), place)
            _insert_new(connection, secrets, name=name, wrapped=wrapped, master_id=master_id)
            row = connection.execute(query).one()  # another process may have been first
        return self.master.unwrap(row.wrapped, row.master_id, place)

    def number_hash(self, connection: Connection, number: str) -> str:
        """What a number (E.164) is found by: HMAC-SHA256 in hex. Without the secret nobody can try all numbers."""
        return hmac.new(self.named(connection, "numbers"), number.encode(), hashlib.sha256).hexdigest()

    def caller(self, connection: Connection, number: str | None) -> str:
        """The id of a caller; made, with a key, when new. One without a number is new each time."""
        if number is None:
            return self._new_caller(connection)
        number_hash = self.number_hash(connection, number)
        known = self.caller_of(connection, number_hash, writing=True)
        if known is not None:
            return known
        caller_id = self._new_caller(connection)
        _insert_new(connection, caller_numbers, number_hash=number_hash, caller_id=caller_id)
        found = self.caller_of(connection, number_hash)
        if found is None or found == caller_id:
            return caller_id
        # Another process has just met the same caller: its row stands, ours goes.
        connection.execute(callers.delete().where(callers.c.id == caller_id))
        return found

    def caller_of(self, connection: Connection, number_hash: str, *, writing: bool = False) -> str | None:
        """The id of the caller with this number, or None. writing: as for `caller_key`."""
        query = select(caller_numbers.c.caller_id).where(caller_numbers.c.number_hash == number_hash)
        if writing:
            query = query.join(caller_keys, caller_keys.c.caller_id == caller_numbers.c.caller_id)
            query = query.with_for_update(read=True, of=caller_keys)
        return connection.execute(query).scalar_one_or_none()

    def seal(self, connection: Connection, caller_id: str, plain: str, place: str) -> bytes:
        """Lock text for one place; see `place_of`.

        Raises:
            KeyDestroyed: the caller has been erased; what was to be written must not be.
        """
        return self.seal_bytes(connection, caller_id, plain.encode(), place)

    def open(self, connection: Connection, caller_id: str, sealed: bytes, place: str) -> str:
        """The text that was locked.

        Raises:
            KeyDestroyed: the caller has been erased.
            SealBroken: it was changed, or moved from another place.
        """
        return self.open_bytes(connection, caller_id, sealed, place).decode()

    def seal_bytes(self, connection: Connection, caller_id: str, plain: bytes, place: str) -> bytes:
        """`seal` for what is no text: recorded sound."""
        return seal_with(self.caller_key(connection, caller_id, writing=True), plain, place)

    def open_bytes(self, connection: Connection, caller_id: str, sealed: bytes, place: str) -> bytes:
        """`open` for what is no text."""
        return open_with(self.caller_key(connection, caller_id), sealed, place)

    def seal_named(self, connection: Connection, name: str, plain: str, place: str) -> bytes:
        """Lock text that belongs to no caller. What belongs to one must not be locked so: it would outlive them."""
        return seal_with(self.named(connection, name), plain.encode(), place)

    def open_named(self, connection: Connection, name: str, sealed: bytes, place: str) -> str:
        """What `seal_named` locked. Raises SealBroken."""
        return open_with(self.named(connection, name), sealed, place).decode()

    def caller_key(self, connection: Connection, caller_id: str, *, writing: bool = False) -> bytes:
        """A caller's own key; not to be held longer than the transaction.

        Args:
            connection: of the transaction that needs the key.
            caller_id: whose.
            writing: hold an erasure in another process back until this transaction is done (PostgreSQL; SQLite has
                one writer anyway), so that nothing is written for a caller who has just gone.
        Raises:
            KeyDestroyed: the caller has been erased.
        """
        query = select(caller_keys.c.wrapped, caller_keys.c.master_id).where(caller_keys.c.caller_id == caller_id)
        row = connection.execute(query.with_for_update(read=True) if writing else query).one_or_none()
        if row is None:
            raise KeyDestroyed("the caller's key has been destroyed")
        return self.master.unwrap(row.wrapped, row.master_id, place_of("caller_keys", "wrapped", caller_id))

    def _new_caller(self, connection: Connection) -> str:
        caller_id = uuid4().hex
        wrapped, master_id = self.master.wrap(
            randomness.token_bytes(KEY_BYTES), place_of("caller_keys", "wrapped", caller_id)
        )
        connection.execute(insert(callers).values(id=caller_id, created_at=datetime.now(UTC)))
        connection.execute(insert(caller_keys).values(caller_id=caller_id, wrapped=wrapped, master_id=master_id))
        return caller_id


def _insert_new(connection: Connection, table: Table, **values: object) -> None:
    """Insert a row unless another process already has."""
    made = postgresql_insert(table) if connection.dialect.name == "postgresql" else sqlite_insert(table)
    connection.execute(made.values(**values).on_conflict_do_nothing())
