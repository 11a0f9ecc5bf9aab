"""Where the access log ended, written down outside of the database.

Whoever can write into the database can cut off the end of the access log, and the chain that is left is whole. So its
head is written now and then to a file beside the database and, when one is configured, into the folder that keeps keys
elsewhere: `voicebot serve` does so at its start and every hour, `voicebot audit verify` whenever all is well. Up to the
newest of these anchors a missing end shows. An anchor is a number and a hash: nothing in it is about a person.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

FILE: Final = "access-log.anchors"
_KEPT: Final = 1_000


def write_anchor(folders: Iterable[Path], head: str) -> None:
    """Add the head of the log to the file in each folder; the newest thousand stay.

    Args:
        folders: see `read_anchors`.
        head: see `voicebot.records.access_log.head`.

    Raises:
        OSError: a folder cannot be written to.
    """
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / FILE
        lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
        if lines and lines[-1].rpartition(" ")[2] == head:
            continue
        lines.append(f"{datetime.now(UTC).isoformat(timespec='seconds')} {head}")
        new = path.with_suffix(f".{os.getpid()}.new")
        new.write_text("\n".join(lines[-_KEPT:]) + "\n", encoding="ascii")
        new.replace(path)


def read_anchors(folders: Iterable[Path]) -> tuple[str, ...]:
    """Every anchor there is, oldest first.

    Args:
        folders: the records' own, and the one that keeps keys elsewhere.

    Raises:
        OSError: a file is there and cannot be read.
    """
    found: dict[str, None] = {}
    for folder in folders:
        path = folder / FILE
        if path.exists():
            found |= dict.fromkeys(line.rpartition(" ")[2] for line in path.read_text(encoding="ascii").splitlines())
    return tuple(anchor for anchor in found if is_anchor(anchor))


def is_anchor(text: str) -> bool:
    """Whether this has the form of an anchor: a number, a colon, 64 hex digits."""
    seq, _, digest = text.partition(":")
    return seq.isdigit() and len(digest) == 64 and set(digest) <= set("0123456789abcdef")
