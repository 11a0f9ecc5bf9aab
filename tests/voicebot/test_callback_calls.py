"""Asked for in words, kept, and called from the console: the whole way of a callback."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select

from dialog import Bot, Engine, load_bot
from dialog.people import Callee
from speech.ear import Ear
from telephony.call import Pcm16, Spoken
from telephony.simulator import Mischief, Network, PhoneNetwork, RestDouble, Ringing
from telephony.simulator.people import hangs_up
from tests.dialog.conftest import LYSVERKET, TODAY, TUESDAY_EVENING
from tests.fakes import RATE_HZ, FakeCall, FakeHearing, FakeSpeaking, FakeVad, InlineExecutor, settle
from tests.telephony.test_callback_calls import agent_who
from tests.telephony.tone_bot import tone
from tests.telephony.twilio_house import ACCOUNT, TOKEN, FakeDesk, open_house
from voicebot.acting import Acting
from voicebot.agents.board import Board
from voicebot.agents.live_call import SignedAgent
from voicebot.callbacks.service import Callbacks
from voicebot.config import RecordsConfig
from voicebot.conversation import Conversation
from voicebot.feed import Feed
from voicebot.keeping import Keeping
from voicebot.metrics import Metrics
from voicebot.records.callbacks import callback, open_callbacks
from voicebot.records.database import open_database
from voicebot.records.keys import load_master_keys
from voicebot.records.ledger import Ledger
from voicebot.records.opening import Records
from voicebot.records.schema import callbacks
from voicebot.records.vault import Vault
from voicebot.rooms import Deadlines, Rooms

WHISPERED = "whisper|Trykk 1 for"
ADA = SignedAgent("1", "ada", Callee("ada", "+4722000011", "desk"))
CALLER = "+4799999999"  # of a FakeCall


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Lysverket, which calls back."""
    folder = tmp_path_factory.mktemp("bot")
    for file in LYSVERKET.rglob("*"):
        if file.is_file():
            there = folder / file.relative_to(LYSVERKET)
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(file.read_bytes())
    rules = yaml.safe_dump({"callbacks": {"deadline_hours": 8, "sms": True}})
    bot_file = folder / "bot.yaml"
    bot_file.write_text(bot_file.read_text(encoding="utf-8") + rules, encoding="utf-8")
    return Engine(load_bot(folder, TODAY), tmp_path_factory.mktemp("embeddings"))


@dataclass
class Office:
    """A store, and callbacks over it."""

    bot: Bot
    records: Records
    callbacks: Callbacks
    board: Board


@contextlib.asynccontextmanager
async def office(engine: Engine, folder: Path, now: datetime) -> AsyncIterator[Office]:
    database = open_database(RecordsConfig(folder, "", (), None, None))
    vault = Vault(load_master_keys(RecordsConfig(folder, "", (), None, None)))
    with database.writing() as connection:
        vault.prepare(connection)
    ledger = Ledger(database, vault, engine.bot, now=lambda: now)
    ledger.start()
    records, board = Records(database, vault, ledger), Board(engine.bot)
    try:
        yield Office(engine.bot, records, Callbacks(engine.bot, records, board, ("+47",), now=lambda: now), board)
    finally:
        await ledger.close()
        database.close()


async def talk(engine: Engine, parts: Office, now: datetime, until: str) -> FakeCall:
    """A caller asks to be called back, and listens until this is said."""
    call, speaking, acting = FakeCall(), FakeSpeaking(), Acting(engine.bot.actions)
    rooms = Rooms(
        engine,
        FakeHearing([]),
        speaking,
        InlineExecutor(),
        Feed(),
        Metrics(),
        lambda: now,
        act=acting,
        records=parts.records.ledger,
        callbacks=parts.callbacks,
    )
    keeping = Keeping(parts.records.ledger, lambda: now)
    conversation = Conversation(call, rooms, Ear(FakeVad(), RATE_HZ), Deadlines(), None, keeping, None)
    keeping.began(call.caller, engine.bot.name, engine.bot.content_version, "nb")
    running = asyncio.create_task(conversation.run())

    for line in ("kan dere ringe meg tilbake", "ja", "så fort som mulig", "en lampe som blinker", "ja"):
        await settle()
        await call.listen_out()
        await settle()
        await call.type(line)
    async with asyncio.timeout(10):
        while not any(until in sentence for sentence in speaking.said):
            await call.silence(0.02)
            await call.listen_out()
            await parts.records.ledger.flushed(1.0)
    await call.leave()
    async with asyncio.timeout(5):
        await running
    keeping.ended("caller_hung_up", "nb")
    acting.close()
    return call


async def test_a_callback_asked_for_in_words_is_kept_promised_and_called(engine: Engine, tmp_path: Path) -> None:
    async with office(engine, tmp_path / "records", TUESDAY_EVENING) as parts:
        call = await talk(engine, parts, TUESDAY_EVENING, "SMS")
        with parts.records.database.reading() as connection:
            (row,) = open_callbacks(connection, parts.records.vault, TUESDAY_EVENING)
        assert (row.number, row.own, row.called) == (CALLER, True, call.caller.called)
        assert "lampe" in row.about
        # It is evening: eight hours of a desk that opens at eight end the next day at four.
        assert row.deadline == TUESDAY_EVENING.replace(hour=16) + timedelta(days=1)
        (text,) = call.texts
        assert "onsdag 25.11. kl. 16.00" in text

        network = Network(ACCOUNT, TOKEN, "https://bot.example.com", "http://127.0.0.1:1")
        ring = {
            "+4722000011": Ringing("answered", 0.05, agent_who((WHISPERED, "1"), ("er slutt", "1"))),
            CALLER: Ringing("answered", 0.05, hangs_up(after_seconds=0.2)),
        }
        mischief = Mischief(verb_pace=0.1, key_pace=0.1)
        desk = FakeDesk()
        desk.voice = speaks  # type: ignore[method-assign]  # any words are spoken as a tone
        async with (
            PhoneNetwork(network, mischief, callee=lambda number: ring[number], marked=("lampe",)) as phones,
            RestDouble(phones) as rest,
            open_house(desk, public_url="https://bot.example.com", api_url=rest.url) as house,
        ):
            phones.network = replace(network, connect_to=house.base)
            parts.callbacks.connect(house.line, None)
            assert (await parts.callbacks.place(row.id, ADA)).done
            async with asyncio.timeout(15), parts.board.watch() as changes:
                async for _ in changes:
                    if not parts.callbacks.underway:
                        break
            await parts.callbacks.settled()
            await phones.outgoing_over()
            assert [one.facts.called for one in phones.calls.values()] == ["+4722000011", CALLER]
            assert not phones.privacy.violations
        with parts.records.database.reading() as connection:
            done = callback(connection, parts.records.vault, row.id)
            assert done is not None
            assert (done.status, done.outcome, done.taken_by) == ("done", "talked", "ada")
        assert parts.board.to_wrap_up(ADA) == (row.conversation,)


async def speaks(spoken: Spoken) -> Pcm16:
    return tone(0.3, 350)


async def test_a_caller_is_told_when_nothing_could_be_promised(engine: Engine, tmp_path: Path) -> None:
    async with office(engine, tmp_path / "records", TUESDAY_EVENING) as parts:
        parts.callbacks = Callbacks(engine.bot, None, parts.board)
        call = await talk(engine, parts, TUESDAY_EVENING, "det fikk jeg ikke lagt inn")
        assert not call.texts
        with parts.records.database.reading() as connection:
            assert not connection.execute(select(callbacks)).all()
