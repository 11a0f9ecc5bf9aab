"""From one clock time to another: "i morgen mellom ni og elleve", "torsdag ettermiddag", "etter klokka to"."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from dialog.slots.dates import DateSlot, date_of
from dialog.slots.day_limits import DayLimits, day_limits, scene_of
from dialog.slots.slot_type import Parsed, SlotContext
from dialog.slots.time_values import DAY_MINUTES, HALF_DAY_MINUTES, Clock, Clocks
from dialog.slots.times import WAKING_MINUTES, is_open, minutes_of
from dialog.slots.when import When, read_when

PART_HOURS: Mapping[str, tuple[int, int]] = {
    "morning": (4, 12), "past_morning": (4, 12), "forenoon": (9, 12), "midday": (12, 14), "afternoon": (12, 18),
    "pm": (12, 24), "evening": (18, 24), "night": (0, 6), "day": (8, 16),
}  # fmt: skip
"""What people mean by a part of the day, more or less: such a range is read back."""

BETWEEN = {"nb": "til", "nn": "til", "en": "to", "uk": "до"}

Minutes = tuple[int, int]
"""Minutes of the day; the end may be 1440."""


@dataclass(frozen=True, slots=True)
class TimeRangeSlot:
    """Hours of a day. Canonical: "2026-11-26T09:00/2026-11-26T11:00"; the partial is the day."""

    limits: DayLimits = DayLimits()
    kind: str = "time_range"

    def parse(self, said: str, context: SlotContext) -> Parsed:
        scene = scene_of(said, context, self.limits.future, clock=True, day=not context.partial)
        when = read_when(said, scene)
        if when.stretches:
            first, last = when.stretches[0].first, when.stretches[0].last
            return Parsed(f"{first:%Y-%m-%dT%H:%M}/{last:%Y-%m-%dT%H:%M}", words=when.words, sure=False)
        named = DateSlot(self.limits).found(when, scene, context) if when.days else Parsed()
        if named.fault or len(named.alternatives) > 1:
            return Parsed(fault=named.fault, words=named.words) if named.fault else Parsed()
        day = date_of(named.value) or date_of(context.partial)
        minutes, sure = _minutes(when, day or scene.today, context)
        if minutes is None:
            return Parsed(partial=named.value, words=when.words) if named.value and context.expected else Parsed()
        if not context.expected and day is None:
            return Parsed()
        near = day or (scene.today if minutes[1] > scene.now.hour * 60 else scene.today + timedelta(days=1))
        fault = self.limits.fault(near, scene.today, context.hours)
        if fault:
            return Parsed(fault=fault, words=when.words)
        value = f"{_moment(near, minutes[0])}/{_moment(near, minutes[1])}"
        return Parsed(value, words=when.words, sure=sure and day is not None and (named.sure or not named))

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """No keys: two clock times in figures are more than callers put up with."""
        return Parsed()

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """Other hours of the same day, or the same hours of another."""
        day, _, rest = value.partition("T")
        found = self.parse(said, replace(context, partial=day))
        if found.partial:
            moved = value.replace(day, found.partial, 1).replace(f"/{day}", f"/{found.partial}")
            return Parsed(moved, words=said) if moved != value and rest else Parsed()
        return Parsed() if found.value == value else found

    def listen(self, partial: str) -> tuple[str, int | None]:
        return "date", None

    def read_back(self, value: str, language: str) -> str:
        first, _, last = value.partition("/")
        day, _, begin = first.partition("T")
        mark = "date" if self.limits.far else "day"
        end = last.partition("T")[2]
        return f"{{{day}|{mark}}}, {{{begin}|time}} {BETWEEN.get(language, 'til')} {{{end}|time}}"


def _minutes(when: When, day: date, context: SlotContext) -> tuple[Minutes | None, bool]:
    """First and last minute, and whether they are sure."""
    if when.ranges:
        return _both(when.ranges[0], day, context)
    minutes, sure = minutes_of(when, "", day, context.hours)
    if minutes and when.bound:
        return ((minutes[0], DAY_MINUTES) if when.bound == "after" else (0, minutes[0])), False
    if not minutes and when.parts and when.parts[0] in PART_HOURS:
        first, last = PART_HOURS[when.parts[0]]
        return (first * 60, last * 60), False
    return None, False


def _both(said: Clocks, day: date, context: SlotContext) -> tuple[Minutes | None, bool]:
    """ "Fra ni til fem" is nine to seventeen: the first in opening or waking hours, the last the next after it."""
    starts = _halves(said.first)
    fit = [minute for minute in starts if context.hours and is_open(context.hours, day, minute)]
    fit = fit or [minute for minute in starts if minute in WAKING_MINUTES] or starts
    ends = [minute for minute in _halves(said.last) if minute > fit[0]]
    if not ends:
        return None, False
    return (fit[0], min(ends)), not (said.first.either_half and said.last.either_half)


def _halves(clock: Clock) -> list[int]:
    if not clock.either_half:
        return [clock.minute]
    other = (clock.minute + HALF_DAY_MINUTES) % DAY_MINUTES
    return [clock.minute, other] if clock.literal else sorted((clock.minute, other))


def _moment(day: date, minute: int) -> str:
    return f"{datetime.combine(day, time()) + timedelta(minutes=minute):%Y-%m-%dT%H:%M}"


def time_range_slot(options: Mapping[str, object]) -> TimeRangeSlot:
    """A slot for hours of a day; raises SlotOptionsInvalid."""
    return TimeRangeSlot(day_limits(options))
