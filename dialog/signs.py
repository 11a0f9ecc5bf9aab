"""Lists of phrases that a person can write: "jeg skal/vil ... advokat*" is three marks and otherwise plain words.

`a/b` is either word, `word*` any ending of it, `...` up to three words between. Built-in lists stand in
`dialog/built_in/moods.<language>.yaml`; a bot adds its own in `words.yaml`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import yaml

from dialog.bot import NORWEGIAN
from dialog.text import words

GAP = "..."
PIECE = re.compile(r"\.\.\.|[\w'\-/*]+")
OVERLOOKED = " | "
"""Put where an innocent phrase stood: no word, so that no phrase reaches across it."""


def expression(phrase: str) -> str:
    """The regular expression of a phrase, for words with single spaces between; "" when it has no words."""
    pieces: list[str] = []
    for piece in PIECE.findall(phrase.lower()):
        if piece == GAP:
            pieces.append(r"(?:\S+ ){0,3}?")
            continue
        either = [_word(word) for word in piece.split("/") if word.strip("*")]
        pieces.append(f"(?:{'|'.join(either)}) " if either else "")
    # Words and gaps each bring the space after them; the last word is followed by a space, too.
    return "".join(pieces).strip(" ") if any(piece.startswith("(?:") for piece in pieces) else ""


def _word(word: str) -> str:
    stem, star, _ = word.partition("*")
    return re.escape("".join(words(stem))) + (r"[\w'\-]*" if star else "")


@dataclass(frozen=True, slots=True)
class Signs:
    """What one language's lists find in words.

    Args:
        expressions: by the name of the sign.
        innocent: phrases whose words count for nothing ("fy faen så bra"), or None.
    """

    expressions: Mapping[str, re.Pattern[str]]
    innocent: re.Pattern[str] | None

    def find(self, said: Sequence[str]) -> frozenset[str]:
        """Names of the signs in the words, as `dialog.text.words` gives them."""
        text = f" {' '.join(said)} "
        if self.innocent is not None:
            text = self.innocent.sub(OVERLOOKED, text)
        return frozenset(name for name, found in self.expressions.items() if found.search(text))


def compiled(phrases: Iterable[str]) -> re.Pattern[str] | None:
    """One expression for all phrases; None when there is none."""
    found = sorted({expression(phrase) for phrase in phrases} - {""}, key=len, reverse=True)
    return re.compile(rf"(?<= )(?:{'|'.join(found)})(?= )") if found else None


def signs_of(lists: Mapping[str, Iterable[str]], innocent: Iterable[str]) -> Signs:
    """Signs from lists of phrases by name."""
    expressions = {name: found for name, listed in lists.items() if (found := compiled(listed)) is not None}
    return Signs(expressions, compiled(innocent))


@dataclass(frozen=True, slots=True)
class MoodLists:
    """One file of built-in lists.

    Args:
        reasons: by the name of a sign, as an agent reads it.
        signs: phrases by the name of the sign.
        innocent: phrases whose words count for nothing.
    """

    reasons: Mapping[str, str]
    signs: Mapping[str, tuple[str, ...]]
    innocent: tuple[str, ...]


@lru_cache(maxsize=8)
def built_in_lists(language: str) -> MoodLists:
    """The lists of a language; read once."""
    file = resources.files("dialog").joinpath("built_in", f"moods.{language}.yaml")
    # The plain loader: to YAML's usual one, the words yes and no are true and false.
    raw = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return MoodLists(
        raw["reasons"], {name: tuple(listed) for name, listed in raw["signs"].items()}, tuple(raw["innocent"])
    )


def together(language: str) -> tuple[str, ...]:
    """Languages whose lists are tried for a caller of this one: bokmål and nynorsk mix within a sentence."""
    return NORWEGIAN if language in NORWEGIAN else (language,)


def innocent_phrases(language: str, own: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Built-in and own phrases that count for nothing; what bokmål forgives, nynorsk forgives, and the other way."""
    return tuple(phrase for one in together(language) for phrase in (*built_in_lists(one).innocent, *own.get(one, ())))
