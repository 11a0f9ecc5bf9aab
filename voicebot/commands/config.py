"""`voicebot config`: every setting, its variable, and what it is now; secrets stay hidden."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from voicebot.config import current_values
from voicebot.config_settings import SETTINGS


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser("config", help="show every setting and its value")
    parser.add_argument("--config", type=Path, help="the configuration file")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the settings as a table."""
    values = current_values(arguments.config)
    table = Table("key", "environment", "value", "what it is")
    for setting in SETTINGS:
        value = values[setting.key]
        shown = "" if value in (None, {}, "", ()) else "(set, hidden)" if setting.secret else str(value)
        table.add_row("" if setting.secret else setting.key, setting.env, shown, setting.what)
    Console().print(table)
    return 0
