"""How agents at the console act on one conversation: what they want is taken up between two frames of its audio.

So nothing they do can come in between two steps of the conversation, and whoever comes too late finds it over.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from dialog.brief import Brief
from dialog.events import AgentNote, AgentTyped, HandOff
from telephony.call import NobodyCame
from voicebot.agents.live_call import SignedAgent
from voicebot.agents.seat import Seat
from voicebot.handing_over import TAKEN_OVER, HandingOver
from voicebot.rooms import Rooms


@dataclass(frozen=True, slots=True)
class Arrives:
    """Somebody takes a caller who types."""

    agent: SignedAgent


@dataclass(frozen=True, slots=True)
class Leaves:
    """Whoever wrote with the caller goes. outcome: "handed_back" or "finished"."""

    outcome: str


Order: TypeAlias = Arrives | Leaves | AgentTyped | NobodyCame
"""What is taken up at once; a note to the caller waits for the bot's turn."""


class AtConsole:
    """Implements `voicebot.agents.seat.Reach` for one conversation.

    Args:
        rooms: the mind that makes briefs.
        seat: the conversation's place on the board.
        handing_over: the caller's way to a person.
        state: the dialog's now.
    """

    def __init__(self, rooms: Rooms, seat: Seat, handing_over: HandingOver, state: Callable[[], Any]) -> None:
        self._rooms = rooms
        self._seat = seat
        self._handing_over = handing_over
        self._state = state
        self._declined: set[str] = set()
        self._declined_what: HandOff | None = None
        self.orders: deque[Order] = deque()
        self.notes: deque[AgentNote] = deque()

    def tell(self, news: NobodyCame) -> None:
        """News of our own."""
        self.orders.append(news)

    def person_takes(self, agent: SignedAgent) -> bool:
        """See `Reach`."""
        if self._seat.typed:
            return self._arrives(agent)
        return agent.callee is not None and self._handing_over.takes(agent.callee)

    def person_declines(self, person: str, reason: str) -> bool:
        """See `Reach`; when all who could write have declined, nobody is waited for."""
        wanted = self._handing_over.person
        if wanted is None:
            return False
        if not self._seat.typed:
            return self._handing_over.declines(person, reason)
        if wanted is not self._declined_what:
            self._declined, self._declined_what = set(), wanted
        self._declined.add(person)
        if self._declined.issuperset(self._rooms.board.calls.writers(wanted.rounds)):
            self.tell(NobodyCame("declined"))
        return True

    def take_over(self, agent: SignedAgent) -> bool:
        """See `Reach`."""
        if not self._seat.typed:
            return agent.callee is not None and self._handing_over.take_over(agent.callee)
        if self._handing_over.person is None:
            department = "" if agent.callee is None else agent.callee.department
            self._handing_over.expects(HandOff(department, "", department, TAKEN_OVER), agent.person)
        return self._arrives(agent)

    def tell_caller(self, text: str, agent: SignedAgent) -> None:
        """See `Reach`."""
        self.notes.append(AgentNote(text, agent.person))

    def agent_typed(self, text: str, agent: SignedAgent) -> None:
        """See `Reach`."""
        self.orders.append(AgentTyped(text, agent.person))

    def agent_leaves(self, agent: SignedAgent, outcome: str) -> None:
        """See `Reach`."""
        self.orders.append(Leaves(outcome))

    async def brief(self, language: str) -> Brief | None:
        """See `Reach`."""
        waiting = self._seat.waiting
        reason = "caller_asked" if waiting is None else waiting.person.reason
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._rooms.thinking, self._rooms.mind.brief, self._state(), reason, language)

    def _arrives(self, agent: SignedAgent) -> bool:
        self.orders.append(Arrives(agent))
        return True
