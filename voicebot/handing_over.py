"""One caller's way to a person: people are asked, or waited for, while the caller goes on talking with the bot."""

import asyncio
from collections.abc import Callable
from typing import Any

from dialog.brief import AgentWords
from dialog.events import HandOff, Prompt, Ringing
from dialog.people import Callee
from telephony.call import Call, LineKind, NobodyCame, PersonGone, PersonRings
from telephony.errors import CarrierRefused, LineClosed
from telephony.transfer.happenings import Person
from telephony.transfer.states import Patience
from voicebot.agents.choosing import Rounds
from voicebot.agents.seat import Seat
from voicebot.keeping import Keeping
from voicebot.listening import Start
from voicebot.rooms import Deadlines, Rooms
from voicebot.said_to_people import warm_request

STILL_RINGING_SECONDS = 8.0
"""Silence after which a caller may hear how it stands: they hear no ringing tone themselves."""

TAKEN_OVER = "taken_over"
"""The reason when it was a person's idea, and not the caller's: when nothing comes of it, the caller hears nothing."""

STAYED = "caller_stayed"
"""The outcome when the conversation itself asks people no longer; no news to it."""


class StillRinging:
    """The caller has been silent for a while, and nobody has taken them yet."""


class HandingOver:
    """The way of one caller to a person who has been told what it is about. Seconds are those of the call's audio.

    Args:
        call: the line.
        rooms: words for the person, and the board.
        deadlines: how long phones ring and callers wait.
        keeping: writes it down.
        state: the dialog's now; the brief is made when somebody listens, so that it knows what was said meanwhile.
        seat: the call's place on the board.
        clock: seconds of the call.
        start: starts a task of this call.
        tell: the conversation, for news that no line brings.
    """

    def __init__(
        self,
        call: Call,
        rooms: Rooms,
        deadlines: Deadlines,
        keeping: Keeping,
        state: Callable[[], Any],
        seat: Seat,
        clock: Callable[[], float],
        start: Start,
        tell: Callable[[NobodyCame], None],
    ) -> None:
        self._call = call
        self._rooms = rooms
        self._calls = rooms.board.calls
        self._deadlines = deadlines
        self._keeping = keeping
        self._state = state
        self._seat = seat
        self._clock = clock
        self._start = start
        self._tell = tell
        self.person: HandOff | None = None
        """Whom the caller wants, while somebody is asked or waited for."""
        self.telling = False
        """The caller is being told that somebody is there."""
        self.told = False
        """The caller has been told, at least once."""
        self.waits = False
        """Somebody knows what it is about, and waits in the room."""
        self._transfer = ""
        self._asked = False  # the line knows of it
        self._waiting: asyncio.Task[None] | None = None
        self._since = self._patience_ends = 0.0
        self._department, self._told_of, self._times_said = "", "", 0

    # Asking.

    def reaches(self, person: HandOff) -> bool:
        """Whether somebody can be asked from here, so that the number need not be dialled."""
        if self._seat.typed:
            return bool(self._calls.writers(person.rounds))
        return self._call.caller.line is LineKind.TWILIO and bool(person.rounds)

    def hopeless(self, person: HandOff) -> bool:
        """Nobody is free for this caller, and nobody will be soon."""
        if self._seat.typed or not self.reaches(person) or self._goes_to(person):
            return False
        self._calls.wants(self._seat, person)
        found = self._calls.free_for(self._seat) or self._calls.may_come_free(self._seat)
        if found:
            return False
        self._keeping.not_asked(self._keeping.asked_for(person), "nobody_free")
        self._calls.alone(self._seat)
        return True

    async def begin(self, person: HandOff) -> None:
        """Ask people, or wait until one comes free; `person` is set when that has begun. Cancel it freely."""
        if self._goes_to(person) or not self.reaches(person):
            return
        self._set_out(person)
        await asyncio.shield(self._start(self._ask(person)))

    def expects(self, person: HandOff, agent: str) -> None:
        """Somebody is about to come to a caller who types."""
        self._set_out(person, agent)

    def take_over(self, callee: Callee) -> bool:
        """Somebody at the console wants this caller now: ring them, and nobody else."""
        if self._call.caller.line is not LineKind.TWILIO or self.telling:
            return False
        before = self.person
        name = callee.department if before is None else before.name
        reason = TAKEN_OVER if before is None else before.reason
        person = HandOff(callee.department, callee.number, name, reason, ((callee,),))
        self._set_out(person, callee.id)
        self._start(self._ask(person, callee))
        return True

    def takes(self, callee: Callee) -> bool:
        """Somebody at the console accepts a caller who waits: ring them first, or now."""
        person = self.person
        if person is None:
            return False
        if self._asked:
            return self._call.person_takes(callee.id)
        self._stop_waiting()
        self._start(self._ask(person, callee))
        return True

    def declines(self, person: str, reason: str) -> bool:
        """Somebody at the console cannot take the caller."""
        return self._asked and self._call.person_declines(person, reason)

    def _goes_to(self, person: HandOff) -> bool:
        """Whether this is under way already; another department takes the place of the first while nobody has come."""
        now = self.person
        return now is not None and (now.department == person.department or self.telling or self.waits)

    def _set_out(self, person: HandOff, coming: str = "") -> None:
        self._stop_waiting()
        if self._asked:
            self._call.stop_asking()
        elif self._transfer and self.person is not None:
            self._keeping.not_asked(self._transfer, STAYED)
        self.person, self.told, self.waits = person, False, False
        self._asked = False
        self._transfer = self._keeping.asked_for(person)
        self._since, self._department, self._told_of, self._times_said = self._clock(), person.department, "", 0
        self._patience_ends = self._since + (
            self._deadlines.writer if self._seat.typed else self._deadlines.somebody_free
        )
        self._calls.wants(self._seat, person, coming)

    async def _ask(self, person: HandOff, taken_by: Callee | None = None) -> None:
        """Have people rung; when nobody is free, wait. What is refused by the line leaves `person` None."""
        if self._seat.typed:
            return  # whoever has the console open sees it
        try:
            words = await self._words(person)
            rounds = ((taken_by,),) if taken_by is not None else self._calls.free_for(self._seat)
            if self.person is not person:
                return
            if rounds:
                await self._ring(person, words, rounds, taken_by)
            else:
                self._waiting = self._start(self._wait(person, words))
        except LineClosed:
            self._not_asked("caller_gone")
        except CarrierRefused:
            if taken_by is None:
                self._not_asked("refused")
            else:
                self._tell(NobodyCame("failed"))

    async def _ring(self, person: HandOff, words: AgentWords, rounds: Rounds, taken_by: Callee | None) -> None:
        async def brief() -> str:
            return (await self._words(person)).brief

        request = warm_request(
            self._transfer,
            tuple(tuple(_rung(one, person) for one in people) for people in rounds),
            words,
            brief,
            Patience(ring=self._deadlines.ring),
            taken_by="" if taken_by is None else taken_by.id,
            after=self._rooms.after_person,
            may_ring=lambda one: self._calls.may_ring(self._seat, one),
        )
        await self._call.ask_person(request)
        self._asked = True
        self._calls.asks(self._seat, self._transfer, rounds)

    async def _wait(self, person: HandOff, words: AgentWords) -> None:
        """Until somebody comes free for this caller; `lost_patience` ends it."""
        place = self._calls.line_up(self._seat)
        while not (rounds := self._calls.free_for(self._seat)):
            place.called.clear()
            await place.called.wait()
        try:
            await self._ring(person, words, rounds, None)
        except CarrierRefused:
            self._tell(NobodyCame("failed"))
        except LineClosed:
            return

    async def _words(self, person: HandOff) -> AgentWords:
        """What the person hears, as things stand now."""
        mind = self._rooms.mind
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._rooms.thinking, mind.agent_words, self._state(), person)

    # How it goes.

    def take_up(self, department: str) -> None:
        """An earlier stream, or process, of ours had people asked for this caller: its news comes here now."""
        if self.person is not None:
            return
        if self._seat.waiting is None:
            self._calls.wants(self._seat, HandOff(department, "", department, "caller_asked"))
        waiting = self._seat.waiting
        assert waiting is not None, "a caller has just begun to wait"
        self.person, self._asked, self.waits = waiting.person, True, False
        self._since, self._department = self._clock(), waiting.person.department
        self._patience_ends = self._since + self._deadlines.news

    def rings(self, news: PersonRings) -> None:
        """A phone has begun to ring."""
        self._asked, self._department = True, news.department or self._department
        self._calls.rings(self._seat, news.person)

    def gone(self, news: PersonGone) -> None:
        """Nothing more comes of somebody."""
        self._calls.gone(self._seat, news.person)

    def took(self, person: str) -> None:
        """Somebody has taken the caller, and is being told."""
        self._asked = True
        self._calls.took(self._seat, person)

    def lost_patience(self) -> NobodyCame | None:
        """The caller has waited long enough for somebody to come free, to write, or for news; looked at every frame."""
        if self.person is None or self._clock() < self._patience_ends:
            return None
        if self._seat.typed:
            return NobodyCame("no_answer")
        if self._waiting is not None and not self._asked:
            return NobodyCame("nobody_free")
        waiting = self._seat.waiting
        silent = not self._transfer and waiting is not None and not waiting.ringing and waiting.taken_by is None
        return NobodyCame("failed") if silent and not self.waits else None

    def nobody(self, outcome: str) -> HandOff | None:
        """It is over, and the caller is still here; whom they had wanted."""
        person = self.person
        if not self._asked:
            self._not_asked(outcome)
        self._forget()
        return person

    def give_up(self) -> None:
        """The caller would rather stay."""
        if self.person is None:
            return
        if not self._asked:
            self._not_asked(STAYED)
        self._forget()
        self._call.stop_asking()

    def close(self) -> None:
        """The caller has gone, or is with somebody: nobody is waited for any more."""
        if self.person is not None and not self._asked:
            self._not_asked("caller_gone")
        self._stop_waiting()

    async def join(self) -> None:
        """Bring the caller to the person who waits.

        Raises:
            CarrierRefused: the carrier would not.
            LineClosed: the caller has gone.
        """
        waiting = self._seat.waiting
        self.person = None
        await self._call.join_person()
        if waiting is not None and waiting.taken_by is not None:
            self._calls.together(self._seat, waiting.taken_by)

    def words_now(self) -> tuple[Prompt, ...]:
        """What a silent caller hears; nothing when it is too early for more."""
        if self.person is None:
            return ()
        next_one = self._times_said > 0 and self._department != self._told_of
        position = self._rooms.board.position(self._seat.conversation)
        now = Ringing(self._clock() - self._since, position, self._department, next_one, self._times_said)
        prompts = self._rooms.mind.ringing_words(self._state(), now)
        if prompts:
            self._told_of, self._times_said = self._department, self._times_said + 1
        return prompts

    def met(self) -> tuple[str, str, float] | None:
        """Somebody writes with the caller now: the department, the id under which it is written down, and how many
        seconds the caller has waited; None when nobody is waited for any more."""
        person, self.person = self.person, None
        return None if person is None else (person.department, self._transfer, self._clock() - self._since)

    def _not_asked(self, outcome: str) -> None:
        if self._transfer:
            self._keeping.not_asked(self._transfer, outcome)
        self._forget()

    def _forget(self) -> None:
        self._stop_waiting()
        self.person, self.waits, self._asked, self._transfer = None, False, False, ""
        self._calls.alone(self._seat)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


def _rung(callee: Callee, person: HandOff) -> Person:
    return Person(callee.id, callee.number, callee.department or person.department)
