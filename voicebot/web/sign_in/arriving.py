"""From a name and a password to a session, step by step; each step in one transaction, away from the event loop."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog
from fastapi import Request

from voicebot.records.access_log import note
from voicebot.web.links import DESK, HOME
from voicebot.web.parts import WebParts, store_of
from voicebot.web.permissions import SECOND_FACTOR, Permission, permissions_of, roles_text
from voicebot.web.sign_in import accounts, lockout, second_factor, sessions
from voicebot.web.sign_in.accounts import Account
from voicebot.web.sign_in.sessions import Session, SessionRules, Stage

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Paused:
    """Too many tries; `wait` is still to go."""

    wait: timedelta


@dataclass(frozen=True, slots=True)
class Arrived:
    """A new session.

    Args:
        token: goes to the browser.
        stage: says what comes next.
        lands: where this account goes when it asked for no page.
    """

    token: str
    stage: Stage
    lands: str = HOME

    def after(self, wanted: str) -> str:
        """Where to go: what was asked for, unless that was only the front page."""
        return self.lands if wanted == HOME else wanted


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody at the door.

    Args:
        address: where the request comes from.
        device: the browser in a word or two.
    """

    address: str
    device: str


def arrival(request: Request) -> Arrival:
    """Who stands at the door, as far as a request tells."""
    address = "" if request.client is None else request.client.host
    return Arrival(address, device_of(request.headers.get("user-agent", "")))


async def with_password(parts: WebParts, who: Arrival, name: str, password: str) -> Arrived | Paused | None:
    """Sign in with a local account; None when name and password do not belong together.

    Raises:
        HTTPException: 503, too many sign-ins at once.
    """
    paused, account, stored = await asyncio.to_thread(_count, parts, who, name)
    if paused is not None:
        return paused
    right = await parts.passwords.matches(stored, password)
    if not right or account is None or account.is_disabled:
        log.warning("a sign-in was refused")
        return None
    return await asyncio.to_thread(_begin, parts, who, account, after_password(account))


def after_password(account: Account) -> Stage:
    """What follows the right password."""
    if account.has_second_factor:
        return Stage.CODE
    return Stage.ENROL if account.roles & SECOND_FACTOR else Stage.FULL


def with_code(parts: WebParts, who: Arrival, session: Session, code: str) -> Arrived | Paused | None:
    """The second step: a code of the app, or one for a lost phone; None when it is wrong. The session is a new one."""
    store, now = store_of(parts), parts.now()
    with store.database.writing() as connection:
        key = lockout.name_key(connection, store.vault, f"{session.account_id}:code")
        wait = lockout.count_try(connection, key, lockout.NAME, now)
        if wait:
            return Paused(wait)
        if not second_factor.accept(connection, store.vault, session.account_id, code, now):
            return None
        lockout.forgive(connection, key)
    return complete(parts, who, session)


def complete(parts: WebParts, who: Arrival, session: Session) -> Arrived:
    """A full session in place of one that was half-way; the old token is worth nothing any more."""
    store = store_of(parts)
    with store.database.writing() as connection:
        sessions.end_one(connection, session.account_id, session.id)
        account = accounts.by_id(connection, session.account_id)
    return _begin(parts, who, account, Stage.FULL)


def begin_elsewhere(parts: WebParts, who: Arrival, account: Account) -> Arrived:
    """A full session for somebody another house vouches for."""
    return _begin(parts, who, account, Stage.FULL)


def _count(parts: WebParts, who: Arrival, name: str) -> tuple[Paused | None, Account | None, str | None]:
    store, now = store_of(parts), parts.now()
    with store.database.writing() as connection:
        address = lockout.address_key(connection, store.vault, who.address)
        wait = lockout.count_try(connection, address, lockout.ADDRESS, now)
        if not wait:
            wait = lockout.count_try(connection, lockout.name_key(connection, store.vault, name), lockout.NAME, now)
        if wait:
            log.warning("a sign-in has to wait", seconds=round(wait.total_seconds()))
            return Paused(wait), None, None
        account = accounts.find(connection, name)
        return None, account, accounts.password_hash(connection, account.id if account else "")


def _begin(parts: WebParts, who: Arrival, account: Account, stage: Stage) -> Arrived:
    store, now = store_of(parts), parts.now()
    rules = SessionRules(parts.config.idle, parts.config.longest)
    with store.database.writing() as connection:
        lockout.take_back(connection, lockout.address_key(connection, store.vault, who.address))
        lockout.forgive(connection, lockout.name_key(connection, store.vault, account.name))
        token = sessions.begin(connection, account.id, stage, who.device, rules, now)
        if stage is Stage.FULL:
            note(connection, store.vault, account.name, roles_text(account.roles), "sign_in", f"account:{account.name}")
    takes_calls = parts.board is not None and Permission.TAKE_CALLS in permissions_of(account.roles)
    return Arrived(token, stage, DESK if takes_calls else HOME)


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)  # fmt: skip


def device_of(user_agent: str) -> str:
    """The browser and the system, as its owner would name them; nothing by which one machine is told from another."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " · ".join(part for part in (browser, system) if part)
