"""Personal numbers of a text: what is known beforehand, and what `judging` finds."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dialog.redaction.cues import Cues
from dialog.redaction.found import Kind, Known
from dialog.redaction.judging import Span, in_row, span_of
from dialog.redaction.rows import Row, pieces_of, rows_of

SHORTEST_KNOWN = 3
"""Fewer digits of a number that is being given are a count as well."""

SHORTEST_END = 2
MOST_OTHER_WORDS = 3
"""Around the last digits of a known number, when they are said alone: "elleve, ja"."""

_WORD = re.compile(r"[^\W\d_]+")


def numbers_in(text: str, language: str, named: Cues, known: Known) -> Iterator[Span]:
    """Personal numbers of a text.

    Args:
        text: `Seen.lower`.
        language: whose number words are meant.
        named: the cues of the text.
        known: what is known beforehand.
    """
    rows = list(rows_of(text, language))
    search = _Search(
        text,
        named,
        tuple((kind, digits) for kind, value in known.values if len(digits := digits_of(value)) >= SHORTEST_KNOWN),
        frozenset(digits_of(value) for value in known.plain),
        digits_of(known.collecting),
    )
    for place, row in enumerate(rows):
        begins = rows[place - 1].end if place else 0
        ends = rows[place + 1].start if place + 1 < len(rows) else len(text)
        yield from search.of(row, begins, ends)


def digits_of(value: str) -> str:
    """The digits of a canonical value, a Norwegian telephone number's without its country code; "" of anything else."""
    return re.sub(r"\D", "", value.removeprefix("+47")) if re.fullmatch(r"[+\d ]+", value) else ""


@dataclass(frozen=True, slots=True)
class _Search:
    """A text that is searched, and the digits that are known of its conversation.

    Args:
        text: `Seen.lower`.
        named: its cues.
        values: kind and digits of personal values.
        plain: digits of values that are nobody's.
        given: digits given so far of a value that is not whole.
    """

    text: str
    named: Cues
    values: tuple[tuple[Kind, str], ...]
    plain: frozenset[str]
    given: str

    def of(self, row: Row, begins: int, ends: int) -> Iterator[Span]:
        """What is personal in a row, or in the pieces of one that is nothing as a whole."""
        if self._is_plain(row):
            return
        found = self._known(row) or in_row(row, self.text, self.named.of(row.start, row.end, begins, ends))
        yield from found
        pieces = list(pieces_of(row, self.text)) if not found else []
        for piece in pieces if len(pieces) > 1 else ():
            # "postnummer 0155. Det er 92 24 37 11"
            if not self._is_plain(piece):
                name = self.named.of(piece.start, piece.end, begins, piece.end)
                yield from self._known(piece) or in_row(piece, self.text, name)
            begins = piece.end

    def _is_plain(self, row: Row) -> bool:
        return any(reading.digits in self.plain for reading in row.readings(0, len(row.parts)))

    def _known(self, row: Row) -> Sequence[Span]:
        whole = row.readings(0, len(row.parts))
        for kind, digits in self.values:
            forms = (digits, f"47{digits}", f"0047{digits}")
            for start, end, reading in row.windows():
                if reading.digits in forms:
                    return (span_of(kind, row, start, end),)
            if any(digits in reading.digits or self._is_end(reading.digits, digits, row) for reading in whole):
                return (span_of(kind, row, 0, len(row.parts)),)
        if self.given and any(reading.digits and self.given.endswith(reading.digits) for reading in whole):
            return (span_of("number", row, 0, len(row.parts)),)
        return ()

    def _is_end(self, said: str, digits: str, row: Row) -> bool:
        """True for a part of a known number that is said alone: the answer to "and then?"."""
        if len(said) > SHORTEST_KNOWN and said in digits:
            return True
        others = len(_WORD.findall(self.text[: row.start] + self.text[row.end :]))
        return len(said) >= SHORTEST_END and digits.endswith(said) and others <= MOST_OTHER_WORDS
