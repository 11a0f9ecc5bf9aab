"""`voicebot export PHONE FILE`: everything that is kept about a caller, to read and for machines."""

import argparse
import sys
from pathlib import Path

from voicebot.commands.callers import add_caller, asked_subject, officer
from voicebot.config import load_config
from voicebot.records.export_text import LANGUAGES
from voicebot.records.exporting import export
from voicebot.records.stores import opened_stores


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "export",
        help="everything that is kept about a caller",
        description="Writes readable.md and data.json, and recordings if there are any, into a new folder or a zip "
        "archive. Leaves a line in the access log. What is written holds everything in the clear: hand it over, then "
        "delete it; an erasure does not reach it. docs/rights.md says more.",
    )
    add_caller(parser)
    parser.add_argument("--to", type=Path, required=True, help="a new folder, or a new file that ends in .zip")
    parser.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0], help="of readable.md")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the export; 2 when it cannot be written."""
    if arguments.to.exists():
        print(f"voicebot: {arguments.to} is there already -> give another name", file=sys.stderr)
        return 2
    with opened_stores(load_config(arguments.config).records) as stores:
        found = export(stores, asked_subject(arguments, stores), officer(arguments.reason), arguments.language)
    try:
        found.write(arguments.to)
    except OSError as error:
        print(f"voicebot: {arguments.to} cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    rows = {name: len(rows) for name, rows in found.data["tables"].items()}
    about = ", ".join(f"{number} {name}" for name, number in rows.items()) or "nothing is kept"
    print(f"{arguments.to}: {about}; subject {found.data['subject']}")
    return 0
