"""A backup: everything there is in one file, as it was at one moment, while calls go on.

The callers' keys are not in it, and each row of a caller is sealed with the caller's key once more: after an erasure
an old backup does not even say when that caller called. The keys are in the store, and in the key backup.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Row, Table, literal, select

from voicebot.records import access_log, anchors, escrow
from voicebot.records.archive import ArchiveWriter, new_archive
from voicebot.records.archive_rows import End, Made, end_line, made_line, piece_line, row_line
from voicebot.records.belonging import owned_tables, owner
from voicebot.records.schema import (
    caller_keys,
    callers,
    live_states,
    live_transfers,
    metadata,
    recordings,
    secrets,
    sign_ins,
)
from voicebot.records.sound_files import recordings_folder
from voicebot.records.stores import Stores
from voicebot.records.subjects import Officer
from voicebot.records.vault import place_of

NOT_IN_BACKUPS = (caller_keys, live_states, live_transfers, sign_ins)
"""Keys, for the reason above; what only lives as long as a call; and sign-ins, which nobody should find open again."""

_FILE_PIECE_BYTES = 2**18
_ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Backup:
    """What was written.

    Args:
        path: where.
        at: the moment that it shows.
        rows: per table.
        files: recordings.
        sha256: of the file, in hex.
        escrow: the key backup was written beside it; False: without the store itself nothing of any caller can be read.
    """

    path: Path
    at: datetime
    rows: Mapping[str, int]
    files: int
    sha256: str
    escrow: bool


def back_up(stores: Stores, path: Path, officer: Officer) -> Backup:
    """Write everything to a new file, and the keys to the key backup.

    Raises:
        RecordsUnavailable: the file is there already, or something cannot be written.
    """
    at = datetime.now(UTC)
    with new_archive(path, stores.vault.master) as archive, stores.database.reading() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        archive.write(made_line(Made(at, revision)))
        rows = {table.name: _put_table(archive, connection, stores, table) for table in backed_up_tables()}
        files = _put_files(archive, connection, stores)
        archive.write(end_line(End(rows, files, access_log.head(connection))))
    if stores.key_backup is not None:
        # Read anew: who was erased while the file was written must not come back with it.
        with escrow.locked(stores.key_backup), stores.database.reading() as connection:
            escrow.write(stores.key_backup, stores.vault.master, escrow.held(connection))
    with stores.database.writing() as connection:
        line = access_log.note(
            connection, stores.vault, officer.actor, officer.role, "backup.made", "", officer.noted_reason
        )
    folders = [folder for folder in (stores.folder, stores.key_backup) if folder is not None]
    anchors.write_anchor(folders, access_log.anchor_of(line.seq, line.hash))
    return Backup(path, at, rows, len(files), _hash(path), stores.key_backup is not None)


def backed_up_tables() -> tuple[Table, ...]:
    """In the order in which they can be put back: secrets and callers before what needs them."""
    first = [secrets, callers, metadata.tables["caller_numbers"]]
    return tuple(
        table
        for table in (*first, *(t for t in metadata.sorted_tables if t not in first))
        if table not in NOT_IN_BACKUPS
    )


def _put_table(archive: ArchiveWriter, connection: Connection, stores: Stores, table: Table) -> int:
    number = 0
    for row in _rows(connection, table):
        number += 1
        caller, key = row.sealed_for, None
        if caller is not None:
            place = place_of("caller_keys", "wrapped", caller)
            key = stores.vault.master.unwrap(row.sealed_wrapped, row.sealed_master, place)
        archive.write(row_line(table, row, caller, key))
    return number


def _rows(connection: Connection, table: Table) -> Iterator[Row[Any]]:
    """Every row, with the caller it belongs to and that caller's locked key."""
    if table not in owned_tables():
        query = select(table, literal(None).label("sealed_for"))
    else:
        belongs = owner(table)
        keys = caller_keys.alias()
        query = (
            select(
                table,
                keys.c.caller_id.label("sealed_for"),
                keys.c.wrapped.label("sealed_wrapped"),
                keys.c.master_id.label("sealed_master"),
            )
            .select_from(table)
            .outerjoin(keys, keys.c.caller_id == belongs)
        )
    query = query.order_by(*table.primary_key.columns)
    yield from connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE})


def _put_files(archive: ArchiveWriter, connection: Connection, stores: Stores) -> dict[str, str]:
    """The recordings, locked as they lie there. One that has gone meanwhile was erased or forgotten."""
    hashes: dict[str, str] = {}
    folder = recordings_folder(stores.folder)
    for name in connection.execute(select(recordings.c.file).order_by(recordings.c.file)).scalars():
        try:
            with (folder / name).open("rb") as file:
                digest = hashlib.sha256()
                piece = file.read(_FILE_PIECE_BYTES)
                while piece or name not in hashes:  # an empty file has one piece, too
                    digest.update(piece)
                    hashes[name] = digest.hexdigest()
                    archive.write(piece_line(name, piece))
                    piece = file.read(_FILE_PIECE_BYTES)
        except FileNotFoundError:
            continue
    return hashes


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
