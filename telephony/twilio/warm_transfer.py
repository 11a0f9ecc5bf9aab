"""One warm transfer on Twilio: carries the state machine's orders out, and tells it what Twilio says.

The machine (`telephony.transfer`) decides; this rings, ends and moves calls by REST, keeps the deadline, and answers
Twilio's questions from the machine's state, so that a question asked twice gets one answer. Source: twilio.md, 4.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, assert_never

from telephony.call import NobodyCame, PersonGone, PersonReady, PersonRings, PersonTook, TransferNews
from telephony.errors import CarrierRefused
from telephony.transfer.happenings import (
    Attempted,
    CallerGone,
    Declined,
    EndLeg,
    Finished,
    Happening,
    LegMade,
    LegRefused,
    MoveCaller,
    Order,
    ReturnCaller,
    Ring,
    Taken,
    TellCaller,
    Tick,
)
from telephony.transfer.request import TransferRecord, WarmRequest
from telephony.transfer.states import Attempt, Phase, Transfer
from telephony.transfer.transfer import begin, step

_log = logging.getLogger(__name__)


class Legs(Protocol):
    """Rings people and ends calls; `telephony.twilio.rest.TwilioRest` behind addresses."""

    async def ring(self, transfer: str, ring: Ring) -> str:
        """Ring somebody; the leg's id.

        Raises:
            CarrierRefused: with status 0 when it is not known whether the phone rings now.
        """
        ...

    async def end(self, leg: str) -> bool:
        """End a leg."""
        ...

    async def fetch_caller(self, transfer: str) -> None:
        """Bring the caller back from the room to the bot.

        Raises:
            CarrierRefused: the caller has gone, or the carrier would not.
        """
        ...


class WarmTransfer:
    """One caller on the way to a person.

    Args:
        request: who is asked, and what they hear.
        legs: rings and ends.
        tell: told what the caller's conversation must know; never called again once the caller has been moved.
        record: told what is to be written down.
        clock: seconds that go on over a restart.
    """

    def __init__(
        self,
        request: WarmRequest,
        legs: Legs,
        tell: Callable[[TransferNews], None],
        record: Callable[[str, TransferRecord], None],
        clock: Callable[[], float],
    ) -> None:
        self.id = request.id
        self.request = request
        self._legs = legs
        self._tell = tell
        self._record = record
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._alarm: asyncio.TimerHandle | None = None
        self.over = asyncio.Event()
        self.state, orders = begin(self.id, request.rounds, request.patience, clock())
        self._after(orders)

    def happen(self, happening: Happening) -> Transfer:
        """Something has happened; the state that it led to."""
        self.state, orders = step(self.state, happening, self._clock())
        self._after(orders)
        return self.state

    def person_takes(self, person: str) -> bool:
        """Somebody takes the caller on their screen; see `Call.person_takes`."""
        before = self._attempt_of(person)
        if before is not None:
            self.happen(Taken(before.number))
        after = self._attempt_of(person)
        return after is not None and after.taken

    def person_declines(self, person: str, reason: str) -> bool:
        """Somebody says on their screen that they cannot; see `Call.person_declines`."""
        attempt = self._attempt_of(person)
        if attempt is None:
            return False
        self.happen(Declined(attempt.number, reason))
        return self._attempt_of(person) is None

    def _attempt_of(self, person: str) -> Attempt | None:
        return next((one for one in self.state.open_attempts if one.person.id == person), None)

    def caller_gone(self) -> None:
        """The caller has hung up: whoever is ringing stops."""
        self.happen(CallerGone())

    async def close(self) -> None:
        """End what is going on; whoever is ringing stops."""
        self.caller_gone()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self.request.patience.bridge)
        if self._alarm is not None:
            self._alarm.cancel()

    def _after(self, orders: tuple[Order, ...]) -> None:
        for order in orders:
            self._carry_out(order)
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self.state.phase is Phase.OVER:
            self.over.set()
            return
        wait = max(0.0, self.state.deadline - self._clock())
        self._alarm = asyncio.get_running_loop().call_later(wait, self._wake)

    def _wake(self) -> None:
        self.happen(Tick())

    def _carry_out(self, order: Order) -> None:
        match order:
            case Ring():
                self._start(self._ring(order))
            case EndLeg(leg=leg):
                self._start(self._end(leg))
            case TellCaller():
                self._tell(PersonTook(self._winner()))
            case MoveCaller():
                self._tell(PersonReady(self._winner()))
            case ReturnCaller(why, moved):
                if moved:
                    self._start(self._fetch())
                else:
                    self._tell(NobodyCame(why))
            case Attempted(_, person, outcome):
                self._tell(PersonGone(person, outcome))
                self._record(self.id, order)
            case Finished():
                self._record(self.id, order)
            case _:
                assert_never(order)

    def _winner(self) -> str:
        attempt = self.state.attempt(self.state.winner)
        assert attempt is not None, "a caller is moved to somebody"
        return attempt.person.id

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ring(self, ring: Ring) -> None:
        try:
            leg = await self._legs.ring(self.id, ring)
        except CarrierRefused as refused:
            _log.error("transfer %s: attempt %d: %s", self.id, ring.attempt, refused)
            if refused.status:
                self.happen(LegRefused(ring.attempt))
            # Without an answer nobody knows whether the phone rings: its callbacks or the deadline will tell.
            return
        self.happen(LegMade(ring.attempt, leg))
        if self.state.phase is Phase.RINGING:
            self._tell(PersonRings(ring.person.id, ring.person.department))

    async def _end(self, leg: str) -> None:
        try:
            await self._legs.end(leg)
        except CarrierRefused as refused:
            # The leg's own time limits end it: ringing, whispering and the room are all bounded.
            _log.error("transfer %s: a leg could not be ended: %s", self.id, refused)

    async def _fetch(self) -> None:
        try:
            await self._legs.fetch_caller(self.id)
        except CarrierRefused as refused:
            _log.warning("transfer %s: the caller could not be fetched: %s", self.id, refused)
