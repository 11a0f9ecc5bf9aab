"""The process dies while people are rung, hear what it is about, and talk: nobody is dropped, and each gets on."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from speech.models import ModelStore
from speech.mouth import Mouth, MouthSettings
from telephony.simulator import Network, PhoneNetwork, RestDouble, Ringing, Script, network_at
from telephony.simulator.feed import Feed
from telephony.simulator.people import presses
from tests.calls.offices import Office, with_offices
from tests.calls.served import ACCOUNT, TOKEN, served
from tests.calls.stage import Stage
from tests.serving import test_config
from voicebot.commands.call import caller_voice
from voicebot.records.reading import Wanted, conversation_detail, conversation_page
from voicebot.records.stores import opened_stores

pytestmark = pytest.mark.models

RINGS = Office("repair desk", {"Ada": "+442079460201"})
WHISPERS = Office("garden team", {"Bo": "+442079460202"})
TALKS = Office("music shop", {"Eva": "+442079460203"})
PHONES = {
    "+442079460201": Ringing("answered", 30.0, presses("1", after_seconds=5.0)),
    "+442079460202": Ringing("answered", 0.5, presses("1", after_seconds=7.0)),
    "+442079460203": Ringing("answered", 0.5, presses("1", after_seconds=4.0)),
}


async def test_ringing_whispering_and_talking_go_on(models: ModelStore, tmp_path: Path) -> None:
    bot = with_offices(tmp_path / "bot", [RINGS, WHISPERS, TALKS])
    mouth = Mouth(models, MouthSettings(cache_folder=tmp_path / "phrases"))
    await mouth.start(["en"])
    voice = caller_voice(mouth)
    for office in (RINGS, WHISPERS, TALKS):
        await voice(f"I want to talk to the {office.name}.", "en")
    network = Network(ACCOUNT, TOKEN, "http://127.0.0.1:1", "http://127.0.0.1:1")
    talking, whispering, ringing, back = (asyncio.Event() for _ in range(4))
    stages: dict[str, Stage] = {}

    async def talks(stage: Stage) -> None:
        await stage.ask_for_person()
        await stage.talk_to("Eva")
        talking.set()
        await back.wait()
        await stage.talk_to("Eva")
        stage.handset.hang_up()

    async def whispers(stage: Stage) -> None:
        await talking.wait()
        await stage.ask_for_person()
        (leg,) = stage.legs
        assert await stage.handset.until(lambda: bool(leg.handset.heard.runs or leg.handset.said_by_network), 20)
        whispering.set()
        await stage.talk_to("Bo")
        stage.handset.hang_up()

    async def rings(stage: Stage) -> None:
        await talking.wait()
        await stage.ask_for_person()
        ringing.set()
        await stage.talk_to("Ada")
        stage.handset.hang_up()

    async with PhoneNetwork(network, callee=PHONES.__getitem__) as phones, RestDouble(phones) as rest:
        settings = {"TWILIO_API_URL": rest.url, "VOICEBOT_RING_SECONDS": "60"}
        async with served(bot, tmp_path / "records", **settings) as service:
            await service.start()
            phones.network = network_at(service.base, account=ACCOUNT, token=TOKEN, public_url=service.base)

            async def restart() -> None:
                await whispering.wait()
                await ringing.wait()
                await service.kill()
                await service.start()
                back.set()

            async def call(office: Office, does: Callable[[Stage], Awaitable[None]]) -> None:
                one = phones.new_call(Script(office.name, (), called="+442079460100", caller="+4792243711"))
                stage = stages[office.name] = Stage(phones, one, voice, office, office.people)
                feed = Feed(one.clock, stage.entries.append)
                await phones.hold(one, lambda: does(stage), feed, limit_seconds=240)

            restarting = asyncio.create_task(restart())
            await asyncio.gather(call(TALKS, talks), call(WHISPERS, whispers), call(RINGS, rings))
            await restarting
            await phones.outgoing_over()
    await mouth.close()
    records = replace(test_config().records, folder=tmp_path / "records")
    with opened_stores(records) as stores, stores.database.reading() as connection:
        rows = conversation_page(connection, Wanted()).rows
        details = [conversation_detail(connection, stores.vault, row.id) for row in rows]
    outcomes = [[transfer.row.outcome for transfer in detail.transfers] for detail in details if detail is not None]
    assert outcomes == [["connected"]] * 3
    assert all(leg.over for stage in stages.values() for leg in stage.legs)
