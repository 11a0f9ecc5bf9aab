"""One's own account: language, sessions, password, second factor."""

import asyncio
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response

from voicebot.records.access_log import note
from voicebot.web.forms import fields
from voicebot.web.links import HOME, see
from voicebot.web.parts import WebParts, store_of
from voicebot.web.sign_in import accounts, lockout, second_factor, sessions
from voicebot.web.sign_in.arriving import arrival
from voicebot.web.sign_in.passwords import LONGEST, SHORTEST, weakness
from voicebot.web.sign_in.sessions import Stage
from voicebot.web.signed_in import SignedIn, require, session_rules, set_session
from voicebot.web.texts import LANGUAGES

Anybody = Annotated[SignedIn, Depends(require(None))]

_NAMES: Final = {"nb": "bokmål", "nn": "nynorsk", "en": "English"}
_DONE: Final = frozenset({"password", "language", "sessions"})


def account_router(parts: WebParts) -> APIRouter:
    """The routes below `/console/account`."""
    router = APIRouter(prefix=f"{HOME}/account")
    _add_page(router, parts)
    _add_password(router, parts)

    @router.post("/second-factor")
    async def set_up(request: Request, signed_in: Anybody) -> Response:
        form = await fields(request)
        fault = await _check(parts, signed_in, form.get("old", ""))
        if fault is not None:
            return await asyncio.to_thread(show, parts, request, signed_in, fault)
        token = await asyncio.to_thread(_begin_enrolling, parts, request, signed_in)
        response = see(request, f"{HOME}/sign-in/second-factor")
        set_session(request, response, token)
        return response

    return router


def show(parts: WebParts, request: Request, signed_in: SignedIn, fault: str | None = None, done: str = "") -> Response:
    """The page as it is now; from a thread."""
    now, rules = parts.now(), session_rules(parts)
    with store_of(parts).database.reading() as connection:
        account = accounts.by_id(connection, signed_in.account_id)
        left = second_factor.recovery_left(connection, account.id)
        open_sessions = sessions.listed(connection, account.id, rules, now)
    words = parts.pages.words(parts.pages.language(request, signed_in))
    return parts.pages.page(
        request,
        signed_in,
        "account.html",
        status=200 if fault is None else 422,
        account=account,
        roles=", ".join(words.roles[role] for role in sorted(account.roles)),
        languages=[(code, _NAMES[code]) for code in LANGUAGES],
        sessions=open_sessions,
        left=left,
        fault=fault,
        minutes=1,
        shortest=SHORTEST,
        longest=LONGEST,
        done=done if done in _DONE else "",
    )


def _add_page(router: APIRouter, parts: WebParts) -> None:
    @router.get("")
    def page(request: Request, signed_in: Anybody, done: str = "") -> Response:
        return show(parts, request, signed_in, done=done)

    @router.post("/language")
    async def language(request: Request, signed_in: Anybody) -> Response:
        wanted = (await fields(request)).get("language", "")
        if wanted in LANGUAGES:
            await asyncio.to_thread(_set_language, parts, signed_in, wanted)
        return see(request, f"{HOME}/account?done=language")

    @router.post("/sessions")
    async def end(request: Request, signed_in: Anybody) -> Response:
        wanted = (await fields(request)).get("session", "")
        await asyncio.to_thread(_end, parts, signed_in, wanted)
        return see(request, f"{HOME}/account?done=sessions")


def _add_password(router: APIRouter, parts: WebParts) -> None:
    @router.post("/password")
    async def password(request: Request, signed_in: Anybody) -> Response:
        form = await fields(request)
        old, new = form.get("old", ""), form.get("password", "")
        fault = "different" if new != form.get("again", "") else weakness(new, (signed_in.name, parts.pages.company))
        fault = fault or await _check(parts, signed_in, old) or ("same" if new == old else None)
        if fault is not None:
            return await asyncio.to_thread(show, parts, request, signed_in, fault)
        hashed = await parts.passwords.hash(new)
        await asyncio.to_thread(_set_password, parts, signed_in, hashed)
        return see(request, f"{HOME}/account?done=password")


async def _check(parts: WebParts, signed_in: SignedIn, password: str) -> str | None:
    """Whether whoever sits at the browser knows the password; else "wrong" or "paused"."""
    stored = await asyncio.to_thread(_count, parts, signed_in)
    if stored is None:
        return "paused"
    if not await parts.passwords.matches(stored or None, password):
        return "wrong"
    await asyncio.to_thread(_forgive, parts, signed_in)
    return None


def _count(parts: WebParts, signed_in: SignedIn) -> str | None:
    """The stored password ("" for none), or None when there were too many tries."""
    store = store_of(parts)
    with store.database.writing() as connection:
        key = lockout.name_key(connection, store.vault, f"{signed_in.account_id}:own")
        if lockout.count_try(connection, key, lockout.NAME, parts.now()):
            return None
        return accounts.password_hash(connection, signed_in.account_id) or ""


def _forgive(parts: WebParts, signed_in: SignedIn) -> None:
    store = store_of(parts)
    with store.database.writing() as connection:
        lockout.forgive(connection, lockout.name_key(connection, store.vault, f"{signed_in.account_id}:own"))


def _set_password(parts: WebParts, signed_in: SignedIn, hashed: str) -> None:
    store = store_of(parts)
    with store.database.writing() as connection:
        accounts.set_password(connection, signed_in.account_id, hashed, but=signed_in.session_id)
        note(connection, store.vault, signed_in.name, signed_in.role, "password.set", f"account:{signed_in.name}")


def _set_language(parts: WebParts, signed_in: SignedIn, language: str) -> None:
    with store_of(parts).database.writing() as connection:
        accounts.set_language(connection, signed_in.account_id, language)


def _end(parts: WebParts, signed_in: SignedIn, session_id: str) -> None:
    with store_of(parts).database.writing() as connection:
        if session_id == "all":
            sessions.end_all(connection, signed_in.account_id)
        else:
            sessions.end_one(connection, signed_in.account_id, session_id)


def _begin_enrolling(parts: WebParts, request: Request, signed_in: SignedIn) -> str:
    """Back to the step of the sign-in that sets the second factor up; the old one holds until the new one is proved."""
    with store_of(parts).database.writing() as connection:
        sessions.end_one(connection, signed_in.account_id, signed_in.session_id)
        device = arrival(request).device
        rules = session_rules(parts)
        return sessions.begin(connection, signed_in.account_id, Stage.ENROL, device, rules, parts.now())
