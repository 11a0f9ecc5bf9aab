"""The command line: `voicebot COMMAND`, one module of `voicebot.commands` each."""

import argparse
import os
import sys
from collections.abc import Sequence

from dialog.errors import DialogError
from speech.errors import SpeechError
from telephony.errors import TelephonyError
from voicebot.commands import (
    accounts,
    audit,
    backup,
    bench,
    call,
    callbacks,
    chat,
    check,
    config,
    erase,
    explain,
    export,
    forget,
    keys,
    mic,
    migrate,
    models,
    new,
    privacy_report,
    redact,
    restore,
    schema,
    serve,
    test,
    understand,
)
from voicebot.config import ConfigInvalid
from voicebot.records.errors import RecordsError

COMMANDS = (
    serve, call, mic, chat, understand, explain, new, redact, check, test, schema, migrate, models, config, bench,
    accounts, audit, callbacks, export, erase, forget, backup, restore, keys, privacy_report,
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: the command line without the program's name; None takes the process's own.
    Returns:
        the exit status: 0 done, 1 done but not as it should be, 2 could not be done.
    """
    parser = argparse.ArgumentParser(prog="voicebot", description="A company's service number, answered by a bot.")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.add_parser(subparsers)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except (ConfigInvalid, DialogError, RecordsError, SpeechError, TelephonyError) as error:
        print(f"voicebot: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read what we print has gone: `voicebot ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
