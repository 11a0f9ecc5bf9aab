"""Anger that no list of phrases names ("snakker jeg til en vegg?"): told by meaning, learnt from examples of our own.

`dialog/built_in/anger.yaml` has what fed-up callers say and what calm ones say of the same things. A logistic
regression over their sentence vectors is learnt when a bot is loaded, in a hundredth of a second. It is a weak witness,
and gets one point of strain (`dialog.frustration`), never enough to offer a person by itself.
"""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import numpy as np
import yaml

from dialog.embedding import Embedder
from dialog.text import plain

FEWEST_WORDS = 3
"""Below it vectors say little: "nei", "tusen takk"."""

FREEDOM = 20.0
"""Of the regression (scikit-learn's C). With 3 probabilities stay near a half; with 100 dialect passes for anger."""


class Anger:
    """How angry a sentence sounds. Building embeds 180 sentences; afterwards it is pure and safe in threads.

    Args:
        embedder: gives sentences their meaning.
        cache_folder: where vectors are kept between starts; None keeps none.
    """

    def __init__(self, embedder: Embedder, cache_folder: Path | None) -> None:
        from sklearn.linear_model import LogisticRegression

        file = resources.files("dialog").joinpath("built_in", "anger.yaml")
        listed: dict[str, list[str]] = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        angry, calm = ([plain(text) for text in listed[kind]] for kind in ("angry", "calm"))
        vectors = embedder.cached([*angry, *calm], [], cache_folder)
        truth = [True] * len(angry) + [False] * len(calm)
        middle = vectors.mean(axis=0)
        learnt = LogisticRegression(C=FREEDOM, class_weight="balanced", max_iter=2000).fit(vectors - middle, truth)
        self._embedder = embedder
        self._weights = learnt.coef_[0].astype(np.float64)
        self._offset = float(learnt.intercept_[0] - middle @ self._weights)

    def probability(self, said: Sequence[str]) -> float:
        """0..1 for words of a caller as `dialog.text.words` gives them; 0 for fewer than three."""
        if len(said) < FEWEST_WORDS:
            return 0.0
        score = float(self._embedder.query(" ".join(said)) @ self._weights) + self._offset
        return float(1.0 / (1.0 + np.exp(-score)))
