"""Which language the caller speaks: evidence turn by turn, and when it is enough to switch.

Decided once per turn from the words; what the recogniser took them for is a second opinion. Bokmål and nynorsk are one
spoken language here: between them a running count of words that only one of them has decides.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp
from typing import Any

from dialog.bot import NORWEGIAN
from dialog.lexical import word_tables

CYRILLIC = re.compile(r"[\u0400-\u04ff]")
LATIN = re.compile(r"[a-zA-ZæøåÆØÅ]")
RUSSIAN_ONLY = re.compile(r"[ыэъё]", re.IGNORECASE)
UKRAINIAN_ONLY = re.compile(r"[іїєґ]", re.IGNORECASE)

NEIGHBOURS = {"no": "no", "nb": "no", "nn": "no", "da": "no", "sv": "no", "en": "en", "uk": "uk"}
"""Danish and Swedish are answered in Norwegian: their speakers understand it, and short Norwegian looks like them."""

SURE_WORDS, SURE_PROBABILITY = 4, 0.9
LIKELY_PROBABILITY = 0.7
NN_WORDS_TO_SWITCH = 2

NN_ONLY = frozenset(
    "eg ikkje kva kvar korleis kvifor kven noko nokon meir mykje berre dykk dykkar heim vore sjølv enno difor frå fekk "
    "høyrde høyrer høyre seier seie gjer gjere veit kjem tek attende straum måndag tysdag laurdag sundag morgon gjeld "
    "nokre vert vart ynskjer ynskje ønskjer brukar snakkar lurar betalar rekninga tinga opningstider òg".split()
)
"""Words of nynorsk that bokmål does not have; "no" and "kor" are left out, being English and dialect too."""

NB_ONLY = frozenset(
    "jeg ikke hva hvor hvordan hvorfor hvem hvilken hvilket noe noen mer mye bare dere deres hjem vært selv ennå hørte "
    "hører høre sier gjør gjøre vet kommer tar uke ukene tirsdag lørdag søndag morgen gjelder tilbake strøm strømmen "
    "pengene blir ble ønsker regningen åpningstider".split()
)
"""Words of bokmål that nynorsk does not have."""


NORWEGIAN_LETTERS = re.compile(r"[æøåäö]")
BY_LETTERS, BY_NORWEGIAN_WORDS, BY_ENGLISH_WORDS, BY_DEFAULT = 0.25, 4.6, -1.1, -0.2
"""Norwegian against English: logistic regression of py3langid's opinion (natural logarithm of the odds, at most
MOST_BY_LETTERS either way), and of the number of words that only one of the two has. An English title stands in many a
Norwegian sentence, a Norwegian word in no English one: hence the difference. Fitted 2026-11-23 on UD cut to 1-12 words,
MASSIVE, NorSID, CLINC150 and BANKING77; without NorSID it is as good there (benchmarks/dialog_language.py)."""

MOST_BY_LETTERS = 30.0
CYRILLIC_SHARE = 0.25
"""Of the letters: names and brands keep their Latin ones in a Ukrainian sentence."""


@dataclass(frozen=True, slots=True)
class LanguageSense:
    """What is known of the caller's language so far.

    Args:
        current: the language of the call.
        settled: False until the caller's own words have confirmed or changed it.
        doubt: the other language that the last turn looked like, or None.
        nb_words: bokmål-only words heard.
        nn_words: nynorsk-only words heard.
    """

    current: str
    settled: bool = False
    doubt: str | None = None
    nb_words: int = 0
    nn_words: int = 0


@dataclass(frozen=True, slots=True)
class LanguageEvidence:
    """What one turn says of the language.

    Args:
        family: "no", "en", "uk", "ru", or None when nothing can be said.
        probability: 0..1.
        word_count: how many words it rests on.
        recogniser: the family that the recogniser named, or None.
    """

    family: str | None
    probability: float
    word_count: int
    recogniser: str | None

    def details(self) -> Mapping[str, object]:
        """For the decision record."""
        return {
            "family": self.family,
            "probability": round(self.probability, 3),
            "words": self.word_count,
            "recogniser": self.recogniser,
        }


class LanguageIdentifier:
    """py3langid, restricted to the languages that matter. Loads its 4.5 MB when made; safe in threads afterwards."""

    def __init__(self) -> None:
        from py3langid.langid import LanguageIdentifier as Langid

        # Danish and Swedish are left out: their speakers are answered in Norwegian, which their words look like.
        self._langid: Any = Langid.from_model_file("data/model.npz.xz", norm_probs=False)
        self._langid.set_languages(["no", "nn", "en"])

    def evidence(self, said: tuple[str, ...], recogniser: str | None) -> LanguageEvidence:
        """What the words of one turn say of the language; `recogniser` is the language it named, or None."""
        named = NEIGHBOURS.get(recogniser or "")
        text = " ".join(said)
        cyrillic, latin = len(CYRILLIC.findall(text)), len(LATIN.findall(text))
        if cyrillic and cyrillic >= CYRILLIC_SHARE * (cyrillic + latin):
            return LanguageEvidence("ru" if _is_russian(text, said) else "uk", 1.0, len(said), named)
        if latin < 2:
            return LanguageEvidence(None, 0.0, len(said), named)
        scores = dict(self._langid.rank(text))
        by_letters = max(scores["no"], scores["nn"]) - scores["en"]
        tables = word_tables()
        norwegian = sum(word in tables.norwegian or bool(NORWEGIAN_LETTERS.search(word)) for word in said)
        english = sum(word in tables.english or "'" in word for word in said)
        logit = (
            BY_DEFAULT
            + BY_LETTERS * max(-MOST_BY_LETTERS, min(MOST_BY_LETTERS, by_letters))
            + BY_NORWEGIAN_WORDS * norwegian
            + BY_ENGLISH_WORDS * english
        )
        return LanguageEvidence("no" if logit > 0 else "en", 1 / (1 + exp(-abs(logit))), len(said), named)


def _is_russian(text: str, said: tuple[str, ...]) -> bool:
    if UKRAINIAN_ONLY.search(text):
        return False
    return bool(RUSSIAN_ONLY.search(text)) or any(word in word_tables().russian for word in said)


def family_of(language: str) -> str:
    """The spoken language of a written one: nb and nn are both "no"."""
    return NEIGHBOURS[language]


def language_of(family: str | None, languages: tuple[str, ...], sense: LanguageSense) -> str | None:
    """The bot's language for a family; between nb and nn the one of the call, then the bot's first."""
    candidates = [language for language in languages if NEIGHBOURS[language] == family]
    if not candidates:
        return None
    if sense.current in candidates:
        return sense.current
    if {NEIGHBOURS[language] for language in candidates} == {"no"} and len(candidates) == 2:
        return "nn" if sense.nn_words > sense.nb_words and sense.nn_words >= NN_WORDS_TO_SWITCH else candidates[0]
    return candidates[0]


def next_sense(
    sense: LanguageSense, evidence: LanguageEvidence, said: tuple[str, ...], languages: tuple[str, ...]
) -> LanguageSense:
    """The sense of the caller's language after one more turn."""
    sense = replace(
        sense,
        nb_words=sense.nb_words + sum(word in NB_ONLY for word in said),
        nn_words=sense.nn_words + sum(word in NN_ONLY for word in said),
    )
    heard = language_of(evidence.family, languages, sense)
    if heard is None or evidence.probability < LIKELY_PROBABILITY:
        return replace(_written_form(sense, languages), doubt=None)
    if heard == sense.current:
        settled = sense.settled or _is_sure(evidence, sense)
        return _written_form(replace(sense, settled=settled, doubt=None), languages)
    if _is_sure(evidence, sense) or sense.doubt == heard:
        return replace(sense, current=heard, settled=True, doubt=None)
    return replace(sense, doubt=heard)


def _is_sure(evidence: LanguageEvidence, sense: LanguageSense) -> bool:
    if evidence.family in ("uk", "ru"):
        return True
    agreed = evidence.recogniser in (None, evidence.family)
    if not sense.settled and evidence.word_count >= 2:
        # The first words of a call: the bot has just invited the caller to choose by speaking.
        typed_clearly = evidence.recogniser is None and evidence.probability >= SURE_PROBABILITY
        if evidence.recogniser == evidence.family or typed_clearly:
            return True
    needed = SURE_WORDS if agreed else SURE_WORDS * 2
    return evidence.word_count >= needed and evidence.probability >= SURE_PROBABILITY


def _written_form(sense: LanguageSense, languages: tuple[str, ...]) -> LanguageSense:
    if sense.current not in NORWEGIAN or not set(NORWEGIAN) <= set(languages):
        return sense
    if sense.current == "nb" and sense.nn_words >= NN_WORDS_TO_SWITCH and sense.nn_words > sense.nb_words:
        return replace(sense, current="nn")
    if sense.current == "nn" and sense.nb_words >= sense.nn_words + NN_WORDS_TO_SWITCH:
        return replace(sense, current="nb")
    return sense
