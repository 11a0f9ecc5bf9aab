"""What the bot tells about a call while it runs: its server-sent events at `/calls/{call_id}/feed`."""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from telephony.simulator.options import Network
from telephony.simulator.signature import feed_token
from telephony.simulator.webhooks import reachable

_log = logging.getLogger(__name__)

_BUSY = ("thinking", "speaking")
_AGAIN_SECONDS = 0.5
_PATIENCE_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.5)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One event of the bot's account.

    Args:
        kind: caller, bot, decision, state, interrupted, transfer or ended; others are kept and ignored.
        text: the words, or the state.
        details: what the bot says beside it.
        at_seconds: by the bot's clock.
        position: when it arrived, in samples of the call.
    """

    kind: str
    text: str
    details: Mapping[str, Any]
    at_seconds: float
    position: int


@dataclass(slots=True)
class Feed:
    """The bot's account of one call as far as it has come.

    Args:
        clock: samples since the call was answered.
        on_entry: told of every entry.
    """

    clock: Callable[[], int]
    on_entry: Callable[[FeedEntry], None] = lambda entry: None
    entries: list[FeedEntry] = field(default_factory=list)
    missing: str = "the bot's feed was not reached"

    @property
    def is_there(self) -> bool:
        """Whether the bot gives one."""
        return not self.missing

    @property
    def bot_is_busy(self) -> bool:
        """Whether the bot says that it is thinking or speaking."""
        states = [entry.text.lower() for entry in self.entries if entry.kind == "state"]
        return bool(states) and states[-1] in _BUSY

    def add(self, data: str) -> None:
        """Take the data of one event; what cannot be read is logged and kept as such."""
        try:
            body = json.loads(data)
            entry = FeedEntry(
                kind=str(body["kind"]),
                text=str(body.get("text", "")),
                details=dict(body.get("details") or {}),
                at_seconds=float(body.get("at_seconds", 0.0)),
                position=self.clock(),
            )
        except (ValueError, KeyError, TypeError) as error:
            _log.warning("an event of the feed cannot be read (%s)", type(error).__name__)
            entry = FeedEntry("unreadable", "", {}, 0.0, self.clock())
        self.entries.append(entry)
        self.on_entry(entry)

    async def follow(
        self, client: httpx.AsyncClient, network: Network, call_sid: str, is_over: Callable[[], bool]
    ) -> None:
        """Read events until the call is over. A bot without a feed is noted in `missing`, not an error.

        A feed that ends while the call goes on (its stream was lost and has come back) is asked for again; it begins
        from its first event, and what is known already is passed over.
        """
        url, host = reachable(network.url(f"/calls/{call_sid}/feed"), network)
        bearer = f"Bearer {feed_token(network.auth_token, call_sid)}"
        headers = {"Authorization": bearer, "Accept": "text/event-stream", "Host": host}
        impatience = iter(_PATIENCE_SECONDS)
        while True:
            try:
                timeout = httpx.Timeout(5.0, read=None)
                async with client.stream("GET", url, headers=headers, timeout=timeout) as response:
                    if response.status_code == 200:
                        self.missing = ""
                        await self._read(response)
                    elif not self.is_there:
                        self.missing = f"the bot gives no feed (HTTP {response.status_code})"
            except httpx.HTTPError as error:
                if not self.is_there:
                    self.missing = f"the bot's feed was not reached ({type(error).__name__})"
            wait = _AGAIN_SECONDS if self.is_there else next(impatience, None)
            if is_over() or wait is None:
                return
            await asyncio.sleep(wait)

    async def _read(self, response: httpx.Response) -> None:
        data: list[str] = []
        event = "message"
        known = len(self.entries)
        async for line in response.aiter_lines():
            if line.startswith("event:"):
                event = line[6:].strip()
            elif line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
            elif not line and data:
                # Events with a name of their own are about the feed, not about the call.
                if event == "message" and known == 0:
                    self.add("\n".join(data))
                known -= event == "message" and known > 0
                data.clear()
                event = "message"
