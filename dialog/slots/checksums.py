"""Check digits of Norwegian numbers."""

from collections.abc import Sequence
from datetime import date

ACCOUNT_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
ORGANISATION_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2, 1)
_FIRST_CHECK = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_SECOND_CHECK = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
NATIONAL_ID_LENGTH = 11


def passes_mod10(digits: str) -> bool:
    """The Luhn rule, of KID numbers and payment cards; two digits at least."""
    if len(digits) < 2 or not _is_figures(digits):
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def passes_mod11(digits: str) -> bool:
    """The mod 11 rule of KID numbers: weights 2 to 7 from the right; two digits at least."""
    if len(digits) < 2 or not _is_figures(digits):
        return False
    weighted = sum((2 + place % 6) * int(digit) for place, digit in enumerate(reversed(digits[:-1])))
    return (weighted + int(digits[-1])) % 11 == 0


def is_kid(digits: str) -> bool:
    """A KID number by either rule: 2 to 25 digits."""
    return len(digits) <= 25 and (passes_mod10(digits) or passes_mod11(digits))


def is_account(digits: str) -> bool:
    """A Norwegian bank account number: 11 digits, mod 11."""
    return _weighs(digits, ACCOUNT_WEIGHTS)


def is_organisation(digits: str) -> bool:
    """A Norwegian organisation number: 9 digits, mod 11, beginning with 8 or 9."""
    return digits[:1] in ("8", "9") and _weighs(digits, ORGANISATION_WEIGHTS)


def is_national_id(digits: str) -> bool:
    """A fødselsnummer or D-number, real or made up for tests: 11 digits, a date and two check digits.

    Source: Skatteetaten. A D-number has 4 added to its first digit; test numbers have 40 or 80 added to the month.
    """
    if not _weighs(digits, _SECOND_CHECK) or not _weighs(digits[:10], _FIRST_CHECK):
        return False
    day, month, year = int(digits[:2]) % 40, int(digits[2:4]) % 40, int(digits[4:6])
    return any(_is_date(century + year, month, day) for century in (1800, 1900, 2000))


def _weighs(digits: str, weights: Sequence[int]) -> bool:
    """True when the digits times their weights add up to a multiple of eleven."""
    if len(digits) != len(weights) or not _is_figures(digits):
        return False
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11 == 0


def _is_figures(digits: str) -> bool:
    return digits.isascii() and digits.isdecimal()


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
