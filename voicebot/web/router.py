"""Everything below /console and /agent, and what it puts around the whole application."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import HTMLResponse

from voicebot.web.faults import add_fault_pages
from voicebot.web.headers import SecureHeaders
from voicebot.web.links import HOME
from voicebot.web.pages.account import account_router
from voicebot.web.pages.accounts import accounts_router
from voicebot.web.pages.agent.live import LiveDesk
from voicebot.web.pages.agent.routes import agent_router
from voicebot.web.pages.oidc import oidc_router
from voicebot.web.pages.public import public_router
from voicebot.web.pages.records import records_router
from voicebot.web.pages.sign_in import sign_in_router
from voicebot.web.parts import WebParts
from voicebot.web.sign_in.oidc import Provider
from voicebot.web.signed_in import SignedIn, require
from voicebot.web.static_files import static_router


def add_web(app: FastAPI, parts: WebParts, provider: Provider | None = None) -> None:
    """Put the console into the application, and headers and plain fault pages around all of it.

    Args:
        app: the application.
        parts: what its pages use.
        provider: of OpenID Connect, already made; None makes the configured one, if one is configured.
    """
    https = urlsplit(parts.public_url or "").scheme == "https"
    live = None if parts.board is None else LiveDesk(parts, parts.board)
    app.state.web, app.state.live_desk = parts, live
    app.add_middleware(SecureHeaders, https=https)
    add_fault_pages(app, https)
    app.include_router(public_router())
    if parts.config.enabled:
        app.include_router(web_router(parts, live))
        if provider is None and parts.config.oidc is not None:
            provider = Provider(parts.config.oidc)
        if provider is not None:
            app.include_router(oidc_router(parts, provider), include_in_schema=False)


def end_streams(app: FastAPI) -> None:
    """Let go of the pages that are told what is new: a server waits for open connections before it ends."""
    live: LiveDesk | None = app.state.live_desk
    if live is not None:
        live.close()


def web_router(parts: WebParts, live: LiveDesk | None) -> APIRouter:
    """The console's routes."""
    router = APIRouter(include_in_schema=False)
    router.include_router(static_router())
    router.include_router(_home(parts))
    router.include_router(sign_in_router(parts))
    router.include_router(account_router(parts))
    router.include_router(accounts_router(parts))
    router.include_router(records_router())
    router.include_router(agent_router(parts, live))
    return router


def _home(parts: WebParts) -> APIRouter:
    router = APIRouter()

    @router.get(HOME)
    async def home(request: Request, signed_in: Annotated[SignedIn, Depends(require(None))]) -> HTMLResponse:
        words = parts.pages.words(parts.pages.language(request, signed_in))
        roles = ", ".join(words.roles[role] for role in sorted(signed_in.roles))
        return parts.pages.page(request, signed_in, "home.html", roles=roles)

    return router
