"""A length of time: "to timer og tretti minutter", "halvannen time", "three weeks", "2 роки і 3 місяці"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from babel.lists import format_list
from babel.units import format_unit

from dialog.slots.day_limits import scene_of
from dialog.slots.slot_type import Parsed, SlotContext
from dialog.slots.time_values import Length
from dialog.slots.when import read_when

_FORM = re.compile(r"P(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_UNITS = ("duration-month", "duration-day", "duration-hour", "duration-minute", "duration-second")
_LOCALES = {"en": "en_GB"}


@dataclass(frozen=True, slots=True)
class DurationSlot:
    """A length of time. Canonical: ISO 8601 in months, days, hours, minutes, seconds: "P27M", "P14D", "PT2H30M"."""

    kind: str = "duration"

    def parse(self, said: str, context: SlotContext) -> Parsed:
        if not context.expected:
            return Parsed()
        when = read_when(said, scene_of(said, context))
        return Parsed(_text(when.lengths[0]), words=when.words) if len(when.lengths) == 1 else Parsed()

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """Nothing: a figure alone has no unit."""
        return Parsed()

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """Another length."""
        found = self.parse(said, replace(context, partial=""))
        return Parsed() if found.value == value else found

    def listen(self, partial: str) -> tuple[str, int | None]:
        return "open", None

    def read_back(self, value: str, language: str) -> str:
        """In words: "2 timer og 30 minutter"."""
        form = _FORM.fullmatch(value)
        locale = _LOCALES.get(language, language)
        sizes = [(int(size), unit) for size, unit in zip(form.groups(), _UNITS, strict=True) if size] if form else []
        return format_list([format_unit(size, unit, "long", locale=locale) for size, unit in sizes], locale=locale)


def _text(length: Length) -> str:
    minutes, seconds = divmod(length.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days = "".join(f"{size}{unit}" for size, unit in ((length.months, "M"), (length.days, "D")) if size)
    clock = "".join(f"{size}{unit}" for size, unit in ((hours, "H"), (minutes, "M"), (seconds, "S")) if size)
    return f"P{days}" + (f"T{clock}" if clock else "") if days or clock else "PT0S"


def duration_slot(options: Mapping[str, object]) -> DurationSlot:
    """A slot for a length of time; it has no options."""
    return DurationSlot()
