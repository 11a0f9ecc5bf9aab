"""Tells the bot how a call and its streams go: status callbacks, each a request of its own, in no promised order."""

import asyncio
from dataclasses import dataclass

from telephony.simulator.fields import CallFacts, Pairs
from telephony.simulator.post import CALL, MACHINE, STREAM, Letter
from telephony.simulator.verbs import Action, Stream
from telephony.simulator.webhooks import Webhooks


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who is told about a call's progress, and of which events."""

    action: Action
    events: frozenset[str] = frozenset(("completed",))


class Callbacks:
    """The callbacks of one call.

    Args:
        webhooks: delivers them.
        facts: the call; its status is kept here.
        subscription: who is told of the call's progress, if anybody.
    """

    def __init__(self, webhooks: Webhooks, facts: CallFacts, subscription: Subscription | None) -> None:
        self._webhooks = webhooks
        self._facts = facts
        self._subscription = subscription
        self._sequence = 0
        self._under_way: set[asyncio.Task[None]] = set()

    def progress(self, event: str, status: str, **more: str) -> None:
        """The call has come to another status.

        Args:
            event: initiated, ringing, answered or completed.
            status: what `CallStatus` says from now on.
            more: further fields.
        """
        self._facts.status = status
        if self._subscription is None or event not in self._subscription.events:
            return
        # The API calls it queued, the callback initiated.
        told = {"CallStatus": event} if event == "initiated" else {}
        fields = self._facts.progress(self._sequence, **told, **more)
        self._sequence += 1
        self._deliver(CALL, self._subscription.action, fields)

    def detected(self, action: Action, answered_by: str, milliseconds: int) -> None:
        """It is known whether a person or a machine has answered."""
        fields = self._facts.fields(AnsweredBy=answered_by, MachineDetectionDuration=str(milliseconds))
        self._deliver(MACHINE, action, fields)

    def stream(self, verb: Stream, stream_sid: str, event: str, error: str = "") -> None:
        """A stream has started, stopped or failed."""
        if verb.callback is not None:
            self._deliver(STREAM, verb.callback, self._facts.stream(stream_sid, event, verb.name, error))

    async def delivered(self) -> None:
        """Wait until everything has been delivered, or has failed to be."""
        if self._under_way:
            await asyncio.wait(self._under_way)

    def abandon(self) -> None:
        """Deliver nothing more: the network is closed."""
        for task in self._under_way:
            task.cancel()

    def _deliver(self, kind: str, action: Action, fields: Pairs) -> None:
        task = asyncio.create_task(self._webhooks.notify(Letter(kind, action.url, fields), action.method))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
