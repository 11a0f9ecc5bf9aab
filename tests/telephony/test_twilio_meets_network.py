"""The Twilio line and the simulated phone network, and an independent caller: whole calls in real time on loopback."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from streamdouble import scenario as second_opinion
from streamdouble.protocol import StreamIdentity
from streamdouble.session import Session

from telephony.call import Call, CallEnded, EndReason, FrameReceived, KeyPressed, MarkCleared, MarkPlayed, Pcm16
from telephony.simulator import CallReport, Mischief, Network, PhoneNetwork, RestDouble, Script
from telephony.simulator.handset import Handset
from telephony.simulator.script import Keys, PutDown, Silence, Turn, Wait
from tests.telephony.tone_bot import tone
from tests.telephony.twilio_house import ACCOUNT, CALL, PERSON, TOKEN, FakeDesk, House, open_house, stream_url, within

GREETING = tone(0.4)


class Talker:
    """Greets with a tone, stops when a key is pressed, and does what the key says: 0 a person, 9 goodbye, 5 breaks."""

    def __init__(self, greeting: Pcm16 = GREETING):
        self.greeting = greeting
        self.ends: list[EndReason] = []
        self.marks: list[object] = []
        self.frames = 0

    async def __call__(self, call: Call) -> None:
        await call.play(self.greeting, "greeting")
        async for event in call.events():
            match event:
                case FrameReceived():
                    self.frames += 1
                case KeyPressed(digit):
                    await self.act(call, digit)
                case MarkPlayed() | MarkCleared():
                    self.marks.append(event)
                case CallEnded(reason):
                    self.ends.append(reason)
                case _:
                    raise AssertionError(event)

    async def act(self, call: Call, digit: str) -> None:
        match digit:
            case "0":
                # Its own task: the events go on until Twilio has taken the call.
                self.passing = asyncio.create_task(call.transfer(PERSON))
            case "1":
                await call.clear()
            case "5":
                raise RuntimeError("the bot breaks")
            case "9":
                await call.hang_up()


async def speak(text: str, language: str) -> Pcm16:
    return tone(0.3, 300)


@contextlib.asynccontextmanager
async def joined(talker: Talker, mischief: Mischief, **settings: Any) -> AsyncIterator[tuple[House, PhoneNetwork]]:
    """A house and a phone network that know each other only by their addresses."""
    network = Network(ACCOUNT, TOKEN, "https://bot.example.com", "http://127.0.0.1:1")
    async with (
        PhoneNetwork(network, mischief) as phones,
        RestDouble(phones) as rest,
        open_house(FakeDesk(talker), public_url="https://bot.example.com", api_url=rest.url, **settings) as house,
    ):
        phones.network = Network(ACCOUNT, TOKEN, "https://bot.example.com", house.base)
        yield house, phones


async def called(
    *turns: Turn, talker: Talker | None = None, mischief: Mischief | None = None, **settings: Any
) -> tuple[CallReport, Handset, Talker, House]:
    talker = talker or Talker()
    mischief = mischief or Mischief(verb_pace=0)
    async with joined(talker, mischief, **settings) as (house, phones):
        script = Script("x", turns)
        report, handset = await phones.place(script, speak, limit_seconds=10.0, patience_seconds=2.0)
        await within(house.desk.finished.get())
    return report, handset, talker, house


LISTEN = Turn(PutDown(), "greeting")


@pytest.mark.parametrize(
    "mischief",
    [
        Mischief(),
        Mischief(trailing_slash=True, repeat_webhooks=True, callback_copies=2, shuffle_callbacks=True),
        Mischief(jitter_ms=60, burst_frames=5, garbage_every_frames=3),
    ],
    ids=["plain", "webhooks", "stream"],
)
async def test_a_call_is_answered_heard_and_ended_by_the_caller(mischief):
    report, handset, talker, house = await called(LISTEN, mischief=mischief)
    assert report.ok, report
    assert report.outcome == "the caller hung up"
    assert talker.ends == [EndReason.CALLER_HUNG_UP] and talker.marks == [MarkPlayed("greeting")]
    # 200 ms is our policy; the rest is for a busy machine that plays late.
    assert report.most_ahead_ms <= 500
    assert np.abs(handset.stereo()[:, 1]).max() > 5000
    assert house.line.counters.dropped_frames == 0 and house.line.counters.streams == 1


async def test_the_greeting_is_stopped_by_clear_and_not_heard_to_its_end():
    talker = Talker(tone(5.0))
    report, handset, _, _ = await called(
        Turn(Wait(0.3), "immediately"),
        Turn(Keys("1"), "immediately"),
        Turn(Wait(0.5), "immediately"),
        Turn(PutDown(), "immediately"),
        talker=talker,
    )
    assert report.ok, report
    assert talker.marks == [MarkCleared("greeting")] and report.message_counts["clear"] == 1
    assert report.seconds < 4.0


async def test_the_bot_hangs_up():
    report, _, talker, _ = await called(Turn(Keys("9"), "greeting"), Turn(Silence(3.0), "immediately"))
    assert report.outcome == "the bot hung up" and not report.violations, report
    assert talker.ends == [EndReason.WE_HUNG_UP]


async def test_a_person_please():
    report, _, talker, house = await called(Turn(Keys("0"), "greeting"), Turn(Silence(3.0), "immediately"))
    assert report.transferred_to == [PERSON.number] and not report.violations, report
    assert talker.ends == [EndReason.TRANSFERRED] and house.line.counters.transfers == 1


async def test_nobody_picks_up_and_the_bot_comes_back():
    mischief = Mischief(verb_pace=0, dial_result="busy")
    report, handset, talker, _ = await called(
        Turn(Keys("0"), "greeting"), Turn(Silence(2.0), "immediately"), LISTEN, mischief=mischief
    )
    assert not report.violations, report
    assert not handset.said_by_network, "the bot itself tells the caller"
    assert len(report.streams) == 2 and talker.ends == [EndReason.TRANSFERRED, EndReason.CALLER_HUNG_UP]


async def test_a_bot_that_breaks_is_replaced_by_a_person():
    report, handset, _, house = await called(Turn(Keys("5"), "greeting"), Turn(Silence(3.0), "immediately"))
    assert report.transferred_to == [PERSON.number] and not report.violations, report
    assert [text for _, text in handset.said_by_network] == ["Beklager.", "Sorry."]
    assert house.line.counters.failed_conversations == 1


async def test_a_line_cut_in_the_middle_comes_back():
    talker = Talker()
    async with joined(talker, Mischief(verb_pace=0, drop_after_seconds=0.3, drop_streams=1)) as (house, phones):
        # The network cuts one stream; the caller stays for the next.
        script = Script("x", (Turn(Wait(2.5), "immediately"), LISTEN))
        report, _ = await phones.place(script, speak, limit_seconds=10.0, patience_seconds=1.0)
    assert len(report.streams) == 2 and house.line.counters.reconnects == 1
    assert talker.ends == [EndReason.LINE_LOST, EndReason.CALLER_HUNG_UP]


async def test_a_stranger_hears_nothing():
    mischief = Mischief(verb_pace=0, wrong_token=True)
    async with joined(Talker(), mischief) as (house, phones):
        report, _ = await phones.place(Script("x", (LISTEN,)), speak, limit_seconds=10.0, patience_seconds=0.5)
    assert report.outcome.startswith("failed") and house.desk.calls == []
    assert house.line.counters.refused_signatures >= 1


async def test_a_handshake_signed_as_https_is_refused_and_the_caller_still_reaches_a_person():
    async with joined(Talker(), Mischief(verb_pace=0, https_signed_stream=True)) as (house, phones):
        report, _ = await phones.place(Script("x", (LISTEN,)), speak, limit_seconds=10.0, patience_seconds=3.0)
    assert house.desk.calls == [] and report.transferred_to == [PERSON.number]
    assert house.line.counters.stream_events["stream-error"] == 3


async def test_a_stuck_call_is_ended_by_rest():
    async def deaf(call: Call) -> None:
        await asyncio.Event().wait()

    async with joined(Talker(), Mischief(verb_pace=0), call_seconds=0.5) as (house, phones):
        house.desk.conversation = deaf
        script = Script("x", (Turn(Silence(8.0), "immediately"),))
        report, _ = await phones.place(script, speak, limit_seconds=9.0)
    assert report.outcome == "the bot hung up" and report.seconds < 6.0, report
    assert house.line.counters.watchdog == {"too_long": 1}


async def test_an_independent_caller_finds_nothing_to_object_to():
    talker = Talker(tone(2.0))
    async with open_house(FakeDesk(talker), signs_handshakes=True) as house:
        url = stream_url(await house.document("/twilio/voice"))
        steps = [
            second_opinion.WaitFor("audio", 5.0),
            second_opinion.Wait(0.2),
            second_opinion.Dtmf("1"),
            second_opinion.WaitFor("clear", 5.0),
            second_opinion.Expect("audio"),
            second_opinion.Expect("no_violations"),
            second_opinion.Hangup(),
        ]
        scenario = second_opinion.Scenario("a second opinion", steps)
        identity = StreamIdentity(account_sid=ACCOUNT, call_sid=CALL)
        result = await within(Session(url, scenario=scenario, identity=identity).run())
        await within(house.desk.finished.get())
    assert result.failed_expectations == [] and result.violation_count == 0 and result.unknown_events == []
    assert talker.marks == [MarkCleared("greeting")] and talker.frames > 10
    # It hangs up without a `stop`.
    assert talker.ends == [EndReason.LINE_LOST] or talker.ends == [EndReason.CALLER_HUNG_UP]
