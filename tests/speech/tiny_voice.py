"""A voice of Piper's shape in a few hundred bytes: phoneme ids in, 8 samples for each of them out."""

import json
from pathlib import Path

import numpy as np

RATE_HZ = 8_000
HOP = 8


def tiny_voice(entry: str = "/dec/conv_pre/Conv", reach: int = 3, leak: bool = False) -> bytes:
    """An ONNX model that onnxruntime runs.

    Args:
        entry: name of the node where the vocoder begins.
        reach: frames that it looks to each side.
        leak: the vocoder also takes the phoneme ids.
    """
    taps = np.cos(np.arange(2 * reach + 1)) / (2 * reach + 1)
    graph = b"".join(
        (
            _node("Cast", "cast", ["input"], ["ids"], _number("to", 1)),
            _node("Unsqueeze", "widen", ["ids", "axis"], ["wide"]),
            _node("Gather", "pick", ["scales", "one"], ["stretch"]),
            _node("Mul", "scale", ["wide", "stretch"], ["z"]),
            _node("Conv", entry, ["z", "taps"], ["pre"], _numbers("pads", [reach, reach])),
            _node("Add", "leak", ["pre", "wide" if leak else "pre"], ["sum"]),
            _node("ConvTranspose", "up", ["sum", "spread"], ["long"], _numbers("strides", [HOP])),
            _node("Tanh", "tanh", ["long"], ["output"]),
            _sized(2, b"tiny"),
            _tensor("axis", np.array([1], np.int64)),
            _tensor("one", np.array([1], np.int64)),
            _tensor("taps", taps.reshape(1, 1, -1).astype(np.float32)),
            _tensor("spread", (np.sin(np.arange(HOP) * 0.8) * 0.05).reshape(1, 1, HOP).astype(np.float32)),
            _value(11, "input", 7, 2),
            _value(11, "input_lengths", 7, 1),
            _value(11, "scales", 1, 1),
            _value(12, "output", 1, 3),
        )
    )
    return _varint_field(1, 8) + _sized(7, graph) + _sized(8, _sized(1, b"") + _varint_field(2, 15))


def tiny_voice_folder(folder: Path, model: bytes | None = None) -> Path:
    """A folder as the store keeps a voice."""
    config = {
        "audio": {"sample_rate": RATE_HZ},
        "espeak": {"voice": "en-us"},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": {
            symbol: [at] for at, symbol in enumerate("_^$ !,.?abdefhijklmnoprstuvwzæðŋɐɑɔəɛɜɡɪɹʃʊʌʒˈˌːθ")
        },
        "num_symbols": 256,
        "num_speakers": 1,
        "speaker_id_map": {},
    }
    folder.mkdir(exist_ok=True)
    (folder / "tiny.onnx").write_bytes(tiny_voice() if model is None else model)
    (folder / "tiny.onnx.json").write_text(json.dumps(config))
    return folder


def _varint(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + _varint(value >> 7)


def _varint_field(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _sized(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _node(operation: str, name: str, takes: list[str], gives: list[str], attribute: bytes = b"") -> bytes:
    content = b"".join(
        [*(_sized(1, taken.encode()) for taken in takes), *(_sized(2, given.encode()) for given in gives)]
    )
    return _sized(1, content + _sized(3, name.encode()) + _sized(4, operation.encode()) + attribute)


def _number(name: str, value: int) -> bytes:
    return _sized(5, _sized(1, name.encode()) + _varint_field(3, value) + _varint_field(20, 2))


def _numbers(name: str, values: list[int]) -> bytes:
    return _sized(5, _sized(1, name.encode()) + b"".join(_varint_field(8, v) for v in values) + _varint_field(20, 7))


def _tensor(name: str, values: np.ndarray) -> bytes:
    kind = 7 if values.dtype == np.int64 else 1
    axes = b"".join(_varint_field(1, size) for size in values.shape)
    return _sized(5, axes + _varint_field(2, kind) + _sized(8, name.encode()) + _sized(9, values.tobytes()))


def _value(number: int, name: str, kind: int, axes: int) -> bytes:
    shape = b"".join(_sized(1, _sized(2, f"{name}{axis}".encode())) for axis in range(axes))
    return _sized(number, _sized(1, name.encode()) + _sized(2, _sized(1, _varint_field(1, kind) + _sized(2, shape))))
