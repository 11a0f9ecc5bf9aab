"""Words as the mind compares them: lower case, no punctuation, one form for what speech cannot tell apart."""

import re
import unicodedata

# Apostrophes belong to Ukrainian and English words (п'ять, don't); all their shapes are one.
APOSTROPHES = re.compile(r"[\u2018\u2019\u02bc\u0060\u00b4]")
WORD = re.compile(r"\w+(?:['\-]\w+)*")
LONGEST_WORDS = 400
"""Nobody says more in one turn; what is longer is noise, and must not cost the other callers their time."""


def folded(text: str) -> str:
    """The text in lower case, with one kind of apostrophe; no longer than LONGEST_WORDS words can be."""
    return APOSTROPHES.sub("'", unicodedata.normalize("NFKC", text[: LONGEST_WORDS * 20])).lower()


def words(text: str) -> tuple[str, ...]:
    """Words of a text, lower-cased, without punctuation; at most LONGEST_WORDS."""
    return tuple(WORD.findall(folded(text)))[:LONGEST_WORDS]


def plain(text: str) -> str:
    """The words of a text with single spaces between."""
    return " ".join(words(text))
