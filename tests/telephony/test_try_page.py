"""The page in a real browser: a spoken turn, a typed one, the keys, and what it says when things go wrong."""

import wave
from pathlib import Path

import numpy as np
import pytest

from telephony.call import CallEnded, EndReason, MarkPlayed
from tests.browser import chromium, open_page
from tests.telephony.web_house import EchoDesk, serve

pytestmark = pytest.mark.skipif(chromium() is None, reason="no chromium here: apt install chromium")


def write_wav(path: Path, *parts: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(np.concatenate(parts).astype("<i2").tobytes())
    return path


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    """A second of quiet, a second of "speech" (noise in syllables, which no echo canceller takes away), quiet."""
    rng = np.random.default_rng(7)
    at = np.arange(48_000) / 48_000
    syllables = rng.normal(0, 9000, 48_000) * (np.sin(2 * np.pi * 4 * at) > -0.5)
    quiet = np.zeros(48_000)
    return write_wav(tmp_path / "spoken.wav", quiet, np.clip(syllables, -32000, 32000), np.zeros(48_000 * 8))


async def test_a_spoken_turn(spoken: Path) -> None:
    desk = EchoDesk()
    async with serve(desk) as address, open_page(f"{address}/try", wav=spoken) as page:
        await page.click("#start")
        await page.until("document.querySelector('#transcript').innerText.includes('ms of speech')")
        await page.until("document.querySelector('#transcript').innerText.includes('I heard')")
        assert "93" in await page.run("document.querySelector('#transcript').textContent")
        await page.until("document.querySelector('#status-words').innerText === 'Listening'")
        await page.click("#end")
        await page.until("document.body.dataset.phase === 'over'")
        await desk.over.wait()
        assert page.complaints == []
    assert MarkPlayed("greeting") in desk.events
    assert desk.events[-1] == CallEnded(EndReason.CALLER_HUNG_UP)
    assert {len(frame) for frame in desk.frames} == {320}
