"""`voicebot check FOLDER`: every fault of a bot folder at once, with file, line and cure."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.text import Text

from dialog import check_bot, load_bot
from dialog.errors import Fault
from voicebot.config import load_config
from voicebot.opening import open_catalogue, unknown_voices


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "check",
        help="list every fault of a bot folder",
        description="Reads a bot folder and lists all its faults. Ends with status 0 when there are only warnings.",
    )
    parser.add_argument("folder", type=Path, help="the bot folder")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the faults; 1 when one of them is an error."""
    faults = check_bot(arguments.folder)
    if all(fault.warning for fault in faults):
        faults = (*faults, *unknown_voices(load_bot(arguments.folder), open_catalogue(load_config())))
    errors = sum(not fault.warning for fault in faults)
    # Soft wrapping: a file name and line are never broken, so that editors and scripts can jump to them.
    console = Console(soft_wrap=True, highlight=False)
    for fault in faults:
        console.print(_line(fault))
    console.print(_summary(arguments.folder, errors, len(faults) - errors))
    return 1 if errors else 0


def _line(fault: Fault) -> Text:
    place = fault.file if fault.line is None else f"{fault.file}:{fault.line}"
    kind, colour = ("warning", "yellow") if fault.warning else ("error", "bold red")
    return Text.assemble((place, "cyan"), ": ", (kind, colour), f": {fault.what}\n    ", (f"-> {fault.cure}", "green"))


def _summary(folder: Path, errors: int, warnings: int) -> Text:
    if not errors and not warnings:
        return Text(f"{folder}: no faults", style="green")
    counted = f"{folder}: {errors} error(s), {warnings} warning(s)"
    return Text(counted, style="bold red" if errors else "yellow")
