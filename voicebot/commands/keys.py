"""`voicebot keys`: the master key that locks all others: make one, change it, see what needs it."""

import argparse
import sys
from pathlib import Path

from voicebot.config import load_config
from voicebot.records.keys import key_file, make_key_file, new_master_key, read_key_file
from voicebot.records.rotating import keys_held, rotate
from voicebot.records.stores import opened_stores


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "keys",
        help="the master key: make, change, check",
        description="Whoever has the master key and the store can read everything; without it nobody can. Keep a copy "
        "where neither the store nor its backups are.",
    )
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    actions.add_parser("new", help="print a fresh master key").set_defaults(run=run_new)
    for name, what, run in (
        ("check", "which master keys are in use", run_check),
        ("rotate", "lock every key with the first of the master keys given", run_rotate),
    ):
        action = actions.add_parser(name, help=what)
        action.add_argument("--config", type=Path, help="the configuration file")
        action.set_defaults(run=run)
        if run is run_rotate:
            action.add_argument("--new", action="store_true", help="put a fresh key first in the key file, then rotate")


def run_new(arguments: argparse.Namespace) -> int:
    """Print a key: it is the one time it is seen."""
    print(new_master_key())
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """Say which master keys lock what; 1 when the key backup does not fit the store."""
    config = load_config(arguments.config).records
    with opened_stores(config) as stores:
        held = keys_held(stores)
    where = key_file(config)
    print(f"The master keys come from {where or 'VOICEBOT_MASTER_KEY'}.")
    for master_id in dict.fromkeys((*held.given, *held.locked)):
        role = "current" if master_id == held.current else "older" if master_id in held.given else "NOT GIVEN"
        print(f"  {master_id}  {role}, locks {held.locked.get(master_id, 0)} keys")
    if held.idle:
        print("Older keys that lock nothing here are still needed by backups that were made with them.")
    match held.escrow:
        case None:
            print("No key backup is configured: with the store, the callers' keys are lost.")
        case True:
            print("The key backup holds no caller's key that is not in the store.")
        case False:
            print("The key backup is missing, or holds keys of callers who are gone -> run voicebot backup")
    return 1 if held.escrow is False or held.missing else 0


def run_rotate(arguments: argparse.Namespace) -> int:
    """Rotate; 2 when there is only one key to lock with and none was asked for."""
    config = load_config(arguments.config).records
    path = key_file(config)
    if arguments.new:
        if path is None:
            print(
                "voicebot: the master keys come from VOICEBOT_MASTER_KEY -> set it to NEW,OLD with a key from "
                "`voicebot keys new`, then run keys rotate without --new",
                file=sys.stderr,
            )
            return 2
        with opened_stores(config):
            pass  # the old key must fit before a new one is put in front of it
        make_key_file(path, (new_master_key(), *read_key_file(path)))
    with opened_stores(config) as stores:
        changed = rotate(stores)
        held = keys_held(stores)
    print(f"{changed} keys are locked anew with {held.current}.")
    if held.idle:
        print("Older keys lock nothing here any more. Keep them for as long as backups made with them are kept.")
    if path is not None:
        print(f"Copy {path} to where the copy of the master key is kept.")
    return 0
