"""The callers' keys, kept once more away from the store: one small file that every erasure writes anew.

Backups hold no caller's key. After an erasure the key is nowhere, so that older backups say nothing of that caller
any more, wherever their copies lie. The tombstones stand in the file, too: they outlive the loss of the store.
"""

import base64
import gzip
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, select

from voicebot.records.errors import RecordsUnavailable, SealBroken
from voicebot.records.keys import MasterKeys, open_with, seal_with
from voicebot.records.schema import caller_keys, secrets, tombstones

ESCROW_FILE = "voicebot.keys"
_MAGIC = b"VBKEYS1\n"
_ID_BYTES = 16
_WAIT_SECONDS = 60.0


@dataclass(frozen=True, slots=True, repr=False)
class WrappedKey:
    """A key as it is stored: locked by the master key `master_id`."""

    wrapped: bytes
    master_id: str


@dataclass(frozen=True, slots=True)
class Tombstone:
    """Somebody was erased: nothing older comes back. number_hash: of the number, or of the caller without one."""

    number_hash: str
    erased_at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, repr=False)
class Escrow:
    """What the file holds. at: when it was written."""

    at: datetime
    keys: Mapping[str, WrappedKey]
    secrets: Mapping[str, WrappedKey]
    tombstones: tuple[Tombstone, ...]


def held(connection: Connection) -> Escrow:
    """What the file should hold now, as this transaction sees the store."""
    return Escrow(
        datetime.now(UTC),
        {row.caller_id: WrappedKey(row.wrapped, row.master_id) for row in connection.execute(select(caller_keys))},
        {row.name: WrappedKey(row.wrapped, row.master_id) for row in connection.execute(select(secrets))},
        tuple(Tombstone(*row) for row in connection.execute(select(tombstones))),
    )


@contextmanager
def locked(folder: Path | None) -> Iterator[None]:
    """Nobody else writes the file meanwhile. Held around a change of the keys and the writing of it, so that a backup
    that began before an erasure cannot put the key back. Does nothing without a folder.

    Raises:
        RecordsUnavailable: the folder cannot be used, or another process holds it for longer than a minute.
    """
    if folder is None:
        yield
        return
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(folder / f".{ESCROW_FILE}.lock", timeout=_WAIT_SECONDS)
        lock.acquire()
    except Timeout:
        raise RecordsUnavailable(
            f"the key backup in {folder} is held by another process", "let its backup or erasure finish, then try again"
        ) from None
    except OSError as error:
        raise RecordsUnavailable(
            f"the folder for the key backup, {folder}, cannot be used: {error.strerror}",
            "make it writable, or point records.key_backup elsewhere",
        ) from None
    try:
        yield
    finally:
        lock.release()


def write(folder: Path, master: MasterKeys, escrow: Escrow) -> None:
    """Replace the file, whole or not at all.

    Raises:
        RecordsUnavailable: it cannot be written.
    """
    plain = json.dumps(
        {
            "version": 1,
            "at": escrow.at.isoformat(),
            "keys": _written(escrow.keys),
            "secrets": _written(escrow.secrets),
            "tombstones": [
                [one.number_hash, one.erased_at.isoformat(), one.by, one.reason] for one in escrow.tombstones
            ],
        }
    )
    sealed = seal_with(master.current.derived("escrow"), gzip.compress(plain.encode(), mtime=0), "escrow")
    path, partial = folder / ESCROW_FILE, folder / f".{ESCROW_FILE}.part"
    try:
        partial.unlink(missing_ok=True)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_MAGIC + master.current.id.encode() + sealed)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as error:
        raise RecordsUnavailable(
            f"the key backup {path} cannot be written: {error.strerror}",
            "make the folder writable: until then an erased caller's key may still stand in the old file",
        ) from None


def read(folder: Path, master: MasterKeys) -> Escrow | None:
    """What the file holds; None when there is no file yet.

    Raises:
        RecordsUnavailable: it cannot be read, or is no such file.
        MasterKeyMissing: it is locked with another master key.
    """
    path = folder / ESCROW_FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RecordsUnavailable(
            f"the key backup {path} cannot be read: {error.strerror}", "check the folder and its owner"
        ) from None
    head = len(_MAGIC) + _ID_BYTES
    try:
        if not content.startswith(_MAGIC):
            raise SealBroken("not a key backup")
        key = master.named(content[len(_MAGIC) : head].decode("ascii", "replace"))
        plain: dict[str, Any] = json.loads(gzip.decompress(open_with(key.derived("escrow"), content[head:], "escrow")))
    except SealBroken:
        raise RecordsUnavailable(
            f"{path} is no key backup, or was damaged", "run voicebot backup once: it writes the file anew"
        ) from None
    return Escrow(
        datetime.fromisoformat(plain["at"]),
        _read(plain["keys"]),
        _read(plain["secrets"]),
        tuple(
            Tombstone(number_hash, datetime.fromisoformat(at), by, reason)
            for number_hash, at, by, reason in plain["tombstones"]
        ),
    )


def _written(keys: Mapping[str, WrappedKey]) -> list[list[str]]:
    return [[name, base64.b64encode(key.wrapped).decode(), key.master_id] for name, key in keys.items()]


def _read(keys: list[list[str]]) -> dict[str, WrappedKey]:
    return {name: WrappedKey(base64.b64decode(wrapped), master_id) for name, wrapped, master_id in keys}
