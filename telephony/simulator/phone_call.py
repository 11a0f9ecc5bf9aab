"""One simulated call: asks the bot for TwiML, does what it says, and tells the bot how it went."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import assert_never

from telephony.simulator.callbacks import Callbacks, Subscription
from telephony.simulator.conference import Conferences, Member
from telephony.simulator.dialling import Exchange, dialled, pretended
from telephony.simulator.fields import CallFacts, new_sid
from telephony.simulator.gathering import gathered
from telephony.simulator.handset import Handset
from telephony.simulator.options import Mischief, Network
from telephony.simulator.playout import RATE_HZ
from telephony.simulator.privacy import PrivacyPolice
from telephony.simulator.prompts import Prompts
from telephony.simulator.ringing import Outgoing
from telephony.simulator.stream import MediaStream, StreamEnd
from telephony.simulator.twiml import TwimlRefused, read_twiml
from telephony.simulator.verbs import Action, Dial, Gather, Hangup, Pause, Play, Redirect, Room, Say, Stream, Verb
from telephony.simulator.webhooks import Answer, WebhookFailed, Webhooks, reachable
from telephony.simulator.wire import Police, StreamMessages

_MOST_DOCUMENTS = 50
_TICK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known of a call before it begins.

    Args:
        opening: where its first document comes from.
        subscription: who is told how it goes.
        fallback: asked for a document when another address fails.
        outgoing: for a call that the bot makes.
        limit_seconds: when it is ended.
        connect: for a leg of a `<Dial>`: called when it has heard its whisper.
    """

    opening: Action | Answer
    subscription: Subscription | None = None
    fallback: Action | None = None
    outgoing: Outgoing | None = None
    limit_seconds: float = 14_400.0
    connect: "Callable[[PhoneCall], Awaitable[None]] | None" = None


@dataclass(frozen=True, slots=True)
class _Over:
    why: str


class PhoneCall:
    """A call between a handset and the bot, in either direction.

    Times on `time.monotonic`: `rang_at` when the phone of a call that the bot makes began to ring, `began` when the
    first document was there.

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
        self._conferences = conferences
        self._exchange = exchange
        self._privacy = privacy
        self._late: set[asyncio.Task[Answer | None]] = set()
        self._in_room: Dial | None = None
        self._callbacks = Callbacks(webhooks, facts, plan.subscription)
        self._made = time.monotonic()
        self.rang_at: float | None = None
        self.began = time.monotonic()
        self._updates: asyncio.Queue[Answer | Action | _Over] = asyncio.Queue()
        self.outcome = ""
        self.violations: list[str] = []
        self.warnings: list[str] = []
        self._prompts = Prompts(handset, webhooks, mischief.verb_pace, self.clock, self.warnings)
        self.documents: list[str] = []
        self.streams: list[str] = []
        self.dialled: list[str] = []
        self.message_counts = {"media": 0, "mark": 0, "clear": 0}
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
        """For a call that the bot makes: let it wait for its turn, and ring."""
        outgoing = self._plan.outgoing
        if outgoing is None:
            return True
        ringing = outgoing.ringing
        if not await self._unless_ended(outgoing.turn()):
            return False
        self._callbacks.progress("initiated", "queued")
        self._callbacks.progress("ringing", "ringing")
        self.rang_at = time.monotonic()
        if not await self._unless_ended(asyncio.sleep(min(ringing.seconds, outgoing.timeout_seconds))):
            return False
        result = ringing.result if ringing.seconds <= outgoing.timeout_seconds else "no-answer"
        if result != "answered":
            self.outcome = f"the phone called was {result}"
            self._end(result)
            return False
        self._callbacks.progress("answered", "in-progress")
        if ringing.person is not None:
            living.append(asyncio.create_task(self._answered_by(ringing.person)))
        if outgoing.detection is not None and outgoing.detection.told is not None:
            living.append(asyncio.create_task(self._detect(outgoing.detection.told)))
        return True

    async def _unless_ended(self, waiting: Awaitable[None]) -> bool:
        """Wait, unless the bot gives up ringing."""
        going = asyncio.ensure_future(waiting)
        updating = asyncio.create_task(self._updates.get())
        await asyncio.wait({going, updating}, return_when=asyncio.FIRST_COMPLETED)
        given_up = updating.done()
        for task in (going, updating):
            task.cancel()
        if given_up:
            self.outcome = "the bot gave up ringing"
            self._end("canceled")
        return not given_up

    async def _detect(self, told: Action) -> None:
        assert self._plan.outgoing is not None  # only calls that the bot makes are looked at
        ringing = self._plan.outgoing.ringing
        await asyncio.sleep(ringing.detected_after_seconds)
        self._callbacks.detected(told, ringing.answered_by, round(ringing.detected_after_seconds * 1000))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            if not self.handset.on_line:
                self.handset.tick(self.clock())

    async def _first(self) -> Answer | None:
        """The opening document, or the fallback's."""
        if isinstance(self._plan.opening, Answer):
            answer: Answer | None = self._plan.opening
        else:
            answer = await self._ask(self._plan.opening, **await self._detected())
        self.began = time.monotonic()
        return answer

    async def _detected(self) -> dict[str, str]:
        """For detection that the first document waits for: its result."""
        outgoing = self._plan.outgoing
        if outgoing is None or outgoing.detection is None or outgoing.detection.told is not None:
            return {}
        seconds = outgoing.ringing.detected_after_seconds
        await asyncio.sleep(seconds)
        return {"AnsweredBy": outgoing.ringing.answered_by, "MachineDetectionDuration": str(round(seconds * 1000))}

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
                    self.outcome = self.outcome or "the caller hung up"
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
        room = self._in_room
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        if isinstance(update, _Over):
            self.outcome = update.why
            return None
        if room is not None and room.action is not None:
            # A call that is moved out of a room has its `<Dial>` action asked for all the same; the answer is not used.
            late = asyncio.create_task(self._ask(room.action, DialCallStatus="answered"))
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

    async def _confer(self, dial: Dial, room: Room) -> Answer | None:
        conference = self._conferences.enter(room)
        member = Member(self.facts, self.handset, self.clock, room, self._wait_document, dial.star_ends)
        self._in_room = dial
        reason = "participant_hung_up"
        try:
            async with asyncio.timeout(dial.limit_seconds):
                await conference.stay(member)
        except TimeoutError:
            reason = "conference_ended_via_api"
        except WebhookFailed as failure:
            # No wait document, no conference: the member goes on with the action.
            self.violations.append(f"the wait document failed: {failure}")
            reason = "participant_add_failed"
        except ValueError as refused:
            self.violations.append(str(refused))
            return None
        except asyncio.CancelledError:
            moved = not (self.handset.hung_up.is_set() or self.over)
            reason = "participant_updated_via_api" if moved else reason
            raise
        finally:
            self._in_room = None
            conference.leave(member, reason)
        return None if dial.action is None else await self._ask(dial.action, DialCallStatus="answered")

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

    async def _dial(self, dial: Dial) -> Answer | None:
        if dial.room is not None:
            return await self._confer(dial, dial.room)
        self.dialled.extend(dial.numbers)
        room = Room("", None, True, True, Action("", ""), None, frozenset())
        caller = Member(self.facts, self.handset, self.clock, room, self._wait_document, dial.star_ends)
        done = await dialled(dial, self._exchange, caller)
        connected_elsewhere = False
        if done is None:
            done = pretended(self._mischief.dial_result)
            connected_elsewhere = done.bridged
            await self._prompts.pass_time(1.0 if connected_elsewhere else min(2.0, dial.timeout_seconds))
        if connected_elsewhere:
            self.outcome = f"transferred to {' or '.join(dial.numbers)}"
        if dial.action is None:
            return None
        following = await self._ask(dial.action, **done.fields(with_bridged=not self._mischief.no_dial_bridged))
        if not connected_elsewhere:
            return following
        if following is not None:
            self.documents.append(following.text)
        return None

    async def _stream(self, verb: Stream) -> Answer | None:
        stream_sid = new_sid("MZ")
        self.streams.append(stream_sid)
        police = Police(stream_sid)
        messages = StreamMessages(self.facts.account_sid, self.facts.call_sid, stream_sid)
        mischief = self._mischief
        if mischief.drop_streams is not None and len(self.streams) > mischief.drop_streams:
            mischief = replace(mischief, drop_after_seconds=None)
        stream = MediaStream(self.handset, messages, police, mischief, self._chance, self.clock)
        target, host = reachable(verb.url, self._network)
        self._callbacks.stream(verb, stream_sid, "stream-started")
        try:
            end = await stream.run(target, host, self._stream_signature(verb.url), verb.parameters)
        finally:
            self.violations.extend(police.violations)
            self.warnings.extend(stream.warnings)
            for event, count in police.counts.items():
                self.message_counts[event] += count
            self._callbacks.stream(verb, stream_sid, "stream-error" if stream.error else "stream-stopped", stream.error)
        if end is StreamEnd.REFUSED:
            self.violations.append(stream.error)
        if verb.action is not None:
            return await self._ask(verb.action)
        return None

    def _stream_signature(self, url: str) -> dict[str, str]:
        if self._mischief.https_signed_stream:
            url = url.replace("wss://", "https://", 1).replace("ws://", "http://", 1)
        if self._mischief.trailing_slash:
            url = url.rstrip("/") + "/"
        return self.webhooks.signature(url)

    def _end(self, status: str) -> None:
        """The call is over, and its subscriber hears of it at once, whatever else is still on its way."""
        seconds = self.clock() // RATE_HZ
        self._callbacks.progress("completed", status, CallDuration=str(seconds), Duration=str(-(-seconds // 60)))
