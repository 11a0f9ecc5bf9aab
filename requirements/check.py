"""Whether what is installed is what is written down, and may be: versions, hashes, licences, known faults. Offline.

    python -m requirements.check

What this cannot know without an index: faults that were published after the day in advisories.yaml, releases that were
withdrawn, and whether a file on an index is still the one whose hash stands here. `pip-audit -r requirements/run.txt`
asks for the first; `pip install --require-hashes` holds the last each time it installs.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from importlib.metadata import Distribution, distributions

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from requirements.pins import FILES, FOLDER, ROOT, Pin, canonical, read

ADVISORIES = FOLDER / "advisories.yaml"
OLD_DAYS = 90
"""After so many days without a look the list of faults is called old; that is told, and fails nothing."""

ALLOWED = (
    "MIT", "MIT-0", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "BSD", "Apache-2.0", "Apache", "ISC", "Zlib", "CC0-1.0",
    "PSF-2.0", "Python-2.0", "Unlicense", "MPL-2.0", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL", "GPL-3.0-or-later",
    "PSF", "Python",
)  # fmt: skip
"""What may be combined with GPL-3.0-or-later; the short ones are how older metadata names a family."""

READ_BY_HAND: Mapping[str, str] = {
    "espeakng-loader": "GPL-3.0-or-later",
}
"""Libraries whose metadata name no licence; docs/licences.md says what was found in the files."""

TOOLS = frozenset({"pip", "setuptools", "wheel", "voicebot"})


def main() -> int:
    """Print every fault; 0 when there is none."""
    pins = {file: read(FOLDER / file) for file in FILES}
    installed = {canonical(found.name): found for found in distributions()}
    advisories = yaml.safe_load(ADVISORIES.read_text(encoding="utf-8"))
    everything = pins["dev.txt"]
    faults = [
        *without_hash(pins),
        *not_as_declared({pin.name: pin.version for pin in everything}),
        *not_as_pinned(everything, installed),
        *not_allowed(installed[pin.name] for pin in everything if pin.name in installed),
        *known_faults(everything, advisories["faults"]),
    ]
    for fault in faults:
        print(f"requirements: {fault}", file=sys.stderr)
    age = (date.today() - advisories["read_on"]).days
    old = " This is long ago: look again, and renew the day in requirements/advisories.yaml." if age > OLD_DAYS else ""
    print(
        f"requirements: {len(everything)} libraries; known faults as of {advisories['read_on']}, checked offline.{old}"
    )
    return 1 if faults else 0


def without_hash(files: Mapping[str, list[Pin]]) -> Iterator[str]:
    """Pins that pip would refuse with --require-hashes."""
    for file, pins in files.items():
        yield from (f"{file}: {pin.name} has no hash -> make pins" for pin in pins if not pin.hashes)


def not_as_declared(versions: Mapping[str, str]) -> Iterator[str]:
    """What pyproject.toml asks for and no pin gives."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for line in (
        *project["dependencies"],
        *(one for group in project["optional-dependencies"].values() for one in group),
    ):
        wanted = Requirement(line)
        version = versions.get(canonical(wanted.name))
        if version is None or version not in wanted.specifier:
            yield f"{wanted.name}: pyproject.toml asks for {wanted.specifier}, pinned is {version} -> make pins"


def not_as_pinned(pins: Iterable[Pin], installed: Mapping[str, Distribution]) -> Iterator[str]:
    """What is installed in another version, or not at all, or without being pinned."""
    pinned = {pin.name: pin.version for pin in pins}
    for name, version in pinned.items():
        found = installed[name].version if name in installed else None
        if found != version:
            yield f"{name}: pinned is {version}, installed is {found} -> make clean venv, or make pins"
    for name in sorted(installed.keys() - pinned.keys() - TOOLS):
        yield f"{name}: installed, and not pinned -> make pins, or take it away"


def not_allowed(installed: Iterable[Distribution]) -> Iterator[str]:
    """Libraries under a licence that nobody has said yes to."""
    for found in installed:
        licence = READ_BY_HAND.get(canonical(found.name)) or licence_of(found)
        if not any(all(part in ALLOWED for part in re.split(r"\s+AND\s+", one)) for one in _alternatives(licence)):
            stated = licence or "not stated"
            yield f"{found.name}: its licence is {stated} -> read it, then add it to docs/licences.md and ALLOWED"


def licence_of(found: Distribution) -> str:
    """The licence as the metadata state it, in SPDX's words where they have them."""
    expression, stated = _stated(found, "License-Expression"), _stated(found, "License")
    if expression:
        return expression
    kinds = found.metadata.get_all("Classifier") or []
    classifiers = [one.rpartition(" :: ")[2] for one in kinds if one.startswith("License")]
    return _SHORT.get(stated) or " AND ".join(_short(one) for one in classifiers) or _short(stated)


_SHORT: Mapping[str, str] = {
    "Apache License 2.0": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "3-Clause BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "GNU Library or Lesser General Public License (LGPL)": "LGPL",
    "Python Software Foundation License": "PSF-2.0",
}


def _stated(found: Distribution, field: str) -> str:
    return str((found.metadata.get_all(field) or [""])[0]).strip()


def _short(stated: str) -> str:
    return _SHORT.get(stated, stated if len(stated) < 40 else stated.splitlines()[0][:40])


def _alternatives(licence: str) -> list[str]:
    return re.split(r"\s+OR\s+", re.sub(r"[()]", "", licence))


def known_faults(pins: Iterable[Pin], faults: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """Pins that the list of known faults names."""
    versions = {pin.name: pin.version for pin in pins}
    for fault in faults:
        version = versions.get(canonical(fault["library"]))
        if version is not None and SpecifierSet(fault["versions"]).contains(version, prereleases=True):
            cure = f"take a version that is not {fault['versions']}"
            yield f"{fault['library']} {version}: {fault['id']}, {fault['what']} -> {cure}"


if __name__ == "__main__":
    sys.exit(main())
