"""What was verified, kept beside the files: hashes, and how to see that nothing changed since."""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from speech.models.fetching import digest_of

MANIFEST = "manifest.json"
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One verified file.

    Args:
        sha256: lower-case hex.
        size_bytes: when it was hashed.
        mtime_ns: when it was hashed.
    """

    sha256: str
    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """A model's verified files.

    Args:
        source: where they came from, in words.
        commit: of the hub's repository, None when they came from elsewhere.
        files: by name.
    """

    source: str
    commit: str | None
    files: Mapping[str, Entry]


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest in a model's folder; None when there is none, or nothing that can be believed."""
    try:
        told = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = {name: Entry(**entry) for name, entry in told["files"].items()}
        return Manifest(told["source"], told["commit"], files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # A damaged manifest costs one more hashing of the files, nothing else.
        return None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put the manifest there in one step, so that no reader sees half of it.

    Raises:
        OSError: the disk refused.
    """
    with tempfile.NamedTemporaryFile(
        "w", dir=folder, prefix=MANIFEST, suffix=".new", delete=False, encoding="utf-8"
    ) as out:
        json.dump(asdict(manifest), out, indent=2)
    os.chmod(out.name, 0o644)  # temporary files are private; a model folder may serve several users
    os.replace(out.name, folder / MANIFEST)


def entry_of(path: Path) -> Entry:
    """Hash a file and note how it looked.

    Raises:
        OSError: it cannot be read.
    """
    seen = path.stat()
    return Entry(digest_of(path).value, seen.st_size, seen.st_mtime_ns)


def untouched(path: Path, entry: Entry) -> bool:
    """Whether a file looks as it did when it was hashed.

    Raises:
        OSError: it cannot be looked at.
    """
    seen = path.stat()
    # The layers of container images keep whole seconds only.
    times = {entry.mtime_ns, entry.mtime_ns // _SECOND_NS * _SECOND_NS}
    return seen.st_size == entry.size_bytes and seen.st_mtime_ns in times
