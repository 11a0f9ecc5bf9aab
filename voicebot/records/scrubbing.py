"""Clearing the space that deleted rows leave behind, so that reading the store's own files finds nothing of them."""

import time
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Table, text
from sqlalchemy.exc import DBAPIError

from voicebot.records.database import Database

VACUUM_BYTES = 512 * 2**20
"""A larger SQLite file is not written anew: SQLite would hold it in memory meanwhile. Its deleted rows are overwritten
where they stood in any case (secure_delete)."""

_CHECKPOINT_SECONDS = 20.0
_PAUSE_SECONDS = 0.1
_PIECE_BYTES = 2**20


def scrub(database: Database, tables: Collection[Table]) -> bool:
    """Clear what was deleted from these tables. Other processes wait, for seconds per gigabyte.

    Returns:
        whether it is done; False when another process stood in the way: to be tried again.
    """
    return _scrub_file(database) if database.is_sqlite else _scrub_server(database, tables)


def fold(database: Database) -> None:
    """Empty SQLite's write-ahead log into the file, so that what was deleted does not stand there any longer."""
    if database.is_sqlite:
        with closing(database.engine.raw_connection()) as pooled:
            pooled.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def traces(database: Database, marks: Collection[bytes]) -> dict[str, int]:
    """How often these bytes stand in the files of a SQLite store, per file; those without any are left out.

    A server's files are out of reach: of them nothing is said.
    """
    if database.file is None:
        return {}
    path = database.file
    files = [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-journal")]
    found = {file.name: _occurrences(file, marks) for file in files if file.exists()}
    return {name: number for name, number in found.items() if number}


def _scrub_file(database: Database) -> bool:
    """VACUUM writes the file anew; the checkpoint empties the write-ahead log into it, and cuts it to nothing."""
    with closing(database.engine.raw_connection()) as pooled:
        connection = pooled.driver_connection
        assert connection is not None and database.file is not None
        deadline = time.monotonic() + _CHECKPOINT_SECONDS
        vacuumed = database.file.stat().st_size > VACUUM_BYTES
        while True:
            try:
                if not vacuumed:
                    connection.execute("VACUUM")
                    vacuumed = True
                (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            except connection.OperationalError:  # somebody else writes
                busy = True
            if not busy or time.monotonic() > deadline:
                return not busy
            time.sleep(_PAUSE_SECONDS)


def _scrub_server(database: Database, tables: Collection[Table]) -> bool:
    """VACUUM FULL writes the tables anew; the checkpoint brings that to disk."""
    try:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = 0"))
            try:
                for table in tables:
                    connection.execute(
                        text(f"VACUUM FULL {connection.dialect.identifier_preparer.format_table(table)}")
                    )
                _checkpoint(connection)
            finally:
                connection.execute(text("RESET statement_timeout"))
    except DBAPIError:
        return False
    return True


def _checkpoint(connection: Connection) -> None:
    """Not every user may: who may not waits for the server's own, minutes later."""
    may = "rolsuper OR pg_has_role(current_user, 'pg_checkpoint', 'MEMBER')"
    may = f"SELECT {may} FROM pg_roles WHERE rolname = current_user"
    if connection.execute(text(may)).scalar_one():
        connection.execute(text("CHECKPOINT"))


def _occurrences(path: Path, marks: Collection[bytes]) -> int:
    """Pieces overlap by one mark, so that none is missed at a seam; one counted twice there does no harm."""
    longest = max(map(len, marks), default=0)
    number, tail = 0, b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            window = tail + piece
            number += sum(window.count(mark) for mark in marks)
            tail = window[-longest:] if longest else b""
    return number
