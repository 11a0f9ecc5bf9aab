"""The administrator's page over all accounts."""

import asyncio
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from sqlalchemy import Connection

from voicebot.records.access_log import note
from voicebot.web.forms import fields
from voicebot.web.links import HOME, see
from voicebot.web.parts import WebParts, store_of
from voicebot.web.permissions import Permission, Role, roles_text
from voicebot.web.sign_in import accounts
from voicebot.web.sign_in.accounts import AccountFault
from voicebot.web.signed_in import SignedIn, require

Administrator = Annotated[SignedIn, Depends(require(Permission.MANAGE_ACCOUNTS))]


def accounts_router(parts: WebParts) -> APIRouter:
    """The routes below `/console/accounts`."""
    router = APIRouter(prefix=f"{HOME}/accounts")

    @router.get("")
    def page(request: Request, signed_in: Administrator) -> Response:
        return _show(parts, request, signed_in)

    @router.post("")
    async def add(request: Request, signed_in: Administrator) -> Response:
        form = await fields(request)
        return await asyncio.to_thread(_add, parts, request, signed_in, form)

    @router.post("/{account_id}")
    async def change(request: Request, account_id: str, signed_in: Administrator) -> Response:
        form = await fields(request)
        return await asyncio.to_thread(_change, parts, request, signed_in, account_id, form)

    return router


def _show(
    parts: WebParts, request: Request, signed_in: SignedIn, *, fault: str = "", code: str = "", given: str = ""
) -> Response:
    with store_of(parts).database.reading() as connection:
        listed = accounts.listed(connection)
    return parts.pages.page(
        request,
        signed_in,
        "accounts.html",
        status=422 if fault else 200,
        accounts=listed,
        roles=list(Role),
        fault=fault,
        code=code,
        given=given,
    )


def _add(parts: WebParts, request: Request, signed_in: SignedIn, form: Mapping[str, str]) -> Response:
    store, name, roles = store_of(parts), form.get("name", ""), _roles(form)
    if not roles:
        return _show(parts, request, signed_in, fault="no_role")
    try:
        with store.database.writing() as connection:
            if accounts.find(connection, name) is not None:
                return _show(parts, request, signed_in, fault="taken")
            account, code = accounts.add(connection, name, roles, signed_in.language, parts.now())
            _note(parts, connection, signed_in, "account.add", account.name, roles_text(roles))
    except AccountFault:
        return _show(parts, request, signed_in, fault="name")
    return _show(parts, request, signed_in, code=code, given=account.name)


def _change(
    parts: WebParts, request: Request, signed_in: SignedIn, account_id: str, form: Mapping[str, str]
) -> Response:
    """Do one thing to another's account; nobody can lock themselves out, so one administrator is always left."""
    store, wanted, code = store_of(parts), form.get("do", ""), ""
    with store.database.writing() as connection:
        account = next((one for one in accounts.listed(connection) if one.id == account_id), None)
        if account is None or account.id == signed_in.account_id:
            raise HTTPException(404)
        match wanted:
            case "roles" if account.through != "oidc":
                if not _roles(form):
                    return _show(parts, request, signed_in, fault="no_role")
                accounts.set_roles(connection, account, _roles(form))
            case "reset" if account.through != "oidc":
                code = accounts.reset(connection, account, parts.now())
            case "disable":
                accounts.disable(connection, account, parts.now())
            case "enable":
                accounts.enable(connection, account)
            case _:
                raise HTTPException(404)
        about = roles_text(_roles(form)) if wanted == "roles" else ""
        _note(parts, connection, signed_in, f"account.{wanted}", account.name, about)
    if code:
        return _show(parts, request, signed_in, code=code, given=account.name)
    return see(request, f"{HOME}/accounts")


def _roles(form: Mapping[str, str]) -> frozenset[Role]:
    return frozenset(role for role in Role if form.get(f"role-{role}") == "yes")


def _note(parts: WebParts, connection: Connection, by: SignedIn, action: str, name: str, about: str) -> None:
    note(connection, store_of(parts).vault, by.name, by.role, action, f"account:{name}", about)
