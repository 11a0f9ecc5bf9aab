"""`voicebot restore FILE`: put a backup back, or see whether it could be."""

import argparse
from pathlib import Path

from voicebot.commands.callers import officer
from voicebot.config import load_config
from voicebot.records.restoring import looked_through, restore, stores_to_fill


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "restore",
        help="put a backup back, into SQLite or PostgreSQL",
        description="Stop `voicebot serve` first. Needs the master key of the backup, and the callers' keys: "
        "from the store that is there, or from the folder records.key_backup. Callers who were erased stay erased.",
    )
    parser.add_argument("file", type=Path, help="the backup")
    parser.add_argument("--check", action="store_true", help="only read it through and say what could be put back")
    parser.add_argument("--replace", action="store_true", help="throw away what is in the store now")
    parser.add_argument("--reason", default="", help="why, for the access log: nothing personal")
    parser.add_argument("--config", type=Path, help="the configuration file")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Restore; 1 when the access log in the backup is not whole."""
    with stores_to_fill(load_config(arguments.config).records) as stores:
        if arguments.check:
            found = looked_through(stores, arguments.file)
            print(f"{arguments.file} is whole: the store as it was at {found.made_at:%Y-%m-%d %H:%M:%S} UTC.")
            for name, number in found.rows.items():
                dark = f", {found.dark[name]} of them dark" if found.dark.get(name) else ""
                print(f"  {number:>8} {name}{dark}")
            print(f"  {len(found.files):>8} recordings")
            back = len(found.callers) - len(found.erased)
            print(f"{back} callers can be put back. Rows that are dark are of callers whose keys are gone.")
            return 0
        done = restore(stores, arguments.file, officer(arguments.reason), replace=arguments.replace)
    print(f"The store is as it was at {done.made_at:%Y-%m-%d %H:%M:%S} UTC.")
    for name, number in done.rows.items():
        print(f"  {number:>8} {name}")
    print(f"  {done.files:>8} recordings")
    if done.dark:
        print(f"Left out, because the callers' keys are gone (erased or forgotten): {sum(done.dark.values())} rows")
    if done.buried:
        print(f"Left out, because the callers have been erased: {sum(done.buried.values())} rows")
    if done.anchors_set_aside:
        print(
            "Lines of the access log that are younger than the backup did not come back; their anchors were put aside."
        )
    print(f"The access log is {'whole' if done.chain_is_whole else 'NOT whole: run voicebot audit verify'}.")
    print("Next: voicebot forget BOT, for what has become too old since.")
    return 0 if done.chain_is_whole else 1
