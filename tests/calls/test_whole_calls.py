"""The thread everything stands on: a phone rings, real speech goes in, the right answer comes out.

The calls run side by side, so that the slowest of them is what the file takes.
"""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import replace

import pytest
import pytest_asyncio

from speech.models import ModelStore
from telephony.simulator import CallReport, PhoneNetwork, RestDouble, Script, load_script
from telephony.simulator.script import Expectation, Keys, PutDown, Sentence, Silence, Turn
from telephony.simulator.texting import TextMessage
from tests.serving import NORDLYS, serving, test_config
from voicebot.commands.call import caller_voice
from voicebot.commands.call_screen import faults

pytestmark = [pytest.mark.models, pytest.mark.asyncio(loop_scope="module")]

SCRIPTS = {
    "ten questions": load_script(NORDLYS / "calls" / "ten-questions-en.yaml"),
    "a person": load_script(NORDLYS / "calls" / "person-en.yaml"),
    "a proof of identity": load_script(NORDLYS / "calls" / "payout-en.yaml"),
    "an order": load_script(NORDLYS / "calls" / "order-en.yaml"),
    "an interruption": Script(
        "interrupts",
        (
            Turn(Sentence("How long does delivery take?", "en"), expect=Expectation(article="delivery-time")),
            Turn(Sentence("What are your opening hours?", "en"), 1.5, Expectation(article="opening-hours")),
            Turn(PutDown()),
        ),
    ),
    "key zero": Script("zero", (Turn(Keys("0"), 0.5, Expectation(transfer="customer_service")),)),
    "silence": Script(
        "silent",
        (
            Turn(Silence(20), expect=Expectation(rule="no_input")),
            Turn(Silence(20), expect=Expectation(rule="no_input")),
            Turn(Silence(20), expect=Expectation(hung_up=True)),
        ),
    ),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def calls(models: ModelStore) -> tuple[Mapping[str, CallReport], list[TextMessage]]:
    """What became of each call, and the text messages that were sent."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = test_config(max_calls=len(SCRIPTS))
    assert config.twilio is not None
    config = replace(config, twilio=replace(config.twilio, api_url=f"http://127.0.0.1:{port}"))
    async with (
        serving(config) as service,
        PhoneNetwork(service.network) as phones,
        RestDouble(phones, port=port) as rest,
    ):
        speak = caller_voice(service.house.mouth)

        async def call(script: Script) -> CallReport:
            report, _ = await phones.place(script, speak, limit_seconds=300)
            return report

        placed = await asyncio.gather(*(call(script) for script in SCRIPTS.values()))
        assert service.house.calls == 0, "every conversation has ended"
        return dict(zip(SCRIPTS, placed, strict=True)), rest.messages


@pytest.fixture(scope="module")
def reports(calls: tuple[Mapping[str, CallReport], list[TextMessage]]) -> Mapping[str, CallReport]:
    return calls[0]


@pytest.mark.parametrize("name", SCRIPTS)
async def test_a_call_goes_as_its_script_wants_it(reports: Mapping[str, CallReport], name: str) -> None:
    assert faults(reports[name]) == []


async def test_all_ten_questions_find_their_article(reports: Mapping[str, CallReport]) -> None:
    asked = [turn.expect.article for turn in SCRIPTS["ten questions"].turns if turn.expect.article]
    assert len(asked) == 10
    assert [turn.article for turn in reports["ten questions"].turns if turn.article][:10] == asked


async def test_a_code_goes_to_the_caller_from_the_number_called(
    calls: tuple[Mapping[str, CallReport], list[TextMessage]],
) -> None:
    (message,) = calls[1]
    script = SCRIPTS["a proof of identity"]
    assert (message.to, message.sender) == (script.caller, script.called)


async def test_asking_for_a_person_dials_the_departments_number(reports: Mapping[str, CallReport]) -> None:
    # The second number answers outside the hours.
    for name in ("a person", "key zero"):
        assert reports[name].transferred_to[0] in ("+442079460101", "+442079460104")


async def test_an_interruption_clears_the_line_and_stops_the_bot(reports: Mapping[str, CallReport]) -> None:
    report = reports["an interruption"]
    assert report.message_counts["clear"] >= 1
    assert report.turns[1].stopped_ms is not None
    assert report.turns[1].understood is not None
    assert "opening hours" in report.turns[1].understood.lower()


async def test_every_call_obeys_the_networks_protocol(reports: Mapping[str, CallReport]) -> None:
    assert {name: report.violations for name, report in reports.items() if report.violations} == {}
    assert max(report.most_ahead_ms for report in reports.values()) <= 400
