"""`voicebot privacy-report BOT`: the record of processing, or a DPIA begun, made of what is really so."""

import argparse
from pathlib import Path

from dialog import load_bot
from voicebot.config import load_config
from voicebot.house import open_store
from voicebot.privacy.facts import facts
from voicebot.privacy.papers import LANGUAGES, paper
from voicebot.records.database import FILE_NAME
from voicebot.records.stores import opened_stores


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "privacy-report",
        help="the record of processing (GDPR article 30) of this installation, as Markdown",
        description="Prints what is done with personal data here: what, why, where, for how long, who sees it, which "
        "models and which other companies. It is made of the bot folder, the configuration and the store; what it "
        "lacks it asks for. docs/privacy.md says what to do with it.",
    )
    parser.add_argument("bot", type=Path, help="the bot folder")
    parser.add_argument("--dpia", action="store_true", help="an assessment of the risks (article 35) to be completed")
    parser.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0], help="of the paper (nb)")
    parser.add_argument("--without-store", action="store_true", help="do not look into the store")
    parser.add_argument("--config", type=Path, help="the configuration file")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print one paper."""
    config, bot = load_config(arguments.config), load_bot(arguments.bot)
    models = open_store(config)
    is_there = bool(config.records.url) or (config.records.folder / FILE_NAME).exists()
    if arguments.without_store or not is_there:  # looking must not make a store, with keys and all
        found = facts(bot, config, models, None)
    else:
        with opened_stores(config.records) as stores:
            found = facts(bot, config, models, stores)
    print(paper(found, "dpia" if arguments.dpia else "record", arguments.language), end="")
    return 0
