"""Finding the article that answers a question: meaning, letters and word stems scored together."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dialog.bot import Article
from dialog.embedding import Embedder, Vectors
from dialog.language import family_of
from dialog.lexical import CharacterIndex, Scores, StemIndex, one_norwegian
from dialog.markup import unmarked
from dialog.ranking import Candidate, Ranked
from dialog.text import words

WEIGHT_COSINE, WEIGHT_CHARACTERS, WEIGHT_STEMS = 0.6, 0.3, 0.3

LEAST_SPREAD_COSINE, LEAST_SPREAD_CHARACTERS, LEAST_SPREAD_STEMS = 0.06, 0.03, 0.8
"""Half the spread among 45 articles: in a bot of two articles, small differences must not look like large ones."""

SURE_OF_COSINE, SURE_OF_KNOWN, SURE_OF_CHARACTERS, SURE_OF_INSIDE, SURE_OF_MARGIN = 10.4, 1.6, 2.8, 0.95, 0.43
SURE_AT_ALL = -9.46
"""How the score of the best article comes about: logistic regression of "the first is right" on five signals.

Fitted 2026-11-23 on 1,784 questions each left out of its own article (Nordlys nb/nn/en/uk, 50 intents of BANKING77
and 45 of CLINC150 as articles with six questions) against sentences that no article is about; groups weigh the same.
Fitted without one of the three, it ranks that one as well (area under the curve 0.97-0.98): benchmarks/dialog_faq.py.
"""

ALONE_MARGIN = 2.0
"""The margin of a bot's only article, which has no rival."""


@dataclass(frozen=True, slots=True)
class Signals:
    """How near each article is to a question; arrays of shape (articles,).

    Args:
        cosine: of meaning, centred, the nearest text of the article.
        characters: cosine of letter sequences, 0..1.
        stems: BM25, 0 and up.
        known: 0..1, the part of the question's weight that the article knows.
        outside: centred cosine of the nearest everyday sentence that no article is about.
    """

    cosine: Scores
    characters: Scores
    stems: Scores
    known: Scores
    outside: float

    def combined(self) -> Scores:
        """Weighted sum of standard scores."""
        return (
            WEIGHT_COSINE * _standard(self.cosine, LEAST_SPREAD_COSINE)
            + WEIGHT_CHARACTERS * _standard(self.characters, LEAST_SPREAD_CHARACTERS)
            + WEIGHT_STEMS * _standard(self.stems, LEAST_SPREAD_STEMS)
        )


class Knowledge:
    """The articles of a bot, ready to be searched. Building takes seconds; searching is fast and safe in threads."""

    def __init__(
        self, articles: Sequence[Article], background: Sequence[str], embedder: Embedder, cache_folder: Path | None
    ) -> None:
        self._articles = tuple(articles)
        self._embedder = embedder
        asked = [(index, text) for index, article in enumerate(articles) for text in _asked(article)]
        answers = [
            (index, unmarked(text)) for index, article in enumerate(articles) for text in article.answers.values()
        ]
        self._owner = np.array([index for index, _ in asked + answers], dtype=np.intp)
        self._asked_count = len(asked)
        plain = [" ".join(one_norwegian(words(text))) for _, text in asked]
        vectors = embedder.cached([*background, *plain], [text for _, text in answers], cache_folder)
        self._centre = vectors[: len(background)].mean(axis=0)
        self._outside = _centred(vectors[: len(background)], self._centre)
        self._vectors = _centred(vectors[len(background) :], self._centre)
        texts = [" ".join(one_norwegian(words(text))) for _, text in asked + answers]
        self._characters = CharacterIndex(texts)
        self._stems = {family: StemIndex(family, _documents(articles, family)) for family in _families(articles)}

    def rank(self, said: Sequence[str], among: Sequence[str] | None = None) -> Ranked:
        """The three articles that most probably answer a question, best first.

        Args:
            said: the caller's words.
            among: ids of the only articles that count, or None for all of them.
        """
        if not said or not self._articles:
            return Ranked()
        signals = self.signals(said)
        combined = signals.combined()
        order = [int(index) for index in np.argsort(-combined, kind="stable")]
        if among is not None:
            order = [index for index in order if self._articles[index].id in among]
        margins = [float(combined[index] - combined[after]) for index, after in pairwise(order[:4])] + [ALONE_MARGIN]
        candidates = [
            Candidate(
                article=self._articles[index].id,
                score=_score(signals, index, margin if place == 0 else 0.0),
                cosine=float(signals.cosine[index]),
                characters=float(signals.characters[index]),
                known=float(signals.known[index]),
                combined=float(combined[index]),
            )
            for place, (index, margin) in enumerate(zip(order, margins, strict=False))
        ]
        return Ranked(tuple(candidates[:3]), margins[0])

    def signals(self, said: Sequence[str]) -> Signals:
        """How near each article is to a question, given as words."""
        norwegian = one_norwegian(said)
        vector = self._embedder.query(" ".join(norwegian))
        asked = _centred(vector[np.newaxis], self._centre)[0]
        stems, known = self._by_stems(said, norwegian)
        return Signals(
            cosine=self._nearest(np.asarray(self._vectors @ asked, dtype=np.float64)),
            characters=self._nearest(self._characters.scores(" ".join(norwegian))),
            stems=stems,
            known=known,
            outside=float((self._outside @ asked).max()),
        )

    def _by_stems(self, said: Sequence[str], norwegian: Sequence[str]) -> tuple[Scores, Scores]:
        found = [index.scores(norwegian if family == "no" else said) for family, index in self._stems.items()]
        return np.max([scores for scores, _ in found], axis=0), np.max([known for _, known in found], axis=0)

    def _nearest(self, by_text: Scores) -> Scores:
        """The best text of each article."""
        best = np.full(len(self._articles), -1.0)
        np.maximum.at(best, self._owner, by_text)
        return best


def _score(signals: Signals, index: int, margin: float) -> float:
    """0..1, how probably this article answers the question."""
    cosine = float(signals.cosine[index])
    logit = (
        SURE_AT_ALL
        + SURE_OF_COSINE * cosine
        + SURE_OF_KNOWN * float(signals.known[index])
        + SURE_OF_CHARACTERS * float(signals.characters[index])
        + SURE_OF_INSIDE * (cosine - signals.outside)
        + SURE_OF_MARGIN * margin
    )
    return 1 / (1 + exp(-logit))


def _asked(article: Article) -> list[str]:
    """Titles and example questions, in every language."""
    questions = [question for listed in article.questions.values() for question in listed]
    return list(dict.fromkeys([*article.titles.values(), *questions]))


def _families(articles: Sequence[Article]) -> list[str]:
    return sorted({family_of(language) for article in articles for language in article.titles})


def _documents(articles: Sequence[Article], family: str) -> list[tuple[str, ...]]:
    """Per article, all its words in the languages of a family."""
    found = []
    for article in articles:
        texts = [text for language, text in article.titles.items() if family_of(language) == family]
        for language, listed in article.questions.items():
            texts += listed if family_of(language) == family else ()
        texts += [unmarked(text) for language, text in article.answers.items() if family_of(language) == family]
        said = words(" ".join(texts))
        found.append(one_norwegian(said) if family == "no" else said)
    return found


def _centred(vectors: Vectors, centre: npt.NDArray[np.float32]) -> Vectors:
    moved = vectors - centre
    length = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.where(length > 0, length, 1), dtype=np.float32)


def _standard(scores: Scores, least_spread: float) -> Scores:
    """Scores in standard deviations from their mean."""
    moved: Scores = (scores - scores.mean()) / max(float(scores.std()), least_spread)
    return moved
