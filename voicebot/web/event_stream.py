"""An answer that goes on for as long as the browser stays: server-sent events."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

SEND_SECONDS: Final = 30.0
"""How long a browser may take nothing of what waits for it; it has come back by then, or is dead."""


class EventStream(Response):
    """Sends events until they end, the browser goes, or it takes nothing any more.

    Args:
        events: complete events, as bytes.
        send_seconds: see `SEND_SECONDS`.
    """

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes, None], send_seconds: float = SEND_SECONDS) -> None:
        # A proxy that gathers what it passes on would keep news from people; nginx knows this header.
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._events = events
        self._send_seconds = send_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One browser."""
        async with asyncio.TaskGroup() as tasks:
            gone = tasks.create_task(_until_gone(receive))
            sending = tasks.create_task(self._send_all(send))
            await asyncio.wait((gone, sending), return_when=asyncio.FIRST_COMPLETED)
            gone.cancel()
            sending.cancel()

    async def _send_all(self, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            async with aclosing(self._events):
                async for message in self._events:
                    async with asyncio.timeout(self._send_seconds):
                        await send({"type": "http.response.body", "body": message, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            return


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
