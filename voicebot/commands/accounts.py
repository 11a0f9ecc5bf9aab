"""`voicebot accounts`: who may sign in to the console."""

import argparse
import getpass
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection

from voicebot.config import load_config
from voicebot.records.access_log import note
from voicebot.records.errors import RecordsError
from voicebot.records.stores import Stores, opened_stores
from voicebot.web.permissions import Role, roles_text
from voicebot.web.sign_in import accounts
from voicebot.web.sign_in.accounts import Account, AccountFault


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "accounts",
        help="who may sign in to the console",
        description="Makes and changes accounts of the console. Everything done here leaves a line in the access log.",
    )
    parser.add_argument("--config", type=Path, help="the configuration file")
    actions = parser.add_subparsers(metavar="ACTION", required=True)

    add = actions.add_parser("add", help="make an account; prints the code its owner begins with")
    add.add_argument("name", help="small letters, digits and . _ @ + -")
    _add_role(add)
    add.add_argument("--language", choices=("nb", "nn", "en"), default="nb", help="of the console")
    add.set_defaults(run=run, act=_add)

    actions.add_parser("list", help="every account").set_defaults(run=run, act=_list)
    for name, act, what in (
        ("disable", _disable, "nobody signs in with it any more; who is signed in is out at once"),
        ("enable", _enable, "undo disable"),
        ("reset", _reset, "take password, second factor and sign-ins away; prints a new code to begin with"),
    ):
        action = actions.add_parser(name, help=what)
        action.add_argument("name")
        action.set_defaults(run=run, act=act)
    roles = actions.add_parser("roles", help="give it other roles")
    roles.add_argument("name")
    roles.add_argument(
        "--role", action="append", required=True, choices=list(Role), dest="roles", help="may be repeated"
    )
    roles.set_defaults(run=run, act=_roles)


def _add_role(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--role", action="append", required=True, choices=list(Role), dest="roles", help="may be given more than once"
    )


def run(arguments: argparse.Namespace) -> int:
    """Do one thing with accounts; 2 when it cannot be done."""
    with opened_stores(load_config(arguments.config).records) as stores:
        try:
            arguments.act(stores, arguments)
        except AccountFault as fault:
            raise RecordsError(str(fault)) from None
    return 0


def _add(stores: Stores, arguments: argparse.Namespace) -> None:
    roles = _given(arguments.roles)
    with stores.database.writing() as connection:
        account, code = accounts.add(connection, arguments.name, roles, arguments.language, datetime.now(UTC))
        _note(stores, connection, "account.add", account, roles_text(roles))
    _tell(account, code)


def _list(stores: Stores, arguments: argparse.Namespace) -> None:
    with stores.database.reading() as connection:
        listed = accounts.listed(connection)
    if not listed:
        print("There are no accounts yet. Make the first: voicebot accounts add NAME --role admin")
        return
    table = Table("account", "roles", "signs in with", "second factor", "")
    for account in listed:
        table.add_row(
            account.name,
            roles_text(account.roles),
            {"oidc": "OpenID Connect", "password": "password", "code": "its first code"}[account.through],
            "yes" if account.has_second_factor else "",
            "disabled" if account.is_disabled else "",
        )
    Console().print(table)


def _disable(stores: Stores, arguments: argparse.Namespace) -> None:
    with stores.database.writing() as connection:
        account = _find(connection, arguments.name)
        accounts.disable(connection, account, datetime.now(UTC))
        _note(stores, connection, "account.disable", account)
    print(f"{account.name} is disabled, and signed out everywhere.")


def _enable(stores: Stores, arguments: argparse.Namespace) -> None:
    with stores.database.writing() as connection:
        account = _find(connection, arguments.name)
        accounts.enable(connection, account)
        _note(stores, connection, "account.enable", account)
    print(f"{account.name} can sign in again.")


def _reset(stores: Stores, arguments: argparse.Namespace) -> None:
    with stores.database.writing() as connection:
        account = _find(connection, arguments.name)
        code = accounts.reset(connection, account, datetime.now(UTC))
        _note(stores, connection, "account.reset", account)
    _tell(account, code)


def _roles(stores: Stores, arguments: argparse.Namespace) -> None:
    roles = _given(arguments.roles)
    with stores.database.writing() as connection:
        account = _find(connection, arguments.name)
        accounts.set_roles(connection, account, roles)
        _note(stores, connection, "account.roles", account, roles_text(roles))
    print(f"{account.name} is now: {roles_text(roles)}. Whoever was signed in signs in anew.")


def _given(names: Sequence[str]) -> frozenset[Role]:
    return frozenset(Role(name) for name in names)


def _find(connection: Connection, name: str) -> Account:
    account = accounts.find(connection, name)
    if account is None:
        raise AccountFault(f"there is no account {name} -> `voicebot accounts list` shows them all")
    return account


def _note(stores: Stores, connection: Connection, action: str, account: Account, about: str = "") -> None:
    note(connection, stores.vault, f"cli:{getpass.getuser()}", "operator", action, f"account:{account.name}", about)


def _tell(account: Account, code: str) -> None:
    hours = round(accounts.CODE_LASTS.total_seconds() / 3600)
    print(f"{account.name} begins with this code, once, within {hours} hours:\n\n    {code}\n")
    print("at /console/begin, with a password of their own choice.")
