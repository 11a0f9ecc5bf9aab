"""The server under the application: which connections it keeps, how long it waits for them, and whom it believes."""

import asyncio
from typing import Any, Final

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from voicebot.config import Config

HEAD_SECONDS: Final = 10.0
"""How long a request's line and headers may take. uvicorn itself would wait for ever."""
MAX_HEAD_BYTES: Final = 16_384
MAX_MESSAGE_BYTES: Final = 65_536
"""The longest WebSocket message that is read. Twilio's have some 300 bytes, a page's 640."""
MAX_QUEUED_MESSAGES: Final = 32
CLOSING_SECONDS: Final = 5
"""How long the server waits for open connections when it ends."""


def server_settings(app: ASGIApp, config: Config) -> uvicorn.Config:
    """How the application is served, everywhere the same.

    Args:
        app: what is served.
        config: whom to believe about addresses, and how many calls there may be.
    """
    return uvicorn.Config(
        app,
        http=_connection(most=config.limits.connections),
        log_config=None,
        access_log=False,
        server_header=False,
        # Named even when nobody is trusted: left out, uvicorn would read the environment.
        forwarded_allow_ips=list(config.server.trusted_proxies),
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        ws_per_message_deflate=False,
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_max_queue=MAX_QUEUED_MESSAGES,
        timeout_graceful_shutdown=CLOSING_SECONDS,
    )


class ImpatientConnection(H11Protocol):
    """An HTTP connection whose other side has to say what it wants in time, and must not be one too many.

    A telephone company opens a few connections per call; whoever opens thousands, or sends one header a minute, wants
    to keep others out.
    """

    most = 1_024
    head_seconds = HEAD_SECONDS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Start to wait for the first request."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            transport.abort()
            return
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Go on waiting while a head is not complete; each byte of it does not count as a new beginning."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._deadline is None:
            self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait_for_head(self) -> None:
        self._deadline = self.loop.call_later(self.head_seconds, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _connection(most: int) -> type[ImpatientConnection]:
    return type("Connection", (ImpatientConnection,), {"most": most})
