"""One warm transfer on Twilio: carries the state machine's orders out, and tells it what Twilio says.

The machine (`telephony.transfer`) decides; this rings, ends and moves calls by REST, and keeps the deadline.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, assert_never

from telephony.call import NobodyCame, PersonGone, PersonReady, PersonRings, PersonTook, TransferNews
from telephony.errors import CarrierRefused, PersonBusy
from telephony.transfer.happenings import (
    CallerGone,
    Declined,
    Happening,
    LegMade,
    LegRefused,
    Taken,
    Tick,
)
from telephony.transfer.orders import (
    Attempted,
    EndLeg,
    Finished,
    MoveCaller,
    Order,
    ReturnCaller,
    Ring,
    TellCaller,
    TellRinging,
)
from telephony.transfer.states import CallerPlace, LegState, Phase, Transfer
from telephony.transfer.transfer import step

_CLOSING_SECONDS = 10.0

_log = logging.getLogger(__name__)

Tell = Callable[[TransferNews], None]


class Legs(Protocol):
    """Rings people and ends calls; `telephony.twilio.transfers.Transfers`."""

    async def ring(self, transfer: str, ring: Ring) -> str:
        """Ring somebody; the leg's id.

        Raises:
            PersonBusy: they are not to be rung now.
            CarrierRefused: with status 0 when it is not known whether the phone rings now.
        """
        ...

    async def end(self, leg: str) -> bool:
        """End a leg."""
        ...

    async def dismiss(self, transfer: str, leg: str) -> None:
        """Tell somebody who listens that no caller will come, and end their leg.

        Raises:
            CarrierRefused: the carrier would not.
        """
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
        state: where it stands.
        legs: rings and ends.
        record: told what is to be written down.
        changed: told after everything that has happened.
        clock: seconds that go on over a restart.
    """

    def __init__(
        self,
        state: Transfer,
        legs: Legs,
        record: Callable[[Attempted | Finished], None],
        changed: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self.id = state.id
        self.state = state
        self._legs = legs
        self._record = record
        self._changed = changed
        self._clock = clock
        self._tell: Tell | None = None
        self._untold: NobodyCame | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._alarm: asyncio.TimerHandle | None = None
        self.over = asyncio.Event()

    # Whoever holds the conversation.

    def attach(self, tell: Tell) -> None:
        """Somebody talks with the caller from now on, and is told how it goes."""
        self._tell = tell

    def detach(self, tell: Tell) -> None:
        """They do not any more, unless somebody else does already."""
        if self._tell == tell:
            self._tell = None

    def rejoin(self, tell: Tell) -> bool:
        """A caller is back from a lost stream: whoever talks with them now is told how things stand, once more.

        Returns:
            False when there is nothing to tell any more.
        """
        if self.state.phase is Phase.OVER and self._untold is None:
            return False
        self.attach(tell)
        for news in self._standing():
            tell(news)
        return True

    def _standing(self) -> list[TransferNews]:
        if self._untold is not None:
            told, self._untold = self._untold, None
            return [told]
        rings = [PersonRings(one.person.id, one.person.department) for one in self.state.open_attempts if one.leg]
        news: list[TransferNews] = [*rings]
        if self.state.winner:
            news.append(PersonTook(self._winner()))
        if self.waits:
            news.append(PersonReady(self._winner()))
        return news

    # What happens.

    @property
    def waits(self) -> bool:
        """Somebody has heard the brief, and waits in the room for the caller."""
        return self.state.phase is Phase.BRIDGING and self.state.caller is CallerPlace.MOVING

    def happen(self, happening: Happening) -> Transfer:
        """Something has happened; the state that it led to."""
        self.state, orders = step(self.state, happening, self._clock())
        self.carry_out(orders)
        return self.state

    def person_takes(self, person: str) -> bool:
        """Somebody takes the caller on their screen; see `Call.person_takes`."""
        if self.state.phase is Phase.RINGING:
            self.happen(Taken(person))
        taken = self.state.attempt(self.state.winner) or self.state.open_attempt_of(person)
        mine = taken is not None and taken.person.id == person and (taken.taken or bool(self.state.winner))
        return mine and self.state.phase is not Phase.OVER

    def person_declines(self, person: str, reason: str) -> bool:
        """Somebody says on their screen that they cannot; see `Call.person_declines`."""
        if self.state.phase is not Phase.RINGING or self.state.named(person) is None:
            return False
        self.happen(Declined(person, reason))
        return True

    def caller_gone(self) -> None:
        """The caller has hung up: whoever is ringing stops."""
        self.happen(CallerGone())

    async def close(self) -> None:
        """Let go of it: whoever is ringing stops; two who talk, or are about to, are left to the next process."""
        if self.state.caller is CallerPlace.WITH_BOT:
            self.caller_gone()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_CLOSING_SECONDS)
        self.forget()

    def forget(self) -> None:
        """No more deadlines."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    # What is to be done.

    def carry_out(self, orders: tuple[Order, ...]) -> None:
        """Do what the machine wants, and look again when it is due."""
        for order in orders:
            self._carry_out(order)
        self._changed()
        self.forget()
        if self.state.all_over:
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
            case EndLeg():
                self._start(self._end(order))
            case TellRinging(person):
                self._news(PersonRings(person.id, person.department))
            case TellCaller():
                self._news(PersonTook(self._winner()))
            case MoveCaller():
                self._news(PersonReady(self._winner()))
            case ReturnCaller(why, moved):
                if moved:
                    self._start(self._fetch())
                elif self._tell is None:
                    self._untold = NobodyCame(why)
                else:
                    self._news(NobodyCame(why))
            case Attempted(_, person, outcome):
                self._news(PersonGone(person, outcome))
                self._record(order)
            case Finished():
                self._record(order)
            case _:
                assert_never(order)

    def _news(self, news: TransferNews) -> None:
        if self._tell is not None:
            self._tell(news)

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
        except PersonBusy:
            self.happen(LegRefused(ring.attempt, "busy"))
            return
        except CarrierRefused as refused:
            _log.error("transfer %s: attempt %d: %s", self.id, ring.attempt, refused)
            if refused.status:
                self.happen(LegRefused(ring.attempt))
            # Without an answer nobody knows whether the phone rings: its callbacks or the deadline will tell.
            return
        self.happen(LegMade(ring.attempt, leg))

    async def _end(self, order: EndLeg) -> None:
        try:
            if order.tell:
                await self._legs.dismiss(self.id, order.leg)
            else:
                await self._legs.end(order.leg)
        except CarrierRefused as refused:
            # The leg's own time limits end it: ringing, whispering and the room are all bounded.
            _log.error("transfer %s: a leg could not be ended: %s", self.id, refused)

    async def _fetch(self) -> None:
        try:
            await self._legs.fetch_caller(self.id)
        except CarrierRefused as refused:
            _log.warning("transfer %s: the caller could not be fetched: %s", self.id, refused)

    def still_open(self, number: int) -> bool:
        """Whether an attempt's person may still take the caller."""
        attempt = self.state.attempt(number)
        return attempt is not None and attempt.state is LegState.DIALLING
