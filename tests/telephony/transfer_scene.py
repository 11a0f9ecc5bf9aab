"""A caller, people who are rung for them, and everything in between, on the simulated network in real time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np

from telephony.call import (
    Call,
    CallEnded,
    EndReason,
    KeyPressed,
    NobodyCame,
    Pcm16,
    PersonGone,
    PersonReady,
    PersonRings,
    PersonTook,
    Spoken,
    TransferNews,
)
from telephony.errors import LineClosed
from telephony.simulator import Mischief, Network, PhoneNetwork, RestDouble, Ringing, Script
from telephony.simulator.handset import Handset
from telephony.simulator.people import Person as Behaviour
from telephony.simulator.phone_call import PhoneCall
from telephony.transfer.happenings import Person
from telephony.transfer.orders import Attempted, Finished
from telephony.transfer.request import WarmRequest
from telephony.transfer.states import Patience
from tests.telephony.tone_bot import tone
from tests.telephony.twilio_house import ACCOUNT, TOKEN, FakeDesk, House, open_house, within

ADA, BO = Person("ada", "+4722000011", "service"), Person("bo", "+4722000012", "service")
WHISPER, BRIEF, GREETING = tone(0.3, 350), tone(0.4, 500), tone(0.2)
SORRY, WHY_NOT, NOTED, TAKEN = tone(0.3, 600), tone(0.3, 800), tone(0.3, 950), tone(0.3, 410)
PUBLIC = "https://bot.example.com"
QUICK = Patience(ring=5, answer=2.0, whisper=4.0, brief=6.0, bridge=5.0, part=1.0, pause=0.05, least_talk=0.0)


def request(*rounds: tuple[Person, ...], patience: Patience = QUICK) -> WarmRequest:
    async def brief() -> Spoken:
        return Spoken("Kunden venter på en pakke.", "nb")

    return WarmRequest(
        "a" * 32,
        rounds,
        Spoken("Trykk 1 for å ta en samtale.", "nb"),
        brief,
        Spoken("Sammendraget står på skjermen.", "nb"),
        Spoken("Samtalen du tok, kommer nå.", "nb"),
        Spoken("Beklager, det ble for sent.", "nb"),
        Spoken("Hvorfor ikke?", "nb"),
        Spoken("Takk.", "nb"),
        patience,
    )


VOICES = {
    "Trykk 1 for å ta en samtale.": WHISPER,
    "Kunden venter på en pakke.": BRIEF,
    "Samtalen du tok, kommer nå.": TAKEN,
    "Beklager, det ble for sent.": SORRY,
    "Hvorfor ikke?": WHY_NOT,
    "Takk.": NOTED,
}


@dataclass
class Bot:
    """A conversation that asks for a person at once, lets the caller go when somebody is ready, and stays otherwise."""

    wanted: WarmRequest
    news: list[TransferNews] = field(default_factory=list)
    ends: list[EndReason] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    calls: list[Call] = field(default_factory=list)

    async def __call__(self, call: Call) -> None:
        self.calls.append(call)
        if call.caller.resumed is None:
            await call.play(GREETING, "greeting")
            await call.ask_person(self.wanted)
        async for event in call.events():
            match event:
                case PersonReady():
                    self.news.append(event)
                    self.joining = asyncio.create_task(self._join(call))
                case PersonRings() | PersonTook() | PersonGone() | NobodyCame():
                    self.news.append(event)
                case KeyPressed():
                    call.stop_asking()
                case CallEnded(reason):
                    self.ends.append(reason)
                case _:
                    pass
            self.changed.set()

    async def _join(self, call: Call) -> None:
        with suppress(LineClosed):  # the caller may go at any moment
            await call.join_person()

    async def until(self, happened: Callable[[], bool]) -> None:
        async with asyncio.timeout(15):
            while not happened():
                self.changed.clear()
                await self.changed.wait()


@dataclass
class Scene:
    """One caller, some people, and everything in between."""

    house: House
    phones: PhoneNetwork
    rest: RestDouble
    bot: Bot
    call: PhoneCall
    running: asyncio.Task[None]
    open: contextlib.AsyncExitStack

    @property
    def noted(self) -> list[Attempted | Finished]:
        return self.house.desk.noted

    @property
    def attempts(self) -> list[tuple[str, str]]:
        return [(what.person, what.outcome) for what in self.noted if isinstance(what, Attempted)]

    @property
    def outcome(self) -> str:
        (finished,) = [what for what in self.noted if isinstance(what, Finished)]
        return finished.outcome

    def leg(self, person: Person) -> PhoneCall:
        return next(call for call in self.phones.calls.values() if call.facts.called == person.number)

    async def until(self, happened: Callable[[], bool]) -> None:
        """Looked at whenever time goes on for the caller."""
        assert await self.call.handset.until(happened, 15)

    async def together(self) -> None:
        """Until both are in the room, and the bot has been told so."""
        await self.until(lambda: any(room.started_at for room in self.phones.conferences.all))
        await self.phones.told()

    async def restart(self) -> None:
        """Our process is killed, and another takes its place that knows what was saved."""
        bot, before = Bot(self.bot.wanted), self.house
        desk = FakeDesk(bot, saved=dict(before.desk.saved), voices=before.desk.voices)
        rest = await self.open.enter_async_context(RestDouble(self.phones))
        after = await self.open.enter_async_context(open_house(desk, public_url=PUBLIC, api_url=rest.url))
        self.phones.network = replace(self.phones.network, connect_to=after.base)
        await self.rest.__aexit__()  # nothing that the old process still wants reaches anybody
        after.line.restore()
        await before.die()
        self.house, self.rest, self.bot = after, rest, bot

    async def over(self) -> None:
        async with asyncio.timeout(15):
            await self.running
            await self.phones.outgoing_over()


@contextlib.asynccontextmanager
async def asking(
    wanted: WarmRequest,
    ring: dict[str, Ringing],
    mischief: Mischief | None = None,
    voices: dict[str, Pcm16] = VOICES,
) -> AsyncIterator[Scene]:
    bot = Bot(wanted)
    network = Network(ACCOUNT, TOKEN, PUBLIC, "http://127.0.0.1:1")
    async with (
        contextlib.AsyncExitStack() as opened,
        PhoneNetwork(network, mischief or Mischief(), callee=lambda number: ring[number]) as phones,
        RestDouble(phones) as rest,
        open_house(FakeDesk(bot, voices=voices), public_url=PUBLIC, api_url=rest.url) as house,
    ):
        phones.network = replace(network, connect_to=house.base)
        call = phones.new_call(Script("caller", (), caller="+4792243711", called="+4721000000"))
        running = asyncio.create_task(call.run())
        scene = Scene(house, phones, rest, bot, call, running, opened)
        try:
            yield scene
        finally:
            for one in phones.calls.values():
                one.handset.hang_up()
            await within(running)


def heard(handset: Handset, hz: float, since: int = 0) -> bool:
    """Whether a tone was heard: for a fifth of a second nearly all there was. since: sample of the call."""
    pcm = handset.heard.pcm(handset.now)[since:].astype(np.float64)
    if len(pcm) < 1_600:
        return False
    pieces = pcm[: len(pcm) // 1_600 * 1_600].reshape(-1, 1_600)
    power = np.abs(np.fft.rfft(pieces * np.hanning(1_600), axis=1)) ** 2
    place = round(hz * 1_600 / 8_000)
    near = power[:, place - 3 : place + 4].sum(axis=1)
    return bool(np.any((near > 0.5 * power.sum(axis=1)) & (np.abs(pieces).max(axis=1) > 2_000)))


def answers(behaviour: Behaviour, after: float = 0.1) -> Ringing:
    return Ringing("answered", after, behaviour)
