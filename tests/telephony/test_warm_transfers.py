"""Warm transfers on the simulated network, in real time on loopback: the caller, the people rung, and the room."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

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
from telephony.simulator import Mischief, Network, PhoneNetwork, RestDouble, Ringing, Script
from telephony.simulator.handset import Handset
from telephony.simulator.people import Person as Behaviour
from telephony.simulator.people import hangs_up, presses, says, voicemail
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
QUICK = Patience(ring=5, answer=2.0, whisper=4.0, brief=6.0, bridge=5.0, part=1.0, pause=0.05)


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
                    self.joining = asyncio.create_task(call.join_person())
                case PersonRings() | PersonTook() | PersonGone() | NobodyCame():
                    self.news.append(event)
                case KeyPressed():
                    call.stop_asking()
                case CallEnded(reason):
                    self.ends.append(reason)
                case _:
                    pass
            self.changed.set()

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
    network = Network(ACCOUNT, TOKEN, "https://bot.example.com", "http://127.0.0.1:1")
    async with (
        PhoneNetwork(network, mischief or Mischief(), callee=lambda number: ring[number]) as phones,
        RestDouble(phones) as rest,
        open_house(FakeDesk(bot, voices=voices), public_url="https://bot.example.com", api_url=rest.url) as house,
    ):
        phones.network = replace(network, connect_to=house.base)
        call = phones.new_call(Script("caller", (), caller="+4792243711", called="+4721000000"))
        running = asyncio.create_task(call.run())
        scene = Scene(house, phones, rest, bot, call, running)
        try:
            yield scene
        finally:
            for one in phones.calls.values():
                one.handset.hang_up()
            await within(running)


def heard(handset: Handset, hz: float, since: int = 0) -> bool:
    """Whether a tone of this pitch was heard: for a fifth of a second nearly all there was. since: sample of the call."""
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


async def test_whisper_key_brief_room_and_both_hear_each_other() -> None:
    ring = {ADA.number: answers(presses("1", after_seconds=0.4))}
    async with asking(request((ADA,)), ring) as scene:
        await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
        assert scene.bot.news == [PersonRings("ada", "service"), PersonTook("ada"), PersonReady("ada")]
        agent = scene.leg(ADA)
        await scene.together()
        agent.handset.say(tone(0.5, 1_100))
        scene.call.handset.say(tone(0.5, 700))
        await scene.until(lambda: heard(scene.call.handset, 1_100) and heard(agent.handset, 700))
        assert heard(agent.handset, 350), "the whisper"
        assert heard(agent.handset, 500), "the brief"
        assert not heard(scene.call.handset, 500), "the caller hears no brief"
        agent.handset.hang_up()
        await scene.over()
        assert scene.attempts == [("ada", "connected")]
        assert scene.outcome == "connected"
        assert not scene.call.violations + agent.violations


@pytest.mark.parametrize(
    ("ringing", "outcome"),
    [
        (Ringing("busy", 0.1), "busy"),
        (Ringing("no-answer", 0.3), "no_answer"),
        (Ringing("failed", 0.0), "failed"),
        (answers(presses("2", then=presses("3", after_seconds=0.5))), "declined:later"),
        (answers(voicemail(tone(1.0, 900), records_seconds=20.0)), "no_key"),
        (answers(hangs_up(after_seconds=0.2)), "no_key"),
        (answers(presses("1", after_seconds=0.3, then=hangs_up(after_seconds=0.2))), "left_in_brief"),
    ],
    ids=["busy", "no answer", "failed", "declines", "voicemail", "hangs up in the whisper", "hangs up in the brief"],
)
async def test_whoever_does_not_take_the_caller_makes_way_for_the_next(ringing: Ringing, outcome: str) -> None:
    ring = {ADA.number: ringing, BO.number: answers(presses("1", after_seconds=0.1))}
    async with asking(request((ADA,), (BO,)), ring, Mischief(verb_pace=0.2)) as scene:
        await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
        await scene.together()
        scene.call.handset.hang_up()
        await scene.over()
        assert sorted(scene.attempts) == [("ada", outcome), ("bo", "connected")]


async def test_nobody_takes_the_caller_who_has_been_with_the_bot_all_the_time() -> None:
    ring = {person.number: Ringing("busy", 0.1) for person in (ADA, BO)}
    async with asking(request((ADA, BO)), ring) as scene:
        await scene.bot.until(lambda: NobodyCame("busy") in scene.bot.news)
        assert len(scene.call.streams) == 1
        assert scene.bot.ends == []
        assert sorted(scene.attempts) == [("ada", "busy"), ("bo", "busy")]


async def test_two_answer_at_once_and_one_gets_the_caller() -> None:
    ring = {person.number: answers(presses("1", after_seconds=0.3)) for person in (ADA, BO)}
    async with asking(request((ADA, BO)), ring, Mischief(verb_pace=0.2)) as scene:
        await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
        await scene.together()
        (room,) = scene.phones.conferences.all
        assert sorted(member.room.label or "" for member in room.members) == ["agent", "caller"]
        scene.call.handset.hang_up()
        await scene.over()
        assert sorted(outcome for _, outcome in scene.attempts) == ["another_took_it", "connected"]


async def test_a_caller_who_hangs_up_while_it_rings_stops_the_ringing() -> None:
    ring = {ADA.number: Ringing("answered", 30.0)}
    async with asking(request((ADA,)), ring) as scene:
        await scene.bot.until(lambda: bool(scene.bot.news))
        scene.call.handset.hang_up()
        await scene.over()
        assert scene.leg(ADA).facts.status == "canceled"
        assert scene.outcome == "caller_gone"


async def test_a_caller_who_would_rather_stay_stops_the_ringing_and_stays() -> None:
    ring = {ADA.number: Ringing("answered", 30.0)}
    async with asking(request((ADA,)), ring) as scene:
        await scene.bot.until(lambda: bool(scene.bot.news))
        scene.call.handset.press("9")
        await scene.bot.until(lambda: NobodyCame("caller_stayed") in scene.bot.news)
        await scene.until(lambda: scene.leg(ADA).over)
        assert not scene.call.over


async def test_the_person_hangs_up_while_the_caller_is_on_the_way_and_the_bot_has_them_back() -> None:
    ring = {ADA.number: answers(presses("1", after_seconds=0.1))}
    async with asking(request((ADA,)), ring, Mischief(verb_pace=0.1)) as scene:
        await scene.bot.until(lambda: PersonReady("ada") in scene.bot.news)
        scene.leg(ADA).handset.hang_up()
        await scene.bot.until(lambda: len(scene.bot.calls) == 2 or EndReason.CALLER_HUNG_UP in scene.bot.ends)
        assert scene.bot.calls[-1].caller.resumed == "no-answer"
        assert scene.outcome in ("agent_left", "connected")


@pytest.mark.parametrize(
    "mischief",
    [
        Mischief(verb_pace=0.2, callback_copies=2, repeat_webhooks=True),
        Mischief(verb_pace=0.2, shuffle_callbacks=True, trailing_slash=True),
    ],
    ids=["everything twice", "callbacks overtake"],
)
async def test_webhooks_that_come_twice_or_late_change_nothing(mischief: Mischief) -> None:
    ring = {ADA.number: answers(presses("1", after_seconds=0.2))}
    async with asking(request((ADA,)), ring, mischief) as scene:
        await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
        await scene.together()
        scene.leg(ADA).handset.hang_up()
        await scene.over()
        assert scene.attempts == [("ada", "connected")]


async def test_a_rest_answer_that_is_lost_rings_nobody_twice() -> None:
    ring = {ADA.number: answers(presses("1", after_seconds=0.2))}
    async with asking(request((ADA,)), ring, Mischief(verb_pace=0.2)) as scene:
        scene.rest.trouble.lost_answers = 1
        await scene.bot.until(lambda: bool(scene.bot.ends) or bool(scene.bot.news))
        await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
        assert [call.facts.called for call in scene.phones.calls.values()].count(ADA.number) == 1


async def test_when_our_voice_is_broken_the_carriers_speaks_and_says_nothing_of_the_caller() -> None:
    ring = {ADA.number: answers(presses("1", after_seconds=0.2))}
    async with asking(request((ADA,)), ring, Mischief(verb_pace=0.1), voices={}) as scene:
        await scene.bot.until(lambda: EndReason.TRANSFERRED in scene.bot.ends)
        await scene.together()
        said = [text for _, text in scene.leg(ADA).handset.said_by_network]
        assert said[:2] == ["Trykk 1 for å ta en samtale.", "Sammendraget står på skjermen."]


async def test_nothing_personal_is_in_any_document_and_the_brief_is_for_whoever_took_the_caller() -> None:
    ring = {ADA.number: answers(says(tone(0.1, 300)), after=0.1)}
    async with asking(request((ADA,)), ring, Mischief(verb_pace=0.2)) as scene:
        await scene.until(lambda: len(scene.phones.calls) == 2 and bool(scene.leg(ADA).documents))
        agent = scene.leg(ADA)
        whisper_url = next(url for _, url in agent.handset.said_by_network if "sound" in url)
        path = whisper_url.removeprefix("[recording https://bot.example.com").removesuffix("]")
        assert (await scene.house.http.get(scene.house.base + path)).status_code == 200
        assert (await scene.house.http.get(scene.house.base + path.replace("whisper", "brief"))).status_code == 404
        assert (await scene.house.http.get(scene.house.base + path[:-12] + "x" + path[-11:])).status_code == 404
        for document in agent.documents:
            assert "92243711" not in document
            assert "Trykk" not in document
