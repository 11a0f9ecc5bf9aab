"""`<Dial>` with numbers: phones ring, one answers, hears a whisper, and is connected with whoever asked for it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from telephony.simulator.conference import Conference, Member
from telephony.simulator.fields import CallFacts, Pairs, new_sid
from telephony.simulator.handset import Handset
from telephony.simulator.playout import RATE_HZ
from telephony.simulator.verbs import Action, Dial, Party, Room

_RINGBACK = "[it rings]"


class Leg(Protocol):
    """A call to one of the parties; `telephony.simulator.phone_call.PhoneCall`."""

    facts: CallFacts
    handset: Handset
    finished: asyncio.Event

    def clock(self) -> int:
        """Samples since it was answered."""
        ...

    def complete(self) -> None:
        """End it."""
        ...


Connect = Callable[[Leg], Awaitable[None]]
"""Called by a leg that has heard its whisper; comes back when the two have parted."""


class Exchange(Protocol):
    """Knows the phones of the network."""

    def ring_party(self, parent: CallFacts, dial: Dial, party: Party, connect: Connect) -> Leg | None:
        """A call to a party, which rings at once; None when no phone has this number."""
        ...


@dataclass(frozen=True, slots=True)
class Dialled:
    """How a `<Dial>` went.

    Args:
        status: as `DialCallStatus` has it.
        sid: of the leg that answered, or else of the last one.
        seconds: how long it lasted.
        bridged: whether the two were connected.
    """

    status: str
    sid: str
    seconds: int
    bridged: bool

    def fields(self, *, with_bridged: bool) -> dict[str, str]:
        """What the action is told beside the usual."""
        lasted = {"DialCallDuration": str(self.seconds)} if self.status == "completed" else {}
        bridged = {"DialBridged": str(self.bridged).lower()} if with_bridged else {}
        return {"DialCallStatus": self.status, "DialCallSid": self.sid, **lasted, **bridged}


@dataclass(slots=True)
class _Bridge:
    """The two ends while they are connected: a room of their own that nobody is told of."""

    caller: Member
    conference: Conference
    legs: list[Leg] = field(default_factory=list)
    winner: Leg | None = None

    async def connect(self, leg: Leg) -> None:
        """Let a leg in, if no other was quicker; the others stop ringing."""
        if self.winner is not None or self.conference.over:
            return
        self.winner = leg
        for other in self.legs:
            if other is not leg:
                other.complete()
        member = Member(leg.facts, leg.handset, leg.clock, _ROOM, _silence)
        try:
            await self.conference.stay(member)
        finally:
            self.conference.leave(member, "participant_hung_up")


async def dialled(dial: Dial, exchange: Exchange, caller: Member) -> Dialled | None:
    """Ring the parties at the same time, and connect the first who is through with the whisper.

    Args:
        dial: whom to ring.
        exchange: knows their phones.
        caller: whoever is to be connected; enters and leaves the bridge.
    Returns:
        How it went, or None when the network has none of these phones. Being cancelled ends every leg.
    """
    bridge = _Bridge(caller, Conference(_ROOM, caller.facts.account_sid, _tell_nobody))
    for party in dial.parties:
        leg = exchange.ring_party(caller.facts, dial, party, bridge.connect)
        if leg is not None:
            bridge.legs.append(leg)
    if not bridge.legs:
        return None
    caller.handset.hear_network(_RINGBACK)
    staying = asyncio.create_task(bridge.conference.stay(caller))
    ending = asyncio.create_task(_all_over(bridge.legs))
    try:
        await asyncio.wait({staying, ending}, timeout=dial.limit_seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for leg in bridge.legs:
            leg.complete()
        bridge.conference.leave(caller, "participant_hung_up")
        for task in (staying, ending):
            task.cancel()
    if bridge.winner is not None:
        winner = bridge.winner
        return Dialled("completed", winner.facts.call_sid, winner.clock() // RATE_HZ, bridged=True)
    await _all_over(bridge.legs)
    answered = [leg for leg in bridge.legs if leg.facts.status == "completed"]
    last = (answered or bridge.legs)[-1]
    return Dialled(last.facts.status, last.facts.call_sid, last.clock() // RATE_HZ, bridged=False)


async def _all_over(legs: Sequence[Leg]) -> None:
    for leg in legs:
        await leg.finished.wait()


def pretended(result: str) -> Dialled:
    """How a `<Dial>` went to a phone that is not in this network."""
    unbridged = result == "unbridged"
    return Dialled("completed" if unbridged else result, new_sid("CA"), 1, bridged=result == "completed")


async def _silence(action: Action) -> None:
    """Nobody waits in a bridge."""


def _tell_nobody(action: Action, fields: Pairs) -> None:
    """A bridge is not a conference to anybody outside."""


_ROOM = Room("", None, True, True, Action("", ""), None, frozenset())
