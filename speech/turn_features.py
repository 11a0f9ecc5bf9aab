"""The log-mel picture of the last eight seconds, as smart-turn was trained on."""

from functools import cache

import numpy as np
import numpy.typing as npt

from speech.audio import MODEL_RATE_HZ, Samples

Features = npt.NDArray[np.float32]
"""float32, shape (80, 800): mel bands by frames of 10 ms."""

SECONDS = 8
MELS = 80

_SAMPLES = SECONDS * MODEL_RATE_HZ
_HOP = 160
_FOURIER = 400
_EDGE = _FOURIER // 2
_FRAMES = _SAMPLES // _HOP


def turn_features(samples: Samples) -> Features:
    """Whisper's log-mel spectrogram of the end of a turn, older audio cut off, missing audio silent and in front.

    Only frames with audio in them are computed: the silence in front is the same frame again and again.

    Args:
        samples: float32, shape (n,), 16 kHz mono, any length.
    Source: the feature extraction of Whisper (openai/whisper, audio.py); the zero-mean, unit-variance step in front is
        smart-turn's.
    """
    recent = samples[-_SAMPLES:]
    missing = _SAMPLES - len(recent)
    silence, normal = _normalised(recent, missing)
    silent_frames = max(0, (missing - _EDGE) // _HOP)
    first = silent_frames * _HOP
    # Frame k is centred on sample k * hop, so audio is mirrored at both ends; where silence leads, it mirrors itself.
    whole = np.concatenate([np.full(max(0, missing - first), silence, np.float32), normal])
    left = np.full(_EDGE, silence, np.float32) if silent_frames else whole[_EDGE:0:-1]
    padded = np.concatenate([left, whole, whole[-2 : -_EDGE - 2 : -1]])
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FOURIER)[::_HOP][: _FRAMES - silent_frames]
    power = np.square(np.abs(np.fft.rfft(frames * _window(), axis=1)))
    if silent_frames:
        quiet = np.square(np.abs(np.fft.rfft(np.full(_FOURIER, silence, np.float32) * _window())))
        power = np.concatenate([np.broadcast_to(quiet, (silent_frames, len(quiet))), power])
    log = np.log10(np.maximum(_filters() @ power.T, 1e-10))
    bounded: Features = np.maximum(log, log.max() - 8.0)
    return ((bounded + 4.0) / 4.0).astype(np.float32)


def _normalised(recent: Samples, missing: int) -> tuple[float, Samples]:
    """What silence becomes, and the audio, when all eight seconds have mean 0 and variance 1."""
    mean = float(np.sum(recent, dtype=np.float64)) / _SAMPLES
    squares = float(np.sum(np.square(recent, dtype=np.float64)))
    scale = 1.0 / np.sqrt(max(0.0, squares / _SAMPLES - mean * mean) + 1e-7)
    return -mean * scale, ((recent - mean) * scale).astype(np.float32)


@cache
def _window() -> npt.NDArray[np.float32]:
    """Hann, periodic."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FOURIER) / _FOURIER)).astype(np.float32)


@cache
def _filters() -> npt.NDArray[np.float32]:
    """Triangles on Slaney's mel scale, each of area 1 in Hz: float32, shape (80, 201)."""
    edges = _hz(np.linspace(0.0, _mel(MODEL_RATE_HZ / 2), MELS + 2))
    bins = np.fft.rfftfreq(_FOURIER, 1 / MODEL_RATE_HZ)
    widths = np.diff(edges)
    slopes = edges[:, None] - bins[None, :]
    rising, falling = -slopes[:-2] / widths[:-1, None], slopes[2:] / widths[1:, None]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    area = 2.0 / (edges[2:] - edges[:-2])
    return (triangles * area[:, None]).astype(np.float32)


# Slaney's scale: linear up to 1 kHz, then 27 steps for every factor of 6.4.
_HZ_PER_MEL = 200.0 / 3
_BEND_MEL = 1000.0 / _HZ_PER_MEL
_STEP = np.log(6.4) / 27.0


def _mel(hz: float) -> float:
    return float(_BEND_MEL + np.log(hz / 1000.0) / _STEP) if hz > 1000.0 else hz / _HZ_PER_MEL


def _hz(mels: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    above = 1000.0 * np.exp(_STEP * (np.maximum(mels, _BEND_MEL) - _BEND_MEL))
    return np.where(mels > _BEND_MEL, above, mels * _HZ_PER_MEL)
