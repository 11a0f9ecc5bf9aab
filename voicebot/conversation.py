"""One caller and the bot, from greeting to goodbye: the one loop that joins the rooms.

The loop reads the line's events and never waits for anything slow. A turn (hear, respond, speak) is one task; when
the caller takes the floor, the task is cancelled, the line cleared, and what was heard is known from marks. Every
wait has a deadline, and whatever breaks, the caller hears an apology and reaches a person.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar, assert_never

import structlog

from dialog.events import (
    AgentTyped,
    CallBegan,
    CallerPressed,
    CallerSaid,
    CallerSilent,
    Event,
    PersonDone,
    TransferFailed,
)
from speech.ear import Ear
from speech.transcript import Transcript
from telephony.call import (
    Call,
    CallEnded,
    CallEvent,
    Caption,
    FrameReceived,
    KeyPressed,
    MarkCleared,
    MarkPlayed,
    NobodyCame,
    PersonGone,
    PersonReady,
    PersonRings,
    PersonTook,
    TextTyped,
    TransferNews,
)
from telephony.errors import LineClosed
from voicebot.acting import Errands
from voicebot.at_console import Arrives, AtConsole, Leaves, Order
from voicebot.barge_in import BargeIn
from voicebot.caller_speech import CallerSpeech
from voicebot.floor import Floor, Phase
from voicebot.handing_over import STAYED, STILL_RINGING_SECONDS, TAKEN_OVER, HandingOver, StillRinging
from voicebot.identity.who import Who
from voicebot.in_writing import GONE, InWriting
from voicebot.keeping import Keeping
from voicebot.leaving import Leaving
from voicebot.listening import Listening
from voicebot.preparing import Context, Prepared, Preparing
from voicebot.replying import Replying
from voicebot.rooms import Deadlines, Rooms
from voicebot.talking import Talking
from voicebot.telling import Telling
from voicebot.turns import Turns

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Conversation:
    """One caller, one line, one bot.

    Args:
        call: the line.
        rooms: the shared parts.
        ear: this call's own ear.
        deadlines: how long each wait may take.
        state: the dialog's state when the call has been here before, or None.
        keeping: writes the conversation down; None begins one with what `rooms` keeps.
        who: who the caller is, when this call has been here before; None knows nothing of it.
    """

    def __init__(
        self,
        call: Call,
        rooms: Rooms,
        ear: Ear,
        deadlines: Deadlines | None = None,
        state: Any | None = None,
        keeping: Keeping | None = None,
        who: Who | None = None,
    ) -> None:
        before = rooms.mind.new_state() if state is None else state
        self._floor = floor = Floor(before, before)
        self._call = call
        self._ear = ear
        self._calls = calls = rooms.board.calls
        self._deadlines = deadlines = deadlines or Deadlines()
        self._keeping = keeping = keeping or Keeping(rooms.records, rooms.now)
        self.who = who or Who(rooms.identity)
        self._log = log.bind(call_id=call.caller.call_id, line=str(call.caller.line))
        caller = call.caller
        self._seat = seat = calls.seat(
            keeping.conversation, caller.call_id, str(caller.line), before.language, typed=caller.writes
        )
        self._telling = telling = Telling(call, rooms, seat)
        self._barge_in = barge_in = BargeIn()
        self._talking = talking = Talking(
            call, rooms.speaking, deadlines, telling.caption, barge_in, clock=self._seconds, start=self._begin
        )
        self._errands = Errands(rooms.act, call, self._begin, self.who, keeping, rooms.callbacks)
        self._handing_over = HandingOver(
            call, rooms, deadlines, keeping, lambda: floor.state, seat, self._seconds, self._begin, self._tell
        )
        self._at_console = AtConsole(rooms, seat, self._handing_over, lambda: floor.state)
        preparing = Preparing(rooms, deadlines, talking)
        self._in_writing = InWriting(
            floor, seat, calls, deadlines, preparing, keeping, telling, self._seconds, self._begin
        )
        self._leaving = leaving = Leaving(call, rooms, talking, deadlines, telling.caption)
        self._listening = listening = Listening(ear, rooms, self._prepare, self._begin, deadlines)
        self._replying = replying = Replying(
            floor,
            rooms,
            deadlines,
            ear,
            listening,
            barge_in,
            preparing,
            talking,
            leaving,
            self._errands,
            telling,
            keeping,
            self._handing_over,
        )
        self._turns = Turns(floor, ear, telling, replying, leaving, self._begin)
        self._speech = CallerSpeech(
            floor, ear, barge_in, listening, preparing, talking, telling, self._turns, self._begin
        )

    @property
    def id(self) -> str:
        """Its id in the records and on the board."""
        return self._keeping.conversation

    @property
    def state(self) -> Any:
        """The dialog's state now; what the next conversation of this caller may begin with."""
        return self._floor.state

    async def run(self) -> str:
        """Talk until the call is over.

        Returns:
            the outcome: "goodbye", "no_input", "closed", "handed_off", "fault", "caller_hung_up", "line_lost" or
            "time_limit".
        """
        self._calls.enter(self._seat, self._at_console)
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                self._listening.languages = tuple(self.state.caller_languages)
                self._turns.start(self._opening())
                await self._attend()
                await self._wind_up()
        except* LineClosed:
            self._floor.outcome = "line_lost"
        finally:
            self._calls.close(self._seat, self._floor.outcome)
        await self._telling.caption(Caption("ended", self._floor.outcome))
        return self._floor.outcome

    async def _wind_up(self) -> None:
        """The line is closed: what is still under way ends."""
        if self._floor.phase is Phase.SPEAKING:
            self._keeping.heard(self._talking.heard, interrupted=True)
        self._floor.phase = Phase.ENDED
        self._turns.drop()
        self._listening.close()
        self._errands.close()
        self._handing_over.close()
        await self._in_writing.close()
        for heard in (self._floor.pending, self._floor.held):
            if heard is not None:
                heard.cancel()

    def _opening(self) -> Event:
        """What the dialog is told first; a caller who comes back from people comes with what became of it."""
        caller = self._call.caller
        department = self.state.ringing
        if caller.resumed is None or caller.resumed == "reconnect":
            if caller.resumed is not None and department:
                self._handing_over.take_up(department)
            resumed = caller.resumed is not None
            return CallBegan(caller.language, resumed, self._keeping.sound.may_record, caller.number)
        self._calls.alone(self._seat)
        if caller.resumed == "after-person":
            return PersonDone(department, "connected")
        self._keeping.transferred("no_answer")
        return TransferFailed(department, "no_answer")

    # What happens on the line.

    async def _attend(self) -> None:
        """Take the line's events until it ends, or until it has sent nothing for too long."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._deadlines.idle) as patience:
                async for event in self._call.events():
                    patience.reschedule(loop.time() + self._deadlines.idle)
                    await self._on_line(event)
        except TimeoutError:
            self._log.warning("the line sent nothing for too long", seconds=self._deadlines.idle)
            self._floor.outcome = "line_lost"
            await self._leaving.hang_up()

    async def _on_line(self, event: CallEvent) -> None:
        match event:
            case FrameReceived(pcm):
                heard = self._ear.hear(self._barge_in.hears(pcm, self._ear.received_seconds))
                if self._floor.phase is not Phase.WITH_PERSON:
                    for ear_event in heard:
                        await self._speech.hear(ear_event)
                    await self._speech.sounds()
                await self._between_frames()
                self._notice_silence()
                self._replying.audio_came()
            case KeyPressed(digit):
                await self._put(CallerPressed(digit, self._heard_out))
            case TextTyped(text):
                if self._floor.phase is Phase.WITH_PERSON:
                    await self._in_writing.caller_wrote(text)
                else:
                    await self._telling.typed(text)
                    await self._put(CallerSaid(text, heard_out=self._heard_out))
            case MarkPlayed(name):
                self._talking.played(name)
                await self._speech.answer_held()
            case MarkCleared():
                pass
            case PersonRings() | PersonGone() | PersonTook() | PersonReady() | NobodyCame():
                await self._person_news(event)
            case CallEnded(reason):
                self._floor.ended(reason)
            case _:
                assert_never(event)

    @property
    def _heard_out(self) -> bool:
        """Whether the caller has heard what is asked, but for the last sentence of it."""
        return self._floor.phase is not Phase.SPEAKING or self._talking.nearly_done

    @property
    def _over(self) -> bool:
        return self._floor.phase in (Phase.LEAVING, Phase.ENDED)

    async def _put(self, event: Event) -> None:
        """A key or a typed line: it always has the floor."""
        if isinstance(event, CallerPressed):
            await self._turns.key_taken_in(self._deadlines.respond)
        if self._over or self._floor.phase is Phase.WITH_PERSON or self._handing_over.telling:
            return
        await self._turns.take_floor()
        self._turns.start(event)

    # What people do.

    async def _person_news(self, news: TransferNews) -> None:
        """Somebody's phone rings, somebody has taken the call, or waits for the caller, or nobody will."""
        if self._over:
            return
        if self._call.caller.resumed is not None and not isinstance(news, NobodyCame | PersonGone):
            rung_for = news.department if isinstance(news, PersonRings) else ""
            self._handing_over.take_up(self.state.ringing or rung_for)
        match news:
            case PersonRings():
                self._handing_over.rings(news)
            case PersonGone():
                self._handing_over.gone(news)
            case PersonTook(person) if self._handing_over.person is not None:
                self._handing_over.took(person)
                await self._interrupt_for(news)
            case PersonReady() if self._handing_over.telling:
                self._handing_over.waits = True
            case PersonReady() if self._handing_over.person is not None:
                await self._interrupt_for(news)
            case NobodyCame(outcome):
                await self._nobody_came(outcome)
            case PersonTook() | PersonReady():
                pass
            case _:
                assert_never(news)

    async def _nobody_came(self, outcome: str) -> None:
        if outcome == STAYED:
            return
        silent = not self._handing_over.told
        person = self._handing_over.nobody(outcome)
        if person is None or (silent and person.reason == TAKEN_OVER):
            return
        await self._interrupt_for(TransferFailed(person.department, outcome))

    async def _interrupt_for(self, trigger: TransferFailed | PersonTook | PersonReady | PersonDone) -> None:
        await self._turns.take_floor()
        self._floor.interrupted = None
        self._turns.start(trigger)

    async def _between_frames(self) -> None:
        """Take up what people at the console want, and what has taken too long."""
        if self._over:
            return
        lost = self._handing_over.lost_patience()
        if lost is not None:
            self._tell(lost)
        if self._in_writing.left_alone():
            self._at_console.orders.append(Leaves(GONE))
        while self._at_console.orders:
            await self._follow(self._at_console.orders.popleft())
        if self._at_console.notes and self._idle:
            self._turns.start(self._at_console.notes.popleft())

    async def _follow(self, order: Order) -> None:
        match order:
            case Arrives(agent):
                met = self._handing_over.met()
                if met is None:
                    self._calls.alone(self._seat)
                    return
                await self._turns.take_floor()
                self._turns.drop()
                self._floor.interrupted = None
                await self._replying.enter(Phase.WITH_PERSON)
                await self._in_writing.begin(agent, *met)
            case AgentTyped(text):
                await self._in_writing.agent_wrote(text)
            case Leaves(outcome):
                if self._in_writing.agent is not None:
                    await self._in_writing.end()
                    self._turns.start(PersonDone(self._in_writing.department, outcome))
            case NobodyCame(outcome):
                await self._nobody_came(outcome)
            case _:
                assert_never(order)

    @property
    def _idle(self) -> bool:
        """Nobody is saying anything."""
        listening = self._floor.phase is Phase.LISTENING
        return listening and not self._speech.goes_on and not self._turns.under_way

    def _notice_silence(self) -> None:
        waited = self._ear.received_seconds - self._floor.listening_since
        ringing = self._handing_over.person is not None
        if self._idle and waited >= (STILL_RINGING_SECONDS if ringing else self._floor.listen.timeout_seconds):
            self._turns.start(StillRinging() if ringing else CallerSilent())

    # Parts of this call.

    async def _prepare(self, transcripts: list[Transcript], context: Context) -> Prepared:
        return await self._speech.prepare(transcripts, context)

    def _tell(self, news: NobodyCame) -> None:
        self._at_console.tell(news)

    def _seconds(self) -> float:
        return self._ear.received_seconds

    def _begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task of this call: it ends with it."""
        return self._tasks.create_task(work)
