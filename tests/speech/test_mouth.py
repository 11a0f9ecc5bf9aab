"""The mouth with fake voices: what it loads, keeps, refuses, and lets go of."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from structlog.testing import capture_logs

from speech.audio import Samples
from speech.errors import ModelUnavailable, SynthesisFailed
from speech.models import ModelStore
from speech.mouth import Mouth, MouthSettings, VoiceInfo

RATE_HZ = 22_050


class FakeVoice:
    """Hums for 0.1 s per word; can fail, stay mute, or wait at a gate until the test opens it."""

    def __init__(self, name: str, fault: Exception | None = None, mute: bool = False) -> None:
        self.name = name
        self.rate_hz = RATE_HZ
        self.fingerprint = f"{name}-1"
        self.fault = fault
        self.mute = mute
        self.said: list[tuple[str, bool]] = []
        self.entered = threading.Semaphore(0)
        self.gate: threading.Semaphore | None = None

    def synthesize(self, spoken: str, slower: bool) -> Samples:
        self.said.append((spoken, slower))
        self.entered.release()
        if self.gate is not None:
            assert self.gate.acquire(timeout=30)
        if self.fault is not None:
            raise self.fault
        seconds = 0.1 * len(spoken.split()) * (1.3 if slower else 1.0)
        hum = np.sin(np.arange(round(seconds * RATE_HZ)) * 0.1) * 0.3
        return np.asarray(hum * (0 if self.mute else 1), np.float32)

    def words(self) -> list[str]:
        """What was said after the warm-up."""
        return [spoken for spoken, _ in self.said[1:]]


Started = Callable[..., AbstractAsyncContextManager[Mouth]]


@pytest.fixture
def started(tmp_path: Path) -> Started:
    """Starts a mouth over the given voices: `async with started(en=FakeVoice(...)) as mouth`."""

    @asynccontextmanager
    async def start(
        last_resort: FakeVoice | None = None, settings: dict[str, Any] | None = None, **voices: FakeVoice
    ) -> AsyncIterator[Mouth]:
        by_model = {voice.name: voice for voice in voices.values()}

        def open_voice(_store: ModelStore, model_id: str) -> FakeVoice:
            if model_id not in by_model:
                raise ModelUnavailable(f"{model_id} is not here")
            return by_model[model_id]

        ids = {language: voice.name for language, voice in voices.items()}
        mouth = Mouth(
            ModelStore(tmp_path / "models"),
            MouthSettings(**{"cache_folder": tmp_path / "cache", "voices": ids, **(settings or {})}),
            open_voice=open_voice,
            open_last_resort=lambda language: last_resort or FakeVoice(f"espeak-ng:{language}"),
        )
        await mouth.start([*voices])
        try:
            yield mouth
        finally:
            for voice in voices.values():
                if voice.gate is not None:
                    voice.gate.release(100)
            await mouth.close()

    return start


async def entered(voice: FakeVoice) -> None:
    """Until a worker thread is inside the voice."""
    assert await asyncio.to_thread(voice.entered.acquire, timeout=30)


async def test_a_sentence_is_written_out_and_comes_at_the_rate_of_the_line(started: Started) -> None:
    voice = FakeVoice("piper-nb")
    async with started(nb=voice) as mouth:
        chunk = await mouth.say("Det koster {499|nok}.", "nb", rate_hz=8_000)
    assert voice.words() == ["Det koster fire hundre og nittini kroner."]
    assert chunk.rate_hz == 8_000
    assert chunk.pcm.dtype == np.int16
    assert 0.6 < chunk.duration_seconds < 1.0


async def test_slower_is_slower(started: Started) -> None:
    async with started(en=FakeVoice("v")) as mouth:
        plain = await mouth.say("one two three four five six", "en", rate_hz=8_000)
        slow = await mouth.say("one two three four five six", "en", rate_hz=8_000, slower=True)
    assert slow.duration_seconds > plain.duration_seconds


async def test_what_a_caller_is_told_never_lands_on_disk(started: Started, tmp_path: Path) -> None:
    voice = FakeVoice("v")
    async with started(en=voice) as mouth:
        await mouth.say("Your number is {92243711|phone}.", "en", rate_hz=8_000)
        await mouth.say("Your number is {92243711|phone}.", "en", rate_hz=8_000)
    assert len(voice.words()) == 2
    assert not (tmp_path / "cache").exists()


async def test_what_is_kept_is_synthesised_once_for_every_line_and_every_start(started: Started) -> None:
    voice = FakeVoice("v")
    async with started(en=voice) as mouth:
        first = await mouth.say("Hello.", "en", rate_hz=8_000, keep=True)
        again = await mouth.say("Hello.", "en", rate_hz=8_000)
        wide = await mouth.say("Hello.", "en", rate_hz=16_000)
    restarted = FakeVoice("v")
    async with started(en=restarted) as mouth:
        later = await mouth.say("Hello.", "en", rate_hz=8_000)
    assert voice.words() == ["Hello."]
    assert restarted.words() == []
    assert np.array_equal(first.pcm, again.pcm)
    assert np.array_equal(first.pcm, later.pcm)
    assert wide.rate_hz == 16_000


async def test_a_new_voice_does_not_speak_with_the_old_ones_phrases(started: Started) -> None:
    async with started(en=FakeVoice("old")) as mouth:
        await mouth.say("Hello.", "en", rate_hz=8_000, keep=True)
    voice = FakeVoice("new")
    async with started(en=voice) as mouth:
        await mouth.say("Hello.", "en", rate_hz=8_000)
    assert voice.words() == ["Hello."]


async def test_warming_makes_what_is_missing_sentence_by_sentence(started: Started) -> None:
    voice = FakeVoice("v")
    async with started(en=voice) as mouth:
        assert await mouth.warm([("Hello. How are you?", "en"), ("Hello.", "en")], 8_000) == 2
        assert await mouth.warm([("Hello. How are you?", "en")], 8_000) == 0
        await mouth.say("How are you?", "en", rate_hz=8_000)
    assert voice.words() == ["Hello.", "How are you?"]


async def test_warming_waits_while_a_caller_waits(started: Started) -> None:
    voice = FakeVoice("v")
    async with started(en=voice) as mouth:
        await entered(voice)  # the warm-up
        voice.gate = threading.Semaphore(0)
        live = asyncio.create_task(mouth.say("Caller one.", "en", rate_hz=8_000))
        await entered(voice)
        second = asyncio.create_task(mouth.say("Caller two.", "en", rate_hz=8_000))
        warming = asyncio.create_task(mouth.warm([("Later.", "en")], 8_000))
        for _ in range(3):
            voice.gate.release()
        await asyncio.gather(live, second, warming)
    assert voice.words() == ["Caller one.", "Caller two.", "Later."]


async def test_a_phrase_that_cannot_be_warmed_is_left_out(started: Started) -> None:
    broken = FakeVoice("espeak-ng:en")
    voice = FakeVoice("v")
    async with started(en=voice, last_resort=broken) as mouth:
        voice.fault = broken.fault = SynthesisFailed("broken")
        with capture_logs() as logs:
            assert await mouth.warm([("One. Two.", "en")], 8_000) == 0
    assert [entry["event"] for entry in logs].count("phrase_not_warmed") == 2
    assert "One" not in str(logs)


async def test_a_missing_voice_is_replaced_with_one_warning_that_names_the_cure(started: Started) -> None:
    both = {"nb": "piper-nb-talesyntese", "nn": "piper-nb-talesyntese", "en": "v"}
    with capture_logs() as logs:
        async with started(en=FakeVoice("v"), settings={"voices": both}) as mouth:
            await mouth.start(["nb", "nn"])
            assert mouth.voice_of("nb") == VoiceInfo("espeak-ng:nb", last_resort=True)
            assert mouth.voice_of("nn").last_resort
            assert mouth.voice_of("en") == VoiceInfo("v", last_resort=False)
            await mouth.say("Hei.", "nb", rate_hz=8_000)
    (warning,) = logs
    assert warning["model"] == "piper-nb-talesyntese"
    assert warning["cure"] == "voicebot models fetch piper-nb-talesyntese"


async def test_a_voice_that_breaks_during_a_call_is_replaced_for_that_sentence(started: Started) -> None:
    voice, last_resort = FakeVoice("v"), FakeVoice("espeak-ng:en")
    async with started(en=voice, last_resort=last_resort) as mouth:
        voice.fault = SynthesisFailed("v raised RuntimeError")
        with capture_logs() as logs:
            chunk = await mouth.say("Order {AB1234|id}.", "en", rate_hz=8_000, keep=True)
        assert chunk.duration_seconds > 0
        assert mouth.healthy
        voice.fault = None
        await mouth.say("Order {AB1234|id}.", "en", rate_hz=8_000)
    assert len(voice.words()) == 2  # the replacement's audio was not kept under this voice's name
    assert [entry["event"] for entry in logs] == ["voice_failed"]
    assert "1234" not in str(logs)
    assert "one two" not in str(logs)


async def test_a_mute_voice_counts_as_broken(started: Started) -> None:
    voice, last_resort = FakeVoice("v"), FakeVoice("espeak-ng:en")
    async with started(en=voice, last_resort=last_resort) as mouth:
        voice.mute = True
        assert (await mouth.say("Hello.", "en", rate_hz=8_000)).duration_seconds > 0
    assert last_resort.said == [("Hello.", False)]


async def test_when_no_voice_can_say_it_the_caller_of_say_is_told(started: Started) -> None:
    voice = FakeVoice("v")
    last_resort = FakeVoice("espeak-ng:en", fault=SynthesisFailed("no"))
    async with started(en=voice, last_resort=last_resort) as mouth:
        voice.fault = SynthesisFailed("no")
        with pytest.raises(SynthesisFailed):
            await mouth.say("Hello.", "en", rate_hz=8_000)
        assert not mouth.healthy
        voice.fault = None
        await mouth.say("Hello again.", "en", rate_hz=8_000)
        assert mouth.healthy


async def test_nothing_to_pronounce_gives_no_audio_and_no_fault(started: Started) -> None:
    async with started(en=FakeVoice("v")) as mouth:
        for sentence in ("", "...", "–"):
            assert len((await mouth.say(sentence, "en", rate_hz=8_000)).pcm) == 0
        assert mouth.healthy


async def test_a_full_queue_refuses_and_those_who_wait_do_not_suffer(started: Started) -> None:
    voice = FakeVoice("v")
    async with started(en=voice, settings={"waiting": 1}) as mouth:
        await entered(voice)
        voice.gate = threading.Semaphore(0)
        first = asyncio.create_task(mouth.say("One.", "en", rate_hz=8_000))
        await entered(voice)
        second = asyncio.create_task(mouth.say("Two.", "en", rate_hz=8_000))
        with pytest.raises(SynthesisFailed, match="waiting"):
            # The two before may still be looking in the cache: the third always loses once they are through.
            await asyncio.gather(*(mouth.say(f"More {word}.", "en", rate_hz=8_000) for word in ("a", "b", "c")))
        voice.gate.release(100)
        await asyncio.gather(first, second)


async def test_cancelling_takes_a_waiting_sentence_out_of_the_queue(started: Started) -> None:
    voice = FakeVoice("v")
    async with started(en=voice) as mouth:
        await entered(voice)
        voice.gate = threading.Semaphore(0)
        speaking = asyncio.create_task(mouth.say("Speaking.", "en", rate_hz=8_000))
        await entered(voice)
        waiting = asyncio.create_task(mouth.say("Waiting.", "en", rate_hz=8_000))
        while mouth.in_progress < 2:
            await asyncio.to_thread(threading.Event().is_set)
        for task in (speaking, waiting):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert mouth.in_progress == 0
        voice.gate.release(100)
        await mouth.say("Next.", "en", rate_hz=8_000)
    assert voice.words() == ["Speaking.", "Next."]


async def test_closing_tells_those_who_wait(started: Started) -> None:
    voice = FakeVoice("v")
    async with started(en=voice) as mouth:
        await entered(voice)
        voice.gate = threading.Semaphore(0)
        speaking = asyncio.create_task(mouth.say("Speaking.", "en", rate_hz=8_000))
        await entered(voice)
        waiting = asyncio.create_task(mouth.say("Waiting.", "en", rate_hz=8_000))
        while mouth.in_progress < 2:
            await asyncio.to_thread(threading.Event().is_set)
        closing = asyncio.create_task(mouth.close())
        with pytest.raises(SynthesisFailed, match="closed"):
            await waiting
        voice.gate.release()
        assert (await speaking).duration_seconds > 0
        await closing


async def test_a_language_it_was_not_started_for_is_refused(started: Started) -> None:
    async with started(en=FakeVoice("v")) as mouth:
        with pytest.raises(SynthesisFailed, match="'nb'"):
            await mouth.say("Hei.", "nb", rate_hz=8_000)


async def test_after_closing_it_says_so(started: Started) -> None:
    async with started(en=FakeVoice("v")) as mouth:
        assert mouth.healthy
    assert not mouth.healthy
    with pytest.raises(SynthesisFailed, match="not running"):
        await mouth.say("Hello.", "en", rate_hz=8_000)
    await mouth.close()


async def test_a_companys_names_are_read_out_as_it_says_they_sound(started: Started) -> None:
    voice = FakeVoice("joe")
    settings = {"pronounce": lambda sentence, language: sentence.replace("Elhub", f"el-hoob-{language}")}
    async with started(en=voice, settings=settings) as mouth:
        await mouth.say("Ask Elhub.", "en", rate_hz=8_000)
        assert voice.words() == ["Ask el-hoob-en."]
