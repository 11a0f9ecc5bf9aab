"""`voicebot schema`: JSON Schemas of a bot folder's files, for editors that complete and check while one writes."""

import argparse
import json
import sys
from pathlib import Path

from dialog.schema import SCHEMAS


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "schema",
        help="write the JSON Schemas of a bot folder's files",
        description="Without --write, prints one JSON object with all of them by name.",
    )
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="write <name>.schema.json files there instead")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print or write them."""
    if arguments.write is None:
        print(_as_text({name: build() for name, build in SCHEMAS.items()}), end="")
        return 0
    try:
        for path in write_schemas(arguments.write):
            print(path)
    except OSError as error:
        print(f"voicebot: {error.filename or arguments.write}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def write_schemas(folder: Path) -> list[Path]:
    """Write each schema into a file of the folder, which is made when missing; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, build in SCHEMAS.items():
        path = folder / f"{name}.schema.json"
        path.write_text(_as_text(build()), encoding="utf-8")
        written.append(path)
    return written


def _as_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
