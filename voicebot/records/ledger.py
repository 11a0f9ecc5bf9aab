"""Everything that happens on calls is written down here, one thread behind them: no call ever waits for a database."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from dialog.bot import Bot
from voicebot.records.agents import saved_transfers, statuses
from voicebot.records.backlog import Backlog, Waiting
from voicebot.records.database import Database
from voicebot.records.entries import Entry, Recalled
from voicebot.records.errors import RecordsError
from voicebot.records.leftovers import TRANSFER_FOR, open_calls, recalled, tidy
from voicebot.records.preparing import Preparation
from voicebot.records.rows import Gone
from voicebot.records.troubles import heals, told
from voicebot.records.vault import Vault
from voicebot.records.writing import write

logger = logging.getLogger(__name__)

MOST_WAITING = 10_000
"""Entries kept while the database is gone: about an hour of a full house (docs/006-records.md)."""

BATCH = 200
"""Entries of one transaction: it stays short, so that another process gets its turn to write."""

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
"""Between tries while the database cannot be written: the pause doubles."""

SLOW_SECONDS = 10.0
"""From here on it is told that entries wait, though none has failed."""

TIDY_EVERY = timedelta(minutes=1)

RECALL_SECONDS = 2.0
"""A caller who has come back waits no longer than this for what the database knows of the call."""

CLOSE_SECONDS = 10.0

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Tally:
    """Entries that were not written, beside those that were let go because too many waited.

    Args:
        broken: by a fault of our own; each is logged by its kind.
        gone: what they belonged to had been erased meanwhile, as was meant.
    """

    broken: int = 0
    gone: int = 0


class Ledger:
    """Writes entries in the order they were noted, and tries again until they are written. Begins with `start`.

    Args:
        database: where to.
        vault: seals what is personal.
        bot: who answers.
        make_ready: brings the store up to date; called on the ledger's thread until it has succeeded once.
        now: the time; for tests.
        most_waiting: entries that may wait.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        bot: Bot,
        make_ready: Callable[[], None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self.tally = Tally()
        self._database = database
        self._vault = vault
        self._keep = bot.records.keep
        self._preparation = Preparation(bot)
        self._make_ready = make_ready
        self._now = now
        self._backlog = Backlog(most_waiting)
        self._give_up_at: float | None = None
        self._trouble: str | None = None
        self._ready = False
        self._tidied: datetime | None = None
        self._thread = Thread(target=self._run, name="ledger", daemon=True)
        self._asking = ThreadPoolExecutor(1, thread_name_prefix="ledger-recall")

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def note(self, entry: Entry) -> None:
        """Have an entry written soon. Microseconds on the event loop; never waits for the database, never raises."""
        self._backlog.add(entry)

    @property
    def waiting(self) -> int:
        """Entries not written yet."""
        return len(self._backlog)

    @property
    def lost(self) -> int:
        """Entries let go because too many waited, or set aside because they could not be written at all."""
        return self._backlog.lost + self.tally.broken

    @property
    def trouble(self) -> str | None:
        """What keeps entries from being written, and the cure, for the operator; None while all is well."""
        waited = self._backlog.oldest_seconds
        if self._trouble is None and waited < SLOW_SECONDS:
            return None
        what = self._trouble or f"the database is slow, {waited:.0f} s behind -> see what else it or its disk is doing"
        lost = f", {self._backlog.lost} had to be let go" if self._backlog.lost else ""
        return f"{what}; {self.waiting} entries wait{lost}"

    async def flushed(self, seconds: float) -> bool:
        """Wait until everything noted so far is written or given up; False when that took longer."""
        return await self._backlog.emptied(seconds)

    async def recall(self, call_id: str) -> Recalled | None:
        """The conversation that a call which has come back goes on with; None when there is none or nobody knows."""
        return await self._ask(lambda connection: recalled(connection, self._vault, call_id, self._now()), None)

    async def open_calls(self) -> frozenset[str]:
        """The carrier's ids of calls that may come back."""
        return await self._ask(lambda connection: open_calls(connection, self._now()), frozenset())

    async def saved_transfers(self) -> Sequence[tuple[str, str]]:
        """Transfers under way when an earlier process ended: their ids, and what was saved of them last."""

        def saved(connection: Connection) -> Sequence[tuple[str, str]]:
            return saved_transfers(connection, self._vault, self._now() - TRANSFER_FOR)

        return await self._ask(saved, ())

    async def statuses(self) -> dict[str, tuple[str, datetime]]:
        """What people have said of whether they can take callers, and when; by person."""
        nobody: dict[str, tuple[str, datetime]] = {}
        return await self._ask(statuses, nobody)

    async def close(self) -> None:
        """Write what waits, for at most `CLOSE_SECONDS`, and stop."""
        self._give_up_at = time.monotonic() + CLOSE_SECONDS
        self._backlog.close()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join, CLOSE_SECONDS)
        self._asking.shutdown(wait=False, cancel_futures=True)
        if self.waiting:
            logger.error("%d entries of the records could not be written before the end", self.waiting)

    async def _ask(self, question: Callable[[Connection], Answer], otherwise: Answer) -> Answer:
        try:
            async with asyncio.timeout(RECALL_SECONDS):
                await self.flushed(RECALL_SECONDS / 2)
                return await asyncio.get_running_loop().run_in_executor(self._asking, self._answer, question)
        except (TimeoutError, SQLAlchemyError, RecordsError) as error:
            logger.warning("the records could not say which calls go on (%s)", type(error).__name__)
            return otherwise

    def _answer(self, question: Callable[[Connection], Answer]) -> Answer:
        with self._database.reading() as connection:
            return question(connection)

    def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while self._backlog.wait(TIDY_EVERY.total_seconds()):
            try:
                self._work()
            except Exception as error:
                # Whatever it is, calls go on and this thread lives: the operator is told, and it is tried again.
                self._in_trouble(error)
                if self._give_up_at is not None and time.monotonic() >= self._give_up_at:
                    return
                self._rest(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            else:
                pause = FIRST_PAUSE_SECONDS
                self._out_of_trouble()

    def _rest(self, pause: float) -> None:
        if self._give_up_at is None:
            self._backlog.rest(pause)
        else:
            time.sleep(FIRST_PAUSE_SECONDS)  # on the ledger's own thread, for the last seconds of a process

    def _work(self) -> None:
        if not self._ready:
            self._make_ready()
            self._ready = True
        now = self._now()
        if self._tidied is None or now - self._tidied >= TIDY_EVERY:
            with self._database.writing() as connection:
                tidy(connection, now)
            self._tidied = now
        try:
            if batch := self._backlog.take(BATCH):
                self._write_some(batch)
        finally:
            self._backlog.put_back()

    def _write_some(self, batch: Sequence[Waiting]) -> None:
        for waiting in batch:
            self._prepare(waiting)
        try:
            self._write(batch)
        except Exception as error:
            if heals(error):
                raise
            self._write_one_by_one(batch)
        else:
            self._backlog.done(len(batch))

    def _prepare(self, waiting: Waiting) -> None:
        if waiting.prepared is not None:
            return
        try:
            prepared = self._preparation.of(waiting.entry)
            waiting.prepared = () if prepared is None else (prepared,)
        except Exception as error:
            waiting.prepared = ()
            self._set_aside(waiting, error)

    def _write(self, batch: Sequence[Waiting]) -> None:
        gone = 0
        with self._database.writing() as connection:
            for waiting in batch:
                for prepared in waiting.prepared or ():
                    try:
                        write(connection, self._vault, self._keep, prepared)
                    except Gone:
                        gone += 1
        self.tally.gone += gone

    def _write_one_by_one(self, batch: Sequence[Waiting]) -> None:
        """One of them cannot be written: find it, set it aside, and write the others."""
        for waiting in batch:
            try:
                self._write([waiting])
            except Exception as error:
                if heals(error):
                    raise
                self._set_aside(waiting, error)
            self._backlog.done(1)

    def _set_aside(self, waiting: Waiting, error: Exception) -> None:
        self.tally.broken += 1
        # Not the error's message: it may hold what was to be written.
        kind, fault = type(waiting.entry).__name__, type(error).__name__
        logger.error("an entry of kind %s could not be written (%s)", kind, fault)

    def _in_trouble(self, error: Exception) -> None:
        trouble = told(error, self._database)
        if trouble != self._trouble:
            logger.error("records cannot be written: %s", trouble)
        self._trouble = trouble

    def _out_of_trouble(self) -> None:
        if self._trouble is not None:
            logger.info("records are written again; %d entries had to be let go", self._backlog.lost)
        self._trouble = None
