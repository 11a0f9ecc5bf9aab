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
from telephony.simulator.fields import CallFacts, new_sid
from telephony.simulator.handset import Handset
from telephony.simulator.options import Mischief, Network
from telephony.simulator.playout import RATE_HZ
from telephony.simulator.prompts import Prompts
from telephony.simulator.stream import MediaStream, StreamEnd
from telephony.simulator.twiml import TwimlRefused, read_twiml
from telephony.simulator.verbs import Action, Dial, Gather, Hangup, Pause, Play, Redirect, Room, Say, Stream, Verb
from telephony.simulator.webhooks import Answer, WebhookFailed, Webhooks, reachable
from telephony.simulator.wire import Police, StreamMessages

_MOST_DOCUMENTS = 50
_TICK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Ringing:
    """How a phone that the bot calls behaves.

    Args:
        result: answered, busy, no-answer or failed.
        seconds: for how long it rings first.
        person: what whoever answers does with the phone, see `telephony.simulator.people`; None does nothing.
    """

    result: str = "answered"
    seconds: float = 0.0
    person: Callable[[Handset], Awaitable[None]] | None = None


class PhoneCall:
    """A call between a handset and the bot, in either direction.

    Args:
        network: whose call it is and how the bot is reached.
        facts: its ids and numbers.
        handset: the phone at the other end.
        webhooks: asks the bot.
        mischief: what goes wrong on purpose.
        chance: decides where.
        opening: where its first document comes from.
        subscription: who is told how it goes.
        ringing: for a call that the bot makes, how the phone called behaves.
        conferences: the rooms it may enter.
    """

    def __init__(
        self,
        network: Network,
        facts: CallFacts,
        handset: Handset,
        webhooks: Webhooks,
        mischief: Mischief,
        chance: random.Random,
        opening: Action | Answer,
        subscription: Subscription | None = None,
        ringing: Ringing | None = None,
        conferences: Conferences | None = None,
    ) -> None:
        self._conferences = conferences or Conferences(facts.account_sid, lambda action, fields: None)
        self._late: set[asyncio.Task[Answer | None]] = set()
        self._in_room: Dial | None = None
        self._opening = opening
        self._callbacks = Callbacks(webhooks, facts, subscription)
        self._ringing = ringing
        self._network = network
        self.facts = facts
        self.handset = handset
        self.webhooks = webhooks
        self._mischief = mischief
        self._chance = chance
        self._began = time.monotonic()
        self._updates: asyncio.Queue[Answer | Action | None] = asyncio.Queue()
        self.outcome = ""
        self.violations: list[str] = []
        self.warnings: list[str] = []
        self._prompts = Prompts(handset, webhooks, mischief.verb_pace, self.clock, self.warnings)
        self.documents: list[str] = []
        self.streams: list[str] = []
        self.dialled: list[str] = []
        self.message_counts = {"media": 0, "mark": 0, "clear": 0}
        self.answered = asyncio.Event()

    def clock(self) -> int:
        """Samples since the call was answered."""
        return int((time.monotonic() - self._began) * RATE_HZ)

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return self.facts.status not in ("queued", "ringing", "in-progress")

    def move(self, document: Answer | Action) -> None:
        """The bot moves the call to another document over REST."""
        self._updates.put_nowait(document)

    def complete(self) -> None:
        """The bot ends the call over REST."""
        self._updates.put_nowait(None)

    async def run(self) -> None:
        """The whole call, from the first webhook to the last callback."""
        living = [asyncio.create_task(self._tick())]
        try:
            if await self._picked_up():
                if self._ringing is not None and self._ringing.person is not None:
                    living.append(asyncio.create_task(self._answered_by(self._ringing.person)))
                await self._documents(await self._first())
        finally:
            for task in living:
                task.cancel()
            if not self.over:
                self._end("completed" if self.answered.is_set() else "failed")
            self.handset.finish()
        if self._late:
            await asyncio.wait(self._late)
        await self._callbacks.delivered()

    async def _answered_by(self, person: Callable[[Handset], Awaitable[None]]) -> None:
        await self.answered.wait()
        await person(self.handset)

    async def _picked_up(self) -> bool:
        """For a call that the bot makes: let it ring."""
        if self._ringing is None:
            return True
        self._callbacks.progress("initiated", "queued")
        self._callbacks.progress("ringing", "ringing")
        updating = asyncio.create_task(self._updates.get())
        done, _ = await asyncio.wait({updating}, timeout=self._ringing.seconds)
        updating.cancel()
        if done and updating.result() is None:
            self.outcome = "the bot gave up ringing"
            self._end("canceled")
            return False
        if self._ringing.result != "answered":
            self.outcome = f"the phone called was {self._ringing.result}"
            self._end(self._ringing.result)
            return False
        self._callbacks.progress("answered", "in-progress")
        return True

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            if not self.handset.on_line:
                self.handset.tick(self.clock())

    async def _first(self) -> Answer | None:
        """The opening document, or the fallback's."""
        if isinstance(self._opening, Answer):
            answer: Answer | None = self._opening
        else:
            answer = await self._ask(self._opening)
        self._began = time.monotonic()
        return answer

    async def _fall_back(self, reason: WebhookFailed, url: str) -> Answer | None:
        code = reason.code
        self.violations.append(f"{url} failed: {reason}")
        if self._network.fallback_path is None:
            self.outcome = f"failed: error {code}, and there is no fallback"
            return None
        fallback = self._network.url(self._network.fallback_path)
        fields = self.facts.fields(ErrorCode=str(code), ErrorUrl=url)
        try:
            return await self.webhooks.document(fallback, "POST", fields)
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

    async def _updated(self, update: Answer | Action | None, running: asyncio.Task[Answer | None]) -> Answer | None:
        room = self._in_room
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        if room is not None and room.action is not None and update is not None:
            # A call that is moved out of a room has its `<Dial>` action asked for all the same; the answer is not used.
            late = asyncio.create_task(self._ask(room.action, DialCallStatus="answered"))
            self._late.add(late)
        if update is None:
            self.outcome = "the bot ended the call over REST"
            return None
        if isinstance(update, Action):
            return await self._ask(update)
        return update

    async def _document(self, answer: Answer) -> Answer | None:
        self.documents.append(answer.text)
        allow = self._network.public_url.startswith("http://")
        try:
            verbs = read_twiml(answer.text, answer.url, allow_plain_ws=allow)
        except TwimlRefused as refused:
            self.violations.extend(refused.faults)
            self.outcome = "failed: the document was refused"
            return None
        for verb in verbs:
            following = await self._verb(verb)
            if following is not None or self.outcome:
                return following
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
        for prompt in gather.prompts:
            if not self.handset.keys:
                await self._prompts.give(prompt)
        digits = ""
        deadline = time.monotonic() + gather.timeout_seconds
        while time.monotonic() < deadline and (gather.digits is None or len(digits) < gather.digits):
            if not self.handset.keys:
                await asyncio.sleep(_TICK_SECONDS)
                continue
            key = self.handset.keys.popleft()
            self.handset.pressed.append(self.clock())
            deadline = time.monotonic() + gather.timeout_seconds
            if key == gather.finish_key:
                break
            digits += key
        if not digits and not gather.on_empty:
            return None
        return await self._ask(gather.action, Digits=digits)

    async def _confer(self, dial: Dial, room: Room) -> Answer | None:
        conference = self._conferences.enter(room)
        member = Member(self.facts, self.handset, self.clock, room, self._wait_document)
        self._in_room = dial
        reason = "participant_hung_up"
        try:
            async with asyncio.timeout(dial.limit_seconds):
                await conference.stay(member)
        except TimeoutError:
            reason = "conference_ended_via_api"
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
        answer = await self._ask(wait)
        if answer is None:
            return
        for verb in read_twiml(answer.text, answer.url):
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
        result = self._mischief.dial_result
        await self._prompts.pass_time(1.0 if result == "completed" else min(2.0, dial.timeout_seconds))
        if result == "completed":
            self.outcome = f"transferred to {' or '.join(dial.numbers)}"
        if dial.action is None:
            return None
        duration = {"DialCallDuration": "1"} if result == "completed" else {}
        sid = new_sid("CA")
        following = await self._ask(dial.action, DialCallStatus=result, DialCallSid=sid, **duration)
        if result != "completed":
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
