"""Whole numbers and decimals in what a caller said, in words or figures; rows of digits are in `digit_rows`."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dialog.slots.digit_rows import digit_runs, joined_readings
from dialog.slots.number_parts import Part, compose, parts_of
from dialog.slots.written_numbers import written_number


@dataclass(frozen=True, slots=True)
class Found:
    """A number in an utterance.

    Args:
        value: the number.
        start: position of its first word in `dialog.text.words`.
        end: position behind its last word.
        starts_at: offset of its first character in `dialog.text.folded`.
        ends_at: offset behind its last character.
        ordinal: "tredje", "third": a place in a row.
        doubtful: it may also be an article ("en", "one").
    """

    value: Decimal
    start: int
    end: int
    starts_at: int
    ends_at: int
    ordinal: bool = False
    doubtful: bool = False


def digit_strings(said: str, language: str) -> list[str]:
    """All readings of the digits of an utterance, the likeliest first; words between them are passed over."""
    return [reading.digits for reading in joined_readings(digit_runs(said, language))]


def numbers(said: str, language: str, ordinals: bool = True) -> list[Found]:
    """Every number of an utterance, from left to right, each as long as it can be.

    "nittini komma femti" is 99.50, "to og et halvt tusen" 2500, "halvannen" 1.5, "1 499,50" 1499.50, "100K" 100000.
    """
    parts, text = parts_of(said, language)
    found: list[Found] = []
    position = 0
    while position < len(parts):
        number = written_number(parts, position, text, language) or _spoken(parts, position, ordinals)
        if number is None:
            position += 1
            continue
        end, value = number
        negative = position > 0 and parts[position - 1].sort == "minus"
        first = parts[position - 1 if negative else position]
        last = parts[end - 1]
        found.append(
            Found(
                -value if negative else value,
                first.word,
                last.word + 1,
                first.start,
                last.end,
                last.sort == "ordinal",
                (last.sort == "pair" and last.value == 2) or (end == position + 1 and last.doubt > 0),
            )
        )
        position = end
    return found


def _spoken(parts: Sequence[Part], start: int, ordinals: bool) -> tuple[int, Decimal] | None:
    """The longest number in words from a position."""
    part = parts[start]
    if part.sort == "one_half":
        return _times_scale(parts, start + 1, Decimal("1.5"))
    if part.sort == "half":
        behind = start + 2 if _is_one(parts, start + 1) else start + 1  # "half a million"
        scaled = _times_scale(parts, behind, Decimal("0.5"))
        return scaled if scaled[0] > behind else None
    if part.sort == "pair" and part.value > 2:
        return start + 1, Decimal(part.value)
    if part.doubt == 2:
        return None
    composed = compose(parts, start, ordinals)
    if not composed:
        return None
    end = max(composed)
    value = Decimal(composed[end])
    if end == start + 1 and end < len(parts) and parts[end].sort == "pair" and value:
        return _times_scale(parts, end + 1, value * parts[end].value)
    halves = _and_a_half(parts, end)
    if halves is not None:
        return _times_scale(parts, halves, value + Decimal("0.5"))
    if _is_one(parts, start) and end == start + 1 and end < len(parts) and parts[end].sort == "half":
        return _times_scale(parts, end + 1, Decimal("0.5"))
    if end + 1 < len(parts) and parts[end].sort == "point" and parts[end - 1].sort != "ordinal":
        decimals = _decimals(parts, end + 1)
        if decimals is not None:
            return _times_scale(parts, decimals[0], value + Decimal(f"0.{decimals[1]}"))
    return end, value


def _is_one(parts: Sequence[Part], position: int) -> bool:
    return position < len(parts) and parts[position].sort == "digit" and parts[position].doubt == 1


def _and_a_half(parts: Sequence[Part], start: int) -> int | None:
    """The position behind "og en halv", "and a half", "з половиною"."""
    sorts = [part.sort for part in parts[start : start + 3]]
    if sorts[:1] == ["and"] and sorts[1:] == ["digit", "half"] and parts[start + 1].value == 1:
        return start + 3
    if sorts[:2] in (["and", "half"],):
        return start + 2
    if sorts[:2] == ["other", "half"] and parts[start].text in ("з", "із"):
        return start + 2
    return None


def _times_scale(parts: Sequence[Part], position: int, value: Decimal) -> tuple[int, Decimal]:
    while position < len(parts) and parts[position].sort in ("scale", "hundred"):
        value *= parts[position].value
        position += 1
    return position, value


def _decimals(parts: Sequence[Part], start: int) -> tuple[int, str] | None:
    """Digits after a spoken comma: zeros, then a number below a hundred or single digits."""
    digits, position = "", start
    while position < len(parts) and parts[position].sort == "digit" and parts[position].value == 0:
        digits, position = digits + "0", position + 1
    if position < len(parts) and parts[position].sort == "figure":
        return position + 1, digits + parts[position].text
    composed = {end: value for end, value in compose(parts, position).items() if value < 1000}
    if composed:
        end = max(composed)
        digits, position = digits + str(composed[end]), end
        single = end == start + len(digits)
        while single and position < len(parts) and parts[position].sort == "digit":
            digits, position = digits + str(parts[position].value), position + 1
    return (position, digits) if digits else None
