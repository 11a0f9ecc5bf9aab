"""What somebody sees when a request cannot be answered: one plain sentence, and nothing of the machine."""

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from voicebot.records.errors import RecordsUnavailable
from voicebot.web.headers import add_headers
from voicebot.web.links import DESK, HOME, see
from voicebot.web.parts import parts_of
from voicebot.web.signed_in import NotSignedIn

log = structlog.get_logger(__name__)

_PAGES: Final = (HOME, DESK, "/privacy")
"""Below these a fault is told in a page; elsewhere machines ask, and get JSON."""

_KINDS: Final = {403: "not_allowed", 404: "not_found", 405: "not_found", 413: "too_large", 429: "too_many", 503: "busy"}
_OWN_KINDS: Final = frozenset({"form", "no_board", "no_records", "not_allowed"})


def add_fault_pages(app: FastAPI, https: bool) -> None:
    """Tell every fault of the application in its own words.

    Args:
        app: which has its `WebParts` already.
        https: see `voicebot.web.headers.add_headers`.
    """
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(RecordsUnavailable, _no_store)
    app.add_exception_handler(DBAPIError, _no_store)
    app.add_exception_handler(Exception, _broken(https))


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error, NotSignedIn):
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        after = f"?next={quote(wanted, safe='')}" if request.method == "GET" and wanted != HOME else ""
        return see(request, f"{HOME}/sign-in{after}")
    kind = error.detail if error.detail in _OWN_KINDS else _KINDS.get(error.status_code, "broken")
    return _tell(request, error.status_code, kind, dict(error.headers or {}))


async def _invalid(request: Request, error: Exception) -> Response:
    # The library's own answer repeats what was sent.
    return _tell(request, 422, "not_found")


async def _no_store(request: Request, error: Exception) -> Response:
    log.error("the store of records did not answer a page", error=type(error).__name__)
    return _tell(request, 503, "busy", {"Retry-After": "30"})


def _broken(https: bool) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def tell(request: Request, error: Exception) -> Response:
        # Sent from outside of all middleware, so it brings its headers itself.
        response = _tell(request, 500, "broken")
        add_headers(response.headers, https)
        return response

    return tell


def _tell(request: Request, status: int, kind: str, headers: dict[str, str] | None = None) -> Response:
    path = request.url.path
    if any(path == page or path.startswith(f"{page}/") for page in _PAGES):
        response: Response = parts_of(request).pages.fault(request, status, kind)
    else:
        response = JSONResponse({"detail": kind}, status_code=status)
    response.headers.update(headers or {})
    return response
