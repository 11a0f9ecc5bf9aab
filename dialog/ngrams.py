"""TF-IDF of letter sequences and of words, as fast as numpy counts: a bot of 7,000 sentences in a second.

Sequences are hashed instead of listed: 2**20 places for some 10,000 that occur, so two share one in a hundred.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias
from zlib import crc32

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

Scores: TypeAlias = npt.NDArray[np.float64]
_Grams: TypeAlias = tuple[npt.NDArray[np.intp], npt.NDArray[np.uint64]]
"""For each sequence that occurs: the text it is in, and its hash."""

PLACES_BITS = 20
SHORTEST, LONGEST = 2, 5
"""Letters of a sequence; the space at either end of a word counts as one."""

_FACTOR, _MIX = np.uint64(0x100000001B3), np.uint64(0x9E3779B97F4A7C15)


def letter_grams(texts: Sequence[str]) -> _Grams:
    """Sequences of SHORTEST to LONGEST letters inside words and the space around each."""
    padded = [f" {text} " for text in texts]
    letters = np.frombuffer("".join(padded).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    owner = np.repeat(np.arange(len(texts)), [len(text) for text in padded])
    space = letters == ord(" ")
    spaces = np.concatenate([[0], np.cumsum(space)])
    where, hashes = [], []
    rolling = letters.copy()
    for length in range(2, LONGEST + 1):
        count = len(letters) - length + 1
        if count <= 0:
            break
        rolling = rolling[:count] * _FACTOR + letters[length - 1 :]
        inside = spaces[length - 1 : length - 1 + count] == spaces[1 : count + 1]
        whole = inside & ~(space[:count] & space[length - 1 :] & (length == SHORTEST))
        where.append(owner[:count][whole])
        hashes.append(rolling[whole] + np.uint64(length))
    if not where:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.uint64)
    return np.concatenate(where), np.concatenate(hashes)


def word_grams(texts: Sequence[str]) -> _Grams:
    """Words, and pairs of neighbours."""
    where: list[int] = []
    hashes: list[int] = []
    for index, text in enumerate(texts):
        found = text.split()
        pairs = [f"{first} {second}" for first, second in zip(found, found[1:], strict=False)]
        where += [index] * (len(found) + len(pairs))
        hashes += [crc32(gram.encode()) for gram in (*found, *pairs)]
    return np.array(where, dtype=np.intp), np.array(hashes, dtype=np.uint64)


class GramIndex:
    """Texts as rows of TF-IDF weights of length 1 (logarithmic counts, smoothed rarity).

    Args:
        texts: what is searched.
        grams: `letter_grams` or `word_grams`.
    """

    def __init__(self, texts: Sequence[str], grams: Any = letter_grams) -> None:
        self._grams = grams
        counts = self._counts(texts)
        occurs = np.bincount(counts.indices, minlength=counts.shape[1])
        # What no text has does not count: an unknown word must not make the known ones look small.
        self._rarity = np.where(occurs, np.log((1 + len(texts)) / (1 + occurs)) + 1, 0).astype(np.float32)
        self.rows: Any = self._weighed(counts)
        self._by_gram: Any = self.rows.T.tocsr()

    def scores(self, text: str) -> Scores:
        """Cosine with each text, 0..1."""
        asked = self._weighed(self._counts([text]))
        return np.asarray((asked @ self._by_gram).toarray()[0], dtype=np.float64)

    def among_themselves(self) -> npt.NDArray[np.float32]:
        """Cosine of each text with each, shape (texts, texts)."""
        return np.asarray((self.rows @ self._by_gram).toarray(), dtype=np.float32)

    def _counts(self, texts: Sequence[str]) -> Any:
        where, hashes = self._grams(texts)
        places = (hashes * _MIX >> np.uint64(64 - PLACES_BITS)).astype(np.intp)
        ones = np.ones(len(where), dtype=np.float32)
        return csr_matrix((ones, (where, places)), shape=(len(texts), 1 << PLACES_BITS))

    def _weighed(self, counts: Any) -> Any:
        weights = (np.log(counts.data) + 1) * self._rarity[counts.indices]
        row = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        length = np.sqrt(np.bincount(row, weights**2, minlength=counts.shape[0]))
        scaled = (weights / np.where(length > 0, length, 1)[row]).astype(np.float32)
        return csr_matrix((scaled, counts.indices, counts.indptr), shape=counts.shape)
