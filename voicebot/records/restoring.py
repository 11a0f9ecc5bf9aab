"""Putting a backup back, into an empty store of either kind, or in the place of what is there: all of it or nothing.

Callers whose key is no longer to be had stay dark, and callers with a tombstone that is younger than they are stay
erased, whatever keys turn up. A backup of SQLite goes into PostgreSQL as well: this is how to move.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select

from voicebot.config import RecordsConfig
from voicebot.records import access_log, anchors, escrow
from voicebot.records.access_triggers import protect, unprotect
from voicebot.records.archive_rows import FilePiece, Stored, found_in
from voicebot.records.changing import change_keys
from voicebot.records.database import open_database
from voicebot.records.errors import MasterKeyMissing, RecordsUnavailable
from voicebot.records.escrow import Escrow, Tombstone, WrappedKey
from voicebot.records.keys import has_master_key, key_file, load_master_keys
from voicebot.records.schema import (
    access_cuts,
    accounts,
    callbacks,
    caller_keys,
    callers,
    conversations,
    metadata,
    recordings,
    secrets,
    tombstones,
)
from voicebot.records.schema import access_log as access_lines
from voicebot.records.scrubbing import scrub
from voicebot.records.sound_files import recordings_folder
from voicebot.records.stores import Stores
from voicebot.records.subjects import Officer
from voicebot.records.surveying import Survey, keys_of, survey
from voicebot.records.vault import Vault

_ROWS_AT_ONCE = 500
_MATTERS = (callers, conversations, callbacks, accounts, access_lines, tombstones)
"""A store with a row in one of these is not empty."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of it.

    Args:
        made_at: the moment that the backup shows.
        rows: put back, per table.
        dark: left out because the caller's key is gone: erased or forgotten since; per table.
        buried: left out because of a tombstone, or because what they hang on was left out; per table.
        files: recordings put back.
        chain_is_whole: the access log verifies.
        anchors_set_aside: anchors of the access log that are younger than the backup were put aside.
    """

    made_at: datetime
    rows: Mapping[str, int]
    dark: Mapping[str, int]
    buried: Mapping[str, int]
    files: int
    chain_is_whole: bool
    anchors_set_aside: bool


@contextmanager
def stores_to_fill(config: RecordsConfig) -> Iterator[Stores]:
    """The stores before anything is in them: no secrets are made, for those of the backup are to come.

    Raises:
        RecordsUnavailable: they cannot be opened, or there is no master key yet.
    """
    path = key_file(config)
    if path is not None and not has_master_key(config):
        raise RecordsUnavailable(
            f"there is no master key in {path}", "put the key file there that the backup was made with"
        )
    database = open_database(config)
    try:
        yield Stores(database, Vault(load_master_keys(config)), config.folder, config.key_backup)
    finally:
        database.close()


def looked_through(stores: Stores, path: Path) -> Survey:
    """What `restore` would find in a backup with the keys there are now; changes nothing."""
    with stores.database.reading() as connection:
        return survey(path, stores.vault.master, _known(connection, stores))


def restore(stores: Stores, path: Path, officer: Officer, *, replace: bool = False) -> Restored:
    """Put a backup back. No house may run on the store meanwhile.

    Args:
        stores: where to; its `key_backup` is read for the callers' keys, beside the keys in the store itself.
        path: the backup.
        officer: who does it, and why.
        replace: throw away what is there; without it only an empty store is filled.
    Raises:
        RecordsUnavailable: the store is not empty, the backup cannot be used, or none of its callers has a key left;
            nothing has been changed.
        MasterKeyMissing: it is locked with another master key.
    """
    with escrow.locked(stores.key_backup):
        filled = change_keys(stores.database, lambda connection: _put_back(connection, stores, path, officer, replace))
    for partial, file in filled.files.items():
        os.replace(partial, file)
    if replace:
        scrub(stores.database, metadata.sorted_tables)
    with stores.database.reading() as connection:
        verdict = access_log.verify(connection, stores.vault)
    aside = _set_anchors_aside(stores, verdict.head)
    made_at, dark = filled.survey.made_at, filled.survey.dark
    return Restored(made_at, filled.rows, dark, filled.buried, len(filled.files), verdict.is_whole, aside)


@dataclass(frozen=True, slots=True)
class _Filled:
    survey: Survey
    rows: Counter[str]
    buried: Counter[str]
    files: dict[Path, Path]


def _known(connection: Connection, stores: Stores) -> tuple[Escrow, ...]:
    here = escrow.held(connection)
    elsewhere = None if stores.key_backup is None else escrow.read(stores.key_backup, stores.vault.master)
    return (here,) if elsewhere is None else (elsewhere, here)


def _put_back(connection: Connection, stores: Stores, path: Path, officer: Officer, replace: bool) -> _Filled:
    if not replace and any(connection.execute(select(func.count()).select_from(one)).scalar_one() for one in _MATTERS):
        raise RecordsUnavailable("this store is not empty", "use --replace to throw away what is in it")
    known = _known(connection, stores)
    looked = survey(path, stores.vault.master, known)
    if looked.dark and not looked.callers:
        raise RecordsUnavailable(
            "none of the callers in this backup has a key left",
            "point records.key_backup at the folder with voicebot.keys",
        )
    log = _Log.of(connection, stores.vault)
    unprotect(connection)
    for table in reversed(metadata.sorted_tables):
        connection.execute(delete(table))
    filled = _filled(connection, stores, path, looked, keys_of(known))
    log.put_back_if_longer(connection, stores.vault, looked.head)
    protect(connection)
    stores.vault.prepare(connection)
    reason = f"backup of {looked.made_at:%Y-%m-%d %H:%M}. {officer.noted_reason}".strip()
    access_log.note(connection, stores.vault, officer.actor, officer.role, "backup.restored", "", reason)
    if stores.key_backup is not None:
        escrow.write(stores.key_backup, stores.vault.master, escrow.held(connection))
    return filled


def _filled(
    connection: Connection, stores: Stores, path: Path, looked: Survey, keys: Mapping[str, WrappedKey]
) -> _Filled:
    filled = _Filled(looked, Counter(), Counter(), {})
    waiting: dict[str, list[dict[str, Any]]] = defaultdict(list)
    talks: set[str] = set()
    sounds: set[str] = set()
    for found in found_in(path, stores.vault.master, keys):
        if isinstance(found, FilePiece) and found.name in sounds:
            _put_piece(filled, recordings_folder(stores.folder), found)
        if not isinstance(found, Stored) or found.table is tombstones:
            continue
        table, row = found.table, found.row
        if _stays_out(found, looked, talks):
            filled.buried[table.name] += 1
            continue
        if table is conversations:
            talks.add(row["id"])
        if table is recordings:
            sounds.add(row["file"])
        if table.name not in waiting:
            _flush(connection, waiting)  # a table is complete when the next one begins: parents before children
        waiting[table.name].append(row)
        filled.rows[table.name] += 1
        if table is callers:
            key = keys[row["id"]]
            values = {"caller_id": row["id"], "wrapped": key.wrapped, "master_id": key.master_id}
            waiting[caller_keys.name].append(values)
        if len(waiting[table.name]) >= _ROWS_AT_ONCE:
            _flush(connection, waiting)
    _flush(connection, waiting)
    for stone in looked.stones.values():
        connection.execute(insert(tombstones).values(_values(stone)))
    return filled


def _stays_out(found: Stored, looked: Survey, talks: set[str]) -> bool:
    """Whether a row is of somebody erased, calls back a number that is, or hangs on a conversation that stays out."""
    if found.caller in looked.erased:
        return True
    if found.table is callbacks:
        stone = looked.stones.get(found.row["number_hash"])
        if stone is not None and stone.erased_at >= found.row["at"]:
            return True
    conversation = found.row.get("conversation_id")
    if conversation is None or conversation in talks:
        return False
    if found.table.c["conversation_id"].nullable:
        found.row["conversation_id"] = None
        return False
    return True


def _flush(connection: Connection, waiting: dict[str, list[dict[str, Any]]]) -> None:
    for name in list(waiting):
        connection.execute(insert(metadata.tables[name]), waiting.pop(name))


def _values(stone: Tombstone) -> dict[str, Any]:
    return {"number_hash": stone.number_hash, "erased_at": stone.erased_at, "by": stone.by, "reason": stone.reason}


def _put_piece(filled: _Filled, folder: Path, piece: FilePiece) -> None:
    """Beside its place; it moves there when the rows are in."""
    path = (folder / piece.name).resolve()
    if not path.is_relative_to(folder.resolve()):
        return
    partial = path.with_name(f".{path.name}.restored")
    partial.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = partial in filled.files
    flags = os.O_WRONLY | os.O_CREAT | (os.O_APPEND if known else os.O_TRUNC)
    with open(os.open(partial, flags, 0o600), "ab" if known else "wb") as file:
        file.write(piece.content)
    filled.files[partial] = path


@dataclass(frozen=True, slots=True)
class _Log:
    """The access log of the store that is replaced: no restore of an older backup hides who has looked since."""

    secret: bytes | None
    head: str
    rows: Mapping[Table, list[dict[str, Any]]]

    @classmethod
    def of(cls, connection: Connection, vault: Vault) -> "_Log":
        made = connection.execute(
            select(func.count()).select_from(secrets).where(secrets.c.name == "audit")
        ).scalar_one()
        secret = None
        if made:
            with suppress(MasterKeyMissing):  # another installation's
                secret = vault.named(connection, "audit")
        rows = {
            table: [row._asdict() for row in connection.execute(select(table))] for table in (access_lines, access_cuts)
        }
        return cls(secret, access_log.head(connection), rows)

    def put_back_if_longer(self, connection: Connection, vault: Vault, head: str) -> None:
        """Take the place of the backup's log if it is of the same installation and goes on beyond it."""
        if self.secret != vault.named(connection, "audit") or _line_of(self.head) < _line_of(head):
            return
        for table, rows in self.rows.items():
            connection.execute(delete(table))
            if rows:
                connection.execute(insert(table), rows)


def _line_of(head: str) -> int:
    return int(head.partition(":")[0])


def _set_anchors_aside(stores: Stores, head: str) -> bool:
    """Anchors of lines that did not come back would call the log cut off for ever: they stay, under another name."""
    folders = [folder for folder in (stores.folder, stores.key_backup) if folder is not None]
    moved = False
    with stores.database.reading() as connection:
        for folder in folders:
            known = anchors.read_anchors((folder,))
            if known and not access_log.verify(connection, stores.vault, known).is_whole:
                path = folder / anchors.FILE
                path.rename(path.with_name(f"{path.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S}"))
                moved = True
    anchors.write_anchor(folders, head)
    return moved
