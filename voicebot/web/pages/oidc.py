"""Going to the company's own sign-in, and coming back from it."""

import asyncio
import base64
import binascii
import json
from dataclasses import asdict
from typing import Any, Final

import structlog
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from voicebot.records.errors import SealBroken
from voicebot.web.forms import is_loopback, is_secure
from voicebot.web.links import HOME, safe_next, see
from voicebot.web.parts import WebParts, store_of
from voicebot.web.sign_in import accounts
from voicebot.web.sign_in.accounts import AccountFault
from voicebot.web.sign_in.arriving import Arrived, arrival, begin_elsewhere
from voicebot.web.sign_in.oidc import Attempt, OidcRefused, OidcUnreachable, Provider, new_attempt
from voicebot.web.sign_in.vouched import name_of, roles_of, subject_of
from voicebot.web.signed_in import set_session

log = structlog.get_logger(__name__)

_COOKIE: Final = "voicebot-oidc"
_MINUTES: Final = 10
_PLACE: Final = "cookie.oidc"


def oidc_router(parts: WebParts, provider: Provider) -> APIRouter:
    """The routes `/console/oidc` and `/console/oidc/callback`."""
    router = APIRouter(prefix=f"{HOME}/oidc")

    def refuse(request: Request, fault: str, status: int = 401) -> Response:
        response = parts.pages.page(
            request, None, "oidc_fault.html", status=status, fault=fault, provider=provider.config.name
        )
        response.delete_cookie(_cookie(request), path="/", secure=is_secure(request), httponly=True, samesite="lax")
        return response

    @router.get("")
    async def go(request: Request, next: str = "") -> Response:
        attempt = new_attempt()
        try:
            address = await provider.address(attempt, _redirect_uri(parts, request))
        except OidcUnreachable as fault:
            log.error("the provider of the sign-in cannot be reached", reason=str(fault))
            return refuse(request, "unreachable", 503)
        carried = {**asdict(attempt), "next": safe_next(next), "until": parts.now().timestamp() + _MINUTES * 60}
        response = RedirectResponse(address, status_code=303)
        response.set_cookie(
            _cookie(request),
            await asyncio.to_thread(_seal, parts, carried),
            max_age=_MINUTES * 60,
            path="/",
            secure=is_secure(request),
            httponly=True,
            samesite="lax",
        )
        return response

    @router.get("/callback")
    async def come_back(request: Request) -> Response:
        carried = await asyncio.to_thread(_unseal, parts, request.cookies.get(_cookie(request), ""))
        if carried is None:
            return refuse(request, "refused")
        attempt = Attempt(carried["state"], carried["nonce"], carried["verifier"])
        try:
            claims = await provider.claims(request.query_params, attempt, _redirect_uri(parts, request))
        except OidcUnreachable as fault:
            log.error("the provider of the sign-in cannot be reached", reason=str(fault))
            return refuse(request, "unreachable", 503)
        except OidcRefused as fault:
            log.warning("a sign-in through the provider was refused", reason=str(fault))
            return refuse(request, "refused")
        if not roles_of(claims, provider.config):
            return refuse(request, "no_role", 403)
        try:
            arrived = await asyncio.to_thread(_begin, parts, provider, request, claims)
        except AccountFault:
            return refuse(request, "disabled", 403)
        response = see(request, arrived.after(safe_next(carried["next"])))
        response.delete_cookie(_cookie(request), path="/", secure=is_secure(request), httponly=True, samesite="lax")
        set_session(request, response, arrived.token)
        return response

    return router


def _begin(parts: WebParts, provider: Provider, request: Request, claims: dict[str, Any]) -> Arrived:
    roles, language = roles_of(claims, provider.config), parts.pages.language(request, None)
    with store_of(parts).database.writing() as connection:
        account = accounts.from_oidc(connection, subject_of(claims), name_of(claims), roles, language, parts.now())
    return begin_elsewhere(parts, arrival(request), account)


def _redirect_uri(parts: WebParts, request: Request) -> str:
    """Where the provider sends the browser back to: the configured address, or this machine itself for trying out."""
    if parts.public_url is not None:
        return f"{parts.public_url}{HOME}/oidc/callback"
    if not is_loopback(request):
        raise HTTPException(503)
    return f"{request.url.scheme}://{request.url.netloc}{HOME}/oidc/callback"


def _cookie(request: Request) -> str:
    return f"__Host-{_COOKIE}" if is_secure(request) else _COOKIE


def _seal(parts: WebParts, carried: dict[str, Any]) -> str:
    store = store_of(parts)
    with store.database.reading() as connection:
        sealed = store.vault.seal_named(connection, "sessions", json.dumps(carried), _PLACE)
    return base64.urlsafe_b64encode(sealed).decode()


def _unseal(parts: WebParts, cookie: str) -> dict[str, Any] | None:
    """What the browser was sent away with; None when it is not ours, or too old."""
    store = store_of(parts)
    try:
        with store.database.reading() as connection:
            plain = store.vault.open_named(connection, "sessions", base64.urlsafe_b64decode(cookie), _PLACE)
    except (SealBroken, binascii.Error, ValueError):
        return None
    carried: dict[str, Any] = json.loads(plain)
    return carried if parts.now().timestamp() < carried["until"] else None
