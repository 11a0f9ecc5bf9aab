"""What people do while a caller is on the line: at their phones, as the line tells, and at the console."""

from collections.abc import Callable
from typing import assert_never

from dialog.events import AgentTyped, PersonDone, TransferFailed
from telephony.call import Caller, NobodyCame, PersonGone, PersonReady, PersonRings, PersonTook, TransferNews
from voicebot.at_console import Arrives, AtConsole, Leaves, Order
from voicebot.floor import Floor, Phase
from voicebot.handing_over import STAYED, TAKEN_OVER, HandingOver
from voicebot.in_writing import GONE, InWriting
from voicebot.replying import Replying
from voicebot.turns import Turns


class PeopleNews:
    """Lets one conversation follow what people do.

    Args:
        caller: who is on the line.
        floor: what stands in the call.
        handing_over: the caller's way to a person.
        at_console: what agents at the console want.
        in_writing: the written part.
        replying: says what the bot does.
        turns: begins the bot's turns.
    """

    def __init__(
        self,
        caller: Caller,
        floor: Floor,
        handing_over: HandingOver,
        at_console: AtConsole,
        in_writing: InWriting,
        replying: Replying,
        turns: Turns,
    ) -> None:
        self._caller = caller
        self._floor = floor
        self._handing_over = handing_over
        self._at_console = at_console
        self._in_writing = in_writing
        self._replying = replying
        self._turns = turns

    async def told(self, news: TransferNews) -> None:
        """Somebody's phone rings, somebody has taken the call, or waits for the caller, or nobody will."""
        if self._over:
            return
        if self._caller.resumed is not None and not isinstance(news, NobodyCame | PersonGone):
            rung_for = news.department if isinstance(news, PersonRings) else ""
            self._handing_over.take_up(self._floor.state.ringing or rung_for)
        match news:
            case PersonRings():
                self._handing_over.rings(news)
            case PersonGone():
                self._handing_over.gone(news)
            case PersonTook(person) if self._handing_over.person is not None:
                self._handing_over.took(person)
                await self._interrupt_for(news)
            case PersonReady() if self._handing_over.telling:
                self._handing_over.waits = True
            case PersonReady() if self._handing_over.person is not None:
                await self._interrupt_for(news)
            case NobodyCame(outcome):
                await self._nobody_came(outcome)
            case PersonTook() | PersonReady():
                pass
            case _:
                assert_never(news)

    async def _nobody_came(self, outcome: str) -> None:
        if outcome == STAYED:
            return
        silent, person = not self._handing_over.told, self._handing_over.person
        if person is None or (silent and person.reason == TAKEN_OVER):
            self._handing_over.nobody(outcome)
            return
        # The floor first: as long as somebody is asked for, a hand-off that is cut off here is not one taken back.
        await self._turns.take_floor()
        self._handing_over.nobody(outcome)
        self._floor.interrupted = None
        self._turns.start(TransferFailed(person.department, outcome))

    async def _interrupt_for(self, trigger: PersonTook | PersonReady) -> None:
        await self._turns.take_floor()
        self._floor.interrupted = None
        self._turns.start(trigger)

    async def between_frames(self, idle: Callable[[], bool]) -> None:
        """Take up what people at the console want, and what has taken too long.

        Args:
            idle: whether nobody is saying anything: then a note is passed on.
        """
        if self._over:
            return
        lost = self._handing_over.lost_patience()
        if lost is not None:
            self._at_console.tell(lost)
        if self._in_writing.left_alone():
            self._at_console.orders.append(Leaves(GONE))
        while self._at_console.orders:
            await self._follow(self._at_console.orders.popleft())
        if self._at_console.notes and idle():
            self._turns.start(self._at_console.notes.popleft())

    async def _follow(self, order: Order) -> None:
        match order:
            case Arrives(agent):
                await self._turns.take_floor()
                met = self._handing_over.met()
                if met is None:
                    self._handing_over.nobody(STAYED)
                    return
                self._turns.drop()
                self._floor.interrupted = None
                await self._replying.enter(Phase.WITH_PERSON)
                await self._in_writing.begin(agent, *met)
            case AgentTyped(text):
                await self._in_writing.agent_wrote(text)
            case Leaves(outcome):
                if self._in_writing.agent is not None:
                    await self._in_writing.end()
                    self._turns.start(PersonDone(self._in_writing.department, outcome))
            case NobodyCame(outcome):
                await self._nobody_came(outcome)
            case _:
                assert_never(order)

    @property
    def _over(self) -> bool:
        return self._floor.phase in (Phase.LEAVING, Phase.ENDED)
