"""How numbers are said, written down independently of the code that hears them."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from num2words import num2words

from dialog.slots import SlotContext

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Oslo"))
LANGUAGES = ("nb", "nn", "en", "uk")

DIGITS = {
    "nb": "null en to tre fire fem seks sju åtte ni".split(),
    "nn": "null ein to tre fire fem seks sju åtte ni".split(),
    "en": "zero one two three four five six seven eight nine".split(),
    "uk": "нуль один два три чотири п'ять шість сім вісім дев'ять".split(),
}
OLD_TENS = {20: "tyve", 30: "tredve", 40: "førti", 50: "femti", 60: "seksti", 70: "sytti", 80: "åtti", 90: "nitti"}


def context(language: str = "nb", partial: str = "", expected: bool = True) -> SlotContext:
    """A moment in a call."""
    return SlotContext(language, NOW, partial, None, expected)


def one_by_one(digits: str, language: str) -> str:
    """ "fire null to"."""
    return " ".join(DIGITS[language][int(digit)] for digit in digits)


def number_words(value: int, language: str) -> str:
    """A whole number as num2words has it; nynorsk differs from bokmål in its ones only."""
    if language in ("nb", "nn"):
        words: str = num2words(value, lang="no")
        return " ".join("ein" if word == "en" and language == "nn" else word for word in words.split())
    return str(num2words(value, lang=language))


def old_counting(value: int) -> str:
    """ "toogtyve", of 21 to 99 that are no round tens."""
    return f"{DIGITS['nb'][value % 10]}og{OLD_TENS[value - value % 10]}"


def in_groups(groups: Sequence[str], language: str) -> str:
    """Groups of digits as numbers, with a pause between; a group that begins with 0 digit by digit."""
    return ", ".join(
        one_by_one(group, language) if group.startswith("0") else number_words(int(group), language) for group in groups
    )


def national_id(birth: str, individual: int) -> str | None:
    """A made-up fødselsnummer, or None when these digits have none. Source: Skatteetaten's rule for check digits."""
    digits = [int(digit) for digit in f"{birth}{individual:03d}"]
    first = -sum(weight * digit for weight, digit in zip((3, 7, 6, 1, 8, 9, 4, 5, 2), digits, strict=True)) % 11
    weights = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    second = -sum(weight * digit for weight, digit in zip(weights, [*digits, first], strict=True)) % 11
    return None if 10 in (first, second) else "".join(map(str, [*digits, first, second]))
