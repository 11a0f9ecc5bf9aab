"""Accounts: who may sign in, in which roles, and how a new one begins."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from voicebot.records.entries import new_id
from voicebot.records.schema import accounts
from voicebot.web.permissions import Role, roles_from, roles_text
from voicebot.web.sign_in import sessions

CODE_LASTS: Final = timedelta(hours=72)
_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without I, O, 0 and 1, which people mix up."""
_NAME: Final = re.compile(r"[a-zæøå0-9][a-zæøå0-9._@+-]{1,59}")


class AccountFault(Exception):
    """Something about an account cannot be done; says what, and the cure."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account, with nothing in it that would let anybody in.

    Args:
        through: "password", "oidc", or "code" while the first password is still to be set.
    """

    id: str
    name: str
    roles: frozenset[Role]
    language: str
    through: str
    has_second_factor: bool
    is_disabled: bool


def new_code(groups: int = 3) -> str:
    """A code for people to type, in groups of four: 20 random bits each."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(groups))


def code_hash(code: str) -> str:
    """What is stored of a code, whatever case and spacing it is typed in."""
    return hashlib.sha256(re.sub(r"[\s-]", "", code).upper().encode()).hexdigest()


def add(connection: Connection, name: str, roles: Iterable[Role], language: str, now: datetime) -> tuple[Account, str]:
    """Make an account and the code with which its owner sets the first password.

    Raises:
        AccountFault: the name is taken or cannot be a name, or there is no role.
    """
    name, wanted = name.casefold(), frozenset(roles)
    if not _NAME.fullmatch(name):
        raise AccountFault(f"{name!r} cannot be an account's name -> use 2 to 60 small letters, digits and . _ @ + -")
    if not wanted:
        raise AccountFault(f"{name} would have no role -> give at least one of {', '.join(Role)}")
    if find(connection, name) is not None:
        raise AccountFault(f"there is an account {name} already -> give another name, or use `voicebot accounts reset`")
    account_id, code = new_id(), new_code()
    connection.execute(
        insert(accounts).values(
            id=account_id,
            name=name,
            roles=roles_text(wanted),
            language=language,
            created_at=now,
            start_code=code_hash(code),
            start_until=now + CODE_LASTS,
        )
    )
    return Account(account_id, name, wanted, language, "code", False, False), code


def find(connection: Connection, name: str) -> Account | None:
    """The account of this name."""
    row = connection.execute(select(accounts).where(accounts.c.name == name.casefold())).one_or_none()
    return None if row is None else _account(row)


def by_id(connection: Connection, account_id: str) -> Account:
    """The account of somebody who is signed in."""
    return _account(connection.execute(select(accounts).where(accounts.c.id == account_id)).one())


def listed(connection: Connection) -> list[Account]:
    """All accounts, by name."""
    return [_account(row) for row in connection.execute(select(accounts).order_by(accounts.c.name))]


def reset(connection: Connection, account: Account, now: datetime) -> str:
    """Take password, second factor and sessions away; the code with which the owner begins anew.

    Raises:
        AccountFault: the account signs in elsewhere.
    """
    if account.through == "oidc":
        raise AccountFault(f"{account.name} signs in with OpenID Connect -> reset the password there")
    code = new_code()
    _change(
        connection,
        account.id,
        password=None,
        totp=None,
        recovery="",
        start_code=code_hash(code),
        start_until=now + CODE_LASTS,
    )
    sessions.end_all(connection, account.id)
    return code


def disable(connection: Connection, account: Account, now: datetime) -> None:
    """Nobody signs in with it any more, and whoever is signed in is out."""
    _change(connection, account.id, disabled_at=now)
    sessions.end_all(connection, account.id)


def enable(connection: Connection, account: Account) -> None:
    """Undo `disable`."""
    _change(connection, account.id, disabled_at=None)


def set_roles(connection: Connection, account: Account, roles: Iterable[Role]) -> None:
    """Give it other roles; its owner signs in anew, with a second factor if one is needed now.

    Raises:
        AccountFault: there would be no role.
    """
    wanted = frozenset(roles)
    if not wanted:
        raise AccountFault(f"{account.name} would have no role -> disable the account instead")
    _change(connection, account.id, roles=roles_text(wanted))
    sessions.end_all(connection, account.id)


def set_language(connection: Connection, account_id: str, language: str) -> None:
    """In which language its owner reads the console."""
    _change(connection, account_id, language=language)


def set_password(connection: Connection, account_id: str, password_hash: str, but: str | None = None) -> None:
    """A new password; the code that allowed it and every session except `but` are over."""
    _change(connection, account_id, password=password_hash, start_code=None, start_until=None)
    sessions.end_all(connection, account_id, but)


def password_hash(connection: Connection, account_id: str) -> str | None:
    """The stored password, for checking it."""
    return connection.execute(select(accounts.c.password).where(accounts.c.id == account_id)).scalar_one_or_none()


def may_begin(connection: Connection, name: str, code: str, now: datetime) -> Account | None:
    """The account whose first password this code may set, or None."""
    row = connection.execute(select(accounts).where(accounts.c.name == name.casefold())).one_or_none()
    stored = row.start_code if row is not None and row.start_code else code_hash("no code at all")
    right = secrets.compare_digest(stored, code_hash(code))
    if row is None or not right or row.disabled_at is not None or row.start_until is None or now >= row.start_until:
        return None
    return _account(row)


def from_oidc(
    connection: Connection, subject: str, name: str, roles: frozenset[Role], language: str, now: datetime
) -> Account:
    """The account of somebody another house vouches for; made at the first sign-in, its roles as they are there.

    Args:
        connection: a writing one.
        subject: issuer and subject, which never change hands.
        name: what they are called there; a number is added when it is taken here.
        roles: what they are allowed now.
        language: a new one's, to begin with.
        now: the moment of the sign-in.

    Raises:
        AccountFault: the account is disabled here.
    """
    row = connection.execute(select(accounts).where(accounts.c.subject == subject)).one_or_none()
    if row is None:
        account_id = new_id()
        connection.execute(
            insert(accounts).values(
                id=account_id,
                name=_free(connection, name),
                roles=roles_text(roles),
                language=language,
                created_at=now,
                subject=subject,
            )
        )
        return by_id(connection, account_id)
    if row.disabled_at is not None:
        raise AccountFault(f"{row.name} is disabled here -> an administrator can enable it")
    if row.roles != roles_text(roles):
        set_roles(connection, _account(row), roles)
    return by_id(connection, row.id)


def _free(connection: Connection, name: str) -> str:
    plain = re.sub(r"[^a-zæøå0-9._@+-]", "-", name.casefold()).strip("-.@+_")[:50] or "somebody"
    taken = set(connection.execute(select(accounts.c.name).where(accounts.c.name.startswith(plain))).scalars())
    number, free = 1, plain
    while free in taken:
        number += 1
        free = f"{plain}-{number}"
    return free


def _change(connection: Connection, account_id: str, **values: Any) -> None:
    connection.execute(update(accounts).where(accounts.c.id == account_id).values(**values))


def _account(row: Row[Any]) -> Account:
    through = "oidc" if row.subject else "password" if row.password else "code"
    return Account(
        row.id,
        row.name,
        roles_from(row.roles),
        row.language,
        through,
        row.totp is not None,
        row.disabled_at is not None,
    )
