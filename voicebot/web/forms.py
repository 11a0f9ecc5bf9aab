"""Forms that only our own pages can send: each carries a token, and browsers must not say it comes from elsewhere.

A signed-in browser's token is its session's. A page for everybody gives the browser a cookie and puts the same value
into its form; `open_form` compares them.
"""

import secrets
from typing import Final
from urllib.parse import urlsplit

from fastapi import HTTPException, Request
from starlette.datastructures import FormData

from voicebot.web.parts import parts_of

FIELD: Final = "csrf"
_FORM_COOKIE: Final = "voicebot-form"
_LONGEST_VALUE: Final = 4096


class FormRefused(HTTPException):
    """A form that did not come from a page of ours, or from one that is too old."""

    def __init__(self) -> None:
        super().__init__(403, "form")


async def fields(request: Request) -> dict[str, str]:
    """The form's text fields, trimmed and with the last of each name.

    Raises:
        HTTPException: 413 for a field longer than a form of ours can hold.
    """
    form: FormData = await request.form()
    # A zero byte has no place in what people write, and PostgreSQL takes none.
    found = {name: value.replace("\0", "").strip() for name, value in form.multi_items() if isinstance(value, str)}
    if any(len(value) > _LONGEST_VALUE for value in found.values()):
        raise HTTPException(413)
    return found


async def check_form(request: Request, expected: str) -> None:
    """Refuse a form without this token, or one that the browser says another site has sent.

    Raises:
        FormRefused: with nothing about the reason.
    """
    if not _own_origin(request):
        raise FormRefused
    given = (await fields(request)).get(FIELD, "")
    if not expected or not secrets.compare_digest(given.encode(), expected.encode()):
        raise FormRefused


async def open_form(request: Request) -> dict[str, str]:
    """The fields of a form on a page for everybody; a dependency.

    Raises:
        FormRefused: see `check_form`.
    """
    await check_form(request, request.cookies.get(form_cookie(request), ""))
    return await fields(request)


def form_cookie(request: Request) -> str:
    """Its name: the prefix keeps other hosts of the same domain from setting it."""
    return f"__Host-{_FORM_COOKIE}" if is_secure(request) else _FORM_COOKIE


def form_token(request: Request) -> str:
    """The browser's form token, a new one when it has none."""
    held = request.cookies.get(form_cookie(request), "")
    return held if 32 <= len(held) <= 64 and held.isascii() and held.isprintable() else secrets.token_urlsafe(32)


def is_secure(request: Request) -> bool:
    """Whether the browser reaches us over https, as far as we and the configured address can tell."""
    if request.url.scheme == "https":
        return True
    public = urlsplit(parts_of(request).public_url or "")
    return public.scheme == "https" and request.headers.get("host", "").lower() == public.netloc.lower()


def is_loopback(request: Request) -> bool:
    """Whether the address in the browser names this machine itself."""
    return request.url.hostname in ("localhost", "127.0.0.1", "::1")


def _own_origin(request: Request) -> bool:
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    ours = {request.headers.get("host", "").lower()}
    public_url = parts_of(request).public_url
    if public_url is not None:
        ours.add(urlsplit(public_url).netloc.lower())
    try:
        return urlsplit(origin).netloc.lower() in ours
    except ValueError:
        return False
