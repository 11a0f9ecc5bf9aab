"""Signed-in browsers: one row of `sign_ins` each, found by the hash of a random token that only the browser has."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, delete, select, update

from voicebot.records.entries import new_id
from voicebot.records.schema import accounts, sign_ins

HALF_WAY: Final = timedelta(minutes=10)
"""How long somebody may take between the password and the code."""

_SEEN_EVERY: Final = timedelta(minutes=1)
"""A session's last use is written down at most this often: reading a page is not to cost a write."""


class Stage(StrEnum):
    """How far a sign-in has come."""

    CODE = "code"
    """The password was right; the code of the second factor is still to come."""
    ENROL = "enrol"
    """The password was right; the account's roles need a second factor, which has to be set up first."""
    FULL = "full"


@dataclass(frozen=True, slots=True)
class SessionRules:
    """How long a session lasts: unused, and in all."""

    idle: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is good now, with what it needs of its account.

    Args:
        id: names it to its owner; says nothing about the token.
        account_id, name, roles, language: of the account, as they are now (`roles` as stored).
        csrf: what its forms must carry.
    """

    id: str
    account_id: str
    name: str
    roles: str
    language: str
    csrf: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One line in an account's list of its sessions."""

    id: str
    device: str
    created_at: datetime
    seen_at: datetime


def token_hash(token: str) -> str:
    """What is stored of a token. A plain hash will do: there is nothing to guess in 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin(
    connection: Connection, account_id: str, stage: Stage, device: str, rules: SessionRules, now: datetime
) -> str:
    """Begin a session and give its token, which is stored nowhere.

    Args:
        connection: a writing one.
        account_id: whose session.
        stage: how far the sign-in has come.
        device: what the browser says it is, in a word or two; for the owner's list.
        rules: how long it may last.
        now: when it begins.
    """
    token = secrets.token_urlsafe(32)
    longest = rules.longest if stage is Stage.FULL else HALF_WAY
    connection.execute(
        sign_ins.insert().values(
            token_hash=token_hash(token),
            id=new_id(),
            account_id=account_id,
            csrf=secrets.token_urlsafe(32),
            stage=stage,
            device=device[:60],
            created_at=now,
            seen_at=now,
            expires_at=now + longest,
        )
    )
    return token


def look_up(connection: Connection, token: str, rules: SessionRules, now: datetime) -> tuple[Session, bool] | None:
    """The session of a token and whether its last use should be written down now; None when it is not good."""
    row = connection.execute(
        select(
            sign_ins.c.id,
            sign_ins.c.csrf,
            sign_ins.c.stage,
            sign_ins.c.seen_at,
            sign_ins.c.expires_at,
            accounts.c.id.label("account_id"),
            accounts.c.name,
            accounts.c.roles,
            accounts.c.language,
            accounts.c.disabled_at,
        )
        .join(accounts, accounts.c.id == sign_ins.c.account_id)
        .where(sign_ins.c.token_hash == token_hash(token))
    ).first()
    if row is None or row.disabled_at is not None or now >= row.expires_at or now - row.seen_at > rules.idle:
        return None
    session = Session(row.id, row.account_id, row.name, row.roles, row.language, row.csrf, Stage(row.stage))
    return session, now - row.seen_at > _SEEN_EVERY


def touch(connection: Connection, session_id: str, now: datetime) -> None:
    """Write down that a session is being used."""
    connection.execute(update(sign_ins).where(sign_ins.c.id == session_id).values(seen_at=now))


def still_good(connection: Connection, ids: Collection[str], rules: SessionRules, now: datetime) -> dict[str, str]:
    """Those of these sessions that are good now, with the roles of their accounts as they are stored."""
    rows = connection.execute(
        select(sign_ins.c.id, accounts.c.roles)
        .join(accounts, accounts.c.id == sign_ins.c.account_id)
        .where(
            sign_ins.c.id.in_(ids),
            sign_ins.c.stage == Stage.FULL,
            sign_ins.c.expires_at > now,
            sign_ins.c.seen_at >= now - rules.idle,
            accounts.c.disabled_at.is_(None),
        )
    )
    return {row.id: row.roles for row in rows}


def unseen(connection: Connection, ids: Collection[str], now: datetime) -> set[str]:
    """Those of these sessions whose last use should be written down again."""
    stale = sign_ins.c.seen_at < now - _SEEN_EVERY
    return set(connection.scalars(select(sign_ins.c.id).where(sign_ins.c.id.in_(ids), stale)))


def keep(connection: Connection, ids: Collection[str], now: datetime) -> None:
    """Write down that sessions are being used, though their browsers ask for nothing: somebody sits at a live page."""
    connection.execute(update(sign_ins).where(sign_ins.c.id.in_(ids)).values(seen_at=now))


def end(connection: Connection, token: str) -> None:
    """End the session of this token."""
    connection.execute(delete(sign_ins).where(sign_ins.c.token_hash == token_hash(token)))


def end_one(connection: Connection, account_id: str, session_id: str) -> bool:
    """End a session by its id, if it is this account's; whether there was one."""
    chosen = (sign_ins.c.id == session_id) & (sign_ins.c.account_id == account_id)
    return connection.execute(delete(sign_ins).where(chosen)).rowcount > 0


def end_all(connection: Connection, account_id: str, but: str | None = None) -> int:
    """End every session of an account, except `but`; how many there were."""
    chosen = sign_ins.c.account_id == account_id
    if but is not None:
        chosen &= sign_ins.c.id != but
    return connection.execute(delete(sign_ins).where(chosen)).rowcount


def listed(connection: Connection, account_id: str, rules: SessionRules, now: datetime) -> Sequence[SessionRow]:
    """An account's sessions that are good now, newest use first."""
    rows = connection.execute(
        select(sign_ins.c.id, sign_ins.c.device, sign_ins.c.created_at, sign_ins.c.seen_at)
        .where(
            sign_ins.c.account_id == account_id,
            sign_ins.c.stage == Stage.FULL,
            sign_ins.c.expires_at > now,
            sign_ins.c.seen_at >= now - rules.idle,
        )
        .order_by(sign_ins.c.seen_at.desc())
    )
    return [SessionRow(*row) for row in rows]


def clear(connection: Connection, rules: SessionRules, now: datetime) -> int:
    """Delete sessions that are over; how many."""
    over = (sign_ins.c.expires_at <= now) | (sign_ins.c.seen_at < now - rules.idle)
    return connection.execute(delete(sign_ins).where(over)).rowcount
