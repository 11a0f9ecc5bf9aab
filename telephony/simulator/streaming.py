"""`<Connect><Stream>` for one call: its streams, one after the other, and what was wrong with them."""

import random
from dataclasses import replace
from typing import Protocol

from telephony.simulator.callbacks import Callbacks
from telephony.simulator.fields import CallFacts, new_sid
from telephony.simulator.handset import Handset
from telephony.simulator.options import Mischief, Network
from telephony.simulator.stream import MediaStream, StreamEnd
from telephony.simulator.verbs import Stream
from telephony.simulator.webhooks import Webhooks, reachable
from telephony.simulator.wire import Police, StreamMessages


class Streamed(Protocol):
    """The call whose sound it is."""

    facts: CallFacts
    handset: Handset
    violations: list[str]
    warnings: list[str]

    def clock(self) -> int:
        """Samples since the call was answered."""
        ...


class Streaming:
    """Streams of one call.

    Args:
        call: whose sound it is; told of violations and warnings.
        webhooks: signs the handshake.
        mischief: what goes wrong on purpose.
        chance: decides where.
        callbacks: told that a stream has begun and ended.
    """

    def __init__(
        self, call: Streamed, webhooks: Webhooks, mischief: Mischief, chance: random.Random, callbacks: Callbacks
    ) -> None:
        self._call = call
        self._webhooks = webhooks
        self._mischief = mischief
        self._chance = chance
        self._callbacks = callbacks
        self.sids: list[str] = []
        self.message_counts = {"media": 0, "mark": 0, "clear": 0}

    async def run(self, verb: Stream, network: Network) -> None:
        """One stream, until it ends; being cancelled is how the network ends it."""
        call, mischief = self._call, self._mischief
        stream_sid = new_sid("MZ")
        self.sids.append(stream_sid)
        police = Police(stream_sid)
        messages = StreamMessages(call.facts.account_sid, call.facts.call_sid, stream_sid)
        if mischief.drop_streams is not None and len(self.sids) > mischief.drop_streams:
            mischief = replace(mischief, drop_after_seconds=None)
        stream = MediaStream(call.handset, messages, police, mischief, self._chance, call.clock)
        target, host = reachable(verb.url, network)
        self._callbacks.stream(verb, stream_sid, "stream-started")
        try:
            end = await stream.run(target, host, self._signature(verb.url), verb.parameters)
        finally:
            call.violations.extend(police.violations)
            call.warnings.extend(stream.warnings)
            for event, count in police.counts.items():
                self.message_counts[event] += count
            self._callbacks.stream(verb, stream_sid, "stream-error" if stream.error else "stream-stopped", stream.error)
        if end is StreamEnd.REFUSED:
            call.violations.append(stream.error)

    def _signature(self, url: str) -> dict[str, str]:
        if self._mischief.https_signed_stream:
            url = url.replace("wss://", "https://", 1).replace("ws://", "http://", 1)
        if self._mischief.trailing_slash:
            url = url.rstrip("/") + "/"
        return self._webhooks.signature(url)
