"""Pauses that grow with wrong passwords, for an account's name and for an address.

A try is counted before the password is looked at, so that a thousand at once are a thousand tries; the right password
takes it back. Names that do not exist are counted like those that do: nobody learns from a pause who has an account.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Final

from sqlalchemy import Connection, case, delete, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from voicebot.records.schema import sign_in_failures
from voicebot.records.vault import Vault

FORGOTTEN: Final = timedelta(hours=24)
"""After so long without a try, counting starts anew."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How many tries are free, and how long the pauses after them are: each twice the one before."""

    free: int
    first: timedelta
    longest: timedelta

    def pause(self, failures: int) -> timedelta:
        """The pause after so many failures in a row."""
        if failures < self.free:
            return timedelta(0)
        return min(self.first * (1 << min(failures - self.free, 20)), self.longest)


NAME: Final = Patience(5, timedelta(seconds=30), timedelta(hours=1))
ADDRESS: Final = Patience(20, timedelta(seconds=30), timedelta(minutes=15))
"""More patience with an address: a whole office may share one."""


def name_key(connection: Connection, vault: Vault, name: str) -> str:
    """What an account's name is counted under."""
    return _key(connection, vault, f"name:{name.casefold()}")


def address_key(connection: Connection, vault: Vault, address: str) -> str:
    """What an address is counted under: an IPv6 customer has a whole network, so that counts as one."""
    try:
        ip = ip_address(address)
        if ip.version == 6 and ip.ipv4_mapped is None:
            address = str(ip_network(f"{ip}/64", strict=False))
    except ValueError:
        pass
    return _key(connection, vault, f"address:{address}")


def count_try(connection: Connection, key: str, patience: Patience, now: datetime) -> timedelta:
    """Count one try; the pause that is still to be waited out, zero when the try may go on.

    Args:
        connection: a writing one; on PostgreSQL others with the same key wait for its end.
        key: see `name_key`, `address_key`.
        patience: with this kind of key.
        now: the moment of the try.
    """
    insert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    table = sign_in_failures.c
    counted = (
        insert(sign_in_failures)
        .values(key=key, failures=1, at=now, until=None)
        .on_conflict_do_update(
            index_elements=[table.key],
            set_={
                "failures": case(
                    (table.until > now, table.failures), (table.at < now - FORGOTTEN, 1), else_=table.failures + 1
                ),
                "at": now,
            },
        )
        .returning(table.failures, table.until)
    )
    row = connection.execute(counted).one()
    if row.until is not None and row.until > now:
        return timedelta(seconds=(row.until - now).total_seconds())
    pause = patience.pause(row.failures)
    connection.execute(update(sign_in_failures).where(table.key == key).values(until=now + pause if pause else None))
    return timedelta(0)


def forgive(connection: Connection, key: str) -> None:
    """Forget all tries under a key: it was them after all."""
    connection.execute(delete(sign_in_failures).where(sign_in_failures.c.key == key))


def take_back(connection: Connection, key: str) -> None:
    """Take one try back: this one was right, the others from there may not have been."""
    table = sign_in_failures.c
    connection.execute(
        update(sign_in_failures)
        .where(table.key == key, table.failures > 0)
        .values(failures=table.failures - 1, until=None)
    )


def _key(connection: Connection, vault: Vault, what: str) -> str:
    return hmac.new(vault.named(connection, "sessions"), what.encode(), hashlib.sha256).hexdigest()
