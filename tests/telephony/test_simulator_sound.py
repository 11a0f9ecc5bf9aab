"""Any WAV becomes what a phone carries."""

import wave

import numpy as np
import pytest

from telephony.simulator.sound import SoundUnreadable, at_snr, echo_path, read_wav, write_stereo
from tests.telephony.tone_bot import tone


def written(path, samples: np.ndarray, width: int, rate: int, channels: int):
    data = np.repeat(samples[:, None], channels, axis=1).reshape(-1)
    raw = {
        1: lambda: ((data * 127) + 128).astype(np.uint8).tobytes(),
        2: lambda: (data * 32767).astype("<i2").tobytes(),
        3: lambda: (data * (2**31 - 1)).astype("<i4").view(np.uint8).reshape(-1, 4)[:, 1:].tobytes(),
        4: lambda: (data * (2**31 - 1)).astype("<i4").tobytes(),
    }[width]()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(raw)
    return path


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (16000, 2), (44100, 1)])
def test_any_width_rate_and_number_of_channels(tmp_path, width, rate, channels):
    wanted = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    pcm = read_wav(written(tmp_path / "a.wav", wanted, width, rate, channels))
    assert pcm.dtype == np.int16 and abs(len(pcm) - 8000) <= 1
    level = float(np.sqrt(np.mean((pcm[800:-800] / 32768) ** 2)))
    assert level == pytest.approx(0.5 / np.sqrt(2), rel=0.02)


@pytest.mark.parametrize("content", [None, b"", b"RIFF....", b"ID3 not a wav"])
def test_what_is_no_wav_is_told(tmp_path, content):
    path = tmp_path / "a.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SoundUnreadable, match="a.wav"):
        read_wav(path)


def test_a_call_is_written_in_stereo(tmp_path):
    left, right = tone(0.1), tone(0.1, 880)
    write_stereo(tmp_path / "call.wav", np.stack([left, right], axis=1))
    with wave.open(str(tmp_path / "call.wav")) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 8000, 800)
        data = np.frombuffer(file.readframes(800), dtype="<i2").reshape(-1, 2)
    assert (data[:, 0] == left).all() and (data[:, 1] == right).all()


def test_noise_is_scaled_to_its_distance_below_the_voice():
    noise = np.random.default_rng(1).normal(0, 1000, 8000).astype(np.int16)
    voice = tone(1.0, level=10000)
    loud = voice[np.abs(voice) > 300].astype(float)
    scaled = at_snr(noise, voice, 20).astype(float)
    ratio = 20 * np.log10(np.sqrt(np.mean(loud**2)) / np.sqrt(np.mean(scaled**2)))
    assert ratio == pytest.approx(20, abs=0.2)


def test_a_loudspeaker_comes_back_late_and_quieter():
    response = echo_path(delay_ms=80, loss_db=15, seed=1)
    assert not response[:640].any() and response[640] > 0
    assert np.sum(response**2) == pytest.approx(10**-1.5)
