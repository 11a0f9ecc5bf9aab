"""`voicebot audit`: who has looked at what, and whether that log is whole."""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from voicebot.config import load_config
from voicebot.records.access_log import shown, verify
from voicebot.records.anchoring import anchor_folders
from voicebot.records.anchors import is_anchor, read_anchors, write_anchor
from voicebot.records.stores import opened_stores


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "audit",
        help="the access log: show it, and prove that it is whole",
        description="Every look at a conversation, and everything done to a caller or an account, leaves a line that "
        "is chained to the one before it. docs/access.md says what that proves.",
    )
    parser.add_argument("--config", type=Path, help="the configuration file")
    actions = parser.add_subparsers(metavar="ACTION", required=True)

    checking = actions.add_parser("verify", help="read every line; 1 when something is wrong, with what and where")
    checking.add_argument(
        "--anchor",
        action="append",
        default=[],
        help="a head of the log noted down before: number:hash",
    )
    checking.set_defaults(run=run_verify)

    showing = actions.add_parser("show", help="the newest lines")
    showing.add_argument("--subject", default="", help="only about this conversation, caller or account")
    showing.add_argument("--actor", default="", help="only what this account did")
    showing.add_argument("--before", type=int, help="only lines with a smaller number")
    showing.add_argument("--most", type=int, default=50, help="at most so many lines (50)")
    showing.set_defaults(run=run_show)


def run_verify(arguments: argparse.Namespace) -> int:
    """Check the whole log; 1 when something is wrong, 2 when it could not be checked."""
    strange = [anchor for anchor in arguments.anchor if not is_anchor(anchor)]
    if strange:
        print(
            f"voicebot: {strange[0]} is no anchor -> it looks like 1234:9f86d081..., as printed below", file=sys.stderr
        )
        return 2
    with opened_stores(load_config(arguments.config).records) as stores:
        folders = anchor_folders(stores)
        try:
            anchors = (*read_anchors(folders), *arguments.anchor)
            with stores.database.reading() as connection:
                verdict = verify(connection, stores.vault, anchors)
            if verdict.is_whole:
                write_anchor(folders, verdict.head)
        except OSError as error:
            print(f"voicebot: {error.filename}: {error.strerror} -> give this user the right to it", file=sys.stderr)
            return 2
    lines = f"{verdict.lines} lines, {verdict.first} to {verdict.last}" if verdict.lines else "no lines yet"
    if not verdict.is_whole:
        print(f"The access log is NOT whole ({lines}, held against {len(anchors)} anchors):")
        for fault in verdict.faults:
            print(f"  {fault}")
        return 1
    print(f"The access log is whole: {lines}, held against {len(anchors)} anchors.")
    print(f"Its head, to note down elsewhere: {verdict.head}")
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Print lines, newest first."""
    with opened_stores(load_config(arguments.config).records) as stores, stores.database.reading() as connection:
        lines = shown(
            connection,
            subject=arguments.subject,
            actor=arguments.actor,
            before=arguments.before,
            most=max(1, min(arguments.most, 1_000)),
        )
    table = Table("line", "when (UTC)")
    for heading in ("who", "as", "did", "about", "reason"):
        table.add_column(heading, overflow="fold")
    for line in lines:
        when = f"{line.at:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(line.seq), when, line.actor, line.role, line.action, line.subject, line.reason)
    Console().print(table)
    return 0
