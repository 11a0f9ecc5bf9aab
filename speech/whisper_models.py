"""The Whispers of a process: which one hears which language, and one utterance all the way to a `Transcript`."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp
from pathlib import Path

import numpy as np

from speech.audio import MODEL_RATE_HZ
from speech.choice_match import fitting, is_worth_asking
from speech.errors import ModelUnavailable
from speech.language_choice import detect, reads_better, reads_well, whisper_code
from speech.models import ModelStore
from speech.silence_cache import build_silence_cache, load_silence_cache
from speech.spoken_digits import count_digits, count_other_words
from speech.transcript import Transcript, Utterance
from speech.transcript_gate import GateSettings, is_clear, is_loop, is_silent, judge
from speech.whisper import Abandoned, Decoding, Encoding, Whisper, never
from speech.whisper_tuning import load_verdict

log = logging.getLogger(__name__)

LANGUAGES = ("nb", "nn", "en", "uk")

_ANY_LANGUAGE = "whisper-base"
_NORWEGIAN = "whisper-nb-base"
_CACHE_VOICE = "piper-en-joe"
_DOUBTFUL_LOGPROB = -1.0
_ANSWERED_LOGPROB = -0.7  # an expected answer that fits is as sure as a text nobody doubts


@dataclass(frozen=True, slots=True)
class WhisperChoice:
    """Which model hears which language, and how hard it tries.

    Args:
        models: model id by language. A language not named gets NB-Whisper base when it is Norwegian and the store has
            that, else multilingual base.
        beams: width of the search by language; 5 for a language not named.
        gate: thresholds against invented text.
        hybrid: False runs every model padded: five times slower, a little better under a second of speech.
    """

    models: Mapping[str, str] = field(default_factory=dict)
    beams: Mapping[str, int] = field(default_factory=dict)
    gate: GateSettings = field(default_factory=GateSettings)
    hybrid: bool = True


class WhisperModels:
    """Loaded models, shared by the worker threads; `transcribe` computes on the calling thread.

    Args:
        store: where the model files are.
        choice: which models.
        workers: how many threads will call `transcribe` at once.
    Raises:
        ModelUnavailable: a chosen model is missing or broken.
    """

    def __init__(self, store: ModelStore, choice: WhisperChoice, workers: int) -> None:
        self._choice = choice
        self.model_of = {language: _model_id(store, choice, language) for language in LANGUAGES}
        wanted = dict.fromkeys(self.model_of.values())
        self._models: dict[str, Whisper] = {}
        self._padded_below: dict[str, float] = {}
        for model_id in wanted:
            self._models[model_id], self._padded_below[model_id] = _load(store, model_id, workers, choice.hybrid)
        for language, model_id in self.model_of.items():
            if language != "en" and not self._models[model_id].multilingual:
                raise ModelUnavailable(f"{model_id} knows English only and cannot hear {language!r}: choose another")
        multilingual = [model_id for model_id in wanted if self._models[model_id].multilingual]
        self._detector = _ANY_LANGUAGE if _ANY_LANGUAGE in multilingual else multilingual[0]

    def rule_of(self, model_id: str) -> str:
        """ "hybrid", or "padded" for a model without states of silence."""
        return self._models[model_id].rule

    def warm_up(self) -> None:
        """Run every model once, so that no caller waits for first-time allocations or the list of digit tokens."""
        noise = np.random.default_rng(0).normal(0.0, 0.01, MODEL_RATE_HZ).astype(np.float32)
        for model_id, model in self._models.items():
            language = next(language for language, chosen in self.model_of.items() if chosen == model_id)
            code, encoding = whisper_code(language, knows_nynorsk=False), model.encode(noise)
            for only_digits in (False, True):
                model.decode(encoding, code, beam=self._beam(language), only_digits=only_digits)

    def transcribe(
        self,
        utterance: Utterance,
        languages: Sequence[str],
        expects: str = "open",
        abandoned: Callable[[], bool] = never,
        choices: Sequence[str] = (),
    ) -> Transcript:
        """Hear one utterance.

        Args:
            utterance: at most 29 s.
            languages: nb, nn, en, uk: the language, or several with the language of the call so far first.
            expects: "open", "yes_no", "choice" or "digits".
            abandoned: asked between steps whether anybody still waits.
            choices: the words that would answer, in the first language. A short, doubtful text that is none of them
                gives way to the one that fits the audio, if one does.
        Returns:
            the transcript; its times are left at 0.
        Raises:
            Abandoned: nobody waits any more.
            RecognitionFailed: a model raised.
        """
        self._refuse_unknown(languages)
        chosen = self._choose(utterance, languages, abandoned)
        language, encoding, heard = chosen.language, chosen.encoding, chosen.heard
        model_id = self.model_of[language]
        if encoding is None or model_id != self._detector:
            heard = None
            _go_on(abandoned)
            encoding = self._encoded(model_id, utterance)
        answers = tuple(choices) if language == languages[0] else ()
        attempt = _Attempt(self._models[model_id], self._code(language), self._beam(language), abandoned, answers)
        clear = is_clear(utterance.evidence, self._choice.gate)
        decoding = attempt.run(encoding, heard, silent=lambda first: is_silent(first, clear, self._choice.gate))
        if expects == "digits":
            decoding = attempt.digits_instead(encoding, decoding)
        rejection = judge(decoding, language, utterance.evidence, self._choice.gate)
        return Transcript(
            text="" if rejection else decoding.text,
            language=language,
            language_probability=chosen.probability,
            confidence=exp(min(0.0, decoding.average_logprob)),
            no_speech_probability=decoding.no_speech_probability,
            rejected=rejection.value if rejection else None,
            model=model_id,
            rule=decoding.rule,
            audio_seconds=utterance.duration_seconds,
            queue_ms=0.0,
            compute_ms=0.0,
        )

    def _refuse_unknown(self, languages: Sequence[str]) -> None:
        if not languages or any(language not in LANGUAGES for language in languages):
            raise ValueError(f"languages must be some of {LANGUAGES}, got {tuple(languages)}")

    def _choose(self, utterance: Utterance, languages: Sequence[str], abandoned: Callable[[], bool]) -> "_Chosen":
        home = languages[0]
        if len(languages) == 1:
            return _Chosen(home, 1.0)
        _go_on(abandoned)
        detector = self._models[self._detector]
        encoding = self._encoded(self._detector, utterance)
        _go_on(abandoned)
        found = detect(detector.language_probabilities(encoding), languages, _speech_seconds(utterance))
        if found.certain:
            return _Chosen(found.language, found.probability, encoding)
        # With the beam of the call: the winner's text is then the transcript, and not made again.
        abroad = self._tried(encoding, found.language, abandoned)
        if reads_well(found, abroad.average_logprob):
            return _Chosen(found.language, found.probability, encoding, abroad)
        at_home = self._tried(encoding, home, abandoned)
        if is_loop(at_home) or reads_better(abroad.average_logprob, at_home.average_logprob):
            return _Chosen(found.language, found.probability, encoding, abroad)
        return _Chosen(home, 1.0 - found.probability, encoding, at_home)

    def _tried(self, encoding: Encoding, language: str, abandoned: Callable[[], bool]) -> Decoding:
        code = whisper_code(language, knows_nynorsk=False)
        return self._models[self._detector].decode(encoding, code, beam=self._beam(language), abandoned=abandoned)

    def _encoded(self, model_id: str, utterance: Utterance) -> Encoding:
        """By the model's rule; padded where its verdict says that so little speech needs it."""
        padded = _speech_seconds(utterance) < self._padded_below[model_id]
        return self._models[model_id].encode(utterance.samples, padded=True if padded else None)

    def _code(self, language: str) -> str:
        return whisper_code(language, knows_nynorsk=self.model_of[language].startswith("whisper-nb-"))

    def _beam(self, language: str) -> int:
        return self._choice.beams.get(language, 5)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The language, how sure, and the detector's encoding and decoding in it when they were made."""

    language: str
    probability: float
    encoding: Encoding | None = None
    heard: Decoding | None = None


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One way to decode, and the second tries where the first looks bad."""

    model: Whisper
    code: str
    beam: int
    abandoned: Callable[[], bool]
    choices: tuple[str, ...] = ()

    def run(self, encoding: Encoding, heard: Decoding | None, silent: Callable[[Decoding], bool]) -> Decoding:
        """Decode; hold doubtful answers against what was expected; decode again by the padded rule when the text loops
        or is unlikely, unless nobody speaks anyway.
        """
        first = heard or self._decode(encoding)
        if not silent(first) and is_worth_asking(first, self.choices):
            likelihoods = self.model.likelihoods(encoding, self.code, self.choices, self.abandoned)
            if answer := fitting(self.choices, likelihoods):
                return replace(first, text=answer, average_logprob=max(first.average_logprob, _ANSWERED_LOGPROB))
        doubtful = is_loop(first) or first.average_logprob < _DOUBTFUL_LOGPROB
        if not doubtful or silent(first) or first.rule == "padded":
            return first
        _go_on(self.abandoned)
        return self._decode(self.model.again_padded(encoding))

    def digits_instead(self, encoding: Encoding, heard: Decoding) -> Decoding:
        """Where digits are mixed with words ("9 or 17"), decode with digits alone, and keep that if it has as many.

        A text without digits is left alone: the caller may have said something else than the number. So is one of
        digits only: constraining improved 5 and harmed 2 of 42 strings of English digits, all gains in mixed texts.
        """
        digits, others = count_digits(heard.text), count_other_words(heard.text)
        if not 0 < others <= digits:
            return heard
        constrained = self._decode(encoding, only_digits=True)
        return constrained if count_digits(constrained.text) >= digits and not is_loop(constrained) else heard

    def _decode(self, encoding: Encoding, only_digits: bool = False) -> Decoding:
        return self.model.decode(encoding, self.code, beam=self.beam, only_digits=only_digits, abandoned=self.abandoned)


def _speech_seconds(utterance: Utterance) -> float:
    return utterance.evidence.speech_seconds if utterance.evidence else utterance.duration_seconds


def _go_on(abandoned: Callable[[], bool]) -> None:
    if abandoned():
        raise Abandoned


def _model_id(store: ModelStore, choice: WhisperChoice, language: str) -> str:
    if language in choice.models:
        return choice.models[language]
    if language in ("nb", "nn") and store.has(_NORWEGIAN):
        return _NORWEGIAN
    return _ANY_LANGUAGE


def _load(store: ModelStore, model_id: str, workers: int, hybrid: bool) -> tuple[Whisper, float]:
    """The model by the rule it was found to need, and below how many seconds of speech it runs padded all the same."""
    folder = store.folder_of(model_id)
    verdict = load_verdict(folder)
    if not hybrid or (verdict is not None and verdict.rule == "padded"):
        return Whisper(folder, workers), 0.0
    silence = load_silence_cache(folder)
    if silence is None and store.has(_CACHE_VOICE):
        _try_to_build(model_id, folder, store.folder_of(_CACHE_VOICE))
        silence = load_silence_cache(folder)
    if silence is None:
        log.warning("%s runs padded, about five times slower: it has no checked silence cache", model_id)
    return Whisper(folder, workers, silence), verdict.padded_below_seconds if verdict else 0.0


def _try_to_build(model_id: str, folder: Path, voice_folder: Path) -> None:
    try:
        build_silence_cache(folder, voice_folder)
    except (ModelUnavailable, OSError) as reason:
        log.warning("%s: no silence cache could be made: %s", model_id, reason)
