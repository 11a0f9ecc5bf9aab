"""The bot's voice for the phones of people: whole sentences at once, at the rate of a telephone."""

import numpy as np

from telephony.call import Pcm16, Spoken
from voicebot.rooms import Speaking

PHONE_RATE_HZ = 8_000
BETWEEN_SENTENCES_SAMPLES = PHONE_RATE_HZ // 4


async def voiced(speaking: Speaking, spoken: Spoken) -> Pcm16:
    """A few sentences as sound for a phone: int16, 8 kHz mono."""
    parts: list[Pcm16] = []
    for sentence in speaking.sentences(spoken.text, spoken.language):
        async for chunk in speaking.stream(sentence, spoken.language, rate_hz=PHONE_RATE_HZ):
            parts.append(chunk.pcm)
        parts.append(np.zeros(BETWEEN_SENTENCES_SAMPLES, dtype=np.int16))
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)
