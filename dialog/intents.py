"""What an utterance asks for, learnt from example sentences: one classifier over letters, words and meaning.

Kernel ridge regression, one against all, over three likenesses of two sentences: of their letter sequences, of their
words, and of their meaning. It is as good as logistic regressions over the three multiplied (docs/understanding.md),
is solved at once instead of step by step, and sees by itself when only meaning speaks: a question in a language
without examples shares no letters with any.
"""

import hashlib
import os
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve

from dialog.embedding import Vectors
from dialog.ngrams import GramIndex, Scores, letter_grams, word_grams

WEIGHT_LETTERS, WEIGHT_WORDS, WEIGHT_MEANING = 0.27, 0.15, 0.58
NARROW = 2.0
"""How fast likeness falls: exp(NARROW * (cosine - 1)). With the bare cosine, far examples outvote near ones: nine
points fewer on 77 intents of a bank."""

STIFF = 0.2
"""Ridge; between 0.1 and 0.3 nothing changes by more than half a point."""

MOST_EXAMPLES = 6000
"""Training grows with the cube of it. Topics with most examples give up some; searching still knows them all."""

Cosines: TypeAlias = npt.NDArray[np.float32]
PREFIX, KEPT_FILES = "intents-", 4
_VERSION = "2"


class Intents:
    """Scores of topics for a sentence. Training takes up to some seconds; asking is fast and safe in threads.

    Args:
        texts: examples, normalised as the sentences asked about will be.
        vectors: of the examples, centred, rows of length 1.
        owners: the topic that each belongs to, 0 and up.
        topics: how many there are.
        cache_folder: where what was learnt is kept, by hash of the above; None keeps nothing.
    """

    def __init__(
        self, texts: Sequence[str], vectors: Vectors, owners: Sequence[int], topics: int, cache_folder: Path | None
    ) -> None:
        kept = _kept(owners)
        self.size = len(kept)
        self._vectors = vectors[kept]
        chosen = [texts[index] for index in kept]
        self._letters, self._words = GramIndex(chosen, letter_grams), GramIndex(chosen, word_grams)
        labels = np.array([owners[index] for index in kept], dtype=np.intp)
        self._learnt = self._train(chosen, labels, topics, cache_folder)

    def scores(self, text: str, vector: Vectors) -> Scores:
        """About 1 for the topic that it is, about 0 for the others; shape (topics,)."""
        letters, words = (index.scores(text).astype(np.float32) for index in (self._letters, self._words))
        like = _alike(letters, words, self._vectors @ vector)
        return np.asarray(like @ self._learnt, dtype=np.float64)

    def _train(
        self, texts: Sequence[str], labels: npt.NDArray[np.intp], topics: int, cache_folder: Path | None
    ) -> npt.NDArray[np.float32]:
        if not len(labels):
            return np.zeros((0, topics), dtype=np.float32)
        shape = (len(labels), topics)
        digest = hashlib.sha256("\0".join([_VERSION, *texts]).encode())
        digest.update(labels.tobytes() + self._vectors.tobytes())
        file = cache_folder / f"{PREFIX}{digest.hexdigest()[:24]}.npz" if cache_folder else None
        known = _read(file, shape) if file else None
        if known is not None:
            return known
        like = _alike(self._letters.among_themselves(), self._words.among_themselves(), self._vectors @ self._vectors.T)
        like[np.diag_indices_from(like)] += STIFF
        wanted = np.zeros(shape, dtype=np.float32)
        wanted[np.arange(len(labels)), labels] = 1
        learnt: npt.NDArray[np.float32] = solve(like, wanted, assume_a="pos", overwrite_a=True, overwrite_b=True)
        if file is not None:
            _write(file, learnt)
        return learnt


def _alike(letters: Cosines, words: Cosines, meaning: Cosines) -> Cosines:
    """Likeness of sentences from the cosines of their letters, words and meaning, which are used up."""
    found = np.zeros_like(meaning)
    for weight, cosine in ((WEIGHT_LETTERS, letters), (WEIGHT_WORDS, words), (WEIGHT_MEANING, meaning)):
        # In place: of 6,000 examples each of these is 144 MB.
        cosine -= 1
        cosine *= NARROW
        found += weight * np.exp(cosine, out=cosine)
    return found


def _kept(owners: Sequence[int]) -> list[int]:
    """Examples to learn from, in order: all of them, or the same most per topic so that they are few enough."""
    count = Counter(owners)
    most = max(count.values(), default=0)
    while sum(min(size, most) for size in count.values()) > MOST_EXAMPLES and most > 1:
        most -= 1
    places: dict[int, list[int]] = {}
    for index, owner in enumerate(owners):
        places.setdefault(owner, []).append(index)
    # Spread over the topic's examples: they stand there language by language.
    return sorted(
        listed[step * len(listed) // min(most, len(listed))]
        for listed in places.values()
        for step in range(min(most, len(listed)))
    )


def _read(file: Path, shape: tuple[int, int]) -> npt.NDArray[np.float32] | None:
    """What was learnt before; None when there is nothing, or nothing that can be read."""
    try:
        # Opened here: what is no zip leaves np.load with an open file.
        with file.open("rb") as raw, np.load(raw, allow_pickle=False) as stored:
            learnt: npt.NDArray[np.float32] = stored["learnt"]
    except (OSError, ValueError, EOFError, KeyError, BadZipFile):
        return None
    return learnt if learnt.shape == shape and learnt.dtype == np.float32 else None


def _write(file: Path, learnt: npt.NDArray[np.float32]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and moved: a second process never reads half a file.
    partial = file.with_name(f"part-{file.stem}-{os.getpid()}-{threading.get_ident()}.npz")
    np.savez(partial, learnt=learnt)
    os.replace(partial, file)
    kept = sorted(file.parent.glob(f"{PREFIX}*.npz"), key=lambda old: old.stat().st_mtime, reverse=True)
    for old in kept[KEPT_FILES:]:
        old.unlink(missing_ok=True)
