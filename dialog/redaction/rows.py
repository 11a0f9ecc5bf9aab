"""Rows of digits in a text of any length, in figures and in words, and what in them is a date, a time or a quantity."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dialog.redaction import cues
from dialog.redaction.seen import HIDDEN
from dialog.slots.digit_rows import Reading, readings_by_end
from dialog.slots.number_parts import TOKEN, Part, compose, parts_of_token

LONGEST_READ = 38
"""Digits of the longest row that is read: twice a card's. What is longer is judged by its length."""

MOST_COST = 2.5
"""Readings that cost more fit by chance. See `dialog.slots.digit_rows`."""

_CONNECTING = frozenset(
    "eh øh ehm hm hmm øhm mm og så kommer kjem deretter etterpå vent litt unnskyld beklager orsak øyeblikk sorry "
    "liksom altså ja nei jo ok okei også videre vidare "
    "uh um er and then wait sorry hold on followed by yes no okay so again "
    "і й та потім далі зачекайте вибачте ні так ем ну ще раз".split()
)
"""Words that part the digits of a number and not one number from the next."""

_PARTING = re.compile(r"[.!?:;]\s|\b(?:er|e|det|nummer|nummeret|is|it|that's|it's|number|це|є)\b")
MOST_CONNECTING = 4
FEWEST_PIECES, FEWEST_LONG = 6, 3
WHOLE_NUMBER = 5
"""Figures of this length are a number of their own beside another such."""

LONGEST_AMOUNT = 10
_BREAKING = frozenset(("other", "point", "half", "one_half", "pair", "minus", "ordinal"))
_NOT_ALONE = frozenset(("and", "times", "filler"))

_TIMES = re.compile(
    r"(?<![\d.,/])\d{1,2}[.:]\d{2}(?::\d{2})?(?![.:]?\d)"  # 10.30, 10:30:15
    r"|(?<![\d./])\d{1,2}[./-]\s?\d{1,2}[./-]\s?(?:19|20)?\d{2}(?![\d./]|-\d)"  # 21.05.1990, 3/4-26
    r"|(?<!\d)(?:19|20)\d{2}[-./]\d{2}[-./]\d{2}(?!\d)"  # 2026-11-23
    r"|(?<![\d.,])\d{1,2}\s?[-–]\s?\d{1,2}(?![\d-])"  # 10-16
)
_AMOUNTS = re.compile(
    r"(?<![\d.,])\d{1,3}[.,]\d{3}(?![\d.,])(?!\s\d)"  # 729.681
    r"|(?<![\d.,])\d{1,3}(?:,\d{3}){2,}(?!\d)|(?<![\d.,])\d{1,3}(?:\.\d{3}){2,}(?!\d)"  # 12,345,678
    r"|(?<![\d.,])\d{1,3}(?: \d{3})* ?000(?!\d)(?=\s*[^\d\s])"  # 40 000 000
    r"|(?<![\d.,])\d+,\d{1,2}(?![\d,])(?!\s?\d)|(?<![\d.,])\d{1,7}\.\d{1,2}(?![\d.])(?!\s?\d)"  # 1234,50
    r"|(?<![\d.,])\d+[.,]\d{3,}(?=\D*$|\s*[^\d\s])"  # 3.14159265
)
_YEAR = re.compile(r"1[5-9]\d\d|20\d\d")
_DAY_GROUPS = re.compile(r"(?<!\d)(?:0?[1-9]|[12]\d|3[01])[ ./-](?:0?[1-9]|1[0-2])[ ./-](?:19|20)\d{2}(?![ .]?\d)")


@dataclass(frozen=True, slots=True)
class Row:
    """Number words and figures that stand together.

    Args:
        parts: at least one, as `dialog.slots.number_parts` has them, with offsets in `Seen.lower`.
        table: readings by the part they begin at, filled as they are asked for.
    """

    parts: tuple[Part, ...]
    table: dict[int, list[tuple[Reading, ...]]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def start(self) -> int:
        """Offset of the first character."""
        return self.parts[0].start

    @property
    def end(self) -> int:
        """Offset behind the last character."""
        return self.parts[-1].end

    @property
    def in_figures(self) -> bool:
        """True when no number is written in words."""
        return all(part.sort == "figure" for part in self.parts)

    @property
    def length(self) -> int:
        """Digits of the likeliest reading; of a row that is too long to be read, about so many."""
        whole = self.readings(0, len(self.parts))
        return len(whole[0].digits) if whole else sum(len(str(part.value)) for part in self.parts)

    def readings(self, start: int, end: int) -> tuple[Reading, ...]:
        """How the parts from one place to another can be read, the likeliest first."""
        if start not in self.table:
            self.table[start] = readings_by_end(self.parts[start:], LONGEST_READ)
        return self.table[start][end - start]

    def windows(self) -> Iterator[tuple[int, int, Reading]]:
        """Every stretch of parts with each of its readings, the longest stretch first."""
        count = len(self.parts)
        for size in range(count, 0, -1):
            for start in range(count - size + 1):
                for reading in self.readings(start, start + size):
                    if reading.digits:
                        yield start, start + size, reading


def pieces_of(row: Row, lower: str) -> Iterator[Row]:
    """The numbers a row may be, where a sentence ends or "det er" stands between them.

    Args:
        row: of the text.
        lower: the text.
    """
    piece: list[Part] = []
    for part in row.parts:
        if piece and (_are_two(piece[-1], part) or _PARTING.search(lower, piece[-1].end, part.start)):
            yield Row(tuple(piece))
            piece = []
        piece.append(part)
    yield Row(tuple(piece))


def _are_two(before: Part, part: Part) -> bool:
    shorter = min(len(before.text), len(part.text))
    return shorter >= WHOLE_NUMBER and before.sort == part.sort == "figure"


def rows_of(lower: str, language: str) -> Iterator[Row]:
    """The rows of a text, from left to right.

    Args:
        lower: from `Seen.lower`.
        language: whose number words are meant.
    """
    row: list[Part] = []
    connecting = before = 0
    for index, token in enumerate(TOKEN.finditer(lower)):
        gap = lower[before : token.start()]
        if row and (HIDDEN in gap or "@" in gap):
            yield from _rows(row)
            row = []
        before = token.end()
        for part in parts_of_token(token[0], language, index, token.start(), token.end(), gap):
            if part.sort not in _BREAKING:
                row.append(part)
                connecting = 0 if part.sort not in _NOT_ALONE else connecting
            elif row and token[0] in _CONNECTING and connecting < MOST_CONNECTING:
                connecting += 1
            elif row:
                yield from _rows(row)
                row = []
    if row:
        yield from _rows(row)


def _rows(parts: Sequence[Part]) -> Iterator[Row]:
    """The row of parts; in pieces where a part makes no number with those beside it."""
    kept = _trimmed([part for part in parts if part.sort != "filler"])
    if not any(part.doubt == 0 and part.sort not in _NOT_ALONE for part in kept):
        return
    piece: list[Part] = []
    for position, part in enumerate(kept):
        if part.sort in ("times", "again") and not readings_by_end(kept[max(0, position - 1) : position + 2])[-1]:
            if piece:
                yield Row(tuple(piece))
            piece = []
        else:
            piece.append(part)
    if piece:
        yield Row(tuple(piece))


def _trimmed(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Without "og" and the like at its ends."""
    kept = list(parts)
    while kept and kept[0].sort in _NOT_ALONE:
        kept.pop(0)
    while kept and kept[-1].sort in _NOT_ALONE:
        kept.pop()
    return tuple(kept)


def free_rows(row: Row, lower: str, named: bool) -> Iterator[Row]:
    """What of a row is no date, time, year, amount or count.

    Args:
        row: of the text.
        lower: the text.
        named: it is called something personal; then the points of an amount are how a recogniser writes long numbers.
    """
    if all(part.sort == "and" or part.doubt == 2 or _YEAR.fullmatch(part.text) for part in row.parts):
        return
    bound = [False] * len(row.parts)
    for start, end in _bound_stretches(lower, row.start, row.end, named):
        for index, part in enumerate(row.parts):
            bound[index] = bound[index] or start <= part.start < end
    for index in _quantities(row, lower):
        bound[index] = True
    if not any(bound):
        yield row
        return
    piece: list[Part] = []
    for index in range(len(bound) + 1):
        if index < len(bound) and not bound[index]:
            piece.append(row.parts[index])
            continue
        if any(one.doubt == 0 and one.sort not in _NOT_ALONE for one in piece):
            yield Row(_trimmed(piece))
        piece = []


def holds_quantity(row: Row, lower: str) -> bool:
    """True when a number of the row has a unit behind it, or a sign of money or the clock before it."""
    return next(_quantities(row, lower), None) is not None


def said_in_pieces(row: Row) -> bool:
    """True when a row is so many small numbers that they are one number said in parts."""
    return len(row.parts) >= FEWEST_PIECES and all(part.value < 100 for part in row.parts)


def is_long(row: Row) -> bool:
    """True when a row has more pieces, or a longer one, than amounts have."""
    amount = any(part.sort == "scale" or part.text.endswith("000") for part in row.parts)
    return not amount and (len(row.parts) >= FEWEST_LONG or any(len(part.text) > LONGEST_AMOUNT for part in row.parts))


def _bound_stretches(lower: str, start: int, end: int, named: bool) -> Iterator[tuple[int, int]]:
    shift = max(0, start - 2)
    around = lower[shift : end + 12]
    for pattern in (_TIMES, _DAY_GROUPS):
        for match in pattern.finditer(around):
            yield match.start() + shift, match.end() + shift
    for match in () if named else _AMOUNTS.finditer(around):
        if sum(character.isdecimal() for character in match[0]) <= LONGEST_AMOUNT:
            yield match.start() + shift, match.end() + shift


def _quantities(row: Row, lower: str) -> Iterator[int]:
    """Parts that belong to a number with a unit behind it, or to thousands and millions."""
    count = len(row.parts)
    for end in range(1, count + 1):
        part = row.parts[end - 1]
        if part.sort == "scale" and (part.value > 1000 or not lower.startswith(" takk", part.end)):
            yield from range(_number_from(row, end), min(end + 3, count))
        elif cues.counts_something(lower, part.end):
            yield from range(_number_from(row, end), end)
        if cues.is_money_or_time(lower, part.start):
            yield end - 1


def _number_from(row: Row, end: int) -> int:
    """Where the one number begins that ends before a place: "1 499" and "fire hundre og tolv" are one."""
    start = end - 1
    if row.parts[start].sort == "figure":
        while start and len(row.parts[start].text) == 3 and row.parts[start].gap in (" ", "\u00a0", ".", "'"):
            if row.parts[start - 1].sort != "figure" or len(row.parts[start - 1].text) > 3:
                break
            start -= 1
        return start
    return next((first for first in range(max(0, end - 12), end) if end in compose(row.parts, first)), start)
