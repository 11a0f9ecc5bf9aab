"""How callers say the things that every bot understands: a person, repeat, slower, goodbye, yes, no, help.

The phrases stand in `dialog/built_in/phrases.<language>.yaml`. All languages are tried in every call: callers mix them,
and the recogniser may have taken one for the other.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml
from rapidfuzz import fuzz

from dialog.bot import LANGUAGES
from dialog.text import words

LONGEST_ORDER_WORDS = 14
"""Orders to the bot are short; in longer speech their words belong to a story ("... and then he had to repeat it")."""

ALWAYS = ("person", "emergency_fire", "emergency_police", "emergency_medical")
"""Patterns that are tried however long the caller has talked."""

LONGEST_KEYWORD_WORDS = 4
"""A keyword alone ("menneske", "a person please") is an order; among more words it may be anything."""

NEARLY_SPELLED = 84.0
"""rapidfuzz ratio, 0..100: "mennske" 93, "minneske" 88, "mennesker" 94; "mening" is 57."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The caller's words, taken apart.

    Args:
        words: all of them.
        talk: kinds of small talk as they were said: "yes", "no", "thanks", "hello", "done", "goodbye", "wait", "asks".
        content: what is left without the small talk at both ends; empty when all of it was small talk.
        opening: the kind that the utterance began with, or None when it began with content.
        closing: the kind that it ended with, or None when it ended with content.
    """

    words: tuple[str, ...]
    talk: tuple[str, ...]
    content: tuple[str, ...]
    opening: str | None = None
    closing: str | None = None

    @property
    def plain(self) -> str:
        """The words with single spaces between."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Phrases:
    """Everything that is understood by rule, in all languages.

    Args:
        talk: kind by phrase.
        alone: the same for phrases that mean this only when all of the utterance is small talk ("wrong", "later").
        longest: words of the longest phrase.
        patterns: compiled expressions by name; names that begin with `not_` take a match back.
        keywords: words by name, for short utterances with a spelling mistake.
        ordinals: position (1, 2, 3 or -1 for the last) by word.
    """

    talk: Mapping[tuple[str, ...], str]
    alone: Mapping[tuple[str, ...], str]
    longest: int
    patterns: Mapping[str, tuple[re.Pattern[str], ...]]
    keywords: Mapping[str, tuple[str, ...]]
    ordinals: Mapping[str, int]

    def hear(self, text: str) -> Heard:
        """Take an utterance apart."""
        said = words(text)
        start, first = self._small_talk(said, 0, 1, {**self.talk, **self.alone})
        if start < len(said):
            start, first = self._small_talk(said, 0, 1, self.talk)
        opening = first[0] if first else None
        if start == len(said):
            return Heard(said, first, (), opening, first[-1] if first else None)
        end, last = self._small_talk(said, len(said) - 1, -1, self.talk)
        return Heard(said, first + last[::-1], said[start : end + 1], opening, last[0] if last else None)

    def _small_talk(
        self, said: tuple[str, ...], position: int, step: int, talk: Mapping[tuple[str, ...], str]
    ) -> tuple[int, tuple[str, ...]]:
        """Walk over small talk from one end; the position after it, and its kinds."""
        kinds: list[str] = []
        while 0 <= position < len(said):
            for length in range(self.longest, 0, -1):
                ends = (position, position + length) if step > 0 else (position - length + 1, position + 1)
                kind = talk.get(said[ends[0] : ends[1]]) if ends[0] >= 0 else None
                if kind:
                    break
            else:
                break
            if kind != "filler":
                kinds.append(kind)
            position += step * length
        return position, tuple(kinds)

    def matches(self, name: str, heard: Heard) -> bool:
        """True when the caller's words say this."""
        if len(heard.words) > LONGEST_ORDER_WORDS and name not in ALWAYS:
            return False
        content = " ".join(heard.content)
        for text in (heard.plain, content) if content != heard.plain else (content,):
            if any(pattern.search(text) for pattern in self.patterns.get(f"not_{name}", ())):
                return False
            if any(pattern.search(text) for pattern in self.patterns.get(name, ())):
                return True
        return self._nearly(name, heard, content)

    def _nearly(self, name: str, heard: Heard, content: str) -> bool:
        if not content or content.count(" ") > 1 or len(heard.words) > LONGEST_KEYWORD_WORDS:
            return False
        candidates = [content, *content.split()]
        return any(
            fuzz.ratio(word, candidate) >= NEARLY_SPELLED
            for word in self.keywords.get(name, ())
            for candidate in candidates
        )

    def asks(self, said: str, heard: Heard) -> bool:
        """True when an utterance is a question: by its words, or by the mark the recogniser or the writer put."""
        return self.matches("question", heard) or said.rstrip(' "»').endswith("?")

    def positions(self, heard: Heard) -> tuple[int, ...]:
        """Positions named by a short utterance ("the second one"): 1, 2, 3, or -1 for the last."""
        named = [self.ordinals[word] for word in heard.words if word in self.ordinals] if len(heard.words) <= 6 else []
        if len(set(named)) > 1:
            # "the second one", "den andre ein": the bare number only holds the place of a noun.
            named = [position for position in named if position != 1]
        return tuple(dict.fromkeys(named))


@lru_cache(maxsize=1)
def built_in_phrases() -> Phrases:
    """The phrases of all languages; read once."""
    talk: dict[tuple[str, ...], str] = {}
    alone: dict[tuple[str, ...], str] = {}
    patterns: dict[str, list[re.Pattern[str]]] = {}
    keywords: dict[str, list[str]] = {}
    ordinals: dict[str, int] = {}
    for language in LANGUAGES:
        if language == "nn":  # stands with bokmål: callers mix the two within a sentence
            continue
        raw = _read(language)
        for section, found in (("talk", talk), ("alone", alone)):
            for kind, phrases in raw[section].items():
                found.update({words(phrase): kind for phrase in phrases})
        for name, expressions in raw["patterns"].items():
            patterns.setdefault(name, []).extend(re.compile(expression) for expression in expressions)
        for name, listed in raw["keywords"].items():
            keywords.setdefault(name, []).extend(listed)
        for position, listed in raw["ordinals"].items():
            ordinals.update({word: -1 if position == "last" else int(position) for word in _flat(listed)})
    return Phrases(
        talk,
        alone,
        max(map(len, [*talk, *alone])),
        {name: tuple(found) for name, found in patterns.items()},
        {name: tuple(found) for name, found in keywords.items()},
        ordinals,
    )


def _flat(phrases: Iterable[str]) -> Iterable[str]:
    return (word for phrase in phrases for word in words(phrase) if word not in ("nummer", "number"))


def _read(language: str) -> Any:
    file = resources.files("dialog").joinpath("built_in", f"phrases.{language}.yaml")
    # The plain loader: to YAML's usual one, the keys yes and no are true and false.
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
