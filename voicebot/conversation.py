"""One caller and the bot, from greeting to goodbye: the one loop that joins the rooms.

The loop reads the line's events and never waits for anything slow. A turn (hear, respond, speak) is one task; when
the caller takes the floor, the task is cancelled, the line cleared, and what was heard is known from marks. Every
wait has a deadline, and whatever breaks, the caller hears an apology and reaches a person.
"""

import asyncio
from typing import Any, assert_never

import structlog

from dialog.events import (
    Action,
    CallBegan,
    CallerPressed,
    CallerSaid,
    CallerSilent,
    Event,
    HandOff,
    HangUp,
    Listen,
    TransferFailed,
)
from speech.ear import Ear
from speech.endpointing import EarEvent, SpeechPaused, SpeechResumed, SpeechStarted, UtteranceComplete
from speech.errors import SpeechError
from speech.transcript import Transcript, Utterance
from telephony.call import (
    Call,
    CallEnded,
    Caller,
    CallEvent,
    Caption,
    EndReason,
    FrameReceived,
    KeyPressed,
    MarkCleared,
    MarkPlayed,
    TextTyped,
)
from telephony.errors import CarrierRefused, LineClosed
from voicebot.barge_in import BargeIn
from voicebot.leaving import Leaving
from voicebot.listening import Heard, Listening, transcripts_of
from voicebot.playback import Sentence
from voicebot.preparing import STOP, UNCLEAR, Context, Earlier, Prepared, Preparing
from voicebot.rooms import Deadlines, Rooms
from voicebot.stopwatch import Stopwatch
from voicebot.talking import Talking
from voicebot.telling import Phase, Telling

log = structlog.get_logger(__name__)

FALSE_END_SECONDS = 1.2
"""Whoever speaks again within so long of our answer's beginning had not finished (turns.md, section 3)."""

HESITATION_SECONDS = 0.9
"""Silence after which words that made no sense are taken for all that the caller wanted to say."""

SETTLED = frozenset({"goodbye", "person", "emergency"})
"""Rules of the dialog that mean that nothing more has to be said."""


class Conversation:
    """One caller, one line, one bot.

    Args:
        call: the line.
        rooms: the shared parts.
        ear: this call's own ear.
        deadlines: how long each wait may take.
        state: the dialog's state when the call has been here before, or None.
    """

    def __init__(
        self, call: Call, rooms: Rooms, ear: Ear, deadlines: Deadlines | None = None, state: Any | None = None
    ) -> None:
        self.state: Any = rooms.mind.new_state() if state is None else state
        self._call = call
        self._rooms = rooms
        self._ear = ear
        self._deadlines = deadlines or Deadlines()
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
            start=lambda work: self._tasks.create_task(work),
        )
        self._preparing = Preparing(rooms, self._deadlines, self._talking)
        self._leaving = Leaving(call, rooms, self._talking, self._deadlines, tell.caption)
        self._phase = Phase.THINKING
        self._turn: asyncio.Task[None] | None = None
        self._outcome = "caller_hung_up"
        # The caller's side: are they speaking, since when are we waiting for them.
        self._caller_speaking = False
        self._voice_now = False
        self._context = Context()
        self._listen = Listen()
        self._listening_since = 0.0
        self._alarm = (0.0, asyncio.Event())
        self._pending: Heard | None = None  # what the turn under way answers
        self._held: Heard | None = None  # what was said over words that must be heard
        # The bot's side: what is being said, and what was cut off.
        self._state_before: Any = self.state
        self._understood = True
        self._action: Action = self._listen
        self._interrupted: tuple[tuple[Sentence, ...], Action] | None = None

    async def run(self) -> str:
        """Talk until the call is over.

        Returns:
            the outcome: "goodbye", "no_input", "closed", "handed_off", "fault", "caller_hung_up", "line_lost" or
            "time_limit".
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                self._listening = Listening(self._ear, self._rooms, self._prepare, tasks.create_task, self._deadlines)
                self._listening.languages = tuple(self.state.caller_languages)
                self._start_turn(_opening(self._call.caller))
                await self._attend()
                self._phase = Phase.ENDED
                self._drop_turn()
                self._listening.close()
                for heard in (self._pending, self._held):
                    if heard is not None:
                        heard.cancel()
        except* LineClosed:
            self._outcome = "line_lost"
        await self._telling.caption(Caption("ended", self._outcome))
        return self._outcome

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
            self._outcome = "line_lost"
            await self._leaving.hang_up()

    async def _on_line(self, event: CallEvent) -> None:
        match event:
            case FrameReceived(pcm):
                self._barge_in.hears(pcm, self._ear.received_seconds)
                for ear_event in self._ear.hear(pcm):
                    await self._on_ear(ear_event)
                if self._voice_now and self._phase is Phase.SPEAKING:
                    await self._caller_speaks_over_bot()
                self._notice_silence()
                if self._ear.received_seconds >= self._alarm[0]:
                    self._alarm[1].set()
            case KeyPressed(digit):
                await self._put(CallerPressed(digit))
            case TextTyped(text):
                await self._telling.typed(text)
                await self._put(CallerSaid(text))
            case MarkPlayed(name):
                self._talking.played(name)
                await self._answer_held()
            case MarkCleared():
                pass
            case CallEnded(reason):
                self._note_end(reason)
            case _:
                assert_never(event)

    async def _put(self, event: Event) -> None:
        """A key or a typed line: it always has the floor."""
        if self._phase in (Phase.LEAVING, Phase.ENDED):
            return
        await self._take_floor()
        self._start_turn(event)

    async def _on_ear(self, event: EarEvent) -> None:
        match event:
            case SpeechStarted():
                self._caller_speaking = self._voice_now = True
                await self._caller_began()
            case SpeechPaused(utterance):
                self._voice_now = False
                self._listening.begin(utterance, self._context)
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
        over_bot = self._phase is Phase.SPEAKING
        self._context = Context(over_bot, answering=over_bot and self._talking.nearly_done and self._asks())
        if over_bot:
            await self._caller_speaks_over_bot()
        elif self._phase is Phase.THINKING and self._pending is not None:
            await self._join_with(self._pending)

    async def _caller_speaks_over_bot(self) -> None:
        if not (self._talking.interruptible and self._barge_in.stops(self._ear.received_seconds)):
            return
        pending, sounding = self._pending, self._talking.sounding_seconds
        await self._take_floor()
        if pending is not None and sounding < FALSE_END_SECONDS:
            # We may have begun to answer before they had finished: then what they say now belongs to what they said.
            self._listening.carry(pending)
            self._context = Context(over_bot=True, earlier=Earlier(self._state_before, self._understood))

    async def _join_with(self, pending: Heard) -> None:
        self._listening.carry(pending)
        await self._take_floor()

    def _asks(self) -> bool:
        return isinstance(self._action, Listen) and self._action.expects != "open"

    def _caller_finished(self, utterance: Utterance, reason: str) -> None:
        heard = self._listening.complete(utterance, self._context)
        self._telling.complete(heard.endpoint_ms, reason)
        if self._phase is Phase.LISTENING:
            self._start_turn(heard)
        elif self._phase in (Phase.SPEAKING, Phase.THINKING):
            self._tasks.create_task(self._hold(heard))

    async def _hold(self, heard: Heard) -> None:
        """Speech over the bot that did not stop it: if it was words, they are answered as soon as may be."""
        try:
            transcripts = await transcripts_of(heard.results)
        except SpeechError:
            return  # the turn that will need the recogniser finds out for itself
        if any(self._preparing.unusable(transcript, heard.context) is None for transcript in transcripts):
            self._held = heard
            await self._answer_held()

    async def _answer_held(self) -> None:
        """What must be heard is heard to its end; then what the caller said over it is answered."""
        if self._held is None or self._phase is not Phase.SPEAKING or not self._talking.interruptible:
            return
        held, self._held = self._held, None
        await self._take_floor()
        self._start_turn(held)

    def _notice_silence(self) -> None:
        waited = self._ear.received_seconds - self._listening_since
        idle = self._phase is Phase.LISTENING and not self._caller_speaking and self._turn is None
        if idle and waited >= self._listen.timeout_seconds:
            self._start_turn(CallerSilent())

    def _note_end(self, reason: EndReason) -> None:
        match reason:
            case EndReason.LINE_LOST:
                self._outcome = "line_lost"
            case EndReason.TIME_LIMIT:
                self._outcome = "time_limit"
            case EndReason.TRANSFERRED if self._outcome != "fault":
                self._outcome = "handed_off"
            case EndReason.CALLER_HUNG_UP | EndReason.WE_HUNG_UP | EndReason.TRANSFERRED:
                pass
            case _:
                assert_never(reason)

    # The turn.

    async def _prepare(self, transcripts: list[Transcript], context: Context) -> Prepared:
        """Work out a reply ahead of time; a noise that stopped the bot lets it go on as soon as it is known for one."""
        prepared = await self._preparing.reply_to_speech(transcripts, context, self.state)
        if prepared.reply is not None and prepared.reply.decision.rule in SETTLED:
            self._ear.settled()
        if prepared.event is None and self._interrupted is not None and self._phase is Phase.LISTENING:
            self._start_turn(prepared)
        return prepared

    def _start_turn(self, trigger: Event | Heard | Prepared) -> None:
        self._drop_turn()
        self._phase = Phase.THINKING
        self._pending = trigger if isinstance(trigger, Heard) else None
        self._turn = self._tasks.create_task(self._run_turn(trigger))

    async def _run_turn(self, trigger: Event | Heard | Prepared) -> None:
        """One turn; the named last resort of a call: whatever breaks, the caller reaches a person."""
        try:
            await self._telling.phase(Phase.THINKING)
            await self._take_turn(trigger)
        except LineClosed:
            return
        except Exception as error:
            self._outcome = "fault"
            await self._enter(Phase.LEAVING)
            await self._leaving.rescue(error, self.state.language)
        finally:
            if self._turn is asyncio.current_task():
                self._turn = None
        if self._held is not None and self._phase is Phase.LISTENING:
            held, self._held = self._held, None
            self._start_turn(held)

    async def _take_turn(self, trigger: Event | Heard | Prepared) -> None:
        watch = Stopwatch()
        match trigger:
            case Heard():
                watch.began = trigger.complete_at - trigger.endpoint_ms / 1000
                watch.add("endpoint", trigger.endpoint_ms)
                prepared = await self._patiently(trigger)
                if prepared.based_on is not self.state:
                    transcripts = await transcripts_of(trigger.results)
                    prepared = await self._preparing.reply_to_speech(transcripts, trigger.context, self.state)
                if prepared.reply is not None and prepared.reply.decision.rule in UNCLEAR:
                    await self._silence_since(trigger.utterance.speech_end_seconds, HESITATION_SECONDS)
                if prepared.transcript is not None:
                    self._barge_in.caller_spoke(trigger.utterance.samples)
            case Prepared():
                prepared = trigger
            case _:
                prepared = await self._preparing.reply_to(trigger, self.state)
        await self._give(prepared, watch)

    async def _silence_since(self, moment: float, seconds: float) -> None:
        """Wait until so much audio has come in since a moment of the call; a caller who goes on is joined with it."""
        if self._ear.received_seconds - moment < seconds:
            self._alarm = (moment + seconds, asyncio.Event())
            await self._alarm[1].wait()

    async def _patiently(self, heard: Heard) -> Prepared:
        """Wait for a reply; when it takes long the caller hears that it is coming, and later that it still is."""
        for kind, seconds in (("one_moment", self._deadlines.filler), ("still_working", self._deadlines.filler_again)):
            if await heard.ready_within(seconds):
                break
            language = self.state.language
            filler = Sentence("", self._rooms.mind.apology(kind, language), language)
            await self._talking.say(self._talking.again((filler,)), Stopwatch())
        return await heard.prepared()

    async def _give(self, prepared: Prepared, watch: Stopwatch) -> None:
        """Let a prepared reply happen."""
        for stage, ms in prepared.ms.items():
            watch.add(stage, ms)
        if prepared.reason is not None:
            self._telling.unusable(prepared.reason)
        if prepared.reply is None:
            await (self._hush() if prepared.reason == STOP else self._resume())
            return
        self._interrupted = None
        self._barge_in.false_stops = 0
        if prepared.joined:
            self._ear.false_end()
        self._state_before = self.state if prepared.before is None else prepared.before
        self.state = prepared.state
        self._understood = prepared.reply.decision.rule not in UNCLEAR
        self._listening.languages = tuple(self.state.caller_languages)
        await self._telling.decided(prepared, watch)
        reply = prepared.reply
        await self._perform(self._talking.split(reply.prompts), reply.action, watch, prepared)

    async def _perform(
        self, sentences: tuple[Sentence, ...], action: Action, watch: Stopwatch, prepared: Prepared | None = None
    ) -> None:
        """Say a reply, then do what it says."""
        self._action = action
        await self._enter(Phase.SPEAKING)
        await self._talking.say(sentences, watch, prepared.first if prepared else None)
        self._pending = None
        self._telling.timed(watch)
        match action:
            case Listen():
                await self._start_listening(action)
            case HandOff():
                await self._hand_off(action)
            case HangUp(reason):
                self._outcome = reason
                await self._enter(Phase.LEAVING)
                await self._leaving.hang_up()
            case _:
                assert_never(action)

    async def _start_listening(self, action: Listen) -> None:
        self._listen = action
        self._listening.expects = action.expects
        self._listening.choices = action.choices
        self._listening_since = self._ear.received_seconds
        self._ear.expect(action.expects, action.length, action.choices)
        await self._enter(Phase.LISTENING)

    async def _hand_off(self, person: HandOff) -> None:
        await self._enter(Phase.LEAVING)
        try:
            await self._leaving.to_person(person, self.state.language)
        except (CarrierRefused, TimeoutError) as error:
            self._log.error("the transfer failed", error=type(error).__name__)
            self._rooms.metrics.faults.labels("transfer").inc()
            prepared = await self._preparing.reply_to(TransferFailed(person.department), self.state)
            if prepared.reply is None or isinstance(prepared.reply.action, HandOff):
                raise
            await self._give(prepared, Stopwatch())

    async def _hush(self) -> None:
        """The caller told us to stop: say nothing more, and listen."""
        interrupted, self._interrupted = self._interrupted, None
        action = interrupted[1] if interrupted is not None else self._listen
        await self._start_listening(action if isinstance(action, Listen) else self._listen)

    async def _resume(self) -> None:
        """Go on with what a noise interrupted, or just listen again."""
        self._listening.forget()
        if self._interrupted is None:
            await self._start_listening(self._listen)
            return
        (sentences, action), self._interrupted = self._interrupted, None
        self._barge_in.false_stops += 1
        self._rooms.metrics.resumed.inc()
        await self._perform(self._talking.again(sentences), action, Stopwatch())

    # Taking the floor.

    async def _take_floor(self) -> None:
        """The caller has the floor: stop talking and thinking, and remember what was not heard."""
        was_speaking = self._phase is Phase.SPEAKING
        if not was_speaking and self._phase is not Phase.THINKING:
            return
        turn, self._turn = self._turn, None
        if turn is not None and turn is not asyncio.current_task():
            turn.cancel()
            await asyncio.wait({turn})
        self._phase = Phase.LISTENING
        self._listening_since = self._ear.received_seconds
        if was_speaking:
            await self._fall_silent()

    async def _fall_silent(self) -> None:
        playback = await self._talking.cut()
        if not playback.unheard:
            return
        self._interrupted = (playback.unheard, self._action)
        if not isinstance(self._action, Listen):
            # The goodbye or the hand-off was not heard out: the caller wants something else first.
            self.state = self._state_before
        await self._telling.interrupted(playback)

    def _drop_turn(self) -> None:
        if self._turn is not None and self._turn is not asyncio.current_task():
            self._turn.cancel()
        self._turn = None

    async def _enter(self, phase: Phase) -> None:
        self._phase = phase
        await self._telling.phase(phase)


def _opening(caller: Caller) -> Event:
    """What the dialog is told first; a caller whom no person answered comes back with that."""
    if caller.resumed is None or caller.resumed == "reconnect":
        return CallBegan(caller.language, resumed=caller.resumed is not None)
    return TransferFailed("")
