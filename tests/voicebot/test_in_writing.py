"""A caller who types and an agent who answers in writing, on a page under the test's control."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dialog.events import (
    AgentTyped,
    CallerSaid,
    CallerSilent,
    CallerTypedToAgent,
    Event,
    HandOff,
    Listen,
    PersonDone,
    Reply,
    TransferFailed,
)
from dialog.people import Callee
from telephony.call import Caller, LineKind
from tests.fakes import FakeCall, saying
from tests.voicebot.test_conversation import Scene
from tests.voicebot.test_keeping import Book
from voicebot.agents.board import Board
from voicebot.agents.live_call import SignedAgent
from voicebot.agents.status import Status
from voicebot.records.entries import TransferAttempted, TransferEnded, TurnTaken
from voicebot.rooms import Deadlines

CALLEE = Callee("Ada", "+4722000011", "service")
PERSON = HandOff("service", "+4721000000", "customer service", "caller_asked", ((CALLEE,),))
ADA = SignedAgent("account-ada", "ada", CALLEE)
BO = SignedAgent("account-bo", "bo")


def answer(event: Event) -> Reply:
    match event:
        case CallerSaid(text="a person please"):
            return saying("One moment.", PERSON)
        case AgentTyped() | CallerTypedToAgent():
            return Reply((), Listen(), saying("").decision)
        case TransferFailed():
            return saying("Nobody is there.")
        case PersonDone():
            return saying("Back with the bot.")
        case _:
            return saying("An answer.")


class Office:
    """A typed conversation, and a board with agents at their consoles."""

    def __init__(self, deadlines: Deadlines | None = None, microphone: bool = False) -> None:
        self.board = Board()
        self.book = Book()
        self.call = FakeCall(Caller("BR1", LineKind.BROWSER, writes=not microphone))
        self.story = Scene(answer, [], call=self.call, deadlines=deadlines, records=self.book, board=self.board)

    @asynccontextmanager
    async def waiting(self, *agents: SignedAgent) -> AsyncIterator[str]:
        """The caller has asked for a person while these agents had the console open."""
        async with self.story.playing(), _open(self.board, *agents):
            await self.call.listen_out()
            await self.call.type("a person please")
            await self.call.listen_out()
            live = self.board.live()
            yield live[0].conversation if live else ""

    def captions(self, *kinds: str) -> list[tuple[str, str]]:
        return [(one.kind, one.text) for one in self.call.captions if one.kind in kinds]


@asynccontextmanager
async def _open(board: Board, *agents: SignedAgent) -> AsyncIterator[None]:
    if not agents:
        yield
        return
    async with board.watch(agents[0]), _open(board, *agents[1:]):
        yield


async def test_an_agent_takes_the_caller_and_both_write() -> None:
    office = Office()
    async with office.waiting(ADA) as conversation:
        assert (await office.board.accept(conversation, ADA)).done
        await office.call.silence(0.1)
        await office.board.type(conversation, ADA, "Hi, this is Ada.")
        await office.call.silence(0.1)
        await office.call.type("my power is out")
        await office.call.silence(0.1)
        assert office.captions("person", "agent", "caller")[1:] == [
            ("person", "Ada"),
            ("agent", "Hi, this is Ada."),
            ("caller", "my power is out"),
        ]
        (call,) = office.board.live()
        assert call.with_person == "Ada"
        assert [(line.who, line.text) for line in call.lines][-2:] == [
            ("agent", "Hi, this is Ada."),
            ("caller", "my power is out"),
        ]
        assert office.story.events[-2:] == [
            AgentTyped("Hi, this is Ada.", "Ada"),
            CallerTypedToAgent("my power is out"),
        ], "the dialog remembers both, in order"
        assert office.call.shown("bot")[-1] == "One moment.", "the bot has stepped back"


async def test_an_agent_who_is_quicker_than_the_bots_sentence_takes_nothing_back() -> None:
    office = Office()
    async with office.story.playing(), office.board.watch(ADA):
        await office.call.listen_out()
        await office.call.type("a person please")
        await office.call.silence(0.1)
        assert (await office.board.accept(office.board.live()[0].conversation, ADA)).done
        await office.call.silence(0.1)
        assert office.captions("person") == [("person", "Ada")]
        assert office.story.events == [CallerSaid("a person please")], "the dialog knows that a person was wanted"


async def test_what_is_written_is_kept_and_so_is_who_wrote() -> None:
    office = Office()
    async with office.waiting(ADA) as conversation:
        await office.board.accept(conversation, ADA)
        await office.call.silence(0.1)
        await office.board.type(conversation, ADA, "Hi.")
        await office.call.silence(0.1)
        await office.call.type("thanks")
        await office.call.leave()
    assert [turn.event for turn in office.book.of(TurnTaken)][-2:] == [
        AgentTyped("Hi.", "Ada"),
        CallerTypedToAgent("thanks"),
    ]
    assert [(one.agent, one.outcome) for one in office.book.of(TransferAttempted)] == [("Ada", "connected")]
    assert [one.outcome for one in office.book.of(TransferEnded)] == ["connected"]
    assert office.board.live() == ()
    assert office.board.to_wrap_up(ADA) == (conversation,)


async def test_the_agent_hands_the_caller_back_and_the_bot_goes_on() -> None:
    office = Office()
    async with office.waiting(ADA) as conversation:
        await office.board.accept(conversation, ADA)
        await office.call.silence(0.1)
        assert (await office.board.hand_back(conversation, ADA)).done
        await office.call.listen_out()
        assert office.story.events[-1:] == [PersonDone("service", "handed_back")]
        assert office.call.shown("bot")[-1] == "Back with the bot."
        await office.call.type("and now")
        assert office.story.events[-1:] == [CallerSaid("and now")], "the bot listens again"
        assert not (await office.board.type(conversation, ADA, "still here")).done


async def test_only_who_has_the_caller_writes_to_them() -> None:
    office = Office()
    async with office.waiting(ADA, BO) as conversation:
        assert (await office.board.accept(conversation, BO)).done, "no telephone is needed to write"
        await office.call.silence(0.1)
        verdict = await office.board.type(conversation, ADA, "Hi.")
        assert (verdict.done, verdict.why, verdict.by) == (False, "taken", "bo")
        assert not (await office.board.finish(conversation, ADA)).done


async def test_nobody_answers_in_time() -> None:
    office = Office(Deadlines(writer=5.0))
    async with office.waiting(ADA) as conversation:
        await office.call.silence(5.0)
        assert office.story.events[-1:] == [TransferFailed("service", "no_answer")]
        assert (await office.board.accept(conversation, ADA)).why == "not_asked"
    assert [one.outcome for one in office.book.of(TransferEnded)] == ["no_answer"]


async def test_when_all_at_the_console_decline_the_caller_is_told() -> None:
    office = Office()
    async with office.waiting(ADA, BO) as conversation:
        assert (await office.board.decline(conversation, ADA, "busy")).done
        await office.call.silence(0.1)
        assert office.story.events[-1:] == [CallerSaid("a person please")]
        await office.board.decline(conversation, BO, "later")
        await office.call.silence(0.1)
        assert office.story.events[-1:] == [TransferFailed("service", "declined")]


async def test_without_anybody_at_the_console_the_page_shows_the_number() -> None:
    office = Office()
    async with office.waiting():
        assert office.call.transferred is not None
        assert office.call.transferred.number == PERSON.number


async def test_an_agent_who_is_away_is_not_waited_for() -> None:
    office = Office()
    office.board.statuses.set("Ada", Status.AWAY)
    async with office.waiting(ADA):
        assert office.call.transferred is not None


async def test_an_agent_who_closes_the_console_leaves_the_caller_with_the_bot() -> None:
    office = Office(Deadlines(console_closed=5.0))
    async with office.story.playing():
        async with office.board.watch(ADA):
            await office.call.listen_out()
            await office.call.type("a person please")
            await office.call.listen_out()
            await office.board.accept(office.board.live()[0].conversation, ADA)
            await office.call.silence(1.0)
        await office.call.silence(4.0)
        assert PersonDone not in map(type, office.story.events), "a page may be loaded again"
        await office.call.silence(2.0)
        assert office.story.events[-1:] == [PersonDone("service", "agent_gone")]


async def test_a_line_that_nobody_answers_brings_the_bot_back() -> None:
    office = Office(Deadlines(line_answered=5.0))
    async with office.waiting(ADA) as conversation:
        await office.board.accept(conversation, ADA)
        await office.call.silence(0.1)
        await office.board.type(conversation, ADA, "Hi.")
        await office.call.silence(10.0)
        assert PersonDone not in map(type, office.story.events), "it is the caller's turn to write"
        await office.call.type("are you there")
        await office.call.silence(5.1)
        assert office.story.events[-1:] == [PersonDone("service", "agent_gone")]


async def test_an_agent_may_take_over_a_typed_conversation_unasked() -> None:
    office = Office()
    async with office.story.playing(), office.board.watch(BO):
        await office.call.listen_out()
        (call,) = office.board.live()
        assert (await office.board.take_over(call.conversation, BO)).done
        await office.call.silence(0.1)
        assert office.captions("person") == [("person", "bo")]
        assert (await office.board.take_over(call.conversation, ADA)).by == "bo"


async def test_what_a_caller_says_aloud_while_they_write_with_a_person_is_not_listened_to() -> None:
    office = Office(microphone=True)
    async with office.waiting(ADA) as conversation:
        await office.call.speech(0.5)
        await office.board.accept(conversation, ADA)
        await office.call.speech(0.5)
        await office.call.silence(2.0)
        await office.board.hand_back(conversation, ADA)
        await office.call.listen_out()
        await office.call.silence(8.0)
        assert office.story.hearing.asked == []
        assert office.story.events[-2:] == [PersonDone("service", "handed_back"), CallerSilent()]
