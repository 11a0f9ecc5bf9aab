"""Looking for words in files, in whatever form they may have been written."""

import base64
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote


def forms(word: str) -> set[bytes]:
    """The ways in which a word could stand in a file."""
    plain = [word, json.dumps(word)[1:-1], quote(word), word.upper()]
    found = {one.encode(encoding) for one in plain for encoding in ("utf-8", "utf-16-le", "utf-16-be")}
    found |= {one.encode("latin-1") for one in plain if all(ord(letter) < 256 for letter in one)}
    for text in (word.encode(), word.encode("utf-16-le")):
        found |= {text.hex().encode(), text[::-1]}
        for shift in range(3):  # base64 looks different at each place in its groups of three
            inner = base64.b64encode(b"\0" * shift + text)[2 + shift : -4]
            found.add(inner if len(inner) >= 8 else base64.b64encode(text).rstrip(b"="))
    return found


def seen_in(contents: Iterable[tuple[str, bytes]], marks: Iterable[bytes]) -> dict[str, list[bytes]]:
    """Which marks stand where, packed content included."""
    marks = list(marks)
    found: dict[str, list[bytes]] = {}
    for name, content in contents:
        for layer in (content, *_unpacked(content)):
            if seen := [mark for mark in marks if mark in layer]:
                found.setdefault(name, []).extend(seen)
    return found


def files_below(*folders: Path) -> Iterator[tuple[str, bytes]]:
    """Every file, with its name as a part of what may give something away."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield str(path), path.name.encode() + b"\n" + path.read_bytes()


def _unpacked(content: bytes) -> Iterator[bytes]:
    packers = ((b"\x1f\x8b", gzip.decompress), (b"\x78\x9c", zlib.decompress), (b"\x78\x01", zlib.decompress))
    for magic, unpack in packers:
        at = content.find(magic)
        while at >= 0:
            with suppress(OSError, EOFError, zlib.error):
                yield unpack(content[at:])
            at = content.find(magic, at + 1)
