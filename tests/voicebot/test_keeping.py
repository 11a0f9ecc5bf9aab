"""What a conversation writes down, and how it goes on after it was interrupted, on a line under the test's control."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dialog import Bot, load_bot
from dialog.events import CallBegan, CallerSaid, Decision, HandOff, Listen, Reply, TransferFailed
from dialog.language import LanguageSense
from dialog.serial import to_json
from dialog.state import State
from speech.transcript import Transcript
from telephony.call import Caller, LineKind
from telephony.errors import CarrierRefused
from tests.fakes import FakeCall, saying, transcript
from tests.voicebot.test_conversation import PERSON, WHY, Scene, echo
from voicebot.keeping import Keeping
from voicebot.records.entries import (
    ConversationBegan,
    ConversationEnded,
    Entry,
    Rated,
    Recalled,
    TransferEnded,
    TransferRequested,
    TurnHeard,
    TurnTaken,
)
from voicebot.returning import Left, Returning

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BOT = Path(__file__).parents[1] / "dialog" / "bots" / "bokhuset"


class Book:
    """Keeps entries in a list; recalls one conversation."""

    def __init__(self, recalled: Recalled | None = None, slow: bool = False) -> None:
        self.entries: list[Entry] = []
        self._recalled = recalled
        self._slow = slow

    def note(self, entry: Entry) -> None:
        self.entries.append(entry)

    async def recall(self, call_id: str) -> Recalled | None:
        if self._slow:
            await asyncio.Event().wait()
        return self._recalled

    def of(self, kind: type[Any]) -> list[Any]:
        return [entry for entry in self.entries if isinstance(entry, kind)]


async def test_each_turn_is_written_with_what_was_heard_of_it() -> None:
    book = Book()
    scene = Scene(echo, [transcript("how long does delivery take")], records=book)
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(1.0)
        await scene.call.silence(1.0)
        await scene.call.listen_out()
    turns = book.of(TurnTaken)
    assert [turn.number for turn in turns] == [1, 2]
    assert isinstance(turns[0].event, CallBegan)
    assert isinstance(turns[1].event, CallerSaid)
    assert turns[1].before is turns[0].after
    assert book.of(TurnHeard)[-1] == TurnHeard(
        turns[1].conversation, 2, ("One sentence.", "Two sentences.", "Three sentences."), False
    )


async def test_what_the_caller_thought_of_it_is_written_down() -> None:
    book = Book()
    thanks = Reply((), Listen(), Decision("rated", details={"rating": 4}))
    scene = Scene(lambda event: thanks, [transcript("four")], records=book)
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(1.0)
        await scene.call.silence(1.0)
    assert [rated.score for rated in book.of(Rated)] == [4]


async def test_a_caller_who_hangs_up_in_mid_sentence_heard_only_what_was_played() -> None:
    book = Book()
    scene = Scene(echo, [transcript("how long does delivery take")], records=book)
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(1.0)
        await scene.call.silence(1.3)
        await scene.call.leave()
    last = book.of(TurnHeard)[-1]
    assert last.number == 2
    assert last.interrupted
    assert len(last.sentences) < 3


async def test_an_interrupted_reply_is_written_as_far_as_it_was_heard() -> None:
    book = Book()
    plan: list[Transcript | Exception] = [transcript("how long does delivery take"), transcript("no something else")]
    scene = Scene(echo, plan, records=book)
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(1.0)
        await scene.call.silence(1.5)
        await scene.call.speech(2.0)
        await scene.call.silence(1.0)
        await scene.call.listen_out()
    assert [turn.number for turn in book.of(TurnTaken)] == [1, 2, 3]
    heard = {entry.number: entry for entry in book.of(TurnHeard)}
    assert heard[2].interrupted
    assert not heard[3].interrupted


async def test_a_half_answered_too_early_leaves_one_turn() -> None:
    book = Book()
    keeping = Keeping(book, lambda: NOON)
    state = State(("en",), LanguageSense("en"))
    keeping.turn(state, CallBegan(None), state, saying("Hello."), instead=False)
    keeping.turn(state, CallerSaid("where is"), state, saying("Pardon?"), instead=False)
    keeping.turn(state, CallerSaid("where is my parcel"), state, saying("In the post."), instead=True)
    assert [turn.number for turn in book.of(TurnTaken)] == [1, 2, 2]


@pytest.mark.parametrize(("refuse", "outcome"), [(None, "passed_on"), (CarrierRefused(0, None, "transfer"), "refused")])
async def test_passing_the_caller_on_is_written_with_what_came_of_it(refuse: Exception | None, outcome: str) -> None:
    def answer(event: object) -> Reply:
        if isinstance(event, TransferFailed):
            return saying("Nobody is there.")
        return Reply((), HandOff(PERSON.department, PERSON.number, PERSON.name, PERSON.reason), WHY)

    book = Book()
    scene = Scene(answer, [transcript("a person please")], call=FakeCall(refuse_transfer=refuse), records=book)
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(1.0)
        await scene.call.silence(1.0)
        await scene.call.listen_out()
    asked, ended = book.of(TransferRequested), book.of(TransferEnded)
    assert [(entry.department, entry.reason) for entry in asked] == [(PERSON.department, PERSON.reason)]
    assert [(entry.transfer, entry.outcome) for entry in ended] == [(asked[0].transfer, outcome)]


def caller(resumed: str | None) -> Caller:
    return Caller("CA7", LineKind.TWILIO, "+4799999999", "+4721000000", resumed=resumed)


@pytest.fixture(scope="module")
def bot() -> Bot:
    return load_bot(BOT)


def standing(bot: Bot) -> State:
    languages = tuple(bot.languages)
    return State(languages, LanguageSense(languages[0]), turn=3, listened=Listen(), content=bot.content_version)


async def test_a_call_that_an_earlier_process_held_goes_on_where_it_was(bot: Bot) -> None:
    book = Book(Recalled("c" * 32, to_json(standing(bot)), 5))
    left = await Returning(bot, book, lambda: NOON).welcome(caller("reconnect"))
    assert left.state == standing(bot)
    left.keeping.began(caller("reconnect"), "Shop", "v", "en")
    left.keeping.turn(left.state, CallBegan(None, resumed=True), left.state, saying("Back."), instead=False)
    assert [(turn.conversation, turn.number) for turn in book.of(TurnTaken)] == [("c" * 32, 6)]
    assert book.of(ConversationBegan) == []


async def test_a_state_that_cannot_be_used_begins_anew_in_the_same_conversation(bot: Bot) -> None:
    book = Book(Recalled("c" * 32, '{"version": 0}', 5))
    left = await Returning(bot, book, lambda: NOON).welcome(caller("reconnect"))
    assert left.state is None
    assert left.keeping.conversation == "c" * 32


async def test_a_first_call_asks_nobody_and_begins_a_conversation(bot: Bot) -> None:
    book = Book(slow=True)
    left = await Returning(bot, book, lambda: NOON).welcome(caller(None))
    left.keeping.began(caller(None), "Shop", "v", "en")
    left.keeping.ended("goodbye", "en")
    (began,) = book.of(ConversationBegan)
    assert (began.call_id, began.number, began.content_version) == ("CA7", "+4799999999", "v")
    assert [entry.conversation for entry in book.of(ConversationEnded)] == [began.conversation]


async def test_a_call_that_left_this_process_comes_back_to_the_same_conversation(bot: Bot) -> None:
    returning = Returning(bot, Book(), lambda: NOON)
    first = await returning.welcome(caller(None))
    assert not returning.remembers("CA7")
    returning.remember("CA7", Left(standing(bot), first.keeping))
    assert returning.remembers("CA7")
    again = await returning.welcome(caller("no-answer"))
    assert again.state == standing(bot)
    assert again.keeping is first.keeping
    returning.expect(frozenset({"CA8"}))
    assert returning.remembers("CA8")
