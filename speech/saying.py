"""One sentence on its way from words to the line, in steps that a worker thread does one at a time."""

from collections.abc import Iterator

import numpy as np
import soxr

from speech.audio import AudioChunk, Samples
from speech.errors import SynthesisFailed
from speech.line_stream import LineStream
from speech.loudness import level
from speech.phrase_cache import PhraseKey
from speech.voices import StreamingVoice, Voice, Voices


class Saying:
    """Says one sentence, once, by the language's own voice or by the last resort.

    `whole` and `early` are generators that do a piece of the work whenever they are asked for the next item; only one
    thread may ask at a time.

    Args:
        voices: who can say it.
        language: of the sentence.
        key: the words, and how they are said.
        rate_hz: of the line.
    """

    def __init__(self, voices: Voices, language: str, key: PhraseKey, rate_hz: int) -> None:
        self._voices = voices
        self._language = language
        self._key = key
        self._rate_hz = rate_hz
        self._voice = voices.of(language)
        self._own_voice = True
        self._parts: list[Samples] = []

    @property
    def pronounceable(self) -> bool:
        """Whether there is a letter in it at all."""
        return any(letter.isalnum() for letter in self._key.spoken)

    def whole(self) -> Iterator[AudioChunk | None]:
        """The sentence as one chunk, after a None for each piece of work before it.

        Raises:
            SynthesisFailed: no voice made a sound.
        """
        try:
            yield from self._collect(self._voice)
        except SynthesisFailed as error:
            yield from self._collect(self._replaced(error))
        yield at_rate(self.spoken(), self._rate_hz)

    def early(self) -> Iterator[AudioChunk]:
        """The sentence as chunks to be played one behind the other, the first one as soon as can be.

        Raises:
            SynthesisFailed: no voice made a sound, or the voice failed when part of the sentence had been given.
        """
        voice = self._voice
        if not isinstance(voice, StreamingVoice) or voice.gain is None:
            yield from (chunk for chunk in self.whole() if chunk is not None)
            return
        stream = LineStream(voice.rate_hz, self._rate_hz, voice.gain)
        try:
            for piece in voice.pieces(self._key.spoken, self._key.slower):
                self._parts.append(piece)
                if len(pcm := stream.feed(piece)):
                    yield AudioChunk(pcm, self._rate_hz)
            if stream.silent:
                raise _mute(voice)
        except SynthesisFailed as error:
            if not stream.silent:
                raise
            for _ in self._collect(self._replaced(error)):
                pass
            yield at_rate(self.spoken(), self._rate_hz)
            return
        if len(pcm := stream.end()):
            yield AudioChunk(pcm, self._rate_hz)

    def spoken(self) -> AudioChunk:
        """The whole sentence at the voice's rate, levelled; after the end of `whole` or `early`."""
        return AudioChunk(level(np.concatenate(self._parts), self._voice.rate_hz), self._voice.rate_hz)

    @property
    def worth_keeping(self) -> bool:
        """Whether it was the voice whose fingerprint is in the key."""
        return self._own_voice

    def _collect(self, voice: Voice) -> Iterator[None]:
        if isinstance(voice, StreamingVoice):
            for piece in voice.pieces(self._key.spoken, self._key.slower, early=False):
                self._parts.append(piece)
                yield None
        else:
            self._parts.append(voice.synthesize(self._key.spoken, self._key.slower))
        if not any(part.any() for part in self._parts):
            raise _mute(voice)

    def _replaced(self, error: SynthesisFailed) -> Voice:
        self._voice = self._voices.instead_of(self._voice, self._language, error)
        self._own_voice = False
        self._parts.clear()
        return self._voice


def at_rate(chunk: AudioChunk, rate_hz: int) -> AudioChunk:
    """The same audio at another rate."""
    if chunk.rate_hz == rate_hz:
        return chunk
    return AudioChunk(soxr.resample(chunk.pcm, chunk.rate_hz, rate_hz), rate_hz)


def _mute(voice: Voice) -> SynthesisFailed:
    return SynthesisFailed(f"{voice.name} made no sound")
