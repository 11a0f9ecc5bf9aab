"""Text to the pieces that the embedding model reads: the likeliest split of each word (unigram language model)."""

from collections.abc import Sequence
from functools import lru_cache

from dialog.e5_weights import Vocabulary

SPACE = "\u2581"
"""Stands for the space in front of a word, as in SentencePiece; every piece has it first or not at all."""

UNKNOWN_PENALTY = 10.0
LONGEST_WORD = 60
"""Characters; what is longer is cut, so that noise without spaces costs no more than words."""


class Pieces:
    """Splits texts; safe in threads."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._ids = {piece: index for index, piece in enumerate(vocabulary.pieces)}
        self._ids.pop(vocabulary.pieces[vocabulary.unknown], None)
        self._scores = vocabulary.scores.tolist()
        self._longest = max(map(len, vocabulary.pieces))
        self._unknown, self._unknown_score = vocabulary.unknown, min(self._scores) - UNKNOWN_PENALTY
        self._begin, self._end = vocabulary.begin, vocabulary.end
        self._normal = dict(vocabulary.normal)

    def ids(self, texts: Sequence[str], most: int) -> list[list[int]]:
        """Ids of each text between the two marks that every text has; at most `most` of them.

        Words that return within these texts are split once; none is remembered, because callers say them.
        """
        split = lru_cache(maxsize=None)(self._split_word)
        found = []
        for text in texts:
            said = (word for word in text.translate(self._normal).split(" ") if word)
            pieces = [index for word in said for index in split(word[:LONGEST_WORD])]
            found.append([self._begin, *pieces[: most - 2], self._end])
        return found

    def _split_word(self, word: str) -> Sequence[int]:
        """The likeliest pieces of one word (Viterbi)."""
        marked = SPACE + word
        size = len(marked)
        best, came_from, piece = [0.0] + [float("-inf")] * size, [0] * (size + 1), [self._unknown] * (size + 1)
        for start in range(size):
            for end in range(start + 1, min(size, start + self._longest) + 1):
                index = self._ids.get(marked[start:end])
                if index is None and end > start + 1:
                    continue
                score = best[start] + (self._unknown_score if index is None else self._scores[index])
                if score > best[end]:
                    best[end], came_from[end] = score, start
                    piece[end] = self._unknown if index is None else index
        found, place = [], size
        while place > 0:
            found.append(piece[place])
            place = came_from[place]
        return tuple(reversed(found))
