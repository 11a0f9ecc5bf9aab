"""What is asked of every HTTP request before anybody reads it: how long, how large, how many parts, how slow.

Every body this service has a use for is a form or a short JSON document. It is read whole here, within its size and its
time, and handed on; so no route can be made to wait for a body, or to hold a large one.
"""

import asyncio
from typing import Final

import structlog
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voicebot.metrics import Metrics

MAX_BODY_BYTES: Final = 65_536
MAX_FORM_FIELDS: Final = 300
MAX_TARGET_BYTES: Final = 2_048
MAX_HEADERS: Final = 100
BODY_SECONDS: Final = 10.0

log = structlog.get_logger(__name__)


class _Refused(Exception):
    """A request that goes no further.

    Args:
        status: of the answer.
        reason: a short name for the metrics.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Guard:
    """ASGI middleware around the whole application.

    Args:
        app: what it guards.
        metrics: counts what is refused, by reason.
        body_seconds: the longest time a body may take to arrive.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, body_seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._metrics = metrics
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it at once with what is wrong about it."""
        try:
            if scope["type"] in ("http", "websocket"):
                _check_head(scope)
            if scope["type"] == "http":
                body = await self._body(scope, receive)
                if body is None:
                    return
                receive = _Replayed(body, receive)
        except _Refused as refused:
            self._metrics.door_refused.labels(refused.reason).inc()
            log.info("a request was refused at the door", reason=refused.reason)
            await _answer(refused, scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _body(self, scope: Scope, receive: Receive) -> Message | None:
        """The whole body as one message; None when whoever sent it has gone."""
        body, more = bytearray(), True
        try:
            async with asyncio.timeout(self._body_seconds):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    body += message.get("body", b"")
                    more = message.get("more_body", False)
                    if len(body) > MAX_BODY_BYTES:
                        raise _Refused(413, "body_size")
        except TimeoutError:
            raise _Refused(408, "body_time") from None
        if _header(scope, b"content-type").startswith(_FORM):
            if body.count(b"&") >= MAX_FORM_FIELDS:
                raise _Refused(413, "form_fields")
            _check_zeros(body)
        return {"type": "http.request", "body": bytes(body), "more_body": False}


_FORM = b"application/x-www-form-urlencoded"


class _Replayed:
    """A body that has been read, then whatever comes after it."""

    def __init__(self, first: Message, rest: Receive) -> None:
        self._first: Message | None = first
        self._rest = rest

    async def __call__(self) -> Message:
        first, self._first = self._first, None
        return first if first is not None else await self._rest()


def _check_head(scope: Scope) -> None:
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_TARGET_BYTES:
        raise _Refused(414, "target_size")
    if len(scope["headers"]) > MAX_HEADERS:
        raise _Refused(431, "headers")
    _check_zeros((scope.get("raw_path") or b"") + scope["query_string"])
    if scope["type"] == "websocket":
        return
    length = _header(scope, b"content-length")
    if length.isdigit() and int(length) > MAX_BODY_BYTES:
        raise _Refused(413, "body_size")
    if _header(scope, b"content-type").startswith(b"multipart/"):
        # Nothing here takes files, and its parts cost far more to take apart than to send.
        raise _Refused(415, "body_type")


def _check_zeros(encoded: bytes | bytearray) -> None:
    """No text has a zero in it, and PostgreSQL takes none."""
    if b"%00" in encoded or b"\0" in encoded:
        raise _Refused(400, "zero")


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"").strip().lower()


async def _answer(refused: _Refused, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    # Closing the connection spares us the rest of what we did not want to read.
    response = PlainTextResponse(refused.reason + "\n", refused.status, headers={"Connection": "close"})
    await response(scope, receive, send)
