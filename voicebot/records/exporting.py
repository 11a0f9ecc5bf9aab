"""Everything that is kept about one caller, in the clear: for the caller, made by the privacy officer.

`data.json` holds every row of every table as it is stored, opened; docs/rights.md documents its form. `readable.md`
tells the same in words. What is exported leaves the store's care: it is the officer's from then on.
"""

import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from voicebot.recording.playing import sound_of
from voicebot.records import access_log
from voicebot.records.belonging import owned_tables, owner, sealed_columns
from voicebot.records.errors import KeyDestroyed, SealBroken
from voicebot.records.export_text import readable
from voicebot.records.schema import access_log as access_lines
from voicebot.records.schema import caller_keys, conversations
from voicebot.records.stores import Stores
from voicebot.records.subjects import Officer, Subject, of_subject
from voicebot.records.vault import Vault

VERSION = 1
UNREADABLE = {"unreadable": True}
"""Stands where a sealed value could not be opened: it was damaged."""

COLLEAGUES = ("agent", "taken_by", "settled_by")
"""Columns that name one of the company's own people: what they did is the caller's to know, who they are is theirs."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Export:
    """What is handed over.

    Args:
        data: the content of data.json.
        text: the content of readable.md.
        sounds: recorded calls (Ogg Opus), by file name.
    """

    data: Mapping[str, Any]
    text: str
    sounds: Mapping[str, bytes]

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Every file by its name."""
        yield "readable.md", self.text.encode()
        yield "data.json", (json.dumps(self.data, ensure_ascii=False, indent=2) + "\n").encode()
        yield from ((f"recordings/{name}", content) for name, content in self.sounds.items())

    def zipped(self) -> bytes:
        """All files as one zip archive."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.files():
                archive.writestr(name, content)
        return buffer.getvalue()

    def write(self, target: Path) -> None:
        """Write a zip archive when `target` ends in .zip, a new folder otherwise; only its owner can read it.

        Raises:
            OSError: it is there already, or cannot be written.
        """
        if target.suffix == ".zip":
            _write_new(target, self.zipped())
            return
        target.mkdir(mode=0o700)
        for name, content in self.files():
            path = target / name
            path.parent.mkdir(mode=0o700, exist_ok=True)
            _write_new(path, content)


def export(stores: Stores, subject: Subject, officer: Officer, language: str) -> Export:
    """Gather what is kept about somebody, and leave a line in the access log that it was.

    Args:
        stores: where it lies.
        subject: about whom.
        officer: for whom, and why.
        language: of readable.md: "nb" or "en".
    """
    with stores.database.reading() as connection:
        tables = {
            table.name: rows for table in owned_tables() if (rows := _rows(connection, stores.vault, table, subject))
        }
        data = {
            "format": "voicebot export",
            "version": VERSION,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "subject": subject.name,
            "tables": tables,
            "looked_at": _looked_at(connection, subject),
        }
        sounds = dict(_sounds(connection, stores, tables.get("recordings", [])))
    text = readable(data, language)
    with stores.database.writing() as connection:  # nothing is handed out without its line
        reason = officer.noted_reason
        access_log.note(connection, stores.vault, officer.actor, officer.role, "caller.export", subject.name, reason)
    return Export(data, text, sounds)


def _rows(connection: Connection, vault: Vault, table: Table, subject: Subject) -> list[Row]:
    """The rows of one table, opened; a caller's key says nothing to anybody and is left out."""
    if table is caller_keys:
        return []
    sealed = list(sealed_columns(table))
    query = select(table, owner(table).label("sealed_for")).where(of_subject(table, subject))
    rows = []
    for row in connection.execute(query.order_by(*(table.c[name] for name in ("at", "started_at") if name in table.c))):
        told = (column.name for column in table.columns if column.name not in COLLEAGUES)
        values = {name: _plain(getattr(row, name)) for name in told}
        for column in sealed:
            content = getattr(row, column.column.name)
            if content is not None:
                values[column.column.name] = _opened(connection, vault, row.sealed_for, content, column.place(row))
        rows.append(values)
    return rows


def _opened(connection: Connection, vault: Vault, caller_id: str, sealed: bytes, place: str) -> Any:
    try:
        text = vault.open(connection, caller_id, sealed, place)
    except (SealBroken, KeyDestroyed):
        return UNREADABLE
    try:
        return json.loads(text)
    except ValueError:
        return text


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _looked_at(connection: Connection, subject: Subject) -> list[Row]:
    """When somebody looked or did something, in which role; not who: that is the employees' own."""
    talks = select(conversations.c.id).where(of_subject(conversations, subject))
    mine = access_lines.c.subject.in_(talks) | (access_lines.c.subject == subject.name)
    query = select(access_lines.c.at, access_lines.c.role, access_lines.c.action, access_lines.c.subject)
    return [
        {name: _plain(value) for name, value in row._asdict().items()}
        for row in connection.execute(query.where(mine).order_by(access_lines.c.seq))
    ]


def _sounds(connection: Connection, stores: Stores, rows: list[Row]) -> Iterator[tuple[str, bytes]]:
    for conversation in dict.fromkeys(row["conversation_id"] for row in rows):
        with suppress(SealBroken):  # the rows say that there was something
            sound = sound_of(connection, stores.vault, stores.folder, conversation)
            if sound is not None:
                yield f"{conversation}.ogg", sound


def _write_new(path: Path, content: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
