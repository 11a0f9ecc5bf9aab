"""A whole service on a free port of loopback, in this process, for tests that call it as the phone network does."""

import asyncio
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn

from telephony.simulator import Network, network_at
from telephony.twilio import TwilioLine
from voicebot.app import build_app
from voicebot.config import Config, TwilioConfig, load_config
from voicebot.house import House, open_house
from voicebot.server import server_settings

NORDLYS = Path(__file__).parent.parent / "bots" / "nordlys"
PUBLIC_URL = "https://bot.example.com"
UNLIMITED = (
    "calls_per_number_minute",
    "calls_per_number_hour",
    "calls_per_minute",
    "transfers_per_number_hour",
    "transfers_per_minute",
    "texts_per_number_day",
    "try_per_minute",
)


@dataclass(frozen=True, slots=True)
class Service:
    """What a test needs of a running service.

    Args:
        base_url: where it listens.
        network: the account and token it knows.
        house: who answers.
        line: its phone line.
    """

    base_url: str
    network: Network
    house: House
    line: TwilioLine


def test_config(**limits: float) -> Config:
    """The default configuration with an account made up for the test, and no limits: every call is from one number."""
    config = load_config(environ={})
    twilio = TwilioConfig(f"AC{secrets.token_hex(16)}", (secrets.token_hex(16),), None, None, None, None, None)
    return replace(
        config,
        twilio=twilio,
        server=replace(config.server, public_url=PUBLIC_URL),
        limits=replace(config.limits, **{**dict.fromkeys(UNLIMITED, 0), **limits}),  # type: ignore[arg-type]
        # A test that keeps records says where.
        records=replace(config.records, folder=Path("/dev/null/records"), key_backup=None),
    )


test_config.__test__ = False  # type: ignore[attr-defined]


@asynccontextmanager
async def serving(
    config: Config,
    bot: Path = NORDLYS,
    prepared: Callable[[House], None] = lambda house: None,
    wait: bool = True,
    keep: bool = False,
) -> AsyncIterator[Service]:
    """Serve a bot.

    Args:
        config: see `test_config`.
        bot: the bot folder.
        prepared: may change the house before its models are loaded.
        wait: whether to wait until it is ready.
        keep: whether conversations are written down, where the configuration says.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with open_house(config, bot, keep) as house:
        prepared(house)
        app, line = build_app(config, house)
        assert line is not None
        assert config.twilio is not None
        server = uvicorn.Server(server_settings(app, config))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            if wait:
                assert await house.wait_ready(), house.trouble
            network = network_at(
                base_url,
                account=config.twilio.account_sid,
                token=config.twilio.auth_tokens[0],
                public_url=PUBLIC_URL,
                connect_to=base_url,
            )
            yield Service(base_url, network, house, line)
        finally:
            await line.close("closed")
            server.should_exit = True
            await running
