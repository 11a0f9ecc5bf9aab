"""Phone numbers: Norwegian ones in eight digits, with +47 or 0047, and foreign ones with their country code."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from dialog.slots.checksums import is_national_id
from dialog.slots.corrections import mended, on_the_way, taken_back
from dialog.slots.digit_rows import Run, digit_runs, joined_readings, said_twice
from dialog.slots.digits import SHORTEST_PART
from dialog.slots.national_id import holds_national_id
from dialog.slots.slot_type import Parsed, SlotContext
from dialog.text import folded, words

NORWEGIAN = re.compile(r"[2-9]\d{7}", re.ASCII)
"""Source: Nkom's numbering plan; 0xxxx are service numbers and 1xx emergencies: nobody is called back there."""

FOREIGN = re.compile(r"[1-9]\d{7,14}", re.ASCII)
"""Country code and number without the plus. Source: ITU-T E.164, at most 15 digits."""

_PLUS = re.compile(r"\+\s*\d|\b(?:pluss?|плюс|landkode|country code|код країни)\b")
_ORDER_CUE = re.compile(
    r"\b(?:ordre\w*|kunde\w*|bestilling\w*|faktura\w*|order|customer|invoice|замовлення|рахун\w+)\b"
)
_CLOCK = re.compile(r"\b(?:klokka|klokken|klokke|kl|o'clock|oclock|годині|година)\b")
"""Says that figures are a time of day: "no, at ten o'clock" mends no number."""

_NORWAY = "47"
_LENGTH = 8
_UNSURE_COST, _MOST_COST = 1.0, 3.0
_MOST_ALTERNATIVES = 3


@dataclass(frozen=True, slots=True)
class Phone:
    """A number somebody can be called on, in E.164: "+4792243711"."""

    kind: str = "phone"

    def parse(self, said: str, context: SlotContext) -> Parsed:
        """The number in a caller's words, joined to what is known so far."""
        if holds_national_id(said, context.language):
            return Parsed(fault="national_id")
        halves = on_the_way(said, context.language)
        first = self._heard(halves[0], context) if halves else Parsed()
        if halves and first.value:
            return _taken_back(first, halves[1], context.language)
        return self._heard(said, context)

    def _heard(self, said: str, context: SlotContext) -> Parsed:
        runs = digit_runs(said, context.language)
        other_number = _ORDER_CUE.search(folded(said)) is not None
        if not runs or (not context.expected and other_number):
            return Parsed()
        plus = _PLUS.search(folded(said)) is not None or context.partial.startswith("+")
        partial = re.sub(r"[^0-9]", "", context.partial)
        spoken = " ".join(words(said)[runs[0].start : runs[-1].end])
        pool = _pool(runs, partial)
        if any(is_national_id(digits) for cost, digits in pool if cost < _UNSURE_COST):
            return Parsed(fault="national_id")
        fitting = [(cost, number) for cost, digits in pool if (number := as_e164(digits, plus, context.language))]
        fitting = [(cost, number) for cost, number in fitting if cost < _MOST_COST]
        if fitting:
            found = _chosen(fitting, spoken, context)
            return replace(found, sure=found.sure and not other_number)
        if not context.expected:
            return Parsed()
        return _unfit(pool[0][1], plus, runs, spoken)

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """The number typed: done with "#", or at eight digits that need nothing more. "*" begins anew."""
        done = pressed.endswith("#")
        typed = "".join(key for key in pressed.rpartition("*")[2] if key.isascii() and key.isdecimal())
        if not typed:
            return Parsed()
        if not done and (len(typed) < _LENGTH or typed.startswith(("00", _NORWAY))):
            return Parsed(partial=typed)
        number = as_e164(typed, False, context.language) or as_e164(
            re.sub(r"[^0-9]", "", context.partial) + typed, False, context.language
        )
        if number:
            return Parsed(value=number)
        if is_national_id(typed):
            return Parsed(fault="national_id")
        return Parsed(fault=_fault(typed, False))

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """The number with the digits the caller mended; of a Norwegian one the country code stays."""
        if holds_national_id(said, context.language):
            return Parsed(fault="national_id")
        if _CLOCK.search(said.casefold()):
            return Parsed()
        code, digits = ("+47", value[3:]) if value.startswith("+47") else ("+", value.removeprefix("+"))
        found = mended(digits, said, context.language)
        numbers = [as_e164(_NORWAY + each if code == "+47" else each, True, context.language) for each in found]
        numbers += [as_e164(each, False, context.language) for each in found if len(each) > _LENGTH]
        fitting = tuple(dict.fromkeys(number for number in numbers if number and number != value))
        if len(fitting) == 1:
            return Parsed(value=fitting[0], words=said, sure=False)
        if fitting:
            return Parsed(alternatives=fitting[:_MOST_ALTERNATIVES], words=said, sure=False)
        return Parsed(fault="pattern", words=said) if found else Parsed()

    def listen(self, partial: str) -> tuple[str, int | None]:
        """Eight digits, or how many of them are missing; unknown for a foreign number."""
        if partial.startswith(("+", "00")):
            return "digits", None
        return "digits", max(_LENGTH - len(partial), 1)

    def read_back(self, value: str, language: str) -> str:
        """The number with its mark, a Norwegian one without its country code."""
        return f"{{{value.removeprefix('+47')}|phone}}"


def phone(given: Mapping[str, object]) -> Phone:
    """Type "phone"; it has no options."""
    return Phone()


def as_e164(digits: str, plus: bool, language: str) -> str:
    """The number a row of digits stands for, or "" when it is none.

    Args:
        digits: as said or typed, without a plus.
        plus: the caller said "pluss" or named the country code.
        language: with Ukrainian, ten digits that begin with 0 are a Ukrainian number.
    """
    international = plus and not digits.startswith("00")
    if digits.startswith("00"):
        digits, international = digits.lstrip("0"), True
    if digits.startswith(_NORWAY) and NORWEGIAN.fullmatch(digits[2:]) and len(digits) == _LENGTH + 2:
        return f"+{digits}"
    if international:
        return f"+{digits}" if FOREIGN.fullmatch(digits) and not digits.startswith(_NORWAY) else ""
    if NORWEGIAN.fullmatch(digits):
        return f"+{_NORWAY}{digits}"
    if language == "uk" and re.fullmatch(r"0[3-9]\d{8}", digits, re.ASCII):
        return f"+38{digits}"
    return ""


def _taken_back(first: Parsed, after: str, language: str) -> Parsed:
    """The number as it is after "... nei, tolv" in the same breath."""
    for digits in taken_back(first.value.removeprefix("+47"), after, language):
        number = as_e164(digits, False, language)
        if number:
            return replace(first, value=number, sure=False)
    return replace(first, sure=False)


def _pool(runs: tuple[Run, ...], partial: str) -> list[tuple[float, str]]:
    """(cost, digits) of every row the caller may have meant, the likeliest first."""
    pool = [(each.cost, partial + each.digits) for each in joined_readings(runs)]
    pool += [(cost, half) for cost, digits in pool if (half := said_twice(digits))]
    if partial or len(runs) > 1:
        pool += [(each.cost + 0.5, each.digits) for run in runs for each in run.readings]
    return sorted(pool)


def _chosen(fitting: list[tuple[float, str]], spoken: str, context: SlotContext) -> Parsed:
    cost = fitting[0][0]
    equal = tuple(dict.fromkeys(number for other, number in fitting if other == cost))
    if not context.expected and (len(equal) > 1 or cost >= _UNSURE_COST):
        return Parsed()
    if len(equal) > 1:
        return Parsed(alternatives=equal[:_MOST_ALTERNATIVES], words=spoken, sure=False)
    return Parsed(value=equal[0], words=spoken, sure=cost < _UNSURE_COST and equal[0].startswith("+47"))


def _fault(digits: str, plus: bool) -> str:
    longest = 15 if plus or digits.startswith("00") else _LENGTH
    if len(digits) > longest:
        return "too_long"
    return "too_short" if len(digits) < _LENGTH else "pattern"


def _unfit(digits: str, plus: bool, runs: tuple[Run, ...], spoken: str) -> Parsed:
    if runs[0].other_words > len(digits) + (1 if len(digits) < SHORTEST_PART else 2):
        return Parsed()
    fault = _fault(digits, plus)
    abroad = (plus or digits.startswith("00")) and len(digits) < _LENGTH + 2
    if fault == "too_short" or (fault == "pattern" and abroad):
        return Parsed(partial=("+" if plus else "") + digits, words=spoken)
    return Parsed(fault=fault, words=spoken)
