"""`voicebot migrate BOT`: a bot folder of an older format, brought to today's; comments and layout stay."""

import argparse
import difflib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from dialog.migration import files_of, migrate


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "migrate",
        help="bring a bot folder of an older format to today's",
        description="Edits the files of a bot folder where an older format wrote something else. Comments, order and "
        "layout stay. Says what it changed; a folder that is of today's format is left alone.",
    )
    parser.add_argument("bot", type=Path, help="the bot folder")
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and change nothing")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Edit the files; 2 when one cannot be written."""
    before = files_of(arguments.bot)
    after = migrate(before)
    if not after.texts:
        print(f"{arguments.bot} is of today's format: nothing to change")
        return 0
    for line in after.done:
        print(line)
    for name, text in after.texts.items():
        if arguments.dry_run:
            print("\n".join(_changes(name, before[name], text)))
            continue
        try:
            _replace(arguments.bot / name, text)
        except OSError as error:
            print(f"voicebot: {arguments.bot / name}: {error.strerror}", file=sys.stderr)
            return 2
        print(f"  changed {name}")
    if not arguments.dry_run:
        print(f"Next: voicebot check {arguments.bot}")
    return 0


def _replace(path: Path, text: str) -> None:
    """Write aside and move: a file is never half old and half new."""
    partial = path.with_name(f".{path.name}.part")
    partial.write_bytes(text.encode())
    os.replace(partial, path)


def _changes(name: str, before: str, after: str) -> Iterator[str]:
    return difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="", n=1)
