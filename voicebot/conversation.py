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
)
from telephony.errors import LineClosed
from voicebot.acting import Errands
from voicebot.at_console import AtConsole
from voicebot.barge_in import BargeIn
from voicebot.caller_speech import CallerSpeech
from voicebot.floor import Floor, Phase
from voicebot.handing_over import STILL_RINGING_SECONDS, HandingOver, StillRinging
from voicebot.identity.who import Who
from voicebot.in_writing import InWriting
from voicebot.keeping import Keeping
from voicebot.leaving import Leaving
from voicebot.listening import Listening
from voicebot.people_news import PeopleNews
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
        self._people = PeopleNews(
            call.caller, floor, self._handing_over, self._at_console, self._in_writing, replying, self._turns
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
                for ear_event in heard:
                    if self._floor.phase is Phase.WITH_PERSON:
                        self._speech.overhear(ear_event)
                    else:
                        await self._speech.hear(ear_event)
                await self._speech.sounds()
                await self._people.between_frames(idle=lambda: self._idle)
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
                await self._people.told(event)
            case CallEnded(reason):
                self._floor.ended(reason)
            case _:
                assert_never(event)

    @property
    def _heard_out(self) -> bool:
        """Whether the caller has heard what is asked, but for the last sentence of it."""
        return self._floor.phase is not Phase.SPEAKING or self._talking.nearly_done

    async def _put(self, event: Event) -> None:
        """A key or a typed line: it always has the floor."""
        if isinstance(event, CallerPressed):
            await self._turns.key_taken_in(self._deadlines.respond)
        if self._floor.phase in (Phase.LEAVING, Phase.ENDED, Phase.WITH_PERSON) or self._handing_over.telling:
            return
        await self._turns.take_floor()
        self._turns.start(event)

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
