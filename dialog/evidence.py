"""How near each subject of a bot is to a caller's words, seen in five ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml

from dialog.embedding import Embedder, Vectors
from dialog.intents import Intents
from dialog.language import family_of
from dialog.lexical import StemIndex, one_norwegian
from dialog.ngrams import GramIndex, Scores
from dialog.subjects import Subject
from dialog.text import words

OWN_CENTRE_EXAMPLES = 40
"""The middle from which examples are told apart is their own mean, with this many everyday sentences among them: few
examples have no middle of their own."""

LIKE_OWN = 0.6
"""Centred cosine from which an everyday sentence is one of the bot's own subjects, and no stranger to it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Arrays of shape (subjects,).

    Args:
        cosine: of meaning, centred, the nearest text of the subject.
        characters: cosine of letter sequences, 0..1.
        stems: BM25, 0 and up.
        known: 0..1, the part of the question's weight that the subject's words cover.
        learnt: about 1 for the subject that the examples speak for, about 0 for the others.
        outside: centred cosine of the nearest everyday sentence that no subject is about.
    """

    cosine: Scores
    characters: Scores
    stems: Scores
    known: Scores
    learnt: Scores
    outside: float


class Witness:
    """The subjects of a bot, ready to be compared with words. Building takes seconds; asking is safe in threads."""

    def __init__(self, subjects: Sequence[Subject], embedder: Embedder, cache_folder: Path | None) -> None:
        self._size = len(subjects)
        self._embedder = embedder
        asked = [(index, one) for index, subject in enumerate(subjects) for one in _asked(subject)]
        answers = [(index, text) for index, subject in enumerate(subjects) for _, text in subject.answers]
        self._owner = np.array([index for index, _ in (*asked, *answers)], dtype=np.intp)
        plain = [normal(words(text), language) for _, (language, text) in asked]
        everyday = [normal(words(text)) for text in background()]
        vectors = embedder.cached([*everyday, *plain], [text for _, text in answers], cache_folder)
        self._centre = vectors[: len(everyday)].mean(axis=0)
        self._vectors = _centred(vectors[len(everyday) :], self._centre)
        strange = self._strange(_centred(vectors[: len(everyday)], self._centre), len(plain))
        self._outside = _centred(vectors[strange], self._centre)
        self._letters = GramIndex([*plain, *(normal(words(text)) for _, text in answers)])
        self._stems = {family: StemIndex(family, _documents(subjects, family)) for family in _families(subjects)}
        examples = vectors[len(everyday) : len(everyday) + len(plain)]
        share = len(plain) / (len(plain) + OWN_CENTRE_EXAMPLES)
        own = examples.mean(axis=0) if len(plain) else self._centre
        self._own_centre = share * own + (1 - share) * self._centre
        self._intents = Intents(
            plain, _centred(examples, self._own_centre), [index for index, _ in asked], self._size, cache_folder
        )

    def evidence(self, said: Sequence[str], language: str) -> Evidence:
        """How near each subject is to words, given in lower case."""
        text = normal(said, language)
        vector = self._embedder.query(text)[np.newaxis]
        asked = _centred(vector, self._centre)[0]
        stems, known = self._by_stems(said, text.split())
        learnt = self._intents.scores(text, _centred(vector, self._own_centre)[0])
        return Evidence(
            cosine=self._nearest(np.asarray(self._vectors @ asked, dtype=np.float64)),
            characters=self._nearest(self._letters.scores(text)),
            stems=stems,
            known=known,
            learnt=learnt,
            outside=float((self._outside @ asked).max(initial=-1.0)),
        )

    def _by_stems(self, said: Sequence[str], norwegian: Sequence[str]) -> tuple[Scores, Scores]:
        found = [index.scores(norwegian if family == "no" else said) for family, index in self._stems.items()]
        return np.max([scores for scores, _ in found], axis=0), np.max([known for _, known in found], axis=0)

    def _nearest(self, by_text: Scores) -> Scores:
        """The best text of each subject."""
        best = np.full(self._size, -1.0)
        np.maximum.at(best, self._owner, by_text)
        return best

    def _strange(self, everyday: Vectors, examples: int) -> list[int]:
        """Places of the everyday sentences that the bot's own examples do not say."""
        nearest = (everyday @ self._vectors[:examples].T).max(axis=1, initial=-1.0)
        return [int(index) for index in np.flatnonzero(nearest < LIKE_OWN)]


def normal(said: Sequence[str], language: str = "") -> str:
    """Words in the one form in which all are compared: Norwegian as bokmål; "" for a language that is not known."""
    return " ".join(said if language in ("en", "uk") else one_norwegian(said))


@lru_cache(maxsize=1)
def background() -> tuple[str, ...]:
    """Everyday sentences that are no question to a company, in all languages; read once."""
    file = resources.files("dialog").joinpath("built_in", "background.yaml")
    listed: dict[str, list[str]] = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return tuple(sentence for sentences in listed.values() for sentence in sentences)


def _asked(subject: Subject) -> list[tuple[str, str]]:
    """Titles and example questions; what reads alike in two languages only once."""
    return list({words(text): (language, text) for language, text in (*subject.titles, *subject.questions)}.values())


def _families(subjects: Sequence[Subject]) -> list[str]:
    return sorted({family_of(language) for subject in subjects for language, _ in subject.titles})


def _documents(subjects: Sequence[Subject], family: str) -> list[tuple[str, ...]]:
    """Per subject, all its words in the languages of a family."""
    found = []
    for subject in subjects:
        texts = (*subject.titles, *subject.questions, *subject.answers)
        said = words(" ".join(text for language, text in texts if family_of(language) == family))
        found.append(one_norwegian(said) if family == "no" else said)
    return found


def _centred(vectors: Vectors, centre: npt.NDArray[np.float32]) -> Vectors:
    moved = vectors - centre
    length = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.where(length > 0, length, 1), dtype=np.float32)
