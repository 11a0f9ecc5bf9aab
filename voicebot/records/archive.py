"""The file of a backup: JSON lines, compressed, sealed piece by piece with a key derived from the master key.

Pieces are numbered in their nonces and the last one is marked (the STREAM construction of Hoang, Reyhanitabar, Rogaway
and Vizár, 2015): none can be changed, moved or left out, and a file that was cut off does not pass for a whole one.
"""

import gzip
import hashlib
import hmac
import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from voicebot.records.errors import RecordsUnavailable, SealBroken
from voicebot.records.keys import MasterKey, MasterKeys

_MAGIC = b"VBBACK1\n"
_ID_BYTES = 16
_SALT_BYTES = 16
_HEAD_BYTES = len(_MAGIC) + _ID_BYTES + _SALT_BYTES
_PIECE_BYTES = 2**20
_LENGTH_BYTES = 4
_TAG_BYTES = 16

Line = Mapping[str, Any]


class ArchiveWriter:
    """Takes lines, one after the other."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream = stream

    def write(self, line: Line) -> None:
        """Add a line. Raises OSError when the disk is full."""
        self._stream.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")


@contextmanager
def new_archive(path: Path, master: MasterKeys) -> Iterator[ArchiveWriter]:
    """Write an archive, readable by its owner only; it is there, whole, when the block ends without an exception.

    Raises:
        RecordsUnavailable: there is such a file already, or it cannot be written.
    """
    partial = path.with_name(f".{path.name}.part")
    if path.exists():
        raise RecordsUnavailable(f"{path} is there already", "give another name, with the date in it")
    try:
        partial.unlink(missing_ok=True)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            sealing = _Sealing(file, master.current)
            with gzip.GzipFile(fileobj=sealing, mode="wb", compresslevel=6, mtime=0) as packed:
                yield ArchiveWriter(packed)
            sealing.finish()
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as error:
        raise RecordsUnavailable(
            f"the backup {path} cannot be written: {error.strerror}",
            "give a folder that has room and may be written to",
        ) from None
    finally:
        partial.unlink(missing_ok=True)


def lines_of(path: Path, master: MasterKeys) -> Iterator[Line]:
    """The lines of an archive, in order; memory does not grow with it.

    Raises:
        RecordsUnavailable: it cannot be read, is no archive, was cut off or changed.
        MasterKeyMissing: it is locked with another master key.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            if not head.startswith(_MAGIC) or len(head) < _HEAD_BYTES:
                raise SealBroken("no archive")
            key = master.named(head[len(_MAGIC) : len(_MAGIC) + _ID_BYTES].decode("ascii", "replace"))
            with gzip.GzipFile(fileobj=io.BufferedReader(_Opening(file, key, head)), mode="rb") as packed:
                for line in packed:
                    yield json.loads(line)
    except OSError as error:
        raise RecordsUnavailable(
            f"{path} cannot be read: {error.strerror or 'damaged'}", "give another backup"
        ) from None
    except (SealBroken, EOFError, ValueError):
        raise RecordsUnavailable(
            f"{path} is no backup of voicebot, or was cut off or changed", "give another one"
        ) from None


class _Sealing(io.RawIOBase):
    """Seals what is written to it, piece by piece."""

    def __init__(self, file: IO[bytes], key: MasterKey) -> None:
        salt = os.urandom(_SALT_BYTES)
        self._head = _MAGIC + key.id.encode() + salt
        self._file = file
        self._cipher = AESGCM(_key(key, salt))
        self._waiting = bytearray()
        self._number = 0
        file.write(self._head)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waiting += data
        while len(self._waiting) > _PIECE_BYTES:
            self._put(bytes(self._waiting[:_PIECE_BYTES]), last=False)
            del self._waiting[:_PIECE_BYTES]
        return len(data)

    def finish(self) -> None:
        """Write what is left, marked as the end."""
        self._put(bytes(self._waiting), last=True)

    def _put(self, piece: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last), piece, self._head)
        self._file.write(len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed)
        self._number += 1


class _Opening(io.RawIOBase):
    """What `_Sealing` sealed."""

    def __init__(self, file: IO[bytes], key: MasterKey, head: bytes) -> None:
        self._file = file
        self._head = head
        self._cipher = AESGCM(_key(key, head[-_SALT_BYTES:]))
        self._ready = b""
        self._number = 0
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and not self._ended:
            self._ready = self._next()
        taken = self._ready[: len(buffer)]
        buffer[: len(taken)] = taken
        self._ready = self._ready[len(taken) :]
        return len(taken)

    def _next(self) -> bytes:
        length = int.from_bytes(self._file.read(_LENGTH_BYTES), "big")
        if not _TAG_BYTES <= length <= _PIECE_BYTES + _TAG_BYTES:
            raise SealBroken("a piece has an impossible length")
        sealed = self._file.read(length)
        for last in (False, True):
            try:
                piece = self._cipher.decrypt(_nonce(self._number, last), sealed, self._head)
            except InvalidTag:
                continue
            self._number += 1
            self._ended = last
            return piece
        raise SealBroken("a piece was changed")


def _key(key: MasterKey, salt: bytes) -> bytes:
    return hmac.new(key.derived("backup"), salt, hashlib.sha256).digest()


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
