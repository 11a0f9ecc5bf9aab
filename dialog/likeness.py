"""Questions that callers asked in other words each, put together, so that they can be answered together."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dialog.lexical import meaning_stems
from dialog.text import words

ALIKE = 0.6
"""Part of the stems of the shorter of two questions that the other must share to be the same question."""

LEAST_ALIKE = 0.34
"""And of the longer one: else "faktura?" would take in every question about an invoice."""

UNSTEADY_VOWEL = re.compile(r"(?<=\w{3})e([lnr])$")
"""Of Norwegian nouns: it goes when an ending comes."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that had no answer.

    Args:
        id: of its row.
        text: in the caller's words, redacted.
        language: of the words.
        near: the articles and flows nearest to it, the nearest first.
        at: when; timezone-aware.
        conversation: where it was asked.
    """

    id: str
    text: str
    language: str
    near: tuple[str, ...]
    at: datetime
    conversation: str


@dataclass(frozen=True, slots=True)
class Wording:
    """One way of asking, with everybody who asked so. `questions`: newest first, never empty."""

    questions: tuple[Asked, ...]

    @property
    def usual(self) -> Asked:
        """The question as it was put most often, the newest of those."""
        counts = Counter(asked.text for asked in self.questions)
        return max(self.questions, key=lambda asked: (counts[asked.text], asked.at))

    @property
    def text(self) -> str:
        """As it was put most often."""
        return self.usual.text

    @property
    def language(self) -> str:
        """Of `text`."""
        return self.usual.language


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that belong together. `near`: the article or flow nearest to them all, None when nothing is near."""

    near: str | None
    wordings: tuple[Wording, ...]

    @property
    def questions(self) -> tuple[Asked, ...]:
        """All of them."""
        return tuple(asked for wording in self.wordings for asked in wording.questions)

    @property
    def last(self) -> datetime:
        """When it was asked last."""
        return max(asked.at for asked in self.questions)

    @property
    def languages(self) -> tuple[str, ...]:
        """Of the callers, the most frequent first."""
        return tuple(language for language, _ in Counter(asked.language for asked in self.questions).most_common())

    @property
    def conversations(self) -> int:
        """In how many it was asked."""
        return len({asked.conversation for asked in self.questions})

    @property
    def also_near(self) -> tuple[str, ...]:
        """What else is near, the most frequent first."""
        counts = Counter(near for asked in self.questions for near in asked.near if near != self.near)
        return tuple(near for near, _ in counts.most_common())


@dataclass(slots=True)
class _Cluster:
    stems: frozenset[str]
    questions: list[Asked] = field(default_factory=list)


def grouped(questions: Iterable[Asked]) -> tuple[Group, ...]:
    """Groups, the one that was asked most often first.

    Questions near the same article or flow are one group, whatever the language, with the ways of asking in it; those
    that nothing is near are put together by their words alone.
    """
    by_near: dict[str | None, list[Asked]] = {}
    for asked in sorted(questions, key=lambda asked: (asked.at, asked.id), reverse=True):
        by_near.setdefault(asked.near[0] if asked.near else None, []).append(asked)
    groups = []
    for near, together in by_near.items():
        wordings = _wordings(together)
        groups += [Group(near, wordings)] if near is not None else [Group(None, (one,)) for one in wordings]
    return tuple(sorted(groups, key=lambda group: (-len(group.questions), -group.last.timestamp())))


def _wordings(questions: Sequence[Asked]) -> tuple[Wording, ...]:
    """Each question joins the first way of asking that it is like; only those with a word in common are looked at."""
    clusters: list[_Cluster] = []
    having: dict[str, list[_Cluster]] = {}
    for asked in questions:
        stems = _keys(asked)
        candidates = {id(cluster): cluster for stem in sorted(stems) for cluster in having.get(stem, ())}
        found = next((cluster for cluster in candidates.values() if _alike(stems, cluster.stems)), None)
        if found is None:
            found = _Cluster(stems)
            clusters.append(found)
            for stem in stems:
                having.setdefault(stem, []).append(found)
        found.questions.append(asked)
    wordings = [Wording(tuple(cluster.questions)) for cluster in clusters]
    return tuple(sorted(wordings, key=lambda wording: -len(wording.questions)))


def _keys(asked: Asked) -> frozenset[str]:
    """Stems of a question, "kabel" and "kabler" as one; all its words when none of them carries meaning."""
    said = words(asked.text)
    stems = meaning_stems(said, asked.language) or frozenset(said)
    return frozenset(UNSTEADY_VOWEL.sub(r"\1", stem) for stem in stems)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    shared = len(one & other)
    return shared >= ALIKE * min(len(one), len(other)) and shared >= LEAST_ALIKE * max(len(one), len(other))
