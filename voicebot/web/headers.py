"""The headers every answer carries, whichever route gave it: what a browser may do with it, and what it may not."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""What pages may load and do, where a route names nothing stricter or wider itself (`/try` does)."""

_ALWAYS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": browsers then send our own forms with "Origin: null".
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_HTTPS: Final = {"Strict-Transport-Security": "max-age=31536000"}


def add_headers(headers: MutableHeaders, https: bool) -> None:
    """Add what is missing; a header that a route has set itself stays.

    Args:
        headers: of an answer.
        https: whether browsers reach us over https; from then on they are to use nothing else.
    """
    for name, value in {**_ALWAYS, **(_HTTPS if https else {})}.items():
        headers.setdefault(name, value)


class SecureHeaders:
    """ASGI middleware that adds the headers to every answer over HTTP; WebSockets pass untouched.

    Args:
        app: what is wrapped.
        https: see `add_headers`.
    """

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message), self._https)
            await send(message)

        await self._app(scope, receive, send_with_headers)
