"""One simulated call: asks the bot for TwiML, does what it says, and tells the bot how it went."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import assert_never

from telephony.simulator.callbacks import Callbacks
from telephony.simulator.conference import Conferences, Member
from telephony.simulator.connecting import Connecting
from telephony.simulator.dialling import Exchange
from telephony.simulator.fields import CallFacts
from telephony.simulator.gathering import gathered
from telephony.simulator.handset import Handset
from telephony.simulator.options import Mischief, Network
from telephony.simulator.picking_up import ANSWERED, GIVEN_UP, detect, detected_first, let_ring
from telephony.simulator.plan import Plan
from telephony.simulator.playout import RATE_HZ
from telephony.simulator.privacy import PrivacyPolice
from telephony.simulator.prompts import Prompts
from telephony.simulator.streaming import Streaming
from telephony.simulator.twiml import TwimlRefused, read_twiml
from telephony.simulator.verbs import Action, Dial, Gather, Hangup, Pause, Play, Redirect, Say, Stream, Verb
from telephony.simulator.webhooks import Answer, WebhookFailed, Webhooks

_MOST_DOCUMENTS = 50
_TICK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class _Over:
    why: str


class PhoneCall:
    """A call between a handset and the bot, in either direction.

    Times on `time.monotonic`: `rang_at` when the phone of a call that the bot makes began to ring, `began` when the
    first document was there, `ended_at`.

    Args:
        network: whose call it is and how the bot is reached; may be exchanged for another while it is up.
        facts: its ids and numbers.
        handset: the phone at the other end.
        webhooks: asks the bot.
        mischief: what goes wrong on purpose.
        chance: decides where.
        plan: how it is to go.
        conferences: the rooms it may enter.
        exchange: the phones it may call.
        privacy: looks at every document.
    """

    def __init__(
        self,
        network: Network,
        facts: CallFacts,
        handset: Handset,
        webhooks: Webhooks,
        mischief: Mischief,
        chance: random.Random,
        plan: Plan,
        conferences: Conferences,
        exchange: Exchange,
        privacy: PrivacyPolice,
    ) -> None:
        self._network = network
        self.facts = facts
        self.handset = handset
        self.webhooks = webhooks
        self._mischief = mischief
        self._chance = chance
        self._plan = plan
        self._privacy = privacy
        self._late: set[asyncio.Task[Answer | None]] = set()
        self._callbacks = Callbacks(webhooks, facts, plan.subscription)
        self._made = time.monotonic()
        self.rang_at: float | None = None
        self.began = time.monotonic()
        self.ended_at: float | None = None
        self._updates: asyncio.Queue[Answer | Action | _Over] = asyncio.Queue()
        self.outcome = ""
        self.violations: list[str] = []
        self.warnings: list[str] = []
        self._prompts = Prompts(handset, webhooks, mischief.verb_pace, self.clock, self.warnings)
        member = partial(Member, facts, handset, self.clock, wait=self._wait_document)
        self._connecting = Connecting(member, conferences, exchange, self._prompts, mischief, self.violations)
        self.documents: list[str] = []
        self.dialled: list[str] = []
        self._streaming = Streaming(self, webhooks, mischief, chance, self._callbacks)
        self.streams = self._streaming.sids
        self.message_counts = self._streaming.message_counts
        self.answered = asyncio.Event()
        self.finished = asyncio.Event()

    def clock(self) -> int:
        """Samples since the call was answered."""
        return int((time.monotonic() - self.began) * RATE_HZ)

    @property
    def answered_by(self) -> str | None:
        """What machine detection has made of whoever answered, None before or without it."""
        outgoing = self._plan.outgoing
        looked_at = outgoing is not None and outgoing.detection is not None and self.answered.is_set()
        return outgoing.ringing.answered_by if looked_at and outgoing is not None else None

    @property
    def queued_ms(self) -> int:
        """How long a call that the bot makes waited before it rang."""
        return 0 if self.rang_at is None else round((self.rang_at - self._made) * 1000)

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return self.facts.status not in ("queued", "ringing", "in-progress")

    def reach(self, network: Network) -> None:
        """From now on the bot is reached there."""
        self._network = self.webhooks.network = network

    def move(self, document: Answer | Action) -> None:
        """The bot moves the call to another document over REST."""
        self._updates.put_nowait(document)

    def complete(self, why: str = "the bot ended the call over REST") -> None:
        """The call is ended, if it is not over yet."""
        self._updates.put_nowait(_Over(why))

    def abandon(self) -> None:
        """Tell nobody anything more: the network is closed."""
        self._callbacks.abandon()

    async def run(self) -> None:
        """The whole call, from the first webhook to the last callback."""
        living = [asyncio.create_task(self._tick())]
        try:
            if await self._picked_up(living):
                living.append(asyncio.create_task(self._run_out()))
                await self._documents(await self._first())
        finally:
            for task in living:
                task.cancel()
            if not self.over:
                self._end("completed" if self.answered.is_set() else "failed")
            self.handset.finish()
            self.finished.set()
        if self._late:
            await asyncio.wait(self._late)
        await self._callbacks.delivered()

    async def _answered_by(self, person: Callable[[Handset], Awaitable[None]]) -> None:
        await self.answered.wait()
        await person(self.handset)

    async def _run_out(self) -> None:
        await asyncio.sleep(self._plan.limit_seconds)
        self.complete("the call had its longest time")

    async def _picked_up(self, living: list[asyncio.Task[None]]) -> bool:
        """For a call that the bot makes: let it ring."""
        outgoing = self._plan.outgoing
        if outgoing is None:
            return True

        def rings() -> None:
            self.rang_at = time.monotonic()

        status = await let_ring(outgoing, self._callbacks, self._updates.get(), rings)
        if status != ANSWERED:
            self.outcome = "the bot gave up ringing" if status == GIVEN_UP else f"the phone called was {status}"
            self._end(status)
            return False
        if outgoing.ringing.person is not None:
            living.append(asyncio.create_task(self._answered_by(outgoing.ringing.person)))
        if outgoing.detection is not None and outgoing.detection.told is not None:
            living.append(asyncio.create_task(detect(outgoing.ringing, outgoing.detection.told, self._callbacks)))
        return True

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            if self.answered.is_set() and not self.handset.on_line:
                self.handset.tick(self.clock())

    async def _first(self) -> Answer | None:
        """The opening document, or the fallback's."""
        if isinstance(self._plan.opening, Answer):
            answer: Answer | None = self._plan.opening
        else:
            answer = await self._ask(self._plan.opening, **await detected_first(self._plan.outgoing))
        self.began = time.monotonic()
        return answer

    async def _fall_back(self, reason: WebhookFailed, url: str) -> Answer | None:
        code = reason.code
        self.violations.append(f"{url} failed: {reason}")
        fallback = self._plan.fallback
        if fallback is None:
            self.outcome = f"failed: error {code}, and there is no fallback"
            return None
        fields = self.facts.fields(ErrorCode=str(code), ErrorUrl=url)
        try:
            return await self.webhooks.document(fallback.url, fallback.method, fields)
        except WebhookFailed as failure:
            self.outcome = f"failed: error {code}, and the fallback failed too ({failure})"
            return None

    async def _documents(self, answer: Answer | None) -> None:
        """Run documents until one ends the call, the caller hangs up, or the bot moves or ends it over REST."""
        for _ in range(_MOST_DOCUMENTS):
            if answer is None:
                return
            self.facts.status = "in-progress"
            self.answered.set()
            running = asyncio.create_task(self._document(answer))
            updating = asyncio.create_task(self._updates.get())
            hanging_up = asyncio.create_task(self.handset.hung_up.wait())
            tasks = {running, updating, hanging_up}
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                if hanging_up.done() and not running.done():
                    inbound = self.facts.direction == "inbound"
                    self.outcome = self.outcome or ("the caller hung up" if inbound else "whoever was called hung up")
                    if self._mischief.shuffle_callbacks and self._chance.random() < 0.5:
                        self._end("completed")
                    return
                if updating.done():
                    answer = await self._updated(updating.result(), running)
                else:
                    answer = running.result()
            finally:
                for task in tasks:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
        self.violations.append(f"the call went through {_MOST_DOCUMENTS} documents and was ended")

    async def _updated(self, update: Answer | Action | _Over, running: asyncio.Task[Answer | None]) -> Answer | None:
        left = self._connecting.in_room
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        if isinstance(update, _Over):
            self.outcome = update.why
            return None
        if left is not None and left.action is not None:
            # A call that is moved out of a room has its `<Dial>` action asked for all the same; the answer is not used.
            late = asyncio.create_task(self._ask(left.action, DialCallStatus="answered"))
            self._late.add(late)
        if isinstance(update, Action):
            return await self._ask(update)
        return update

    def _read(self, answer: Answer) -> tuple[Verb, ...]:
        allow = self._network.public_url.startswith("http://")
        self.violations += self._privacy.document(answer.text)
        return read_twiml(answer.text, answer.url, allow_plain_ws=allow)

    async def _document(self, answer: Answer) -> Answer | None:
        self.documents.append(answer.text)
        try:
            verbs = self._read(answer)
        except TwimlRefused as refused:
            self.violations.extend(refused.faults)
            self.outcome = "failed: the document was refused"
            return None
        whispering = self._plan.outgoing is not None and self._plan.outgoing.whisper
        if whispering and any(isinstance(verb, Dial | Stream) for verb in verbs):
            self.violations.append("a whisper may only say, play and ask for keys")
            self.outcome = "failed: the whisper was refused"
            return None
        for verb in verbs:
            following = await self._verb(verb)
            if following is not None or self.outcome:
                return following
        if self._plan.connect is not None:
            await self._plan.connect(self)
            self.outcome = self.outcome or "the other one hung up"
        self.outcome = self.outcome or "the bot hung up"
        return None

    async def _verb(self, verb: Verb) -> Answer | None:
        match verb:
            case Say() | Play() | Pause():
                await self._prompts.give(verb)
                return None
            case Gather():
                return await self._gather(verb)
            case Dial():
                return await self._dial(verb)
            case Stream():
                return await self._stream(verb)
            case Redirect(target):
                return await self._ask(target)
            case Hangup(reason):
                self.outcome = f"the bot refused the call ({reason})" if reason else "the bot hung up"
                return None
            case other:
                assert_never(other)

    async def _ask(self, action: Action, **more: str) -> Answer | None:
        try:
            return await self.webhooks.document(action.url, action.method, self.facts.fields(**more))
        except WebhookFailed as failure:
            return await self._fall_back(failure, action.url)

    async def _gather(self, gather: Gather) -> Answer | None:
        given = await gathered(gather, self.handset, self._prompts, self.clock, self._mischief.key_pace)
        if not given and not gather.on_empty:
            return None
        return await self._ask(gather.action, **(given or {"Digits": ""}))

    async def _dial(self, dial: Dial) -> Answer | None:
        self.dialled.extend(dial.numbers)
        connected = await self._connecting.dial(dial)
        if connected is None:
            return None
        if connected.elsewhere:
            self.outcome = f"transferred to {' or '.join(dial.numbers)}"
        if dial.action is None:
            return None
        following = await self._ask(dial.action, **connected.fields)
        if not connected.elsewhere:
            return following
        if following is not None:
            self.documents.append(following.text)
        return None

    async def _wait_document(self, wait: Action) -> None:
        answer = await self.webhooks.document(wait.url, wait.method, self.facts.fields())
        try:
            verbs = self._read(answer)
        except TwimlRefused as refused:
            raise WebhookFailed(12100, str(refused)) from refused
        for verb in verbs:
            match verb:
                case Say() | Play() | Pause():
                    await self._prompts.give(verb)
                case Redirect():
                    return
                case _:
                    self.violations.append("the wait document does something else than play, say, pause and redirect")

    async def _stream(self, verb: Stream) -> Answer | None:
        await self._streaming.run(verb, self._network)
        return None if verb.action is None else await self._ask(verb.action)

    def _end(self, status: str) -> None:
        """The call is over, and its subscriber hears of it at once, whatever else is still on its way."""
        self.ended_at = time.monotonic()
        seconds = self.clock() // RATE_HZ
        self._callbacks.progress("completed", status, CallDuration=str(seconds), Duration=str(-(-seconds // 60)))
