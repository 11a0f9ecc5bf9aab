"""A date: "24. desember", "torsdag i neste uke", "the day after tomorrow", "через два тижні"."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from dialog.slots.calendar_days import Span, real_date, yearless
from dialog.slots.day_limits import DayLimits, day_limits, scene_of
from dialog.slots.slot_type import Parsed, SlotContext
from dialog.slots.time_values import Scene
from dialog.slots.time_words import items, tokens
from dialog.slots.when import When, read_when

MOST_ALTERNATIVES = 4
"""More than so many cannot be asked about in one sentence."""

LONG_GRAINS = ("week", "weekend", "month", "range")
"""Of these a single day is asked further; of a quarter or a year it is not."""


@dataclass(frozen=True, slots=True)
class DateSlot:
    """A day. Canonical: "2026-11-26"; of a week or month that was named, the partial is "2026-11-30/2026-12-06"."""

    limits: DayLimits = DayLimits()
    kind: str = "date"

    def parse(self, said: str, context: SlotContext) -> Parsed:
        scene = scene_of(said, context, self.limits.future, day=True)
        within = span_of(context.partial)
        if within is not None:
            # "torsdag", "den femtende": the one in the week or month that was named before.
            before = datetime.combine(within.first - timedelta(days=1), scene.now.time())
            inside = self.found(read_when(said, replace(scene, now=before, ahead=True)), scene, context, within)
            if inside.value or inside.alternatives:
                return inside
        return self.found(read_when(said, scene), scene, context)

    def found(self, when: When, scene: Scene, context: SlotContext, within: Span | None = None) -> Parsed:
        """The day among what was said of time, one of the days of `within` when that is given."""
        spans = tuple(dict.fromkeys(span for named in when.days for span in named.spans))
        single = tuple(span.first for span in spans if span.first == span.last)
        single += tuple(dict.fromkeys(instant.at.date() for instant in when.instants))
        if within is not None:
            single = tuple(day for day in single if within.first <= day <= within.last)
        if single:
            sure = all(named.sure for named in when.days) and when.sure
            return chosen(single, self.limits, scene.today, context, when.day_words, sure)
        if when.no_such_day and context.expected:
            return Parsed(fault="range", words=when.words)
        longer = [span for span in spans if span.grain in LONG_GRAINS]
        if len(longer) == 1 and context.expected and within is None:
            return Parsed(partial=f"{longer[0].first}/{longer[0].last}", words=when.day_words)
        return Parsed()

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """Day and month ("2412#"), with the year ("24121985") when it is not the nearest."""
        digits, done = pressed.rstrip("#"), pressed.endswith("#")
        if len(digits) not in (4, 8) or (len(digits) == 4 and not done):
            if done or len(digits) > 8:
                return Parsed(fault="too_short" if len(digits) < 8 else "too_long", words=pressed)
            return Parsed(partial=digits)
        if not digits.isdecimal():
            return Parsed(fault="pattern", words=pressed)
        scene = scene_of("", context, self.limits.future)
        month, day = int(digits[2:4]), int(digits[:2])
        found = (
            real_date(int(digits[4:]), month, day)
            if digits[4:]
            else yearless(scene.today, month, day, self.limits.future)
        )
        if found is None:
            return Parsed(fault="range", words=pressed)
        return chosen((found,), self.limits, scene.today, context, pressed)

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """Another date, or another day or month in the old one ("nei, den sekstende", "nei, i desember")."""
        old = date_of(value)
        scene = scene_of(said, context, self.limits.future)
        mended = _mended(old, said, scene) if old else None
        if mended is not None:
            later = real_date(mended.year + 1, mended.month, mended.day)
            behind = mended < scene.today and not self.limits.past
            return chosen((later if behind and later else mended,), self.limits, scene.today, context, said)
        found = self.parse(said, replace(context, partial=""))
        return Parsed() if found.value == value or found.partial else found

    def listen(self, partial: str) -> tuple[str, int | None]:
        return "date", None

    def read_back(self, value: str, language: str) -> str:
        return f"{{{value}|{'date' if self.limits.far else 'day'}}}"


def chosen(
    found: Sequence[date], limits: DayLimits, today: date, context: SlotContext, words: str, sure: bool = True
) -> Parsed:
    """The days that a slot takes: a value, alternatives, or what is wrong with the first."""
    faults = [limits.fault(day, today, context.hours) for day in found]
    fit = [day for day, fault in zip(found, faults, strict=True) if not fault]
    if not fit:
        return Parsed(fault=faults[0], words=words) if context.expected else Parsed()
    if limits.past is None:
        fit = [day for day in fit if day >= today] or fit
    if len(fit) == 1:
        sure = sure and len(found) == 1 and not limits.doubtful(fit[0], today)
        return Parsed(str(fit[0]), words=words, sure=sure)
    if len(fit) > MOST_ALTERNATIVES:
        return Parsed()
    return Parsed(alternatives=tuple(str(day) for day in sorted(fit)), words=words)


def _mended(old: date, said: str, scene: Scene) -> date | None:
    """The old date with the day or the month that was said, when it is that alone."""
    named = [item.values for item in items(tokens(said), scene.language)]
    months = [values["MONTH"] for values in named if "MONTH" in values]
    numbers = [values["ORDINAL"] for values in named if "ORDINAL" in values]
    if any("WEEKDAY" in values or "RELATIVE" in values for values in named):
        return None
    match numbers, months:
        case [int() as day], []:
            return real_date(old.year, old.month, day)
        case [], [int() as month]:
            return real_date(old.year, month, old.day)
        case _:
            return None


def span_of(partial: str) -> Span | None:
    """Days from a partial like "2026-11-30/2026-12-06"; None for another text."""
    first, _, last = partial.partition("/")
    begin, end = date_of(first), date_of(last)
    return Span(begin, end, "range") if begin and end else None


def date_of(text: str) -> date | None:
    """A canonical date; None for another text."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def date_slot(options: Mapping[str, object]) -> DateSlot:
    """A slot for a date; raises SlotOptionsInvalid."""
    return DateSlot(day_limits(options))
