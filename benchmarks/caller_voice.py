"""The caller's voice in benchmarks: Piper, through the same models as the bot's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from speech.mouth import Mouth, MouthSettings
from telephony.call import Pcm16
from telephony.simulator.network import Speak
from voicebot.config import load_config
from voicebot.house import open_store


@asynccontextmanager
async def caller_voice(languages: tuple[str, ...] = ("en",)) -> AsyncIterator[Speak]:
    """A function that says a sentence at 8 kHz; what it says is kept for the length of the run."""
    config = load_config()
    mouth = Mouth(open_store(config), MouthSettings(cache_folder=config.speech.cache_folder / "callers"))
    await mouth.start(languages)
    said: dict[tuple[str, str], Pcm16] = {}

    async def speak(text: str, language: str) -> Pcm16:
        if (text, language) not in said:
            said[text, language] = (await mouth.say(text, language, rate_hz=8_000)).pcm
        return said[text, language]

    try:
        yield speak
    finally:
        await mouth.close()
