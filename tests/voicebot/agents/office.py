"""A small office played at random: three callers, three people, and lines that do what lines do.

`play` checks after every step what must always hold, and at the end that nobody is left on the board.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from hypothesis import strategies as st

from dialog.events import CallerSaid, Event, HandOff, Listen, Reply, TransferFailed
from dialog.people import Callee
from telephony.call import Caller, LineKind, MarkPlayed, NobodyCame, PersonGone, PersonReady, PersonRings, PersonTook
from telephony.transfer.request import WarmRequest
from tests.fakes import FakeCall, saying
from tests.voicebot.test_conversation import Scene
from voicebot.agents.board import Board
from voicebot.agents.live_call import SignedAgent, Verdict
from voicebot.agents.status import Status
from voicebot.rooms import Deadlines

ADA, BO, CY = (Callee(name, f"+472200001{number}", "desk") for number, name in enumerate(("ada", "bo", "cy")))
PEOPLE = (ADA, BO, CY)
AGENTS = tuple(SignedAgent(f"account-{one.id}", one.id, one) for one in PEOPLE)
ROUNDS = {
    "a person": ((ADA,), (BO,)),
    "everybody": (PEOPLE,),
    "the other desk": ((CY,),),
}
CALLERS = 3

WHO = st.integers(0, CALLERS - 1)
AGENT = st.integers(0, len(PEOPLE) - 1)
STEP = st.one_of(
    st.tuples(st.just("say"), WHO, st.sampled_from(list(ROUNDS))),
    st.tuples(st.just("say"), WHO, st.sampled_from(["never mind", "hello"])),
    st.tuples(st.just("line"), WHO, st.sampled_from(["ring", "ring", "gone", "take", "ready"])),
    st.tuples(st.just("line"), WHO, st.sampled_from(["through", "through", "hang_up", "person_leaves", "wait"])),
    st.tuples(st.sampled_from(["accept", "take_over"]), WHO, AGENT),
    st.tuples(st.sampled_from(["decline", "hand_back", "note"]), WHO, AGENT),
    st.tuples(st.just("status"), AGENT, st.sampled_from(list(Status))),
)
STEPS = st.lists(STEP, min_size=10, max_size=40)


class Quiet:
    """A conversation that does nothing of what agents want."""

    def person_takes(self, agent: SignedAgent) -> bool:
        return False

    def person_declines(self, person: str, reason: str) -> bool:
        return False

    def take_over(self, agent: SignedAgent) -> bool:
        return False

    def tell_caller(self, text: str, agent: SignedAgent) -> None:
        return None

    def agent_typed(self, text: str, agent: SignedAgent) -> None:
        return None

    def agent_leaves(self, agent: SignedAgent, outcome: str) -> None:
        return None

    async def brief(self, language: str) -> None:
        return None


def answer(event: Event) -> Reply:
    match event:
        case CallerSaid(text=text) if text in ROUNDS:
            department = "other" if text == "the other desk" else "desk"
            return saying("One moment.", HandOff(department, "+4721000000", department, "caller_asked", ROUNDS[text]))
        case CallerSaid(text="never mind"):
            return saying("Gladly.", Listen(stop_ringing=True))
        case TransferFailed():
            return saying("Nobody.")
        case _:
            return saying("Yes.")


class Phone(FakeCall):
    """A line that rings people as a carrier does: round by round, and only who may be rung."""

    def __init__(self, number: int, board: Board) -> None:
        super().__init__(Caller(f"CA{number}", LineKind.TWILIO, "+4799999999"))
        self._board = board
        self.request: WarmRequest | None = None
        self.ringing: list[str] = []
        self.winner = ""
        self._left: list[str] = []

    async def ask_person(self, request: WarmRequest) -> None:
        await super().ask_person(request)
        self.stop_asking()
        self.request, self.winner = request, ""
        self._left = [person.id for people in request.rounds for person in people]

    def stop_asking(self) -> None:
        if self.request is not None and not self.joined:
            self._over("caller_stayed", tell=False)

    def person_takes(self, person: str) -> bool:
        if self.request is None or self.winner or person not in (*self.ringing, *self._left):
            return False
        self._left = [person]
        return True

    def person_declines(self, person: str, reason: str) -> bool:
        if self.request is None or self.winner or person not in self.ringing:
            return False
        self._gone(person, f"declined:{reason}")
        return True

    def step(self, what: str) -> None:
        """What the carrier says next; nothing when that cannot be."""
        request = self.request
        if what == "ring" and request is not None and self._left and not self.winner:
            person = self._left.pop(0)
            if not request.may_ring(person):
                self._gone(person, "busy")
            else:
                self.ringing.append(person)
                self._events.put_nowait(PersonRings(person, "desk"))
        elif what == "gone" and self.ringing and not self.winner:
            self._gone(self.ringing[0], "no_answer")
        elif what == "take" and self.ringing and not self.winner and not self.closed:
            self.winner, *others = self.ringing
            self.ringing, self._left = [], []
            for person in others:
                self._board.calls.attempted(self.caller.call_id, person)
            self._events.put_nowait(PersonTook(self.winner))
        elif what == "ready" and self.winner and not self.closed:
            self._events.put_nowait(PersonReady(self.winner))
        elif what == "person_leaves" and self.winner:
            if self.joined:
                self._finish(talked=True)
            elif not self.closed:
                self._over("left_in_brief", tell=True)

    def hangs_up(self) -> None:
        """The caller is gone, and so is everything that was done for them."""
        if self.request is not None:
            self._finish(talked=self.joined)

    def _play_frame(self) -> None:
        """What the bot says takes no time here."""
        while self._queue:
            self._events.put_nowait(MarkPlayed(self._queue.popleft()[1]))

    def _gone(self, person: str, outcome: str) -> None:
        if person in self.ringing:
            self.ringing.remove(person)
        self._board.calls.attempted(self.caller.call_id, person)
        self._events.put_nowait(PersonGone(person, outcome))
        if not self.ringing and not self._left:
            self._over("no_answer", tell=True)

    def _over(self, outcome: str, *, tell: bool) -> None:
        self._finish(talked=False)
        if tell:
            self._events.put_nowait(NobodyCame(outcome))

    def _finish(self, *, talked: bool) -> None:
        assert self.request is not None
        for person in self.ringing:
            self._board.calls.attempted(self.caller.call_id, person)
        self._board.calls.finished(self.caller.call_id, self.request.id, talked=talked)
        self.request, self.ringing, self._left, self.winner = None, [], [], ""


def play(steps: Sequence[tuple[str, int, object]]) -> None:
    """Play the steps; raises AssertionError at the first that breaks a law."""
    with asyncio.Runner() as runner:
        runner.run(_play(steps))


async def _play(steps: Sequence[tuple[str, int, object]]) -> None:
    board = Board()
    phones = [Phone(number, board) for number in range(CALLERS)]
    scenes = [Scene(answer, [], call=phone, board=board, deadlines=Deadlines(somebody_free=1.0)) for phone in phones]
    async with AsyncExitStack() as stack:
        for agent in AGENTS[:2]:
            await stack.enter_async_context(board.watch(agent))
        for scene in scenes:
            await stack.enter_async_context(scene.playing())
        for phone in phones:
            await phone.listen_out()
        for step in steps:
            await _take(step, board, scenes, phones)
            _holds(board, phones)
        for phone in phones:
            phone.hangs_up()
    for phone in phones:
        phone.hangs_up()
    assert board.live() == (), "nobody is left on the board"
    for person in PEOPLE:
        engaged = board.statuses.engagement(person.id)
        assert engaged is None or engaged.how == "wrap_up", "nobody is kept for a caller who has gone"


async def _take(step: tuple[str, int, object], board: Board, scenes: list[Scene], phones: list[Phone]) -> None:
    kind, number, what = step
    if kind == "status":
        assert isinstance(what, Status)
        board.statuses.set(PEOPLE[number].id, what)
        return
    phone = phones[number]
    if kind == "say":
        await phone.type(str(what))
    elif kind == "line" and what == "hang_up":
        await phone.leave()
        phone.hangs_up()
    elif kind == "line" and what == "wait":
        await phone.silence(0.5)
    elif kind == "line" and what == "through":
        for said in ("ring", "take", "ready"):
            phone.step(said)
        await phone.listen_out()
    elif kind == "line":
        phone.step(str(what))
    else:
        assert isinstance(what, int)
        await _act(kind, scenes[number], board, AGENTS[what])
    await phone.silence(0.04)


async def _act(kind: str, scene: Scene, board: Board, agent: SignedAgent) -> None:
    conversation = scene.conversation.id
    match kind:
        case "accept":
            verdict = await board.accept(conversation, agent)
            second = await board.accept(conversation, AGENTS[0] if agent is not AGENTS[0] else AGENTS[1])
            assert not (verdict.done and second.done), "one caller has one person"
            if verdict.done:
                assert second == Verdict(False, "taken", agent.person)
        case "decline":
            await board.decline(conversation, agent, "busy")
        case "take_over":
            await board.take_over(conversation, agent)
        case "hand_back":
            assert not (await board.hand_back(conversation, agent)).done, "nobody writes to a telephone"
        case _:
            await board.tell_caller(conversation, agent, "A moment.")


def _holds(board: Board, phones: list[Phone]) -> None:
    live = board.live()
    rung = [person for phone in phones for person in phone.ringing]
    assert len(rung) == len(set(rung)), "nobody's phone rings for two callers"
    having = [call.with_person for call in live if call.with_person is not None]
    assert len(having) == len(set(having)), "nobody talks with two callers"
    assert not set(having) & set(rung), "nobody who talks is rung"
    known = {call.conversation for call in live}
    for person in PEOPLE:
        engaged = board.statuses.engagement(person.id)
        assert engaged is None or engaged.how == "wrap_up" or engaged.conversation in known
