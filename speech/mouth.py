"""The bot's voice: a sentence in, audio for the line out.

One `Mouth` per process. Voices run in a small thread pool that the Mouth owns; what callers wait for goes before
what is prepared for later. A sentence takes its way like this: written out in words (`spoken_forms`), looked up in
memory and on disk, else synthesised; then levelled, resampled to the line, and handed back, whole or as it comes.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import structlog

from speech.audio import AudioChunk
from speech.errors import SynthesisFailed
from speech.espeak_voice import EspeakVoice
from speech.models import ModelStore
from speech.mouth_workers import SOME_TIME, MouthWorkers
from speech.phrase_cache import PhraseKey
from speech.phrases import Phrases
from speech.saying import Saying
from speech.sentences import split_sentences
from speech.spoken_forms import spell_out
from speech.voices import DEFAULT_VOICES, Voice, VoiceInfo, Voices

__all__ = ["DEFAULT_VOICES", "Mouth", "MouthSettings", "Voice", "VoiceInfo"]

log = structlog.get_logger(__name__)

T = TypeVar("T")

_IN_TIME_SECONDS = 0.3
"""How long before the line runs dry a sentence that has begun goes before one that has not: a gap in the middle of a
sentence is worse than a later beginning."""

_LONG_CHARACTERS = 400
"""Writing out takes up to 25 ms per thousand characters of figures: a longer text does not hold up the event loop."""


def as_written(sentence: str, language: str) -> str:
    """A sentence without words of its own pronunciation."""
    return sentence


@dataclass(frozen=True, slots=True)
class MouthSettings:
    """How the mouth works.

    Args:
        voices: language to model id of a Piper voice.
        cache_folder: where fixed phrases are kept; made when missing.
        workers: threads that synthesise; each is busy about 0.05 s per second of speech, so one serves a dozen calls
            (docs/004-first-sound.md).
        waiting: sentences that callers may be waiting for, beyond those being synthesised; one more is refused.
        cache_bytes: limit of the folder; a second of speech is 44 kB.
        memory_bytes: limit of phrases held in memory; a second for a telephone line is 16 kB.
        pronounce: a sentence and its language to the sentence as it is to be read out: a company's own names.
    """

    cache_folder: Path
    voices: Mapping[str, str] = field(default_factory=lambda: DEFAULT_VOICES)
    workers: int = 1
    waiting: int = 16
    cache_bytes: int = 500_000_000
    memory_bytes: int = 96_000_000
    pronounce: Callable[[str, str], str] = as_written


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
        self._settings = settings
        self._voices = Voices(store, settings.voices, open_voice, open_last_resort)
        self._phrases = Phrases(settings.cache_folder, settings.cache_bytes, settings.memory_bytes)
        self._workers = MouthWorkers(settings.workers)
        self._live = 0
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
        await self._workers.run(SOME_TIME, partial(self._voices.open, languages))
        self._running = True

    async def close(self) -> None:
        """Finish the pieces being synthesised, refuse whatever waits, and end the threads."""
        self._running = False
        await self._workers.close()
        await self._phrases.close()

    def voice_of(self, language: str) -> VoiceInfo:
        """Which voice speaks `language`.

        Raises:
            SynthesisFailed: the mouth was not started for it.
        """
        return self._voices.info(language)

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

        Cancelling takes a waiting sentence out of the queue; a piece that is being synthesised ends on its own,
        unheard.
        """
        key = await self._key(sentence, language, slower)
        cached = await self._phrases.find(key, rate_hz)
        if cached is not None:
            return cached
        self._refuse_when_full()
        return await self._say(key, language, rate_hz, keep, due=asyncio.get_running_loop().time())

    async def stream(
        self,
        sentence: str,
        language: str,
        *,
        rate_hz: int,
        slower: bool = False,
        keep: bool = False,
        ahead_seconds: float = 0.0,
    ) -> AsyncGenerator[AudioChunk]:
        """Turn one sentence into audio for a line, piece by piece: the first one comes long before the last is made.

        Args:
            sentence: as for `say`, like the next four.
            language: likewise.
            rate_hz: likewise.
            slower: likewise.
            keep: likewise.
            ahead_seconds: how much audio the line still has to play before this sentence; whoever has less goes first.
        Yields:
            chunks as `say` returns, to be played one behind the other without a gap; none when there is nothing to
            pronounce. A phrase from the cache is one chunk, and so is a sentence of a voice that cannot stream.
        Raises:
            SynthesisFailed: as `say`; also when a voice fails in the middle of a sentence.

        Cancelling, or closing the generator, is `say`'s between any two chunks. The voice works ahead of nobody: the
        next piece is begun when it is asked for.
        """
        key = await self._key(sentence, language, slower)
        cached = await self._phrases.find(key, rate_hz)
        if cached is not None:
            if len(cached.pcm):
                yield cached
            return
        self._refuse_when_full()
        saying = Saying(self._voices, language, key, rate_hz)
        if not saying.pronounceable:
            return
        steps = saying.early()
        now = asyncio.get_running_loop().time
        due = played_until = now() + ahead_seconds
        while (chunk := await self._step(steps, due)) is not None:
            yield chunk
            played_until = max(played_until, now()) + chunk.duration_seconds
            due = played_until - _IN_TIME_SECONDS
        self._failed = False
        if keep:
            await self._phrases.keep(key, saying, rate_hz)

    async def warm(
        self,
        phrases: Iterable[tuple[str, str]],
        rate_hz: int,
        before_each: Callable[[], Awaitable[object]] | None = None,
    ) -> int:
        """Put fixed sentences into the phrase cache, letting callers go first.

        The first sentence of every phrase is made before any second one, for that is what a caller waits for; else
        the order is that of the phrases.

        Args:
            phrases: text and language; each text is split into sentences.
            rate_hz: of the line they are most wanted for; other rates are resampled when first asked for.
            before_each: awaited before a sentence is synthesised; may hold the work back for as long as it wants.
        Returns:
            how many sentences had to be synthesised. One that no voice can say is logged and left out.
        Raises:
            SynthesisFailed: the mouth was not started for one of the languages, or has been closed.

        A caller who comes in between waits for at most the piece that is being synthesised: two seconds of speech.
        """
        made = 0
        for sentence, language in self._by_need(phrases):
            key = await self._key(sentence, language, slower=False)
            if await self._phrases.find(key, rate_hz) is None:
                if before_each is not None:
                    await before_each()
                try:
                    await self._say(key, language, rate_hz, keep=True, due=SOME_TIME)
                except SynthesisFailed as error:
                    if not self._running:
                        raise
                    log.warning("phrase_not_warmed", language=language, error=str(error))
                    continue
                made += 1
        return made

    def _by_need(self, phrases: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
        first: dict[tuple[str, str], None] = {}
        later: dict[tuple[str, str], None] = {}
        for text, language in phrases:
            for place, sentence in enumerate(self.sentences(text, language)):
                (later if place else first)[sentence, language] = None
        return first | later

    async def _key(self, sentence: str, language: str, slower: bool) -> PhraseKey:
        fingerprint = self._voices.of(language).fingerprint
        written_out = partial(spell_out, self._settings.pronounce(sentence, language), language)
        spoken = written_out() if len(sentence) <= _LONG_CHARACTERS else await self._phrases.aside(written_out)
        return PhraseKey(fingerprint, spoken, slower)

    def _refuse_when_full(self) -> None:
        if self._live >= self._settings.workers + self._settings.waiting:
            raise SynthesisFailed("too many sentences are waiting for a voice")

    async def _say(self, key: PhraseKey, language: str, rate_hz: int, keep: bool, due: float) -> AudioChunk:
        saying = Saying(self._voices, language, key, rate_hz)
        if not saying.pronounceable:
            return AudioChunk(np.zeros(0, np.int16), rate_hz)
        steps = saying.whole()
        while (chunk := await self._step(steps, due)) is None:
            pass
        self._failed = False
        if keep:
            await self._phrases.keep(key, saying, rate_hz)
        return chunk

    async def _step(self, steps: Iterator[T], due: float) -> T | None:
        """The next item, or None after the last; made in a worker thread."""
        if not self._running:
            raise SynthesisFailed("the mouth is not running")
        waited_for = due != SOME_TIME
        self._live += waited_for
        try:
            return await self._workers.run(due, partial(next, steps, None))
        except SynthesisFailed:
            self._failed = True
            raise
        finally:
            self._live -= waited_for
