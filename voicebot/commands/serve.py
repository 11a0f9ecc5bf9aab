"""`voicebot serve BOT`: answer the phone, and the page, until told to stop."""

import argparse
import asyncio
import errno
import secrets
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import structlog
import uvicorn
from rich.console import Console

from speech.errors import ModelUnavailable
from telephony.twilio import TwilioLine
from voicebot.app import build_app
from voicebot.commands.demonstration import demonstrate
from voicebot.config import Config, ConfigInvalid, TwilioConfig, load_config
from voicebot.house import House, open_house
from voicebot.logs import start_logging, tell_unseen_fault
from voicebot.server import server_settings
from voicebot.web.router import end_streams

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 20.0
"""How long calls in progress may go on after the first signal."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser("serve", help="answer calls")
    parser.add_argument("bot", type=Path, help="the bot folder, for example bots/nordlys")
    parser.add_argument("--host", help="address to listen on")
    parser.add_argument("--port", type=int, help="port to listen on")
    parser.add_argument(
        "--fd",
        type=int,
        help="a listening socket that was opened for this service, as systemd does: 3 (docs/operations.md)",
    )
    parser.add_argument("--config", type=Path, help="the configuration file")
    parser.add_argument("--demo", action="store_true", help="place a demonstration call and print it live")
    parser.add_argument("--exit", action="store_true", help="with --demo: end after the call")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until a signal; with `--demo --exit`, until the demonstration call is over."""
    config = load_config(arguments.config)
    server = replace(
        config.server,
        host=arguments.host or config.server.host,
        port=config.server.port if arguments.port is None else arguments.port,
    )
    config = replace(config, server=server)
    start_logging("warning" if arguments.demo else config.log.level, config.log.format)
    for warning in config.warnings:
        log.warning("the configuration should be mended", what=warning)
    with _listen(config, arguments.fd) as listener:
        config = _addressed(config, listener.getsockname()[1], demo=arguments.demo)
        return asyncio.run(_serve(config, arguments.bot, listener, arguments.demo, arguments.exit))


def _listen(config: Config, descriptor: int | None) -> socket.socket:
    """Take the port now, so that a taken one is told before any model is loaded.

    A socket that somebody else holds open outlives this process: whoever rings while it starts again only waits.
    """
    if descriptor is not None:
        try:
            return socket.socket(fileno=descriptor)
        except OSError as error:
            cure = "leave --fd out, or have the service started by what opens the socket (docs/operations.md)"
            raise ConfigInvalid((f"--fd {descriptor}: there is no open socket of this number -> {cure}",)) from error
    server = config.server
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    # The protocol is named because asyncio turns Nagle's algorithm off only where it is: 48 ms a request become 2.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((server.host, server.port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise ConfigInvalid((f"cannot listen on {server.host} port {server.port} {_why(error)}",)) from error
    return listener


def _why(error: OSError | OverflowError) -> str:
    if isinstance(error, OverflowError):
        return "-> choose a port between 0 and 65535 with --port"
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"({error.strerror}) -> give an address of this machine with --host, or 0.0.0.0 for all of them"
    return f"({error.strerror}) -> choose another with --port, or 0 for a free one"


def _addressed(config: Config, port: int, demo: bool) -> Config:
    """Fill in what the phone line needs; a demonstration without an account makes one up for this process."""
    server = replace(config.server, port=port)
    if demo and config.twilio is None:
        local = f"http://{'127.0.0.1' if server.host == '0.0.0.0' else server.host}:{port}"
        made_up = TwilioConfig(f"AC{secrets.token_hex(16)}", (secrets.token_hex(16),), None, None, None, None, None)
        return replace(config, server=replace(server, public_url=local), twilio=made_up)
    if config.twilio is not None and server.public_url is None:
        raise ConfigInvalid(
            ("PUBLIC_URL is not set -> set it to the https address under which Twilio reaches this service",)
        )
    if server.public_url is not None and not _is_usable(server.public_url):
        # A warning, because a gateway of one's own may speak the same protocol without TLS.
        cure = "give the https address of the proxy or tunnel in front of this service"
        log.warning("PUBLIC_URL is not https: Twilio streams over TLS only", public_url=server.public_url, cure=cure)
    return replace(config, server=server)


def _is_usable(public_url: str) -> bool:
    """Whether the carrier can stream to this address; without TLS only the simulator on this machine can."""
    address = urlsplit(public_url)
    if address.scheme == "https" or address.hostname == "localhost":
        return True
    try:
        return ip_address(address.hostname or "").is_loopback
    except ValueError:
        return False


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: calls are ended while the server still answers the carrier."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _serve(config: Config, bot_folder: Path, listener: socket.socket, demo: bool, leave: bool) -> int:
    asyncio.get_running_loop().set_exception_handler(tell_unseen_fault)
    stop = asyncio.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    async with open_house(config, bot_folder) as house:
        app, line = build_app(config, house)
        server = _Server(server_settings(app, config))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        working = asyncio.create_task(_work(config, house, bot_folder, demo, leave))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({serving, working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _drain(house, line, stop)
            end_streams(app)
            server.should_exit = True
            await serving
            stopping.cancel()
        if working.done():
            return working.result()
        working.cancel()
        await asyncio.wait({working})
    return 0


async def _drain(house: House, line: TwilioLine | None, stop: asyncio.Event) -> None:
    """Take no new calls and let the others end; a second signal ends them now."""
    house.stop_taking_calls()
    stop.clear()
    ending = asyncio.create_task(_let_end(house, line))
    hurried = asyncio.create_task(stop.wait())
    await asyncio.wait({ending, hurried}, return_when=asyncio.FIRST_COMPLETED)
    hurried.cancel()
    if not ending.done():
        ending.cancel()
        await asyncio.wait({ending})
        if line is not None:
            await line.close("closed")


async def _let_end(house: House, line: TwilioLine | None) -> None:
    """Callers on the phone, and those at the page, for whom there is nobody to be passed on to."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_wait_quiet(house))
        if line is not None:
            tasks.create_task(line.close("closed", grace_seconds=DRAIN_SECONDS))


async def _wait_quiet(house: House) -> None:
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            await house.wait_quiet()
    except TimeoutError:
        log.warning("conversations are cut off by the end of the service", calls=house.calls)


async def _work(config: Config, house: House, bot_folder: Path, demo: bool, leave: bool) -> int:
    """What is done besides serving; ends only for a demonstration that is to end."""
    # Soft wrapping: an address is never broken in two.
    console = Console(highlight=False, soft_wrap=True)
    status = 0
    if demo:
        if not await house.wait_ready():
            raise ModelUnavailable(house.trouble or "the models could not be loaded")
        status = 0 if await demonstrate(config, house, bot_folder, console) else 1
        if leave:
            return status
    _say_where(config, house, console)
    await asyncio.Event().wait()
    return status


def _say_where(config: Config, house: House, console: Console) -> None:
    server = config.server
    base = f"http://{'127.0.0.1' if server.host in ('0.0.0.0', '::') else server.host}:{server.port}"
    console.print(f"\n[bold]{house.bot.name}[/bold] answers at {base}")
    console.print(f"  talk or type to it      {base}/try")
    console.print(f"  its health and numbers  {base}/readyz  {base}/metrics")
    if config.twilio is not None and server.public_url != base:  # a demonstration's account is made up
        console.print(f"  Twilio's voice webhook  {server.public_url}/twilio/voice")
    console.print("  your own number         see README.md, “Connect a Twilio number”")
    console.print("  stop it                 Ctrl-C\n")
