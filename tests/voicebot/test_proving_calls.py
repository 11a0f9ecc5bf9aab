"""Identity proven in a call: the text message, the keys, the app; and what is left of it when the call is over."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialog import Engine, load_bot
from dialog.identity import Identity, Proof
from speech.ear import Ear
from telephony.call import Call, Caller, EndReason, LineKind
from telephony.errors import CarrierRefused
from tests.dialog.proving_bot import proving_bot
from tests.fakes import RATE_HZ, FakeCall, FakeHearing, FakeSpeaking, FakeVad, InlineExecutor, settle
from tests.logged import kept_log
from voicebot.acting import Acting
from voicebot.conversation import Conversation
from voicebot.feed import Feed
from voicebot.identity.codes import CodeBook
from voicebot.identity.provider import Approving, Asked, Attempt, Came, IdentityProvider, NotProven, Proven
from voicebot.identity.sms import SmsProvider
from voicebot.keeping import Keeping
from voicebot.metrics import Metrics
from voicebot.records.entries import Entry, IdentityTried
from voicebot.returning import Left, Returning
from voicebot.rooms import Deadlines, Rooms

CHANGE = "jeg vil endre kontonummeret mitt"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SOMEBODY = Proven(Identity("id.example.com", "high", "person-1", "+4799999999"), "01010150074")


class Noted:
    """Keeps entries."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def note(self, entry: Entry) -> None:
        self.entries.append(entry)

    async def recall(self, call_id: str) -> None:
        return None

    @property
    def tried(self) -> list[tuple[str, str, str]]:
        """Attempts to prove identity."""
        return [(one.provider, one.outcome, one.level) for one in self.entries if isinstance(one, IdentityTried)]


class App:
    """A provider whose app the test holds in its hand. decided: what comes of it; `breaks` raises instead."""

    name = "id.example.com"

    def __init__(self) -> None:
        self.decided: asyncio.Future[Came] = asyncio.get_running_loop().create_future()
        self.asked: list[Asked] = []
        self.waits = 0
        self.cancelled = 0
        self.breaks = False

    def attempt(self, asked: Asked) -> Attempt:
        self.asked.append(asked)
        return self

    async def begin(self, again: bool) -> Came:
        if self.breaks:
            raise KeyError("+4799999999 has no phone")
        return Approving("4271")

    async def code(self, code: str) -> Came:
        return NotProven("unavailable")

    async def wait(self) -> Came:
        self.waits += 1
        try:
            return await asyncio.shield(self.decided)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    async def close(self) -> None:
        """Nothing is open."""


class Talk:
    """One call."""

    def __init__(self, conversation: Conversation, call: FakeCall, speaking: FakeSpeaking, noted: Noted) -> None:
        self.conversation = conversation
        self.call = call
        self.speaking = speaking
        self.noted = noted

    async def type(self, text: str) -> None:
        """The caller says something, and hears the answer out."""
        await self.call.type(text)
        await self.hear()

    async def hear(self) -> None:
        """Listen until the bot has said all it has to say for now."""
        for _ in range(8):
            await settle()
            await self.call.listen_out()

    @property
    def said(self) -> str:
        """Everything the bot has said."""
        return " ".join(self.speaking.said)

    @property
    def code(self) -> str:
        """Of the last text message."""
        return next(word.strip(".") for word in self.call.texts[-1].split() if word.strip(".").isdecimal())


@pytest.fixture(scope="module")
def embeddings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("embeddings")


@pytest.fixture(scope="module")
def sms_engine(tmp_path_factory: pytest.TempPathFactory, embeddings: Path) -> Engine:
    return Engine(load_bot(proving_bot(tmp_path_factory.mktemp("sms"))), embeddings)


@pytest.fixture(scope="module")
def app_engine(tmp_path_factory: pytest.TempPathFactory, embeddings: Path) -> Engine:
    return Engine(load_bot(proving_bot(tmp_path_factory.mktemp("app"), "ciba", "high")), embeddings)


@asynccontextmanager
async def talking(
    engine: Engine, provider: IdentityProvider | None, call: FakeCall | None = None, left: Left | None = None
) -> AsyncIterator[Talk]:
    noted, speaking, call = Noted(), FakeSpeaking(), call or FakeCall()
    acting = Acting(engine.bot.actions)
    rooms = Rooms(
        engine,
        FakeHearing([]),
        speaking,
        InlineExecutor(),
        Feed(),
        Metrics(),
        lambda: NOW,
        act=acting,
        records=noted,
        identity=provider,
    )
    deadlines = Deadlines(filler=0.01, filler_again=60.0, filler_waiting=0.01)
    state, keeping, who = (left.state, left.keeping, left.who) if left else (None, None, None)
    conversation = Conversation(call, rooms, Ear(FakeVad(), RATE_HZ), deadlines, state, keeping, who)
    running = asyncio.create_task(conversation.run())
    talk = Talk(conversation, call, speaking, noted)
    try:
        await talk.hear()
        yield talk
        await call.leave()
        async with asyncio.timeout(5):
            await running
    finally:
        running.cancel()
        acting.close()


def sms(engine: Engine, book: CodeBook | None = None) -> SmsProvider:
    return SmsProvider(book or CodeBook(), engine.code_text)


async def until(talk: Talk, done: Callable[[], bool]) -> None:
    """Listen until something is so."""
    async with asyncio.timeout(5):
        while not done():
            await talk.call.silence(0.02)
            await asyncio.sleep(0)


async def test_a_code_is_read_from_the_message_and_keyed_in_and_the_action_runs(sms_engine: Engine) -> None:
    async with talking(sms_engine, sms(sms_engine)) as talk:
        await talk.type(CHANGE)
        assert talk.call.texts == []
        await talk.type("ja")
        assert "Bokhuset" in talk.call.texts[0]
        for key in talk.code:
            await talk.call.press(key)
        await talk.hear()
        assert "Nå kan vi se på kontoen din." in talk.said
        await talk.type("402713")
        await until(talk, lambda: "Kontoen er byttet" in talk.said)
        assert "+4799999999 unnamed" in talk.said, "the function knows who it was, and no national identity number"
        assert talk.noted.tried == [("sms", "proven", "low")]


async def test_three_wrong_codes_are_written_down_and_a_person_takes_over(sms_engine: Engine) -> None:
    async with talking(sms_engine, sms(sms_engine)) as talk:
        await talk.type(CHANGE)
        await talk.type("ja")
        wrong = f"{(int(talk.code) + 1) % 10**6:06d}"
        for _ in range(3):
            await talk.type(wrong)
        assert talk.call.transferred is not None
        assert talk.noted.tried == [("sms", "refused", "")]
        assert talk.conversation.who.proven is None


@pytest.mark.parametrize("caller", [None, "+4722334455"])
async def test_a_hidden_number_or_a_landline_is_told_and_passed_on(sms_engine: Engine, caller: str | None) -> None:
    call = FakeCall(Caller("CA9", LineKind.TWILIO, caller, "+4721000000"))
    async with talking(sms_engine, sms(sms_engine), call) as talk:
        await talk.type(CHANGE)
        await talk.type("ja")
        assert "kan jeg ikke sende noen kode" in talk.said
        assert call.transferred is not None
        assert talk.noted.tried == [("sms", "unavailable", "")]


async def test_a_message_that_the_carrier_refuses_is_told_and_passed_on(sms_engine: Engine) -> None:
    class Refusing(FakeCall):
        async def send_text(self, text: str) -> None:
            raise CarrierRefused(400, 21610, "send a text message")

    call: Call = Refusing()
    assert isinstance(call, FakeCall)
    async with talking(sms_engine, sms(sms_engine), call) as talk:
        await talk.type(CHANGE)
        await talk.type("ja")
        assert call.transferred is not None


async def test_without_a_provider_nothing_is_proven_and_a_person_takes_over(sms_engine: Engine) -> None:
    async with talking(sms_engine, None) as talk:
        await talk.type(CHANGE)
        await talk.type("ja")
        assert talk.call.transferred is not None


async def test_an_app_is_waited_for_with_company_and_its_approval_begins_the_flow(app_engine: Engine) -> None:
    app = App()
    async with talking(app_engine, app) as talk:
        await talk.type(CHANGE)
        await talk.type("ja")
        assert "Åpne BankID" in talk.said
        assert "{4271|digits}" in talk.said
        await until(talk, lambda: "Jeg venter på at du godkjenner" in talk.said)
        await talk.type("hva koster frakten?")
        assert "frakt" in talk.said.lower()
        app.decided.set_result(SOMEBODY)
        await until(talk, lambda: "Nå kan vi se på kontoen din." in talk.said)
        assert app.waits == 1, "the same approval is waited for, whatever was said meanwhile"
        await talk.type("402713")
        await until(talk, lambda: "person-1 01010150074" in talk.said)
        assert talk.noted.tried == [("id.example.com", "proven", "high")]
        assert talk.conversation.state.proof == Proof("id.example.com", "high")


async def test_who_hangs_up_while_the_app_waits_is_not_waited_for(app_engine: Engine) -> None:
    app = App()
    async with talking(app_engine, app) as talk:
        await talk.type(CHANGE)
        await talk.type("ja")
        await until(talk, lambda: app.waits == 1)
    assert app.cancelled == 1


async def test_an_approval_after_a_no_proves_nothing(app_engine: Engine) -> None:
    app = App()
    async with talking(app_engine, app) as talk:
        await talk.type(CHANGE)
        await talk.type("ja")
        await talk.type("nei")
        app.decided.set_result(SOMEBODY)
        await talk.hear()
        assert "Nå kan vi" not in talk.said
        assert talk.conversation.state.proof is None


async def test_a_provider_that_breaks_does_not_break_the_call_and_the_log_names_nobody(app_engine: Engine) -> None:
    app = App()
    app.breaks = True
    with kept_log("debug", "json") as log:
        async with talking(app_engine, app) as talk:
            await talk.type(CHANGE)
            await talk.type("ja")
            assert talk.call.transferred is not None
    assert "KeyError" in log.getvalue()
    assert "99999999" not in log.getvalue()


async def test_neither_code_nor_number_nor_words_are_in_the_log_or_the_entries(sms_engine: Engine) -> None:
    with kept_log("debug", "json") as log:
        async with talking(sms_engine, sms(sms_engine)) as talk:
            await talk.type(CHANGE)
            await talk.type("ja")
            code = talk.code
            await talk.type(code)
            assert talk.conversation.state.proof is not None
            tried = [repr(entry) for entry in talk.noted.entries if isinstance(entry, IdentityTried)]
    assert code not in log.getvalue()
    assert "99999999" not in log.getvalue()
    assert "kontonummer" not in log.getvalue()
    assert code not in str(tried)


async def test_a_code_of_one_call_proves_nothing_in_the_next(sms_engine: Engine) -> None:
    book = CodeBook()
    async with talking(sms_engine, sms(sms_engine, book)) as talk:
        await talk.type(CHANGE)
        await talk.type("ja")
        code = talk.code
    call = FakeCall(Caller("CA2", LineKind.TWILIO, "+4799999999", "+4721000000"))
    async with talking(sms_engine, sms(sms_engine, book), call) as talk:
        await talk.type(CHANGE)
        await talk.type("ja")
        await talk.type(code if code != talk.code else f"{(int(code) + 1) % 10**6:06d}")
        assert talk.conversation.state.proof is None


@pytest.mark.parametrize("remembered", [True, False])
async def test_a_call_that_comes_back_is_known_only_as_long_as_we_know_who_it_was(
    sms_engine: Engine, remembered: bool
) -> None:
    noted = Noted()
    returning = Returning(sms_engine.bot, noted, lambda: NOW)
    async with talking(sms_engine, sms(sms_engine)) as talk:
        await talk.type(CHANGE)
        await talk.type("ja")
        await talk.type(talk.code)
        first = talk.conversation
        await talk.call.leave(EndReason.LINE_LOST)
    keeping = Keeping(noted, lambda: NOW)
    returning.remember("CA1", Left(first.state, keeping, first.who if remembered else None))
    caller = Caller("CA1", LineKind.TWILIO, "+4799999999", "+4721000000", resumed="reconnect")
    left = await returning.welcome(caller)
    async with talking(sms_engine, sms(sms_engine), FakeCall(caller), left) as talk:
        if remembered:
            assert talk.conversation.state.proof == Proof("sms", "low")
            await talk.type("402713")
            await until(talk, lambda: "Kontoen er byttet" in talk.said)
        else:
            assert talk.conversation.state.proof is None
            await talk.type(CHANGE)
            assert "vite at det er deg" in talk.said
