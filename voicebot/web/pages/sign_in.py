"""The pages of the sign-in: name and password, the code, setting up a second factor, a new account's first password."""

import asyncio
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response

from voicebot.web.forms import is_loopback, is_secure, open_form
from voicebot.web.links import HOME, safe_next, see
from voicebot.web.pages.second_factor import add_second_factor
from voicebot.web.parts import WebParts, store_of
from voicebot.web.sign_in import accounts, lockout, sessions
from voicebot.web.sign_in.arriving import Arrival, Arrived, Paused, arrival, with_code, with_password
from voicebot.web.sign_in.passwords import LONGEST, SHORTEST, weakness
from voicebot.web.sign_in.sessions import Stage
from voicebot.web.signed_in import SignedIn, current_session, drop_session, require, session_cookie, set_session

Form = Annotated[dict[str, str], Depends(open_form)]

NEXT_PAGE = {
    Stage.CODE: f"{HOME}/sign-in/code",
    Stage.ENROL: f"{HOME}/sign-in/second-factor",
}


def sign_in_router(parts: WebParts) -> APIRouter:
    """Everything between a stranger and a session."""
    router = APIRouter(prefix=HOME)
    _add_password(router, parts)
    _add_code(router, parts)
    add_second_factor(router, parts)
    _add_begin(router, parts)
    _add_sign_out(router, parts)
    return router


def arrive(request: Request, arrived: Arrived, wanted: str) -> Response:
    """Go on with a new session: to the next step, or to the page that was asked for."""
    page = NEXT_PAGE.get(arrived.stage)
    if page is None:
        page = arrived.after(wanted)
    elif wanted != HOME:
        page += f"?next={quote(wanted, safe='')}"
    response = see(request, page)
    set_session(request, response, arrived.token)
    return response


def _add_password(router: APIRouter, parts: WebParts) -> None:
    def show(request: Request, wanted: str, status: int = 200, **values: Any) -> Response:
        store_of(parts)
        values = {"fault": None, "minutes": 0, "name": "", **values}
        return parts.pages.page(
            request,
            None,
            "sign_in.html",
            status=status,
            wanted=wanted,
            provider=None if parts.config.oidc is None else parts.config.oidc.name,
            is_private=is_secure(request) or is_loopback(request),
            **values,
        )

    @router.get("/sign-in")
    async def page(request: Request, next: str = "") -> Response:
        session = await current_session(request)
        if session is not None and session.stage is Stage.FULL:
            return see(request, safe_next(next))
        return show(request, safe_next(next))

    @router.post("/sign-in")
    async def sign_in(request: Request, form: Form) -> Response:
        wanted, name = safe_next(form.get("next")), form.get("name", "")[:100]
        found = await with_password(parts, arrival(request), name, form.get("password", ""))
        match found:
            case Arrived():
                return arrive(request, found, wanted)
            case Paused():
                return show(request, wanted, 429, fault="paused", minutes=_minutes(found), name=name)
            case None:
                return show(request, wanted, 401, fault="wrong", name=name)


def _add_code(router: APIRouter, parts: WebParts) -> None:
    def show(request: Request, wanted: str, status: int = 200, **values: Any) -> Response:
        values = {"fault": None, "minutes": 0, **values}
        return parts.pages.page(request, None, "sign_in_code.html", status=status, wanted=wanted, **values)

    @router.get("/sign-in/code")
    async def page(request: Request, next: str = "") -> Response:
        session = await current_session(request)
        if session is None or session.stage is not Stage.CODE:
            return see(request, f"{HOME}/sign-in")
        return show(request, safe_next(next))

    @router.post("/sign-in/code")
    async def check(request: Request, form: Form) -> Response:
        session = await current_session(request)
        if session is None or session.stage is not Stage.CODE:
            return see(request, f"{HOME}/sign-in")
        wanted = safe_next(form.get("next"))
        found = await asyncio.to_thread(with_code, parts, arrival(request), session, form.get("code", "")[:40])
        match found:
            case Arrived():
                return arrive(request, found, wanted)
            case Paused():
                return show(request, wanted, 429, fault="paused", minutes=_minutes(found))
            case None:
                return show(request, wanted, 401, fault="wrong_code")


def _add_begin(router: APIRouter, parts: WebParts) -> None:
    def show(request: Request, status: int = 200, **values: Any) -> Response:
        store_of(parts)
        values = {"fault": None, "minutes": 0, "name": "", **values}
        return parts.pages.page(
            request, None, "begin.html", status=status, shortest=SHORTEST, longest=LONGEST, **values
        )

    @router.get("/begin")
    async def page(request: Request) -> Response:
        return show(request)

    @router.post("/begin")
    async def begin(request: Request, form: Form) -> Response:
        name, password = form.get("name", "")[:100], form.get("password", "")
        fault = "different" if password != form.get("again", "") else weakness(password, (name, parts.pages.company))
        if fault is not None:
            return show(request, 422, fault=fault, name=name)
        hashed = await parts.passwords.hash(password)
        found = await asyncio.to_thread(_begin, parts, arrival(request), name, form.get("code", "")[:40], hashed)
        if isinstance(found, Paused):
            return show(request, 429, fault="paused", minutes=_minutes(found), name=name)
        if not found:
            return show(request, 401, fault="wrong_code", name=name)
        arrived = await with_password(parts, arrival(request), name, password)
        return arrive(request, arrived, HOME) if isinstance(arrived, Arrived) else see(request, f"{HOME}/sign-in")


def _begin(parts: WebParts, who: Arrival, name: str, code: str, hashed: str) -> Paused | bool:
    """Set a first password; the work is the same whether there is such an account or not."""
    store, now = store_of(parts), parts.now()
    with store.database.writing() as connection:
        for key, patience in (
            (lockout.address_key(connection, store.vault, who.address), lockout.ADDRESS),
            (lockout.name_key(connection, store.vault, name), lockout.NAME),
        ):
            wait = lockout.count_try(connection, key, patience, now)
            if wait:
                return Paused(wait)
        account = accounts.may_begin(connection, name, code, now)
        if account is not None:
            accounts.set_password(connection, account.id, hashed)
        return account is not None


def _add_sign_out(router: APIRouter, parts: WebParts) -> None:
    @router.post("/sign-out")
    def sign_out(request: Request, signed_in: Annotated[SignedIn, Depends(require(None))]) -> Response:
        with store_of(parts).database.writing() as connection:
            sessions.end(connection, request.cookies.get(session_cookie(request), ""))
        response = see(request, f"{HOME}/sign-in")
        drop_session(request, response)
        return response


def _minutes(paused: Paused) -> int:
    return max(1, -(-int(paused.wait.total_seconds()) // 60))
