"""Plain numbers: how many people, how many square metres, which floor."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from dialog.slots import options
from dialog.slots.checksums import is_national_id
from dialog.slots.corrections import latest
from dialog.slots.national_id import holds_national_id
from dialog.slots.slot_type import Parsed, SlotContext, SlotOptionsInvalid
from dialog.slots.spoken_numbers import numbers
from dialog.text import folded, words

LARGEST = Decimal(10) ** 15
MOST_WORDS_BESIDE = 3
"""Words beside which "en" may still be the number one ("bare en person")."""

MOST_WORDS_OF_ANSWER = 5
"""In longer speech a number may count something else, and is read back."""

_FRACTION = re.compile(
    r"\b(?:(?:tredje|fjerde|femte|sjette|åttende|tiende|åttande|tiande)del\w*|halvpart\w*|kvart|(?:a|one|two) thirds?"
    r"|quarters?|третин\w*|чверт\w*)\b"
)
_DATE_OR_TIME = re.compile(
    r"(?<![\d.])(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[/.-]\d{1,2}[/.-]\d{1,2}|\d{1,2}:\d\d)(?![\d.]*\d)", re.ASCII
)
_NO = re.compile(
    r"\b(?:nei|ikke|ikkje|feil|no|not|wrong|ні|не|неправильно|mente|meinte|meant|skal være|skal vere|should be)\b"
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number: "12.5", "-3", "1500".

    Args:
        least: the smallest it may be, or None.
        most: the largest, or None.
    """

    least: Decimal | None = None
    most: Decimal | None = None
    kind: str = "number"

    def parse(self, said: str, context: SlotContext) -> Parsed:
        """The number in a caller's words, whole, with decimals, or as a place in a row ("fjerde")."""
        if holds_national_id(said, context.language):
            return Parsed(fault="national_id")
        said = without_dates(latest(said, context.language))
        found = [number for number in numbers(said, context.language) if abs(number.value) < LARGEST]
        others = len(words(said)) - sum(number.end - number.start for number in found)
        # An article or "the second" is a number only where no other is.
        if _FRACTION.search(folded(said)):
            return Parsed()
        plain = [number for number in found if not number.doubtful]
        if not plain:  # "a couple" is no article
            plain = [number for number in found if others <= MOST_WORDS_BESIDE or number.value > 1]
        plain = [number for number in plain if not number.ordinal] or plain
        if not context.expected and (len(found) > 1 or others > 0):
            return Parsed()
        values = tuple(dict.fromkeys(written(number.value) for number in plain))
        faults = [fault_in_range(Decimal(value), self.least, self.most) for value in values]
        fitting = tuple(value for value, fault in zip(values, faults, strict=True) if not fault)
        if len(fitting) == 1:
            sure = not any(number.doubtful for number in found) and others <= MOST_WORDS_OF_ANSWER
            return Parsed(value=fitting[0], words=said, sure=sure or len(words(said)) == 1)
        if fitting:
            return Parsed(alternatives=fitting[:3], words=said, sure=False)
        return Parsed(fault=faults[0], words=said) if faults else Parsed()

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """A whole number, done with "#"; "*" is the decimal mark."""
        whole, _, decimals = pressed.rstrip("#").partition("*")
        if not whole.isascii() or not whole.isdecimal() or len(whole) > 15 or not (decimals + "0").isdecimal():
            return Parsed()
        if not pressed.endswith("#"):
            return Parsed(partial=pressed)
        if is_national_id(whole):
            return Parsed(fault="national_id")
        value = Decimal(f"{whole}.{decimals or 0}")
        fault = fault_in_range(value, self.least, self.most)
        return Parsed(fault=fault) if fault else Parsed(value=written(value))

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """Another number behind a "no"; of two numbers the one that is not the old one."""
        if not answers_with_no(said):
            return Parsed()
        found = self.parse(said, context)
        others = tuple(each for each in found.alternatives if each != value)
        if len(others) == 1:
            return Parsed(value=others[0], words=said, sure=False)
        return Parsed() if found.value == value else found

    def listen(self, partial: str) -> tuple[str, int | None]:
        """A few words that hold a number."""
        return "digits", None

    def read_back(self, value: str, language: str) -> str:
        """The number with its mark."""
        return f"{{{value}|number}}"


def number(given: Mapping[str, object]) -> Number:
    """Type "number": `min` and `max`. Raises SlotOptionsInvalid."""
    least, most = options.decimal(given, "min"), options.decimal(given, "max")
    if least is not None and most is not None and least > most:
        raise SlotOptionsInvalid("min is greater than max", "exchange them")
    return Number(least, most)


def written(value: Decimal) -> str:
    """A number in its canonical form: no exponent, no zeros at its end, a point before the decimals."""
    text = format(abs(value), "f")
    sign = "-" if value < 0 else ""
    return sign + (text.rstrip("0").rstrip(".") if "." in text else text)


def without_dates(said: str) -> str:
    """An utterance without its dates and clock times in figures: their numbers count nothing."""
    return _DATE_OR_TIME.sub(" , ", said)


def fault_in_range(value: Decimal, least: Decimal | None, most: Decimal | None) -> str:
    """ "range" when the value lies outside."""
    below = least is not None and value < least
    return "range" if below or (most is not None and value > most) else ""


def answers_with_no(said: str) -> bool:
    """True when the caller's words take something back."""
    return _NO.search(folded(said)) is not None
