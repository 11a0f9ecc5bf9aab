"""Callbacks from the asking to the end: promised when they are written, placed for one agent, tried again, given up."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dialog import Bot
from dialog.callback_rules import CallbackRules
from dialog.events import Act, ActionFailed
from dialog.people import Callee
from telephony.call import LineKind
from telephony.errors import CarrierRefused
from telephony.twilio.callback_request import CallbackNews, CallbackRequest, NoCallback, Recall, Tell
from telephony.twilio.callback_state import Outcome, Stage
from tests.dialog.conftest import TUESDAY_MORNING
from tests.fakes import FakeCall
from tests.logged import kept_log
from tests.voicebot.records.talks import small_bot
from voicebot.acting import Errands
from voicebot.agents.board import Board
from voicebot.agents.live_call import SignedAgent
from voicebot.agents.status import Status
from voicebot.callbacks.asking import HIDDEN_PER_HOUR, PER_NUMBER_DAY, Asker, Asking, NotPromised
from voicebot.callbacks.service import Callbacks
from voicebot.config import RecordsConfig
from voicebot.identity.who import Who
from voicebot.keeping import Keeping, NothingKept
from voicebot.records.callbacks import CallbackRow, callback, open_callbacks, take
from voicebot.records.database import open_database
from voicebot.records.entries import ConversationBegan, new_id
from voicebot.records.keys import load_master_keys
from voicebot.records.ledger import Ledger
from voicebot.records.opening import Records
from voicebot.records.vault import Vault
from voicebot.rooms import nothing_can_be_done

OWN, OTHER, OURS = "+4792243711", "+4741234567", "+4721000000"
ADA = SignedAgent("1", "ada", Callee("ada", "+4722000011", "desk"))
BO = SignedAgent("2", "bo", Callee("bo", "+4722000012", "desk"))
WISH = {"kind": "callback", "number": OWN, "wanted": "", "until": "", "about": "en faktura", "department": "desk"}
RULES = CallbackRules(deadline_hours=8, sms=True)


@dataclass
class FakeLine:
    """A phone line that rings nobody: the test says how calls go."""

    placed: list[CallbackRequest] = field(default_factory=list)
    texts: list[tuple[str, str, str]] = field(default_factory=list)
    refuses: bool = False

    def place_callback(self, request: CallbackRequest) -> None:
        if self.refuses:
            raise CarrierRefused(429, None, "call somebody back")
        self.placed.append(request)

    def report_callbacks(self, tell: Tell, recall: Recall) -> None:
        self.tell, self.recall = tell, recall

    async def send_text(self, number: str, sender: str, text: str) -> None:
        self.texts.append((number, sender, text))


@dataclass
class Scene:
    """Callbacks over a real store, with the time and the line under the test's control."""

    bot: Bot
    records: Records
    now: datetime = TUESDAY_MORNING
    line: FakeLine = field(default_factory=FakeLine)
    delivered: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.board = Board(self.bot)
        self.callbacks = Callbacks(
            self.bot, self.records, self.board, ("+47",), now=lambda: self.now, clock=lambda: self.now.timestamp()
        )
        self.callbacks.connect(self.line, None)

    def caller(self, number: str | None = OWN, line: LineKind = LineKind.TWILIO) -> Asker:
        """Somebody on the line, whose conversation has begun."""

        async def deliver(text: str) -> None:
            self.delivered.append(text)

        conversation = new_id()
        self.records.ledger.note(
            ConversationBegan(conversation, "CA" + new_id(), str(line), number, "b", "v", "nb", self.now)
        )
        return Asker(conversation, line, number, OURS, deliver)

    async def ask(self, who: Asker | None = None, **wish: str) -> dict[str, str]:
        return await self.callbacks.ask({**WISH, **wish}, who or self.caller())

    def rows(self) -> list[CallbackRow]:
        with self.records.database.reading() as connection:
            return open_callbacks(connection, self.records.vault, self.now)

    def row(self, callback_id: str) -> CallbackRow:
        with self.records.database.reading() as connection:
            row = callback(connection, self.records.vault, callback_id)
        assert row is not None
        return row

    async def goes(self, outcome: Outcome) -> CallbackRow:
        """The one callback is placed by Ada, and this comes of it."""
        (row,) = self.rows()
        placed = await self.callbacks.place(row.id, ADA)
        assert placed.done, placed
        self.line.tell(CallbackNews(row.id, Stage.OVER, outcome))
        await self.callbacks.settled()
        return self.row(row.id)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    config = RecordsConfig(tmp_path / "records", "", (), None, None)
    database = open_database(config)
    vault = Vault(load_master_keys(config))
    with database.writing() as connection:
        vault.prepare(connection)
    bot = replace(small_bot(), callbacks=RULES)
    yield Records(database, vault, Ledger(database, vault, bot))
    database.close()


@pytest.fixture
async def scene(records: Records) -> AsyncIterator[Scene]:
    records.ledger.start()
    yield Scene(replace(small_bot(), callbacks=RULES), records)
    await records.ledger.close()


async def test_what_is_promised_is_written_down_and_sent_to_the_number_that_called(scene: Scene) -> None:
    told = await scene.ask()
    assert told == {"until": "2026-11-25T10:00", "wanted": "", "sms": "yes"}
    (row,) = scene.rows()
    assert (row.number, row.about, row.own, row.called, row.department) == (OWN, "en faktura", True, OURS, "desk")
    (text,) = scene.delivered
    assert "onsdag 25.11. kl. 10.00" in text
    assert "faktura" not in text


async def test_asked_twice_in_one_conversation_it_is_one_callback_with_the_later_wish(scene: Scene) -> None:
    caller = scene.caller()
    await scene.ask(caller)
    told = await scene.ask(caller, wanted="2026-11-25T14:00:00+01:00", about="to fakturaer")
    assert (told["wanted"], told["until"], told["sms"]) == ("2026-11-25T14:00", "2026-11-25T15:00", "yes")
    again = await scene.ask(caller, wanted="2026-11-25T14:00:00+01:00", about="to fakturaer")
    assert again["sms"] == "no", "nothing new to tell"
    (row,) = scene.rows()
    assert row.about == "to fakturaer"
    assert (await scene.ask(caller, kind="message", number="", about="hils"))["sms"] == "no"
    assert len(scene.rows()) == 2, "a message is something else"


async def test_a_wish_outside_the_hours_is_moved_inside_and_one_in_a_year_is_not_taken(scene: Scene) -> None:
    told = await scene.ask(wanted="2026-11-24T20:00", until="2026-11-24T22:00")
    assert (told["wanted"], told["until"]) == ("2026-11-25T08:00", "2026-11-25T09:00")
    told = await scene.ask(wanted="2026-11-25T12:00", until="2026-11-25T14:00")
    assert told["until"] == "2026-11-25T14:00"
    with pytest.raises(NotPromised, match="time"):
        await scene.ask(wanted="2027-11-25T12:00")


async def test_another_number_may_be_given_but_gets_no_message(scene: Scene) -> None:
    assert (await scene.ask(number=OTHER))["sms"] == "no"
    assert not scene.rows()[0].own
    assert not scene.delivered
    assert (await scene.ask(scene.caller(line=LineKind.BROWSER)))["sms"] == "no"


@pytest.mark.parametrize("number", ["+4782012345", "+881612345678", "12345", ""])
async def test_numbers_that_may_not_be_rung_are_not_taken(scene: Scene, number: str) -> None:
    with pytest.raises(NotPromised, match="number"):
        await scene.ask(number=number)
    assert not scene.rows()


async def test_nobody_can_have_us_ring_somebody_again_and_again(scene: Scene) -> None:
    for _ in range(PER_NUMBER_DAY):
        await scene.ask(scene.caller(None), number=OTHER)
    for caller in (scene.caller(None), scene.caller(OWN)):
        with pytest.raises(NotPromised, match="limit"):
            await scene.ask(caller, number=OTHER)
    for other in range(HIDDEN_PER_HOUR - PER_NUMBER_DAY):
        await scene.ask(scene.caller(None), number=f"+474000{other:04}")
    with pytest.raises(NotPromised, match="limit"):
        await scene.ask(scene.caller(None), number="+4740009999")
    await scene.ask(scene.caller("+4790000001"), number="+4790000001")


async def test_when_the_records_are_away_nothing_is_promised(records: Records) -> None:
    scene = Scene(replace(small_bot(), callbacks=RULES), records)  # its ledger writes nothing
    asking = Asking(scene.bot, records, (), lambda: scene.now, write_seconds=0.05)
    with pytest.raises(NotPromised, match="records"):
        await asking.ask(WISH, scene.caller())
    assert not scene.delivered


async def test_one_agent_has_it_and_their_phone_rings_with_the_number_of_the_store(scene: Scene) -> None:
    await scene.ask()
    (row,) = scene.rows()
    took = await asyncio.gather(scene.callbacks.place(row.id, ADA), scene.callbacks.place(row.id, BO))
    (placed,) = [one for one in took if one.done]
    (late,) = [one for one in took if not one.done]
    assert (late.why, late.by) == ("taken", scene.rows()[0].taken_by)
    assert placed.done
    (request,) = scene.line.placed
    assert (request.customer, request.sender, request.attempt) == (OWN, OURS, 1)
    winner = ADA if request.agent == ADA.callee.number else BO  # type: ignore[union-attr]  # both have a phone
    assert scene.board.statuses.of(winner.person).status is Status.BUSY
    assert (await scene.callbacks.place(row.id, winner)).why == "busy", "pressed twice"


async def test_after_a_talk_it_is_done_and_the_agent_is_free_again(scene: Scene) -> None:
    await scene.ask()
    row = await scene.goes(Outcome.TALKED)
    assert (row.status, row.outcome) == ("done", "talked")
    assert scene.board.to_wrap_up(ADA) == (row.conversation,)
    assert scene.board.statuses.of("ada").status is Status.FREE
    assert (await scene.callbacks.place(row.id, ADA)).why == "gone"


async def test_whom_nobody_reaches_is_tried_three_times_then_told_that_we_tried(scene: Scene) -> None:
    await scene.ask()
    row = await scene.goes(Outcome.NO_ANSWER)
    assert (row.status, row.tries, row.next_at) == ("open", 1, scene.now + timedelta(minutes=30))
    scene.now += timedelta(hours=1)
    row = await scene.goes(Outcome.VOICEMAIL)
    assert (row.status, row.tries, row.next_at) == ("open", 2, scene.now + timedelta(hours=2))
    scene.now += timedelta(hours=3)
    row = await scene.goes(Outcome.BUSY)
    assert (row.status, row.outcome) == ("given_up", "not_reached")
    ((number, sender, text),) = scene.line.texts
    assert (number, sender) == (OWN, OURS)
    assert "har prøvd å ringe deg" in text
    assert [one.attempt for one in scene.line.placed] == [1, 2, 3]


@pytest.mark.parametrize("outcome", [Outcome.AGENT_AWAY, Outcome.AGENT_LEFT, Outcome.DECLINED])
async def test_when_it_was_the_agent_it_is_open_for_everybody_and_no_try(scene: Scene, outcome: Outcome) -> None:
    await scene.ask()
    row = await scene.goes(outcome)
    assert (row.status, row.taken_by, row.tries) == ("open", "", 0)
    assert scene.board.statuses.of("ada").status is Status.FREE


async def test_a_short_talk_stays_with_the_agent_who_knows_what_it_was(scene: Scene) -> None:
    await scene.ask()
    row = await scene.goes(Outcome.SHORT)
    assert (row.status, row.taken_by) == ("taken", "ada")


async def test_why_a_customer_is_not_called(scene: Scene) -> None:
    await scene.ask(kind="message", number="")
    (row,) = scene.rows()
    assert (await scene.callbacks.place(row.id, SignedAgent("3", "cy"))).why == "no_phone"
    assert (await scene.callbacks.place(row.id, ADA)).why == "no_number"
    assert (await scene.callbacks.place("0" * 32, ADA)).why == "gone"
    await scene.ask()
    wish = next(one for one in scene.rows() if one.number)
    scene.line.refuses = True
    assert (await scene.callbacks.place(wish.id, ADA)).why == "closed"
    assert scene.board.statuses.of("ada").status is Status.FREE
    nowhere = Callbacks(scene.bot, scene.records, scene.board)
    assert (await nowhere.place(wish.id, ADA)).why == "no_line"


async def test_after_a_restart_what_is_under_way_is_recalled_and_what_is_not_is_not(scene: Scene) -> None:
    await scene.ask()
    (row,) = scene.rows()
    with pytest.raises(NoCallback):
        await scene.line.recall(row.id, 1)
    await scene.callbacks.place(row.id, ADA)
    after = Scene(scene.bot, scene.records)
    with pytest.raises(NoCallback):
        await after.line.recall(row.id, 2)
    request = await after.line.recall(row.id, 1)
    assert (request.customer, request.sender) == (OWN, OURS)
    assert after.board.statuses.of("ada").status is Status.BUSY
    after.line.tell(CallbackNews(row.id, Stage.OVER, Outcome.TALKED))
    await after.callbacks.settled()
    assert after.row(row.id).status == "done"
    with pytest.raises(NoCallback):
        await after.line.recall(row.id, 1)


async def test_what_is_overdue_comes_first_and_the_operator_is_told(scene: Scene) -> None:
    await scene.ask(wanted="2026-11-24T14:00")
    await scene.ask()
    due = await scene.callbacks.due(scene.now)
    assert (len(due.overdue), len(due.now), len(due.later)) == (0, 1, 1)
    await scene.callbacks.look()
    assert (scene.callbacks.open, scene.callbacks.overdue, scene.callbacks.trouble) == (2, 0, None)
    scene.now += timedelta(days=2)
    await scene.callbacks.look()
    assert scene.callbacks.overdue == 2
    assert scene.callbacks.trouble is not None
    assert "2 callers wait" in scene.callbacks.trouble


async def test_what_an_agent_has_taken_who_goes_away_is_everybodys_again(scene: Scene) -> None:
    await scene.ask()
    (row,) = scene.rows()
    with scene.records.database.writing() as connection:
        assert take(connection, row.id, "ada", scene.now)
    scene.board.statuses.set("ada", Status.BUSY)
    await scene.callbacks.look()
    assert scene.row(row.id).taken_by == "ada"
    scene.board.statuses.set("ada", Status.AWAY)
    await scene.callbacks.look()
    assert (scene.row(row.id).status, scene.row(row.id).taken_by) == ("open", "")


@dataclass
class Refuses:
    """Takes no callbacks."""

    why: Exception

    async def ask(self, arguments: Mapping[str, str], who: Asker) -> Mapping[str, str]:
        raise self.why


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        (NotPromised("limit"), "unavailable"),
        (NotPromised("number"), "number"),
        (KeyError(f"no {OWN}"), "error"),
    ],
    ids=["refused", "a number that may not be rung", "broken"],
)
async def test_the_dialog_hears_why_not_and_the_log_names_nobody(why: Exception, reason: str) -> None:
    keeping = Keeping(NothingKept(), lambda: TUESDAY_MORNING)
    with kept_log("debug", "json") as log:
        errands = Errands(nothing_can_be_done, FakeCall(), asyncio.create_task, Who(None), keeping, Refuses(why))
        errands.begin(Act("ask_callback", WISH, 7))
        assert await errands.result() == ActionFailed(7, reason)
    assert OWN not in log.getvalue()
