"""Searching by letters and by word stems: what meaning vectors of short Norwegian texts miss."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import snowballstemmer
from sklearn.feature_extraction.text import TfidfVectorizer

Scores: TypeAlias = npt.NDArray[np.float64]

K1, B = 1.5, 0.5
"""BM25's usual saturation, and half the usual punishment of length: articles differ in languages, not in rambling."""

NN_TO_NB = {
    "eg": "jeg", "ikkje": "ikke", "kva": "hva", "kvar": "hvor", "kor": "hvor", "korleis": "hvordan", "kvifor": "hvorfor",
    "korfor": "hvorfor", "kven": "hvem", "kva for": "hvilken", "noko": "noe", "nokon": "noen", "meir": "mer", "mykje": "mye",
    "berre": "bare", "no": "nå", "dykk": "dere", "dykkar": "deres", "de": "dere", "dei": "de", "ein": "en", "eit": "et", "ei": "en",
    "heim": "hjem", "vore": "vært", "enno": "ennå", "frå": "fra", "fekk": "fikk", "høyre": "høre", "høyrer": "hører",
    "seie": "si", "seier": "sier", "gjere": "gjøre", "gjer": "gjør", "gjort": "gjort", "veit": "vet", "kjem": "kommer",
    "koma": "komme", "tek": "tar", "ta": "ta", "attende": "tilbake", "att": "tilbake", "straum": "strøm", "straumen": "strømmen",
    "straumbrot": "strømbrudd", "straumrekning": "strømregning", "rekning": "regning", "rekninga": "regningen", "måndag": "mandag",
    "tysdag": "tirsdag", "laurdag": "lørdag", "sundag": "søndag", "morgon": "morgen", "gjeld": "gjelder", "vert": "blir",
    "vart": "ble", "ynskjer": "ønsker", "ønskjer": "ønsker", "tinging": "bestilling", "tinga": "bestilt", "opningstider": "åpningstider",
    "opningstid": "åpningstid", "opne": "åpne", "opent": "åpent", "opnar": "åpner", "stengjer": "stenger", "betala": "betale",
    "betalar": "betaler", "sende": "sende", "løyse": "løse", "lesa": "lese", "målar": "måler", "målaren": "måleren", "veke": "uke",
    "veker": "uker", "vekene": "ukene", "pengane": "pengene", "pakka": "pakken", "vara": "varen", "varene": "varene", "koste": "koste",
    "kostar": "koster", "bruke": "bruke", "brukar": "bruker", "byte": "bytte", "bytte": "bytte", "flytte": "flytte", "flyttar": "flytter",
    "leverer": "leverer", "leveringa": "leveringen", "leverast": "leveres", "endre": "endre", "gløymt": "glemt", "gløymde": "glemte",
    "kundesenter": "kundesenter", "høg": "høy", "høgt": "høyt", "låg": "lav", "òg": "også", "sjølv": "selv", "saman": "sammen",
    "etter": "etter", "spørje": "spørre", "spørsmål": "spørsmål", "hjelpa": "hjelpen", "bestillinga": "bestillingen",
    "avtala": "avtalen", "ordninga": "ordningen", "fakturaa": "fakturaen", "åleine": "alene", "gong": "gang", "garanti": "garanti",
    "reklamere": "reklamere", "øydelagd": "ødelagt", "øydelagt": "ødelagt", "skada": "skadet", "utsetje": "utsette",
    "seinka": "forsinket", "forseinka": "forsinket", "sein": "sen", "fortel": "fortell", "nettsida": "nettsiden", "tilsett": "ansatt",
}  # fmt: skip
"""Nynorsk and dialect words with their bokmål forms, on both sides of the comparison; see `one_norwegian`."""

STEMMERS = {"no": "norwegian", "en": "english"}
UNKNOWN_STEM_LETTERS = 5
"""Ukrainian has no stemmer here: its endings come after about five letters."""

STOPWORDS = frozenset(
    "jeg du det den de vi dere er var har hadde kan kunne vil ville skal skulle må på i til for av med og eller om at som en et "
    "ei min mitt mine meg deg seg oss dem han hun hva hvor hvordan når hvorfor hvem noe noen ikke så da nå bare fra hos der her "
    "a an the i you we they he she it is are was were do does did have has had can could will would shall should may might must "
    "my your our their me us them to of in on at for with from by and or if that this these those what where when why who how "
    "not so just be been am there here get please any some it's i'm "
    "я ти ви ми він вона воно вони це той та те і й а але або чи що як де коли чому хто у в на до з із від за про по для не мені "
    "мене мій моя моє мої ваш ваша вас вам можу можна є був була буде".split()
)


def one_norwegian(said: Sequence[str]) -> tuple[str, ...]:
    """Words with nynorsk ones replaced by their bokmål forms."""
    return tuple(NN_TO_NB.get(word, word) for word in said)


class CharacterIndex:
    """TF-IDF of letter sequences: lives with spelling mistakes, compounds and endings."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._vectorizer: Any = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, dtype=np.float32
        )
        self._rows: Any = self._vectorizer.fit_transform(texts)

    def scores(self, text: str) -> Scores:
        """Cosine with each text, 0..1."""
        asked = self._vectorizer.transform([text])
        return np.asarray((self._rows @ asked.T).toarray(), dtype=np.float64)[:, 0]


@dataclass(frozen=True, slots=True)
class _Postings:
    documents: npt.NDArray[np.intp]
    weights: Scores
    rarity: float


class StemIndex:
    """BM25 over word stems, one language family; plus how much of the question is known at all."""

    def __init__(self, family: str, documents: Sequence[Sequence[str]]) -> None:
        self._stem = _stemmer(family)
        self._size = len(documents)
        counts = [Counter(self.stems(document)) for document in documents]
        lengths = np.array([sum(count.values()) or 1 for count in counts], dtype=np.float64)
        norm = K1 * (1 - B + B * lengths / (lengths.mean() if len(lengths) else 1.0))
        self._unknown = math.log(1 + self._size + 0.5)
        self._postings = {stem: self._posting(stem, counts, norm) for stem in set().union(*counts)} if counts else {}

    def stems(self, said: Sequence[str]) -> list[str]:
        """Stems of the words that carry meaning."""
        return [self._stem(word) for word in said if word not in STOPWORDS]

    def _posting(self, stem: str, counts: Sequence[Counter[str]], norm: Scores) -> _Postings:
        where = np.array([index for index, count in enumerate(counts) if stem in count], dtype=np.intp)
        times = np.array([counts[index][stem] for index in where], dtype=np.float64)
        rarity = math.log(1 + (self._size - len(where) + 0.5) / (len(where) + 0.5))
        return _Postings(where, rarity * times * (K1 + 1) / (times + norm[where]), rarity)

    def scores(self, said: Sequence[str]) -> tuple[Scores, Scores]:
        """BM25 score of each document, and the part (0..1) of the question's weight that each document knows."""
        total, known = np.zeros(self._size), np.zeros(self._size)
        weight = 0.0
        for stem in set(self.stems(said)):
            posting = self._postings.get(stem)
            if posting is None:
                weight += self._unknown
                continue
            weight += posting.rarity
            total[posting.documents] += posting.weights
            known[posting.documents] += posting.rarity
        return total, known / weight if weight else known


def _stemmer(family: str) -> Any:
    if family not in STEMMERS:
        return lambda word: word[:UNKNOWN_STEM_LETTERS]
    return snowballstemmer.stemmer(STEMMERS[family]).stemWord
