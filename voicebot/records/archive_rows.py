"""What the lines of a backup say: rows of tables, pieces of files, and at the end how many there must be."""

import base64
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import LargeBinary, Table

from voicebot.records.archive import lines_of
from voicebot.records.errors import RecordsUnavailable, SealBroken
from voicebot.records.escrow import WrappedKey
from voicebot.records.keys import MasterKeys, open_with, seal_with
from voicebot.records.schema import Instant, metadata
from voicebot.records.vault import place_of

VERSION = 1
Line: TypeAlias = dict[str, Any]
Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Made:
    """The first line: when it was made, and from which version of the tables."""

    at: datetime
    revision: str | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A row. caller: whose key it was sealed with; None for what belongs to nobody."""

    table: Table
    row: Row
    caller: str | None


@dataclass(frozen=True, slots=True)
class Dark:
    """A row that nobody can open any more: its caller's key is gone."""

    table: Table
    caller: str


@dataclass(frozen=True, slots=True)
class FilePiece:
    """The next piece of a file."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class End:
    """The last line: rows per table, SHA-256 per file, and the head of the access log."""

    rows: Mapping[str, int]
    files: Mapping[str, str]
    head: str


Found: TypeAlias = Made | Stored | Dark | FilePiece | End


def made_line(made: Made) -> Line:
    """The first line of a backup."""
    return {"backup": VERSION, "made_at": made.at.isoformat(), "revision": made.revision}


def row_line(table: Table, row: object, caller: str | None, key: bytes | None) -> Line:
    """A row as a line; with a caller's key nothing can be seen of it but whose it is.

    Args:
        table: the row's.
        row: with the table's columns as attributes.
        caller: whose it is, or None.
        key: that caller's.
    """
    plain = {column.name: _plain(getattr(row, column.name)) for column in table.columns}
    if caller is None or key is None:
        return {"table": table.name, "row": plain}
    sealed = seal_with(key, zlib.compress(json.dumps(plain).encode()), _place(table))
    return {"table": table.name, "caller": caller, "sealed": base64.b64encode(sealed).decode()}


def piece_line(name: str, content: bytes) -> Line:
    """A piece of a file as a line."""
    return {"file": name, "piece": base64.b64encode(content).decode()}


def end_line(end: End) -> Line:
    """The last line."""
    return {"end": {"rows": end.rows, "files": end.files, "head": end.head}}


def found_in(path: Path, master: MasterKeys, keys: Mapping[str, WrappedKey]) -> Iterator[Found]:
    """Read a backup from its first line to its last; memory does not grow with it.

    Args:
        path: the file.
        master: opens it, and the keys.
        keys: of callers, by id.
    Raises:
        RecordsUnavailable: it cannot be read, was cut off or changed, or a later version of this program wrote it.
        MasterKeyMissing: it, or a key, is locked with another master key.
    """
    opened: dict[str, bytes] = {}
    for line in lines_of(path, master):
        if "table" in line:
            table = metadata.tables.get(line["table"])
            if table is None:
                raise _later(path)
            yield _row(path, table, line, opened, master, keys)
        elif "piece" in line:
            yield FilePiece(line["file"], base64.b64decode(line["piece"]))
        elif "end" in line:
            yield End(**line["end"])
        else:
            if line.get("backup") != VERSION:
                raise _later(path)
            yield Made(datetime.fromisoformat(line["made_at"]), line["revision"])


def _row(
    path: Path,
    table: Table,
    line: Mapping[str, Any],
    opened: dict[str, bytes],
    master: MasterKeys,
    keys: Mapping[str, WrappedKey],
) -> Stored | Dark:
    caller = line.get("caller")
    if caller is None:
        return Stored(table, _typed(path, table, line["row"]), None)
    if caller not in keys:
        return Dark(table, caller)
    if caller not in opened:
        wrapped = keys[caller]
        opened[caller] = master.unwrap(wrapped.wrapped, wrapped.master_id, place_of("caller_keys", "wrapped", caller))
    try:
        plain = open_with(opened[caller], base64.b64decode(line["sealed"]), _place(table))
    except SealBroken:
        raise RecordsUnavailable(
            f"a row in {path} does not open with its caller's key", "give another backup"
        ) from None
    return Stored(table, _typed(path, table, json.loads(zlib.decompress(plain))), caller)


def _place(table: Table) -> str:
    return f"backup:{table.name}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _typed(path: Path, table: Table, plain: Row) -> Row:
    row = {}
    for name, value in plain.items():
        column = table.c.get(name)
        if column is None:
            raise _later(path)
        if value is not None and isinstance(column.type, Instant):
            value = datetime.fromisoformat(value)
        elif value is not None and isinstance(column.type, LargeBinary):
            value = base64.b64decode(value)
        row[name] = value
    return row


def _later(path: Path) -> RecordsUnavailable:
    return RecordsUnavailable(f"a later version of this program wrote {path}", "restore it with that version")
