"""`voicebot new FOLDER`: a small working bot to begin with."""

import argparse
import sys
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from voicebot.commands.schema import write_schemas

COMPANY = "Fjordly"
"""The company of the template; its name is replaced."""

SCHEMA_FOLDER = ".schema"
"""Where the first line of the template's files tells editors to look."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "new",
        help="make a small working bot",
        description="Makes a bot folder with a greeting, three articles, a flow, and conversations that test them, in "
        "bokmål and English. It passes `voicebot check` and `voicebot test` as it is.",
    )
    parser.add_argument("folder", type=Path, help="the bot folder to be made")
    parser.add_argument("--name", help="of the company; else the folder's, with a capital")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Make the folder; 2 when it is there already, or cannot be made."""
    folder: Path = arguments.folder
    name = arguments.name or folder.resolve().name.replace("_", " ").replace("-", " ").capitalize()
    if not name.strip() or not name.isprintable() or set(name) & set('"\\{}'):
        print(f'voicebot: {name!r} cannot stand in a bot folder -> give one with --name "Our Company"', file=sys.stderr)
        return 2
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            print(f"voicebot: {folder} is there already -> give another name, or empty it", file=sys.stderr)
            return 2
        _copy(resources.files("voicebot").joinpath("template"), folder, name)
        write_schemas(folder / SCHEMA_FOLDER)
    except OSError as error:
        print(f"voicebot: {error.filename or folder}: {error.strerror}", file=sys.stderr)
        return 2
    print(f"{folder} is a bot. Next:\n  voicebot check {folder}\n  voicebot test {folder}\n  voicebot chat {folder}")
    return 0


def _copy(source: Traversable, target: Path, name: str) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for item in source.iterdir():
        if item.is_dir() and item.name != "__pycache__":
            _copy(item, target / item.name, name)
        elif item.is_file() and not item.name.endswith(".pyc"):
            text = item.read_text(encoding="utf-8").replace(COMPANY, name)
            (target / item.name).write_text(text, encoding="utf-8")
