import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from speech.errors import ModelUnavailable, RecogniserBusy, RecognitionFailed
from speech.models import ModelStore
from speech.recogniser import Recogniser, RecogniserSettings
from speech.transcript import Transcript, Utterance
from speech.whisper import Abandoned

UTTERANCE = Utterance(np.zeros(16_000, np.float32), 0.0, 1.0)


class StepwiseWhisper:
    """Runs each utterance until the test lets it go; notices between steps that nobody waits."""

    def __init__(self) -> None:
        self.go = threading.Semaphore(0)
        self.entered = threading.Semaphore(0)
        self.abandoned = threading.Semaphore(0)
        self.fault: Exception | None = None
        self.heard: list[tuple[str, ...]] = []

    def warm_up(self) -> None:
        pass

    def rule_of(self, model_id: str) -> str:
        return "hybrid"

    def transcribe(
        self,
        utterance: Utterance,
        languages: Sequence[str],
        expects: str,
        abandoned: Callable[[], bool],
        choices: Sequence[str] = (),
    ) -> Transcript:
        self.heard.append((*languages, expects))
        self.entered.release()
        while not self.go.acquire(timeout=0.01):
            if abandoned():
                self.abandoned.release()
                raise Abandoned
        if self.fault is not None:
            raise self.fault
        return Transcript("hei", languages[0], 1.0, 0.9, 0.1, None, "fake", "hybrid", 1.0, 0.0, 0.0)


@pytest.fixture
def whisper() -> StepwiseWhisper:
    return StepwiseWhisper()


@pytest.fixture
async def recogniser(tmp_path: Path, whisper: StepwiseWhisper) -> AsyncIterator[Recogniser]:
    one = Recogniser(ModelStore(tmp_path), RecogniserSettings(workers=1, waiting=1), lambda store, settings: whisper)
    await one.start()
    yield one
    await one.close()


async def entered(whisper: StepwiseWhisper) -> None:
    await asyncio.to_thread(whisper.entered.acquire)


async def test_hears_and_times_an_utterance(recogniser: Recogniser, whisper: StepwiseWhisper) -> None:
    whisper.go.release()
    transcript = await recogniser.transcribe(UTTERANCE, ["nb", "en"], expects="digits")
    assert transcript.text == "hei"
    assert transcript.compute_ms > 0
    assert transcript.queue_ms >= 0
    assert whisper.heard == [("nb", "en", "digits")]
    assert recogniser.healthy
    assert recogniser.capacity == 2
    assert recogniser.rule_of("fake") == "hybrid"


async def test_one_waits_and_the_next_is_refused(recogniser: Recogniser, whisper: StepwiseWhisper) -> None:
    running = asyncio.create_task(recogniser.transcribe(UTTERANCE, ["nb"]))
    await entered(whisper)
    waiting = asyncio.create_task(recogniser.transcribe(UTTERANCE, ["nb"]))
    await asyncio.sleep(0)
    assert recogniser.waiting == 1
    assert recogniser.busy == 1
    with pytest.raises(RecogniserBusy, match="waiting"):
        await recogniser.transcribe(UTTERANCE, ["nb"])
    whisper.go.release(2)
    await asyncio.gather(running, waiting)


async def test_cancelled_while_waiting_never_reaches_a_worker(recogniser: Recogniser, whisper: StepwiseWhisper) -> None:
    running = asyncio.create_task(recogniser.transcribe(UTTERANCE, ["nb"]))
    await entered(whisper)
    waiting = asyncio.create_task(recogniser.transcribe(UTTERANCE, ["en"]))
    await asyncio.sleep(0)
    assert recogniser.waiting == 1
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert recogniser.waiting == 0
    whisper.go.release()
    await running
    assert whisper.heard == [("nb", "open")]


async def test_cancelled_while_running_stops_at_the_next_step_and_frees_the_worker(
    recogniser: Recogniser, whisper: StepwiseWhisper
) -> None:
    running = asyncio.create_task(recogniser.transcribe(UTTERANCE, ["nb"]))
    await entered(whisper)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await asyncio.to_thread(whisper.abandoned.acquire)
    whisper.go.release()
    assert (await recogniser.transcribe(UTTERANCE, ["nb"])).text == "hei"


async def test_a_passed_deadline_is_busy_and_stops_the_work(recogniser: Recogniser, whisper: StepwiseWhisper) -> None:
    with pytest.raises(RecogniserBusy, match="within"):
        await recogniser.transcribe(UTTERANCE, ["nb"], deadline_seconds=0.02)
    await asyncio.to_thread(whisper.abandoned.acquire)
    assert recogniser.healthy


async def test_a_raising_model_is_a_failed_recognition_and_ill_after_three(
    recogniser: Recogniser, whisper: StepwiseWhisper
) -> None:
    whisper.fault = RuntimeError("out of memory")
    for _ in range(3):
        assert recogniser.healthy
        whisper.go.release()
        with pytest.raises(RecognitionFailed, match="RuntimeError"):
            await recogniser.transcribe(UTTERANCE, ["nb"])
    assert not recogniser.healthy
    whisper.fault = None
    whisper.go.release()
    await recogniser.transcribe(UTTERANCE, ["nb"])
    assert recogniser.healthy


async def test_an_unknown_language_is_the_callers_mistake(recogniser: Recogniser, whisper: StepwiseWhisper) -> None:
    whisper.fault = ValueError("languages must be some of ...")
    whisper.go.release()
    with pytest.raises(ValueError, match="languages"):
        await recogniser.transcribe(UTTERANCE, ["tlh"])
    assert recogniser.healthy


async def test_not_started_and_closed(tmp_path: Path, whisper: StepwiseWhisper) -> None:
    one = Recogniser(ModelStore(tmp_path), RecogniserSettings(), lambda store, settings: whisper)
    assert not one.healthy
    with pytest.raises(RecognitionFailed, match="not started"):
        await one.transcribe(UTTERANCE, ["nb"])
    await one.start()
    assert one.healthy
    await one.close()
    assert not one.healthy
    with pytest.raises(RecognitionFailed, match="not started"):
        await one.transcribe(UTTERANCE, ["nb"])


async def test_closing_gives_up_what_runs(recogniser: Recogniser, whisper: StepwiseWhisper) -> None:
    running = asyncio.create_task(recogniser.transcribe(UTTERANCE, ["nb"]))
    await entered(whisper)
    await recogniser.close()
    with pytest.raises(RecognitionFailed):
        await running


async def test_a_missing_model_stops_the_start(tmp_path: Path) -> None:
    one = Recogniser(ModelStore(tmp_path))
    with pytest.raises(ModelUnavailable, match="whisper-base"):
        await one.start()
    assert not one.healthy


async def test_what_is_needed_is_heard_before_a_guess(tmp_path: Path, whisper: StepwiseWhisper) -> None:
    settings = RecogniserSettings(workers=1, waiting=2)
    recogniser = Recogniser(ModelStore(tmp_path), settings, lambda store, settings: whisper)
    await recogniser.start()
    tasks = [asyncio.create_task(recogniser.transcribe(UTTERANCE, ["nb"]))]
    await entered(whisper)
    for language, needed in (("en", asyncio.Event()), ("uk", None)):
        tasks.append(asyncio.create_task(recogniser.transcribe(UTTERANCE, [language], needed=needed)))
        await asyncio.sleep(0)
    whisper.go.release(3)
    await asyncio.gather(*tasks)
    await recogniser.close()
    assert whisper.heard == [("nb", "open"), ("uk", "open"), ("en", "open")]
