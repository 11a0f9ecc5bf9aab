"""The bot's side of a turn: what was prepared is said, and what it asks for is done."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias, assert_never

import structlog

from dialog.events import STILL_WORKING, Act, Action, Event, HandOff, HangUp, Listen, TransferFailed
from speech.ear import Ear
from telephony.call import PersonReady, PersonTook
from telephony.errors import CarrierRefused
from voicebot.acting import Errands
from voicebot.barge_in import BargeIn
from voicebot.floor import Floor, Phase
from voicebot.handing_over import HandingOver, StillRinging
from voicebot.keeping import Keeping
from voicebot.leaving import Leaving
from voicebot.listening import Heard, Listening, transcripts_of
from voicebot.playback import Sentence
from voicebot.preparing import STOP, UNCLEAR, Prepared, Preparing
from voicebot.rooms import Deadlines, Rooms
from voicebot.stopwatch import Stopwatch
from voicebot.talking import Talking
from voicebot.telling import Telling

log = structlog.get_logger(__name__)

Trigger: TypeAlias = Event | Heard | Prepared | PersonTook | PersonReady | StillRinging
"""What a turn begins with."""

ReadyWithin: TypeAlias = Callable[[float], Awaitable[bool]]

HESITATION_SECONDS = 0.75
"""Silence after which words that made no sense are taken for all that the caller wanted to say."""


class Replying:
    """Takes the bot's turns in one call. A turn that is cancelled stops at once; `fall_silent` then clears the line.

    Args:
        floor: what stands in the call.
        rooms: the shared parts.
        deadlines: how long each wait may take.
        ear: this call's own; told what to expect.
        listening: told what to expect, too.
        barge_in: learns how loud the caller is.
        preparing: works out replies.
        talking: says them.
        leaving: passes the caller on, or hangs up.
        errands: what is done outside.
        telling: tells what happens.
        keeping: writes it down.
        handing_over: asks people to take the caller.
    """

    def __init__(
        self,
        floor: Floor,
        rooms: Rooms,
        deadlines: Deadlines,
        ear: Ear,
        listening: Listening,
        barge_in: BargeIn,
        preparing: Preparing,
        talking: Talking,
        leaving: Leaving,
        errands: Errands,
        telling: Telling,
        keeping: Keeping,
        handing_over: HandingOver,
    ) -> None:
        self._floor = floor
        self._rooms = rooms
        self._deadlines = deadlines
        self._ear = ear
        self._listening = listening
        self._barge_in = barge_in
        self._preparing = preparing
        self._talking = talking
        self._leaving = leaving
        self._errands = errands
        self._telling = telling
        self._keeping = keeping
        self._handing_over = handing_over
        self._alarm = (0.0, asyncio.Event())
        self._log = log.bind(call_id=telling.call_id)

    def audio_came(self) -> None:
        """More of the call's audio has come in: the clock that silences are counted by."""
        if self._ear.received_seconds >= self._alarm[0]:
            self._alarm[1].set()

    async def take_turn(self, trigger: Trigger) -> None:
        """Answer words, an event on the line, news of a person, or what was found not to be words.

        Raises:
            SpeechError: the recogniser or the mouth failed.
            TimeoutError: something took too long.
            CarrierRefused: the carrier would not do what it was asked for.
            LineClosed: the caller has gone.
        """
        watch = Stopwatch()
        match trigger:
            case Heard():
                prepared = await self._reply_to_words(trigger, watch)
            case Prepared():
                prepared = trigger
            case PersonTook():
                await self._tell_of_person()
                return
            case PersonReady():
                await self._go_to_person()
                return
            case StillRinging():
                await self._tell_how_it_stands()
                return
            case _:
                prepared = await self._preparing.reply_to(trigger, self._floor.state)
        await self._give(prepared, watch)

    async def _reply_to_words(self, heard: Heard, watch: Stopwatch) -> Prepared:
        watch.began = heard.complete_at - heard.endpoint_ms / 1000
        watch.add("endpoint", heard.endpoint_ms)
        await self._keep_company(heard.ready_within)
        prepared = await heard.prepared()
        if prepared.based_on is not self._floor.state:
            transcripts = await transcripts_of(heard.results)
            prepared = await self._preparing.reply_to_speech(transcripts, heard.context, self._floor.state)
        if prepared.reply is not None and prepared.reply.decision.rule in UNCLEAR:
            await self._silence_since(heard.utterance.speech_end_seconds, HESITATION_SECONDS)
        if prepared.transcript is not None:
            self._barge_in.caller_spoke(heard.utterance.samples, heard.context.over_bot)
        return prepared

    async def _silence_since(self, moment: float, seconds: float) -> None:
        """Wait until so much audio has come in since a moment of the call; a caller who goes on is joined with it."""
        if self._ear.received_seconds - moment < seconds:
            self._alarm = (moment + seconds, asyncio.Event())
            await self._alarm[1].wait()

    async def _keep_company(self, ready_within: ReadyWithin, told: bool = False, company: str = STILL_WORKING) -> None:
        """Wait for something; when it takes long the caller hears that it is coming, and now and then that it still is.

        Args:
            ready_within: waits so many seconds at most, and says whether it is there.
            told: the caller knows already that it takes a moment.
            company: what they hear now and then; see `Act`.
        """
        deadlines = self._deadlines
        again = deadlines.filler_again if company == STILL_WORKING else deadlines.filler_waiting
        seconds = again if told else deadlines.filler
        while not await ready_within(seconds):
            language = self._floor.state.language
            said = self._rooms.mind.apology(company if told else "one_moment", language)
            await self._talking.say(self._talking.again((Sentence("", said, language),)), Stopwatch())
            seconds, told = again, True

    async def _give(self, prepared: Prepared, watch: Stopwatch) -> None:
        """Let a prepared reply happen."""
        for stage, ms in prepared.ms.items():
            watch.add(stage, ms)
        if prepared.reason is not None:
            self._telling.unusable(prepared.reason)
        if prepared.reply is None:
            await (self._hush() if prepared.reason == STOP else self._resume())
            return
        floor = self._floor
        floor.interrupted = None
        self._barge_in.false_stops = 0
        if prepared.joined:
            self._ear.false_end()
        floor.state_before = floor.state if prepared.before is None else prepared.before
        floor.state = prepared.state
        floor.decided.set()
        floor.understood = prepared.reply.decision.rule not in UNCLEAR
        self._listening.languages = tuple(floor.state.caller_languages)
        reply = prepared.reply
        if prepared.event is not None:
            self._keeping.turn(floor.state_before, prepared.event, floor.state, reply, instead=prepared.joined)
        await self._telling.decided(prepared, watch)
        if isinstance(reply.action, HandOff):
            if self._handing_over.hopeless(reply.action):
                nobody = TransferFailed(reply.action.department, "nobody_free")
                await self._give(await self._preparing.reply_to(nobody, floor.state), watch)
                return
        elif prepared.joined or (isinstance(reply.action, Listen) and reply.action.stop_ringing):
            self._handing_over.give_up()
        await self._perform(self._talking.split(reply.prompts), reply.action, watch, prepared)

    async def _perform(
        self, sentences: tuple[Sentence, ...], action: Action, watch: Stopwatch, prepared: Prepared | None = None
    ) -> None:
        """Say a reply, then do what it says."""
        self._floor.action = action
        if isinstance(action, Act):
            self._errands.begin(action)
        elif isinstance(action, HandOff):
            await self._handing_over.begin(action)  # people's phones ring while the caller is told so
            if self._handing_over.person is not None:
                await self._telling.ringing(action)
        await self.enter(Phase.SPEAKING)
        await self._talking.say(sentences, watch, prepared.first if prepared else None)
        self._keeping.heard(sentences, interrupted=False)
        self._floor.pending = None
        self._telling.timed(watch)
        match action:
            case Listen():
                await self._listen(action)
            case Act(company=company):
                await self._come_back(bool(sentences), company)
            case HandOff():
                await self._hand_off(action)
            case HangUp(reason):
                self._floor.outcome = reason
                await self.enter(Phase.LEAVING)
                await self._leaving.hang_up()
            case _:
                assert_never(action)

    async def _listen(self, action: Listen) -> None:
        self._floor.listen = action
        self._floor.listening_since = self._ear.received_seconds
        self._listening.expects = action.expects
        self._listening.choices = action.choices
        self._ear.expect(action.expects, action.length, action.choices)
        await self.enter(Phase.LISTENING)

    async def _come_back(self, told: bool, company: str) -> None:
        """Wait for what was asked for outside, and go on with what came of it."""
        await self.enter(Phase.THINKING)
        await self._keep_company(self._errands.ready_within, told, company)
        came = await self._errands.result()
        await self._give(await self._preparing.reply_to(came, self._floor.state), Stopwatch())

    async def _hand_off(self, person: HandOff) -> None:
        if self._handing_over.person is not None:
            await self._listen(Listen())
            return
        await self.enter(Phase.LEAVING)
        self._keeping.passed_on(person)
        try:
            await self._leaving.to_person(person, self._floor.state.language)
            self._keeping.transferred("passed_on")
        except (CarrierRefused, TimeoutError) as error:
            self._keeping.transferred("refused")
            await self._not_passed_on(person, error)

    async def _tell_how_it_stands(self) -> None:
        """Nobody has come yet, and the caller is silent."""
        sentences = self._talking.split(self._handing_over.words_now())
        if sentences:
            await self.enter(Phase.SPEAKING)
            await self._talking.say(sentences, Stopwatch())
        await self._listen(self._floor.listen)

    async def _tell_of_person(self) -> None:
        """Somebody is hearing the brief: say so; the sentence is heard out, even if the brief is shorter."""
        self._handing_over.telling = self._handing_over.told = True
        await self.enter(Phase.THINKING)  # nothing the caller says now holds them back
        try:
            await self._say("person_ready")
        finally:
            self._handing_over.telling = False
        if self._handing_over.waits:
            await self._go_to_person()
        else:
            await self._listen(self._floor.listen)

    async def _go_to_person(self) -> None:
        """Somebody knows what it is about and waits: let the caller go to them."""
        person = self._handing_over.person
        await self.enter(Phase.LEAVING)
        try:
            async with asyncio.timeout(self._deadlines.carrier):
                await self._handing_over.join()
        except (CarrierRefused, TimeoutError) as error:
            if person is None:
                raise
            await self._not_passed_on(person, error)

    async def _not_passed_on(self, person: HandOff, error: Exception) -> None:
        self._log.error("the transfer failed", error=type(error).__name__)
        self._rooms.metrics.faults.labels("transfer").inc()
        prepared = await self._preparing.reply_to(TransferFailed(person.department), self._floor.state)
        if prepared.reply is None or isinstance(prepared.reply.action, HandOff):
            raise error
        await self._give(prepared, Stopwatch())

    async def _say(self, kind: str) -> None:
        """One fixed sentence that is no reply to anything."""
        language = self._floor.state.language
        said = self._rooms.mind.apology(kind, language)
        await self._talking.say(self._talking.again((Sentence("", said, language),)), Stopwatch())

    async def _hush(self) -> None:
        """The caller told us to stop: say nothing more, and listen."""
        interrupted, self._floor.interrupted = self._floor.interrupted, None
        action = interrupted[1] if interrupted is not None else self._floor.listen
        await self._listen(action if isinstance(action, Listen) else self._floor.listen)

    async def _resume(self) -> None:
        """Go on with what a noise interrupted, or just listen again."""
        self._listening.forget()
        if self._floor.interrupted is None:
            await self._listen(self._floor.listen)
            return
        (sentences, action), self._floor.interrupted = self._floor.interrupted, None
        self._barge_in.false_stops += 1
        self._rooms.metrics.resumed.inc()
        await self._perform(self._talking.again(sentences), action, Stopwatch())

    async def fall_silent(self) -> None:
        """The caller has the floor: clear the line, and remember what was not heard."""
        playback = await self._talking.cut()
        self._keeping.heard(playback.heard, interrupted=bool(playback.unheard))
        if not playback.unheard:
            return
        floor = self._floor
        floor.interrupted = (playback.unheard, floor.action)
        if isinstance(floor.action, HandOff | HangUp) and self._handing_over.person is None:
            # The goodbye or the hand-off was not heard out: the caller wants something else first.
            floor.state = floor.state_before
        await self._telling.interrupted(playback)

    def ask_nobody(self) -> None:
        """The caller goes another way: whoever is being rung for them need not come."""
        self._handing_over.give_up()

    async def enter(self, phase: Phase) -> None:
        """From now on the bot does something else."""
        self._floor.phase = phase
        await self._telling.phase(phase)
