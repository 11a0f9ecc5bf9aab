"""The bot's turns in one call: one at a time, and the caller can take the floor from each."""

import asyncio

from dialog.events import CallerPressed
from speech.ear import Ear
from telephony.errors import LineClosed
from voicebot.floor import Floor, Phase
from voicebot.leaving import Leaving
from voicebot.listening import Heard, Start
from voicebot.replying import Replying, Trigger
from voicebot.telling import Telling


class Turns:
    """Begins turns and ends them early.

    Args:
        floor: what stands in the call.
        ear: its clock.
        telling: tells what the bot does.
        replying: takes a turn.
        leaving: passes the caller on when a turn breaks.
        start: starts a task of this call.
    """

    def __init__(
        self, floor: Floor, ear: Ear, telling: Telling, replying: Replying, leaving: Leaving, start: Start
    ) -> None:
        self._floor = floor
        self._ear = ear
        self._telling = telling
        self._replying = replying
        self._leaving = leaving
        self._start_task = start
        self._turn: asyncio.Task[None] | None = None
        self.pressed = False
        """The turn under way, or the last one, answers a key."""

    @property
    def under_way(self) -> bool:
        """Whether the bot is taking a turn."""
        return self._turn is not None

    def start(self, trigger: Trigger) -> None:
        """Begin a turn; the one under way is dropped."""
        self.drop()
        self.pressed = isinstance(trigger, CallerPressed)
        self._floor.decided.clear()
        self._floor.phase = Phase.THINKING
        self._floor.pending = trigger if isinstance(trigger, Heard) else None
        self._turn = self._start_task(self._run(trigger))

    async def _run(self, trigger: Trigger) -> None:
        """One turn; the named last resort of a call: whatever breaks, the caller reaches a person."""
        try:
            await self._telling.phase(Phase.THINKING)
            await self._replying.take_turn(trigger)
        except LineClosed:
            return
        except Exception as error:
            self._floor.outcome = "fault"
            await self._replying.enter(Phase.LEAVING)
            self._replying.ask_nobody()
            await self._leaving.rescue(error, self._floor.state.language)
        finally:
            if self._turn is asyncio.current_task():
                self._turn = None
        if self._floor.held is not None and self._floor.phase is Phase.LISTENING:
            held, self._floor.held = self._floor.held, None
            self.start(held)

    async def take_floor(self) -> None:
        """The caller has the floor: stop talking and thinking, and remember what was not heard."""
        was_speaking = self._floor.phase is Phase.SPEAKING
        if not was_speaking and self._floor.phase is not Phase.THINKING:
            return
        turn, self._turn = self._turn, None
        if turn is not None and turn is not asyncio.current_task():
            turn.cancel()
            await asyncio.wait({turn})
        self._floor.phase = Phase.LISTENING
        self._floor.listening_since = self._ear.received_seconds
        if was_speaking:
            await self._replying.fall_silent()

    async def key_taken_in(self, patience_seconds: float) -> None:
        """Let the key before this one count: keys may come faster than the mind answers."""
        if self._turn is None or not self.pressed:
            return
        decided = self._start_task(_set(self._floor.decided))
        await asyncio.wait({self._turn, decided}, timeout=patience_seconds, return_when=asyncio.FIRST_COMPLETED)
        decided.cancel()

    def drop(self) -> None:
        """End the turn under way, without waiting for it."""
        if self._turn is not None and self._turn is not asyncio.current_task():
            self._turn.cancel()
        self._turn = None


async def _set(event: asyncio.Event) -> None:
    await event.wait()
