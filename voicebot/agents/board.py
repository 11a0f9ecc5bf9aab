"""What goes on in the house right now, for the people who take over: the calls, who waits, and who is free.

An action of an agent is decided in one step, without waiting, so that of two who press "accept" at the same moment one
has the call and the other is told.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime

from dialog import Bot
from dialog.brief import Brief
from voicebot.agents.calls import Calls
from voicebot.agents.live_call import DONE, LiveCall, SignedAgent, Verdict, What
from voicebot.agents.seat import Seat
from voicebot.agents.status import Status, Statuses
from voicebot.agents.watching import Watch

LONGEST_NOTE = 500
"""Characters of one note or line of an agent."""

GONE = Verdict(False, "gone")
NOT_ASKED = Verdict(False, "not_asked")


def _now() -> datetime:
    return datetime.now(UTC)


def _unwritten(person: str, status: Status, at: datetime) -> None:
    """Nobody writes it down."""


class Board:
    """The calls of one process, on its event loop.

    Args:
        bot: whose departments and people they are; None knows neither.
        now: the time.
        note: has what somebody says of their status written down; must not wait.
    """

    def __init__(
        self,
        bot: Bot | None = None,
        now: Callable[[], datetime] = _now,
        note: Callable[[str, Status, datetime], None] = _unwritten,
    ) -> None:
        self.bot = bot
        self.calls = Calls(now, note)
        self._names = {} if bot is None else {department.id: dict(department.names) for department in bot.departments}

    @property
    def statuses(self) -> Statuses:
        """Who is free."""
        return self.calls.statuses

    # For pages.

    def live(self) -> tuple[LiveCall, ...]:
        """Every conversation that goes on now: those who wait for a person first, in the order they will have one."""
        calls = [self._view(seat) for seat in self.calls.seats.values()]
        return tuple(sorted(calls, key=_order))

    def find(self, conversation: str) -> LiveCall | None:
        """One of them, or None when it is over."""
        seat = self.calls.seats.get(conversation)
        return None if seat is None else self._view(seat)

    def position(self, conversation: str) -> int:
        """How many come first, and they: 1 for a caller who is next; 0 for one who waits for nobody."""
        seat = self.calls.seats.get(conversation)
        return 0 if seat is None else self._position(seat)

    @asynccontextmanager
    async def watch(self, agent: SignedAgent | None = None) -> AsyncIterator[Watch]:
        """Changes from now on, for one open page.

        Args:
            agent: whose page it is: while it is open they can be given callers who type.
        """
        watch = Watch()
        self.calls.watches.add(watch)
        closed = self.calls.consoles.opened(agent) if agent is not None else None
        try:
            yield watch
        finally:
            self.calls.watches.discard(watch)
            if closed is not None:
                closed()

    @contextmanager
    def present(self, agent: SignedAgent) -> Iterator[None]:
        """Somebody has a page open that learns of changes in another way: they can be given callers who type."""
        closed = self.calls.consoles.opened(agent)
        try:
            yield
        finally:
            closed()

    def told(self, what: What, conversation: str | None = None) -> None:
        """Something is different now; whoever watches will look. Never waits."""
        self.calls.told(what, conversation)

    async def brief(self, conversation: str, language: str) -> Brief | None:
        """What a conversation is about, as things stand; None when it is over or nobody can tell.

        Args:
            conversation: which.
            language: of the agent: nb, nn or en.
        """
        seat = self.calls.seats.get(conversation)
        return None if seat is None else await seat.reach.brief(language)

    # What agents do.

    async def accept(self, conversation: str, agent: SignedAgent) -> Verdict:
        """They take a caller who waits."""
        seat = self.calls.seats.get(conversation)
        if seat is None:
            return GONE
        waiting = seat.waiting
        if waiting is None or waiting.taken_by is not None:
            return self._taken(seat, agent)
        if agent.person not in self._may_take(seat):
            return Verdict(False, "no_phone") if agent.callee is None and not seat.typed else NOT_ASKED
        return self._give(seat, agent, seat.reach.person_takes)

    async def take_over(self, conversation: str, agent: SignedAgent) -> Verdict:
        """They want this caller now, whether or not anybody was asked for."""
        seat = self.calls.seats.get(conversation)
        if seat is None:
            return GONE
        waiting = seat.waiting
        if seat.with_person is not None or (waiting is not None and waiting.taken_by is not None):
            return self._taken(seat, agent)
        if agent.callee is None and not seat.typed:
            return Verdict(False, "no_phone")
        if waiting is not None and agent.person in self._may_take(seat):
            return self._give(seat, agent, seat.reach.person_takes)
        return self._give(seat, agent, seat.reach.take_over)

    async def decline(self, conversation: str, agent: SignedAgent, reason: str) -> Verdict:
        """They cannot take a caller. reason: "busy", "not_mine" or "later"."""
        seat = self.calls.seats.get(conversation)
        if seat is None:
            return GONE
        waiting = seat.waiting
        if waiting is None or (waiting.taken_by is not None and waiting.taken_by != agent.person):
            return self._taken(seat, agent)
        return DONE if seat.reach.person_declines(agent.person, reason) else NOT_ASKED

    async def tell_caller(self, conversation: str, agent: SignedAgent, text: str) -> Verdict:
        """The bot says this for them, when it is its turn to speak."""
        seat = self.calls.seats.get(conversation)
        if seat is None or not seat.here:
            return GONE
        if seat.with_person is not None or not text.strip():
            return NOT_ASKED
        seat.reach.tell_caller(text.strip()[:LONGEST_NOTE], agent)
        return DONE

    async def type(self, conversation: str, agent: SignedAgent, text: str) -> Verdict:
        """A line to a caller who types with them."""
        verdict, seat = self._theirs(conversation, agent)
        if seat is not None and text.strip():
            seat.reach.agent_typed(text.strip()[:LONGEST_NOTE], agent)
        return verdict

    async def hand_back(self, conversation: str, agent: SignedAgent) -> Verdict:
        """The bot goes on with a caller who typed with them."""
        return self._leave(conversation, agent, "handed_back")

    async def finish(self, conversation: str, agent: SignedAgent) -> Verdict:
        """They are done with a caller who typed with them."""
        return self._leave(conversation, agent, "finished")

    def to_wrap_up(self, agent: SignedAgent) -> tuple[str, ...]:
        """Conversations of theirs in this process of which they have not written down how it went, oldest first."""
        return self.calls.wrap_ups.of(agent.person)

    def wrapped_up(self, agent: SignedAgent, conversation: str) -> None:
        """They have written down how it went, or will not."""
        self.calls.wrap_ups.done(agent.person, conversation)

    # Bookkeeping.

    def _give(self, seat: Seat, agent: SignedAgent, act: Callable[[SignedAgent], bool]) -> Verdict:
        """Have somebody take a caller, unless they have another."""
        if not self.statuses.engage(agent.person, seat.conversation, "ringing"):
            return Verdict(False, "busy")
        if not (seat.here and act(agent)):
            self.statuses.release(agent.person, seat.conversation)
            return Verdict(False, "closed") if seat.here else GONE
        if seat.waiting is not None:
            seat.waiting.taken_by = agent.person
        self.told("calls")
        return DONE

    def _taken(self, seat: Seat, agent: SignedAgent) -> Verdict:
        by = seat.with_person or (seat.waiting.taken_by if seat.waiting is not None else None)
        if by is None:
            return NOT_ASKED
        return DONE if by == agent.person else Verdict(False, "taken", by)

    def _theirs(self, conversation: str, agent: SignedAgent) -> tuple[Verdict, Seat | None]:
        seat = self.calls.seats.get(conversation)
        if seat is None or not seat.here:
            return GONE, None
        if not seat.typed or seat.with_person is None:
            return NOT_ASKED, None
        return (DONE, seat) if seat.with_person == agent.person else (Verdict(False, "taken", seat.with_person), None)

    def _leave(self, conversation: str, agent: SignedAgent, outcome: str) -> Verdict:
        verdict, seat = self._theirs(conversation, agent)
        if seat is not None:
            seat.reach.agent_leaves(agent, outcome)
        return verdict

    def _may_take(self, seat: Seat) -> tuple[str, ...]:
        """People who may press "accept"."""
        if seat.waiting is None:
            return ()
        rounds = seat.waiting.person.rounds
        if seat.typed:
            return self.calls.writers(rounds)
        return seat.waiting.asked or tuple(person.id for people in rounds for person in people)

    def _view(self, seat: Seat) -> LiveCall:
        return seat.view(self._position(seat), self._may_take(seat), self._names)

    def _position(self, seat: Seat) -> int:
        if seat.waiting is None or seat.waiting.taken_by is not None:
            return 0
        return self.calls.queue.position(seat.conversation) or 1


def _order(call: LiveCall) -> tuple[bool, bool, datetime]:
    transfer = call.transfer
    open_ = transfer is not None and transfer.taken_by is None
    return (not open_, transfer is None or transfer.urgency != "high", transfer.since if transfer else call.began_at)
