"""A caller asks to be called back, or leaves a message: checked, written down, and only then promised.

A callback makes a person ring a number that a machine was told. So the number must be one that may be rung, and how
often one can be left is limited: for each number, for each caller, and for all callers together who hide theirs. Text
messages go to the number that called, and never to another.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from dialog import Bot
from dialog.callback_rules import CALLBACK, CallbackRules
from telephony.call import Call, LineKind
from telephony.errors import TelephonyError
from telephony.quota import Quota
from telephony.traffic import is_in
from voicebot.callbacks.promises import FARTHEST, LATE_AFTER, deadline_of, hours_of, within
from voicebot.callbacks.words import company_zone, promise_text
from voicebot.identity.sms import takes_texts
from voicebot.records.callbacks import CallbackRow, callback
from voicebot.records.entries import CallbackAsked, id_of, new_id
from voicebot.records.errors import RecordsError
from voicebot.records.opening import Records

log = structlog.get_logger(__name__)

WRITE_SECONDS = 3.0
"""Beyond this the caller is not kept waiting for the database: it is told as not done, though it may be written yet."""

PER_NUMBER_DAY = 3
HIDDEN_PER_HOUR = 20
"""Callbacks for one number, and by one caller; and those of all callers together who hide their number."""

SETTLED: Final = ("done", "given_up")

_MOST_ABOUT = 2_000
_DAY, _HOUR = 86_400.0, 3_600.0
_E164: Final = re.compile(r"\+[1-9]\d{6,14}")
_NORWEGIAN: Final = re.compile(r"\+47[2-79]\d{7}")
"""Numbers of people and companies. Those that begin with 8, and short ones, cost whoever rings them."""


class NotPromised(Exception):
    """A callback was not taken. why: "records", "number", "limit", "time" or "off"; nothing of the caller's."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks.

    Args:
        conversation: its id in the records.
        line: the kind of line.
        number: that calls, E.164; None when withheld or when there is none.
        called: the number of ours that was called; "" when that is no number.
        deliver: sends the caller a text message; raises `TelephonyError`.
    """

    conversation: str
    line: LineKind
    number: str | None = field(repr=False)
    called: str
    deliver: Callable[[str], Awaitable[None]] = field(repr=False)


def asker(call: Call, conversation: str) -> Asker:
    """Whoever is on a line."""
    caller = call.caller
    called = caller.called if caller.called is not None and _E164.fullmatch(caller.called) else ""
    return Asker(conversation, caller.line, caller.number, called, call.send_text)


class Asking:
    """Takes callbacks and messages for one bot.

    Args:
        bot: its rules say what is promised.
        records: where they are written; None takes none.
        countries: what a number must begin with; empty is any.
        now: the time.
        clock: seconds, monotonic, for the limits.
        write_seconds: how long the database may take.
    """

    def __init__(
        self,
        bot: Bot,
        records: Records | None,
        countries: tuple[str, ...],
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
        write_seconds: float = WRITE_SECONDS,
    ) -> None:
        self._bot = bot
        self._records = records
        self._countries = countries
        self._now = now
        self._write_seconds = write_seconds
        self._numbers = Quota(PER_NUMBER_DAY, _DAY, clock)
        self._callers = Quota(PER_NUMBER_DAY, _DAY, clock)
        self._hidden = Quota(HIDDEN_PER_HOUR, _HOUR, clock)

    async def ask(self, arguments: Mapping[str, str], who: Asker) -> dict[str, str]:
        """Take a callback or a message; asked for again in the same conversation, it takes the place of the first.

        Args:
            arguments: of the act `ask_callback`.
            who: asks.
        Returns:
            "until" and "wanted": ISO minutes on the company's clock ("wanted" is "" without one); "sms": "yes" or "no".
        Raises:
            NotPromised: nothing was taken, or nobody can be sure of it.
        """
        rules, records = self._bot.callbacks, self._records
        if rules is None or records is None or arguments["kind"] not in rules.kinds:
            raise NotPromised("off")
        asked = self._checked(arguments, who, rules)
        before = await self._read(records, asked.callback)
        if before is not None and before.status in SETTLED:
            asked, before = replace(asked, callback=new_id()), None
        if before is None or before.number != asked.number:
            self._count(asked.number, who)
        if records.ledger.trouble is not None:
            raise NotPromised("records")
        records.ledger.note(asked)
        if not await records.ledger.flushed(self._write_seconds):
            raise NotPromised("records")
        row = await self._read(records, asked.callback)
        if row is None or row.deadline != asked.deadline:
            raise NotPromised("records")
        sent = rules.sms and (before is None or _promise(before) != _promise(row)) and await self._told(row, who)
        zone = company_zone(self._bot)
        return {
            "until": _clock(row.deadline.astimezone(zone)),
            "wanted": "" if row.wanted is None else _clock(row.wanted.astimezone(zone)),
            "sms": "yes" if sent else "no",
        }

    def _checked(self, arguments: Mapping[str, str], who: Asker, rules: CallbackRules) -> CallbackAsked:
        kind, number, language = arguments["kind"], arguments.get("number", ""), arguments.get("language", "")
        if number and not may_be_called(number, self._countries):
            raise NotPromised("number")
        if not number and kind == CALLBACK:
            raise NotPromised("number")
        now, department = self._now(), arguments["department"]
        hours = hours_of(self._bot, department)
        wanted = self._moment(arguments.get("wanted", ""))
        until = self._moment(arguments.get("until", ""))
        if wanted is not None:
            if wanted > now + FARTHEST:
                raise NotPromised("time")
            moved = within(hours, wanted)
            # A span that had to be moved is no longer one; and "now" is as soon as may be.
            until = until if moved == wanted and until is not None and until > moved else None
            wanted = moved if moved > now else None
        deadline = deadline_of(hours, now, rules.deadline_hours)
        if wanted is not None:
            deadline = wanted + LATE_AFTER if until is None else until
        return CallbackAsked(
            who.conversation,
            id_of(who.conversation, kind),
            number,
            arguments.get("about", "")[:_MOST_ABOUT],
            language or self._bot.languages[0],
            department,
            wanted,
            deadline.replace(microsecond=0),
            now,
            kind,
            until,
            own=bool(number) and number == who.number,
            called=who.called,
        )

    def _moment(self, text: str) -> datetime | None:
        """A time as the dialog has it: on the company's clock unless it says otherwise."""
        if not text:
            return None
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise NotPromised("time") from None
        return at if at.tzinfo is not None else at.replace(tzinfo=company_zone(self._bot))

    def _count(self, number: str, who: Asker) -> None:
        """Raises NotPromised when it is one too many; then nothing is counted."""
        asking = self._hidden if who.number is None else self._callers
        name = who.number or ""
        if not (asking.has_room(name) and (not number or self._numbers.has_room(number))):
            log.warning("a callback was not taken: a limit is reached", hidden=who.number is None)
            raise NotPromised("limit")
        asking.take(name)
        if number:
            self._numbers.take(number)

    async def _read(self, records: Records, callback_id: str) -> CallbackRow | None:
        def read() -> CallbackRow | None:
            with records.database.reading() as connection:
                return callback(connection, records.vault, callback_id)

        try:
            async with asyncio.timeout(self._write_seconds):
                return await asyncio.to_thread(read)
        except (TimeoutError, SQLAlchemyError, RecordsError) as error:
            log.error("a callback could not be taken", error=type(error).__name__)
            raise NotPromised("records") from error

    async def _told(self, row: CallbackRow, who: Asker) -> bool:
        """Tell the caller by text message what was promised; whether it was sent."""
        if not row.own or who.line is not LineKind.TWILIO or not takes_texts(row.number):
            return False
        try:
            await who.deliver(promise_text(self._bot, row))
        except TelephonyError as error:
            log.warning("no text message was sent about a callback", error=type(error).__name__)
            return False
        return True


def may_be_called(number: str, countries: tuple[str, ...]) -> bool:
    """Whether somebody may be sent to ring this number: where it costs no more than any other, as far as we can tell.

    Args:
        number: as it was told.
        countries: what it must begin with; empty is any.
    """
    if not _E164.fullmatch(number) or not is_in(number, countries):
        return False
    return not number.startswith("+47") or _NORWEGIAN.fullmatch(number) is not None


def _promise(row: CallbackRow) -> tuple[datetime | None, timedelta]:
    """What a text message says of it, to the hour: asking twice is worth a second message only when that changed."""
    return row.wanted, timedelta(hours=row.deadline.timestamp() // _HOUR)


def _clock(at: datetime) -> str:
    return at.replace(tzinfo=None).isoformat(timespec="minutes")
