"""People of a script, who are rung while the caller is on the line, and what the report says of them."""

import asyncio
from typing import Any

import pytest
from twilio.rest import Client

from telephony.simulator import CallReport, Happening, Mischief, Network, PhoneNetwork, RestDouble, Script
from telephony.simulator.script import Colleague, Keys, PutDown, Sentence, Turn, Wait
from tests.telephony.test_simulator_conference import room
from tests.telephony.test_simulator_network import speak
from tests.telephony.test_simulator_phones import ADA, BO, OURS, dial, gather
from tests.telephony.test_simulator_rest import LoopbackClient
from tests.telephony.tone_bot import ACCOUNT, PUBLIC, TOKEN, ToneBot, served

HELLO = Sentence("Hello, Ada here.", "en")
TAKES = (Turn(Keys("1"), 0.1), Turn(HELLO, "together"), Turn(Wait(0.5)), Turn(PutDown(), "immediately"))
CALLER = Script(
    "x",
    (Turn(Keys("0"), "immediately"), Turn(Sentence("Hi.", "en"), "together"), Turn(Wait(5.0))),
    people=(Colleague("Ada", ADA, TAKES, rings_seconds=0.1), Colleague("Bo", BO, result="busy", rings_seconds=0.1)),
    must_complete=False,
)


async def placed(bot: ToneBot, script: Script, seen: list[Happening]) -> tuple[CallReport, PhoneNetwork]:
    async with served(bot.app()) as base:
        network = Network(ACCOUNT, TOKEN, PUBLIC, base)
        async with PhoneNetwork(network, Mischief(verb_pace=0.5)) as phones, RestDouble(phones) as rest:
            client = Client(ACCOUNT, TOKEN, ACCOUNT, http_client=LoopbackClient(rest.url))

            async def ring() -> None:
                await bot.until(lambda: any(body["event"] == "dtmf" for body in bot.received))
                for number in (BO, ADA):
                    given = {"to": number, "from_": OURS, "url": PUBLIC + "/whisper"}
                    await asyncio.to_thread(client.calls.create, **given)
                await bot.until(lambda: any(path == "/key" for path, _, _ in bot.forms))
                sid = next(sid for sid, call in phones.calls.items() if call.facts.direction == "inbound")
                await asyncio.to_thread(client.calls(sid).update, twiml=room("caller"))

            ringing = asyncio.create_task(ring())
            report, _ = await phones.place(script, speak, on_happening=seen.append, limit_seconds=20)
            await ringing
    return report, phones


async def test_people_of_a_script_take_the_caller_and_the_report_says_when() -> None:
    documents: dict[str, Any] = {
        "/whisper": gather("/key", "A caller. Press 1."),
        "/key": room("agent").replace("<Response>", "<Response><Say>The brief.</Say>"),
        "/hold": "<Response><Say>Please hold.</Say></Response>",
        "/done": "<Response><Hangup/></Response>",
    }
    seen: list[Happening] = []
    report, phones = await placed(ToneBot(greeting_seconds=0.1, documents=documents), CALLER, seen)
    assert report.ok, report
    bo, ada = report.rung
    assert (bo.name, bo.outcome, bo.together_seconds) == ("Bo", "the phone called was busy", None)
    moments = [ada.rang_seconds, ada.answered_seconds, ada.key_seconds, ada.together_seconds]
    known = [moment for moment in moments if moment is not None]
    assert len(known) == 4 and known == sorted(known)
    assert ada.heard_by_caller_seconds is not None and ada.hears_caller_seconds is not None
    assert ada.heard_by_caller_seconds >= known[-1]
    assert report.connect_to_ringing_ms is not None and report.connect_to_ringing_ms > 0
    assert report.key_to_bridged_ms == pytest.approx(1000 * (known[-1] - known[-2]), abs=1)
    assert "Ada: presses 1" not in [one.text for one in seen if one.kind == "does"]
    told = [one.text for one in seen if one.kind == "person"]
    assert told[:2] == ["Bo: the phone rings", "Ada: the phone rings"]
    assert "Ada: [presses 1]" in told and "Ada: Hello, Ada here." in told
    assert phones.calls[ada.call_sid].handset.spoken


async def test_numbers_that_are_nobodys_are_passed_on_to_the_world_outside() -> None:
    bot = ToneBot(documents={"/twilio/voice": dial("+4722000099")})
    async with served(bot.app()) as base:
        network = Network(ACCOUNT, TOKEN, PUBLIC, base)
        async with PhoneNetwork(network, Mischief(verb_pace=0)) as phones:
            report, _ = await phones.place(CALLER, speak, patience_seconds=1.0)
    assert report.outcome == "transferred to +4722000099"
    assert report.rung == []
