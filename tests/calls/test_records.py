"""Real calls and what is left of them: every turn, written while the call goes on, over the death of the process."""

import asyncio
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from speech.models import ModelStore
from speech.mouth import Mouth, MouthSettings
from telephony.simulator import Network, PhoneNetwork, Script, network_at
from telephony.simulator.feed import Feed
from telephony.simulator.handset import Handset
from telephony.simulator.network import Speak
from telephony.simulator.script import Expectation, Sentence, Turn
from tests.calls.served import ACCOUNT, TOKEN, Served, served
from tests.postgres import PostgresMissing, running_cluster
from tests.serving import NORDLYS, serving, test_config
from voicebot.commands.call import caller_voice
from voicebot.commands.call_screen import faults
from voicebot.config import RecordsConfig
from voicebot.records.reading import ConversationDetail, Wanted, conversation_detail, conversation_page
from voicebot.records.stores import opened_stores

pytestmark = pytest.mark.models

ASKING = Script(
    "asks, gives a number, and wants a person",
    (
        Turn(Sentence("How long does delivery take?", "en"), expect=Expectation(article="delivery-time")),
        Turn(Sentence("I want to talk to a person.", "en")),
    ),
    caller="+4792243711",
)


def kept(config: RecordsConfig) -> list[ConversationDetail]:
    """Every conversation there is, the newest first."""
    with opened_stores(config) as stores, stores.database.reading() as connection:
        page = conversation_page(connection, Wanted())
        found = [conversation_detail(connection, stores.vault, row.id) for row in page.rows]
    return [detail for detail in found if detail is not None]


def bytes_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


async def test_a_call_leaves_its_turns_and_nothing_that_can_be_read_without_the_keys(
    models: ModelStore, tmp_path: Path
) -> None:
    config = test_config()
    config = replace(config, records=replace(config.records, folder=tmp_path))
    async with serving(config, keep=True) as service:
        async with PhoneNetwork(service.network) as phones:
            report, _ = await phones.place(ASKING, caller_voice(service.house.mouth), limit_seconds=120)
        assert faults(report) == []
    (conversation,) = kept(config.records)
    assert (conversation.head.line, conversation.head.outcome) == ("twilio", "handed_off")
    assert [turn.turn for turn in conversation.turns] == list(range(1, len(conversation.turns) + 1))
    said = [turn.record for turn in conversation.turns if turn.record is not None and turn.record["event"] == "said"]
    assert said[0]["article"]["id"] == "delivery-time"
    assert "delivery" in said[0]["heard"]["words"].lower()
    assert conversation.turns[0].heard is not None
    assert [transfer.row.reason for transfer in conversation.transfers] == ["caller_asked"]
    stored = bytes_below(tmp_path)
    for words in (b"delivery take", b"92243711", b"working days"):
        assert words not in stored


async def test_a_call_reaches_a_person_while_the_database_is_away_and_is_written_when_it_is_back(
    models: ModelStore, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        try:
            cluster = stack.enter_context(running_cluster())
        except PostgresMissing as missing:
            pytest.skip(str(missing))
        config = test_config()
        config = replace(config, records=replace(config.records, folder=tmp_path, url=cluster.new_database()))
        async with serving(config, keep=True) as service:
            open_records = service.house.kept
            assert open_records is not None
            assert await open_records.records.ledger.flushed(10)
            await asyncio.to_thread(cluster.stop)
            async with PhoneNetwork(service.network) as phones:
                report, _ = await phones.place(ASKING, caller_voice(service.house.mouth), limit_seconds=120)
            assert faults(report) == []
            assert report.transferred_to
            assert open_records.troubles, "the operator is told"
            await asyncio.to_thread(cluster.start)
            assert await open_records.records.ledger.flushed(30)
        (conversation,) = kept(config.records)
    assert [turn.turn for turn in conversation.turns] == list(range(1, len(conversation.turns) + 1))
    assert conversation.head.outcome == "handed_off"


class Talker:
    """A caller who asks, sees the service die and come back, and goes on."""

    def __init__(self, handset: Handset, voice: Speak, service: Served) -> None:
        self._handset = handset
        self._voice = voice
        self._service = service

    async def talk(self) -> None:
        await self._answered()
        await self._ask("How long does delivery take?")
        await self._service.kill()
        await self._service.start()
        await self._answered()
        await self._ask("What are your opening hours?")
        self._handset.hang_up()

    async def _ask(self, words: str) -> None:
        self._handset.say(await self._voice(words, "en"))
        await self._handset.until(lambda: not self._handset.speaking, 10)
        await self._answered()

    async def _answered(self) -> None:
        """Until the bot has said something more, and is silent again."""
        before = len(self._handset.heard.runs)
        assert await self._handset.until(lambda: len(self._handset.heard.runs) > before, 90)
        assert await self._handset.until(lambda: self._handset.quiet_seconds > 1.5, 30)


async def test_a_killed_process_comes_back_to_the_same_conversation(models: ModelStore, tmp_path: Path) -> None:
    mouth = Mouth(models, MouthSettings(cache_folder=tmp_path / "phrases"))
    await mouth.start(["en"])
    try:
        voice = caller_voice(mouth)
        for words in ("How long does delivery take?", "What are your opening hours?"):
            await voice(words, "en")
        async with served(NORDLYS, tmp_path / "records") as service:
            await service.start()
            network: Network = network_at(service.base, account=ACCOUNT, token=TOKEN, public_url=service.base)
            async with PhoneNetwork(network) as phones:
                call = phones.new_call(Script("survives", ()))
                talker = Talker(call.handset, voice, service)
                await phones.hold(call, talker.talk, Feed(call.clock, lambda entry: None), limit_seconds=240)
    finally:
        await mouth.close()
    assert len(call.streams) == 2
    (conversation,) = kept(replace(test_config().records, folder=tmp_path / "records"))
    assert conversation.head.outcome == "caller_hung_up"
    records: list[Any] = [turn.record for turn in conversation.turns]
    assert [record["event"] for record in records] == ["began", "said", "resumed", "said"]
    assert [record["article"]["id"] for record in records if record["article"]] == ["delivery-time", "opening-hours"]
    assert records[2]["language"] == "en", "what was known of the caller is known again"
