"""The whole way, in sound: a caller gets angry, is offered a person, and the person, briefed, takes the call."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np
import pytest
import soxr

from speech.models import ModelStore
from speech.transcript import Utterance
from telephony.simulator import Network, PhoneNetwork, RestDouble, Ringing, Script
from telephony.simulator.feed import Feed
from telephony.simulator.handset import Handset
from telephony.simulator.people import presses
from tests.calls.offices import Office, with_offices
from tests.calls.stage import Stage
from tests.serving import PUBLIC_URL, Service, serving, test_config
from tests.voicebot.web.conftest import post
from voicebot.commands.call import caller_voice
from voicebot.config import RecordsConfig
from voicebot.records.agents import wrap_up
from voicebot.records.reading import ConversationDetail, Wanted, conversation_detail, conversation_page
from voicebot.records.stores import opened_stores
from voicebot.web.permissions import Role
from voicebot.web.sign_in import accounts

pytestmark = pytest.mark.models

SERVICE = Office("service team", {"Ada": "+442079460111"})
PASSWORD = "a long walk in the rain"


async def words_of(service: Service, handset: Handset, language: str) -> str:
    """What a phone has heard so far, as our own recogniser understands it."""
    pcm = handset.heard.pcm(handset.now).astype(np.float32) / 32768
    wide = soxr.resample(pcm, 8_000, 16_000).astype(np.float32)
    utterance = Utterance(wide, 0.0, len(wide) / 16_000)
    transcript = await service.house.recogniser.transcribe(utterance, [language])
    return transcript.text.lower()


def kept(config: RecordsConfig) -> ConversationDetail:
    """The one conversation there is."""
    with opened_stores(config) as stores, stores.database.reading() as connection:
        (row,) = conversation_page(connection, Wanted()).rows
        detail = conversation_detail(connection, stores.vault, row.id)
    assert detail is not None
    return detail


@asynccontextmanager
async def ada_at_her_desk(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which Ada has signed in at the console."""
    assert service.house.kept is not None
    with service.house.kept.records.database.writing() as connection:
        code = accounts.add(connection, "ada", [Role.AGENT], "en", datetime.now(UTC))[1]
    async with httpx.AsyncClient(base_url=service.base_url) as browser:
        begun = await post(
            browser, "/console/begin", "/console/begin", name="ada", code=code, password=PASSWORD, again=PASSWORD
        )
        assert begun.is_redirect, begun.text
        yield browser


async def test_angry_caller_offer_whisper_key_brief_two_who_talk_and_what_came_of_it(
    models: ModelStore, tmp_path: Path
) -> None:
    config = test_config()
    assert config.twilio is not None
    network = Network(config.twilio.account_sid, config.twilio.auth_tokens[0], PUBLIC_URL, "http://127.0.0.1:1")
    ring = {SERVICE.people["Ada"]: Ringing("answered", 0.5, presses("1", after_seconds=9.0))}
    async with PhoneNetwork(network, callee=lambda number: ring[number]) as phones, RestDouble(phones) as rest:
        config = replace(
            config,
            twilio=replace(config.twilio, api_url=rest.url),
            records=replace(config.records, folder=tmp_path / "records"),
        )
        async with serving(config, bot=with_offices(tmp_path / "bot", [SERVICE]), keep=True) as service:
            phones.network = service.network
            voice = caller_voice(service.house.mouth)
            call = phones.new_call(Script("gets angry", (), called="+442079460100", caller="+4792243711"))
            stage = Stage(phones, call, voice, SERVICE, SERVICE.people)

            async def talk() -> None:
                await stage.answered()
                for question in ("How long does delivery take?", "That is not what I asked. Where is my parcel?"):
                    await stage.say(question)
                    await stage.answered()
                await stage.say("This is ridiculous, I have asked you three times now.")
                await stage.told("talk to")
                await stage.say("Yes, please.")
                assert await stage.handset.until(lambda: bool(stage.legs), 20), stage.spoken
                (leg,) = stage.legs
                assert await stage.handset.until(lambda: bool(leg.handset.pressed), 30)
                before_key = await words_of(service, leg.handset, "en")
                assert "press" in before_key, before_key
                ada = await stage.talk_to("Ada")
                ada.hang_up()
                stage.handset.hang_up()

            await phones.hold(call, talk, Feed(call.clock, stage.entries.append), limit_seconds=240)
            (leg,) = stage.legs
            heard_by_ada = await words_of(service, leg.handset, "en")
            conversation = kept(config.records).head.id
            async with ada_at_her_desk(service) as browser:
                path = f"/agent/wrap-up/{conversation}"
                note = "She was promised a call tomorrow."
                saved = await post(browser, path, path, outcome="solved", note=note, brief="yes")
                assert saved.is_redirect, saved.text
    assert not call.violations + leg.violations
    brief = heard_by_ada.split("press two")[-1]
    assert re.search(r"satisf|angry|impatient|times|parcel|delivery", brief), brief
    detail = kept(config.records)
    (transfer,) = detail.transfers
    assert (transfer.row.reason, transfer.row.outcome) == ("frustrated", "connected")
    assert [(attempt.agent, attempt.outcome) for attempt in transfer.attempts] == [("Ada", "connected")]
    assert transfer.row.seconds_to_human > 0
    with opened_stores(config.records) as stores, stores.database.reading() as connection:
        written = wrap_up(connection, stores.vault, conversation)
    assert written is not None and (written.outcome, written.note, written.brief_right) == ("solved", note, "yes")
