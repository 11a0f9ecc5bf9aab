"""Speech as a file that a carrier can fetch and play."""

import io
import wave

from telephony.call import Pcm16
from telephony.g711 import RATE_HZ


def wav_file(pcm: Pcm16) -> bytes:
    """int16, 8 kHz mono, as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(pcm.astype("<i2").tobytes())
    return file.getvalue()
