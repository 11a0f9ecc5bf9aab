"""A clock time: "halv to", "kvart på tre", "14:30", "half past six", "о пів на другу"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from dialog.hours import Hours
from dialog.slots.clock_rules import in_part
from dialog.slots.day_limits import scene_of
from dialog.slots.options import flag
from dialog.slots.slot_type import Parsed, SlotContext, SlotOptionsInvalid
from dialog.slots.time_values import DAY_MINUTES, HALF_DAY_MINUTES, Clock
from dialog.slots.when import When, read_when

MOST_ALTERNATIVES = 4
WAKING_MINUTES = range(7 * 60, 19 * 60)
"""When "before" and "after" an hour of twelve is meant, unless the opening hours say otherwise."""

TIME_OPTIONS = frozenset({"min", "max", "open"})
"""Options of a slot for a clock time."""


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Limits of a clock time.

    Args:
        least: minute of the day.
        most: likewise, included.
        open: only within opening hours.
    """

    least: int = 0
    most: int = DAY_MINUTES - 1
    open: bool = False

    def fault(self, minute: int, day: date | None, hours: Hours | None) -> str:
        """What is wrong with a time: "range", "closed", or "" for nothing."""
        if not self.least <= minute <= self.most:
            return "range"
        return "closed" if self.open and hours is not None and not is_open(hours, day, minute) else ""


@dataclass(frozen=True, slots=True)
class TimeSlot:
    """A time of day. Canonical: "13:30"; of a part of the day alone the partial is its name, "evening"."""

    limits: TimeLimits = TimeLimits()
    kind: str = "time"

    def parse(self, said: str, context: SlotContext) -> Parsed:
        when = read_when(said, scene_of(said, context, clock=True))
        choices, sure = minutes_of(when, context.partial, None, context.hours)
        if not choices:
            early = when.parts and context.expected and not when.ranges
            return Parsed(partial=when.parts[0], words=said) if early else Parsed()
        return chosen_minutes(choices, self.limits, context, when.clock_words, sure)

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """Hour and minute on a clock of twenty-four hours: "1330", "930#"."""
        digits, done = pressed.rstrip("#"), pressed.endswith("#")
        if len(digits) < 4 and not done:
            return Parsed(partial=digits)
        if not digits.isdecimal() or not 1 <= len(digits) <= 4:
            return Parsed(fault="pattern", words=pressed)
        hour, minute = (int(digits), 0) if len(digits) < 3 else (int(digits[:-2]), int(digits[-2:]))
        if hour > 23 or minute > 59:
            return Parsed(fault="range", words=pressed)
        return chosen_minutes((hour * 60 + minute,), self.limits, context, pressed, True)

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """Another time, or the other half of the day ("nei, om kvelden")."""
        found = self.parse(said, replace(context, partial=""))
        old = minute_of(value)
        if found.partial and old is not None:
            other = in_part(Clock(old if old >= 60 else old + HALF_DAY_MINUTES, True), found.partial)
            if other.either_half or other.minute == old:
                return Parsed()
            return chosen_minutes((other.minute,), self.limits, context, said, True)
        return Parsed() if found.value == value or found.partial else found

    def listen(self, partial: str) -> tuple[str, int | None]:
        return "date", None

    def read_back(self, value: str, language: str) -> str:
        return f"{{{value}|time}}"


def minutes_of(when: When, part: str, day: date | None, hours: Hours | None) -> tuple[tuple[int, ...], bool]:
    """Minutes of the day that the caller may mean, the likeliest first, and whether they are sure.

    Args:
        when: what was said.
        part: of the day, said before.
        day: when it is known, its opening hours choose between the halves of the day.
        hours: opening hours.
    """
    if when.instants and not when.clocks:
        return tuple(one.at.hour * 60 + one.at.minute for one in when.instants), when.sure
    clocks = [in_part(clock, part) for clock in when.clocks]
    choices: list[int] = []
    sure = when.sure
    for clock in clocks:
        own, certain = _halves(clock, day, hours)
        if (when.bound or not clock.sure) and len(own) > 1:
            # "før elleve", "etter tre", "i tretida": within waking hours, and read back.
            own = [minute for minute in own if minute in WAKING_MINUTES] or own
        choices += own
        sure = sure and certain and clock.sure
    return tuple(dict.fromkeys(choices)), sure


def _halves(clock: Clock, day: date | None, hours: Hours | None) -> tuple[list[int], bool]:
    if not clock.either_half:
        return [clock.minute], True
    both = [clock.minute, (clock.minute + HALF_DAY_MINUTES) % DAY_MINUTES]
    if hours is not None:
        fit = [minute for minute in both if is_open(hours, day, minute)]
        if len(fit) == 1:
            return fit, False
    if clock.minute // 60 == 12 or clock.literal:
        # "tolv", "halv ett": hardly anybody means the night without saying so.
        return [clock.minute], False
    return sorted(both), True


def chosen_minutes(choices: Sequence[int], limits: TimeLimits, context: SlotContext, words: str, sure: bool) -> Parsed:
    """The times that a slot takes: a value, alternatives, or what is wrong with the first."""
    faults = [limits.fault(minute, None, context.hours) for minute in choices]
    fit = [minute for minute, fault in zip(choices, faults, strict=True) if not fault]
    if not fit:
        return Parsed(fault=faults[0], words=words) if context.expected else Parsed()
    if len(fit) == 1:
        return Parsed(clock_text(fit[0]), words=words, sure=sure and len(choices) == 1)
    if len(fit) > MOST_ALTERNATIVES:
        return Parsed()
    return Parsed(alternatives=tuple(clock_text(minute) for minute in fit), words=words)


def clock_text(minute: int) -> str:
    """Canonical: 810 is "13:30"."""
    return f"{minute // 60:02}:{minute % 60:02}"


def minute_of(text: str) -> int | None:
    """Minute of the day of a canonical time; None for another text."""
    try:
        found = time.fromisoformat(text)
    except ValueError:
        return None
    return found.hour * 60 + found.minute


def is_open(hours: Hours, day: date | None, minute: int) -> bool:
    """True when somebody answers at that minute of a day, or of any day of the week."""
    if day is not None:
        moment = datetime.combine(day, time(minute // 60, minute % 60), tzinfo=ZoneInfo(hours.timezone))
        return hours.is_open(moment)
    return any(start <= minute < end or minute + DAY_MINUTES < end for one in hours.weekly for start, end in one)


def time_limits(options: Mapping[str, object]) -> TimeLimits:
    """Limits from the options of a slot; raises SlotOptionsInvalid."""
    least, most = _limit(options, "min", 0), _limit(options, "max", DAY_MINUTES - 1)
    if least > most:
        raise SlotOptionsInvalid("min is later than max", 'write min: "08:00" and max: "16:00"')
    return TimeLimits(least, most, flag(options, "open", False))


def _limit(options: Mapping[str, object], key: str, otherwise: int) -> int:
    value = options.get(key)
    if value is None:
        return otherwise
    # YAML 1.1 reads 08:30 without quotes as a number in base sixty.
    found = value if isinstance(value, int) and not isinstance(value, bool) else minute_of(str(value))
    if found is None or not 0 <= found < DAY_MINUTES:
        raise SlotOptionsInvalid(f"{key}: {value} is no clock time", f'write {key}: "08:00"')
    return found


def time_slot(options: Mapping[str, object]) -> TimeSlot:
    """A slot for a clock time; raises SlotOptionsInvalid."""
    return TimeSlot(time_limits(options))
