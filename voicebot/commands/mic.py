"""`voicebot mic BOT`: talk to a bot on this machine, with its own microphone and loudspeaker."""

import argparse
import asyncio
import sys
import threading
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from telephony.call import Caption, EndReason
from telephony.microphone import MicrophoneCall, MicrophoneSettings, open_microphone
from telephony.sound_devices import check_devices, list_devices
from voicebot.config import Config, load_config
from voicebot.house import House, open_house
from voicebot.logs import start_logging

KEYS = frozenset("0123456789*#")
LONGEST_LINE = 500


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser("mic", help="talk to a bot with this machine's microphone")
    parser.add_argument("bot", type=Path, nargs="?", help="the bot folder")
    parser.add_argument("--input", metavar="DEV", help="microphone: number or part of the name")
    parser.add_argument("--output", metavar="DEV", help="loudspeaker: number or part of the name")
    parser.add_argument("--list-devices", action="store_true", help="show what there is, and end")
    parser.add_argument("--headset", action="store_true", help="the microphone cannot hear the loudspeaker")
    parser.add_argument("--language", choices=("nb", "nn", "en", "uk"), help="the caller's language from the start")
    parser.add_argument("--config", type=Path, help="the configuration file")
    parser.set_defaults(run=run, refuse=parser.error)


def run(arguments: argparse.Namespace) -> int:
    """Hold one conversation; 0 when it came to its end, 1 when the bot broke, 2 when it cannot be had at all."""
    console = Console(highlight=False)
    if arguments.list_devices:
        _print_devices(console)
        return 0
    if arguments.bot is None:
        arguments.refuse("a bot folder is needed, for example: voicebot mic bots/nordlys")
    config = load_config(arguments.config)
    start_logging("error", config.log.format)
    check_devices(arguments.input, arguments.output)
    settings = MicrophoneSettings(arguments.input, arguments.output, arguments.headset, arguments.language)
    return asyncio.run(_talk(config, arguments.bot, settings, console))


def _print_devices(console: Console) -> None:
    table = Table(box=None)
    for heading in ("number", "name", "in", "out", "default"):
        table.add_column(heading)
    for device in list_devices():
        table.add_row(
            str(device.index), escape(device.name), str(device.inputs), str(device.outputs), device.is_default
        )
    console.print(table)


async def _talk(config: Config, bot: Path, settings: MicrophoneSettings, console: Console) -> int:
    async with open_house(config, bot, keep=False) as house:
        console.print("[dim]Loading the models …[/dim]")
        if not await house.wait_ready():
            console.print(f"[red]The bot cannot answer:[/red] {escape(house.trouble or 'unknown')}")
            return 2
        screen = TerminalScreen(console)
        async with open_microphone(settings, screen) as call:
            if sys.stdin.isatty():
                console.print("[dim]Speak. Or type a line; digits are the keypad; q hangs up.[/dim]")
                _start_keyboard(call)
            return await _converse(house, call, console)


async def _converse(house: House, call: MicrophoneCall, console: Console) -> int:
    """The conversation; a bot that breaks leaves its user a number to ring, like every line does."""
    try:
        await house.converse(call)
    except Exception as error:
        person = house.fallback().target
        console.print(f"[red]The bot broke ({type(error).__name__}).[/red]")
        if person is not None:
            console.print(f"Ring {escape(person.name)}: {person.number}")
        return 1
    return 0


def _start_keyboard(call: MicrophoneCall) -> None:
    """Lines from the terminal, read in a thread: a terminal cannot be waited for on every system's event loop."""
    loop = asyncio.get_running_loop()

    def read() -> None:
        for line in sys.stdin:
            if loop.is_closed():
                return
            loop.call_soon_threadsafe(enter, call, line.strip())

    # A daemon: nobody can wake it from its read, and it holds nothing that has to be put away.
    threading.Thread(target=read, name="keyboard", daemon=True).start()


def enter(call: MicrophoneCall, line: str) -> None:
    """What one typed line means: `q` hangs up, digits, * and # are the keypad, anything else is said by typing."""
    if line == "q":
        call.end(EndReason.CALLER_HUNG_UP)
    elif line and KEYS.issuperset(line):
        for digit in line:
            call.press(digit)
    elif line:
        call.type(line[:LONGEST_LINE])


class TerminalScreen:
    """Captions as lines of a terminal, with how sure and how fast beside them."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, caption: Caption) -> None:
        """Print what was said by whom; states and partial words would only fill the screen."""
        text = escape(caption.text)
        match caption.kind:
            case "bot":
                self._console.print(f"[bold]bot[/bold]  {text}{_aside(caption)}")
            case "caller":
                self._console.print(f"[cyan]you[/cyan]  {text}{_aside(caption)}")
            case "interrupted":
                self._console.print("[dim]     (interrupted)[/dim]")
            case "transfer" if "number" in caption.details:
                self._console.print(f"[yellow]  -> ring {text}: {caption.details['number']}[/yellow]")
            case "advice":
                self._console.print(
                    "[yellow]The microphone hears the loudspeaker, and it cannot be taken out well here: use a headset "
                    "(and say --headset), or turn the sound down.[/yellow]"
                )
            case _:
                pass


def _aside(caption: Caption) -> str:
    parts = []
    confidence, stages = caption.details.get("confidence"), caption.details.get("stages")
    if isinstance(confidence, float):
        parts.append(f"{confidence:.0%} sure")
    if isinstance(stages, dict) and "total" in stages:
        parts.append(f"first sound after {stages['total'] / 1000:.2f} s")
    return f" [dim]{', '.join(parts)}[/dim]" if parts else ""
