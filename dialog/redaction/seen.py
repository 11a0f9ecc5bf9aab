"""A text as the rules look at it: one form of each character, and what is hidden already as one character."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from dialog.text import APOSTROPHES

HIDDEN = "\ue000"
"""Stands for a label. No rule looks beyond it, so that a text redacted twice is the text redacted once."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A text in its compatible form (NFKC) with the places its characters come from.

    Args:
        text: with capitals and one kind of apostrophe.
        lower: the same in lower case, character by character.
        starts: for each character, where it begins in the original.
        ends: where it ends there.
    """

    text: str
    lower: str
    starts: Sequence[int]
    ends: Sequence[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """A stretch of this text, as offsets in the original."""
        return self.starts[start], self.ends[end - 1]


def seen(text: str, hidden: Sequence[tuple[int, int]] = ()) -> Seen:
    """The text for the rules.

    Args:
        text: as it was said or typed.
        hidden: stretches that are found already, from left to right, none overlapping another.
    """
    if not hidden and unicodedata.is_normalized("NFKC", text):
        plain = APOSTROPHES.sub("'", text)
        places = range(len(text) + 1)
        return Seen(plain, _lower(plain), places, places[1:])
    characters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for start, end in (*hidden, (len(text), len(text))):
        for cluster_start, cluster_end in _clusters(text, position, start):
            for character in unicodedata.normalize("NFKC", text[cluster_start:cluster_end]):
                characters.append(character)
                starts.append(cluster_start)
                ends.append(cluster_end)
        if end > start:
            characters.append(HIDDEN)
            starts.append(start)
            ends.append(end)
        position = end
    plain = APOSTROPHES.sub("'", "".join(characters))
    return Seen(plain, _lower(plain), starts, ends)


def _clusters(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Characters with the accents that belong to them."""
    found: list[tuple[int, int]] = []
    for index in range(start, end):
        if found and unicodedata.combining(text[index]):
            found[-1] = (found[-1][0], index + 1)
        else:
            found.append((index, index + 1))
    return found


def _lower(text: str) -> str:
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(one if len(one.lower()) > 1 else one.lower() for one in text)
