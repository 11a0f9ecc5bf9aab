"""`voicebot chat BOT`: the bot's mind by keyboard: no ears, no mouth, the same answers."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from dialog.events import CallBegan, CallerPressed, CallerSaid, CallerSilent, Event, HandOff, HangUp, Reply
from speech.spoken_forms import display
from voicebot.config import load_config
from voicebot.opening import open_mind

KEYS = "0123456789*#"


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser("chat", help="talk to a bot by typing")
    parser.add_argument("bot", type=Path, help="the bot folder")
    parser.add_argument("--language", help="the caller's language from the start: nb, nn, en or uk")
    parser.add_argument("--why", action="store_true", help="show why the bot answered as it did")
    parser.add_argument("--config", type=Path, help="the configuration file")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Read lines until the bot hangs up or the input ends; a line like `/0` presses a key, an empty one is silence."""
    config = load_config(arguments.config)
    engine = open_mind(config, arguments.bot)
    console = Console(highlight=False)
    state, reply = engine.respond(engine.new_state(), CallBegan(arguments.language), datetime.now(UTC))
    _show(console, reply, arguments.why)
    if sys.stdin.isatty():
        console.print("[dim]Type what the caller says; /0 presses a key; an empty line is silence; Ctrl-D ends.[/dim]")
    for line in sys.stdin:
        state, reply = engine.respond(state, _event(line.strip()), datetime.now(UTC))
        _show(console, reply, arguments.why)
        if isinstance(reply.action, HandOff | HangUp):
            break
    return 0


def _event(line: str) -> Event:
    if not line:
        return CallerSilent()
    if len(line) == 2 and line[0] == "/" and line[1] in KEYS:
        return CallerPressed(line[1])
    return CallerSaid(line)


def _show(console: Console, reply: Reply, why: bool) -> None:
    for prompt in reply.prompts:
        console.print(f"[bold]bot[/bold]  {escape(display(prompt.text, prompt.language))}")
    if why:
        decision = reply.decision
        console.print(f"[dim]     rule {decision.rule}, article {decision.article}, score {decision.score}[/dim]")
    if isinstance(reply.action, HandOff):
        console.print(f"[yellow]  -> passed on to {reply.action.name} ({reply.action.reason})[/yellow]")
    if isinstance(reply.action, HangUp):
        console.print(f"[yellow]  -> hung up ({reply.action.reason})[/yellow]")
