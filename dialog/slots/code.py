"""Ids of letters and digits ("AB1234", "4027-X"): letters by their names, digits as rows."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, product

from dialog.slots import options
from dialog.slots.checksums import is_national_id
from dialog.slots.corrections import mended
from dialog.slots.digit_rows import Reading, digit_runs
from dialog.slots.digits import lengths
from dialog.slots.letters import letter_names, prepared
from dialog.slots.national_id import holds_national_id
from dialog.slots.slot_type import Parsed, SlotContext, SlotOptionsInvalid
from dialog.text import folded, words

LONGEST_TOGETHER = 4
"""Letters that a recogniser writes as one word, in capitals or before a figure: "ABX 402"."""

MOST_CANDIDATES = 500
MOST_COST = 3.0
MOST_LEADING_LETTERS = 3
"""Words in a row that may be letters although they are digits too."""

_LETTERS = re.compile(r"[^\W\d_]+")
_BY_SOUND = str.maketrans("АБВГҐДЕЗИІЙКЛМНОПРСТУФХЦ", "ABVGGDEZIIJKLMNOPRSTUFHC")
"""An id is in Latin letters; the recogniser writes what a Ukrainian says in Cyrillic."""


_LATIN_IN_UKRAINIAN = {
    "ей": "a", "бі": "b", "сі": "c", "ді": "d", "джі": "g", "аш": "h", "ха": "h", "ай": "i", "джей": "j", "йот": "j",
    "кей": "k", "кю": "q", "ку": "q", "кью": "q", "ар": "r", "ікс": "x", "ігрек": "y", "зет": "z", "зед": "z",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Code:
    """Letters and digits that match a pattern, in capitals.

    Args:
        pattern: of the whole value.
        shortest: fewest characters.
        longest: most characters.
    """

    pattern: re.Pattern[str]
    shortest: int = 1
    longest: int = options.LONGEST_DIGITS
    kind: str = "code"

    def parse(self, said: str, context: SlotContext) -> Parsed:
        """The id in a caller's words, joined to what is known so far."""
        if holds_national_id(said, context.language):
            return Parsed(fault="national_id")
        pool = [each for each in _candidates(said, context.language) if each.digits]
        if context.partial:
            pool = [*(replace(each, digits=context.partial + each.digits) for each in pool), *pool]
        if not pool:
            return Parsed()
        fitting = [each for each in pool if not self.fault_of(each.digits) and each.cost < MOST_COST]
        if fitting:
            best = min(each.cost for each in fitting)
            equal = tuple(dict.fromkeys(each.digits for each in fitting if each.cost == best))
            if len(equal) > 1 and context.expected:
                return Parsed(alternatives=equal[:3], words=said, sure=False)
            # One letter is easily heard for another: only what stands written as one word needs no reading back.
            written = equal[0] in said.upper().split()
            return Parsed(value=equal[0], words=said, sure=written) if len(equal) == 1 else Parsed()
        longest = max(pool, key=lambda each: (-each.cost, len(each.digits)))
        others = len(words(said)) - len(longest.digits)
        if not context.expected or others > len(longest.digits) + 2:
            return Parsed()
        fault = self.fault_of(longest.digits)
        if fault == "too_short":
            return Parsed(partial=longest.digits, words=said)
        return Parsed(fault=fault, words=said)

    def fault_of(self, text: str) -> str:
        """What is wrong with an id, "" when nothing is."""
        if len(text) < self.shortest:
            return "too_short"
        if len(text) > self.longest:
            return "too_long"
        return "" if self.pattern.fullmatch(text) and not is_national_id(text) else "pattern"

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """Nothing: letters cannot be typed on a keypad."""
        return Parsed()

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """The id anew, or with its last row of digits mended."""
        found = self.parse(said, replace(context, partial=""))
        if found.value and found.value != value:
            return replace(found, sure=False)
        digits = re.search(r"\d+$", value, re.ASCII)
        if digits is None:
            return Parsed()
        head = value[: digits.start()]
        others = [head + each for each in mended(digits[0], said, context.language)]
        fitting = tuple(each for each in others if each != value and not self.fault_of(each))
        if len(fitting) == 1:
            return Parsed(value=fitting[0], words=said, sure=False)
        return Parsed(alternatives=fitting[:3], words=said, sure=False) if fitting else Parsed()

    def listen(self, partial: str) -> tuple[str, int | None]:
        """Letters and digits, as many as are missing when that is known."""
        return "letters", max(self.longest - len(partial), 1) if self.shortest == self.longest else None

    def read_back(self, value: str, language: str) -> str:
        """The id with its mark."""
        return f"{{{value}|id}}"


def _candidates(said: str, language: str) -> tuple[Reading, ...]:
    """Ids that an utterance may hold: its rows of digits with the letters that touch them."""
    text = prepared(said)
    if len(folded(text)) != len(text):
        text = folded(text)
    found: dict[str, Reading] = {}
    for pieces in _rows_of_pieces(text, language):
        for parts in islice(product(*pieces), MOST_CANDIDATES):
            joined = "".join(part.digits for part in parts).upper()
            joined = joined.translate(_BY_SOUND) if language == "uk" else joined
            cost = sum(part.cost for part in parts)
            if joined not in found or cost < found[joined].cost:
                found[joined] = Reading(joined, cost)
    return tuple(found.values())


def _rows_of_pieces(text: str, language: str) -> Iterator[list[Sequence[Reading]]]:
    """The utterance cut into letters and rows of digits; what is both a letter and a digit ("O", "enn") both ways."""
    runs = digit_runs(text, language)
    yield _pieces(text, language, tuple((run.starts_at, run.ends_at, run.readings) for run in runs))
    names = _names(language)
    if not runs:
        return
    first = runs[0]
    for token in islice(_LETTERS.finditer(text, first.starts_at, first.ends_at), MOST_LEADING_LETTERS):
        if len(token[0]) > 1 and token[0].lower() not in names:
            return
        rest = digit_runs(text[token.end() :], language)
        yield _pieces(
            text,
            language,
            tuple((run.starts_at + token.end(), run.ends_at + token.end(), run.readings) for run in rest),
        )


def _pieces(text: str, language: str, rows: Sequence[tuple[int, int, Sequence[Reading]]]) -> list[Sequence[Reading]]:
    pieces: list[Sequence[Reading]] = []
    position = 0
    for start, end, readings in rows:
        letters = _letters(text[position:start], language, joined=text[:start][-1:].isalpha())
        pieces.append(_whole(letters) if pieces else _endings(letters))
        pieces.append(readings)
        position = end
    behind = _letters(text[position:], language, joined=False)
    pieces.append(tuple(reversed(_endings(tuple(reversed(behind)), backwards=True))) if rows else _whole(behind))
    return pieces


@lru_cache(maxsize=4)
def _names(language: str) -> Mapping[str, str]:
    return {**letter_names(language), **(_LATIN_IN_UKRAINIAN if language == "uk" else {})}


def _letters(text: str, language: str, joined: bool) -> tuple[Reading | None, ...]:
    """The letters of a stretch of words, None for any other word.

    Args:
        text: the words, as they are written.
        language: nb, nn, en or uk.
        joined: the last word is grown together with a figure ("ab402").
    """
    names = _names(language)
    tokens = _LETTERS.findall(text)
    found: list[Reading | None] = []
    for index, token in enumerate(tokens):
        together = token.isupper() or (joined and index == len(tokens) - 1)
        if len(token) == 1 or together and len(token) <= LONGEST_TOGETHER:
            found.append(Reading(token, 0.0))
        elif token.lower() in names:
            found.append(Reading(names[token.lower()], 0.5 if len(token) > 2 else 1.0))
        else:
            found.append(None)
    return tuple(found)


def _endings(letters: Sequence[Reading | None], backwards: bool = False) -> tuple[Reading, ...]:
    """Every row of letters at the end of a stretch, the longest first; leaving a letter out costs a little."""
    tail: list[Reading] = []
    for letter in reversed(letters):
        if letter is None:
            break
        tail.append(letter)
    rows = []
    for size in range(len(tail), -1, -1):
        kept = tail[:size] if backwards else tail[:size][::-1]
        left_out = 0.25 * (len(tail) - size)
        rows.append(Reading("".join(each.digits for each in kept), sum(each.cost for each in kept) + left_out))
    return tuple(rows)


def _whole(letters: Sequence[Reading | None]) -> tuple[Reading, ...]:
    known = [letter for letter in letters if letter is not None]
    return (Reading("".join(each.digits for each in known), sum(each.cost for each in known)),)


def code(given: Mapping[str, object]) -> Code:
    """Type "code": `pattern`, and `length`, or `min_length` and `max_length`. Raises SlotOptionsInvalid."""
    pattern = options.pattern(given, "pattern")
    if pattern is None:
        raise SlotOptionsInvalid("a code has no pattern", r'write pattern: "[A-Z]{2}\\d{4}"')
    shortest, longest = lengths(given, 1, 32)
    return Code(pattern, shortest, longest)
