"""Transactions that destroy or rewrap keys, beside a ledger that writes with them."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from voicebot.records.database import Database, unavailable

_DEADLOCK = "40P01"
"""PostgreSQL's class of error for the one of two transactions that it gave up. Source: its manual, appendix A."""

_TRIES = 5

Result = TypeVar("Result")


def change_keys(database: Database, work: Callable[[Connection], Result]) -> Result:
    """Do `work` in a writing transaction during which no key is read in order to write with it.

    PostgreSQL may give it up for the ledger's sake, or the ledger for its; each begins anew. On SQLite there is only
    one writer at a time anyway.

    Raises:
        RecordsUnavailable: the store cannot be written to; nothing has been done.
    """
    for left in reversed(range(_TRIES)):
        try:
            with database.writing() as connection:
                if not database.is_sqlite:
                    connection.execute(text("LOCK TABLE caller_keys IN EXCLUSIVE MODE"))
                return work(connection)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != _DEADLOCK or not left:
                raise unavailable(database, error) from None
    raise AssertionError("unreachable")
