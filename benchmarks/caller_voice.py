"""The caller's voice in benchmarks: Piper, through the same models as the bot's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from speech.mouth import Mouth, MouthSettings
from telephony.simulator.network import Speak
from voicebot.commands.call import caller_voice as voice_of
from voicebot.config import load_config
from voicebot.house import open_store


@asynccontextmanager
async def caller_voice(languages: tuple[str, ...] = ("en",)) -> AsyncIterator[Speak]:
    """A function that says a sentence at 8 kHz, each synthesised once."""
    config = load_config()
    mouth = Mouth(open_store(config), MouthSettings(cache_folder=config.speech.cache_folder / "callers"))
    await mouth.start(languages)
    try:
        yield voice_of(mouth)
    finally:
        await mouth.close()
