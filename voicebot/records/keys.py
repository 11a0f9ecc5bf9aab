"""Master keys: what every other key of the records is locked with. They come from outside and are never stored with
what they lock.

A master key never encrypts anything itself: each use has a key derived from it (HKDF-SHA256, RFC 5869), so that a
wrapped key can never be taken for a backup or the other way about.
"""

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from voicebot.records.errors import MasterKeyMissing, RecordsUnavailable, SealBroken

KEY_BYTES = 32
NONCE_BYTES = 12
KEY_FILE = "master.key"


class KeySettings(Protocol):
    """The part of `RecordsConfig` that says where the master keys are."""

    @property
    def folder(self) -> Path:
        """Where the records live."""
        ...

    @property
    def master_keys(self) -> tuple[str, ...]:
        """Base64, the current one first; secret."""
        ...

    @property
    def master_key_file(self) -> Path | None:
        """A file with one key a line, the current one first."""
        ...


def seal_with(key: bytes, plain: bytes, place: str) -> bytes:
    """AES-256-GCM (NIST SP 800-38D) with a random nonce in front. place: authenticated, not kept in the result."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, place.encode())


def open_with(key: bytes, sealed: bytes, place: str) -> bytes:
    """What `seal_with` sealed for this place.

    Raises:
        SealBroken: it was changed, belongs somewhere else, or is of another key.
    """
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError):
        raise SealBroken(f"the seal of {place} is broken") from None


@dataclass(frozen=True, slots=True, repr=False)
class MasterKey:
    """One master key. id: names it without telling it: 16 hex digits of a hash."""

    id: str
    secret: bytes

    def derived(self, purpose: str) -> bytes:
        """The 32-byte key for one purpose."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"voicebot {purpose}".encode()).derive(self.secret)


class MasterKeys:
    """The master keys of an installation.

    Args:
        keys: 32 bytes each; the first locks, all open.
        reread: gives the keys anew, where they may have changed since: a house that runs on takes up a rotation.
    """

    def __init__(self, keys: Iterable[bytes], reread: Callable[[], Iterable[bytes]] | None = None) -> None:
        self._reread = reread
        self._take(keys)

    def _take(self, keys: Iterable[bytes]) -> None:
        found = [MasterKey(hashlib.sha256(b"voicebot master key id" + key).hexdigest()[:16], key) for key in keys]
        if not found:
            raise ValueError("at least one master key")
        self._all = {key.id: key for key in found}
        self._wrapping = {key.id: key.derived("wrapping") for key in found}
        self.ids = tuple(key.id for key in found)
        self.current = found[0]

    def wrap(self, secret: bytes, place: str) -> tuple[bytes, str]:
        """Lock a key for the place it is stored at. Returns it locked, and the id of the master key that did."""
        return seal_with(self._wrapping[self.current.id], secret, place), self.current.id

    def unwrap(self, wrapped: bytes, master_id: str, place: str) -> bytes:
        """The key that was locked.

        Raises:
            MasterKeyMissing: the master key that did it is not here.
            SealBroken: it was changed or moved.
        """
        self.named(master_id)
        return open_with(self._wrapping[master_id], wrapped, place)

    def named(self, master_id: str) -> MasterKey:
        """One of the keys. Raises MasterKeyMissing."""
        if master_id not in self._all and self._reread is not None:
            self._take(self._reread())
        if master_id not in self._all:
            raise MasterKeyMissing(master_id)
        return self._all[master_id]


def new_master_key() -> str:
    """A fresh master key as it is written down: base64 of 32 random bytes."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def key_file(settings: KeySettings) -> Path | None:
    """The file the master keys are read from; None when they come from the environment."""
    if settings.master_keys:
        return None
    return settings.master_key_file or settings.folder / KEY_FILE


def load_master_keys(settings: KeySettings) -> MasterKeys:
    """Read the master keys; where neither is configured, from a file in the records' folder, made when missing.

    Raises:
        RecordsUnavailable: a key is not base64 of 32 bytes, or the file cannot be read or made.
    """
    path = key_file(settings)
    if path is None:
        return MasterKeys(_decoded(settings.master_keys, "VOICEBOT_MASTER_KEY"))
    if settings.master_key_file is None and not path.exists():
        make_key_file(path, (new_master_key(),))

    def read() -> list[bytes]:
        return _decoded(read_key_file(path), str(path))

    return MasterKeys(read(), read)


def has_master_key(settings: KeySettings) -> bool:
    """Whether there is a key already, or the next start will make one."""
    path = key_file(settings)
    return path is None or path.exists()


def read_key_file(path: Path) -> tuple[str, ...]:
    """The keys in a file, current first, as they are written; lines with # are remarks.

    Raises:
        RecordsUnavailable: it cannot be read, or holds no key.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise RecordsUnavailable(
            f"the master key file {path} cannot be read: {reason}",
            "put it back, or point VOICEBOT_MASTER_KEY_FILE at it",
        ) from None
    keys = tuple(key for line in lines for key in line.partition("#")[0].replace(",", " ").split())
    if not keys:
        raise RecordsUnavailable(f"the master key file {path} holds no key", "put it back from your copy")
    return keys


def make_key_file(path: Path, keys: tuple[str, ...]) -> None:
    """Write a key file that only its owner can read; the old one stays whole until the new one is.

    Raises:
        RecordsUnavailable: it cannot be written.
    """
    lines = [
        "# Master key of voicebot's records, the current one first. Without it nothing can be read: keep a copy.",
        *keys,
    ]
    partial = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial.unlink(missing_ok=True)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as error:
        raise RecordsUnavailable(
            f"the master key file {path} cannot be written: {error.strerror}",
            "make the folder writable, or give the key in VOICEBOT_MASTER_KEY",
        ) from None


def _decoded(keys: Iterable[str], place: str) -> list[bytes]:
    found = []
    for key in keys:
        try:
            secret = base64.b64decode(key.strip().replace("-", "+").replace("_", "/"), validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if len(secret) != KEY_BYTES:
            raise RecordsUnavailable(
                f"a master key in {place} is not base64 of {KEY_BYTES} bytes", "make one with: voicebot keys new"
            )
        found.append(secret)
    return found
