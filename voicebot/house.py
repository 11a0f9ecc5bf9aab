"""One bot with its ears, mouth and mind, open for callers on any line.

The house is the front desk that every line asks (`telephony.front_desk`): may a caller come in, what to do when the
bot is not ready, full or broken, and the conversation itself. Until the models are loaded callers are passed on to a
person; after that at most `limits.max_calls` are talked to at once.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import structlog

from dialog import Bot, Engine
from dialog.events import CallBegan, HandOff
from speech.audio import Samples
from speech.ear import Ear
from speech.errors import SpeechError
from speech.models import FetchSettings, ModelStore
from speech.mouth import DEFAULT_VOICES, Mouth, MouthSettings
from speech.recogniser import Recogniser, RecogniserSettings
from speech.smart_turn import SmartTurn
from speech.vad import Vad, open_vads
from telephony.call import Call, Pcm16, Spoken, TransferTarget
from telephony.front_desk import Refusal, RefusalReason
from telephony.transfer.request import TransferRecord
from voicebot.acting import Acting
from voicebot.agents.board import Board
from voicebot.callbacks.service import Callbacks
from voicebot.config import Config
from voicebot.conversation import Conversation
from voicebot.feed import Feed
from voicebot.identity.codes import CodeBook
from voicebot.identity.opening import open_provider
from voicebot.keeping import NothingKept
from voicebot.memory import give_back
from voicebot.metrics import Metrics
from voicebot.opening import open_catalogue, open_mind
from voicebot.phone_voice import voiced
from voicebot.recording.recorded_call import listened_in
from voicebot.records.entries import BotLoaded
from voicebot.returning import Left, Recalling, Returning
from voicebot.rooms import Deadlines, Rooms
from voicebot.transfers_kept import TransfersKept
from voicebot.upkeep import Kept, keep_records

log = structlog.get_logger(__name__)

PHONE_RATE_HZ = 8_000

WRITTEN_SECONDS = 0.5
"""How long a person's phone is not rung because the records are slow: milliseconds, when they are not."""

MAY_COME_BACK = ("line_lost", "handed_off")
"""Outcomes after which the same call may go on with us: who the caller is, is remembered then and else forgotten."""

OFF_THE_CUFF = ("fault", "one_moment", "still_working")
"""Phrases that are needed at once when they are needed."""


class House:
    """Everything one process needs to answer calls. Open it with `open_house`.

    Args:
        config: the whole configuration.
        bot: the checked bot.
        engine: its mind.
        kept: where conversations, and the sound of callers who have agreed, are kept; None keeps nothing.
    """

    def __init__(
        self,
        config: Config,
        bot: Bot,
        engine: Engine,
        kept: Kept | None = None,
    ) -> None:
        self.config = config
        self.bot = bot
        self.engine = engine
        self.kept = kept
        self._noting: Recalling = NothingKept() if kept is None else kept.records.ledger
        self._recorder = kept.recorder if kept is not None and bot.records.recording else None
        self.board = Board(bot, now, lambda person, status, at: self._transfers.status_said(person, status, at))
        self._transfers = TransfersKept(self._noting, self.board.calls, now)
        self.feed = Feed()
        self.metrics = Metrics()
        self.store = open_store(config)
        self.recogniser = Recogniser(self.store, recogniser_settings(config))
        self.mouth = Mouth(self.store, mouth_settings(config, bot))
        self.ready = asyncio.Event()
        self.trouble: str | None = None
        self._new_vad: Callable[[], Vad] | None = None
        self._turn_model: SmartTurn | None = None
        self._acting = Acting(bot.actions)
        self._thinking = ThreadPoolExecutor(2, thread_name_prefix="mind")
        self._judging = ThreadPoolExecutor(1, thread_name_prefix="turn-end")
        self._calls = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._returning = Returning(bot, self._noting, now)
        self.code_book = CodeBook()
        levels = frozenset(flow.requires for flow in bot.flows if flow.requires)
        self._identity = open_provider(config.identity, bot.identity, levels, self.code_book, engine.code_text)
        self._closing = False
        self._preparing: asyncio.Task[None] | None = None
        records = None if kept is None else kept.records
        self.callbacks = Callbacks(bot, records, self.board, config.limits.countries)
        self._calling_back: asyncio.Task[None] | None = None

    # Opening and closing.

    async def move_in(self) -> None:
        """Learn from the records whom an earlier process was talking to, and have them say who answers from now on."""
        if self.kept is None:
            return
        ledger = self.kept.records.ledger
        self.metrics.watch_records(ledger)
        ledger.note(BotLoaded(self.bot.name, self.bot.content_version, now()))
        self._returning.expect(await ledger.open_calls())
        await self._transfers.read(ledger)
        self.metrics.watch_callbacks(self.callbacks)
        self._calling_back = asyncio.create_task(self.callbacks.run())

    def prepare(self) -> None:
        """Start loading the models; callers are passed on to a person until `ready` is set."""
        self._preparing = asyncio.create_task(self._prepare())

    async def _prepare(self) -> None:
        try:
            self._new_vad = await asyncio.to_thread(open_vads, self.store)
            self._turn_model = await asyncio.to_thread(SmartTurn.open, self.store)
            await self.recogniser.start()
            await self.mouth.start(self.bot.languages)
            await self.mouth.warm(self._first_words(), PHONE_RATE_HZ)
        except SpeechError as error:
            self.trouble = str(error)
            log.error("the bot cannot answer; callers are passed on to a person", reason=self.trouble)
            return
        self.ready.set()
        self.metrics.ready.set(1)
        log.info("ready", bot=self.bot.name, version=self.bot.content_version[:12])
        try:
            await self._fill_phrase_cache()
        except SpeechError as error:
            log.warning("the phrase cache is not complete", reason=type(error).__name__)

    async def _fill_phrase_cache(self) -> None:
        """Synthesise whatever can be said verbatim, while nobody is on the line: a call needs the processor more."""
        order = {language: place for place, language in enumerate(self.bot.languages)}
        prompts = sorted(self.engine.fixed_prompts(), key=lambda prompt: order[prompt.language])
        words = [(prompt.text, prompt.language) for prompt in prompts]
        made = await self.mouth.warm(words, PHONE_RATE_HZ, before_each=self.wait_quiet)
        self.metrics.phrases_ready.set(1)
        log.info("phrase cache complete", made=made)

    async def wait_ready(self) -> bool:
        """Wait until the models are loaded; False when they cannot be (`trouble` says why)."""
        if self._preparing is None:
            self.prepare()
        assert self._preparing is not None
        ready = asyncio.create_task(self.ready.wait())
        await asyncio.wait({ready, self._preparing}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        return self.ready.is_set()

    def stop_taking_calls(self) -> None:
        """New callers are passed on to a person from now on; calls in progress go on."""
        self._closing = True
        self.metrics.ready.set(0)

    async def close(self) -> None:
        """Stop taking calls and let go of the models."""
        self.stop_taking_calls()
        for task in (self._preparing, self._calling_back):
            if task is not None:
                task.cancel()
                await asyncio.wait({task})
        await self.recogniser.close()
        await self.mouth.close()
        self._acting.close()
        if self._identity is not None:
            await self._identity.close()
        for pool in (self._thinking, self._judging):
            pool.shutdown(wait=False, cancel_futures=True)

    def _first_words(self) -> list[tuple[str, str]]:
        """What every call begins or ends with in trouble: must never have to wait for synthesis."""
        words: list[tuple[str, str]] = []
        for language in self.bot.languages:
            began = CallBegan(language, may_record=self._recorder is not None)
            _, reply = self.engine.respond(self.engine.new_state(), began, now())
            words += [(prompt.text, prompt.language) for prompt in reply.prompts]
            words += [(self.engine.apology(kind, language), language) for kind in OFF_THE_CUFF]
        return words

    async def wait_quiet(self) -> None:
        """Wait until no conversation is in progress, on any line."""
        await self._quiet.wait()

    # The front desk.

    @property
    def calls(self) -> int:
        """Conversations in progress."""
        return self._calls

    @property
    def troubles(self) -> tuple[str, ...]:
        """What the operator should know of what is kept and promised: each with its cure, nothing of any caller."""
        kept = () if self.kept is None else self.kept.troubles
        return kept if self.callbacks.trouble is None else (*kept, self.callbacks.trouble)

    def not_ready(self) -> RefusalReason | None:
        """Why a caller cannot come in now, or None."""
        if self._closing:
            return "closed"
        if not self.ready.is_set():
            return "not_ready"
        if not (self.recogniser.healthy and self.mouth.healthy):
            return "fault"
        if self._calls >= self.config.limits.max_calls or self._recogniser_behind():
            return "full"
        return None

    def _recogniser_behind(self) -> bool:
        """Whether those already on the line have to wait for each other; a new caller would make it worse."""
        waiting = self.config.speech.waiting
        return waiting > 0 and self.recogniser.waiting > waiting // 2

    def refusal(self) -> Refusal | None:
        """Whether a call may come in now; see `FrontDesk`."""
        reason = self.not_ready()
        if reason is None:
            return None
        self.metrics.refused.labels(reason).inc()
        return self._refuse(reason)

    def fallback(self) -> Refusal:
        """What to do with a caller when the bot is broken; see `FrontDesk`."""
        return self._refuse("fault")

    def _refuse(self, reason: RefusalReason) -> Refusal:
        language = self.bot.languages[0]
        kind = "not_ready" if reason == "closed" else reason
        person = self.engine.person(now(), language)
        apology = (Spoken(self.engine.apology(kind, language), language),)
        target = None if person is None else self._target(person, language)
        soon = reason == "not_ready" and self.trouble is None
        moment = Spoken(self.engine.apology("one_moment", language), language) if soon else None
        return Refusal(reason, apology, target, moment)

    def _target(self, person: HandOff, language: str) -> TransferTarget:
        nobody = Spoken(self.engine.apology("nobody_answered", language), language)
        return TransferTarget(person.number, person.name, apology=(nobody,))

    async def converse(self, call: Call) -> None:
        """Hold one conversation; see `FrontDesk`."""
        assert self._new_vad is not None, "callers come in only when ready"
        rooms = Rooms(
            self.engine,
            self.recogniser,
            self.mouth,
            self._thinking,
            self.feed,
            self.metrics,
            now,
            self._turn_end,
            self._acting,
            self._noting,
            self._identity,
            callbacks=self.callbacks,
            board=self.board,
            after_person=self.bot.rating,
        )
        ear = Ear(self._new_vad(), call.rate_hz)
        limits = self.config.limits
        deadlines = Deadlines(idle=limits.idle_seconds, ring=limits.ring_seconds)
        caller = call.caller
        self._count(+1)
        outcome = "fault"
        try:
            left = await self._returning.welcome(caller)
            call = listened_in(call, left.keeping, self._recorder, now)
            conversation = Conversation(call, rooms, ear, deadlines, left.state, left.keeping, left.who)
            left.keeping.began(caller, self.bot.name, self.bot.content_version, conversation.state.language)
            try:
                outcome = await conversation.run()
            finally:
                left.keeping.ended(outcome, conversation.state.language)
                who = conversation.who if outcome in MAY_COME_BACK else None
                self._returning.remember(caller.call_id, Left(conversation.state, left.keeping, who))
        finally:
            self._count(-1)
            self.metrics.calls.labels(str(caller.line), outcome).inc()
            log.info("call over", call_id=caller.call_id, line=str(caller.line), outcome=outcome)

    def remembers(self, call_id: str) -> bool:
        """Whether a conversation with this call can go on; see `FrontDesk`."""
        return self._returning.remembers(call_id)

    def transfer_noted(self, call_id: str, transfer: str, what: TransferRecord) -> None:
        """Write down how a warm transfer goes; see `FrontDesk`."""
        self._transfers.noted(call_id, transfer, what)

    async def transfers_written(self) -> None:
        """Wait until the records have what was noted, or are too slow; see `FrontDesk`."""
        if self.kept is not None:
            await self.kept.records.ledger.flushed(WRITTEN_SECONDS)

    def saved_transfers(self) -> Sequence[tuple[str, str]]:
        """Transfers of an earlier process that go on; see `FrontDesk`."""
        return self._transfers.saved

    async def voice(self, spoken: Spoken) -> Pcm16:
        """The bot's own voice, for people's phones, as soon as it is loaded; see `FrontDesk`."""
        await self.ready.wait()
        return await voiced(self.mouth, spoken)

    async def _turn_end(self, samples: Samples) -> float | None:
        """See `voicebot.rooms.TurnEnd`: one judgement at a time, an answer that has to wait comes too late."""
        model = self._turn_model
        if model is None or model.running or self.recogniser.waiting:
            return None
        return await asyncio.get_running_loop().run_in_executor(self._judging, model.probability, samples)

    def _count(self, more: int) -> None:
        self._calls += more
        self.metrics.calls_in_progress.set(self._calls)
        if self._calls:
            self._quiet.clear()
        else:
            self._quiet.set()
            if not self._closing:
                # On the mind's threads, which have nothing to do now.
                self._thinking.submit(give_back)


def now() -> datetime:
    """The time by which opening hours are judged."""
    return datetime.now(UTC)


def open_store(config: Config) -> ModelStore:
    """The model store as configured."""
    return ModelStore(config.models.folder, open_catalogue(config), FetchSettings(hub=config.models.hub))


def recogniser_settings(config: Config) -> RecogniserSettings:
    """How the recogniser is to work: the built-in choice of models with the operator's on top.

    New callers are refused long before its queue is full (`House.not_ready`), so it has room for everybody who is let
    in: one utterance each in work, and one carried over.
    """
    built_in = RecogniserSettings()
    return RecogniserSettings(
        workers=config.speech.workers,
        waiting=config.speech.waiting + 2 * config.limits.max_calls,
        models={**built_in.models, **config.speech.whisper},
        beams={**built_in.beams, **config.speech.beams},
    )


def mouth_settings(config: Config, bot: Bot) -> MouthSettings:
    """Which voice speaks which language: built in, then the bot's own, then the operator's."""
    return MouthSettings(
        cache_folder=config.speech.cache_folder / "phrases",
        voices={**DEFAULT_VOICES, **bot.voices, **config.speech.voices},
        pronounce=bot.words.pronounced,
    )


@asynccontextmanager
async def open_house(config: Config, bot_folder: Path, keep: bool = True) -> AsyncIterator[House]:
    """A house with its bot loaded and its models loading; closed at the end.

    Args:
        config: the whole configuration.
        bot_folder: the bot.
        keep: whether conversations are written down.

    Raises:
        BotInvalid, ConfigInvalid, ModelUnavailable: see `open_mind`.
        RecordsUnavailable: see `open_records`.
    """
    engine = await asyncio.to_thread(open_mind, config, bot_folder)
    async with AsyncExitStack() as closing:
        kept = await closing.enter_async_context(keep_records(config.records, engine.bot)) if keep else None
        house = House(config, engine.bot, engine, kept)
        closing.push_async_callback(house.close)
        await house.move_in()
        house.prepare()
        yield house
