"""A day and a clock time: "i morgen klokka halv to", "tomorrow at 5 pm", "om en halvtime"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from dialog.slots.dates import MOST_ALTERNATIVES, DateSlot, date_of
from dialog.slots.day_limits import DayLimits, day_limits, scene_of
from dialog.slots.slot_type import Parsed, SlotContext
from dialog.slots.times import TimeLimits, clock_text, is_open, minute_of, minutes_of
from dialog.slots.when import When, read_when


@dataclass(frozen=True, slots=True)
class DateTimeSlot:
    """A moment to the minute. Canonical: "2026-11-26T13:30".

    A clock time alone is the next one, to be read back. A day alone is a partial, "2026-11-26"; what is open in it
    stands beside it ("2026-11-26/2026-12-03"). A partial "T13:30" keeps a clock time for the day to come.
    """

    limits: DayLimits = DayLimits()
    times: TimeLimits = field(default_factory=TimeLimits)
    kind: str = "date_time"

    def parse(self, said: str, context: SlotContext) -> Parsed:
        day_known = bool(context.partial) and not context.partial.startswith("T")
        scene = scene_of(said, context, self.limits.future, clock=True, day=not day_known)
        when = read_when(said, scene)
        if when.instants:
            return self._chosen([f"{one.at:%Y-%m-%dT%H:%M}" for one in when.instants], context, when.words, when.sure)
        days = self._days(when, said, context)
        if days.fault:
            return days
        dates = days.alternatives or ((days.value,) if days.value else ())
        if not dates and day_known:
            dates = tuple(part for part in context.partial.split("/") if date_of(part))
        return self._joined(dates, when, context, days)

    def _days(self, when: When, said: str, context: SlotContext) -> Parsed:
        if not when.days:
            return Parsed()
        return DateSlot(self.limits).found(when, scene_of(said, context, self.limits.future), context)

    def _joined(self, dates: Sequence[str], when: When, context: SlotContext, days: Parsed) -> Parsed:
        part = when.parts[0] if when.parts else ""
        day = date_of(dates[0]) if len(dates) == 1 else None
        minutes, sure = minutes_of(when, part, day, context.hours)
        times = tuple(clock_text(minute) for minute in minutes)
        if not times and context.partial.startswith("T"):
            times = tuple(context.partial[1:].split("/"))
            sure = len(times) == 1
        if dates and times:
            moments = [f"{one}T{other}" for one in dates for other in times]
            return self._chosen(moments, context, when.words, sure and (days.sure or not days))
        if not context.expected or len(dates) + len(times) > MOST_ALTERNATIVES:
            return Parsed()
        if dates:
            return Parsed(partial="/".join(dates), words=when.words)
        if times and context.partial.startswith("T"):
            return Parsed(partial="T" + "/".join(times), words=when.words)
        if times:
            return self._chosen([self._next(one, context) for one in times], context, when.words, False)
        return Parsed(partial=days.partial, words=when.words) if days.partial else Parsed()

    def _next(self, clock: str, context: SlotContext) -> str:
        """A clock time without a day: today when it is still to come, else tomorrow."""
        now = scene_of("", context).now
        moment = datetime.combine(now.date(), time.fromisoformat(clock))
        if moment < now and self.limits.future:
            moment += timedelta(days=1)
        return f"{moment:%Y-%m-%dT%H:%M}"

    def _chosen(self, moments: Sequence[str], context: SlotContext, words: str, sure: bool) -> Parsed:
        faults = [self._fault(moment, context) for moment in moments]
        fit = sorted(moment for moment, fault in zip(moments, faults, strict=True) if not fault)
        if not fit:
            return Parsed(fault=faults[0], words=words) if context.expected else Parsed()
        fit = [moment for moment in fit if not self._doubtful(moment, context)] or fit
        if len(fit) == 1:
            sure = sure and len(moments) == 1 and not self._doubtful(fit[0], context)
            return Parsed(fit[0], words=words, sure=sure)
        return Parsed(alternatives=tuple(fit), words=words) if len(fit) <= MOST_ALTERNATIVES else Parsed()

    def _fault(self, moment: str, context: SlotContext) -> str:
        day, _, clock = moment.partition("T")
        found, minute = date_of(day), minute_of(clock)
        if found is None or minute is None:
            return "range"
        now = scene_of("", context).now
        if self.limits.past is False and moment < f"{now:%Y-%m-%dT%H:%M}":
            return "past"
        fault = self.limits.fault(found, now.date(), context.hours) or self.times.fault(minute, found, None)
        if fault or not self.limits.open or context.hours is None:
            return fault
        return "" if is_open(context.hours, found, minute) else "closed"

    def _doubtful(self, moment: str, context: SlotContext) -> bool:
        now = scene_of("", context).now
        day = date_of(moment.partition("T")[0])
        behind = self.limits.past is None and moment < f"{now:%Y-%m-%dT%H:%M}"
        return behind or day is None or self.limits.doubtful(day, now.date())

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """No keys: eight figures for one moment are more than callers put up with."""
        return Parsed()

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """Another moment; a day alone keeps the clock time, a clock time alone keeps the day."""
        day, _, clock = value.partition("T")
        found = self.parse(said, replace(context, partial=""))
        if found.partial:
            found = self.parse(said, replace(context, partial=f"T{clock}"))
        elif not read_when(said, scene_of(said, context, self.limits.future, clock=True)).days:
            found = self.parse(said, replace(context, partial=day))
        return Parsed() if found.value == value or found.partial else found

    def listen(self, partial: str) -> tuple[str, int | None]:
        return "date", None

    def read_back(self, value: str, language: str) -> str:
        if self.limits.far:
            return f"{{{value}|datetime}}"
        day, _, clock = value.partition("T")
        return f"{{{day}|day}} {{{clock}|time}}"


def date_time_slot(options: Mapping[str, object]) -> DateTimeSlot:
    """A slot for a day and a clock time; raises SlotOptionsInvalid."""
    return DateTimeSlot(day_limits(options))
