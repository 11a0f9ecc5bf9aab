"""What a caller wants: the subjects of a bot, articles and flows, ranked by how probably each is meant."""

from collections.abc import Sequence
from math import exp
from pathlib import Path

import numpy as np

from dialog.bot import Bot
from dialog.embedding import Embedder
from dialog.evidence import Evidence, Witness
from dialog.fluent import fluent
from dialog.ngrams import Scores
from dialog.ranking import Candidate, Ranked
from dialog.subjects import Subject, subjects_of

WEIGHT_COSINE, WEIGHT_CHARACTERS, WEIGHT_STEMS, WEIGHT_LEARNT = 0.6, 0.3, 0.3, 1.2
"""Of standard scores. The first three search, with the shares found best on questions to encyclopaedia articles
(NorQuAD); the last one has learnt from examples. How the two share is `_trust`."""

LEAST_SPREAD_COSINE, LEAST_SPREAD_CHARACTERS, LEAST_SPREAD_STEMS, LEAST_SPREAD_LEARNT = 0.06, 0.03, 0.8, 0.04
"""Half the spread among 45 subjects: in a bot of two, small differences must not look like large ones."""

HALF_TRUST_EXAMPLES = 1.0
"""Example questions per subject at which searching and what was learnt count the same. From three examples on, what was
learnt is right more often on every set that was tried."""

SURE_AT_ALL, SURE_OF_SEARCH = -3.99, 2.57
SURE_OF_COSINE, SURE_OF_INSIDE, SURE_OF_KNOWN = -1.92, 3.95, 1.02
SURE_OF_LEARNT, SURE_OF_LEAD, SURE_OF_MARGIN = 12.01, 0.57, 2.62
"""How the score of a subject comes about: logistic regression of "the first is right", fitted 2026-11-23 on bots made
of MASSIVE, NorSID, BANKING77, CLINC150 (whole, halves, 4 to 12 intents), NorQuAD and five fifths of Nordlys, with
strangers to each. Fitted without one of these families it ranks that one as well: area under the curve 0.88-0.98 for
right against wrong, 0.92-0.99 for the bot's own questions against strangers (docs/understanding.md)."""

LONGEST_MARGIN = 3.0

ALONE_MARGIN = 2.0
"""The margin of a bot's only subject, which has no rival."""

AHEAD_BY_LEARNING, AHEAD_BY_SEARCH, LEAST_LEARNT = 5.0, 4.0, 0.01
"""The lead is told as a share of what was learnt, because standard scores grow with the number of subjects: at 1.5 the
second has seven tenths of the first, in a bot of nine subjects as in one of ninety."""

SHOWN = 3


class Understanding:
    """Finds what callers mean. Building takes seconds and is quick the next time; asking is safe in threads.

    Args:
        bot: its articles and flows.
        embedder: gives sentences their meaning.
        cache_folder: where vectors and what was learnt are kept between starts; None keeps nothing.
    """

    def __init__(self, bot: Bot, embedder: Embedder, cache_folder: Path | None) -> None:
        self._subjects = subjects_of(bot)
        self._witness = Witness(self._subjects, embedder, cache_folder) if self._subjects else None
        self._trust = _trust(self._subjects)

    def rank(self, said: Sequence[str], language: str = "") -> Ranked:
        """The subjects most probably meant, best first.

        Args:
            said: the caller's words, in lower case.
            language: nb, nn, en or uk; "" when it is not known.
        """
        if not said or self._witness is None:
            return Ranked()
        evidence = self._witness.evidence(fluent(said, language == "en"), language)
        combined = self._combined(evidence)
        order = sorted(range(len(self._subjects)), key=lambda index: -combined[index])
        margin = float(combined[order[0]] - combined[order[1]]) if len(order) > 1 else ALONE_MARGIN
        candidates: list[Candidate] = []
        for place, index in enumerate(order[:SHOWN]):
            score = self._score(evidence, index, margin if place == 0 else 0.0)
            score = min([score, *(better.score for better in candidates)])
            candidates.append(self._candidate(evidence, index, float(combined[index]), score))
        return Ranked(tuple(candidates), self._ahead(evidence, order, margin))

    def _ahead(self, evidence: Evidence, order: Sequence[int], margin: float) -> float:
        """How far the first is ahead of the second: 0 when they are level, about 5 when there is no second."""
        if len(order) < 2:
            return AHEAD_BY_LEARNING
        first, second = (max(float(evidence.learnt[index]), LEAST_LEARNT) for index in order[:2])
        by_learning = AHEAD_BY_LEARNING * (1 - min(second / first, 1.0))
        by_search = min(AHEAD_BY_SEARCH * margin, AHEAD_BY_LEARNING)
        return self._trust * by_learning + (1 - self._trust) * by_search

    def _combined(self, evidence: Evidence) -> Scores:
        """Weighted sum of standard scores."""
        searched = (
            WEIGHT_COSINE * _standard(evidence.cosine, LEAST_SPREAD_COSINE)
            + WEIGHT_CHARACTERS * _standard(evidence.characters, LEAST_SPREAD_CHARACTERS)
            + WEIGHT_STEMS * _standard(evidence.stems, LEAST_SPREAD_STEMS)
        )
        learnt = WEIGHT_LEARNT * _standard(evidence.learnt, LEAST_SPREAD_LEARNT)
        return (1 - self._trust) * searched + self._trust * learnt

    def _candidate(self, evidence: Evidence, index: int, combined: float, score: float) -> Candidate:
        subject = self._subjects[index]
        return Candidate(
            article=subject.article,
            flow=subject.flow,
            score=score,
            cosine=float(evidence.cosine[index]),
            characters=float(evidence.characters[index]),
            known=float(evidence.known[index]),
            combined=combined,
        )

    def _score(self, evidence: Evidence, index: int, margin: float) -> float:
        """0..1, how probably this subject is meant."""
        cosine, learnt = float(evidence.cosine[index]), float(evidence.learnt[index])
        lead = learnt - float(np.delete(evidence.learnt, index).max(initial=0.0))
        by_learning = SURE_OF_LEARNT * learnt + SURE_OF_LEAD * lead
        by_search = SURE_OF_SEARCH + SURE_OF_MARGIN * min(margin, LONGEST_MARGIN)
        logit = (
            SURE_AT_ALL
            + SURE_OF_COSINE * cosine
            + SURE_OF_INSIDE * (cosine - evidence.outside)
            + SURE_OF_KNOWN * float(evidence.known[index])
            + self._trust * by_learning
            + (1 - self._trust) * by_search
        )
        return 1 / (1 + exp(-logit))


def _trust(subjects: Sequence[Subject]) -> float:
    """0..1, how much what was learnt counts: little where most subjects have no examples."""
    if not subjects:
        return 0.0
    examples = sorted(len(subject.questions) for subject in subjects)[len(subjects) // 2]
    return examples / (examples + HALF_TRUST_EXAMPLES)


def _standard(scores: Scores, least_spread: float) -> Scores:
    """Scores in standard deviations from their mean."""
    moved: Scores = (scores - scores.mean()) / max(float(scores.std()), least_spread)
    return moved
