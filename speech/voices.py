"""Which voice speaks which language, and who speaks when it cannot."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import structlog

from speech.audio import Samples
from speech.errors import ModelUnavailable, SynthesisFailed
from speech.models import ModelStore
from speech.piper_voice import PiperVoice
from speech.spoken_forms import spell_out

log = structlog.get_logger(__name__)

DEFAULT_VOICES: Mapping[str, str] = {
    "nb": "piper-nb-talesyntese",
    "nn": "piper-nb-talesyntese",
    "en": "piper-en-joe",
    "uk": "piper-uk-ukrainian-tts",
}

_WARM_UP = {"nb": "Hei.", "nn": "Hei.", "en": "Hello.", "uk": "Добрий день."}


class Voice(Protocol):
    """Something that says a sentence; called in a worker thread, possibly from several at once."""

    @property
    def name(self) -> str:
        """The model id, or `espeak-ng:nb`."""

    @property
    def rate_hz(self) -> int:
        """Of what `synthesize` returns."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same words would sound different."""

    def synthesize(self, spoken: str, slower: bool) -> Samples:
        """Float32 in -1..1, shape (n,), at `rate_hz`, mono; raises SynthesisFailed."""


@runtime_checkable
class StreamingVoice(Voice, Protocol):
    """A voice whose first samples come before the last are made."""

    @property
    def gain(self) -> float | None:
        """Brings `pieces` to `TARGET_DBFS` on average; None when this one cannot stream after all."""

    def pieces(self, spoken: str, slower: bool, early: bool = True) -> Iterator[Samples]:
        """What `synthesize` gives, a piece at a time; the first one short when it is wanted early."""


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """Which voice speaks a language.

    Args:
        model: id in the model catalogue, or `espeak-ng:nb`.
        last_resort: True when it is espeak-ng, because the Piper voice is not here.
    """

    model: str
    last_resort: bool


class Voices:
    """The voices of a mouth.

    Args:
        store: where the models are.
        models: language to model id of a Piper voice.
        open_voice: opens a model by id; raises ModelUnavailable.
        open_last_resort: opens the voice of last resort of a language; raises SynthesisFailed.
    """

    def __init__(
        self,
        store: ModelStore,
        models: Mapping[str, str],
        open_voice: Callable[[ModelStore, str], Voice] | None,
        open_last_resort: Callable[[str], Voice],
    ) -> None:
        self._store = store
        self._models = models
        self._open_voice = open_voice or _open_piper
        self._open_last_resort = open_last_resort
        self._voices: dict[str, Voice] = {}
        self._last_resorts: dict[str, Voice] = {}

    def open(self, languages: Iterable[str]) -> None:
        """Load and warm the voices of these languages; in a worker thread, for it takes seconds.

        One model may serve several languages, and is loaded and complained about once.

        Raises:
            SynthesisFailed: not even the last resort has a voice for one of them.
        """
        opened: dict[str, Voice | None] = {}
        for language in dict.fromkeys(languages):
            greeting = spell_out(_WARM_UP.get(language, "1"), language)
            model_id = self._models.get(language)
            if model_id is not None and model_id not in opened:
                opened[model_id] = self._open_model(model_id, greeting)
            voice = opened[model_id] if model_id is not None else None
            if voice is None:
                voice = self._last_resorts[language] = self._open_last_resort(language)
                voice.synthesize(greeting, False)
            self._voices[language] = voice

    def of(self, language: str) -> Voice:
        """The voice of a language.

        Raises:
            SynthesisFailed: none was opened for it.
        """
        voice = self._voices.get(language)
        if voice is None:
            raise SynthesisFailed(f"the mouth was not started for language {language!r}")
        return voice

    def info(self, language: str) -> VoiceInfo:
        """Which voice that is; raises as `of`."""
        voice = self.of(language)
        return VoiceInfo(voice.name, last_resort=voice is self._last_resorts.get(language))

    def instead_of(self, voice: Voice, language: str, error: SynthesisFailed) -> Voice:
        """Who says a sentence that `voice` failed at; in a worker thread.

        Raises:
            SynthesisFailed: nobody, for `voice` was the last resort: its error again.
        """
        last_resort = self._last_resorts.get(language) or self._open_last_resort(language)
        if voice is last_resort:
            raise error
        log.warning("voice_failed", model=voice.name, language=language, error=str(error))
        self._last_resorts[language] = last_resort
        return last_resort

    def _open_model(self, model_id: str, greeting: str) -> Voice | None:
        try:
            voice = self._open_voice(self._store, model_id)
            voice.synthesize(greeting, False)
        except (ModelUnavailable, SynthesisFailed) as error:
            log.warning(
                "voice_missing",
                model=model_id,
                instead="espeak-ng",
                cure=f"voicebot models fetch {model_id}",
                error=str(error),
            )
            return None
        return voice


def _open_piper(store: ModelStore, model_id: str) -> Voice:
    return PiperVoice(store.folder_of(model_id), model_id)
