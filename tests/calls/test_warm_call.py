"""A caller is handed over warm, in sound: a person hears what it is about and takes the call, and the two talk."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soxr

from speech.models import ModelStore
from speech.transcript import Utterance
from telephony.simulator import Network, PhoneNetwork, RestDouble, Ringing, Script
from telephony.simulator.feed import Feed
from telephony.simulator.handset import Handset
from telephony.simulator.people import presses
from telephony.simulator.phone_call import PhoneCall
from tests.serving import NORDLYS, PUBLIC_URL, Service, serving, test_config
from tests.telephony.tone_bot import tone
from tests.telephony.transfer_scene import heard
from voicebot.commands.call import caller_voice
from voicebot.config import RecordsConfig
from voicebot.records.reading import ConversationDetail, Wanted, conversation_detail, conversation_page
from voicebot.records.stores import opened_stores

pytestmark = pytest.mark.models

ADA = "+442079460111"
SERVICE = '    number: "+442079460101"\n'
ALWAYS = 'hours:\n  timezone: Europe/Oslo\n  weekly: { mon-sun: "00:00-24:00" }\n\n'


def with_people(folder: Path) -> Path:
    """Nordlys, always open, whose customer service has somebody who is briefed."""
    shutil.copytree(NORDLYS, folder)
    path = folder / "bot.yaml"
    text = re.sub(r"(?ms)^hours:\n.*?\n\n", ALWAYS, path.read_text(encoding="utf-8"), count=1)
    assert SERVICE in text and ALWAYS in text
    text = text.replace("languages: [nb, en, nn, uk]", "languages: [en, nb, nn, uk]", 1)  # what Ada speaks
    text = text.replace(SERVICE, f'{SERVICE}    people: [{{ name: Ada, number: "{ADA}" }}]\n', 1)
    path.write_text(text, encoding="utf-8")
    return folder


async def words_of(service: Service, handset: Handset, language: str) -> str:
    """What a phone has heard so far, as our own recogniser understands it."""
    pcm = handset.heard.pcm(handset.now).astype(np.float32) / 32768
    wide = soxr.resample(pcm, 8_000, 16_000).astype(np.float32)
    utterance = Utterance(wide, 0.0, len(wide) / 16_000)
    transcript = await service.house.recogniser.transcribe(utterance, [language])
    return transcript.text.lower()


async def bot_finished(handset: Handset) -> None:
    """Until the bot has said something, and is silent again."""
    assert await handset.until(lambda: bool(handset.heard.runs), 30)
    assert await handset.until(lambda: handset.quiet_seconds > 1.5, 30)


def kept(config: RecordsConfig) -> ConversationDetail:
    """The one conversation there is."""
    with opened_stores(config) as stores, stores.database.reading() as connection:
        (row,) = conversation_page(connection, Wanted()).rows
        detail = conversation_detail(connection, stores.vault, row.id)
    assert detail is not None
    return detail


async def test_whisper_key_brief_and_the_two_hear_each_other(models: ModelStore, tmp_path: Path) -> None:
    config = test_config()
    assert config.twilio is not None
    network = Network(config.twilio.account_sid, config.twilio.auth_tokens[0], PUBLIC_URL, "http://127.0.0.1:1")
    ring = {ADA: Ringing("answered", 0.5, presses("1", after_seconds=9.0))}
    async with PhoneNetwork(network, callee=lambda number: ring[number]) as phones, RestDouble(phones) as rest:
        config = replace(
            config,
            twilio=replace(config.twilio, api_url=rest.url),
            records=replace(config.records, folder=tmp_path / "records"),
        )
        async with serving(config, bot=with_people(tmp_path / "bot"), keep=True) as service:
            phones.network = service.network
            voice = caller_voice(service.house.mouth)
            call = phones.new_call(Script("wants a person", (), called="+442079460100"))
            agent: list[PhoneCall] = []

            async def talk() -> None:
                handset = call.handset
                await bot_finished(handset)
                handset.say(await voice("I want to talk to a person.", "en"))
                assert await handset.until(lambda: len(phones.calls) == 2, 20)
                agent.append(next(one for one in phones.calls.values() if one is not call))
                assert await handset.until(lambda: bool(agent[0].handset.pressed), 30)
                before_key = await words_of(service, agent[0].handset, "en")
                assert "press" in before_key, before_key
                assert await handset.until(lambda: any(room.started_at for room in phones.conferences.all), 40)
                agent[0].handset.say(tone(0.6, 1_100))
                handset.say(tone(0.6, 700))
                assert await handset.until(lambda: heard(handset, 1_100) and heard(agent[0].handset, 700), 10)
                agent[0].handset.hang_up()

            await phones.hold(call, talk, Feed(call.clock, lambda entry: None), limit_seconds=180)
            brief = await words_of(service, agent[0].handset, "en")
    assert not call.violations + agent[0].violations
    assert "ask" in brief and "person" in brief.split("press two")[-1], brief
    conversation = kept(config.records)
    (transfer,) = conversation.transfers
    assert (transfer.row.reason, transfer.row.outcome) == ("caller_asked", "connected")
    assert [(attempt.agent, attempt.outcome) for attempt in transfer.attempts] == [("Ada", "connected")]
    assert transfer.row.seconds_to_human > 0
