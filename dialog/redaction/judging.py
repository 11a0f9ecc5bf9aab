"""Which rows of digits are personal: by check digits, by length and form, and by what they are called."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from dialog.redaction import cues
from dialog.redaction.found import Kind
from dialog.redaction.rows import MOST_COST, Row, free_rows, holds_quantity, is_long, said_in_pieces
from dialog.slots.checksums import is_account, is_national_id, passes_mod10
from dialog.slots.national_id import LIKELY_COST
from dialog.slots.phone import as_e164

POINTS_TO_SOMEBODY = 11
"""From so many digits on a number is hidden unless it is said to be something else."""

SHORTEST_NAMED = {"national_id": 5, "account": 6, "card": 12, "kid": 5, "code": 3, "phone": 6}
"""Digits that a number needs to be what it is called."""

LONGEST_NAMED = {"code": 10, "phone": 15}
WHOLE_COST = 1.5
"""Readings of a whole row may be this far from the likeliest; of a part of it `LIKELY_COST`."""

IMPERSONAL = ("other", "thing", "date")
CARD_LENGTHS = (13, 19)
USUAL_CARD_LENGTHS = (15, 16)
"""Of a card's number that somebody calls an order number: it is hidden all the same. Source: ISO/IEC 7812."""

_INTERNATIONAL = re.compile(r"00[1-9]\d{6,13}|380\d{9}|44[1-9]\d{9}|0[1-9]\d{8,9}", re.ASCII)
"""With two noughts; Ukrainian and British ones with their country code; national ones with their nought."""

_AMERICAN = re.compile(r"\(?[2-9]\d\d\)?[ .-]{1,2}[2-9]\d\d[ .-]\d{4}", re.ASCII)
_NEW_SENTENCE = re.compile(r"[.!?]\s+[^\W\d_]{2,}")
_CARD = re.compile(r"[2-6]\d{12,18}", re.ASCII)
_RANGE = re.compile(r"(\d{4}) ?[-–/] ?(\d{4})", re.ASCII)
"""From one number up to another."""


class Span(NamedTuple):
    """A piece of personal data in a `Seen`."""

    kind: Kind
    start: int
    end: int


def in_row(row: Row, text: str, name: str) -> tuple[Span, ...]:
    """What is personal in a row of digits.

    Args:
        row: of the text.
        text: `Seen.lower`.
        name: what the row is called (`Cues.of`), or "".
    """
    found = list(_judged(row, text, name))
    with_date = _with_date_and_check(row)
    # Every such number has the check digit of an account as well; of a longer row it may be a part by chance.
    if with_date and not any(_covers(one, with_date) and one[1:] != with_date[1:] for one in found):
        found = [with_date]
    return tuple(_with_sign(one, text) for one in found)


def _with_sign(span: Span, text: str) -> Span:
    """With the plus or the bracket before it."""
    sign = span.start - 1
    return span._replace(start=sign) if sign >= 0 and text[sign] in "+(" else span


def _covers(one: Span, other: Span) -> bool:
    return one.start <= other.start and one.end >= other.end


def _judged(row: Row, text: str, name: str) -> Iterator[Span]:
    """What is personal in a row by its name and form."""
    free = list(free_rows(row, text, name in SHORTEST_NAMED))
    if free != [row]:
        # What looks like a time inside a longer row is how a recogniser has put its points: "4-338, 92-55". And nobody
        # counts kroner in single figures: "fire seks fem null ni null tre tre kroner" is a number before another word.
        if free and (said_in_pieces(row) or not holds_quantity(row, text)):
            whole = _narrowed(row, text, name) if not _sounds_only(row) else None
        else:
            whole = _by_check(row, name) if is_long(row) and not _sounds_only(row) else None
        if whole:
            yield whole
            return
    for one in free:
        found = _narrowed(one, text, name)
        if found:
            yield found


def _sounds_only(row: Row) -> bool:
    """True when nothing but "for", "to" and the like stands around a date or a time: "for 2018/04/18 for 1"."""
    return sum(part.doubt == 2 for part in row.parts) > 1


def _narrowed(row: Row, text: str, name: str) -> Span | None:
    """What a row is, without the little words at its ends that are hardly digits of it: "... one. Yes, it is a"."""
    found = _by_name(row, name) or _by_form(row, text, name)
    while found and len(row.parts) > 1 and found.end == row.end and row.parts[-1].doubt:
        if not _NEW_SENTENCE.search(text, row.parts[-2].end, row.parts[-1].start):
            break
        row = Row(row.parts[:-1])
        shorter = _by_name(row, name) or _by_form(row, text, name)
        if shorter is None or shorter.kind != found.kind or found.kind == "number":
            break
        found = shorter
    return found


def _with_date_and_check(row: Row) -> Span | None:
    """A national identity number anywhere in a row: its date and two check digits fit once in about a thousand."""
    count = len(row.parts)
    if row.length < POINTS_TO_SOMEBODY - 2:
        return None
    for start, end, reading in row.windows():
        whole = end - start == count
        if reading.cost < (WHOLE_COST if whole else LIKELY_COST) and is_national_id(reading.digits):
            return span_of("national_id", row, start, end)
    return None


def _by_name(row: Row, name: str) -> Span | None:
    if name not in SHORTEST_NAMED:
        return None
    kind: Kind = name  # type: ignore[assignment]  # the keys of SHORTEST_NAMED are kinds
    longest = LONGEST_NAMED.get(name, 64)
    if SHORTEST_NAMED[name] <= row.length <= longest:
        return span_of(kind, row, 0, len(row.parts))
    return None


def _by_form(row: Row, text: str, name: str) -> Span | None:
    count = len(row.parts)
    checked = _by_check(row, name)
    if checked:
        return checked
    plus = cues.has_plus(text, row.start)
    if name in IMPERSONAL and not plus:
        return None
    readings = [reading.digits for reading in row.readings(0, count) if reading.cost <= MOST_COST]
    written = text[row.start : row.end]
    rising = _RANGE.fullmatch(written)
    is_range = rising is not None and rising[1] <= rising[2] and not plus and _are_round(rising[1], rising[2])
    can_be_called = any(as_e164(digits, plus, "uk") or _INTERNATIONAL.fullmatch(digits) for digits in readings)
    if _AMERICAN.fullmatch(written) or (can_be_called and not is_range):
        return span_of("phone", row, 0, count)
    if row.length >= POINTS_TO_SOMEBODY and not _counts_up(row):
        return span_of("number", row, 0, count)
    return _phone_inside(row)


def _are_round(*numbers: str) -> bool:
    """True for what people say "from ... to ..." of; years are no telephone numbers beforehand."""
    return all(number[-1] in "05" for number in numbers)


def _by_check(row: Row, name: str) -> Span | None:
    """A card or an account by its check digit."""
    count = len(row.parts)
    readings = [reading.digits for reading in row.readings(0, count) if reading.cost <= MOST_COST]
    lengths = range(CARD_LENGTHS[0], CARD_LENGTHS[1] + 1) if name != "other" else USUAL_CARD_LENGTHS
    if any(len(digits) in lengths and _is_card(digits) for digits in readings):
        return span_of("card", row, 0, count)
    if name not in ("other", "thing") and any(map(is_account, readings)):
        return span_of("account", row, 0, count)
    return None


def _is_card(digits: str) -> bool:
    return _CARD.fullmatch(digits) is not None and passes_mod10(digits)


def _counts_up(row: Row) -> bool:
    """ "1, 2, 3, 4, 5": a list and no number."""
    values = [part.value for part in row.parts]
    return len(values) > 2 and all(after == before + 1 for before, after in zip(values, values[1:], strict=False))


def _phone_inside(row: Row) -> Span | None:
    """A telephone number with a digit or two that belong to something else: "ja en 92 24 37 11"."""
    count = len(row.parts)
    for start, end, reading in row.windows():
        if reading.cost >= LIKELY_COST or not as_e164(reading.digits, False, "uk"):
            continue
        sizes = [len(part.text) for part in row.parts[start:end] if part.sort == "figure"]
        grouped = sizes in ([8], [2, 2, 2, 2], [3, 2, 3])
        said = not row.in_figures and (start == 0 or end == count) and row.length <= POINTS_TO_SOMEBODY
        if grouped:
            return span_of("phone", row, start, end)
        if said:
            return span_of("phone", row, 0, count)
    return None


def span_of(kind: Kind, row: Row, start: int, end: int) -> Span:
    """The stretch of a text that some parts of a row take."""
    return Span(kind, row.parts[start].start, row.parts[end - 1].end)
