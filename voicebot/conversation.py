"""One caller and the bot, from greeting to goodbye: the one loop that joins the rooms.

The loop reads the line's events and never waits for anything slow. A turn (hear, respond, speak) is one task; when
the caller takes the floor, the task is cancelled, the line cleared, and what was heard is known from marks. Every
wait has a deadline, and whatever breaks, the caller hears an apology and reaches a person.
"""

import asyncio
import time
from enum import StrEnum
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
    NotUnderstood,
    Reply,
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
    EndReason,
    FrameReceived,
    KeyPressed,
    MarkCleared,
    MarkPlayed,
    TextTyped,
)
from telephony.errors import CarrierRefused, LineClosed
from voicebot.leaving import Leaving
from voicebot.listening import Heard, Listening
from voicebot.playback import Sentence
from voicebot.rooms import Deadlines, Rooms
from voicebot.stopwatch import Stopwatch
from voicebot.talking import Talking

log = structlog.get_logger(__name__)

BARGE_IN_LEVEL_DBFS = -42.0
"""Quieter speech stops the bot only once it is known to be words: below this our own echo comes back (turns.md, 4)."""


class Phase(StrEnum):
    """What the bot is doing."""

    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    LEAVING = "leaving"
    ENDED = "ended"


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
        self._talking = Talking(call, rooms.speaking, self._deadlines, self._tell)
        self._leaving = Leaving(call, rooms, self._talking, self._deadlines, self._tell)
        self._state_before: Any = self.state
        self._phase = Phase.THINKING
        self._listen = Listen()
        self._listening_since = 0.0
        self._caller_speaking = False
        self._over_bot = False
        self._held: Heard | None = None
        self._pending: Heard | None = None
        self._turn: asyncio.Task[None] | None = None
        self._action: Action = self._listen
        self._interrupted: tuple[tuple[Sentence, ...], Action] | None = None
        self._outcome = "caller_hung_up"

    async def run(self) -> str:
        """Talk until the call is over.

        Returns:
            the outcome: "goodbye", "no_input", "closed", "handed_off", "fault", "caller_hung_up", "line_lost" or
            "time_limit".
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                self._listening = Listening(self._ear, self._rooms.hearing, tasks.create_task, self._deadlines)
                self._listening.languages = tuple(self.state.caller_languages)
                self._start_turn(self._opening())
                await self._attend()
                self._phase = Phase.ENDED
                self._drop_turn()
                self._listening.close()
                for task in self._held.results if self._held else ():
                    task.cancel()
        except* LineClosed:
            self._outcome = "line_lost"
        await self._tell(Caption("ended", self._outcome))
        return self._outcome

    def _opening(self) -> Event:
        caller = self._call.caller
        if caller.resumed is None or caller.resumed == "reconnect":
            return CallBegan(caller.language, resumed=caller.resumed is not None)
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
            self._outcome = "line_lost"
            await self._leaving.hang_up()

    async def _on_line(self, event: CallEvent) -> None:
        match event:
            case FrameReceived(pcm):
                for ear_event in self._ear.hear(pcm):
                    await self._on_ear(ear_event)
                self._notice_silence()
            case KeyPressed(digit):
                await self._put(CallerPressed(digit))
            case TextTyped(text):
                await self._tell(Caption("caller", text, {"typed": True}))
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
            case SpeechStarted(_, level):
                self._caller_speaking = True
                self._over_bot = self._phase is Phase.SPEAKING
                await self._caller_began(level)
            case SpeechPaused(utterance):
                self._listening.begin(utterance)
            case SpeechResumed():
                self._listening.drop()
            case UtteranceComplete(utterance, reason):
                self._caller_speaking = False
                self._log.debug("utterance complete", reason=reason, seconds=round(utterance.duration_seconds, 2))
                self._caller_finished(utterance)
            case _:
                assert_never(event)

    async def _caller_began(self, level_dbfs: float) -> None:
        """The caller began to speak: over the bot, or adding to what the bot is thinking about."""
        if self._phase is Phase.SPEAKING:
            if self._talking.interruptible and level_dbfs > BARGE_IN_LEVEL_DBFS:
                await self._take_floor()
        elif self._phase is Phase.THINKING and self._pending is not None:
            self._listening.carry(self._pending)
            await self._take_floor()

    def _caller_finished(self, utterance: Utterance) -> None:
        heard = self._listening.complete(utterance, self._over_bot)
        self._rooms.metrics.stage_seconds.labels("endpoint").observe(heard.endpoint_ms / 1000)
        if self._phase is Phase.LISTENING:
            self._start_turn(heard)
        elif self._phase in (Phase.SPEAKING, Phase.THINKING):
            self._tasks.create_task(self._hold(heard))

    async def _hold(self, heard: Heard) -> None:
        """Speech over the bot that did not stop it: if it was words, they are answered as soon as may be."""
        try:
            transcripts = await heard.transcripts()
        except SpeechError:
            return  # the turn that will need the recogniser finds out for itself
        if self._usable(transcripts, over_bot=True):
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

    def _start_turn(self, trigger: Event | Heard) -> None:
        self._drop_turn()
        self._phase = Phase.THINKING
        self._pending = trigger if isinstance(trigger, Heard) else None
        self._turn = self._tasks.create_task(self._run_turn(trigger))

    async def _run_turn(self, trigger: Event | Heard) -> None:
        """One turn; the named last resort of a call: whatever breaks, the caller reaches a person."""
        try:
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

    async def _take_turn(self, trigger: Event | Heard) -> None:
        watch = Stopwatch()
        event = await self._understand(trigger, watch) if isinstance(trigger, Heard) else trigger
        if event is None:
            await self._resume()
            return
        self._interrupted = None
        reply = await self._respond(event, watch)
        await self._perform(self._talking.split(reply.prompts), reply.action, watch)

    async def _understand(self, heard: Heard, watch: Stopwatch) -> Event | None:
        """The words of what was heard, or None when the bot should go on with what it was saying."""
        watch.began = heard.complete_at - heard.endpoint_ms / 1000
        watch.add("endpoint", heard.endpoint_ms)
        transcripts = await heard.transcripts()
        for transcript in transcripts:
            watch.add("queue", transcript.queue_ms)
            watch.add("whisper", transcript.compute_ms)
        usable = self._usable(transcripts, heard.over_bot)
        if not usable:
            reason = transcripts[-1].rejected or "echo"
            self._rooms.metrics.rejected.labels(reason).inc()
            self._log.info("nothing usable heard", reason=reason)
            return None if heard.over_bot else NotUnderstood(reason)
        said = CallerSaid(
            " ".join(transcript.text.strip() for transcript in usable),
            usable[-1].language,
            min(transcript.confidence for transcript in usable),
        )
        await self._tell_heard(said, usable[-1], watch)
        return said

    def _usable(self, transcripts: list[Transcript], over_bot: bool) -> list[Transcript]:
        return [
            transcript
            for transcript in transcripts
            if transcript.rejected is None
            and transcript.text.strip()
            and not (over_bot and self._talking.is_echo(transcript.text))
        ]

    async def _respond(self, event: Event, watch: Stopwatch) -> Reply:
        asked = time.monotonic()
        async with asyncio.timeout(self._deadlines.respond):
            state, reply = await asyncio.get_running_loop().run_in_executor(
                self._rooms.thinking, self._rooms.mind.respond, self.state, event, self._rooms.now()
            )
        self._state_before, self.state = self.state, state
        self._listening.languages = tuple(self.state.caller_languages)
        watch.since("dialog", asked)
        decision = reply.decision
        self._rooms.metrics.turns.labels(decision.rule).inc()
        self._log.info("decided", rule=decision.rule, article=decision.article, score=decision.score)
        shown = {"rule": decision.rule, "article": decision.article, "score": decision.score}
        await self._tell(Caption("decision", decision.rule, {**decision.details, **shown, "stages": watch.shown()}))
        return reply

    async def _perform(self, sentences: tuple[Sentence, ...], action: Action, watch: Stopwatch) -> None:
        """Say a reply, then do what it says."""
        self._action = action
        await self._enter(Phase.SPEAKING)
        await self._talking.say(sentences, watch)
        for stage, ms in watch.ms.items():
            if stage != "endpoint":
                self._rooms.metrics.stage_seconds.labels(stage).observe(ms / 1000)
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
            watch = Stopwatch()
            reply = await self._respond(TransferFailed(person.department), watch)
            if isinstance(reply.action, HandOff):
                raise
            await self._perform(self._talking.split(reply.prompts), reply.action, watch)

    async def _resume(self) -> None:
        """Go on with what a noise interrupted, or just listen again."""
        if self._interrupted is None:
            await self._start_listening(self._listen)
            return
        (sentences, action), self._interrupted = self._interrupted, None
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
        self._rooms.metrics.interruptions.inc()
        counts = {"heard": len(playback.heard), "unheard": len(playback.unheard)}
        await self._tell(Caption("interrupted", " ".join(one.text for one in playback.heard), counts))

    def _drop_turn(self) -> None:
        if self._turn is not None and self._turn is not asyncio.current_task():
            self._turn.cancel()
        self._turn = None

    # Telling whoever watches.

    async def _tell_heard(self, said: CallerSaid, transcript: Transcript, watch: Stopwatch) -> None:
        details = {
            "confidence": round(said.confidence, 3),
            "language": transcript.language,
            "model": transcript.model,
            "rule": transcript.rule,
            "stages": watch.shown(),
        }
        await self._tell(Caption("caller", said.text, details))

    async def _enter(self, phase: Phase) -> None:
        self._phase = phase
        await self._tell(Caption("state", str(phase)))

    async def _tell(self, caption: Caption) -> None:
        await self._call.show(caption)
        await self._rooms.feed.publish(self._call.caller.call_id, caption)
