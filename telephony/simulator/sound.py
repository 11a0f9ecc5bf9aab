"""Sound files for the caller: any WAV in, 8 kHz out; calls as stereo WAV. The files are the operator's own."""

import io
import wave
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import soxr

from telephony.call import Pcm16
from telephony.errors import TelephonyError
from telephony.simulator.playout import RATE_HZ

_ROOM_SECONDS = 0.04


class SoundUnreadable(TelephonyError):
    """A sound file that is missing or not a PCM WAV; the message names it."""


def read_wav(path: Path) -> Pcm16:
    """A WAV file as the phone carries it.

    Args:
        path: 8, 16, 24 or 32 bit PCM, any rate, any number of channels.
    Returns:
        int16, shape (n,), 8 kHz mono; channels are averaged.
    Raises:
        SoundUnreadable: it is missing or not PCM.
    """
    try:
        with path.open("rb") as file:
            return _read(file)
    except (OSError, EOFError, wave.Error) as error:
        raise SoundUnreadable(f"{path}: cannot be read as a WAV file ({error})") from error


def wav_from_bytes(content: bytes) -> Pcm16:
    """The same for a file that was fetched.

    Raises:
        SoundUnreadable: it is not PCM.
    """
    try:
        return _read(io.BytesIO(content))
    except (EOFError, wave.Error) as error:
        raise SoundUnreadable(f"what was fetched cannot be read as a WAV file ({error})") from error


def _read(source: BinaryIO) -> Pcm16:
    with wave.open(source, "rb") as file:
        width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
        raw = file.readframes(file.getnframes())
    samples = _floats(raw, width)
    mono = samples[: len(samples) - len(samples) % channels].reshape(-1, channels).mean(axis=1)
    if rate != RATE_HZ:
        mono = soxr.resample(mono, rate, RATE_HZ)
    pcm: Pcm16 = np.clip(np.rint(mono * 32768), -32768, 32767).astype(np.int16)
    return pcm


def _floats(raw: bytes, width: int) -> npt.NDArray[np.float64]:
    whole = raw[: len(raw) - len(raw) % width]
    if width == 1:
        return (np.frombuffer(whole, dtype=np.uint8).astype(np.float64) - 128) / 128
    if width == 3:
        bytes_of = np.frombuffer(whole, dtype=np.uint8).reshape(-1, 3)
        wide = np.zeros((len(bytes_of), 4), dtype=np.uint8)
        wide[:, 1:] = bytes_of
        return wide.reshape(-1).view("<i4").astype(np.float64) / 2**31
    return np.frombuffer(whole, dtype=f"<i{width}").astype(np.float64) / 2.0 ** (8 * width - 1)


def write_stereo(path: Path, pcm: Pcm16) -> None:
    """Write a call.

    Args:
        path: overwritten when it is there.
        pcm: int16, shape (n, 2), 8 kHz.
    """
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(pcm.astype("<i2").tobytes())


def echo_path(delay_ms: float, loss_db: float, seed: int) -> npt.NDArray[np.float64]:
    """A loudspeaker's way to its microphone: delay, direct sound, 40 ms of a room; `loss_db` over all.

    Returns:
        an impulse response, float64, shape (n,), 8 kHz.
    """
    length = round(_ROOM_SECONDS * RATE_HZ)
    decay = np.exp(-6.9 * np.arange(length) / length)
    response = np.random.default_rng(seed).normal(0, 0.3, length) * decay
    response[0] = 1.0
    response *= 10 ** (-loss_db / 20) / np.sqrt(np.sum(response**2))
    return np.concatenate([np.zeros(round(delay_ms * RATE_HZ / 1000)), response])


def at_snr(noise: Pcm16, voice: Pcm16, snr_db: float) -> Pcm16:
    """Noise scaled to lie `snr_db` below a voice, both measured over their audible parts."""
    loud = voice[np.abs(voice) > 300]
    power = np.sqrt(np.mean(loud.astype(np.float64) ** 2)) if len(loud) else 3000.0
    noise_power = max(1.0, float(np.sqrt(np.mean(noise.astype(np.float64) ** 2))))
    gain = power / noise_power / 10 ** (snr_db / 20)
    return np.clip(noise * gain, -32768, 32767).astype(np.int16)
