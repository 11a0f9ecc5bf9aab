"""The mouth piece by piece: what comes first, what is kept, and what happens in the middle of a sentence."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from speech.audio import AudioChunk, Samples
from speech.errors import SynthesisFailed
from speech.models import ModelStore
from speech.mouth import Mouth, MouthSettings
from speech.resampling import to_samples
from speech.voices import StreamingVoice
from tests.fakes import settle

RATE_HZ = 22_050
PIECE_SECONDS = 0.4


class FakeStream:
    """Hums a piece of 0.4 s for every word, at -23 dBFS; writes down what is made when."""

    def __init__(self, gain: float | None = 2**0.5) -> None:
        self.name = "piper-en"
        self.rate_hz = RATE_HZ
        self.fingerprint = "piper-en-1"
        self.gain = gain
        self.made: list[str] = []
        self.fails_at: str | None = None
        self.mute = False
        self.entered = threading.Semaphore(0)
        self.gate: threading.Event | None = None

    def synthesize(self, spoken: str, slower: bool) -> Samples:
        return np.concatenate([*self.pieces(spoken, slower)])

    def pieces(self, spoken: str, slower: bool, early: bool = True) -> Iterator[Samples]:
        for word in spoken.split():
            if word == self.fails_at:
                raise SynthesisFailed("piper-en raised RuntimeError")
            self.made.append(word)
            self.entered.release()
            assert self.gate is None or self.gate.wait(30)
            hum = np.sin(np.arange(round(PIECE_SECONDS * RATE_HZ)) * 0.1) * 0.1
            yield np.asarray(hum * (0 if self.mute else 1), np.float32)


class FakeLastResort:
    """Says anything in 0.3 s."""

    def __init__(self, language: str) -> None:
        self.name = self.fingerprint = f"espeak-ng:{language}"
        self.rate_hz = RATE_HZ

    def synthesize(self, spoken: str, slower: bool) -> Samples:
        return np.asarray(np.sin(np.arange(round(0.3 * RATE_HZ)) * 0.1), np.float32)


@asynccontextmanager
async def started(folder: Path, voice: FakeStream, **settings: Any) -> AsyncIterator[Mouth]:
    mouth = Mouth(
        ModelStore(folder / "models"),
        MouthSettings(cache_folder=folder / "cache", voices={"en": voice.name}, **settings),
        open_voice=lambda _store, _model: voice,
        open_last_resort=FakeLastResort,
    )
    await mouth.start(["en"])
    voice.made.clear()
    voice.entered = threading.Semaphore(0)
    try:
        yield mouth
    finally:
        await mouth.close()


async def heard(mouth: Mouth, sentence: str, keep: bool = False) -> list[AudioChunk]:
    return [chunk async for chunk in mouth.stream(sentence, "en", rate_hz=8_000, keep=keep)]


def test_the_fake_is_what_the_mouth_takes_for_a_stream() -> None:
    assert isinstance(FakeStream(), StreamingVoice)
    assert not isinstance(FakeLastResort("en"), StreamingVoice)


async def test_the_first_chunk_comes_before_the_second_is_begun(tmp_path: Path) -> None:
    voice = FakeStream()
    async with (
        started(tmp_path, voice) as mouth,
        aclosing(mouth.stream("One two three.", "en", rate_hz=8_000)) as chunks,
    ):
        first = await anext(chunks)
        assert voice.made == ["One"]
        assert first.rate_hz == 8_000
        assert first.pcm.dtype == np.int16
        assert 0.3 < first.duration_seconds <= PIECE_SECONDS
        await anext(chunks)
        assert voice.made == ["One", "two"]


async def test_the_chunks_joined_are_what_say_says(tmp_path: Path) -> None:
    async with started(tmp_path, FakeStream()) as mouth:
        joined = np.concatenate([chunk.pcm for chunk in await heard(mouth, "One two three four.")])
        whole = (await mouth.say("One two three four.", "en", rate_hz=8_000)).pcm
    assert len(joined) == pytest.approx(len(whole), abs=8_000 * 0.021)
    shared = min(len(joined), len(whole))
    assert np.abs(to_samples(joined[:shared]) - to_samples(whole[:shared])).mean() < 0.005


async def test_what_is_in_the_cache_is_one_chunk_and_exact(tmp_path: Path) -> None:
    voice = FakeStream()
    async with started(tmp_path, voice) as mouth:
        await heard(mouth, "One two.", keep=True)
        (cached,) = await heard(mouth, "One two.")
        said = await mouth.say("One two.", "en", rate_hz=8_000)
        assert voice.made == ["One", "two."]
    async with started(tmp_path / "elsewhere", voice) as mouth:
        assert np.array_equal(cached.pcm, (await mouth.say("One two.", "en", rate_hz=8_000, keep=True)).pcm)
    assert np.array_equal(cached.pcm, said.pcm)


async def test_what_a_caller_is_told_is_not_kept(tmp_path: Path) -> None:
    async with started(tmp_path, FakeStream()) as mouth:
        await heard(mouth, "Your number is {92243711|phone}.")
    assert not (tmp_path / "cache").exists()


async def test_half_a_sentence_is_not_kept(tmp_path: Path) -> None:
    async with started(tmp_path, FakeStream()) as mouth:
        async with aclosing(mouth.stream("One two three.", "en", rate_hz=8_000, keep=True)) as chunks:
            await anext(chunks)
        assert mouth.in_progress == 0
    assert not (tmp_path / "cache").exists()


async def test_cancelling_between_chunks_makes_no_more(tmp_path: Path) -> None:
    voice = FakeStream()
    got = asyncio.Event()

    async def talk(mouth: Mouth) -> None:
        async for _ in mouth.stream("One two three.", "en", rate_hz=8_000):
            got.set()
            await asyncio.Event().wait()

    async with started(tmp_path, voice) as mouth:
        task = asyncio.create_task(talk(mouth))
        await got.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert mouth.in_progress == 0
        await heard(mouth, "Next.")
        assert voice.made == ["One", "Next."]


async def test_nothing_to_pronounce_gives_no_chunk(tmp_path: Path) -> None:
    async with started(tmp_path, FakeStream()) as mouth:
        assert await heard(mouth, "...") == []
        assert mouth.healthy


@pytest.mark.parametrize("mute", [True, False])
async def test_a_voice_that_fails_at_once_is_replaced(tmp_path: Path, mute: bool) -> None:
    voice = FakeStream()
    async with started(tmp_path, voice) as mouth:
        voice.mute, voice.fails_at = mute, None if mute else "One"
        with capture_logs() as logs:
            (chunk,) = await heard(mouth, "One two three.", keep=True)
        assert 0.3 < chunk.duration_seconds < 0.6
        assert mouth.healthy
        assert [entry["event"] for entry in logs] == ["voice_failed"]
    assert not (tmp_path / "cache").exists()


async def test_a_voice_that_fails_in_the_middle_says_so_rather_than_begin_again(tmp_path: Path) -> None:
    voice = FakeStream()
    async with started(tmp_path, voice) as mouth:
        voice.fails_at = "three."
        chunks: list[AudioChunk] = []
        with pytest.raises(SynthesisFailed):
            async for chunk in mouth.stream("One two three.", "en", rate_hz=8_000):
                chunks.append(chunk)
        assert len(chunks) == 2
        assert not mouth.healthy
        voice.fails_at = None
        await heard(mouth, "One.")
        assert mouth.healthy


async def test_a_voice_without_a_gain_comes_as_one_chunk(tmp_path: Path) -> None:
    async with started(tmp_path, FakeStream(gain=None)) as mouth:
        (chunk,) = await heard(mouth, "One two three.")
    assert chunk.duration_seconds > 3 * PIECE_SECONDS - 0.1


async def test_who_has_less_to_play_goes_first_and_warming_last(tmp_path: Path) -> None:
    voice = FakeStream()

    async def talk(mouth: Mouth, sentence: str, ahead_seconds: float) -> None:
        async for _ in mouth.stream(sentence, "en", rate_hz=8_000, ahead_seconds=ahead_seconds):
            pass

    async with started(tmp_path, voice) as mouth:
        voice.gate = threading.Event()
        wanted = [("Busy.", 0.0), ("Later.", 9.0), ("First.", 0.0)]
        tasks: list[asyncio.Task[object]] = [asyncio.create_task(talk(mouth, *wanted[0]))]
        assert await asyncio.to_thread(voice.entered.acquire, timeout=30)
        tasks.append(asyncio.create_task(mouth.warm([("Some day.", "en")], 8_000)))
        tasks += [asyncio.create_task(talk(mouth, *each)) for each in wanted[1:]]
        while mouth.in_progress < len(wanted):
            await asyncio.to_thread(threading.Event().is_set)
        voice.gate.set()
        await asyncio.gather(*tasks)
    assert voice.made[:4] == ["Busy.", "First.", "Later.", "Some"]


async def test_warming_makes_first_sentences_first_and_can_be_held_back(tmp_path: Path) -> None:
    voice = FakeStream()
    quiet = asyncio.Event()
    async with started(tmp_path, voice) as mouth:
        phrases = [("Hello. Later.", "en"), ("Welcome. Last.", "en")]
        warming = asyncio.create_task(mouth.warm(phrases, 8_000, before_each=quiet.wait))
        await settle()
        assert voice.made == []
        quiet.set()
        assert await warming == 4
    assert voice.made == ["Hello.", "Welcome.", "Later.", "Last."]


async def test_streams_being_played_do_not_fill_the_queue(tmp_path: Path) -> None:
    async with started(tmp_path, FakeStream(), waiting=0) as mouth:
        playing = [mouth.stream("One two.", "en", rate_hz=8_000) for _ in range(3)]
        for stream in playing:
            await anext(stream)
        assert mouth.in_progress == 0
        for stream in playing:
            await stream.aclose()


async def test_a_long_text_is_written_out_beside_the_event_loop(tmp_path: Path) -> None:
    voice = FakeStream()
    async with started(tmp_path, voice) as mouth:
        await heard(mouth, "word " * 150 + "{7|number}.")
    assert voice.made[-1] == "seven."
