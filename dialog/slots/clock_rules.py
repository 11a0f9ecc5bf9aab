"""Rules of the clock: "halv to", "ti på halv fem", "quarter past six", "чверть на третю"."""

import re
from dataclasses import replace

from dialog.slots.time_grammar import rule
from dialog.slots.time_values import DAY_MINUTES, HALF_DAY_MINUTES, Clock, Clocks, Length, Scene

_AFTER_NOON = {"afternoon": range(12, 13), "pm": range(12, 13), "day": range(7, 13), "midday": range(10, 13)}
"""Hours that stay as they are in a part of the day after noon; the others of 1 to 11 are twelve hours later."""


def clock(hour: int, minute: int = 0, grain_hour: bool = False) -> Clock | None:
    """A clock time said without a part of the day; None when there is none such."""
    if not (0 <= hour <= 24 and 0 <= minute <= 59) or (hour == 24 and minute):
        return None
    return Clock((hour % 24) * 60 + minute, 1 <= hour <= 12, "hour" if grain_hour else "minute")


def shifted(hour: int, minutes: int) -> Clock | None:
    """Minutes before or after an hour on a clock of twelve: "kvart på ett" is 12:45."""
    if not 0 <= hour <= 24:
        return None
    if hour > 12 or hour == 0:
        return Clock((hour * 60 + minutes) % DAY_MINUTES)
    total = (hour * 60 + minutes) % HALF_DAY_MINUTES
    return Clock(total or HALF_DAY_MINUTES, True) if total >= 60 else Clock(total + HALF_DAY_MINUTES, True)


def in_part(found: Clock, part: str) -> Clock:
    """The half of the day that a part of it leaves; the clock as it is when it fits none."""
    if not found.either_half:
        late = part in ("pm", "afternoon", "evening") and 60 <= found.minute < HALF_DAY_MINUTES
        return Clock(found.minute + HALF_DAY_MINUTES, False, found.grain) if late else found  # "07:45 PM"
    minute = found.minute % HALF_DAY_MINUTES
    hour = found.minute // 60
    if part in ("morning", "past_morning", "forenoon"):
        late = part == "forenoon" and hour == 12
        return Clock(minute + (HALF_DAY_MINUTES if late else 0), False, found.grain)
    if part == "night":
        return Clock(minute + (HALF_DAY_MINUTES if 7 <= hour <= 11 else 0), False, found.grain)
    if part == "evening":
        return Clock(minute if hour == 12 else minute + HALF_DAY_MINUTES, False, found.grain) if hour > 3 else found
    if part == "midday" and 4 <= hour <= 9:
        return found
    if part in _AFTER_NOON:
        stays = hour in _AFTER_NOON[part] and hour != 12
        return Clock(minute if stays else minute + HALF_DAY_MINUTES, False, found.grain)
    return found


def _figures(scene: Scene, text: str) -> Clock | None:
    hour, _, rest = re.sub("h(?:rs?)?", ":", text).partition(":")
    found = clock(int(hour), int(rest[:2] or 0), not rest)
    if found is None or not found.either_half:
        return found
    # "03:18" is how a timetable writes it; "3:18" may be either half of the day, in English it is.
    return Clock(found.minute, text[0] != "0", found.grain, literal=bool(rest) and scene.language != "en")


def _pair(scene: Scene, text: str) -> Clock | None:
    separator = next((mark for mark in ".-/" if mark in text), ".")
    hour, _, minute = text.rstrip(".").partition(separator)
    return _figures(scene, f"{hour}:{minute}") if separator == "." and len(minute) == 2 else None


def _row(scene: Scene, text: str) -> Clock | None:
    return _figures(scene, f"{text[:-2]}:{text[-2:]}") if int(text[-2:]) < 60 else None


def _row_in_part(scene: Scene, text: str, part: str) -> Clock | None:
    found = _row(scene, text)
    return in_part(found, part) if found else None


def _hour(scene: Scene, hour: int) -> Clock | None:
    return clock(hour, 0, grain_hour=True)


def _about_hour(scene: Scene, hour: int) -> Clock | None:
    found = clock(hour, 0, grain_hour=True)
    return replace(found, sure=False) if found else None


def _after_hour(scene: Scene, hour: int) -> Clock | None:
    found = _about_hour(scene, hour)
    return replace(found, bound="after") if found else None


def _before_hour(scene: Scene, hour: int) -> Clock | None:
    found = _about_hour(scene, hour)
    return replace(found, bound="before") if found else None


def _hour_of_unit(scene: Scene, hour: int, unit: str) -> Clock | None:
    return _hour(scene, hour) if unit == "hour" else None


def _hour_minute(scene: Scene, hour: int, minute: int) -> Clock | None:
    # "to fem" may be two digits of anything; "to null fem" is a clock.
    return clock(hour, minute) if minute >= 10 else None


def _hour_unit_minute(scene: Scene, hour: int, unit: str, minute: int) -> Clock | None:
    return clock(hour, minute) if unit == "hour" else None


def _hour_zero_minute(scene: Scene, hour: int, minute: int) -> Clock | None:
    return clock(hour, minute) if minute < 10 else None


def _zero_hours(scene: Scene, unit: str, minute: int | None) -> Clock | None:
    # Ukrainian: "нуль годин десять".
    return Clock(minute or 0) if unit == "hour" else None


def _early(scene: Scene, hour: int, minute: int | None) -> Clock | None:
    """ "null åtte tretti": with a zero before it, an hour of the morning."""
    return Clock(hour * 60 + (minute or 0)) if hour < 10 else None


def _hour_in_part(scene: Scene, hour: int, part: str) -> Clock | None:
    found = _hour(scene, hour)
    return in_part(found, part) if found else None


def _hour_minute_in_part(scene: Scene, hour: int, minute: int, part: str) -> Clock | None:
    found = clock(hour, minute)
    return in_part(found, part) if found else None


def _clock_in_part(scene: Scene, found: Clock, part: str) -> Clock:
    return in_part(found, part)


def _half_to(scene: Scene, hour: int) -> Clock | None:
    return shifted(hour, -30)


def _half_past(scene: Scene, hour: int) -> Clock | None:
    return shifted(hour, 30)


def _quarter_past(scene: Scene, hour: int) -> Clock | None:
    return shifted(hour, 15)


def _quarter_to(scene: Scene, hour: int) -> Clock | None:
    return shifted(hour, -15)


def _quarter_into(scene: Scene, hour: int) -> Clock | None:
    return shifted(hour, -45)


def _past(scene: Scene, minute: int, unit: str | None, hour: int) -> Clock | None:
    return shifted(hour, minute) if unit in (None, "minute") and 0 < minute < 60 else None


def _to(scene: Scene, minute: int, unit: str | None, hour: int) -> Clock | None:
    return shifted(hour, -minute) if unit in (None, "minute") and 0 < minute < 30 else None


def _into(scene: Scene, minute: int, unit: str | None, hour: int) -> Clock | None:
    return shifted(hour, minute - 60) if unit in (None, "minute") and 0 < minute < 60 else None


def _past_half(scene: Scene, minute: int, unit: str | None, hour: int) -> Clock | None:
    return shifted(hour, minute - 30) if unit in (None, "minute") and 0 < minute < 30 else None


def _to_half(scene: Scene, minute: int, unit: str | None, hour: int) -> Clock | None:
    return shifted(hour, -30 - minute) if unit in (None, "minute") and 0 < minute < 30 else None


def _moment(scene: Scene, text: str) -> Clock:
    return Clock(int(text[:2]) * 60)


def _in_zone(scene: Scene, found: Clock) -> Clock:
    return Clock((found.minute + scene.utc_offset_minutes) % DAY_MINUTES)


def _length_before(scene: Scene, length: Length, found: Clock) -> Clock | None:
    minutes = (found.minute - length.seconds // 60) % DAY_MINUTES
    return replace(found, minute=minutes) if 60 <= length.seconds < 3600 * 12 else None


def _length_after(scene: Scene, length: Length, found: Clock) -> Clock | None:
    minutes = (found.minute + length.seconds // 60) % DAY_MINUTES
    return replace(found, minute=minutes) if 60 <= length.seconds < 3600 * 12 else None


def _range(scene: Scene, first: Clock, last: Clock) -> Clocks:
    return Clocks(first, last)


def _hours(scene: Scene, first: int, last: int) -> Clocks | None:
    begin, end = _hour(scene, first), _hour(scene, last)
    return Clocks(begin, end) if begin and end else None


def _hour_to_clock(scene: Scene, first: int, last: Clock) -> Clocks | None:
    begin = _hour(scene, first)
    return Clocks(begin, last) if begin else None


def _clock_to_hour(scene: Scene, first: Clock, last: int) -> Clocks | None:
    end = _hour(scene, last)
    return Clocks(first, end) if end else None


NO_DATE_BEHIND = "(?!MONTH|UNIT|LENGTH_WORD|OF MONTH|OF ORDINAL|DASH DMY)"
"""After a figure: it counts something else than hours."""

CLOCK_RULES = (
    rule("AT? ABOUT? =CLOCK O_CLOCK?", "CLOCK", _figures),
    rule("AT? =MOMENT", "CLOCK", _moment),
    rule("AT ABOUT? =PAIR", "CLOCK", _pair),
    rule("AT ABOUT? =CLOCK_ROW", "CLOCK", _row),
    rule(f"AT ABOUT? =EARLY =MINUTE? {NO_DATE_BEHIND}", "CLOCK", _early),
    rule(f"AT ABOUT? =HOUR {NO_DATE_BEHIND}", "CLOCK", _hour),
    rule(f"AT ABOUT? =HOUR =MINUTE {NO_DATE_BEHIND}", "CLOCK", _hour_minute),
    rule("AT ABOUT? =HOUR AND =MINUTE UNIT", "CLOCK", _hour_minute),
    rule("AT? ABOUT? =ORDINAL =UNIT AND? =MINUTE UNIT?", "CLOCK", _hour_unit_minute),
    rule("AT? ABOUT? =HOUR O_CLOCK AND? =MINUTE UNIT?", "CLOCK", _hour_minute),
    rule("AT ABOUT? =HOUR ZERO ZERO", "CLOCK", _hour),
    rule("AT ABOUT? =HOUR ZERO =MINUTE", "CLOCK", _hour_zero_minute),
    rule("AT? ABOUT? =ORDINAL =UNIT", "CLOCK", _hour_of_unit),
    rule("AT? ZERO =UNIT ZERO? =MINUTE?", "CLOCK", _zero_hours),
    rule("AT ABOUT? ZERO =HOUR =MINUTE?", "CLOCK", _early),
    rule("AT? ABOUT? =HOUR DASH? O_CLOCK", "CLOCK", _hour),
    rule("(AT|ABOUT|OF|ON)* =HOUR_OR_SO", "CLOCK", _about_hour),
    rule("AT? ABOUT? =HOUR (UNIT|O_CLOCK)? =PART", "CLOCK", _hour_in_part),
    rule("AT? ABOUT? =CLOCK_ROW =PART", "CLOCK", _row_in_part),
    rule("AT? ABOUT? =HOUR ZERO? =MINUTE =PART", "CLOCK", _hour_minute_in_part),
    rule("AT? ABOUT? HALF (INTO|TO)? =HOUR", "CLOCK", _half_to),
    rule("AT? ABOUT? HALF_AFTER PAST =HOUR", "CLOCK", _half_past),
    rule("AT? ABOUT? NUMBER? QUARTER PAST =HOUR", "CLOCK", _quarter_past),
    rule("AT? ABOUT? NUMBER? QUARTER TO =HOUR", "CLOCK", _quarter_to),
    rule("AT? ABOUT? QUARTER INTO =HOUR", "CLOCK", _quarter_into),
    rule("AT? LACKING QUARTER =HOUR", "CLOCK", _quarter_to),
    rule("AT? ABOUT? =MINUTE =UNIT? PAST HALF =HOUR", "CLOCK", _past_half),
    rule("AT? ABOUT? =MINUTE =UNIT? TO HALF =HOUR", "CLOCK", _to_half),
    rule(f"AT? ABOUT? =MINUTE =UNIT? PAST =HOUR {NO_DATE_BEHIND}", "CLOCK", _past),
    rule(f"AT? ABOUT? =MINUTE =UNIT? TO =HOUR {NO_DATE_BEHIND}", "CLOCK", _to),
    rule(f"AT? =MINUTE =UNIT? INTO =HOUR {NO_DATE_BEHIND}", "CLOCK", _into),
    rule("AT? LACKING =MINUTE =UNIT? =HOUR", "CLOCK", _to),
)
"""What is a clock time whatever was asked for."""

ASKED_CLOCK_RULES = (
    rule(f"(FROM|BETWEEN) =HOUR (UNTIL|DASH|AND|TO) =HOUR {NO_DATE_BEHIND}", "CLOCKS", _hours),
    rule(f"ABOUT =HOUR {NO_DATE_BEHIND}", "CLOCK", _about_hour),
    rule(f"AFTER ABOUT? =HOUR {NO_DATE_BEHIND}", "CLOCK", _after_hour),
    rule(f"BEFORE ABOUT? =HOUR {NO_DATE_BEHIND}", "CLOCK", _before_hour),
    rule("HALF_AFTER =HOUR", "CLOCK", _half_past),
    rule("=PAIR", "CLOCK", _pair),
    rule("=CLOCK_ROW", "CLOCK", _row),
    rule(f"=HOUR =MINUTE {NO_DATE_BEHIND}", "CLOCK", _hour_minute),
    rule("=HOUR ZERO ZERO", "CLOCK", _hour),
    rule("ZERO =HOUR =MINUTE?", "CLOCK", _early),
    rule(f"=EARLY =MINUTE? {NO_DATE_BEHIND}", "CLOCK", _early),
    rule("=HOUR ZERO =MINUTE", "CLOCK", _hour_zero_minute),
)
"""What is a clock time when one was asked for."""

LONE_HOUR_RULES = (rule("ABOUT? =HOUR $", "CLOCK", _hour),)
"""The last resort when a clock time was asked for and no other was found."""

CLOCK_RANGE_RULES = (
    rule("(FROM|BETWEEN)? =CLOCK (UNTIL|DASH|AND|TO) =CLOCK", "CLOCKS", _range),
    rule("(FROM|BETWEEN) =HOUR (UNTIL|DASH|AND|TO) =CLOCK", "CLOCKS", _hour_to_clock),
    rule(f"(FROM|BETWEEN)? =CLOCK (UNTIL|DASH|AND|TO) =HOUR {NO_DATE_BEHIND}", "CLOCKS", _clock_to_hour),
    rule(f"(FROM|BETWEEN) =HOUR (UNTIL|DASH|AND|TO) =HOUR {NO_DATE_BEHIND}", "CLOCKS", _hours),
    rule("=CLOCK =PART", "CLOCK", _clock_in_part),
    rule("=LENGTH BEFORE =CLOCK", "CLOCK", _length_before),
    rule("=LENGTH AFTER =CLOCK", "CLOCK", _length_after),
    rule("=CLOCK ZONE", "CLOCK", _in_zone),
)
"""From one clock time to another, and what stands behind a clock time."""
