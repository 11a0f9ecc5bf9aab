"""What the caller says aloud: when it takes the floor from the bot, and when it is answered."""

from dataclasses import replace
from typing import assert_never

from dialog.events import Act, HandOff, HangUp
from speech.ear import Ear
from speech.endpointing import EarEvent, SpeechPaused, SpeechResumed, SpeechStarted, UtteranceComplete
from speech.errors import SpeechError
from speech.transcript import Transcript, Utterance
from voicebot.barge_in import BargeIn
from voicebot.floor import Floor, Phase
from voicebot.listening import Heard, Listening, Start, transcripts_of
from voicebot.preparing import Context, Earlier, Prepared, Preparing
from voicebot.talking import Talking
from voicebot.telling import Telling
from voicebot.turns import Turns

FALSE_END_SECONDS = 1.2
"""Whoever speaks again within so long of our answer's beginning had not finished (turns.md, section 3)."""

SETTLED = frozenset({"goodbye", "person", "emergency"})
"""Rules of the dialog that mean that nothing more has to be said."""

ANSWERS = frozenset({"answer", "flow"})
"""Rules of the dialog that mean that it found what the caller wants."""

SURE_SCORE = 0.98
"""From this score of the dialog on, 0..1, the words so far are taken for a whole request (docs/003)."""


class CallerSpeech:
    """Follows one caller's speech.

    Args:
        floor: what stands in the call.
        ear: tells where speech begins and ends.
        barge_in: tells speech from the bot's own voice and from small noises.
        listening: keeps the utterances.
        preparing: works out replies.
        talking: the bot's side.
        telling: tells what was heard.
        turns: begins and ends the bot's.
        start: starts a task of this call.
    """

    def __init__(
        self,
        floor: Floor,
        ear: Ear,
        barge_in: BargeIn,
        listening: Listening,
        preparing: Preparing,
        talking: Talking,
        telling: Telling,
        turns: Turns,
        start: Start,
    ) -> None:
        self._floor = floor
        self._ear = ear
        self._barge_in = barge_in
        self._listening = listening
        self._preparing = preparing
        self._talking = talking
        self._telling = telling
        self._turns = turns
        self._start = start
        self._voice_now = False
        self._context = Context()
        self.goes_on = False
        """The caller is speaking, or pauses in the middle of it."""

    async def hear(self, event: EarEvent) -> None:
        """Take in what the ear noticed."""
        match event:
            case SpeechStarted():
                self.goes_on = self._voice_now = True
                self._barge_in.utterance_began()
                await self._began()
            case SpeechPaused(utterance):
                self._voice_now = False
                self._listening.begin(utterance, self._context_of(utterance))
            case SpeechResumed():
                self._voice_now = True
                self._listening.drop()
            case UtteranceComplete(utterance, reason):
                self.goes_on = self._voice_now = False
                self._finished(utterance, reason)
            case _:
                assert_never(event)

    def overhear(self, event: EarEvent) -> None:
        """The caller writes with a person: what they say beside that is nobody's, but it ends."""
        if isinstance(event, UtteranceComplete):
            self.goes_on = self._voice_now = False

    async def sounds(self) -> None:
        """Another frame has come in: a voice over the bot may by now be more than a noise."""
        if self._voice_now and self._floor.phase is Phase.SPEAKING:
            await self._over_bot()
        elif self._voice_now and self._floor.phase is Phase.THINKING:
            await self._adds()

    async def prepare(self, transcripts: list[Transcript], context: Context) -> Prepared:
        """Work out a reply ahead of time; a noise that stopped the bot lets it go on as soon as it is known for one."""
        self._telling.so_far(transcripts)
        prepared = await self._preparing.reply_to_speech(transcripts, context, self._floor.state)
        if prepared.reply is not None:
            decision = prepared.reply.decision
            if decision.rule in SETTLED:
                self._ear.settled()
            elif decision.rule in ANSWERS and (decision.score or 0.0) >= SURE_SCORE:
                self._ear.understood()
        if prepared.event is None and self._floor.interrupted is not None and self._floor.phase is Phase.LISTENING:
            self._turns.start(prepared)
        return prepared

    async def answer_held(self) -> None:
        """What must be heard is heard to its end; then what the caller said over it is answered.

        Words while the bot waits for something outside are answered at once: they may ask for a person.
        """
        waits = self._floor.phase is Phase.THINKING and isinstance(self._floor.action, Act)
        may = waits or (self._floor.phase is Phase.SPEAKING and self._talking.interruptible)
        if self._floor.held is None or not may:
            return
        held, self._floor.held = self._floor.held, None
        await self._turns.take_floor()
        self._turns.start(held)

    async def _began(self) -> None:
        """The caller began to speak: over the bot, or adding to what the bot is thinking about."""
        over_bot = self._floor.phase is Phase.SPEAKING
        self._context = Context(over_bot, answering=over_bot and self._talking.nearly_done and self._floor.asks)
        if over_bot:
            await self._over_bot()
        elif self._floor.phase is Phase.THINKING:
            await self._adds()

    def _context_of(self, utterance: Utterance) -> Context:
        manner = self._barge_in.manner(utterance.samples)
        return replace(self._context, manner=manner, louder_than_echo=self._barge_in.louder_than_echo)

    async def _over_bot(self) -> None:
        if not (self._talking.interruptible and self._barge_in.stops(self._ear.received_seconds)):
            return
        if self._key_decided(self._context):
            return
        pending, sounding = self._floor.pending, self._talking.sounding_seconds
        await self._turns.take_floor()
        if pending is not None and sounding < FALSE_END_SECONDS:
            # We may have begun to answer before they had finished: then what they say now belongs to what they said.
            self._listening.carry(pending)
            self._context = Context(over_bot=True, earlier=Earlier(self._floor.state_before, self._floor.understood))

    def _key_decided(self, context: Context) -> bool:
        """A key that ends the conversation, pressed in mid-sentence, is not undone by the rest of that sentence."""
        return self._turns.pressed and not context.over_bot and isinstance(self._floor.action, HandOff | HangUp)

    async def _adds(self) -> None:
        """The caller goes on while the bot thinks: both halves are one. "One moment" coming back is no half."""
        now, pending = self._ear.received_seconds, self._floor.pending
        if pending is None or (self._barge_in.sounds(now) and not self._barge_in.stops(now)):
            return
        self._listening.carry(pending)
        await self._turns.take_floor()

    def _finished(self, utterance: Utterance, reason: str) -> None:
        heard = self._listening.complete(utterance, self._context_of(utterance))
        self._telling.complete(heard.endpoint_ms, reason)
        if self._floor.phase is Phase.LISTENING:
            self._turns.start(heard)
        elif self._floor.phase in (Phase.SPEAKING, Phase.THINKING):
            self._start(self._hold(heard))

    async def _hold(self, heard: Heard) -> None:
        """Speech over the bot that did not stop it: if it was words, they are answered as soon as may be."""
        try:
            transcripts = await transcripts_of(heard.results)
        except SpeechError:
            return  # the turn that will need the recogniser finds out for itself
        usable = any(self._preparing.unusable(transcript, heard.context) is None for transcript in transcripts)
        if usable and not self._key_decided(heard.context):
            self._floor.held = heard
            await self.answer_held()
