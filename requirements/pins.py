"""The form of the files: one line per library, a hash per file that may be installed, and no address of any index."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent
FILES: Mapping[str, str] = {"run.txt": "postgres", "dev.txt": "dev,mic,postgres"}
"""Each file, and the extras of the project that are in it."""

_LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)(?P<hashes>(?: --hash=sha256:[0-9a-f]{64})*)")


@dataclass(frozen=True, slots=True)
class Pin:
    """One library at one version.

    Args:
        name: in the one form that indexes compare by.
        version: exactly.
        hashes: SHA-256 of every file that may be installed, in hex.
    """

    name: str
    version: str
    hashes: tuple[str, ...]


def canonical(name: str) -> str:
    """A library's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read(path: Path) -> list[Pin]:
    """The pins of a file.

    Raises:
        ValueError: a line that is no pin; the message names it.
    """
    text = path.read_text(encoding="utf-8").replace(" \\\n", " ")
    pins = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.fullmatch(re.sub(r"\s+", " ", line).strip())
        if found is None:
            raise ValueError(f"{path.name}: {line.split()[0]} is not pinned as name==version with hashes")
        hashes = tuple(one.partition(":")[2] for one in found["hashes"].split())
        pins.append(Pin(canonical(found["name"]), found["version"], hashes))
    return pins


def write(path: Path, pins: Iterable[Pin], heading: str) -> None:
    """Write a file that pip takes with --require-hashes."""
    lines = [f"# {line}" for line in heading.splitlines()]
    for pin in sorted(pins, key=lambda pin: pin.name):
        hashes = [f"    --hash=sha256:{one}" for one in sorted(pin.hashes)]
        lines.append(" \\\n".join([f"{pin.name}=={pin.version}", *hashes]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
