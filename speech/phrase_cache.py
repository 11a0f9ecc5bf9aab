"""Sentences that were synthesised before: on disk for the next start, in memory for the next call.

Only the bot's own fixed sentences belong on disk. Who puts something in decides that; see `Mouth.say`.
"""

import hashlib
import os
import tempfile
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog

from speech.audio import AudioChunk

log = structlog.get_logger(__name__)

_MAGIC = b"VBPCM1\0\0"
_DIGEST_BYTES = 32
_HEADER_BYTES = len(_MAGIC) + 4 + _DIGEST_BYTES
_SUFFIX = ".phrase"
_ABANDONED_SECONDS = 3_600
_EVICT_TO = 0.9


@dataclass(frozen=True, slots=True)
class PhraseKey:
    """Everything that decides how a sentence sounds.

    Args:
        voice: the voice's fingerprint (model, its hash, settings).
        spoken: the words as the voice gets them.
        slower: stretched for a caller who asked for it.
    """

    voice: str
    spoken: str
    slower: bool

    @property
    def file_name(self) -> str:
        """A name that says nothing of the words."""
        plain = "\0".join((self.voice, str(self.slower), self.spoken))
        return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest() + _SUFFIX


class PhraseMemory:
    """The most recently used phrases, ready for one line rate each.

    Args:
        limit_bytes: of samples held; the least recently used goes first.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._held_bytes = 0
        self._chunks: OrderedDict[tuple[PhraseKey, int], AudioChunk] = OrderedDict()

    def get(self, key: PhraseKey, rate_hz: int) -> AudioChunk | None:
        """The phrase at `rate_hz`, or None."""
        chunk = self._chunks.get((key, rate_hz))
        if chunk is not None:
            self._chunks.move_to_end((key, rate_hz))
        return chunk

    def put(self, key: PhraseKey, chunk: AudioChunk) -> None:
        """Hold a phrase, letting go of the oldest ones when it gets too much."""
        old = self._chunks.pop((key, chunk.rate_hz), None)
        self._held_bytes += chunk.pcm.nbytes - (old.pcm.nbytes if old else 0)
        self._chunks[key, chunk.rate_hz] = chunk
        while self._held_bytes > self._limit_bytes:
            _, gone = self._chunks.popitem(last=False)
            self._held_bytes -= gone.pcm.nbytes


class PhraseFolder:
    """Phrases on disk, shared by any number of processes.

    A file is written under another name and moved into place, so a reader sees all of it or nothing. A file that
    does not check out is a miss and is removed. Nothing here raises: a cache that fails only costs time.

    Args:
        folder: made when missing.
        limit_bytes: of files; beyond it the least recently used go (by modification time, which reading renews).
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes
        self._written_bytes: int | None = None
        self._complained = False

    def read(self, key: PhraseKey) -> AudioChunk | None:
        """The phrase at its voice's rate, or None."""
        path = self._folder / key.file_name
        try:
            content = path.read_bytes()
        except OSError:
            return None
        chunk = _decode(content)
        try:
            if chunk is None:
                path.unlink(missing_ok=True)
                log.warning("phrase_cache_file_broken", file=path.name)
            else:
                os.utime(path)
        except OSError as error:
            self._complain(error)
        return chunk

    def write(self, key: PhraseKey, chunk: AudioChunk) -> None:
        """Keep a phrase for the next start."""
        content = _encode(chunk)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._place(content, self._folder / key.file_name)
            self._make_room(len(content))
        except OSError as error:
            self._complain(error)

    def _place(self, content: bytes, path: Path) -> None:
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".", suffix=".part", delete=False) as file:
            try:
                file.write(content)
                file.close()
                os.replace(file.name, path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise

    def _make_room(self, added_bytes: int) -> None:
        """Scan the folder at the first write and whenever this process alone may have filled it."""
        if self._written_bytes is not None:
            self._written_bytes += added_bytes
            if self._written_bytes <= self._limit_bytes:
                return
        self._remove_abandoned()
        files = sorted(self._scan())
        held = sum(size for _, size, _ in files)
        if held > self._limit_bytes:
            for _, size, path in files:
                if held <= self._limit_bytes * _EVICT_TO:
                    break
                path.unlink(missing_ok=True)
                held -= size
        self._written_bytes = held

    def _scan(self) -> list[tuple[float, int, Path]]:
        found = []
        for path in self._folder.glob("*" + _SUFFIX):
            try:
                status = path.stat()
            except FileNotFoundError:  # another process made room
                continue
            found.append((status.st_mtime, status.st_size, path))
        return found

    def _remove_abandoned(self) -> None:
        """Half-written files of a process that was killed."""
        for path in self._folder.glob(".*.part"):
            try:
                if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                    path.unlink()
            except FileNotFoundError:
                continue

    def _complain(self, error: OSError) -> None:
        if not self._complained:
            self._complained = True
            log.warning("phrase_cache_unusable", folder=str(self._folder), error=error.strerror)


def _encode(chunk: AudioChunk) -> bytes:
    pcm = chunk.pcm.astype("<i2").tobytes()
    rate = chunk.rate_hz.to_bytes(4, "little")
    return _MAGIC + rate + hashlib.sha256(rate + pcm).digest() + pcm


def _decode(content: bytes) -> AudioChunk | None:
    if len(content) < _HEADER_BYTES or not content.startswith(_MAGIC):
        return None
    rate = content[len(_MAGIC) : len(_MAGIC) + 4]
    digest = content[_HEADER_BYTES - _DIGEST_BYTES : _HEADER_BYTES]
    pcm = content[_HEADER_BYTES:]
    if len(pcm) % 2 or hashlib.sha256(rate + pcm).digest() != digest:
        return None
    return AudioChunk(np.frombuffer(pcm, "<i2").astype(np.int16), int.from_bytes(rate, "little"))
