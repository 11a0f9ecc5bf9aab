"""The conversations that go on now, as they tell of themselves: who is in which, who waits for whom.

Nothing here waits, and a conversation pays for a step or two: a value is changed, and whoever watches is given a mark.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from dialog.events import HandOff
from voicebot.agents.choosing import Rounds, at_work, choose
from voicebot.agents.consoles import Consoles
from voicebot.agents.live_call import Change, What
from voicebot.agents.queue import Place, Queue
from voicebot.agents.seat import Reach, Seat, Waiting
from voicebot.agents.status import Status, Statuses
from voicebot.agents.watching import Watch
from voicebot.agents.wrap_ups import WrapUps

LONGEST_TALK_SECONDS = 4_000.0
"""Longer than a transfer may last (`telephony.transfer.states.Patience.talk`): nobody is on the board for ever."""

LONGEST_AWAY_SECONDS = 90.0
"""Longer than a carrier waits for a lost stream to come back, and than phones ring meanwhile."""


class Calls:
    """The calls of one process, on its event loop.

    Args:
        now: the time.
        note: has what somebody says of their status written down; must not wait.
    """

    def __init__(self, now: Callable[[], datetime], note: Callable[[str, Status, datetime], None]) -> None:
        self._now = now
        self.statuses = Statuses(now, note, self._person_changed)
        self.consoles = Consoles(lambda: self.told("people"))
        self.wrap_ups = WrapUps(self.statuses, self.consoles)
        self.seats: dict[str, Seat] = {}
        self.queue = Queue()
        self.watches: set[Watch] = set()

    def told(self, what: What, conversation: str | None = None) -> None:
        """Something is different now; whoever watches will look. Never waits."""
        change = Change(what, conversation)
        for watch in self.watches:
            watch.tell(change)

    def seat(self, conversation: str, call_id: str, line: str, language: str, *, typed: bool = False) -> Seat:
        """A place for a conversation that is about to begin; nobody sees it before `enter`.

        Args:
            conversation: its id in the records.
            call_id: the line's.
            line: "twilio", "browser" or "microphone".
            language: the caller's, to begin with.
            typed: the caller has no way to speak.
        """
        seat = Seat(conversation, call_id, line, language, self._now, self.told)
        seat.typed = typed
        return seat

    def enter(self, seat: Seat, reach: Reach) -> None:
        """A conversation begins, or goes on after its caller was away. reach: it, as far as agents may act on it."""
        before = self.seats.get(seat.conversation)
        if before is not None:
            seat.goes_on(before)
        seat.reach, seat.here = reach, True
        self.seats[seat.conversation] = seat
        self.told("calls")

    def open(self, conversation: str, call_id: str, line: str, language: str, reach: Reach) -> Seat:
        """A seat that is taken at once."""
        seat = self.seat(conversation, call_id, line, language)
        self.enter(seat, reach)
        return seat

    def close(self, seat: Seat, outcome: str) -> None:
        """The conversation is over. outcome: see `Conversation.run`; a caller who has gone to a person, or for whom
        phones go on ringing while the stream is lost, stays until the line says that this is over, too."""
        seat.here = False
        self.queue.leave(seat.conversation)
        talks = outcome == "handed_off" and seat.with_person is not None
        rings = outcome == "line_lost" and seat.waiting is not None and seat.waiting.transfer != ""
        if (talks or rings) and not seat.typed:
            patience = LONGEST_TALK_SECONDS if talks else LONGEST_AWAY_SECONDS
            asyncio.get_running_loop().call_later(patience, self._away_too_long, seat)
            self.told("calls")
            return
        if seat.with_person is not None:
            self.alone(seat)
        self._forget(seat)

    def wants(self, seat: Seat, person: HandOff, but: str = "") -> None:
        """The caller is to have a person; whoever was kept for them is not any more. but: who is about to come."""
        self._let_go(seat, but)
        seat.waiting = Waiting(person, self._now())
        self.told("calls")

    def free_for(self, seat: Seat) -> Rounds:
        """Who may be rung for this caller now, in which order."""
        if seat.waiting is None:
            return ()
        return choose(
            seat.waiting.person.rounds,
            lambda person: self.statuses.free_for(person, seat.conversation),
            seat.language,
            self._now(),
        )

    def may_come_free(self, seat: Seat) -> bool:
        """Whether waiting makes sense: somebody at work is with another caller."""
        now = self._now()
        rounds = () if seat.waiting is None else seat.waiting.person.rounds
        return any(
            at_work(person, now) and self.statuses.of(person.id).by in ("call", "wrap_up")
            for people in rounds
            for person in people
        )

    def writers(self, rounds: Rounds) -> tuple[str, ...]:
        """Who has the console open and may answer a caller who types, unless they are away."""
        there = self.consoles.writers(rounds)
        return tuple(person for person in there if self.statuses.of(person).status is not Status.AWAY)

    def line_up(self, seat: Seat) -> Place:
        """Wait for somebody to come free; `Place.called` tells."""
        assert seat.waiting is not None, "who waits for a person wants one"
        waiting = seat.waiting
        people = frozenset(person.id for people in waiting.person.rounds for person in people)
        place = Place(seat.conversation, people, waiting.urgent, waiting.since)
        self.queue.join(place)
        self.told("calls")
        return place

    def asks(self, seat: Seat, transfer: str, rounds: Rounds) -> None:
        """People are to be rung. transfer: its id, under which the line will tell how it goes."""
        self.queue.leave(seat.conversation)
        if seat.waiting is not None:
            seat.waiting.transfer = transfer
            seat.waiting.asked = tuple(person.id for people in rounds for person in people)
        self.told("calls")

    def may_ring(self, seat: Seat, person: str) -> bool:
        """Just before a phone rings: whether it may, and then nobody else can have them."""
        return self.statuses.free_for(person, seat.conversation) and self.statuses.engage(
            person, seat.conversation, "ringing"
        )

    def rings(self, seat: Seat, person: str) -> None:
        """Their phone rings."""
        self.statuses.engage(person, seat.conversation, "ringing")
        if seat.waiting is not None:
            seat.waiting.ringing[person] = None
            self.told("call", seat.conversation)

    def gone(self, seat: Seat, person: str) -> None:
        """They will not take this caller."""
        waiting = seat.waiting
        if waiting is not None:
            waiting.ringing.pop(person, None)
            if waiting.taken_by == person:
                waiting.taken_by = None
        self.statuses.release(person, seat.conversation)
        self.told("call", seat.conversation)

    def took(self, seat: Seat, person: str) -> None:
        """They have taken the caller; others who were kept for it may have another."""
        if seat.waiting is not None:
            seat.waiting.taken_by = person
            seat.waiting.ringing.clear()
        self.statuses.engage(person, seat.conversation, "call")
        self._let_go(seat, person)
        self.told("calls")

    def together(self, seat: Seat, person: str) -> None:
        """The caller and a person talk, or write, with each other."""
        self.took(seat, person)
        seat.with_person = person
        self.told("calls")

    def alone(self, seat: Seat) -> None:
        """The caller is not on the way to a person any more, and has none."""
        self.queue.leave(seat.conversation)
        if seat.with_person is not None:
            self.wrap_ups.begin(seat.with_person, seat.conversation)
        seat.with_person = seat.waiting = None
        self._let_go(seat, "")
        self.told("calls")

    def attempted(self, call_id: str, person: str) -> None:
        """A line says, perhaps when the conversation is over, that nothing more comes of asking somebody."""
        seat = self._seat_of(call_id)
        if seat is not None and seat.with_person is None:
            self.gone(seat, person)

    def finished(self, call_id: str, transfer: str, *, talked: bool) -> None:
        """A line says that a transfer is over. talked: a person was reached."""
        seat = self._seat_of(call_id)
        if seat is None or seat.waiting is None or seat.waiting.transfer not in ("", transfer):
            return
        if not talked:
            seat.with_person = None
        if talked or not seat.here:
            self.alone(seat)
        if not seat.here:
            self._forget(seat)

    def _away_too_long(self, seat: Seat) -> None:
        if not seat.here:
            self.alone(seat)
            self._forget(seat)

    def _seat_of(self, call_id: str) -> Seat | None:
        return next((seat for seat in self.seats.values() if seat.call_id == call_id), None)

    def _let_go(self, seat: Seat, person: str) -> None:
        for kept in self.statuses.kept_by(seat.conversation):
            engaged = self.statuses.engagement(kept)
            if kept != person and engaged is not None and engaged.how != "wrap_up":
                self.statuses.release(kept, seat.conversation)

    def _forget(self, seat: Seat) -> None:
        if self.seats.get(seat.conversation) is seat:
            self.queue.leave(seat.conversation)
            self._let_go(seat, "")
            del self.seats[seat.conversation]
            self.told("calls")

    def _person_changed(self, person: str) -> None:
        """Whoever waits longest for somebody who has come free has them."""
        self.told("people")
        while self.statuses.of(person).status is Status.FREE:
            place = self.queue.first_for(person)
            if place is None:
                return
            place.called.set()
            self.statuses.engage(person, place.conversation, "ringing")
