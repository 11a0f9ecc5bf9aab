"""The thread everything stands on: a phone rings, real speech goes in, the right answer comes out."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from speech.models import ModelStore
from telephony.simulator import CallReport, PhoneNetwork, Script, load_script
from telephony.simulator.network import Speak
from telephony.simulator.script import Expectation, Keys, PutDown, Sentence, Silence, Turn
from tests.serving import NORDLYS, Service, serving, test_config
from voicebot.commands.call import caller_voice
from voicebot.commands.call_screen import faults

pytestmark = [pytest.mark.models, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(models: ModelStore) -> AsyncIterator[Service]:
    async with serving(test_config(max_calls=4)) as running:
        yield running


@pytest.fixture(scope="module")
def speak(service: Service) -> Speak:
    return caller_voice(service.house.mouth)


async def call(service: Service, script: Script, speak: Speak) -> CallReport:
    async with PhoneNetwork(service.network) as phones:
        report, _ = await phones.place(script, speak, limit_seconds=240)
    return report


@pytest.mark.parametrize("name", ["ten-questions-en", "person-en"])
async def test_the_bots_own_calls_are_answered_as_their_scripts_want_it(
    service: Service, speak: Speak, name: str
) -> None:
    report = await call(service, load_script(NORDLYS / "calls" / f"{name}.yaml"), speak)
    assert faults(report) == []


async def test_a_caller_who_interrupts_is_answered_and_was_not_told_what_was_cut_off(
    service: Service, speak: Speak
) -> None:
    script = Script(
        "interrupts",
        (
            Turn(Sentence("How long does delivery take?", "en"), expect=Expectation(article="delivery-time")),
            Turn(Sentence("What are your opening hours?", "en"), 1.5, Expectation(article="opening-hours")),
            Turn(PutDown()),
        ),
    )
    report = await call(service, script, speak)
    assert faults(report) == []
    assert report.message_counts["clear"] >= 1
    stopped = report.turns[1].stopped_ms
    assert stopped is not None


async def test_key_zero_over_the_greeting_reaches_a_person(service: Service, speak: Speak) -> None:
    script = Script("zero", (Turn(Keys("0"), 0.5, Expectation(transfer="customer_service")),))
    report = await call(service, script, speak)
    assert report.transferred_to or report.turns[0].rule == "closed"
    assert not report.violations


async def test_a_silent_caller_is_asked_twice_and_then_left_politely(service: Service, speak: Speak) -> None:
    script = Script("silent", (Turn(Silence(60), expect=Expectation(hung_up=True)),))
    report = await call(service, script, speak)
    assert not report.violations
    assert "hung up" in report.outcome
