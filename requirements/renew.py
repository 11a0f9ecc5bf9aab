"""`make pins`: ask pip what it would install today, and write it down with hashes.

    python -m requirements.renew python3.11 python3.12 python3.13

The first interpreter, the oldest, decides the versions. The others are asked too, because a library may have another
file for each. Nothing is installed. What pip uses as its index is its own affair: no address is written down.
"""

import json
import platform
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from requirements.pins import FILES, FOLDER, ROOT, Pin, canonical, write


def asked(python: str, extras: str, versions: Mapping[str, str]) -> list[dict[str, Any]]:
    """What pip of this interpreter would install for the project with these extras, held to these versions."""
    with tempfile.TemporaryDirectory() as folder:
        report, constraints = Path(folder) / "report.json", Path(folder) / "constraints.txt"
        constraints.write_text("".join(f"{name}=={version}\n" for name, version in versions.items()), encoding="utf-8")
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--dry-run"]
        command += [
            "--ignore-installed",
            "--report",
            str(report),
            "--constraint",
            str(constraints),
            f"{ROOT}[{extras}]",
        ]
        subprocess.run(command, check=True)
        found: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["install"]
        return found


def pins(pythons: list[str], extras: str) -> list[Pin]:
    """The project's libraries, with the hashes of all these interpreters' files.

    Raises:
        SystemExit: a file comes without a hash.
    """
    versions: dict[str, str] = {}
    hashes: dict[str, set[str]] = defaultdict(set)
    for python in pythons:
        for item in asked(python, extras, versions):
            name, version = canonical(item["metadata"]["name"]), item["metadata"]["version"]
            if name == "voicebot":
                continue
            versions[name] = version
            try:
                hashes[name].add(item["download_info"]["archive_info"]["hashes"]["sha256"])
            except KeyError:
                sys.exit(f"{name}: pip gives no hash")
    return [Pin(name, version, tuple(hashes[name])) for name, version in versions.items()]


def main(pythons: list[str]) -> None:
    """Write every file anew."""
    if not pythons:
        sys.exit("name the interpreters: python -m requirements.renew python3.11 python3.12")
    told = [subprocess.run([python, "--version"], check=True, capture_output=True, text=True) for python in pythons]
    known = ", ".join(one.stdout.split()[1].rpartition(".")[0] for one in told)
    for file, extras in FILES.items():
        heading = (
            f"Written by `make pins`. The project with its extras {extras}, for Python {known} on "
            f"{platform.system()} {platform.machine()}.\n"
            f"  pip install --require-hashes -r requirements/{file}"
        )
        write(FOLDER / file, pins(pythons, extras), heading)


if __name__ == "__main__":
    main(sys.argv[1:])
