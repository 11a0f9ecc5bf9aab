"""A callback in sound: pressed in the console; the agent hears what it is about, and talks with the customer."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from speech.models import ModelStore
from telephony.simulator import Network, PhoneNetwork, RestDouble, Ringing
from telephony.simulator.handset import Handset
from telephony.simulator.people import says
from tests.calls.offices import Office, with_offices
from tests.calls.test_warm_call import words_of
from tests.serving import PUBLIC_URL, serving, test_config
from tests.telephony.tone_bot import tone
from tests.telephony.transfer_scene import heard
from tests.voicebot.web.conftest import PASSWORD, post
from voicebot.records.callbacks import callback
from voicebot.records.entries import CallbackAsked, ConversationBegan, new_id
from voicebot.web.permissions import Role
from voicebot.web.sign_in import accounts

pytestmark = pytest.mark.models

DESK = Office("service team", {"Ada": "+442079460111"})
BEGIN = "/console/begin"
CUSTOMER, OURS = "+4792243711", "+442079460100"


async def test_ada_presses_call_hears_what_it_is_about_and_talks_with_the_customer(
    models: ModelStore, tmp_path: Path
) -> None:
    async def ada(handset: Handset) -> None:
        """Listens the whisper out, presses 1, talks, and says in the end that they talked."""
        assert await handset.until(lambda: bool(handset.heard.runs) and handset.quiet_seconds > 0.6, 30)
        handset.press("1")
        assert await handset.until(lambda: heard(handset, 700), 60)
        handset.say(tone(0.8, 1_100))
        assert await handset.until(lambda: any("press 1" in text.lower() for _, text in handset.said_by_network), 30)
        handset.press("1")

    ring = {
        DESK.people["Ada"]: Ringing("answered", 3.0, ada),
        CUSTOMER: Ringing("answered", 0.5, says(tone(0.8, 700), then=hangs_up_when_heard)),
    }
    config = test_config()
    assert config.twilio is not None
    network = Network(config.twilio.account_sid, config.twilio.auth_tokens[0], PUBLIC_URL, "http://127.0.0.1:1")
    async with PhoneNetwork(network, callee=lambda number: ring[number]) as phones, RestDouble(phones) as rest:
        config = replace(
            config,
            twilio=replace(config.twilio, api_url=rest.url),
            records=replace(config.records, folder=tmp_path / "records"),
        )
        bot = with_offices(tmp_path / "bot", [DESK], callbacks={"sms": True})
        async with serving(config, bot=bot, keep=True) as service:
            phones.network = service.network
            kept = service.house.kept
            assert kept is not None
            now, conversation, wish = datetime.now(UTC), new_id(), new_id()
            kept.records.ledger.note(
                ConversationBegan(conversation, "CA" + new_id(), "twilio", CUSTOMER, "b", "v", "en", now)
            )
            kept.records.ledger.note(
                CallbackAsked(
                    conversation, wish, CUSTOMER, "a lamp that flickers", "en", DESK.id, None,
                    now + timedelta(hours=4), now, own=True, called=OURS,
                )
            )  # fmt: skip
            assert await kept.records.ledger.flushed(5.0)
            with kept.records.database.writing() as connection:
                code = accounts.add(connection, "ada", [Role.AGENT], "en", now)[1]
            async with httpx.AsyncClient(base_url=service.base_url) as browser:
                await post(browser, BEGIN, BEGIN, name="ada", code=code, password=PASSWORD, again=PASSWORD)
                path = f"/agent/callbacks/{wish}"
                for press in ("take", "call"):
                    done = await post(browser, path, f"{path}/{press}")
                    assert done.is_redirect, done.text
                assert "calling" in done.headers["location"], done.headers["location"]
            async with asyncio.timeout(90), service.house.board.watch() as changes:
                async for _ in changes:
                    if wish not in service.house.callbacks.underway:
                        break
            await service.house.callbacks.settled()
            await phones.outgoing_over()
            agent, customer = phones.calls.values()
            spoken = await words_of(service, agent.handset, "en")
            with kept.records.database.reading() as connection:
                row = callback(connection, kept.records.vault, wish)
    assert row is not None and (row.status, row.outcome, row.taken_by) == ("done", "talked", "Ada")
    whisper, _, brief = spoken.partition("about and call")
    assert "lamp" in brief and "lamp" not in whisper, spoken
    assert heard(customer.handset, 1_100)
    assert customer.facts.caller == OURS
    assert not agent.violations + customer.violations + phones.privacy.violations


async def hangs_up_when_heard(handset: Handset) -> None:
    assert await handset.until(lambda: heard(handset, 1_100), 30)
    handset.hang_up()
