"""A live feed of one call for whoever may see it: the operator's simulator, later the agent's console.

Captions are kept in memory for the length of the call plus a short while, bounded in number, and never logged.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import StreamingResponse

from telephony.call import Caption

KEPT_CALLS = 64
KEPT_CAPTIONS = 2_000
KEPT_SECONDS = 60.0
"""How long the words of a call stay in memory after its end: enough to read the last of them, or for a lost stream."""


def feed_token(auth_token: str, call_id: str) -> str:
    """The bearer token for one call's feed: whoever can sign a webhook can read the call it placed.

    Args:
        auth_token: the carrier's auth token.
        call_id: the call.
    """
    return hmac.new(auth_token.encode(), f"feed:{call_id}".encode(), hashlib.sha256).hexdigest()


@dataclass(slots=True)
class _Channel:
    began: float
    captions: list[dict[str, object]] = field(default_factory=list)
    ended: bool = False
    news: asyncio.Condition = field(default_factory=asyncio.Condition)


class Feed:
    """Captions of the calls in progress, each call a list that listeners follow from its beginning.

    Args:
        kept_seconds: how long a call's captions stay after its end.
    """

    def __init__(self, kept_seconds: float = KEPT_SECONDS) -> None:
        self._kept_seconds = kept_seconds
        self._channels: OrderedDict[str, _Channel] = OrderedDict()

    def _channel(self, call_id: str) -> _Channel:
        if call_id not in self._channels:
            self._channels[call_id] = _Channel(time.monotonic())
            while len(self._channels) > KEPT_CALLS:
                self._channels.popitem(last=False)
        return self._channels[call_id]

    async def publish(self, call_id: str, caption: Caption) -> None:
        """Add a caption; the kind "ended" closes the call's feed, until a lost stream comes back."""
        channel = self._channel(call_id)
        async with channel.news:
            if len(channel.captions) < KEPT_CAPTIONS:
                channel.captions.append(
                    {
                        "kind": caption.kind,
                        "text": caption.text,
                        "details": dict(caption.details),
                        "at_seconds": round(time.monotonic() - channel.began, 3),
                    }
                )
            channel.ended = caption.kind == "ended"
            if channel.ended:
                asyncio.get_running_loop().call_later(self._kept_seconds, self._forget, call_id)
            channel.news.notify_all()

    def _forget(self, call_id: str) -> None:
        channel = self._channels.get(call_id)
        if channel is not None and channel.ended:
            del self._channels[call_id]

    async def follow(self, call_id: str, patience_seconds: float = 10.0) -> AsyncIterator[dict[str, object]]:
        """Every caption of a call, from the first, until the call ends.

        Args:
            call_id: the call; it may begin up to `patience_seconds` later.
            patience_seconds: how long to wait for a call that has not begun.
        Raises:
            TimeoutError: it did not begin.
        """
        channel, sent = self._channel(call_id), 0
        while True:
            # Only the first caption has a deadline: a call may be quiet, and it always ends.
            async with channel.news, asyncio.timeout(patience_seconds if sent == 0 else None):
                while len(channel.captions) == sent and not channel.ended:
                    await channel.news.wait()
                fresh = channel.captions[sent:]
            for caption in fresh:
                yield caption
            sent += len(fresh)
            if channel.ended and sent == len(channel.captions):
                return


def feed_router(feed: Feed, auth_tokens: tuple[str, ...]) -> APIRouter:
    """`GET /calls/{call_id}/feed`: server-sent events of one call, for holders of its token.

    Args:
        feed: where the captions come from.
        auth_tokens: the carrier's tokens; with none, nobody can read any feed.
    """
    router = APIRouter()

    @router.get("/calls/{call_id}/feed")
    async def follow(call_id: str, request: Request) -> StreamingResponse:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not any(hmac.compare_digest(given.encode(), feed_token(token, call_id).encode()) for token in auth_tokens):
            raise HTTPException(401, "this feed needs the call's own token")

        async def events() -> AsyncIterator[str]:
            try:
                async for caption in feed.follow(call_id):
                    yield f"data: {json.dumps(caption, ensure_ascii=False, default=str)}\n\n"
            except TimeoutError:
                yield "event: missing\ndata: {}\n\n"

        return StreamingResponse(events(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    return router
