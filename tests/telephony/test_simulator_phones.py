"""Phones that the bot rings: whispers, who is connected, machines, the queue of calls; what befalls callbacks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from telephony.simulator import Fate, Mischief, Network, PhoneCall, PhoneNetwork, RestDouble, Ringing, Script
from telephony.simulator.handset import Handset
from telephony.simulator.people import Person, declines, hangs_up, hears_out, meets, presses, says, voicemail
from telephony.simulator.plan import Outgoing, Plan
from telephony.simulator.verbs import Action
from tests.telephony.test_simulator_conference import loudness, waits
from tests.telephony.test_simulator_rest import LoopbackClient
from tests.telephony.tone_bot import ACCOUNT, PUBLIC, TOKEN, ToneBot, served, tone

ADA, BO, OURS = "+4722000011", "+4722000012", "+4721000000"
QUICK = Mischief(verb_pace=0.05, key_pace=0.05)
EVENTS = "initiated ringing answered completed"
NOTHING = "<Response/>"


def gather(action: str, words: str = "Press 1.", **attributes: str) -> str:
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<Response><Gather action="{action}" numDigits="1"{given}><Say>{words}</Say></Gather><Hangup/></Response>'


def dial(*numbers: str, whisper: str = "", **attributes: str) -> str:
    given = "".join(f' {name}="{value}"' for name, value in attributes.items())
    told = f'statusCallback="/leg" statusCallbackEvent="{EVENTS}"'
    url = f' url="{whisper}"' if whisper else ""
    parties = "".join(f"<Number{url} {told}>{number}</Number>" for number in numbers)
    return f'<Response><Dial action="/dialled" timeout="20"{given}>{parties}</Dial></Response>'


PATIENT = gather("/key", timeout="200")
"""Waits for a key, at the pace of these tests, as long as a busy machine may take."""


@dataclass
class Exchange:
    """A network with phones of people, its REST API, and a bot that answers with documents."""

    phones: PhoneNetwork
    rest: RestDouble
    bot: ToneBot
    ring: dict[str, Ringing]
    running: list[asyncio.Task[None]] = field(default_factory=list)

    def call_in(self, document: str) -> PhoneCall:
        self.bot.documents["/twilio/voice"] = document
        call = self.phones.new_call(Script("x", (), caller="+4790000001", called=OURS))
        self.running.append(asyncio.create_task(call.run()))
        return call

    def leg(self, number: str) -> PhoneCall:
        return next(call for call in self.phones.calls.values() if call.facts.called == number)

    async def create(self, number: str, **more: Any) -> PhoneCall:
        client = Client(ACCOUNT, TOKEN, ACCOUNT, http_client=LoopbackClient(self.rest.url))
        given = {"url": PUBLIC + "/whisper", "status_callback": PUBLIC + "/leg", **more}
        made = await asyncio.to_thread(
            client.calls.create, to=number, from_=OURS, status_callback_event=EVENTS.split(), **given
        )
        return self.phones.calls[made.sid]

    def asked(self, path: str) -> list[dict[str, str]]:
        return [form for where, form, _ in self.bot.forms if where == path]

    def statuses(self) -> list[str]:
        return [form["CallStatus"] for form in self.asked("/leg")]

    async def over(self) -> None:
        async with asyncio.timeout(10):
            await asyncio.gather(*self.running)
            await self.phones.outgoing_over()
            await self.phones.told()


@asynccontextmanager
async def exchange_at(
    mischief: Mischief = QUICK, marked: tuple[str, ...] = (), **ring: Ringing
) -> AsyncIterator[Exchange]:
    known = {{"ada": ADA, "bo": BO}[name]: ringing for name, ringing in ring.items()}
    bot = ToneBot(documents={"/whisper": gather("/key"), "/dialled": "<Response><Hangup/></Response>"})
    async with served(bot.app()) as base:
        network = Network(ACCOUNT, TOKEN, PUBLIC, base)
        async with (
            PhoneNetwork(network, mischief, callee=known.get, marked=marked) as phones,
            RestDouble(phones) as rest,
        ):
            yield Exchange(phones, rest, bot, known)


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    async with exchange_at(ada=Ringing("answered"), bo=Ringing("answered")) as exchange:
        yield exchange


async def test_a_dialled_phone_hears_the_whisper_and_then_the_two_hear_each_other() -> None:
    takes = hears_out(presses("1", after_seconds=0, then=meets(says(tone(0.2)))), quiet_seconds=0.05)
    async with exchange_at(replace(QUICK, key_pace=1.0), ada=Ringing(person=takes)) as exchange:
        exchange.bot.documents["/key"] = NOTHING
        caller = exchange.call_in(dial(ADA, whisper="/whisper", callerId=OURS))
        assert await caller.handset.until(lambda: caller.handset.in_company, 5)
        leg = exchange.leg(ADA)
        await waits(caller.handset, 0.4)
        assert loudness(caller.handset) > 5_000
        caller.handset.say(tone(0.2))
        await waits(leg.handset, 0.4)
        assert loudness(leg.handset) > 5_000
        leg.handset.hang_up()
        await exchange.over()
        (action,) = exchange.asked("/dialled")
        assert (action["DialCallStatus"], action["DialBridged"]) == ("completed", "true")
        assert action["DialCallSid"] == leg.facts.call_sid
        assert sorted(exchange.statuses()) == ["completed", "in-progress", "initiated", "ringing"]
        assert {form["ParentCallSid"] for form in exchange.asked("/leg")} == {caller.facts.call_sid}
        assert exchange.asked("/key")[0]["From"] == OURS
        assert not caller.violations + leg.violations


@pytest.mark.parametrize(
    ("ringing", "mischief", "status", "bridged"),
    [
        (Ringing("busy"), QUICK, "busy", "false"),
        (Ringing("no-answer"), QUICK, "no-answer", "false"),
        (Ringing(person=presses("2", after_seconds=0.05)), QUICK, "completed", "false"),
        (Ringing(person=hangs_up(after_seconds=0.05)), QUICK, "completed", "false"),
        (Ringing(person=voicemail(tone(0.1), records_seconds=9)), QUICK, "completed", "false"),
        (Ringing("busy"), replace(QUICK, no_dial_bridged=True), "busy", None),
    ],
    ids=["busy", "no answer", "declines", "hangs up", "voicemail", "an account that is not told"],
)
async def test_what_a_dial_tells_when_nobody_was_connected(
    ringing: Ringing, mischief: Mischief, status: str, bridged: str | None
) -> None:
    async with exchange_at(mischief, ada=ringing) as exchange:
        exchange.bot.documents["/key"] = "<Response><Hangup/></Response>"
        exchange.call_in(dial(ADA, whisper="/whisper"))
        await exchange.over()
        (action,) = exchange.asked("/dialled")
        assert (action["DialCallStatus"], action.get("DialBridged")) == (status, bridged)


async def test_the_first_of_two_is_connected_the_other_stops_ringing_and_star_parts_them() -> None:
    async with exchange_at(ada=Ringing(seconds=9), bo=Ringing(seconds=0.05)) as exchange:
        caller = exchange.call_in(dial(ADA, BO, hangupOnStar="true"))
        assert await caller.handset.until(lambda: caller.handset.in_company, 5)
        caller.handset.press("*")
        await exchange.over()
        assert exchange.leg(ADA).facts.status == "canceled"
        assert exchange.leg(BO).facts.status == "completed"
        assert exchange.asked("/dialled")[0]["DialCallSid"] == exchange.leg(BO).facts.call_sid


async def test_a_caller_who_hangs_up_ends_the_leg() -> None:
    async with exchange_at(ada=Ringing(seconds=9)) as exchange:
        caller = exchange.call_in(dial(ADA))
        await exchange.bot.until(lambda: "ringing" in exchange.statuses())
        caller.handset.hang_up()
        await exchange.over()
        assert exchange.leg(ADA).facts.status == "canceled"
        assert not exchange.asked("/dialled")


async def test_a_whisper_that_dials_is_refused(exchange: Exchange) -> None:
    exchange.bot.documents["/whisper"] = dial(BO)
    exchange.call_in(dial(ADA, whisper="/whisper"))
    await exchange.over()
    assert exchange.leg(ADA).violations == ["a whisper may only say, play and ask for keys"]


@pytest.mark.parametrize(
    ("person", "told"),
    [(declines("1", after_seconds=0.05), ("Digits", "1")), (declines(word="opptatt"), ("SpeechResult", "opptatt"))],
    ids=["a key", "a word"],
)
async def test_a_second_question_is_answered_with_a_key_or_a_word(person: Person, told: tuple[str, str]) -> None:
    async with exchange_at(replace(QUICK, key_pace=1.0), ada=Ringing(person=person)) as exchange:
        exchange.bot.documents["/key"] = gather("/reason", "Why?", input="dtmf speech")
        await exchange.create(ADA)
        await exchange.over()
        assert exchange.asked("/key")[0]["Digits"] == "2"
        assert told in exchange.asked("/reason")[0].items()


@pytest.mark.parametrize(("on_empty", "asked"), [("true", [""]), ("false", [])])
async def test_no_key_is_told_only_where_that_was_wanted(exchange: Exchange, on_empty: str, asked: list[str]) -> None:
    exchange.bot.documents["/whisper"] = gather("/key", timeout="1", actionOnEmptyResult=on_empty)
    await exchange.create(ADA)
    await exchange.over()
    assert [form["Digits"] for form in exchange.asked("/key")] == asked


async def test_a_phone_stops_ringing_when_the_time_is_over_and_a_call_ends_with_its_limit(exchange: Exchange) -> None:
    exchange.ring[ADA] = Ringing(seconds=9)
    plan = Plan(Action(PUBLIC + "/whisper", "POST"), outgoing=Outgoing(Ringing(), timeout_seconds=0.05))
    rung = exchange.phones.call_out(ADA, OURS, plan)
    exchange.bot.documents["/whisper"] = "<Response><Pause length='9'/><Pause length='9'/></Response>"
    limited = exchange.phones.call_out(BO, OURS, replace(plan, limit_seconds=0.05))
    await exchange.over()
    assert rung.facts.status == "no-answer"
    assert limited.outcome == "the call had its longest time"


async def test_the_time_of_a_phone_begins_when_it_is_answered() -> None:
    moments: list[int] = []

    async def answer(handset: Handset) -> None:
        moments.append(handset.now)

    async with exchange_at(ada=Ringing(seconds=0.2, person=answer)) as exchange:
        await exchange.create(ADA)
        await exchange.over()
        assert moments == [0]


async def test_a_machine_is_told_of_before_the_first_document_or_beside_it(exchange: Exchange) -> None:
    exchange.ring[ADA] = Ringing(answered_by="machine_start", detected_after_seconds=0.02)
    call = await exchange.create(ADA, machine_detection="Enable")
    await exchange.over()
    assert exchange.asked("/whisper")[0]["AnsweredBy"] == call.answered_by == "machine_start"
    exchange.bot.forms.clear()
    exchange.bot.documents["/whisper"] = "<Response><Pause length='9'/></Response>"
    beside = {"async_amd": "true", "async_amd_status_callback": PUBLIC + "/machine"}
    await exchange.create(ADA, machine_detection="Enable", **beside)
    await exchange.bot.until(lambda: bool(exchange.asked("/machine")))
    assert "AnsweredBy" not in exchange.asked("/whisper")[0]
    (told,) = exchange.asked("/machine")
    assert (told["AnsweredBy"], told["MachineDetectionDuration"]) == ("machine_start", "20")


async def test_calls_wait_for_their_turn_and_too_many_are_refused(exchange: Exchange) -> None:
    exchange.rest.starts.per_second = 10.0
    exchange.rest.starts.most_waiting = 1
    first, second = await exchange.create(ADA), await exchange.create(BO)
    with pytest.raises(TwilioRestException) as refused:
        await exchange.create(ADA)
    assert (refused.value.status, refused.value.code) == (429, 20429)
    await exchange.over()
    assert first.rang_at is not None and second.rang_at is not None
    assert second.rang_at - first.rang_at >= 0.09


async def test_moving_a_phone_that_still_rings_is_refused(exchange: Exchange) -> None:
    exchange.ring[ADA] = Ringing(seconds=9)
    call = await exchange.create(ADA)
    client = Client(ACCOUNT, TOKEN, ACCOUNT, http_client=LoopbackClient(exchange.rest.url))
    with pytest.raises(TwilioRestException) as refused:
        await asyncio.to_thread(client.calls(call.facts.call_sid).update, twiml=NOTHING)
    assert refused.value.code == 21220
    call.complete()


async def test_the_carrier_tells_of_a_message_in_the_end(exchange: Exchange) -> None:
    client = Client(ACCOUNT, TOKEN, ACCOUNT, http_client=LoopbackClient(exchange.rest.url))
    exchange.rest.texting.failing[BO] = "undelivered"
    for number in (ADA, BO):
        given = {"to": number, "from_": OURS, "body": "hei", "status_callback": PUBLIC + "/sms"}
        await asyncio.to_thread(client.messages.create, **given, content_retention="discard")
    await exchange.over()
    told = [(form["To"], form["MessageStatus"], form.get("ErrorCode")) for form in exchange.asked("/sms")]
    assert [one for one in told if one[0] == ADA] == [(ADA, status, None) for status in ("queued", "sent", "delivered")]
    assert (BO, "undelivered", "30003") in told
    assert [kept.content_retention for kept in exchange.rest.messages] == ["discard", "discard"]


@pytest.mark.parametrize(
    ("fate", "told"),
    [
        (Fate("call", copies=0), []),
        (Fate("call", "ringing", copies=0), ["initiated", "busy"]),
        (Fate("call", "busy", copies=2), ["initiated", "ringing", "busy", "busy"]),
        (Fate("call", "initiated", number=ADA, overtaken=True), ["ringing", "initiated", "busy"]),
        (Fate("call", "initiated", number=BO, copies=0), ["initiated", "ringing", "busy"]),
        (Fate(path="/leg$", copies=0, times=2), ["busy"]),
    ],
    ids=["lost", "one lost", "twice", "overtaken", "of another", "the first two"],
)
async def test_callbacks_have_the_fate_that_was_planned(fate: Fate, told: list[str]) -> None:
    async with exchange_at(ada=Ringing("busy", 0.1)) as exchange:
        exchange.phones.post.fates.append(fate)
        await exchange.create(ADA)
        await exchange.over()
        assert exchange.statuses() == told


async def test_what_is_held_comes_when_it_is_released_the_last_one_first() -> None:
    async with exchange_at(ada=Ringing("busy", 0.1)) as exchange:
        post = exchange.phones.post
        post.fates.append(Fate("call", held=True))
        await exchange.create(ADA)
        async with asyncio.timeout(5):
            await post.holds(3)
        assert exchange.statuses() == []
        assert [letter.event for letter in post.held] == ["initiated", "ringing", "busy"]
        assert post.release("call", backwards=True) == 3
        await exchange.over()
        assert exchange.statuses() == ["busy", "ringing", "initiated"]
        assert [letter.event for letter in post.carried if letter.kind == "call"] == exchange.statuses()


async def test_a_document_that_never_arrives_is_a_bot_that_cannot_be_reached(exchange: Exchange) -> None:
    exchange.phones.post.fates.append(Fate("document", path="/whisper", copies=0))
    exchange.bot.documents["/plan-b"] = "<Response><Say>Sorry.</Say></Response>"
    call = await exchange.create(ADA, fallback_url=PUBLIC + "/plan-b")
    await exchange.over()
    assert "Sorry." in [text for _, text in call.handset.said_by_network]
    assert exchange.asked("/plan-b")[0]["ErrorCode"] == "11205"
    assert exchange.asked("/whisper") == []


async def test_calls_that_are_up_go_on_with_another_server(exchange: Exchange) -> None:
    exchange.bot.documents |= {"/whisper": PATIENT, "/key": "<Response><Say>from the old one</Say></Response>"}
    call = await exchange.create(ADA)
    assert await call.handset.until(lambda: bool(call.handset.said_by_network), 5)
    second = ToneBot(documents={"/key": "<Response><Say>from the new one</Say></Response>"})
    async with served(second.app()) as base:
        exchange.phones.network = replace(exchange.phones.network, connect_to=base)
        call.handset.press("1")
        await exchange.over()
    assert "from the new one" in [text for _, text in call.handset.said_by_network]


async def test_a_server_that_is_away_is_asked_once_more_and_then_somebody_else(exchange: Exchange) -> None:
    elsewhere = ToneBot(documents={"/plan-b": "<Response><Say>Please call again.</Say></Response>"})
    async with served(elsewhere.app()) as base:
        elsewhere.public = base
        exchange.bot.documents["/whisper"] = PATIENT
        call = await exchange.create(ADA, fallback_url=base + "/plan-b")
        assert await call.handset.until(lambda: bool(call.handset.said_by_network), 5)
        exchange.phones.network = replace(exchange.phones.network, connect_to="http://127.0.0.1:1")
        call.handset.press("1")
        await exchange.over()
    assert [one.status for one in call.webhooks.deliveries if one.path == "/key"] == [None, None]
    assert "Please call again." in [text for _, text in call.handset.said_by_network]


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ("<Response><Say>Kari wants to return a heater.</Say></Response>", "a document has a marked word in it"),
        (dial("+4722000013", action="/Kari/left"), "a document has a marked word in it"),
    ],
)
async def test_marked_words_must_not_reach_the_carrier(document: str, fault: str) -> None:
    async with exchange_at(marked=("kari",), ada=Ringing()) as exchange:
        exchange.bot.documents["/whisper"] = document.replace(' action="/dialled"', "", 1)
        call = await exchange.create(ADA)
        await exchange.over()
        assert fault in call.violations
        assert "kari" not in str(exchange.phones.privacy.violations).casefold()


async def test_recordings_and_personal_addresses_in_requests_are_noted(exchange: Exchange) -> None:
    await exchange.create(ADA, record=True, url=PUBLIC + "/whisper/%2B4790000001")
    await exchange.over()
    found = exchange.phones.privacy.violations
    assert "a request for a call records the call" in found
    assert "an address has somebody's number or address in it" in found


async def test_people_who_say_something_are_heard_in_the_recording(exchange: Exchange) -> None:
    exchange.ring[ADA] = Ringing(person=says(tone(0.2), then=hangs_up(after_seconds=0.3)))
    exchange.bot.documents["/whisper"] = "<Response><Connect><Stream url='/media/one'/></Connect></Response>"
    call = await exchange.create(ADA)
    await exchange.over()
    assert abs(call.handset.stereo()[:, 0]).max() > 5_000
