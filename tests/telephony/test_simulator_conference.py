"""Rooms of the simulated network: who waits, who hears whom, who is told, and what the bot is asked afterwards."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from twilio.rest import Client

from telephony.simulator import Network, PhoneNetwork, RestDouble, Script
from telephony.simulator.handset import Handset
from telephony.simulator.phone_call import PhoneCall
from tests.telephony.test_simulator_rest import LoopbackClient
from tests.telephony.tone_bot import ACCOUNT, PUBLIC, TOKEN, ToneBot, served, tone

SILENCE = Script("x", ())


def room(label: str, *, starts: bool = True, ends: bool = True, name: str = "tr_1", action: str = "/done") -> str:
    return (
        f'<Response><Dial action="{action}"><Conference participantLabel="{label}" beep="false" waitUrl="/hold" '
        f'startConferenceOnEnter="{str(starts).lower()}" endConferenceOnExit="{str(ends).lower()}" '
        f'statusCallback="/conf" statusCallbackEvent="start end join leave">{name}</Conference></Dial></Response>'
    )


class Meeting:
    """Two calls that the bot sends into rooms."""

    def __init__(self, phones: PhoneNetwork, rest: RestDouble, bot: ToneBot) -> None:
        self.phones, self.rest, self.bot = phones, rest, bot
        self._running: list[asyncio.Task[None]] = []

    def dial_in(self, document: str) -> PhoneCall:
        self.bot.documents["/twilio/voice"] = document
        call = self.phones.new_call(SILENCE)
        self._running.append(asyncio.create_task(call.run()))
        return call

    def asked(self, path: str) -> list[dict[str, str]]:
        return [form for where, form, _ in self.bot.forms if where == path]

    def told(self) -> list[str]:
        return [form["StatusCallbackEvent"] for form in self.asked("/conf")]

    async def until_told(self, event: str) -> None:
        await self.bot.until(lambda: event in self.told())

    async def over(self) -> None:
        async with asyncio.timeout(5):
            await asyncio.gather(*self._running)


@pytest.fixture
async def meeting() -> AsyncIterator[Meeting]:
    async with meeting_at() as meeting:
        yield meeting


@asynccontextmanager
async def meeting_at() -> AsyncIterator[Meeting]:
    bot = ToneBot(documents={"/hold": "<Response><Say>Please hold.</Say></Response>", "/done": "<Response/>"})
    async with served(bot.app()) as base:
        network = Network(ACCOUNT, TOKEN, PUBLIC, base)
        async with PhoneNetwork(network) as phones, RestDouble(phones) as rest:
            yield Meeting(phones, rest, bot)


async def waits(handset: Handset, seconds: float) -> None:
    await handset.until(lambda: False, seconds)


def loudness(handset: Handset) -> float:
    return float(np.abs(handset.heard.pcm(handset.now).astype(np.float64)).max(initial=0.0))


async def test_both_hear_each_other_and_nobody_hears_themselves(meeting: Meeting) -> None:
    first = meeting.dial_in(room("agent"))
    await meeting.until_told("participant-join")
    second = meeting.dial_in(room("caller"))
    await meeting.until_told("conference-start")
    first.handset.say(tone(0.3))
    await waits(second.handset, 0.6)
    assert loudness(second.handset) > 5_000
    assert loudness(first.handset) < 500
    second.handset.say(tone(0.3))
    await waits(first.handset, 0.6)
    assert loudness(first.handset) > 5_000
    first.handset.hang_up()
    await meeting.over()
    assert "Please hold." in [text for _, text in first.handset.said_by_network]


async def test_leaving_ends_the_room_and_the_other_is_asked_what_next(meeting: Meeting) -> None:
    agent = meeting.dial_in(room("agent", action="/agent-done"))
    await meeting.until_told("participant-join")
    caller = meeting.dial_in(room("caller", action="/caller-done"))
    await meeting.until_told("conference-start")
    agent.handset.hang_up()
    await meeting.over()
    await meeting.until_told("conference-end")
    assert [form["DialCallStatus"] for form in meeting.asked("/caller-done")] == ["answered"]
    assert "DialCallSid" not in meeting.asked("/caller-done")[0]
    leaves = {
        form["ParticipantLabel"]: form["ReasonParticipantLeft"]
        for form in meeting.asked("/conf")
        if form["StatusCallbackEvent"] == "participant-leave"
    }
    assert leaves == {"agent": "participant_hung_up", "caller": "moderator_ended_conference"}
    assert sorted(int(form["SequenceNumber"]) for form in meeting.asked("/conf")) == list(range(6))
    assert caller.outcome == "the bot hung up"


async def test_a_room_opens_only_when_somebody_starts_it(meeting: Meeting) -> None:
    meeting.dial_in(room("caller", starts=False))
    await meeting.until_told("participant-join")
    meeting.dial_in(room("other", starts=False))
    await meeting.bot.until(lambda: meeting.told().count("participant-join") == 2)
    assert "conference-start" not in meeting.told()
    meeting.dial_in(room("agent"))
    await meeting.until_told("conference-start")
    for call in meeting.phones.calls.values():
        call.handset.hang_up()
    await meeting.over()


async def test_a_member_who_is_moved_leaves_the_room_and_its_action_is_asked_late(meeting: Meeting) -> None:
    caller = meeting.dial_in(room("caller", action="/caller-done"))
    await meeting.until_told("participant-join")
    sdk = LoopbackClient(meeting.rest.url)
    client = Client(ACCOUNT, TOKEN, ACCOUNT, http_client=sdk)
    moved = "<Response><Say>Back with the bot.</Say><Hangup/></Response>"
    await asyncio.to_thread(client.calls(caller.facts.call_sid).update, twiml=moved)
    await meeting.over()
    await meeting.until_told("conference-end")
    (left,) = [form for form in meeting.asked("/conf") if form["StatusCallbackEvent"] == "participant-leave"]
    assert left["ReasonParticipantLeft"] == "participant_updated_via_api"
    assert len(meeting.asked("/caller-done")) == 1
    assert "Back with the bot." in [text for _, text in caller.handset.said_by_network]


async def test_two_members_of_one_label_are_refused(meeting: Meeting) -> None:
    first = meeting.dial_in(room("agent"))
    await meeting.until_told("participant-join")
    second = meeting.dial_in(room("agent"))
    await meeting.bot.until(lambda: second.over)
    assert any(fault.startswith("16025") for fault in second.violations)
    first.handset.hang_up()
    await meeting.over()


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (room("+4792243711"), "number or address"),
        (room("caller", name="kari@example.no"), "number or address"),
        (room("x" * 129), "longer than 128"),
        (room("caller").replace("join leave", "join depart"), "no event depart"),
        (room("caller").replace("<Conference ", '<Conference record="record-from-start" '), "records the call"),
    ],
)
async def test_rooms_that_twilio_or_privacy_would_not_allow_are_refused(document: str, fault: str) -> None:
    async with meeting_at() as meeting:
        call = meeting.dial_in(document)
        await meeting.over()
        assert any(fault in violation for violation in call.violations), call.violations
