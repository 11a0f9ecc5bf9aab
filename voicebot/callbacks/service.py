"""Everything about callbacks in one process: taken from callers, shown to agents, placed, and looked after."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from dialog import Bot
from voicebot.agents.board import Board
from voicebot.agents.live_call import SignedAgent
from voicebot.agents.status import Status
from voicebot.callbacks.asking import Asker, Asking
from voicebot.callbacks.placing import CallingLine, Placed, Placing
from voicebot.records.callbacks import CallbackRow, open_callbacks, release
from voicebot.records.opening import Records

log = structlog.get_logger(__name__)

LOOK_SECONDS = 30.0
"""Between two looks at what has become due."""

MANY_OVERDUE = 3
LONG_OVERDUE = timedelta(hours=4)
"""From either on the operator is told: one that is a little late is the agents' to see."""

MOST = 500


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Due:
    """Callbacks and messages that wait.

    Args:
        overdue: past their deadline, the oldest first.
        now: can be done now, by deadline.
        later: wanted, or to be tried again, at a later time.
    """

    overdue: tuple[CallbackRow, ...]
    now: tuple[CallbackRow, ...]
    later: tuple[CallbackRow, ...]

    def __iter__(self) -> Iterator[CallbackRow]:
        """All of them, the most urgent first."""
        return iter((*self.overdue, *self.now, *self.later))

    def __len__(self) -> int:
        """How many there are."""
        return len(self.overdue) + len(self.now) + len(self.later)


class Callbacks:
    """The callbacks of one bot.

    Args:
        bot: its rules, departments and texts.
        records: where they are; None takes none.
        board: told when something changes, and knows who is busy.
        countries: what a number must begin with to be rung; empty is any.
        now: the time.
        clock: seconds, monotonic, for the limits.
    """

    def __init__(
        self,
        bot: Bot,
        records: Records | None,
        board: Board,
        countries: tuple[str, ...] = (),
        now: Callable[[], datetime] = _now,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._records = records
        self._board = board
        self._now = now
        self._asking = Asking(bot, records, countries, now, clock)
        self._bot = bot
        self._placing: Placing | None = None
        self._seen: tuple[int, int] = (0, 0)
        self.open = 0
        self.overdue = 0
        self._late = timedelta()

    async def ask(self, arguments: Mapping[str, str], who: Asker) -> dict[str, str]:
        """Take a callback or a message; see `Asking.ask`. Raises `NotPromised`."""
        told = await self._asking.ask(arguments, who)
        self._board.told("callbacks")
        return told

    def connect(self, line: CallingLine, sender: str | None) -> None:
        """Let agents call from the console; without it they read, and call by themselves.

        Args:
            line: places the calls.
            sender: a number of ours to call from when it is not known which one the customer had called.
        """
        if self._records is not None:
            self._placing = Placing(self._bot, self._records, line, sender, self._board, self._now)

    async def place(self, callback_id: str, agent: SignedAgent) -> Placed:
        """Ring the agent, and after them the customer; what comes of it is written down by itself.

        Raises:
            SQLAlchemyError, RecordsError: the records are away.
        """
        if self._placing is None:
            return Placed(False, "no_line")
        return await self._placing.place(callback_id, agent)

    @property
    def can_place(self) -> bool:
        """Whether customers can be called from the console."""
        return self._placing is not None

    @property
    def underway(self) -> frozenset[str]:
        """Ids of callbacks that are being called now."""
        return frozenset() if self._placing is None else self._placing.underway

    async def due(self, now: datetime) -> Due:
        """What waits; those that somebody has taken are among them.

        Raises:
            SQLAlchemyError, RecordsError: the records are away.
        """
        records = self._records
        if records is None:
            return Due((), (), ())

        def read() -> list[CallbackRow]:
            with records.database.reading() as connection:
                return open_callbacks(connection, records.vault, now, MOST)

        return sort_out(await asyncio.to_thread(read), now)

    @property
    def trouble(self) -> str | None:
        """What the operator should know: promises that are not kept."""
        if self.overdue < MANY_OVERDUE and self._late < LONG_OVERDUE:
            return None
        hours = int(self._late.total_seconds() // 3600)
        return (
            f"{self.overdue} callers wait for a callback or an answer that is overdue, one of them by {hours} h "
            "-> see who answers: /agent/callbacks, or voicebot callbacks"
        )

    async def run(self) -> None:
        """Look after them until cancelled: what becomes due is shown, what is overdue is counted and told."""
        while True:
            try:
                await self.look()
            except Exception as error:  # whatever it is, the house lives on and looks again
                log.error("callbacks could not be looked at", error=type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """One look."""
        now, before = self._now(), self.trouble
        due = await self.due(now)
        await self._take_from_those_who_left(due)
        self.open, self.overdue = len(due), len(due.overdue)
        self._late = now - due.overdue[0].deadline if due.overdue else timedelta()
        seen = (len(due.overdue), len(due.now))
        if seen != self._seen:
            self._seen = seen
            self._board.told("callbacks")
        if self.trouble is not None and before is None:
            log.error("callbacks are overdue", open=self.open, overdue=self.overdue)

    async def _take_from_those_who_left(self, due: Due) -> None:
        """What somebody has taken who is away now is everybody's again."""
        records = self._records
        left = [
            row
            for row in due
            if row.status == "taken"
            and row.id not in self.underway
            and self._board.statuses.of(row.taken_by).status is Status.AWAY
        ]
        if records is None or not left:
            return

        def release_all() -> None:
            with records.database.writing() as connection:
                for row in left:
                    release(connection, row.id, row.taken_by)

        await asyncio.to_thread(release_all)
        self._board.told("callbacks")

    async def settled(self) -> None:
        """Wait until what has come of calls so far is written."""
        if self._placing is not None:
            await self._placing.settled()


def sort_out(rows: list[CallbackRow], now: datetime) -> Due:
    """What waits, by how urgent it is.

    Args:
        rows: open ones, by deadline within what can be done now and what cannot.
        now: timezone-aware.
    """
    overdue = sorted((row for row in rows if row.deadline < now), key=lambda row: (row.deadline, row.id))
    waiting = [row for row in rows if row.deadline >= now]
    later = [row for row in waiting if (row.next_at or row.wanted or now) > now]
    return Due(tuple(overdue), tuple(row for row in waiting if row not in later), tuple(later))
