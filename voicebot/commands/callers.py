"""What `voicebot export` and `voicebot erase` share: whose records are meant, and who asks."""

import argparse
import getpass
import sys
from pathlib import Path

from voicebot.config import ConfigInvalid
from voicebot.records.errors import RecordsUnavailable
from voicebot.records.numbers import read_number
from voicebot.records.stores import Stores
from voicebot.records.subjects import Officer, Subject, subject_of_conversation, subject_of_number


def add_caller(parser: argparse.ArgumentParser) -> None:
    """Declare how a caller is named, and what is noted about it."""
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("phone", nargs="?", help="the caller's number; - asks for it, so that no shell remembers it")
    who.add_argument(
        "--conversation", help="the id of one of the caller's conversations, for a caller without a number"
    )
    parser.add_argument("--reason", default="", help="why, for the access log: nothing personal")
    parser.add_argument("--config", type=Path, help="the configuration file")


def officer(reason: str = "") -> Officer:
    """Who runs this command."""
    return Officer(f"cli:{getpass.getuser()}", "operator", reason)


def asked_subject(arguments: argparse.Namespace, stores: Stores) -> Subject:
    """Who is meant.

    Raises:
        ConfigInvalid: what was typed is no number.
        RecordsUnavailable: there is no such conversation.
    """
    if arguments.conversation is not None:
        with stores.database.reading() as connection:
            subject = subject_of_conversation(connection, stores.vault, arguments.conversation)
        if subject is None:
            raise RecordsUnavailable(
                "no conversation with this id leads to a caller", "take the id from the console, or give the number"
            )
        return subject
    number = _typed_number(arguments.phone)
    with stores.database.reading() as connection:
        return subject_of_number(connection, stores.vault, number)


def _typed_number(typed: str) -> str:
    if typed == "-":
        typed = getpass.getpass("Number (not shown): ") if sys.stdin.isatty() else sys.stdin.readline()
    try:
        return read_number(typed)
    except ValueError as error:
        raise ConfigInvalid((f"PHONE is {error}",)) from None
