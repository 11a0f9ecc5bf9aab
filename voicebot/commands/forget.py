"""`voicebot forget BOT`: delete what is older than the bot's rules allow. `voicebot serve` does so daily by itself."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from dialog import load_bot
from voicebot.commands.callers import officer
from voicebot.config import load_config
from voicebot.records.forgetting import forget
from voicebot.records.schema import conversations
from voicebot.records.stores import Stores, opened_stores


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "forget",
        help="delete records that are too old by the bot's rules",
        description="Deletes by the days in bot.yaml, kind by kind, and the keys of callers of whom nothing is left. "
        "`voicebot serve` does this once a day; each run is noted in the store.",
    )
    parser.add_argument("bot", type=Path, help="the bot folder, for its rules")
    parser.add_argument("--dry-run", action="store_true", help="say what would go, and delete nothing")
    parser.add_argument(
        "--every-bot", action="store_true", help="conversations of other bots, too, by this bot's rules"
    )
    parser.add_argument("--config", type=Path, help="the configuration file")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Forget, and say what went."""
    bot, now = load_bot(arguments.bot), datetime.now(UTC)
    only = None if arguments.every_bot else bot.name
    with opened_stores(load_config(arguments.config).records) as stores:
        done = forget(stores, bot.records, only, now, officer().actor, dry_run=arguments.dry_run)
        others = [] if arguments.every_bot else _other_bots(stores, bot.name)
    table = Table("rule", "older than", "would go" if arguments.dry_run else "deleted")
    for one in done:
        table.add_row(one.rule, "" if one.cutoff is None else f"{one.cutoff:%Y-%m-%d %H:%M}", str(one.deleted))
    Console().print(table)
    for name, number in others:
        print(
            f"{number} conversations of {name} follow the rules of that bot: run forget with its folder, or --every-bot"
        )
    return 0


def _other_bots(stores: Stores, name: str) -> list[tuple[str, int]]:
    query = select(conversations.c.bot, func.count()).where(conversations.c.bot != name).group_by(conversations.c.bot)
    with stores.database.reading() as connection:
        return [(bot, number) for bot, number in connection.execute(query)]
