"""When a caller wants to be called back: "i morgen etter to", "as soon as possible", "у понеділок зранку"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dialog.hours import Hours
from dialog.slots.date_times import DateTimeSlot
from dialog.slots.dates import MOST_ALTERNATIVES, DateSlot, date_of, span_of
from dialog.slots.day_limits import DayLimits
from dialog.slots.slot_type import Parsed, SlotContext
from dialog.slots.time_ranges import BETWEEN, TimeRangeSlot
from dialog.text import plain

SOON = "soon"
NEAREST = "nearest"
"""Third part of a value that was moved inside the hours: the caller is asked whether it suits them."""

FURTHEST_DAYS = 31
"""As far as opening hours are looked through; nobody is promised a call later than that."""

LEAST = timedelta(minutes=15)
"""Of a stretch, what must be left before closing: "this afternoon" two minutes to four is a promise nobody can keep."""

_SOON = re.compile(
    r"\b(?:så (?:fort|snart|raskt|tidlig|tidleg) (?:som )?(?:mulig|mogleg|råd|dere kan|de kan|det går|du kan)|snarest|"
    r"fortest mulig|med en gang|med ein gong|med det samme|straks|når som helst|kor tid som helst|"
    r"(?:spiller|speler|spelar) (?:ingen|inga) rolle|når det passer|"
    r"når det passar|når dere (?:kan|har tid)|når de (?:kan|har tid)|"
    r"(?:as soon as (?:possible|you can)|asap|right away|straight away|any ?time|whenever|immediately)|"
    r"якнайшвидше|якомога швидше|будь[- ]коли|коли завгодно|одразу|негайно|відразу)\b"
)
_SPOKEN = {
    SOON: {"nb": "så fort som mulig", "nn": "så fort som råd", "en": "as soon as possible", "uk": "якнайшвидше"},
    "between": {"nb": "mellom", "nn": "mellom", "en": "between", "uk": "з"},
    "at": {"nb": "klokka", "nn": "klokka", "en": "at", "uk": "о"},
    "and": {"nb": "og", "nn": "og", "en": "and", "uk": "до"},
}
_LIMITS = DayLimits(past=False)


@dataclass(frozen=True, slots=True)
class CallbackTime:
    """A moment, or a stretch of time, inside the hours of who will call.

    Canonical: "soon", "2026-11-26T14:00", "2026-11-26T14:00/2026-11-26T16:00"; the last with "/nearest" behind it when
    the caller named a time outside the hours.
    """

    kind: str = "callback_time"

    def parse(self, said: str, context: SlotContext) -> Parsed:
        soon = _SOON.search(plain(said))
        if not context.expected and soon is None:
            # A day is unmistakable, and then "after two" beside it is a time of that day.
            return self._read(said, replace(context, expected=True), None) if _names_a_day(said, context) else Parsed()
        return self._read(said, context, soon)

    def _read(self, said: str, context: SlotContext, soon: re.Match[str] | None) -> Parsed:
        window = TimeRangeSlot(_LIMITS).parse(said, context)
        if window.value:
            first, _, last = window.value.partition("/")
            return self._fitted(_moment(first), _moment(last), window, context)
        exact = DateTimeSlot(_LIMITS).parse(said, context)
        moments = (exact.value,) if exact.value else exact.alternatives
        if moments:
            return self._one_of(moments, exact, context)
        if soon is not None:
            return Parsed(SOON, words=soon[0])
        fault = window.fault or exact.fault
        if fault:
            return Parsed(fault=fault, words=window.words or exact.words)
        return self._day(said, context)

    def _one_of(self, moments: tuple[str, ...], found: Parsed, context: SlotContext) -> Parsed:
        fit = [moment for moment in moments if _is_open(context.hours, _moment(moment))]
        if len(fit) == 1:
            return Parsed(fit[0], words=found.words)
        if len(fit) > 1 and context.expected:
            return Parsed(alternatives=tuple(fit[:MOST_ALTERNATIVES]), words=found.words)
        return self._fitted(_moment(moments[0]), _moment(moments[0]), found, context) if not fit else Parsed()

    def _day(self, said: str, context: SlotContext) -> Parsed:
        """A day or a week without a clock time: all of it in which somebody is there."""
        day = DateSlot(_LIMITS).parse(said, context)
        if day.fault:
            return Parsed(fault=day.fault, words=day.words)
        first, last = date_of(day.value), date_of(day.value)
        span = span_of(day.partial)
        if span is not None:
            first, last = span.first, span.last
        if first is None or last is None:
            return Parsed()
        begin, end = datetime.combine(first, time()), datetime.combine(last + timedelta(days=1), time())
        return self._fitted(begin, end, day, context)

    def _fitted(self, first: datetime, last: datetime, found: Parsed, context: SlotContext) -> Parsed:
        """What of a stretch is to come and inside the hours; the nearest hours after its beginning when nothing is."""
        now = _local(context.now, context.hours)
        if last < now or first > now + timedelta(days=FURTHEST_DAYS):
            return Parsed(fault="past" if last < now else "range", words=found.words)
        asked, first = first, max(first, now)
        if context.hours is None:
            return Parsed(_text(first, last), words=found.words)
        inside = [
            (max(begin, first), min(end, last))
            for begin, end in context.hours.spans(first.date() - timedelta(days=1), last.date())
            if min(end, last) - max(begin, first) >= min(LEAST, last - asked) and begin < last and end > first
        ]
        if inside:
            return Parsed(_text(inside[0][0], inside[-1][1]), words=found.words)
        after = context.hours.spans(first.date(), first.date() + timedelta(days=FURTHEST_DAYS))
        nearest = next(((begin, end) for begin, end in after if begin >= first), None)
        if nearest is None:
            return Parsed(fault="closed", words=found.words)
        if not context.expected:
            return Parsed()
        return Parsed(f"{_text(*nearest)}/{NEAREST}", words=found.words, sure=False)

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """No keys: a day and a clock time in figures are more than callers put up with."""
        return Parsed()

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """Another time; a clock time alone keeps the day, and "as soon as possible" is one, too."""
        day = value.partition("T")[0]
        found = self.parse(said, replace(context, partial=day)) if date_of(day) else Parsed()
        found = found if found.value else self.parse(said, replace(context, partial=""))
        return Parsed() if found.value == value else found

    def listen(self, partial: str) -> tuple[str, int | None]:
        return "date", None

    def read_back(self, value: str, language: str) -> str:
        if value == SOON:
            return _SPOKEN[SOON].get(language, SOON)
        first, last = first_and_last(value)
        day, _, begin = first.partition("T")
        until, _, end = last.partition("T")
        if not last:
            return f"{{{day}|day}} {_SPOKEN['at'].get(language, '')} {{{begin}|time}}"
        if day != until:
            return f"{{{day}|day}} {BETWEEN.get(language, 'til')} {{{until}|day}}"
        between, both = (_SPOKEN[word].get(language, "") for word in ("between", "and"))
        return f"{{{day}|day}} {between} {{{begin}|time}} {both} {{{end}|time}}"


def first_and_last(value: str) -> tuple[str, str]:
    """The moments a canonical value begins and ends with, local and to the minute; "" for one that it does not have."""
    if value in ("", SOON):
        return "", ""
    parts = value.split("/")
    return parts[0], parts[1] if len(parts) > 1 else ""


def was_moved(value: str) -> bool:
    """True when the caller had named a time at which nobody is there."""
    return value.endswith(f"/{NEAREST}")


def _text(first: datetime, last: datetime) -> str:
    return f"{first:%Y-%m-%dT%H:%M}" + (f"/{last:%Y-%m-%dT%H:%M}" if last > first else "")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _local(now: datetime, hours: Hours | None) -> datetime:
    """The clock on the wall of the house, to the minute."""
    local = now if hours is None else now.astimezone(ZoneInfo(hours.timezone))
    return local.replace(tzinfo=None, second=0, microsecond=0)


def _names_a_day(said: str, context: SlotContext) -> bool:
    day = DateSlot(_LIMITS).parse(said, context)
    return bool(day.value or day.alternatives)


def _is_open(hours: Hours | None, moment: datetime) -> bool:
    return hours is None or hours.is_open(moment.replace(tzinfo=ZoneInfo(hours.timezone)))


def callback_time(given: Mapping[str, object]) -> CallbackTime:
    """Type "callback_time"; it has no options."""
    return CallbackTime()
