"""One caller and the bot, from greeting to goodbye: the one loop that joins the rooms.

The loop reads the line's events and never waits for anything slow. A turn (hear, respond, speak) is one task; when
the caller takes the floor, the task is cancelled, the line cleared, and what was heard is known from marks. Every
wait has a deadline, and whatever breaks, the caller hears an apology and reaches a person.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, TypeVar, assert_never

import structlog

from dialog.events import (
    Act,
    CallBegan,
    CallerPressed,
    CallerSaid,
    CallerSilent,
    Event,
    HandOff,
    HangUp,
    TransferFailed,
)
from speech.ear import Ear
from speech.endpointing import EarEvent, SpeechPaused, SpeechResumed, SpeechStarted, UtteranceComplete
from speech.errors import SpeechError
from speech.transcript import Transcript, Utterance
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
from voicebot.barge_in import BargeIn
from voicebot.floor import Floor, Phase
from voicebot.handing_over import STILL_RINGING_SECONDS, HandingOver, StillRinging
from voicebot.identity.who import Who
from voicebot.keeping import Keeping
from voicebot.leaving import Leaving
from voicebot.listening import Heard, Listening, transcripts_of
from voicebot.preparing import Context, Earlier, Prepared, Preparing
from voicebot.replying import Replying, Trigger
from voicebot.rooms import Deadlines, Rooms
from voicebot.talking import Talking
from voicebot.telling import Telling

log = structlog.get_logger(__name__)

T = TypeVar("T")

FALSE_END_SECONDS = 1.2
"""Whoever speaks again within so long of our answer's beginning had not finished (turns.md, section 3)."""

SETTLED = frozenset({"goodbye", "person", "emergency"})
"""Rules of the dialog that mean that nothing more has to be said."""

ANSWERS = frozenset({"answer", "flow"})
"""Rules of the dialog that mean that it found what the caller wants."""

SURE_SCORE = 0.98
"""From this score of the dialog on, 0..1, the words so far are taken for a whole request (docs/003)."""


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
        self._floor = Floor(before, before)
        self._call = call
        self._ear = ear
        self._deadlines = deadlines or Deadlines()
        self._keeping = keeping or Keeping(rooms.records, rooms.now)
        self.who = who or Who(rooms.identity)
        self._log = log.bind(call_id=call.caller.call_id, line=str(call.caller.line))
        self._telling = tell = Telling(call, rooms)
        self._barge_in = BargeIn()
        self._talking = Talking(
            call,
            rooms.speaking,
            self._deadlines,
            tell.caption,
            self._barge_in,
            clock=lambda: ear.received_seconds,
            start=self._begin,
        )
        self._errands = Errands(rooms.act, call, self._begin, self.who, self._keeping)
        self._handing_over = HandingOver(call, rooms, self._deadlines, self._keeping, lambda: self._floor.state)
        self._preparing = Preparing(rooms, self._deadlines, self._talking)
        self._leaving = Leaving(call, rooms, self._talking, self._deadlines, tell.caption)
        self._listening = Listening(ear, rooms, self._prepare, self._begin, self._deadlines)
        self._replying = Replying(
            self._floor,
            rooms,
            self._deadlines,
            ear,
            self._listening,
            self._barge_in,
            self._preparing,
            self._talking,
            self._leaving,
            self._errands,
            tell,
            self._keeping,
            self._handing_over,
        )
        self._turn: asyncio.Task[None] | None = None
        self._caller_speaking = False
        self._voice_now = False
        self._pressed = False  # the turn under way answers a key
        self._context = Context()

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
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                self._listening.languages = tuple(self.state.caller_languages)
                self._start_turn(self._opening())
                await self._attend()
                if self._floor.phase is Phase.SPEAKING:
                    self._keeping.heard(self._talking.heard, interrupted=True)
                self._floor.phase = Phase.ENDED
                self._drop_turn()
                self._listening.close()
                self._errands.close()
                for heard in (self._floor.pending, self._floor.held):
                    if heard is not None:
                        heard.cancel()
        except* LineClosed:
            self._floor.outcome = "line_lost"
        await self._telling.caption(Caption("ended", self._floor.outcome))
        return self._floor.outcome

    def _opening(self) -> Event:
        """What the dialog is told first; a caller whom no person answered comes back with that."""
        caller = self._call.caller
        if caller.resumed is None or caller.resumed == "reconnect":
            return CallBegan(caller.language, caller.resumed is not None, self._keeping.sound.may_record)
        self._keeping.transferred("no_answer")
        return TransferFailed("")

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
                for ear_event in self._ear.hear(self._barge_in.hears(pcm, self._ear.received_seconds)):
                    await self._on_ear(ear_event)
                if self._voice_now and self._floor.phase is Phase.SPEAKING:
                    await self._caller_speaks_over_bot()
                elif self._voice_now and self._floor.phase is Phase.THINKING:
                    await self._caller_adds()
                self._notice_silence()
                self._replying.audio_came()
            case KeyPressed(digit):
                await self._put(CallerPressed(digit, self._heard_out))
            case TextTyped(text):
                await self._telling.typed(text)
                await self._put(CallerSaid(text, heard_out=self._heard_out))
            case MarkPlayed(name):
                self._talking.played(name)
                await self._answer_held()
            case MarkCleared() | PersonRings() | PersonGone():
                pass
            case PersonTook() | PersonReady() | NobodyCame():
                await self._person_news(event)
            case CallEnded(reason):
                self._floor.ended(reason)
            case _:
                assert_never(event)

    @property
    def _heard_out(self) -> bool:
        """Whether the caller has heard what is asked, but for the last sentence of it."""
        return self._floor.phase is not Phase.SPEAKING or self._talking.nearly_done

    async def _person_news(self, news: PersonTook | PersonReady | NobodyCame) -> None:
        """Somebody has taken the call, or waits for the caller, or nobody will."""
        person = self._handing_over.person
        if person is None or self._floor.phase in (Phase.LEAVING, Phase.ENDED):
            return
        if isinstance(news, PersonReady) and self._handing_over.telling:
            self._handing_over.waits = True
            return
        await self._take_floor()
        self._floor.interrupted = None
        if isinstance(news, NobodyCame):
            self._handing_over.person = None
            self._start_turn(TransferFailed(person.department))
        else:
            self._start_turn(news)

    async def _put(self, event: Event) -> None:
        """A key or a typed line: it always has the floor."""
        if isinstance(event, CallerPressed) and self._pressed:
            await self._key_taken_in()
        if self._floor.phase in (Phase.LEAVING, Phase.ENDED) or self._handing_over.telling:
            return
        await self._take_floor()
        self._start_turn(event)

    async def _key_taken_in(self) -> None:
        """Let the key before this one count: keys may come faster than the mind answers."""
        if self._turn is None:
            return
        decided = self._begin(self._floor.decided.wait())
        await asyncio.wait({self._turn, decided}, timeout=self._deadlines.respond, return_when=asyncio.FIRST_COMPLETED)
        decided.cancel()

    async def _on_ear(self, event: EarEvent) -> None:
        match event:
            case SpeechStarted():
                self._caller_speaking = self._voice_now = True
                self._barge_in.utterance_began()
                await self._caller_began()
            case SpeechPaused(utterance):
                self._voice_now = False
                self._listening.begin(utterance, self._context_of(utterance))
            case SpeechResumed():
                self._voice_now = True
                self._listening.drop()
            case UtteranceComplete(utterance, reason):
                self._caller_speaking = self._voice_now = False
                self._caller_finished(utterance, reason)
            case _:
                assert_never(event)

    async def _caller_began(self) -> None:
        """The caller began to speak: over the bot, or adding to what the bot is thinking about."""
        over_bot = self._floor.phase is Phase.SPEAKING
        self._context = Context(over_bot, answering=over_bot and self._talking.nearly_done and self._floor.asks)
        if over_bot:
            await self._caller_speaks_over_bot()
        elif self._floor.phase is Phase.THINKING:
            await self._caller_adds()

    def _context_of(self, utterance: Utterance) -> Context:
        manner = self._barge_in.manner(utterance.samples)
        return replace(self._context, manner=manner, louder_than_echo=self._barge_in.louder_than_echo)

    async def _caller_speaks_over_bot(self) -> None:
        if not (self._talking.interruptible and self._barge_in.stops(self._ear.received_seconds)):
            return
        if self._key_decided(self._context):
            return
        pending, sounding = self._floor.pending, self._talking.sounding_seconds
        await self._take_floor()
        if pending is not None and sounding < FALSE_END_SECONDS:
            # We may have begun to answer before they had finished: then what they say now belongs to what they said.
            self._listening.carry(pending)
            self._context = Context(over_bot=True, earlier=Earlier(self._floor.state_before, self._floor.understood))

    def _key_decided(self, context: Context) -> bool:
        """A key that ends the conversation, pressed in mid-sentence, is not undone by the rest of that sentence."""
        return self._pressed and not context.over_bot and isinstance(self._floor.action, HandOff | HangUp)

    async def _caller_adds(self) -> None:
        """The caller goes on while the bot thinks: both halves are one. "One moment" coming back is no half."""
        now, pending = self._ear.received_seconds, self._floor.pending
        if pending is None or (self._barge_in.sounds(now) and not self._barge_in.stops(now)):
            return
        self._listening.carry(pending)
        await self._take_floor()

    def _caller_finished(self, utterance: Utterance, reason: str) -> None:
        heard = self._listening.complete(utterance, self._context_of(utterance))
        self._telling.complete(heard.endpoint_ms, reason)
        if self._floor.phase is Phase.LISTENING:
            self._start_turn(heard)
        elif self._floor.phase in (Phase.SPEAKING, Phase.THINKING):
            self._tasks.create_task(self._hold(heard))

    async def _hold(self, heard: Heard) -> None:
        """Speech over the bot that did not stop it: if it was words, they are answered as soon as may be."""
        try:
            transcripts = await transcripts_of(heard.results)
        except SpeechError:
            return  # the turn that will need the recogniser finds out for itself
        usable = any(self._preparing.unusable(transcript, heard.context) is None for transcript in transcripts)
        if usable and not self._key_decided(heard.context):
            self._floor.held = heard
            await self._answer_held()

    async def _answer_held(self) -> None:
        """What must be heard is heard to its end; then what the caller said over it is answered.

        Words while the bot waits for something outside are answered at once: they may ask for a person.
        """
        waits = self._floor.phase is Phase.THINKING and isinstance(self._floor.action, Act)
        may = waits or (self._floor.phase is Phase.SPEAKING and self._talking.interruptible)
        if self._floor.held is None or not may:
            return
        held, self._floor.held = self._floor.held, None
        await self._take_floor()
        self._start_turn(held)

    def _notice_silence(self) -> None:
        waited = self._ear.received_seconds - self._floor.listening_since
        idle = self._floor.phase is Phase.LISTENING and not self._caller_speaking and self._turn is None
        ringing = self._handing_over.person is not None
        if idle and waited >= (STILL_RINGING_SECONDS if ringing else self._floor.listen.timeout_seconds):
            self._start_turn(StillRinging() if ringing else CallerSilent())

    # The turn.

    async def _prepare(self, transcripts: list[Transcript], context: Context) -> Prepared:
        """Work out a reply ahead of time; a noise that stopped the bot lets it go on as soon as it is known for one."""
        prepared = await self._preparing.reply_to_speech(transcripts, context, self.state)
        if prepared.reply is not None:
            decision = prepared.reply.decision
            if decision.rule in SETTLED:
                self._ear.settled()
            elif decision.rule in ANSWERS and (decision.score or 0.0) >= SURE_SCORE:
                self._ear.understood()
        if prepared.event is None and self._floor.interrupted is not None and self._floor.phase is Phase.LISTENING:
            self._start_turn(prepared)
        return prepared

    def _start_turn(self, trigger: Trigger) -> None:
        self._drop_turn()
        self._pressed = isinstance(trigger, CallerPressed)
        self._floor.decided.clear()
        self._floor.phase = Phase.THINKING
        self._floor.pending = trigger if isinstance(trigger, Heard) else None
        self._turn = self._tasks.create_task(self._run_turn(trigger))

    async def _run_turn(self, trigger: Trigger) -> None:
        """One turn; the named last resort of a call: whatever breaks, the caller reaches a person."""
        try:
            await self._telling.phase(Phase.THINKING)
            await self._replying.take_turn(trigger)
        except LineClosed:
            return
        except Exception as error:
            self._floor.outcome = "fault"
            await self._replying.enter(Phase.LEAVING)
            await self._leaving.rescue(error, self.state.language)
        finally:
            if self._turn is asyncio.current_task():
                self._turn = None
        if self._floor.held is not None and self._floor.phase is Phase.LISTENING:
            held, self._floor.held = self._floor.held, None
            self._start_turn(held)

    # Taking the floor.

    async def _take_floor(self) -> None:
        """The caller has the floor: stop talking and thinking, and remember what was not heard."""
        was_speaking = self._floor.phase is Phase.SPEAKING
        if not was_speaking and self._floor.phase is not Phase.THINKING:
            return
        turn, self._turn = self._turn, None
        if turn is not None and turn is not asyncio.current_task():
            turn.cancel()
            await asyncio.wait({turn})
        self._floor.phase = Phase.LISTENING
        self._floor.listening_since = self._ear.received_seconds
        if was_speaking:
            await self._replying.fall_silent()

    def _begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task of this call: it ends with it."""
        return self._tasks.create_task(work)

    def _drop_turn(self) -> None:
        if self._turn is not None and self._turn is not asyncio.current_task():
            self._turn.cancel()
        self._turn = None
