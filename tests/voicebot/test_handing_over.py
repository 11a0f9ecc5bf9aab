"""A caller on the way to a person, on a line under the test's control."""

import asyncio
from dataclasses import replace

import pytest

from dialog.events import (
    AgentNote,
    CallBegan,
    CallerSaid,
    Event,
    HandOff,
    Listen,
    PersonDone,
    Reply,
    TransferFailed,
)
from dialog.people import Callee
from speech.errors import SynthesisFailed
from speech.transcript import Transcript
from telephony.call import Caller, EndReason, LineKind, NobodyCame, PersonGone, PersonReady, PersonRings, PersonTook
from telephony.errors import CarrierRefused
from tests.fakes import FakeCall, FakeState, saying, transcript
from tests.voicebot.test_conversation import Scene
from tests.voicebot.test_keeping import NOON, Book
from voicebot.agents.board import Board
from voicebot.agents.live_call import SignedAgent
from voicebot.agents.seat import Seat
from voicebot.agents.status import Status
from voicebot.keeping import Keeping
from voicebot.records.entries import TransferEnded, TransferRequested
from voicebot.rooms import Deadlines

ADA = Callee("ada", "+4722000011")
PERSON = HandOff("service", "+4721000000", "customer service", "caller_asked", ((ADA,),))


def answer(event: Event) -> Reply:
    match event:
        case CallerSaid(text="a person please"):
            return saying("I am ringing them.", PERSON)
        case CallerSaid(text="never mind"):
            return saying("I am here.", Listen(stop_ringing=True))
        case TransferFailed():
            return saying("Nobody is there.")
        case _:
            return saying(f"An answer to {event.text}." if isinstance(event, CallerSaid) else "Pardon.")


def scene(
    *more: str,
    call: FakeCall | None = None,
    book: Book | None = None,
    board: Board | None = None,
    deadlines: Deadlines | None = None,
) -> Scene:
    plan: list[Transcript | Exception] = [transcript(words) for words in ("a person please", *more)]
    return Scene(answer, plan, call=call, records=book, board=board, deadlines=deadlines)


async def ask(scene: Scene) -> None:
    await scene.call.listen_out()
    await scene.call.speech(1.0)
    await scene.call.silence(1.0)
    await scene.call.listen_out()


async def test_people_are_asked_and_the_caller_goes_on_talking_with_the_bot() -> None:
    story = scene("where is my parcel")
    async with story.playing():
        await ask(story)
        (request,) = story.call.asked
        assert [[person.id for person in people] for people in request.rounds] == [["ada"]]
        await story.call.tell(PersonRings("ada", "service"))
        await story.call.speech(1.0)
        await story.call.silence(1.0)
        await story.call.listen_out()
        assert "An answer to where is my parcel." in story.call.shown("bot")
        assert story.call.transferred is None


async def test_when_somebody_is_ready_the_caller_hears_so_and_goes_to_them() -> None:
    story = scene("oh good")
    async with story.playing():
        await ask(story)
        await story.call.tell(PersonTook("ada"))
        await story.call.speech(0.5)  # talking over it does not hold them back, and keys do not
        await story.call.press("0")
        await story.call.tell(PersonReady("ada"))
        assert not story.call.joined, "the sentence is heard out"
        await story.call.listen_out()
        assert story.call.joined
        assert "Sorry, person_ready." in story.speaking.said
    assert story.outcome == "handed_off"


async def test_a_long_brief_leaves_the_caller_with_the_bot_until_it_is_heard() -> None:
    story = scene("where is my parcel")
    async with story.playing():
        await ask(story)
        await story.call.tell(PersonTook("ada"))
        await story.call.listen_out()
        await story.call.speech(1.0)
        await story.call.silence(1.0)
        assert not story.call.joined
        await story.call.tell(PersonReady("ada"))
        assert story.call.joined


async def test_a_person_who_leaves_while_the_caller_is_told_of_them_is_not_waited_for() -> None:
    story = scene()
    async with story.playing():
        await ask(story)
        await story.call.tell(PersonTook("ada"))
        await story.call.tell(NobodyCame("left_in_brief"))
        await story.call.listen_out()
        assert story.events[-1] == TransferFailed("service", "left_in_brief")
        assert not story.call.joined


async def test_nobody_came_and_the_bot_says_so() -> None:
    story = scene()
    async with story.playing():
        await ask(story)
        await story.call.tell(NobodyCame("no_answer"))
        await story.call.listen_out()
        assert story.events[-1] == TransferFailed("service", "no_answer")
        assert story.call.shown("bot")[-1] == "Nobody is there."
        assert not story.call.joined


async def test_what_the_caller_said_is_not_undone_when_everybody_is_busy_before_they_hear_who_is_rung() -> None:
    story = scene()
    async with story.playing():
        await story.call.listen_out()
        await story.call.speech(1.0)
        await story.call.silence(1.0)
        await story.call.tell(NobodyCame("busy"))
        await story.call.listen_out()
        assert isinstance(story.mind.states[-1].seen[-1], CallerSaid)


async def test_a_silent_caller_hears_that_it_still_rings_instead_of_being_asked() -> None:
    story = scene()
    async with story.playing():
        await ask(story)
        await story.call.silence(9.0)
        assert "Number 1." in story.speaking.said
        assert len(story.events) == 1, "the dialog is not told of a silence that is ours"


async def test_asking_for_a_person_again_rings_nobody_twice() -> None:
    story = scene("a person please")
    async with story.playing():
        await ask(story)
        await story.call.speech(1.0)
        await story.call.silence(1.0)
        await story.call.listen_out()
        assert len(story.call.asked) == 1


async def test_a_line_that_can_ring_nobody_dials_the_department() -> None:
    class Cold(FakeCall):
        async def ask_person(self, request: object) -> None:
            raise CarrierRefused(0, None, "ring a person from a web page")

    book = Book()
    story = scene(call=Cold(), book=book)
    async with story.playing():
        await ask(story)
        assert story.call.transferred is not None
        assert story.call.transferred.number == PERSON.number
    assert [entry.outcome for entry in book.of(TransferEnded)] == ["refused", "passed_on"]


async def test_the_person_hears_no_word_of_the_caller_before_the_key_and_what_it_is_about_after_it() -> None:
    story = scene()
    async with story.playing():
        await ask(story)
        (request,) = story.call.asked
        assert request.whisper.text == "Press 1 to take a call."
        assert (await request.brief()).text == "A caller. caller_asked."


async def test_the_transfer_is_written_down_under_the_name_that_the_line_uses() -> None:
    book = Book()
    story = scene(book=book)
    async with story.playing():
        await ask(story)
        (request,) = story.call.asked
    assert [entry.transfer for entry in book.of(TransferRequested)] == [request.id]


@pytest.mark.parametrize("seconds", [0.0, 3.0])
async def test_a_caller_who_hangs_up_meanwhile_is_just_gone(seconds: float) -> None:
    story = scene()
    async with story.playing():
        await ask(story)
        await story.call.silence(seconds)
        await story.call.leave()
        await story.call.tell(NobodyCame("caller_gone"))
        await asyncio.sleep(0)
    assert story.outcome == "caller_hung_up"


# Who is free.


def seat_of(story: Scene, board: Board) -> Seat:
    (seat,) = board.calls.seats.values()
    return seat


def signed(callee: Callee) -> SignedAgent:
    return SignedAgent(f"account-{callee.id}", callee.id, callee)


async def test_phones_ring_while_the_caller_is_told_so() -> None:
    story = scene()
    async with story.playing():
        await story.call.listen_out()
        await story.call.speech(1.0)
        await story.call.silence(1.0)
        assert story.call.asked
        assert "I am ringing them." not in story.call.shown("state"), "the sentence still sounds"


async def test_when_nobody_is_free_the_caller_hears_so_instead_of_waiting() -> None:
    book, board = Book(), Board()
    board.statuses.set("ada", Status.AWAY)
    story = scene(book=book, board=board)
    async with story.playing():
        await ask(story)
        assert story.events[-1] == TransferFailed("service", "nobody_free")
        assert "I am ringing them." not in story.call.shown("bot")
        assert not story.call.asked
    assert [entry.outcome for entry in book.of(TransferEnded)] == ["nobody_free"]


async def test_a_caller_whose_people_have_another_caller_waits_in_line_and_is_next() -> None:
    board = Board()
    board.statuses.engage("ada", "another", "call")
    story = scene(board=board)
    async with story.playing():
        await ask(story)
        assert not story.call.asked
        await story.call.silence(9.0)
        assert "Number 1." in story.speaking.said
        board.statuses.release("ada", "another")
        await story.call.silence(0.1)
        (request,) = story.call.asked
        assert request.may_ring("ada")
        assert not board.calls.may_ring(Seat("x", "CA2", "twilio", "en", board.calls._now, board.told), "ada")


async def test_of_two_callers_for_one_person_the_second_is_rung_for_when_the_first_has_gone() -> None:
    board = Board()
    first, second = scene(board=board), scene(board=board, call=FakeCall(Caller("CA2", LineKind.TWILIO)))
    async with second.playing():
        async with first.playing():
            await ask(first)
            assert first.call.asked[0].may_ring("ada")
            await ask(second)
            assert not second.call.asked
            waiting = [call.call_id for call in board.live()]
            assert waiting == ["CA1", "CA2"], "in the order in which they will have somebody"
        await second.call.silence(0.1)
        assert second.call.asked[0].may_ring("ada")


async def test_a_caller_who_is_angry_is_next_whoever_came_before() -> None:
    board = Board()
    board.statuses.engage("ada", "another", "call")
    calm, angry = scene(board=board), scene(board=board, call=FakeCall(Caller("CA2", LineKind.TWILIO)))
    angry.mind.answer = lambda event: saying("Yes.", replace(PERSON, reason="frustrated"))
    async with calm.playing(), angry.playing():
        await ask(calm)
        await ask(angry)
        assert [call.transfer.position for call in board.live() if call.transfer] == [1, 2]
        assert board.live()[0].call_id == "CA2"
        board.statuses.release("ada", "another")
        await angry.call.silence(0.1)
        await calm.call.silence(0.1)
        assert angry.call.asked
        assert not calm.call.asked


async def test_whoever_waits_in_line_for_too_long_is_back_with_the_bot() -> None:
    book, board = Book(), Board()
    board.statuses.engage("ada", "another", "call")
    story = scene(book=book, board=board, deadlines=Deadlines(somebody_free=5.0))
    async with story.playing():
        await ask(story)
        await story.call.silence(5.0)
        assert story.events[-1] == TransferFailed("service", "nobody_free")
        board.statuses.release("ada", "another")
        await story.call.silence(0.1)
        assert not story.call.asked, "they do not wait any more"
    assert [entry.outcome for entry in book.of(TransferEnded)] == ["nobody_free"]


async def test_a_caller_who_would_rather_stay_stops_the_ringing() -> None:
    board = Board()
    story = scene("never mind", board=board)
    async with story.playing():
        await ask(story)
        await story.call.speech(1.0)
        await story.call.silence(1.0)
        assert story.call.stopped_asking == 1
        await story.call.tell(NobodyCame("caller_stayed"))
        await story.call.listen_out()
        assert isinstance(story.events[-1], CallerSaid), "they are not told what they have asked for"
        assert seat_of(story, board).waiting is None


async def test_when_the_bot_breaks_while_phones_ring_they_stop_and_the_department_is_dialled() -> None:
    board = Board()
    story = scene("where is my parcel", board=board)
    async with story.playing():
        await ask(story)
        story.speaking.fails = SynthesisFailed("planned")
        await story.call.speech(1.0)
        await story.call.silence(1.0)
        assert story.call.stopped_asking == 1
        assert story.call.transferred is not None
    assert board.live() == ()


async def test_who_is_rung_cannot_be_rung_for_another_and_is_free_when_they_are_gone() -> None:
    board = Board()
    story = scene(board=board)
    async with story.playing():
        await ask(story)
        assert story.call.asked[0].may_ring("ada")
        await story.call.tell(PersonRings("ada", "service"))
        assert board.statuses.of("ada").status is Status.BUSY
        transfer = board.live()[0].transfer
        assert transfer is not None
        assert transfer.ringing == ("ada",)
        await story.call.tell(PersonGone("ada", "no_answer"))
        assert board.statuses.of("ada").status is Status.FREE


# The console.


async def test_accept_in_the_console_takes_the_caller_and_the_second_is_told_by_whom() -> None:
    board = Board()
    story = scene(board=board)
    async with story.playing():
        await ask(story)
        conversation = board.live()[0].conversation
        assert (await board.accept(conversation, signed(ADA))).done
        assert story.call.took == ["ada"]
        second = await board.accept(conversation, signed(Callee("bo", "+4722000012")))
        assert (second.done, second.why, second.by) == (False, "taken", "ada")


async def test_taking_over_rings_only_whoever_wants_the_caller() -> None:
    board = Board()
    story = scene("hello", board=board)
    async with story.playing():
        await story.call.listen_out()
        conversation = board.live()[0].conversation
        assert (await board.take_over(conversation, signed(ADA))).done
        await story.call.silence(0.1)
        (request,) = story.call.asked
        assert (request.taken_by, [[one.id for one in people] for people in request.rounds]) == ("ada", [["ada"]])
        await story.call.tell(PersonTook("ada"))
        await story.call.tell(PersonReady("ada"))
        await story.call.listen_out()
        assert story.call.joined
        (call,) = board.live()
        assert call.with_person == "ada"
    assert board.live()[0].with_person == "ada", "they talk on without us"
    board.calls.finished("CA1", story.call.asked[0].id, talked=True)
    assert board.live() == ()
    assert board.to_wrap_up(signed(ADA)) == (conversation,)


async def test_a_take_over_that_comes_to_nothing_is_none_of_the_callers_business() -> None:
    board = Board()
    story = scene(board=board)
    async with story.playing():
        await story.call.listen_out()
        assert (await board.take_over(board.live()[0].conversation, signed(ADA))).done
        await story.call.silence(0.1)
        await story.call.tell(NobodyCame("no_answer"))
        assert story.events == []
        assert board.statuses.of("ada").status is Status.FREE


async def test_a_note_of_an_agent_waits_for_the_bots_turn() -> None:
    board = Board()
    story = scene(board=board)
    async with story.playing():
        await story.call.silence(0.5)
        assert (await board.tell_caller(board.live()[0].conversation, signed(ADA), " We are on it. ")).done
        await story.call.silence(0.5)
        assert story.events == [], "the bot is still greeting"
        await story.call.listen_out()
        await story.call.silence(0.1)
        assert story.events == [AgentNote("We are on it.", "ada")]


async def test_what_is_said_stands_on_the_board_as_long_as_the_call_lasts() -> None:
    board = Board()
    story = scene(board=board)
    async with story.playing():
        await ask(story)
        (call,) = board.live()
        said = [(line.who, line.text) for line in call.lines]
        assert said[-2:] == [("caller", "a person please"), ("bot", "I am ringing them.")]
        brief = await board.brief(call.conversation, "nb")
        assert brief is not None
        assert brief.paragraph == "A caller. caller_asked. nb."
    assert board.live() == ()


# Coming back.


async def test_a_caller_whose_person_has_hung_up_comes_back_with_that() -> None:
    story = scene(call=FakeCall(Caller("CA1", LineKind.TWILIO, resumed="after-person")))
    async with story.playing():
        assert story.conversation.state.seen == (PersonDone("", "connected"),)


async def test_people_who_were_asked_before_a_restart_are_not_asked_again() -> None:
    story = scene(call=FakeCall(Caller("CA1", LineKind.TWILIO, resumed="reconnect")))
    async with story.playing():
        assert isinstance(story.conversation.state.seen[0], CallBegan)
        await story.call.tell(PersonRings("ada", "service"))
        await ask(story)
        assert not story.call.asked
        await story.call.tell(PersonTook("ada"))
        await story.call.tell(PersonReady("ada"))
        await story.call.listen_out()
        assert story.call.joined


async def test_phones_that_ring_while_the_stream_is_lost_ring_for_nobody_else() -> None:
    board, book = Board(), Book()
    keeping = Keeping(book, lambda: NOON)
    story = Scene(answer, [transcript("a person please")], board=board, keeping=keeping)
    async with story.playing():
        await ask(story)
        assert story.call.asked[0].may_ring("ada")
        await story.call.leave(EndReason.LINE_LOST)
    assert board.statuses.of("ada").status is Status.BUSY
    back = FakeCall(Caller("CA1", LineKind.TWILIO, resumed="reconnect"))
    again = Scene(answer, [transcript("a person please")], call=back, board=board, keeping=keeping)
    async with again.playing():
        await back.tell(PersonRings("ada", "service"))
        await ask(again)
        assert not back.asked, "they are rung already"
        (call,) = board.live()
        assert call.transfer is not None
        assert call.transfer.ringing == ("ada",)
        await back.tell(PersonGone("ada", "no_answer"))
        await back.tell(NobodyCame("no_answer"))
        assert again.events[-1] == TransferFailed("service", "no_answer")
    assert board.live() == ()
    assert board.statuses.of("ada").status is Status.FREE


async def test_a_caller_who_comes_back_and_of_whose_people_nobody_knows_is_told_so() -> None:
    call = FakeCall(Caller("CA1", LineKind.TWILIO, resumed="reconnect"))
    story = Scene(answer, [], call=call, state=FakeState(ringing="service"))
    async with story.playing():
        await call.listen_out()
        await call.silence(3.0)
        assert story.events == [TransferFailed("service", "failed")]
