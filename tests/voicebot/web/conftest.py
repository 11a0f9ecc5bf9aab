"""A console to sign in to: a store in a file, cheap password hashes, a clock that is set, and a browser in memory."""

import re
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pyotp
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from dialog import Engine, load_bot
from voicebot.config import RecordsConfig, load_config
from voicebot.config_web import WebConfig
from voicebot.records.database import Database, open_database
from voicebot.records.keys import load_master_keys
from voicebot.records.vault import Vault
from voicebot.web.parts import WebParts
from voicebot.web.permissions import Role
from voicebot.web.rendering import Pages
from voicebot.web.router import add_web
from voicebot.web.sign_in import accounts
from voicebot.web.sign_in.passwords import Passwords

PASSWORD = "fire fisker flyr forbi"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass(frozen=True)
class Kept:
    """A store as the console sees it."""

    database: Database
    vault: Vault


@dataclass
class Clock:
    """The time sessions are judged by; moved by the test."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __call__(self) -> datetime:
        return self.now

    def on(self, **more: float) -> None:
        self.now += timedelta(**more)


@dataclass
class Console:
    """The application, and what a test does to it."""

    app: FastAPI
    kept: Kept
    clock: Clock
    parts: WebParts

    def browser(self, **headers: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url="http://127.0.0.1",
            headers={"accept-language": "en", **headers},
        )

    def account(self, name: str, *roles: Role) -> str:
        """Make an account; its starting code."""
        with self.kept.database.writing() as connection:
            return accounts.add(connection, name, roles, "en", self.clock.now)[1]

    def ready_account(self, name: str, *roles: Role) -> str:
        """Make an account that has its password already; its id."""
        self.account(name, *roles)
        with self.kept.database.writing() as connection:
            account = accounts.find(connection, name)
            assert account is not None
            accounts.set_password(connection, account.id, CHEAP.hash(PASSWORD))
        return account.id


def form_token(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


async def post(browser: httpx.AsyncClient, page: str, path: str, **form: str) -> httpx.Response:
    """Open a page, fill in its form and send it, as a person does."""
    shown = await browser.get(page, follow_redirects=True)
    return await browser.post(path, data={"csrf": form_token(shown.text), **form})


async def sign_in(browser: httpx.AsyncClient, name: str, password: str = PASSWORD, **form: str) -> httpx.Response:
    return await post(browser, "/console/sign-in", "/console/sign-in", name=name, password=password, **form)


async def enrol(browser: httpx.AsyncClient, clock: Clock) -> tuple[str, list[str]]:
    """Set up the second factor on the way in; its secret and the recovery codes."""
    page = (await browser.get("/console/sign-in/second-factor")).text
    secret = re.search(r'<p class="code">([A-Z2-7 ]+)</p>', page)
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)
    assert secret is not None and sealed is not None
    key = secret[1].replace(" ", "")
    code = pyotp.TOTP(key).at(clock.now)
    done = await browser.post(
        "/console/sign-in/second-factor", data={"csrf": form_token(page), "sealed": sealed[1], "code": code}
    )
    assert done.status_code == 200
    return key, re.findall(r"<li>([A-Z0-9-]{14})</li>", done.text)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """The mind of a small bot, for tests that need the whole application."""
    bot = Path(__file__).parent.parent.parent / "dialog" / "bots" / "bokhuset"
    return Engine(load_bot(bot), tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def made_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an empty store, made once: tests begin with a copy."""
    folder = tmp_path_factory.mktemp("store") / "records"
    config = RecordsConfig(folder, "", (), None, None)
    database, vault = open_database(config), Vault(load_master_keys(config))
    with database.writing() as connection:
        vault.prepare(connection)
    database.close()
    return folder


@pytest.fixture
def kept(tmp_path: Path, made_store: Path) -> Iterator[Kept]:
    shutil.copytree(made_store, tmp_path / "records")
    config = RecordsConfig(tmp_path / "records", "", (), None, None)
    database = open_database(config)
    yield Kept(database, Vault(load_master_keys(config)))
    database.close()


@pytest.fixture
def web_config() -> WebConfig:
    return load_config(environ={}).web


@pytest.fixture
def console(kept: Kept, web_config: WebConfig) -> Iterator[Console]:
    clock, passwords = Clock(), Passwords(CHEAP)
    parts = WebParts(web_config, kept, Pages("Nordlys"), now=clock, passwords=passwords)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    add_web(app, parts)
    yield Console(app, kept, clock, parts)
    passwords.close()


@pytest.fixture
async def browser(console: Console) -> AsyncIterator[httpx.AsyncClient]:
    async with console.browser() as client:
        yield client
