"""A caller who types and a person at the console: the bot steps back, shows each what the other writes, and keeps it.

Seconds are those of the call's audio, which a page without a microphone sends as silence.
"""

import asyncio
from collections.abc import Callable

import structlog

from dialog.events import AgentTyped, CallerTypedToAgent, Event
from telephony.call import Caption
from voicebot.agents.calls import Calls
from voicebot.agents.live_call import SignedAgent
from voicebot.agents.seat import Seat
from voicebot.floor import Floor
from voicebot.keeping import Keeping
from voicebot.listening import Start
from voicebot.preparing import Preparing
from voicebot.rooms import Deadlines
from voicebot.telling import Telling

log = structlog.get_logger(__name__)

GONE = "agent_gone"
"""The outcome when a person stopped answering."""

LAST_LINES_SECONDS = 5.0
"""How long the end of a conversation waits for its last lines to be remembered."""


class InWriting:
    """The written part of one conversation.

    Args:
        floor: what stands in the call.
        seat: the call's place on the board.
        calls: who has the console open.
        deadlines: how long the caller waits for the next line.
        preparing: has the dialog remember what is written.
        keeping: writes it down.
        telling: shows it.
        clock: seconds of the call.
        start: starts a task of this call.
    """

    def __init__(
        self,
        floor: Floor,
        seat: Seat,
        calls: Calls,
        deadlines: Deadlines,
        preparing: Preparing,
        keeping: Keeping,
        telling: Telling,
        clock: Callable[[], float],
        start: Start,
    ) -> None:
        self._floor = floor
        self._seat = seat
        self._calls = calls
        self._deadlines = deadlines
        self._preparing = preparing
        self._keeping = keeping
        self._telling = telling
        self._clock = clock
        self._start = start
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._remembering: asyncio.Task[None] | None = None
        self.agent: SignedAgent | None = None
        """Who writes with the caller now."""
        self.department = ""
        """Whose person that is."""
        self._transfer = ""
        self._to_human: float | None = None
        self._unanswered_since: float | None = None
        self._closed_since: float | None = None

    async def begin(self, agent: SignedAgent, department: str, transfer: str, waited_seconds: float) -> None:
        """Somebody has come.

        Args:
            agent: who.
            department: whose caller it was.
            transfer: under which it is written down.
            waited_seconds: since the caller was to have a person.
        """
        self.agent, self.department, self._transfer = agent, department, transfer
        self._to_human = waited_seconds
        self._unanswered_since, self._closed_since = self._clock(), None
        self._calls.together(self._seat, agent.person)
        if self._remembering is None:
            self._remembering = self._start(self._remember())
        await self._telling.caption(Caption("person", agent.person, {"here": True}))

    async def caller_wrote(self, text: str) -> None:
        """A line for the person."""
        if self._unanswered_since is None:
            self._unanswered_since = self._clock()
        await self._telling.typed(text)
        self._events.put_nowait(CallerTypedToAgent(text))

    async def agent_wrote(self, text: str) -> None:
        """A line for the caller."""
        if self.agent is None:
            return
        self._unanswered_since = None
        await self._telling.caption(Caption("agent", text, {"agent": self.agent.person}))
        self._events.put_nowait(AgentTyped(text, self.agent.person))

    def left_alone(self) -> bool:
        """Whether the caller waits for somebody who has gone; looked at every frame."""
        if self.agent is None:
            return False
        now = self._clock()
        if self._calls.consoles.there(self.agent.person):
            self._closed_since = None
        elif self._closed_since is None:
            self._closed_since = now
        closed = self._closed_since is not None and now - self._closed_since >= self._deadlines.console_closed
        waits = self._unanswered_since is not None and now - self._unanswered_since >= self._deadlines.line_answered
        return closed or waits

    async def end(self) -> None:
        """The person goes; what was written is remembered first."""
        agent = self.agent
        if agent is None:
            return
        await self._events.join()
        self._over(agent)
        await self._telling.caption(Caption("person", agent.person, {"here": False}))

    async def close(self) -> None:
        """The conversation is over."""
        if self.agent is not None:
            try:
                async with asyncio.timeout(LAST_LINES_SECONDS):
                    await self._events.join()
            except TimeoutError:
                log.warning("the last lines of a written conversation were not kept")
            self._over(self.agent)
        if self._remembering is not None:
            self._remembering.cancel()

    def _over(self, agent: SignedAgent) -> None:
        self.agent = None
        self._keeping.wrote(self._transfer, agent.person, "connected", self._to_human)
        self._calls.alone(self._seat)

    async def _remember(self) -> None:
        while True:
            event = await self._events.get()
            before = self._floor.state
            try:
                prepared = await self._preparing.reply_to(event, before)
            except TimeoutError:
                log.warning("a line of a written conversation was not kept")
            except Exception as fault:  # the two go on writing, whatever the bot makes of it
                log.error("a line of a written conversation could not be kept", error=type(fault).__name__)
            else:
                if prepared.reply is not None:
                    self._floor.state = prepared.state
                    self._keeping.turn(before, event, prepared.state, prepared.reply, instead=False)
            finally:
                self._events.task_done()
