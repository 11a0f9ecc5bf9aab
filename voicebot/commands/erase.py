"""`voicebot erase PHONE`: everything about a caller goes, and the proof is printed."""

import argparse
import sys

from voicebot.commands.callers import add_caller, asked_subject, officer
from voicebot.config import load_config
from voicebot.records.erasing import erase
from voicebot.records.proof_text import LANGUAGES, YES, proof_text
from voicebot.records.stores import opened_stores
from voicebot.records.subjects import counted


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "erase",
        help="remove everything about a caller, and prove it",
        description="Removes every row and recording of a caller and destroys the key, so that backups go dark, too. "
        "There is no way back. `voicebot serve` may run meanwhile. Prints a proof without personal data.",
    )
    add_caller(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0], help="of the proof")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Erase; 1 when something is left, 2 when nothing was done."""
    with opened_stores(load_config(arguments.config).records) as stores:
        subject = asked_subject(arguments, stores)
        with stores.database.reading() as connection:
            rows = counted(connection, subject)
        if not arguments.yes:
            if not sys.stdin.isatty():
                print("voicebot: nobody can be asked -> add --yes", file=sys.stderr)
                return 2
            about = ", ".join(f"{number} {name}" for name, number in rows.items()) or "nothing is kept"
            print(f"Subject {subject.name}: {about}.")
            if input("Erase all of it, for good? Type yes: ").strip().lower() not in YES:
                print("Nothing was erased.")
                return 2
        proof = erase(stores, subject, officer(arguments.reason))
    print(proof_text(proof, arguments.language))
    return 0 if proof.complete else 1
