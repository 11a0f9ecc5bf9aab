"""`voicebot backup FILE`: everything that is kept, in one sealed file, while calls go on."""

import argparse
from pathlib import Path

from voicebot.commands.callers import officer
from voicebot.config import load_config
from voicebot.records.backing_up import back_up
from voicebot.records.stores import opened_stores


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "backup",
        help="write everything that is kept to one sealed file",
        description="Shows one moment, and may be made while calls go on. It can be opened with the master key only. "
        "The callers' keys are not in it: set records.key_backup to a folder on another disk to have them there.",
    )
    parser.add_argument("file", type=Path, help="a new file")
    parser.add_argument("--config", type=Path, help="the configuration file")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the backup; 1 when it could only be read together with this very store."""
    with opened_stores(load_config(arguments.config).records) as stores:
        done = back_up(stores, arguments.file, officer())
    rows = ", ".join(f"{number} {name}" for name, number in done.rows.items() if number)
    print(f"{done.path}: {rows or 'nothing yet'}; {done.files} recordings")
    print(f"SHA-256 {done.sha256}")
    if not done.escrow:
        print(
            "The callers' keys are in the store only: if it is lost, no conversation in this backup can be read.\n"
            "Set records.key_backup (VOICEBOT_KEY_BACKUP) to a folder on another disk, and make a new backup."
        )
    return 0 if done.escrow else 1
