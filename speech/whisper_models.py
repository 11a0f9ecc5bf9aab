"""The Whispers of a process: which one hears which language, and one utterance all the way to a `Transcript`."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp
from pathlib import Path

import numpy as np

from speech.audio import MODEL_RATE_HZ
from speech.errors import ModelUnavailable
from speech.language_choice import choose_language, whisper_code
from speech.models import ModelStore
from speech.silence_cache import build_silence_cache, load_silence_cache
from speech.transcript import Transcript, Utterance
from speech.transcript_gate import GateSettings, is_loop, judge
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
    """

    models: Mapping[str, str] = field(default_factory=dict)
    beams: Mapping[str, int] = field(default_factory=dict)
    gate: GateSettings = field(default_factory=GateSettings)


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
        self._models = {model_id: _load(store, model_id, workers) for model_id in wanted}
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
        language, sureness, encoding = self._choose(utterance, languages, abandoned)
        model_id = self.model_of[language]
        model = self._models[model_id]
        _go_on(abandoned)
        encoding = encoding if encoding is not None and model_id == self._detector else model.encode(utterance.samples)
        decoding = self._decode(model, model_id, encoding, language, abandoned)
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

    def _choose(
        self, utterance: Utterance, languages: Sequence[str], abandoned: Callable[[], bool]
    ) -> tuple[str, float, Encoding | None]:
        """The language, how sure, and the detector's encoding when it was asked."""
        unknown = [language for language in languages if language not in LANGUAGES]
        if unknown or not languages:
            raise ValueError(f"languages must be some of {LANGUAGES}, got {tuple(languages)}")
        if len(languages) == 1:
            return languages[0], 1.0, None
        _go_on(abandoned)
        detector = self._models[self._detector]
        encoding = detector.encode(utterance.samples)
        evidence = utterance.evidence
        seconds = evidence.speech_seconds if evidence else utterance.duration_seconds
        _go_on(abandoned)
        language, sureness = choose_language(detector.language_probabilities(encoding), languages, seconds)
        return language, sureness, encoding

    def _decode(
        self, model: Whisper, model_id: str, encoding: Encoding, language: str, abandoned: Callable[[], bool]
    ) -> Decoding:
        code = whisper_code(language, knows_nynorsk=model_id.startswith("whisper-nb-"))
        beam = self._beam(language)
        decoding = model.decode(encoding, code, beam=beam, abandoned=abandoned)
        doubtful = is_loop(decoding) or decoding.average_logprob < _DOUBTFUL_LOGPROB
        silent = decoding.no_speech_probability > self._choice.gate.no_speech_sure
        if not doubtful or silent or decoding.rule == "padded":
            return decoding
        _go_on(abandoned)
        return model.decode(model.again_padded(encoding), code, beam=beam, abandoned=abandoned)

    def _beam(self, language: str) -> int:
        return self._choice.beams.get(language, 5)


def _go_on(abandoned: Callable[[], bool]) -> None:
    if abandoned():
        raise Abandoned


def _model_id(store: ModelStore, choice: WhisperChoice, language: str) -> str:
    if language in choice.models:
        return choice.models[language]
    if language in ("nb", "nn") and store.has(_NORWEGIAN):
        return _NORWEGIAN
    return _ANY_LANGUAGE


def _load(store: ModelStore, model_id: str, workers: int) -> Whisper:
    folder = store.folder_of(model_id)
    silence = load_silence_cache(folder)
    if silence is None and store.has(_CACHE_VOICE):
        _try_to_build(model_id, folder, store.folder_of(_CACHE_VOICE))
        silence = load_silence_cache(folder)
    model = Whisper(folder, workers, silence)
    if silence is None:
        log.warning("%s runs padded, about five times slower: it has no checked silence cache", model_id)
    return model


def _try_to_build(model_id: str, folder: Path, voice_folder: Path) -> None:
    try:
        build_silence_cache(folder, voice_folder)
    except (ModelUnavailable, OSError) as reason:
        log.warning("%s: no silence cache could be made: %s", model_id, reason)
