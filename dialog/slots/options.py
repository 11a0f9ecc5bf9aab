"""Options of a slot as a flow file gives them: each is read once, with a fault that says the cure."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from dialog.slots.slot_type import SlotOptionsInvalid

LONGEST_DIGITS = 64
"""A caller says no longer number; a longer one is a slip in the flow file."""


def whole(options: Mapping[str, object], key: str, least: int = 1, most: int = LONGEST_DIGITS) -> int | None:
    """A whole number between `least` and `most`, or None when the option is not there; raises SlotOptionsInvalid."""
    value = options.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise SlotOptionsInvalid(f"{key}: {value} is no whole number from {least} to {most}", f"write {key}: {least}")
    return value


def decimal(options: Mapping[str, object], key: str) -> Decimal | None:
    """A number, or None when the option is not there; raises SlotOptionsInvalid."""
    value = options.get(key)
    if value is None:
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if isinstance(value, bool) or not found.is_finite():
        raise SlotOptionsInvalid(f"{key}: {value} is no number", f"write {key}: 100")
    return found


def flag(options: Mapping[str, object], key: str, otherwise: bool) -> bool:
    """Yes or no, `otherwise` when the option is not there; raises SlotOptionsInvalid."""
    value = options.get(key, otherwise)
    if isinstance(value, bool):
        return value
    raise SlotOptionsInvalid(f"{key}: {value} is neither true nor false", f"write {key}: true or {key}: false")


def pattern(options: Mapping[str, object], key: str) -> re.Pattern[str] | None:
    """A regular expression for the whole value, or None; raises SlotOptionsInvalid."""
    value = options.get(key)
    if value is None:
        return None
    try:
        return re.compile(str(value), re.ASCII)
    except re.error as error:
        raise SlotOptionsInvalid(f"{key}: {value} is no regular expression ({error})", r"write \d{6}") from error


def word(options: Mapping[str, object], key: str) -> str:
    """A text without spaces at its ends, "" when the option is not there; raises SlotOptionsInvalid."""
    value = options.get(key, "")
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value).strip()
    raise SlotOptionsInvalid(f"{key}: {value} is no text", f'write {key}: "AB"')
