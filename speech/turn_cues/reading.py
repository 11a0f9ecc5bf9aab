"""Does this text sound as if more is coming, or as if it is a whole question?

Whisper puts a full stop behind two of three unfinished sentences (turns.md, section 2): a full stop says nothing, "..."
and a comma say that more is coming.
"""

import re
from enum import Enum

from speech.turn_cues.words import ALL


class Reading(Enum):
    """What a text says about the end of its turn."""

    UNFINISHED = "unfinished"
    OPENER = "opener"
    UNCLEAR = "unclear"
    WHOLE = "whole"


_OPEN = frozenset[str]().union(*(cues.open for cues in ALL))
_DANGLING = frozenset[str]().union(*(cues.dangling for cues in ALL))
_ASKING = frozenset[str]().union(*(cues.asking for cues in ALL))
_PARTING = frozenset[str]().union(*(cues.parting for cues in ALL))
_OPENERS = frozenset(
    "hello hi hey good morning evening thank thanks you"
    " hei hallo heisann god dag morgen kveld takk tusen mange"
    " привіт вітаю добрий день дякую".split()
)
"""Courtesies that people begin with: alone, they are often followed by what is wanted."""

_ANNOUNCING = re.compile(
    r"\b(" + "|".join(pattern for cues in ALL for pattern in cues.announcing) + r")\W*$", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+(?:['’/-][^\W\d_]+)*")
_LAST_FIGURES = re.compile(r"(?<!\d)(\W*\d){1,3}\W*$")
_WORDS_OF_A_QUESTION = 3
_OPENING_WORDS = 4  # "hei, ja, altså hvor ..."


def read(text: str) -> Reading:
    """What the text says about the end of its turn: by its last words, its first words and its punctuation.

    Args:
        text: what was heard so far, in any of our languages.
    """
    stripped = text.strip()
    words = words_of(stripped)
    if words and _OPENERS.issuperset(words) and not stripped.endswith("?"):
        return Reading.OPENER
    if not stripped or " ".join(words) in _PARTING:
        return Reading.WHOLE if stripped else Reading.UNCLEAR
    if stripped.endswith(("...", "…", ",", "-", "–", ":")):
        return Reading.UNFINISHED
    asks = stripped.endswith("?") or any(word in _ASKING for word in words[:1])
    if not words or not stripped.rstrip(".!?").lower().replace("’", "'").endswith(words[-1]):
        return Reading.UNFINISHED if _is_begun_number(stripped) else Reading.UNCLEAR
    if words[-1] in _DANGLING and asks:
        return Reading.UNCLEAR
    if words[-1] in _OPEN or words[-1] in _DANGLING or _ANNOUNCING.search(stripped) and not stripped.endswith("?"):
        return Reading.UNFINISHED
    asks = asks or any(word in _ASKING for word in words[1:_OPENING_WORDS] if stripped.endswith("?"))
    return Reading.WHOLE if asks and len(words) >= _WORDS_OF_A_QUESTION else Reading.UNCLEAR


def _is_begun_number(text: str) -> bool:
    """Whether the text ends in "my number is" and one to three figures."""
    figures = _LAST_FIGURES.search(text)
    return figures is not None and _ANNOUNCING.search(text[: figures.start()]) is not None


def words_of(text: str) -> list[str]:
    """Lower-case words, digits left out, apostrophes written one way."""
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]
