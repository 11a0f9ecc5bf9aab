"""Agents call customers back from the console: one callback, one agent, one call at a time, and what came of it."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, TypeAlias

import structlog
from sqlalchemy.exc import SQLAlchemyError

from dialog import Bot
from telephony.errors import CarrierRefused, TelephonyError
from telephony.twilio.callback_request import CallbackNews, CallbackRequest, NoCallback, Recall, Tell
from telephony.twilio.callback_state import Outcome
from voicebot.agents.board import Board
from voicebot.agents.live_call import SignedAgent
from voicebot.callbacks.promises import hours_of, next_try
from voicebot.callbacks.words import call_words, missed_text
from voicebot.identity.sms import takes_texts
from voicebot.records.callbacks import CallbackRow, callback, release, settle, take, tried
from voicebot.records.errors import RecordsError
from voicebot.records.opening import Records

log = structlog.get_logger(__name__)

WhyNot: TypeAlias = Literal["", "gone", "taken", "no_phone", "no_line", "no_sender", "no_number", "busy", "closed"]

NOT_REACHED = frozenset({Outcome.VOICEMAIL, Outcome.BUSY, Outcome.NO_ANSWER, Outcome.FAILED})
"""The customer's phone rang, and nobody talked: it is tried again."""

GAVE_UP = "not_reached"


class CallingLine(Protocol):
    """`telephony.twilio.TwilioLine`, as far as callbacks need it."""

    def place_callback(self, request: CallbackRequest) -> None:
        """Ring an agent, and after them the customer; raises `CarrierRefused`."""
        ...

    def report_callbacks(self, tell: Tell, recall: Recall) -> None:
        """Who is told how such calls go."""
        ...

    async def send_text(self, number: str, sender: str, text: str) -> None:
        """Send a text message; raises `CarrierRefused`."""
        ...


@dataclass(frozen=True, slots=True)
class Placed:
    """What came of wanting to call a customer.

    Args:
        done: the agent's phone rings.
        why: why not: "gone" (settled, or erased), "taken" (another agent has it), "no_phone" (the account has no
            telephone in bot.yaml), "no_line" (no carrier is connected), "no_sender" (no number of ours is known to
            call from), "no_number" (a message was left without one), "busy" (the agent has a call), "closed" (the
            carrier or the limits do not allow it now).
        by: who has it.
    """

    done: bool
    why: WhyNot = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class _Underway:
    """A call that an agent makes. place: what the board keeps the agent for: the conversation, where it is kept."""

    person: str
    place: str
    conversation: str | None


class Placing:
    """Has the line call customers, and writes down what came of it.

    Args:
        bot: its departments' hours say when it is tried again.
        records: where callbacks are.
        line: calls.
        sender: a number of ours to call from when it is not known which one the customer had called; None without.
        board: knows who is busy.
        now: the time.
    """

    def __init__(
        self,
        bot: Bot,
        records: Records,
        line: CallingLine,
        sender: str | None,
        board: Board,
        now: Callable[[], datetime],
    ) -> None:
        self._bot = bot
        self._records = records
        self._line = line
        self._sender = sender
        self._board = board
        self._now = now
        self._underway: dict[str, _Underway] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        line.report_callbacks(self.told, self.recall)

    @property
    def underway(self) -> frozenset[str]:
        """Ids of callbacks that are being called now."""
        return frozenset(self._underway)

    async def place(self, callback_id: str, agent: SignedAgent) -> Placed:
        """Ring the agent's phone, and after them the customer's.

        Raises:
            SQLAlchemyError, RecordsError: the records are away.
        """
        if agent.callee is None:
            return Placed(False, "no_phone")
        row = await asyncio.to_thread(self._take, callback_id, agent.person)
        if isinstance(row, Placed):
            return row
        sender = row.called or self._sender
        if not row.number or sender is None:
            return Placed(False, "no_number" if sender is not None else "no_sender")
        place = row.conversation or row.id
        if callback_id in self._underway or not self._board.statuses.engage(agent.person, place, "call"):
            return Placed(False, "busy")
        request = self._request(row, agent.callee.number, sender)
        self._underway[callback_id] = _Underway(agent.person, place, row.conversation)
        try:
            self._line.place_callback(request)
        except CarrierRefused as refused:
            log.warning("a customer was not called back", reason=str(refused))
            self._underway.pop(callback_id)
            self._board.statuses.release(agent.person, place)
            return Placed(False, "closed")
        self._board.told("callbacks")
        return Placed(True)

    async def recall(self, callback_id: str, attempt: int) -> CallbackRequest:
        """What a call is about that an earlier process of ours began; raises `NoCallback`."""
        try:
            row = await asyncio.to_thread(self._read, callback_id)
        except (SQLAlchemyError, RecordsError) as error:
            log.error("a callback could not be recalled", error=type(error).__name__)
            raise NoCallback from error
        sender = None if row is None else row.called or self._sender
        if row is None or row.status != "taken" or attempt != row.tries + 1 or not row.number or sender is None:
            raise NoCallback
        place = row.conversation or row.id
        self._underway[callback_id] = _Underway(row.taken_by, place, row.conversation)
        self._board.statuses.engage(row.taken_by, place, "call")
        return self._request(row, "", sender)

    def told(self, news: CallbackNews) -> None:
        """The line says how a call goes."""
        if news.outcome is not None:
            self._start(self._ended(news.callback, news.outcome))
        self._board.told("callbacks")

    async def settled(self) -> None:
        """Wait until what has come of calls so far is written."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _take(self, callback_id: str, person: str) -> CallbackRow | Placed:
        with self._records.database.writing() as connection:
            taken = take(connection, callback_id, person, self._now())
            row = callback(connection, self._records.vault, callback_id)
        if row is None or (not taken and row.status != "taken"):
            return Placed(False, "gone")
        return row if taken else Placed(False, "taken", row.taken_by)

    def _read(self, callback_id: str) -> CallbackRow | None:
        with self._records.database.reading() as connection:
            return callback(connection, self._records.vault, callback_id)

    def _request(self, row: CallbackRow, agent: str, sender: str) -> CallbackRequest:
        words = call_words(self._bot, row)
        return CallbackRequest(
            row.id,
            row.tries + 1,
            agent,
            row.number,
            sender,
            words.whisper,
            words.brief,
            words.no_brief,
            words.missed,
            words.how_it_went,
            words.sorry,
        )

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ended(self, callback_id: str, outcome: Outcome) -> None:
        underway = self._underway.pop(callback_id, None)
        if underway is None:
            return
        log.info("a callback was tried", outcome=str(outcome))
        self._free(underway, outcome)
        try:
            given_up = await asyncio.to_thread(self._written, callback_id, underway.person, outcome)
        except (SQLAlchemyError, RecordsError) as error:
            # It stays with the agent, who sees it in the list, and after two hours it is everybody's again.
            log.error("what came of a callback could not be written", error=type(error).__name__)
            return
        if given_up is not None:
            await self._tell_missed(given_up)
        self._board.told("callbacks")

    def _free(self, underway: _Underway, outcome: Outcome) -> None:
        if outcome in (Outcome.TALKED, Outcome.SHORT) and underway.conversation is not None:
            self._board.calls.wrap_ups.begin(underway.person, underway.conversation)
        else:
            self._board.statuses.release(underway.person, underway.place)

    def _written(self, callback_id: str, person: str, outcome: Outcome) -> CallbackRow | None:
        """The callback, when it has just been given up."""
        now, vault = self._now(), self._records.vault
        with self._records.database.writing() as connection:
            row = callback(connection, vault, callback_id)
            if row is None:
                return None
            if outcome is Outcome.TALKED:
                settle(connection, vault, callback_id, person, str(outcome), now)
            elif outcome in NOT_REACHED:
                again = next_try(hours_of(self._bot, row.department), row.tries + 1, now)
                tried(connection, callback_id, now, again)
                if again is None and settle(connection, vault, callback_id, person, GAVE_UP, now):
                    return row
            elif outcome is not Outcome.SHORT:  # whether that was a talk, only the agent knows: it stays theirs
                release(connection, callback_id, person)
        return None

    async def _tell_missed(self, row: CallbackRow) -> None:
        sender = row.called or self._sender
        rules = self._bot.callbacks
        if rules is None or not rules.sms or not row.own or sender is None or not takes_texts(row.number):
            return
        try:
            await self._line.send_text(row.number, sender, missed_text(self._bot, row))
        except TelephonyError as error:
            log.warning("no text message was sent about a callback", error=type(error).__name__)
