"""The phone network as one object: `PhoneNetwork` places calls to a bot; `place_call` has a scripted caller talk."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Self

import httpx

from telephony.call import Pcm16
from telephony.simulator.callbacks import Subscription
from telephony.simulator.caller import ScriptedCaller, describe
from telephony.simulator.colleagues import Colleagues
from telephony.simulator.conference import Conferences
from telephony.simulator.dialling import Connect
from telephony.simulator.feed import Feed
from telephony.simulator.fields import CallFacts, Pairs, new_sid
from telephony.simulator.handset import Handset
from telephony.simulator.happening import Happening, OnHappening
from telephony.simulator.judge import report_of
from telephony.simulator.options import Mischief, Network
from telephony.simulator.phone_call import PhoneCall
from telephony.simulator.plan import Outgoing, Plan
from telephony.simulator.post import ROOM, Letter, Post
from telephony.simulator.privacy import PrivacyPolice
from telephony.simulator.report import CallReport
from telephony.simulator.ringing import RING_SLACK_SECONDS, Ringing
from telephony.simulator.rung import report_rung
from telephony.simulator.script import Script
from telephony.simulator.sound import echo_path
from telephony.simulator.verbs import Action, Dial, Party
from telephony.simulator.voices import Speak, background, prepare_voices
from telephony.simulator.webhooks import Answer, Webhooks

__all__ = ["Happening", "OnHappening", "PhoneNetwork", "Speak"]

_FEED_ENDS_SECONDS = 2.0
_CALL_ENDS_SECONDS = 20.0
_LEGS_END_SECONDS = 5.0


class PhoneNetwork:
    """Everything between a caller's phone and the bot's webhooks: a stand-in for Twilio.

    Use it as an async context manager; `RestDouble` gives it Twilio's REST API. What it plays of Twilio, and what it
    leaves out and why, is ticked off in docs/simulator-checklist.md. `post.fates` decides what befalls its requests,
    `privacy` notes what should not have reached the carrier.

    Args:
        network: whose calls, and how the bot is reached.
        mischief: what goes wrong on purpose.
        seed: decides where the mischief strikes.
        callee: how the phone with a number behaves when it is called, None for a number that nobody has. Without it
            every number called over REST is answered, and a `<Dial>` ends as `Mischief.dial_result` says.
        marked: words that must not reach the carrier in any document, address, name or label.
    """

    def __init__(
        self,
        network: Network,
        mischief: Mischief | None = None,
        seed: int = 0,
        callee: Callable[[str], Ringing | None] | None = None,
        marked: Iterable[str] = (),
    ) -> None:
        self._network = network
        self.mischief = mischief or Mischief()
        self._chance = random.Random(seed)
        self.callee = callee
        self.calls: dict[str, PhoneCall] = {}
        self.colleagues = Colleagues()
        self.post = Post()
        self.privacy = PrivacyPolice(marked)
        self.ring_slack_seconds = RING_SLACK_SECONDS
        self._outgoing: set[asyncio.Task[None]] = set()
        self._telling: set[asyncio.Task[None]] = set()
        self.conferences = Conferences(network.account_sid, self._tell)
        self._client: httpx.AsyncClient | None = None

    @property
    def network(self) -> Network:
        """How the bot is reached. Give it another address of the service, and calls that are up go on there."""
        return self._network

    @network.setter
    def network(self, network: Network) -> None:
        self._network = network
        for call in self.calls.values():
            call.reach(network)

    async def __aenter__(self) -> Self:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
        self._client = httpx.AsyncClient(trust_env=False, limits=limits)
        return self

    async def __aexit__(self, *exc: object) -> None:
        for task in (*self._outgoing, *self._telling):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        for call in self.calls.values():
            call.abandon()
        if self._client is not None:
            await self._client.aclose()

    def new_call(self, script: Script, noise: Pcm16 | None = None, mischief: Mischief | None = None) -> PhoneCall:
        """A call that has not begun; `run` it. It stays in `calls`."""
        network = self.network
        facts = CallFacts(network.account_sid, new_sid("CA"), script.caller, script.called)
        status, fallback = network.status_path, network.fallback_path
        plan = Plan(
            Action(network.url(network.voice_path), "POST"),
            Subscription(Action(network.url(status), "POST")) if status else None,
            Action(network.url(fallback), "POST") if fallback else None,
        )
        return self._call(facts, plan, Handset(noise), mischief)

    def call_out(self, called: str, caller: str, plan: Plan) -> PhoneCall:
        """A call that the bot makes, begun at once; `callee` decides how the phone called behaves.

        Args:
            called: whom.
            caller: the number they see.
            plan: with what was asked for; the phone's behaviour is filled in.
        """
        outgoing = plan.outgoing or Outgoing(Ringing())
        outgoing = replace(outgoing, ringing=self._phone(called, Ringing()) or Ringing("failed"))
        facts = CallFacts(self.network.account_sid, new_sid("CA"), caller, called, "outbound-api", "queued")
        return self._begun(self._call(facts, replace(plan, outgoing=outgoing), Handset()))

    def ring_party(self, parent: CallFacts, dial: Dial, party: Party, connect: Connect) -> PhoneCall | None:
        """One leg of a `<Dial>`, begun at once; see `telephony.simulator.dialling.Exchange`."""
        ringing = self._phone(party.number)
        if ringing is None:
            return None
        timeout = dial.timeout_seconds + self.ring_slack_seconds
        sender = dial.sender or parent.caller
        facts = CallFacts(
            parent.account_sid,
            new_sid("CA"),
            sender,
            party.number,
            "outbound-dial",
            "queued",
            {"ParentCallSid": parent.call_sid},
        )
        plan = Plan(
            party.whisper or Answer("<Response/>", self.network.public_url),
            Subscription(party.callback, party.events) if party.callback else None,
            outgoing=Outgoing(ringing, timeout, whisper=True),
            connect=connect,
        )
        return self._begun(self._call(facts, plan, Handset()))

    def _phone(self, number: str, unless_known: Ringing | None = None) -> Ringing | None:
        """How a phone behaves, None when nobody has the number; `unless_known` when no phone is known at all."""
        if self.callee is not None:
            return self.callee(number)
        return self.colleagues.ringing(number) if self.colleagues else unless_known

    def _begun(self, call: PhoneCall) -> PhoneCall:
        task = asyncio.create_task(call.run())
        self._outgoing.add(task)
        task.add_done_callback(self._outgoing.discard)
        return call

    async def told(self) -> None:
        """Wait until everything that conferences have to report so far has been delivered."""
        await asyncio.gather(*self._telling, return_exceptions=True)

    async def outgoing_over(self) -> None:
        """Wait until every call that the bot made is over."""
        await asyncio.gather(*self._outgoing, return_exceptions=True)

    def _call(self, facts: CallFacts, plan: Plan, handset: Handset, mischief: Mischief | None = None) -> PhoneCall:
        mischief = mischief or self.mischief
        call = PhoneCall(
            self.network,
            facts,
            handset,
            self._webhooks(mischief),
            mischief,
            random.Random(self._chance.getrandbits(64)),
            plan,
            self.conferences,
            self,
            self.privacy,
        )
        self.calls[facts.call_sid] = call
        return call

    def _webhooks(self, mischief: Mischief) -> Webhooks:
        if self._client is None:
            raise RuntimeError("PhoneNetwork is used inside `async with`")
        return Webhooks(self._client, self.network, mischief, self.post, self.privacy)

    def tell(self, letter: Letter, method: str = "POST", after: asyncio.Event | None = None) -> asyncio.Event:
        """Deliver a status callback of something else than a call.

        Args:
            letter: what.
            method: GET or POST.
            after: when this has happened.
        Returns:
            Set when it is done.
        """
        done = asyncio.Event()

        async def deliver() -> None:
            if after is not None:
                await after.wait()
            try:
                await self._webhooks(self.mischief).notify(letter, method)
            finally:
                done.set()

        task = asyncio.create_task(deliver())
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
        return done

    def _tell(self, action: Action, fields: Pairs) -> None:
        self.tell(Letter(ROOM, action.url, fields), action.method)

    async def place(
        self,
        script: Script,
        speak: Speak,
        *,
        on_happening: OnHappening | None = None,
        mischief: Mischief | None = None,
        limit_seconds: float = 600.0,
        patience_seconds: float = 15.0,
    ) -> tuple[CallReport, Handset]:
        """Have a scripted caller call the bot.

        Args:
            script: what the caller does.
            speak: says its sentences; used before the call begins, so that it costs the bot no time.
            on_happening: told what goes on.
            mischief: for this call, in place of the network's own.
            limit_seconds: a call still running after this is hung up, and that is a violation.
            patience_seconds: how long the caller waits for the bot to begin to speak.
        Returns:
            The report, and the handset with everything said and heard.
        Raises:
            SoundUnreadable: a sound file of the script is missing or not PCM.
        """
        voices = await prepare_voices(script.turns, speak)
        call = self.new_call(script, background(script, voices), mischief)
        if script.loudspeaker is not None:
            call.handset.echo(echo_path(script.loudspeaker.delay_ms, -script.loudspeaker.db, script.seed))
        tell = on_happening or (lambda happening: None)
        sid = call.facts.call_sid
        await self.colleagues.add(script, speak, lambda text: tell(Happening(sid, "person", text)))
        before = set(self.calls)
        feed = Feed(call.clock, lambda entry: tell(Happening(sid, "feed", entry.text, entry=entry)))
        caller = ScriptedCaller(
            script,
            voices,
            call.handset,
            feed,
            patience_seconds,
            on_turn=lambda turn: tell(Happening(sid, "does", describe(turn))),
        )
        tell(Happening(sid, "dialling", script.name))
        await self.hold(call, caller.talk, feed, on_happening=tell, limit_seconds=limit_seconds)
        legs = await self._legs_since(before)
        report = report_of(script, call, caller, feed, legs)
        report_rung(report, call, legs, caller.taken, self.colleagues.name)
        report.violations += [one for one in self.privacy.violations if one not in report.violations]
        tell(Happening(sid, "ended", report.outcome, report=report))
        return report, call.handset

    async def _legs_since(self, before: set[str]) -> list[PhoneCall]:
        """The calls that the bot has made since, once they are over. Several callers at once share them."""
        legs = [call for sid, call in self.calls.items() if sid not in before and call.facts.direction != "inbound"]
        with suppress(TimeoutError):
            async with asyncio.timeout(_LEGS_END_SECONDS):
                for leg in legs:
                    await leg.finished.wait()
        return legs

    async def hold(
        self,
        call: PhoneCall,
        talk: Callable[[], Awaitable[None]],
        feed: Feed,
        *,
        on_happening: OnHappening | None = None,
        limit_seconds: float = 600.0,
    ) -> None:
        """Hold a call from the first webhook to the last callback, with a caller of one's own.

        Args:
            call: from `new_call`.
            talk: what the caller does once the call is answered, on `call.handset`; ends by hanging up.
            feed: filled with the bot's own account of the call.
            on_happening: told what goes on.
            limit_seconds: a call still running after this is hung up, and that is a violation.
        """
        assert self._client is not None  # new_call has checked it
        client = self._client

        async def converse() -> None:
            await call.answered.wait()
            if on_happening is not None:
                on_happening(Happening(call.facts.call_sid, "answered", ""))
            following.append(
                asyncio.create_task(feed.follow(client, self.network, call.facts.call_sid, lambda: call.over))
            )
            await talk()

        following: list[asyncio.Task[None]] = []
        running = asyncio.create_task(call.run())
        talking = asyncio.create_task(converse())
        try:
            done, _ = await asyncio.wait({running}, timeout=limit_seconds)
            if not done:
                call.violations.append(f"the call was still running after {limit_seconds:g} s")
                call.handset.hang_up()
            async with asyncio.timeout(_CALL_ENDS_SECONDS):
                await running
            if following:
                await asyncio.wait(following, timeout=_FEED_ENDS_SECONDS)
        finally:
            for task in (talking, running, *following):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
