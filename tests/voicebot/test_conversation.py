"""The one loop, on a line under the test's control: every way a turn can go, and every point it can be cut off at."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from dialog.events import (
    Act,
    ActionDone,
    ActionFailed,
    CallerPressed,
    CallerSaid,
    CallerSilent,
    Decision,
    Event,
    HandOff,
    HangUp,
    Listen,
    Manner,
    NotUnderstood,
    Reply,
    TransferFailed,
)
from speech.audio import Samples
from speech.ear import Ear
from speech.errors import RecogniserBusy, RecognitionFailed, SynthesisFailed
from speech.transcript import Transcript
from telephony.call import Caller, EndReason, LineKind
from telephony.errors import CarrierRefused
from tests.fakes import (
    RATE_HZ,
    FakeCall,
    FakeHearing,
    FakeMind,
    FakeSpeaking,
    FakeState,
    FakeVad,
    InlineExecutor,
    saying,
    settle,
    transcript,
)
from voicebot.agents.board import Board
from voicebot.conversation import Conversation
from voicebot.feed import Feed
from voicebot.identity.provider import Proven
from voicebot.keeping import Keeping, NothingKept, Noting
from voicebot.metrics import Metrics
from voicebot.rooms import Deadlines, Doing, Rooms, TurnEnd, nothing_can_be_done

WHY = Decision("fake")
PERSON = HandOff("service", "+4721000000", "customer service", "caller_asked")


class Scene:
    """A conversation under way, with everything the test may look at."""

    def __init__(
        self,
        answer: Callable[[Event], Reply],
        plan: list[Transcript | Exception],
        call: FakeCall | None = None,
        greeting: Reply | None = None,
        deadlines: Deadlines | None = None,
        turn_end: TurnEnd | None = None,
        act: Doing = nothing_can_be_done,
        records: Noting | None = None,
        board: Board | None = None,
        keeping: Keeping | None = None,
        state: FakeState | None = None,
    ) -> None:
        self.call = call or FakeCall()
        self.mind = FakeMind(answer)
        if greeting is not None:
            self.mind.greeting = greeting
        self.hearing = FakeHearing(plan)
        self.speaking = FakeSpeaking()
        self.metrics = Metrics()
        rooms = Rooms(
            self.mind,
            self.hearing,
            self.speaking,
            InlineExecutor(),
            Feed(),
            self.metrics,
            turn_end=turn_end,
            act=act,
            records=records or NothingKept(),
            board=board or Board(),
        )
        ear = Ear(FakeVad(), RATE_HZ)
        self.conversation = Conversation(self.call, rooms, ear, deadlines, state, keeping)
        self.outcome: str | None = None

    @property
    def events(self) -> list[Event]:
        """What the mind was told, in order, without the beginning of the call and without how it was said."""
        told = self.conversation.state.seen[1:]
        plain = [replace(event, manner=Manner()) if isinstance(event, CallerSaid) else event for event in told]
        return [replace(one, heard_out=True) if isinstance(one, CallerSaid | CallerPressed) else one for one in plain]

    @asynccontextmanager
    async def playing(self) -> AsyncIterator["Scene"]:
        """Run the conversation; whatever the test leaves running is hung up."""
        running = asyncio.create_task(self.conversation.run())
        await settle()
        try:
            yield self
            await self.call.leave()
            self.outcome = await asyncio.wait_for(running, 5)
        finally:
            running.cancel()


def echo(event: Event) -> Reply:
    return saying("One sentence. Two sentences. Three sentences.")


async def test_a_question_is_heard_answered_and_listened_for_again() -> None:
    scene = Scene(echo, [transcript("how long does delivery take")])
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(1.0)
        await scene.call.silence(1.0)
        await scene.call.listen_out()
        assert scene.events == [CallerSaid("how long does delivery take", "en", 0.9)]
        assert scene.call.shown("bot")[2:] == ["One sentence.", "Two sentences.", "Three sentences."]
        assert scene.call.shown("state") == ["thinking", "speaking", "listening"] * 2
    assert scene.outcome == "caller_hung_up"


async def test_transcription_starts_at_the_first_pause_and_is_not_done_twice() -> None:
    scene = Scene(echo, [transcript("hello there")])
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(1.0)
        await scene.call.silence(0.25)
        assert len(scene.hearing.asked) == 1, "a pause starts the transcription"
        await scene.call.silence(1.0)
        assert len(scene.hearing.asked) == 1, "the end of the same speech uses it"
        assert scene.events == [CallerSaid("hello there", "en", 0.9)]


async def test_a_caller_who_goes_on_after_a_pause_is_heard_as_one() -> None:
    scene = Scene(echo, [transcript("where is my parcel")])
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.6)
        await scene.call.silence(0.3)
        await scene.call.speech(0.6)
        await scene.call.silence(1.0)
        assert len(scene.events) == 1
        assert scene.hearing.asked[-1].duration_seconds > 1.4, "both halves are in the last utterance"


async def test_speech_over_the_bot_stops_it_and_is_answered() -> None:
    scene = Scene(echo, [transcript("first question"), transcript("second question")])
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(1.0)
        await scene.call.silence(0.9)
        cleared = scene.call.cleared
        await scene.call.silence(2.0)
        await scene.call.speech(0.8)
        assert scene.call.cleared == cleared + 1, "speech stops the bot at once"
        await scene.call.silence(1.0)
        await scene.call.listen_out()
        assert scene.events[-1] == CallerSaid("second question", "en", 0.9)


async def test_marks_that_come_back_after_a_clear_are_not_heard() -> None:
    scene = Scene(echo, [transcript("first"), transcript("second")])
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(1.0)
        await scene.call.silence(0.9)
        await scene.call.silence(1.5)
        await scene.call.speech(0.5)
        interrupted = [caption for caption in scene.call.captions if caption.kind == "interrupted"]
        assert [(one.text, one.details) for one in interrupted] == [("One sentence.", {"heard": 1, "unheard": 2})]


async def test_a_noise_over_the_bot_lets_it_go_on_where_it_was() -> None:
    scene = Scene(echo, [transcript("question"), transcript("", rejected="no_speech")])
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(1.0)
        await scene.call.silence(0.9)
        await scene.call.silence(1.5)
        await scene.call.speech(0.3)
        await scene.call.silence(0.4)
        assert scene.call.shown("state")[-1] == "speaking", "the bot goes on before the end is decided"
        await scene.call.listen_out()
        assert len(scene.events) == 1, "the mind is not told of a noise"
        assert scene.speaking.said[-2:] == ["Two sentences.", "Three sentences."]
        assert scene.call.shown("state")[-1] == "listening"


async def test_the_bots_own_voice_coming_back_is_not_an_answer() -> None:
    scene = Scene(
        lambda event: saying("We deliver in three days. Every week. All year."),
        [transcript("q"), transcript("deliver in three days")],
    )
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(1.0)
        await scene.call.silence(0.9)
        await scene.call.silence(1.2)
        await scene.call.speech(0.4)
        await scene.call.silence(1.5)
        await scene.call.listen_out()
        assert scene.events == [CallerSaid("q", "en", 0.9)]


async def test_what_must_be_heard_is_heard_and_the_caller_is_answered_after_it() -> None:
    scene = Scene(
        echo,
        [transcript("a person please")],
        greeting=saying("I am a bot. Calls are not recorded.", interruptible=False),
    )
    async with scene.playing():
        cleared = scene.call.cleared
        await scene.call.speech(0.3)
        await scene.call.silence(0.9)
        assert scene.call.cleared == cleared, "the disclosure is not cut off"
        await scene.call.silence(3.0)
        assert scene.events == [CallerSaid("a person please", "en", 0.9)]
        assert scene.speaking.said[:2] == ["I am a bot.", "Calls are not recorded."]


async def test_speech_while_the_bot_thinks_is_added_to_the_question() -> None:
    scene = Scene(echo, [transcript("where is"), transcript("my parcel")])
    gate = asyncio.Event()
    transcribe = scene.hearing.transcribe

    async def slow(*args, **kwargs) -> Transcript:
        result = await transcribe(*args, **kwargs)
        await gate.wait()
        return result

    scene.hearing.transcribe = slow  # type: ignore[method-assign]
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.6)
        await scene.call.silence(0.9)
        await scene.call.speech(0.6)
        await scene.call.silence(0.9)
        gate.set()
        await settle()
        assert scene.events == [CallerSaid("where is my parcel", "en", 0.9)]


def needs_all_of_it(event: Event) -> Reply:
    """Makes sense of a whole question only."""
    whole = isinstance(event, CallerSaid) and "parcel" in event.text and "where" in event.text
    return saying("It is on its way. Truly.", rule="answer") if whole else saying("What. What.", rule="dont_know")


async def test_a_caller_we_answered_too_early_is_heard_as_one() -> None:
    scene = Scene(needs_all_of_it, [transcript("where is"), transcript("my parcel")])
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.6)
        await scene.call.silence(1.3)
        assert scene.call.shown("bot")[-1] == "What."
        await scene.call.speech(0.6)
        await scene.call.silence(1.2)
        assert scene.events == [CallerSaid("where is my parcel", "en", 0.9)], "the early answer has not happened"


async def test_words_that_make_no_sense_yet_are_given_time() -> None:
    scene = Scene(needs_all_of_it, [transcript("where is"), transcript("my parcel")])
    async with scene.playing():
        await scene.call.listen_out()
        said = len(scene.call.shown("bot"))
        await scene.call.speech(0.6)
        await scene.call.silence(0.75)
        assert len(scene.call.shown("bot")) == said, "the end is decided, but nothing is said yet"
        await scene.call.speech(0.6)
        await scene.call.silence(1.2)
        assert scene.events == [CallerSaid("where is my parcel", "en", 0.9)]


async def test_a_goodbye_is_not_waited_for() -> None:
    goodbye = saying("Bye.", HangUp("goodbye"), rule="goodbye")
    scene = Scene(lambda event: goodbye, [transcript("that was all from me then")])
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.6)
        await scene.call.silence(0.46)
        assert len(scene.events) == 1


async def test_an_early_interruption_that_makes_sense_on_its_own_is_a_question_of_its_own() -> None:
    def answer(event: Event) -> Reply:
        return saying("A sentence. And one.", rule="answer")

    scene = Scene(answer, [transcript("where is my parcel"), transcript("when are you open")])
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.6)
        await scene.call.silence(1.0)
        await scene.call.speech(0.6)
        await scene.call.silence(1.0)
        asked = [CallerSaid(text, "en", 0.9) for text in ("where is my parcel", "when are you open")]
        assert scene.events == asked, "and the answer that was cut off has been given"


async def test_a_backchannel_does_not_cost_the_caller_the_answer() -> None:
    scene = Scene(echo, [transcript("question"), transcript("Mhm.")])
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(1.0)
        await scene.call.silence(2.5)
        await scene.call.speech(0.3)
        await scene.call.silence(0.6)
        assert scene.call.shown("state")[-1] == "speaking"
        await scene.call.listen_out()
        assert len(scene.events) == 1


async def test_a_caller_who_says_stop_is_listened_to() -> None:
    scene = Scene(echo, [transcript("question"), transcript("Stop!")])
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(1.0)
        await scene.call.silence(3.0)
        await scene.call.speech(0.4)
        await scene.call.silence(1.5)
        assert len(scene.events) == 1
        assert scene.call.shown("state")[-1] == "listening"
        told = [caption.kind for caption in scene.call.captions]
        assert "bot" not in told[told.index("interrupted") :], "nothing more is said"


async def test_a_question_that_came_in_with_our_own_echo_is_answered_without_it() -> None:
    said = saying("The parcel takes three days. Anything else you would like to know?")
    heard: list[Transcript | Exception] = [transcript("question")]
    heard += [transcript("Anything else you would like to know? What are your opening hours?")]
    scene = Scene(lambda event: said, heard)
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.5)
        await scene.call.silence(1.5)
        await scene.call.speech(0.6)
        await scene.call.silence(2.0)
        assert scene.events[-1] == CallerSaid("What are your opening hours", "en", 0.9)


async def test_our_own_echo_neither_stops_us_for_good_nor_makes_us_answer_again() -> None:
    heard: list[Transcript | Exception] = [transcript("question")]
    heard += [transcript("", rejected="no_words")] * 6
    scene = Scene(echo, heard)
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(1.0)
        for _ in range(6):
            await scene.call.silence(0.7)
            await scene.call.speech(0.3)
        await scene.call.silence(6.0)
        assert scene.events == [CallerSaid("question", "en", 0.9)]
        assert scene.call.shown("decision").count("fake") == 2, "the greeting and one answer"
        assert scene.speaking.said[-1] == "Three sentences."


async def test_yes_over_the_end_of_a_question_is_the_answer_to_it() -> None:
    scene = Scene(
        lambda event: saying("Long story. Shall I go on.", Listen("yes_no")), [transcript("q"), transcript("Yes.")]
    )
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(1.0)
        await scene.call.silence(2.6)
        await scene.call.speech(0.3)
        await scene.call.silence(1.0)
        assert scene.events[-1] == CallerSaid("Yes.", "en", 0.9)


async def test_quiet_voices_in_the_background_do_not_stop_the_bot() -> None:
    scene = Scene(echo, [transcript("question"), transcript("", rejected="no_speech")])
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(1.0, dbfs=-20)
        await scene.call.silence(2.5)
        cleared = scene.call.cleared
        await scene.call.speech(0.6, dbfs=-33)
        assert scene.call.cleared == cleared


async def test_the_reply_is_ready_before_the_end_is_decided_and_nobody_hears_of_it() -> None:
    scene = Scene(echo, [transcript("question")])
    async with scene.playing():
        await scene.call.listen_out()
        said = len(scene.speaking.said)
        await scene.call.speech(1.0)
        await scene.call.silence(0.25)
        assert len(scene.speaking.said) == said + 1, "the first sentence is made at the first pause"
        assert scene.events == [], "but nothing has happened yet"
        assert not scene.call.shown("caller")


@pytest.mark.parametrize(("probability", "answered"), [(0.99, True), (0.2, False), (None, False), ("broken", False)])
async def test_a_voice_that_sounds_finished_is_answered_sooner(probability: float | str | None, answered: bool) -> None:
    async def turn_end(samples: Samples) -> float | None:
        if isinstance(probability, str):
            raise RuntimeError(probability)
        return probability

    scene = Scene(echo, [transcript("my parcel has not arrived")], turn_end=turn_end)
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(1.0)
        await scene.call.silence(0.4)
        assert bool(scene.events) is answered


async def test_a_key_has_the_floor_at_any_moment() -> None:
    scene = Scene(
        lambda event: saying("Connecting.", PERSON), [], greeting=saying("Long. Long. Long.", interruptible=False)
    )
    async with scene.playing():
        await scene.call.press("0")
        await scene.call.listen_out()
        await settle()
        assert scene.events == [CallerPressed("0")]
        assert scene.call.transferred is not None
        assert scene.call.transferred.number == PERSON.number
    assert scene.outcome == "handed_off"


async def test_a_caller_who_has_to_wait_hears_that_the_answer_is_coming() -> None:
    scene = Scene(echo, [transcript("question")], deadlines=Deadlines(filler=0.01, filler_again=0.01))
    gate = asyncio.Event()
    transcribe = scene.hearing.transcribe

    async def slow(*args, **kwargs) -> Transcript:
        result = await transcribe(*args, **kwargs)
        await gate.wait()
        return result

    scene.hearing.transcribe = slow  # type: ignore[method-assign]
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.6)
        while "Sorry, still_working." not in scene.speaking.said:
            await scene.call.silence(0.2)
        gate.set()
        await scene.call.silence(4.0)
        assert scene.speaking.said.count("Sorry, one_moment.") == 1
        assert scene.events == [CallerSaid("question", "en", 0.9)]


LOOK_UP = Act("find_order", {"order": "402713"}, ticket=1)


def looks_up(event: Event) -> Reply:
    """Asks for the order to be looked up, and tells what came of it."""
    match event:
        case ActionDone(result=result):
            return saying(f"It is {result['status']}.")
        case ActionFailed(reason=reason):
            return saying(f"That did not work: {reason}.")
        case CallerSaid("a person please"):
            return saying("I am putting you through.", PERSON)
        case _:
            return saying("I am looking it up.", LOOK_UP)


class Errand:
    """Something outside that takes as long as the test wants."""

    def __init__(self) -> None:
        self.begun: list[Act] = []
        self.done = asyncio.Event()

    async def __call__(self, act: Act, proven: Proven | None = None) -> ActionDone:
        self.begun.append(act)
        await self.done.wait()
        return ActionDone(act.ticket, {"status": "sent"})


async def test_what_is_looked_up_outside_is_told_when_it_is_there() -> None:
    errand = Errand()
    errand.done.set()
    scene = Scene(looks_up, [transcript("where is my parcel")], act=errand)
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.6)
        await scene.call.silence(4.0)
        assert scene.speaking.said[-2:] == ["I am looking it up.", "It is sent."]
        assert errand.begun == [LOOK_UP]


async def test_a_house_that_can_do_nothing_outside_says_so() -> None:
    scene = Scene(looks_up, [transcript("where is my parcel")])
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.6)
        await scene.call.silence(4.0)
        assert scene.speaking.said[-1] == "That did not work: unavailable."


async def test_a_caller_who_waits_for_something_outside_is_kept_company() -> None:
    errand = Errand()
    scene = Scene(looks_up, [transcript("parcel")], deadlines=Deadlines(filler_again=0.01), act=errand)
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.6)
        while "Sorry, still_working." not in scene.speaking.said:
            await scene.call.silence(0.2)
        errand.done.set()
        await scene.call.silence(4.0)
        assert scene.speaking.said[-1] == "It is sent."
        assert "Sorry, one_moment." not in scene.speaking.said


async def test_a_key_while_something_is_looked_up_does_not_begin_it_again() -> None:
    errand = Errand()
    scene = Scene(looks_up, [transcript("parcel")], act=errand)
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.6)
        await scene.call.silence(3.0)
        await scene.call.press("5")
        await scene.call.silence(2.0)
        errand.done.set()
        await scene.call.silence(4.0)
        assert errand.begun == [LOOK_UP]
        assert scene.speaking.said[-1] == "It is sent."


async def test_a_link_is_sent_to_the_callers_own_phone() -> None:
    link = Act("send_link", {"link": "https://lysverket.example/retur"}, ticket=1)
    scene = Scene(lambda event: saying("Sent.") if isinstance(event, ActionDone) else Reply((), link, WHY), [])
    async with scene.playing():
        await scene.call.type("yes, send it")
        await scene.call.silence(2.0)
        assert scene.call.texts == ["https://lysverket.example/retur"]
        assert scene.speaking.said[-1] == "Sent."


async def test_a_person_is_within_reach_while_something_is_looked_up() -> None:
    errand = Errand()
    scene = Scene(looks_up, [transcript("parcel"), transcript("a person please")], act=errand)
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.6)
        await scene.call.silence(3.0)
        await scene.call.speech(0.6)
        await scene.call.silence(4.0)
        assert scene.call.transferred is not None
        errand.done.set()


async def test_a_key_for_a_person_is_not_undone_by_the_rest_of_the_sentence_it_was_pressed_in() -> None:
    scene = Scene(lambda event: saying("I am putting you through.", PERSON), [transcript("opening hours")])
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.5)
        await scene.call.press("0")
        await scene.call.speech(0.5)
        await scene.call.silence(4.0)
        assert scene.call.transferred is not None
        assert scene.events == [CallerPressed("0")]


async def test_typed_text_is_answered_like_speech() -> None:
    scene = Scene(echo, [])
    async with scene.playing():
        await scene.call.type("how much is delivery")
        await settle()
        assert scene.events == [CallerSaid("how much is delivery")]


async def test_silence_is_counted_in_audio_from_the_last_word_heard() -> None:
    scene = Scene(echo, [], greeting=saying("Hello.", Listen(timeout_seconds=5.0)))
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.silence(4.9)
        assert scene.events == []
        await scene.call.silence(0.2)
        assert scene.events == [CallerSilent()]


async def test_words_that_cannot_be_used_are_told_to_the_mind() -> None:
    scene = Scene(echo, [transcript("", rejected="loop")])
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.5)
        await scene.call.silence(1.0)
        assert scene.events == [NotUnderstood("loop")]


async def test_the_goodbye_is_heard_before_we_hang_up() -> None:
    scene = Scene(lambda event: saying("Goodbye then. Bye.", HangUp("goodbye")), [transcript("bye")])
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.5)
        await scene.call.silence(0.8)
        assert not scene.call.hung_up
        await scene.call.listen_out()
        await settle()
        assert scene.call.hung_up
    assert scene.outcome == "goodbye"


async def test_a_goodbye_that_is_interrupted_is_taken_back() -> None:
    answers = iter([saying("Goodbye then. Bye. Bye bye.", HangUp("goodbye")), saying("Sure.")])
    scene = Scene(lambda event: next(answers), [transcript("bye"), transcript("one more thing")])
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.5)
        await scene.call.silence(0.9)
        await scene.call.silence(1.5)
        await scene.call.speech(0.5)
        await scene.call.silence(1.0)
        assert not scene.call.hung_up
        assert scene.events == [CallerSaid("one more thing", "en", 0.9)], "the goodbye has not happened"


@pytest.mark.parametrize("error", [RecognitionFailed("worker died"), RecogniserBusy("full"), RuntimeError("a bug")])
async def test_when_hearing_breaks_the_caller_hears_why_and_reaches_a_person(error: Exception) -> None:
    scene = Scene(echo, [error if not isinstance(error, RuntimeError) else transcript("x")])
    if isinstance(error, RuntimeError):
        scene.mind.answer = lambda event: (_ for _ in ()).throw(error)
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.5)
        await scene.call.silence(1.0)
        await scene.call.listen_out()
        await settle()
        assert scene.speaking.said[-1] == "Sorry, fault."
        assert scene.call.transferred is not None
    assert scene.outcome == "fault"


async def test_when_the_mouth_breaks_the_carrier_apologises() -> None:
    scene = Scene(echo, [transcript("hello")])
    async with scene.playing():
        await scene.call.listen_out()
        scene.speaking.fails = SynthesisFailed("the voice broke")
        await scene.call.speech(0.5)
        await scene.call.silence(1.0)
        await settle()
        assert scene.call.transferred is not None
        assert [one.text for one in scene.call.transferred.announcement] == ["Sorry, fault."]


async def test_without_a_person_to_reach_the_call_ends_after_the_apology() -> None:
    scene = Scene(echo, [RecognitionFailed("worker died")])
    scene.mind.agent = None
    async with scene.playing():
        await scene.call.listen_out()
        await scene.call.speech(0.5)
        await scene.call.silence(1.0)
        await scene.call.listen_out()
        await settle()
        assert scene.call.hung_up
    assert scene.outcome == "fault"


async def test_a_transfer_that_the_carrier_refuses_brings_the_caller_back() -> None:
    def answer(event: Event) -> Reply:
        return saying("Nobody there.") if isinstance(event, TransferFailed) else saying("Connecting.", PERSON)

    scene = Scene(answer, [], call=FakeCall(refuse_transfer=CarrierRefused(400, 21220, "transfer a call")))
    async with scene.playing():
        await scene.call.press("0")
        await scene.call.listen_out()
        await settle()
        await scene.call.listen_out()
        assert scene.events == [CallerPressed("0"), TransferFailed("service")]
        assert scene.call.shown("state")[-1] == "listening"


async def test_a_caller_nobody_picked_up_for_is_told_so() -> None:
    scene = Scene(echo, [], call=FakeCall(Caller("CA1", LineKind.TWILIO, resumed="no-answer")))
    async with scene.playing():
        assert scene.conversation.state.seen == (TransferFailed("", "no_answer"),)


async def test_a_line_that_sends_nothing_is_given_up() -> None:
    scene = Scene(echo, [], deadlines=Deadlines(idle=0.01))
    outcome = await asyncio.wait_for(scene.conversation.run(), 5)
    assert outcome == "line_lost"
    assert scene.call.hung_up


@pytest.mark.parametrize("seconds", [0.02, 0.3, 0.6, 1.0, 1.4, 2.0, 2.6, 3.2])
async def test_a_caller_may_hang_up_at_any_moment(seconds: float) -> None:
    scene = Scene(echo, [transcript("question")])
    async with scene.playing():
        await scene.call.speech(min(seconds, 0.8))
        await scene.call.silence(max(seconds - 0.8, 0.0))
    assert scene.outcome == "caller_hung_up"
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert not others, "no task outlives its call"


async def test_a_lost_line_and_a_time_limit_are_named() -> None:
    for reason, outcome in ((EndReason.LINE_LOST, "line_lost"), (EndReason.TIME_LIMIT, "time_limit")):
        scene = Scene(echo, [])
        async with scene.playing():
            await scene.call.leave(reason)
        assert scene.outcome == outcome
