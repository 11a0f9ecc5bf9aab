"""What a script's caller sounds like: its sentences and recordings, and the noise around them."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence

import numpy as np

from telephony.call import Pcm16
from telephony.simulator.script import Recording, Script, Sentence, Turn
from telephony.simulator.sound import at_snr, read_wav

Speak = Callable[[str, str], Awaitable[Pcm16]]
"""A sentence and its language to speech: int16, 8 kHz mono."""


async def prepare_voices(turns: Sequence[Turn], speak: Speak) -> dict[int, Pcm16]:
    """The audio of every spoken turn, by its place among them: int16, 8 kHz mono."""
    voices: dict[int, Pcm16] = {}
    for index, turn in enumerate(turns):
        match turn.act:
            case Sentence(text, language):
                voices[index] = await speak(text, language)
            case Recording(path):
                voices[index] = await asyncio.to_thread(read_wav, path)
            case _:
                pass
    return voices


def background(script: Script, voices: Mapping[int, Pcm16]) -> Pcm16 | None:
    if script.noise is None:
        return None
    said = np.concatenate(list(voices.values())) if voices else np.zeros(0, dtype=np.int16)
    noise = at_snr(read_wav(script.noise.path), said, script.noise.snr_db)
    # Every seed begins somewhere else in the noise.
    return np.roll(noise, -random.Random(script.seed).randrange(max(1, len(noise))))
