"""The caller's own words: what is wrong, why something is sent back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dialog.slots import options
from dialog.slots.national_id import holds_national_id
from dialog.slots.slot_type import Parsed, SlotContext
from dialog.text import words

LONGEST = 2000
"""Characters; what is longer is cut at a word."""


@dataclass(frozen=True, slots=True)
class FreeText:
    """The words as they were said, on one line.

    Args:
        fewest_words: less is no description.
        longest: characters that are kept.
        anything: a question of the caller's is taken as well: it is meant for who reads the words.
    """

    fewest_words: int = 1
    longest: int = LONGEST
    anything: bool = False
    kind: str = "text"

    def parse(self, said: str, context: SlotContext) -> Parsed:
        """All that was said, joined to what was said before; never in passing."""
        if not context.expected or not words(said):
            return Parsed()
        if holds_national_id(said, context.language):
            return Parsed(fault="national_id")
        text = " ".join(f"{context.partial} {said}".split())
        if len(words(text)) < self.fewest_words:
            return Parsed(partial=text, words=said)
        return Parsed(value=_cut(text, self.longest), words=said)

    def keys(self, pressed: str, context: SlotContext) -> Parsed:
        """Nothing: words cannot be typed on a keypad."""
        return Parsed()

    def correct(self, value: str, said: str, context: SlotContext) -> Parsed:
        """Nothing: who says more says it anew."""
        return Parsed()

    def listen(self, partial: str) -> tuple[str, int | None]:
        """Anything."""
        return "open", None

    def read_back(self, value: str, language: str) -> str:
        """The words, without what would be taken for a mark."""
        return re.sub(r"[{}|]", "", value).rstrip(" .")


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest + 1].rpartition(" ")[0][:longest] or text[:longest]


def free_text(given: Mapping[str, object]) -> FreeText:
    """Type "text": `min_words`, `max_length` in characters, and `anything`. Raises SlotOptionsInvalid."""
    fewest = options.whole(given, "min_words", 1, 20) or 1
    longest = options.whole(given, "max_length", 10, LONGEST) or LONGEST
    return FreeText(fewest, longest, options.flag(given, "anything", False))
