"""The bot's voice: a sentence in, audio for the line out.

One `Mouth` per process. Voices run in a small thread pool that the Mouth owns; what callers wait for goes before
what is prepared for later. A sentence takes its way like this: written out in words (`spoken_forms`), looked up in
memory and on disk, else synthesised; then levelled, resampled to the line, and handed back.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import soxr
import structlog

from speech.audio import AudioChunk, Samples
from speech.errors import ModelUnavailable, SynthesisFailed
from speech.espeak_voice import EspeakVoice
from speech.loudness import level
from speech.models import ModelStore
from speech.phrase_cache import PhraseFolder, PhraseKey, PhraseMemory
from speech.piper_voice import PiperVoice
from speech.sentences import split_sentences
from speech.spoken_forms import spell_out

log = structlog.get_logger(__name__)

T = TypeVar("T")

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


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """Which voice speaks a language.

    Args:
        model: id in the model catalogue, or `espeak-ng:nb`.
        last_resort: True when it is espeak-ng, because the Piper voice is not here.
    """

    model: str
    last_resort: bool


@dataclass(frozen=True, slots=True)
class MouthSettings:
    """How the mouth works.

    Args:
        voices: language to model id of a Piper voice.
        cache_folder: where fixed phrases are kept; made when missing.
        workers: threads that synthesise; each is busy about 0.1 s per second of speech.
        waiting: sentences that callers may be waiting for, beyond those being synthesised; one more is refused.
        cache_bytes: limit of the folder; a second of speech is 44 kB.
        memory_bytes: limit of phrases held in memory.
    """

    cache_folder: Path
    voices: Mapping[str, str] = field(default_factory=lambda: DEFAULT_VOICES)
    workers: int = 1
    waiting: int = 16
    cache_bytes: int = 500_000_000
    memory_bytes: int = 32_000_000


class Mouth:
    """Says sentences in the languages it was started for.

    Args:
        store: where the voices are.
        settings: see `MouthSettings`.
        open_voice: opens a model by id; raises ModelUnavailable. Replaced in tests.
        open_last_resort: opens the voice of last resort of a language; raises SynthesisFailed. Replaced in tests.
    """

    def __init__(
        self,
        store: ModelStore,
        settings: MouthSettings,
        open_voice: Callable[[ModelStore, str], Voice] | None = None,
        open_last_resort: Callable[[str], Voice] = EspeakVoice,
    ) -> None:
        self._store = store
        self._settings = settings
        self._open_voice = open_voice or _open_piper
        self._open_last_resort = open_last_resort
        self._voices: dict[str, Voice] = {}
        self._last_resorts: dict[str, Voice] = {}
        self._memory = PhraseMemory(settings.memory_bytes)
        self._folder = PhraseFolder(settings.cache_folder, settings.cache_bytes)
        self._workers = ThreadPoolExecutor(settings.workers, thread_name_prefix="mouth")
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="mouth-cache")
        self._live = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._running = False
        self._failed = False

    @property
    def healthy(self) -> bool:
        """True between `start` and `close`, unless the last synthesis failed with every voice."""
        return self._running and not self._failed

    @property
    def in_progress(self) -> int:
        """Sentences that callers are waiting for right now."""
        return self._live

    async def start(self, languages: Sequence[str]) -> None:
        """Load and warm the voices of these languages, so that the first caller does not wait for it.

        A Piper voice that is not here is replaced by espeak-ng, with one warning that names the cure.

        Raises:
            SynthesisFailed: not even espeak-ng has a voice for one of the languages.
        """
        loop = asyncio.get_running_loop()
        opened: dict[str, Voice | None] = {}
        for language in dict.fromkeys(languages):
            await loop.run_in_executor(self._workers, self._open, language, opened)
        self._running = True

    async def close(self) -> None:
        """Finish the sentences being synthesised, drop those that wait, and end the threads."""
        self._running = False
        loop = asyncio.get_running_loop()
        for pool in (self._workers, self._disk):
            await loop.run_in_executor(None, partial(pool.shutdown, wait=True, cancel_futures=True))

    def voice_of(self, language: str) -> VoiceInfo:
        """Which voice speaks `language`.

        Raises:
            SynthesisFailed: the mouth was not started for it.
        """
        voice = self._voice(language)
        return VoiceInfo(voice.name, last_resort=voice is self._last_resorts.get(language))

    def sentences(self, text: str, language: str) -> tuple[str, ...]:
        """Split display text into the pieces that `say` takes; see `split_sentences`."""
        return split_sentences(text, language)

    async def say(
        self, sentence: str, language: str, *, rate_hz: int, slower: bool = False, keep: bool = False
    ) -> AudioChunk:
        """Turn one sentence into audio for a line.

        Args:
            sentence: as the caller would read it; may hold marks such as `{499|nok}`.
            language: one of those the mouth was started for.
            rate_hz: of the line.
            slower: stretch the sentence.
            keep: put it into the phrase cache. Only for the bot's own fixed sentences: what is kept lands on disk.
        Returns:
            mono at `rate_hz`, speech at about -20 dBFS, without silence at its ends but for a short breath; empty
            when the sentence has nothing to pronounce.
        Raises:
            SynthesisFailed: no voice could say it, too many sentences wait, or the mouth is not running.

        Cancelling takes a waiting sentence out of the queue; one that is being synthesised ends on its own, unheard.
        """
        key = self._key(sentence, language, slower)
        cached = await self._cached(key, rate_hz)
        if cached is not None:
            return cached
        if self._live >= self._settings.workers + self._settings.waiting:
            raise SynthesisFailed("too many sentences are waiting for a voice")
        self._live += 1
        self._quiet.clear()
        try:
            return await self._synthesize(key, language, rate_hz, keep)
        finally:
            self._live -= 1
            if self._live == 0:
                self._quiet.set()

    async def warm(self, phrases: Iterable[tuple[str, str]], rate_hz: int) -> int:
        """Put fixed sentences into the phrase cache, letting callers go first.

        Args:
            phrases: text and language; each text is split into sentences.
            rate_hz: of the line they are most wanted for; other rates are resampled when first asked for.
        Returns:
            how many sentences had to be synthesised. One that no voice can say is logged and left out.
        Raises:
            SynthesisFailed: the mouth was not started for one of the languages, or has been closed.

        A caller who comes in between waits for at most the one sentence that is being synthesised.
        """
        made = 0
        wanted = [(part, language) for text, language in phrases for part in self.sentences(text, language)]
        for sentence, language in dict.fromkeys(wanted):
            key = self._key(sentence, language, slower=False)
            if await self._cached(key, rate_hz) is None:
                await self._quiet.wait()
                try:
                    await self._synthesize(key, language, rate_hz, keep=True)
                except SynthesisFailed as error:
                    if not self._running:
                        raise
                    log.warning("phrase_not_warmed", language=language, error=str(error))
                    continue
                made += 1
        return made

    def _key(self, sentence: str, language: str, slower: bool) -> PhraseKey:
        return PhraseKey(self._voice(language).fingerprint, spell_out(sentence, language), slower)

    def _voice(self, language: str) -> Voice:
        voice = self._voices.get(language)
        if voice is None:
            raise SynthesisFailed(f"the mouth was not started for language {language!r}")
        return voice

    async def _cached(self, key: PhraseKey, rate_hz: int) -> AudioChunk | None:
        held = self._memory.get(key, rate_hz)
        if held is not None:
            return held
        found = await self._run(self._disk, self._read, key, rate_hz)
        if found is not None:
            self._memory.put(key, found)
        return found

    def _read(self, key: PhraseKey, rate_hz: int) -> AudioChunk | None:
        stored = self._folder.read(key)
        return None if stored is None else _at_rate(stored, rate_hz)

    async def _synthesize(self, key: PhraseKey, language: str, rate_hz: int, keep: bool) -> AudioChunk:
        try:
            spoken, own_voice = await self._run(self._workers, self._speak, key, language)
        except SynthesisFailed:
            self._failed = True
            raise
        self._failed = False
        chunk = _at_rate(spoken, rate_hz)
        if keep and own_voice:
            self._memory.put(key, chunk)
            await self._run(self._disk, self._folder.write, key, spoken)
        return chunk

    def _speak(self, key: PhraseKey, language: str) -> tuple[AudioChunk, bool]:
        """In a worker: the language's own voice (True), or the last resort when that raises or stays mute (False)."""
        voice = self._voices[language]
        if not any(letter.isalnum() for letter in key.spoken):
            return AudioChunk(np.zeros(0, np.int16), voice.rate_hz), False
        try:
            return _spoken(voice, key), True
        except SynthesisFailed as error:
            last_resort = self._last_resorts.get(language) or self._open_last_resort(language)
            if voice is last_resort:
                raise
            log.warning("voice_failed", model=voice.name, language=language, error=str(error))
            self._last_resorts[language] = last_resort
            return _spoken(last_resort, key), False

    def _open(self, language: str, opened: dict[str, Voice | None]) -> None:
        """In a worker: one model may serve several languages, and is loaded and complained about once."""
        greeting = spell_out(_WARM_UP.get(language, "1"), language)
        model_id = self._settings.voices.get(language)
        if model_id is not None and model_id not in opened:
            opened[model_id] = self._open_model(model_id, greeting)
        voice = opened[model_id] if model_id is not None else None
        if voice is None:
            voice = self._last_resorts[language] = self._open_last_resort(language)
            voice.synthesize(greeting, False)
        self._voices[language] = voice

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

    async def _run(self, pool: ThreadPoolExecutor, work: Callable[..., T], *args: object) -> T:
        if not self._running:
            raise SynthesisFailed("the mouth is not running")
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work, *args)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._running or (task is not None and task.cancelling()):
                raise
            # `close` emptied the queue; whoever waits for this sentence was not cancelled.
            raise SynthesisFailed("the mouth was closed") from None


def _open_piper(store: ModelStore, model_id: str) -> Voice:
    return PiperVoice(store.folder_of(model_id), model_id)


def _spoken(voice: Voice, key: PhraseKey) -> AudioChunk:
    pcm = level(voice.synthesize(key.spoken, key.slower), voice.rate_hz)
    if not len(pcm):
        raise SynthesisFailed(f"{voice.name} made no sound")
    return AudioChunk(pcm, voice.rate_hz)


def _at_rate(chunk: AudioChunk, rate_hz: int) -> AudioChunk:
    if chunk.rate_hz == rate_hz:
        return chunk
    return AudioChunk(soxr.resample(chunk.pcm, chunk.rate_hz, rate_hz), rate_hz)
