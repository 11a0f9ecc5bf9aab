"""The Whispers of a process: which one hears which language, and one utterance all the way to a `Transcript`."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp
from pathlib import Path

import numpy as np

from speech.audio import MODEL_RATE_HZ
from speech.errors import ModelUnavailable
from speech.language_choice import detect, reads_better, whisper_code
from speech.models import ModelStore
from speech.silence_cache import build_silence_cache, load_silence_cache
from speech.spoken_digits import count_digits, count_other_words
from speech.transcript import Transcript, Utterance
from speech.transcript_gate import GateSettings, is_clear, is_loop, is_silent, judge
from speech.whisper import Abandoned, Decoding, Encoding, Whisper, never

log = logging.getLogger(__name__)

LANGUAGES = ("nb", "nn", "en", "uk")

_ANY_LANGUAGE = "whisper-base"
_NORWEGIAN = "whisper-nb-base"
_CACHE_VOICE = "piper-en-joe"
_DOUBTFUL_LOGPROB = -1.0


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
        self._models = {model_id: _load(store, model_id, workers, choice.hybrid) for model_id in wanted}
        for language, model_id in self.model_of.items():
            if language != "en" and not self._models[model_id].multilingual:
                raise ModelUnavailable(f"{model_id} knows English only and cannot hear {language!r}: choose another")
        multilingual = [model_id for model_id in wanted if self._models[model_id].multilingual]
        self._detector = _ANY_LANGUAGE if _ANY_LANGUAGE in multilingual else multilingual[0]

    def rule_of(self, model_id: str) -> str:
        """ "hybrid", or "padded" for a model without states of silence."""
        return self._models[model_id].rule

    def warm_up(self) -> None:
        """Run every model once, so that no caller waits for first-time allocations."""
        noise = np.random.default_rng(0).normal(0.0, 0.01, MODEL_RATE_HZ).astype(np.float32)
        for model_id, model in self._models.items():
            language = next(language for language, chosen in self.model_of.items() if chosen == model_id)
            model.decode(model.encode(noise), whisper_code(language, knows_nynorsk=False), beam=self._beam(language))

    def transcribe(
        self,
        utterance: Utterance,
        languages: Sequence[str],
        expects: str = "open",
        abandoned: Callable[[], bool] = never,
    ) -> Transcript:
        """Hear one utterance.

        Args:
            utterance: at most 29 s.
            languages: nb, nn, en, uk: the language, or several with the language of the call so far first.
            expects: "open", "yes_no", "choice" or "digits".
            abandoned: asked between steps whether anybody still waits.
        Returns:
            the transcript; its times are left at 0.
        Raises:
            Abandoned: nobody waits any more.
            RecognitionFailed: a model raised.
        """
        self._refuse_unknown(languages)
        language, sureness, encoding = self._choose(utterance, languages, abandoned)
        model_id = self.model_of[language]
        if encoding is None or model_id != self._detector:
            _go_on(abandoned)
            encoding = self._models[model_id].encode(utterance.samples)
        attempt = _Attempt(self._models[model_id], self._code(language), self._beam(language), abandoned)
        clear = is_clear(utterance.evidence, self._choice.gate)
        decoding = attempt.run(encoding, silent=lambda first: is_silent(first, clear, self._choice.gate))
        if expects == "digits":
            decoding = attempt.digits_instead(encoding, decoding)
        rejection = judge(decoding, language, utterance.evidence, self._choice.gate)
        return Transcript(
            text="" if rejection else decoding.text,
            language=language,
            language_probability=sureness,
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

    def _choose(
        self, utterance: Utterance, languages: Sequence[str], abandoned: Callable[[], bool]
    ) -> tuple[str, float, Encoding | None]:
        """The language, how sure, and the detector's encoding when it was asked."""
        home = languages[0]
        if len(languages) == 1:
            return home, 1.0, None
        _go_on(abandoned)
        detector = self._models[self._detector]
        encoding = detector.encode(utterance.samples)
        evidence = utterance.evidence
        seconds = evidence.speech_seconds if evidence else utterance.duration_seconds
        _go_on(abandoned)
        found = detect(detector.language_probabilities(encoding), languages, seconds)
        if found.certain:
            return found.language, found.probability, encoding
        at_home = detector.decode(encoding, whisper_code(home, False), beam=1, abandoned=abandoned)
        abroad = detector.decode(encoding, whisper_code(found.language, False), beam=1, abandoned=abandoned)
        if is_loop(at_home) or reads_better(abroad.average_logprob, at_home.average_logprob):
            return found.language, found.probability, encoding
        return home, 1.0 - found.probability, encoding

    def _code(self, language: str) -> str:
        return whisper_code(language, knows_nynorsk=self.model_of[language].startswith("whisper-nb-"))

    def _beam(self, language: str) -> int:
        return self._choice.beams.get(language, 5)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One way to decode, and the second tries where the first looks bad."""

    model: Whisper
    code: str
    beam: int
    abandoned: Callable[[], bool]

    def run(self, encoding: Encoding, silent: Callable[[Decoding], bool]) -> Decoding:
        """Decode; again by the padded rule when the text loops or is unlikely, unless nobody speaks anyway."""
        first = self._decode(encoding)
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


def _go_on(abandoned: Callable[[], bool]) -> None:
    if abandoned():
        raise Abandoned


def _model_id(store: ModelStore, choice: WhisperChoice, language: str) -> str:
    if language in choice.models:
        return choice.models[language]
    if language in ("nb", "nn") and store.has(_NORWEGIAN):
        return _NORWEGIAN
    return _ANY_LANGUAGE


def _load(store: ModelStore, model_id: str, workers: int, hybrid: bool) -> Whisper:
    folder = store.folder_of(model_id)
    if not hybrid:
        return Whisper(folder, workers)
    silence = load_silence_cache(folder)
    if silence is None and store.has(_CACHE_VOICE):
        _try_to_build(model_id, folder, store.folder_of(_CACHE_VOICE))
        silence = load_silence_cache(folder)
    if silence is None:
        log.warning("%s runs padded, about five times slower: it has no checked silence cache", model_id)
    return Whisper(folder, workers, silence)


def _try_to_build(model_id: str, folder: Path, voice_folder: Path) -> None:
    try:
        build_silence_cache(folder, voice_folder)
    except (ModelUnavailable, OSError) as reason:
        log.warning("%s: no silence cache could be made: %s", model_id, reason)
