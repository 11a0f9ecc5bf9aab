"""`voicebot callbacks`: who waits for a call or an answer, for an operator without the console, or a script."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from voicebot.commands.callers import officer
from voicebot.config import load_config
from voicebot.records import access_log
from voicebot.records.callbacks import CallbackRow, open_callbacks, settle
from voicebot.records.stores import Stores, opened_stores

MOST = 1_000


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "callbacks",
        help="callers who wait to be called back, and messages",
        description="Lists what is open, by deadline. Numbers and words stay hidden unless asked for, and then a line "
        "in the access log says who looked. `voicebot serve` may run meanwhile. docs/callbacks.md says more.",
    )
    parser.add_argument("--show-numbers", action="store_true", help="with numbers and words; leaves a line for each")
    parser.add_argument("--settle", metavar="ID", help="this one is done: it leaves the list")
    parser.add_argument(
        "--outcome", choices=("done", "talked", "not_reached"), default="done", help="what came of it, for --settle"
    )
    parser.add_argument("--reason", default="", help="why, for the access log: nothing personal")
    parser.add_argument("--config", type=Path, help="the configuration file")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """List them, or settle one; 1 when something is overdue, 2 when there is nothing to settle."""
    now = datetime.now(UTC)
    with opened_stores(load_config(arguments.config).records) as stores:
        if arguments.settle is not None:
            return _settle(stores, arguments.settle, arguments.outcome, now)
        rows = _listed(stores, now, arguments.show_numbers, arguments.reason)
    table = Table("id", "kind", "department", "language", "wanted", "deadline", "status", "tries")
    if arguments.show_numbers:
        table.add_column("number")
        table.add_column("about")
    for row in rows:
        shown = (row.number, row.about) if arguments.show_numbers else ()
        table.add_row(*_cells(row, now), *shown)
    Console(width=None if sys.stdout.isatty() else 220).print(table)
    return 1 if any(row.deadline < now for row in rows) else 0


def _listed(stores: Stores, now: datetime, in_the_clear: bool, reason: str) -> list[CallbackRow]:
    if not in_the_clear:
        with stores.database.reading() as connection:
            return sorted(open_callbacks(connection, stores.vault, now, MOST), key=_urgency)
    who = officer(reason)
    with stores.database.writing() as connection:
        rows = sorted(open_callbacks(connection, stores.vault, now, MOST), key=_urgency)
        for row in rows:
            subject = row.conversation or row.id
            access_log.note(connection, stores.vault, who.actor, who.role, "callback.read", subject, who.reason)
    return rows


def _settle(stores: Stores, callback_id: str, outcome: str, now: datetime) -> int:
    with stores.database.writing() as connection:
        if settle(connection, stores.vault, callback_id, officer().actor, outcome, now):
            print(f"{callback_id}: {outcome}")
            return 0
    print(
        f"voicebot: no callback {callback_id} can be settled: it is over, somebody at the console has it, or there is "
        "none -> see the list: voicebot callbacks",
        file=sys.stderr,
    )
    return 2


def _urgency(row: CallbackRow) -> tuple[datetime, str]:
    return row.deadline, row.id


def _cells(row: CallbackRow, now: datetime) -> tuple[str, ...]:
    late = " (overdue)" if row.deadline < now else ""
    status = f"{row.status} by {row.taken_by}" if row.taken_by else row.status
    wanted = "" if row.wanted is None else f"{row.wanted.astimezone():%Y-%m-%d %H:%M}"
    deadline = f"{row.deadline.astimezone():%Y-%m-%d %H:%M}{late}"
    return row.id, row.kind, row.department, row.language, wanted, deadline, status, str(row.tries)
