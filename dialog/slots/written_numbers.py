"""Numbers in figures: thousands in groups, decimals behind a comma or a point, "100K", "-,5"."""

import re
from collections.abc import Sequence
from decimal import Decimal

from dialog.slots.number_parts import Part

_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?P<mark>[ .,\u00a0\u202f'])\d{3}(?:(?P=mark)\d{3})*(?!\d)")
_SINGLE = re.compile(r"\d+")
_FRACTION = re.compile(r"[.,](\d{1,30})(?![\d]|[.,]\d)")
_MULTIPLES = {"k": 10**3, "к": 10**3, "m": 10**6, "м": 10**6, "mill": 10**6, "g": 10**9, "mrd": 10**9}
_LONGEST = 30


def written_number(parts: Sequence[Part], start: int, text: str, language: str) -> tuple[int, Decimal] | None:
    """The number in figures that begins at a part: (position behind it, value), or None when it begins in words.

    Args:
        parts: of the utterance.
        start: position in `parts`.
        text: the folded text.
        language: "1,234" is a thousand in English and a decimal elsewhere; "1.234" the other way round.
    """
    first = parts[start]
    if first.sort != "figure" or len(first.text) > _LONGEST:
        return None
    grouped = _GROUPED.match(text, first.start)
    if grouped and _is_grouped(grouped[0], grouped["mark"], language):
        whole, end = re.sub(r"\D", "", grouped[0]), grouped.end()
    else:
        whole, end = first.text, first.end
    fraction = _FRACTION.match(text, end)
    value = Decimal(whole)
    if fraction:
        value, end = Decimal(f"{whole}.{fraction[1]}"), fraction.end()
    elif first.gap.endswith((" ,", " .", "-,", "-.")) or first.gap in (",", "."):
        value = Decimal(f"0.{first.text}")
    position = start
    while position < len(parts) and parts[position].start < end:
        position += 1
    if position < len(parts) and parts[position].start == end and parts[position].text in _MULTIPLES:
        return position + 1, _signed(value * _MULTIPLES[parts[position].text], first)
    if position < len(parts) and parts[position].sort in ("scale", "hundred"):
        if position == start + 1:
            return None  # "12 tusen" is put together as words are
        return position + 1, _signed(value * parts[position].value, first)
    if position == start + 1 and position < len(parts) and parts[position].sort == "point":
        return None
    return position, _signed(value, first)


def _signed(value: Decimal, first: Part) -> Decimal:
    at_beginning = first.start == len(first.gap)  # elsewhere a bare "-" joins: "3-4"
    negative = re.search(r"(?:^|\s)[-−–][.,]?$" if at_beginning else r"\s[-−–][.,]?$", first.gap) is not None
    return -value if negative else value


def _is_grouped(text: str, mark: str, language: str) -> bool:
    """Whether the marks part thousands: "1.200" does in Norwegian, "1,200" in English; "0.125" never."""
    if text[0] == "0":
        return False
    if mark in " \u00a0\u202f'" or text.count(mark) > 1:
        return True
    return mark == ("," if language == "en" else ".")
