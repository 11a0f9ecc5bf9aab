"""`voicebot check FOLDER`: every fault of a bot folder at once, with its place and its cure; and content debt."""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.text import Text

from dialog import check_bot, load_bot
from dialog.debt import content_debt
from dialog.embedding import Embedder
from dialog.errors import Fault
from dialog.folder import SETTINGS_FILE
from dialog.scripts import read_scripts
from voicebot.config import Config, load_config
from voicebot.opening import open_catalogue, unknown_voices


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "check",
        help="list every fault of a bot folder",
        description="Reads a bot folder and lists all its faults, and as warnings what its callers will notice some "
        "day. Ends with status 0 when there are only warnings.",
    )
    parser.add_argument("folder", type=Path, help="the bot folder")
    parser.add_argument("--strict", action="store_true", help="end with status 1 for warnings, too")
    parser.add_argument("--deep", action="store_true", help="also look for questions that mean the same in other words")
    parser.add_argument("--json", action="store_true", help="write one JSON object instead of lines for people")
    parser.add_argument("--config", type=Path, help="the configuration file")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the faults; 1 when one of them is an error, or with --strict a warning."""
    faults = every_fault(arguments.folder, load_config(arguments.config), arguments.deep)
    errors = sum(not fault.warning for fault in faults)
    warnings = len(faults) - errors
    if arguments.json:
        _write_json(arguments.folder, faults, errors, warnings)
    else:
        # Soft wrapping: a file name and line are never broken, so that editors and scripts can jump to them.
        console = Console(soft_wrap=True, highlight=False)
        for fault in faults:
            console.print(_line(fault))
        console.print(_summary(arguments.folder, errors, warnings))
    return 1 if errors or (arguments.strict and warnings) else 0


def every_fault(folder: Path, config: Config, deep: bool = False) -> tuple[Fault, ...]:
    """Faults of the folder, of its scripts and its voices; and what is owed to callers, once there are no errors.

    Args:
        folder: the bot folder.
        config: where models and caches are.
        deep: compare the meaning of questions, too.
    """
    faults = list(check_bot(folder))
    if any(not fault.warning for fault in faults):
        return tuple(faults)
    bot = load_bot(folder)
    faults += unknown_voices(bot, open_catalogue(config))
    of_scripts: list[Fault] = []
    scripts = read_scripts(folder, bot, of_scripts)
    embedder = Embedder() if deep else None
    debt = content_debt(bot, scripts, folder, embedder, config.speech.cache_folder / "dialog" if deep else None)
    if of_scripts:
        # Scripts with faults are not known: what they try would be told as missing.
        debt = tuple(fault for fault in debt if fault.file != "tests")
    faults += [*of_scripts, *debt]
    return tuple(sorted(faults, key=lambda fault: (fault.file != SETTINGS_FILE, fault.file, fault.line or 0)))


def _write_json(folder: Path, faults: tuple[Fault, ...], errors: int, warnings: int) -> None:
    found = {"folder": str(folder), "errors": errors, "warnings": warnings, "faults": [asdict(one) for one in faults]}
    json.dump(found, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def _line(fault: Fault) -> Text:
    place = fault.file if fault.line is None else f"{fault.file}:{fault.line}"
    kind, colour = ("warning", "yellow") if fault.warning else ("error", "bold red")
    return Text.assemble((place, "cyan"), ": ", (kind, colour), f": {fault.what}\n    ", (f"-> {fault.cure}", "green"))


def _summary(folder: Path, errors: int, warnings: int) -> Text:
    if not errors and not warnings:
        return Text(f"{folder}: no faults", style="green")
    counted = f"{folder}: {errors} error(s), {warnings} warning(s)"
    return Text(counted, style="bold red" if errors else "yellow")
