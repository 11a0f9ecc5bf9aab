"""An utterance as a row of number parts, and the numbers that can be put together from them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dialog.slots.number_words import Meaning, Sort, meanings
from dialog.text import WORD, folded

TOKEN = re.compile(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)*")
MOST_PARTS = 400
"""More number words than anybody says in a turn."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a number, or another word.

    Args:
        sort: what it does.
        value: its number, 0 when it has none.
        doubt: 0 surely meant so, 1 also an article, 2 only sounds like it.
        text: as it stands in the folded text; of a figure its digits.
        word: position of its word in `dialog.text.words`.
        start: offset in the folded text.
        end: offset behind it.
        gap: what stands before it, back to the part before: "" inside a word, " " between words, ", " after a pause.
    """

    sort: Sort
    value: int
    doubt: int
    text: str
    word: int
    start: int
    end: int
    gap: str

    @property
    def joined(self) -> bool:
        """True inside a word: the "to" of "tjueto"."""
        return self.gap in ("", "-") and self.start > 0

    @property
    def after_pause(self) -> bool:
        """True after a comma or another mark that speech shows as a pause."""
        return any(mark in self.gap for mark in ",.;:/")


def parts_of(said: str, language: str) -> tuple[tuple[Part, ...], str]:
    """The parts of an utterance, and its folded text that their offsets count in."""
    text = folded(said)
    found: list[Part] = []
    before = 0
    for index, word in enumerate(WORD.finditer(text)):
        for token in TOKEN.finditer(word[0]):
            start, end = word.start() + token.start(), word.start() + token.end()
            gap = text[before:start]
            found += parts_of_token(token[0], language, index, start, end, gap)
            before = end
        if len(found) >= MOST_PARTS:
            break
    return tuple(found[:MOST_PARTS]), text


def parts_of_token(token: str, language: str, index: int, start: int, end: int, gap: str) -> Iterator[Part]:
    """The parts of one token: a word may have several grown together ("trehundreogtjueto").

    Args:
        token: from TOKEN, folded.
        language: nb, nn, en or uk.
        index: `Part.word`.
        start: offset of the token in the folded text.
        end: offset behind it.
        gap: what stands before it, back to the token before.
    """
    if token[0].isdecimal():
        digits = "".join(str(unicodedata.decimal(character)) for character in token)
        yield Part("figure", int(digits[:30]), 0, digits, index, start, end, gap)
        return
    known = meanings(token, language) or (Meaning("other"),)
    for position, meaning in enumerate(known):
        yield Part(meaning.sort, meaning.value, meaning.doubt, token, index, start, end, "" if position else gap)


def compose(parts: Sequence[Part], start: int, ordinals: bool = False) -> dict[int, int]:
    """Every number that begins at a part, by the position behind it: "fire hundre og tolv" begins 4, 400 and 412.

    Args:
        parts: of an utterance.
        start: position in `parts`.
        ordinals: "tjueførste" is a number too.
    """
    found: dict[int, int] = {}
    for end, value in _scaled(parts, start, 10**12, ordinals):
        found.setdefault(end, value)
    return found


def _sort(parts: Sequence[Part], position: int) -> Sort | None:
    return parts[position].sort if position < len(parts) else None


def _past_and(parts: Sequence[Part], position: int) -> int:
    return position + 1 if _sort(parts, position) == "and" else position


def _under_100(parts: Sequence[Part], start: int, ordinals: bool) -> Iterator[tuple[int, int]]:
    first, second = _sort(parts, start), _sort(parts, start + 1)
    if first is None:
        return
    value = parts[start].value
    if first in ("digit", "teen", "tens") or (first == "ordinal" and ordinals):
        yield start + 1, value
    if first == "figure" and not (len(parts[start].text) > 1 and parts[start].text[0] == "0"):
        yield start + 1, value
    if first == "tens" and (second == "digit" or (second == "ordinal" and ordinals)):
        unit = parts[start + 1].value
        if 0 < unit < 10:
            yield start + 2, value + unit
    # The old way of counting: "toogtyve", "to og tyve".
    if first == "digit" and value and second == "and":
        third = _sort(parts, start + 2)
        if third == "tens" or (third == "ordinal" and ordinals and 20 <= parts[start + 2].value < 100):
            yield start + 3, parts[start + 2].value + value


def _under_1000(parts: Sequence[Part], start: int, ordinals: bool) -> Iterator[tuple[int, int]]:
    heads: list[tuple[int, int]] = []
    if _sort(parts, start) == "hundred":
        heads.append((start + 1, 100))
    elif _sort(parts, start) == "hundreds":
        heads.append((start + 1, parts[start].value))
    else:
        for end, value in _under_100(parts, start, ordinals):
            yield end, value
            # "femten hundre" is a number, "tjue hundre" is two.
            if _sort(parts, end) == "hundred" and 0 < value < 100 and (value < 10 or value % 10):
                heads.append((end + 1, value * 100))
    for end, hundreds in heads:
        yield end, hundreds
        for last, rest in _under_100(parts, _past_and(parts, end), ordinals):
            if 0 < rest < 100:
                yield last, hundreds + rest


def _scaled(parts: Sequence[Part], start: int, limit: int, ordinals: bool) -> Iterator[tuple[int, int]]:
    heads = [(start, 1)] if _sort(parts, start) == "scale" else []
    for end, value in _under_1000(parts, start, ordinals):
        yield end, value
        heads.append((end, value))
        if ordinals and _sort(parts, end) == "ordinal" and value and parts[end].value in (100, 1000, 10**6, 10**9):
            yield end + 1, value * parts[end].value
    for end, value in heads:
        if _sort(parts, end) != "scale" or parts[end].value >= limit or not value:
            continue
        scale = parts[end].value
        yield end + 1, value * scale
        for last, rest in _scaled(parts, _past_and(parts, end + 1), scale, ordinals):
            if 0 < rest < scale:
                yield last, value * scale + rest
