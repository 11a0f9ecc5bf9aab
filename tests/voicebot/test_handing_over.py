"""A caller on the way to a person, on a line under the test's control."""

import asyncio

import pytest

from dialog.events import CallerSaid, Event, HandOff, Reply, TransferFailed
from dialog.people import Callee
from speech.transcript import Transcript
from telephony.call import NobodyCame, PersonReady, PersonRings, PersonTook
from telephony.errors import CarrierRefused
from tests.fakes import FakeCall, saying, transcript
from tests.voicebot.test_conversation import Scene
from tests.voicebot.test_keeping import Book
from voicebot.records.entries import TransferEnded, TransferRequested

ADA = Callee("ada", "+4722000011")
PERSON = HandOff("service", "+4721000000", "customer service", "caller_asked", ((ADA,),))


def answer(event: Event) -> Reply:
    match event:
        case CallerSaid(text="a person please"):
            return saying("I am ringing them.", PERSON)
        case TransferFailed():
            return saying("Nobody is there.")
        case _:
            return saying(f"An answer to {event.text}." if isinstance(event, CallerSaid) else "Pardon.")


def scene(*more: str, call: FakeCall | None = None, book: Book | None = None) -> Scene:
    plan: list[Transcript | Exception] = [transcript(words) for words in ("a person please", *more)]
    return Scene(answer, plan, call=call, records=book)


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
