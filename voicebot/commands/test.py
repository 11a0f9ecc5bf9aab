"""`voicebot test BOT`: the bot's own conversations, run and compared with what they should be."""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fnmatch import fnmatch
from pathlib import Path

from rich.console import Console
from rich.text import Text

from dialog import Engine, load_bot
from dialog.errors import BotInvalid, Fault
from dialog.script import Script
from dialog.scripts import read_scripts
from voicebot.acting import Acting
from voicebot.config import Config, load_config
from voicebot.opening import open_mind
from voicebot.script_report import coverage, junit, print_coverage, print_result
from voicebot.script_runner import ScriptResult, ScriptRunner
from voicebot.script_speech import open_telephone

PATIENCE = 2
"""How often in a turn a caller by voice says yes, no, or the same again."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "test",
        help="run a bot's own conversations",
        description="Runs the scripts in BOT/tests and says where a reply was not as it should be, and which articles "
        "and flows no script reached. Ends with status 0 when all passed, 1 when one did not. "
        "See docs/testing-a-bot.md.",
    )
    parser.add_argument("bot", type=Path, help="the bot folder")
    parser.add_argument(
        "--only", metavar="PATTERN", help="scripts whose name or file has these words; * stands for any"
    )
    parser.add_argument(
        "--speech", action="store_true", help="the scripts marked `speech: true`, spoken and recognised"
    )
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write a report for a build server")
    parser.add_argument("--config", type=Path, help="the configuration file")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the scripts; 1 when one did not pass."""
    config = load_config(arguments.config)
    scripts = chosen_scripts(arguments.bot, arguments.only, arguments.speech)
    engine = open_mind(config, arguments.bot)
    console = Console(highlight=False, soft_wrap=True)
    results = asyncio.run(_run_all(config, engine, scripts, arguments.speech, console))
    wrong = sum(not result.passed for result, _ in results)
    if arguments.only is None and not arguments.speech:  # what a part of the scripts leaves out says nothing
        print_coverage(console, coverage(engine.bot, [result for result, _ in results]))
    seconds = sum(taken for _, taken in results)
    counted = f"{len(results) - wrong} of {len(results)} scripts passed in {seconds:.1f} s"
    console.print(Text(counted, style="bold red" if wrong else "green"))
    if arguments.junit is not None:
        arguments.junit.write_bytes(junit(engine.bot, results))
    return 1 if wrong else 0


def chosen_scripts(folder: Path, only: str | None, speech: bool) -> tuple[Script, ...]:
    """The scripts to be run.

    Raises:
        BotInvalid: the bot or a script has faults, or there is none to be run.
    """
    faults: list[Fault] = []
    scripts = read_scripts(folder, load_bot(folder), faults)
    if any(not fault.warning for fault in faults):
        raise BotInvalid(str(folder), tuple(faults))
    found = tuple(
        script for script in scripts if (script.speech or not speech) and (only is None or _matches(script, only))
    )
    if not found:
        what = "there is no such script" if scripts else "there are no scripts"
        raise BotInvalid(str(folder), (Fault("tests", None, what, "write one, as docs/testing-a-bot.md shows"),))
    return found


def _matches(script: Script, pattern: str) -> bool:
    wanted = f"*{pattern.casefold()}*"
    return fnmatch(script.name.casefold(), wanted) or fnmatch(script.file.casefold(), wanted)


async def _run_all(
    config: Config, engine: Engine, scripts: tuple[Script, ...], speech: bool, console: Console
) -> list[tuple[ScriptResult, float]]:
    results: list[tuple[ScriptResult, float]] = []
    async with _opened(config, engine, speech) as runner:
        for script in scripts:
            began = time.perf_counter()
            result = await runner.run(script)
            results.append((result, time.perf_counter() - began))
            print_result(console, result)
    return results


@asynccontextmanager
async def _opened(config: Config, engine: Engine, speech: bool) -> AsyncIterator[ScriptRunner]:
    acting = Acting(engine.bot.actions)
    try:
        if not speech:
            yield ScriptRunner(engine, acting)
            return
        async with open_telephone(config, engine.bot) as hear:
            yield ScriptRunner(engine, acting, hear, PATIENCE)
    finally:
        acting.close()
