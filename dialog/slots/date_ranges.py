"""From one day to another: "fra mandag til onsdag", "neste uke", "i helga", "next month", "з 3 до 5 березня"."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from dialog.slots.calendar_days import Span, one_day
from dialog.slots.dates import MOST_ALTERNATIVES, date_of
from dialog.slots.day_limits import DayLimits, day_limits, scene_of
from dialog.slots.slot_type import Parsed, SlotContext
from dialog.slots.time_values import Days
from dialog.slots.weekday_rules import range_of
from dialog.slots.when import When, read_when

BETWEEN = {"nb": "til", "nn": "til", "en": "to", "uk": "до"}
"""The word between the two days when they are said back."""


@dataclass(frozen=True, slots=True)
class DateRangeSlot:
    """Whole days, both ends included. Canonical: "2026-11-26/2026-11-30"; partial, for a first day: "2026-11-26/"."""

    limits: DayLimits = DayLimits()
    kind: str = "date_range"

    def parse(self, said: str, context: SlotContext) -> Parsed:
        scene = scene_of(said, context, self.limits.future, day=True)
        begin = date_of(context.partial.partition("/")[0])
        if begin is not None:
            # "til onsdag": the first one after the day it begins with.
            after = read_when(said, replace(scene, now=datetime.combine(begin, time()), ahead=True))
            ends = [span.last for named in after.days for span in named.spans if span.last >= begin]
            if len(ends) == 1 and not any(span.grain == "range" for named in after.days for span in named.spans):
                return self._chosen((Span(begin, ends[0], "range"),), context, after.words, True)
        return self._found(read_when(said, scene), context)

    def _found(self, when: When, context: SlotContext) -> Parsed:
        days = when.days
        if not days:
            return Parsed()
        if when.open_end and len(days) == 1 and len(days[0].spans) == 1 and days[0].spans[0].grain == "day":
            return Parsed(partial=f"{days[0].spans[0].first}/", words=when.words) if context.expected else Parsed()
        if len(days) == 2 and all(one.spans[0].grain == "day" for one in days):
            both = range_of(*days)
            days = (Days(both.spans, sure=False),) if both else days
        spans = tuple(dict.fromkeys(span for named in days for span in named.spans))
        longer = tuple(span for span in spans if span.grain != "day")
        sure = bool(longer) and all(named.sure for named in days) and when.sure
        if not longer and not context.expected:
            return Parsed()
        return self._chosen(longer or tuple(one_day(span.first) for span in spans), context, when.words, sure)

    def _chosen(self, spans: tuple[Span, ...], context: SlotContext, words: str, sure: bool) -> Parsed:
        today = scene_of("", context).today
        faults = [self._fault(span, today, context) for span in spans]
        fit = [span for span, fault in zip(spans, faults, strict=True) if not fault]
        if not fit:
            return Parsed(fault=faults[0], words=words) if context.expected else Parsed()
        if len(fit) == 1:
            sure = sure and len(spans) == 1 and not self.limits.doubtful(fit[0].last, today)
            return Parsed(_text(fit[0]), words=words, sure=sure)
        if len(fit) > MOST_ALTERNATIVES:
            return Parsed()
        return Parsed(alternatives=tuple(_text(span) for span in fit), words=words)

    def _fault(self, span: Span, today: date, context: SlotContext) -> str:
        # "denne uka" has begun, and may be asked for all the same.
        first = max(span.first, today) if span.grain != "day" and span.last >= today else span.first
        return self.limits.fault(first, today, None) or self.limits.fault(span.last, today, None)

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """No keys: two dates in figures are more than callers put up with."""
        return Parsed()

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """Other days; "til torsdag" keeps the day it begins with."""
        found = self.parse(said, replace(context, partial=""))
        first, last = found.value.partition("/")[::2]
        begin = date_of(value.partition("/")[0])
        if first == last and begin is not None:
            ended = self.parse(said, replace(context, partial=f"{begin}/"))
            found = ended if ended.value else found
        return Parsed() if found.value == value or found.partial else found

    def listen(self, partial: str) -> tuple[str, int | None]:
        return "date", None

    def read_back(self, value: str, language: str) -> str:
        first, _, last = value.partition("/")
        mark = "date" if self.limits.far else "day"
        if first == last:
            return f"{{{first}|{mark}}}"
        return f"{{{first}|{mark}}} {BETWEEN.get(language, 'til')} {{{last}|{mark}}}"


def _text(span: Span) -> str:
    return f"{span.first}/{span.last}"


def date_range_slot(options: Mapping[str, object]) -> DateRangeSlot:
    """A slot for a span of days; raises SlotOptionsInvalid."""
    return DateRangeSlot(day_limits(options))
