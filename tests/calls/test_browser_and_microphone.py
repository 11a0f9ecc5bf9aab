"""A spoken turn with the real models in a real browser, and over this machine's (null) sound devices."""

import asyncio
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from speech.audio import Pcm16
from speech.models import ModelStore
from speech.mouth import Mouth, MouthSettings
from tests.browser import chromium, open_page
from tests.pulse import missing, null_devices
from tests.serving import NORDLYS, serving, test_config

pytestmark = pytest.mark.models

BROWSER_RATE_HZ = 48_000
QUESTION = "How long does delivery take?"
ANSWER = "two to three working days"
# The English greeting with what must be heard takes about nine seconds.
GREETING_SECONDS = 10


def write_wav(path: Path, pcm: Pcm16, rate_hz: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(pcm.astype("<i2").tobytes())
    return path


async def asked(mouth: Mouth, folder: Path, lead_seconds: float, trail_seconds: float) -> Path:
    """The question as a recording, with quiet around it."""
    spoken = (await mouth.say(QUESTION, "en", rate_hz=BROWSER_RATE_HZ)).pcm
    quiet = [np.zeros(int(seconds * BROWSER_RATE_HZ), np.int16) for seconds in (lead_seconds, trail_seconds)]
    return write_wav(folder / "question.wav", np.concatenate([quiet[0], spoken, quiet[1]]), BROWSER_RATE_HZ)


@pytest.mark.skipif(chromium() is None, reason="no chromium here: apt install chromium")
async def test_a_question_spoken_to_the_page_is_answered(models: ModelStore, tmp_path: Path) -> None:
    async with serving(test_config()) as service:
        recording = await asked(service.house.mouth, tmp_path, GREETING_SECONDS, 20)
        async with open_page(f"{service.base_url}/try", wav=recording) as page:
            await page.click("#start")
            await page.until(f"document.querySelector('#transcript').innerText.includes('{ANSWER}')", seconds=60)
            transcript = await page.text("#transcript")
            assert "delivery" in transcript.lower()
            await page.click("#end")
            assert page.complaints == []


@pytest.mark.skipif(chromium() is None, reason="no chromium here: apt install chromium")
async def test_the_page_can_be_used_by_typing_without_a_microphone(models: ModelStore) -> None:
    async with serving(test_config()) as service, open_page(f"{service.base_url}/try", microphone=False) as page:
        await page.click("#start-typing")
        await page.until("document.querySelectorAll('#transcript li').length > 0")
        await page.run("document.querySelector('#words').focus()")
        await page.type(QUESTION)
        await page.press("Enter")
        await page.until(f"document.querySelector('#transcript').innerText.includes('{ANSWER}')", seconds=60)


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
async def test_a_question_spoken_to_this_machines_microphone_is_answered(models: ModelStore, tmp_path: Path) -> None:
    mouth = Mouth(models, MouthSettings(cache_folder=tmp_path / "phrases"))
    await mouth.start(("en",))
    recording = await asked(mouth, tmp_path, 0, 1)
    await mouth.close()
    heard = tmp_path / "heard.wav"
    async with null_devices() as devices, devices.speaker_recorded(heard):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "voicebot", "mic", str(NORDLYS), "--headset", "--language", "en"),
            env={**devices.environment, "VOICEBOT_MODELS_FOLDER": str(models.folder)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(150):
                printed = await _until(process.stdout, "help you")
                await devices.say(recording)
                printed += await _until(process.stdout, ANSWER)
        finally:
            process.terminate()
            await process.wait()
    assert "delivery" in printed.lower()
    with wave.open(str(heard), "rb") as file:
        spoken = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert np.abs(spoken).max() > 1000, "the loudspeaker has heard the bot"


async def _until(stream: asyncio.StreamReader, words: str) -> str:
    """What a program prints up to these words, its line ends taken out."""
    printed = ""
    while words not in " ".join(printed.split()):
        line = await stream.readline()
        assert line, f"the program ended before it said {words!r}:\n{printed}"
        printed += line.decode()
    return printed
