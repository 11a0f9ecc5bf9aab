"""Small charts drawn as SVG on the server: no script, no file from elsewhere, colours from the style sheet.

A chart is decoration for a table that says the same (`templates/statistics.html` has both): it is hidden from screen
readers except for its one-sentence label.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HEIGHT = 160
WIDTH = 720

GAP = 0.2
"""Of the width of a bar, between two of them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a bar, in the chart's own units from its upper left corner; `kind` names its colour."""

    kind: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One label with its pieces; `told` is what a pointer resting on it shows."""

    label: str
    told: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything the template draws. `most` is the value at the top line."""

    bars: tuple[Bar, ...]
    most: int
    width: int = WIDTH
    height: int = HEIGHT


def stacked(columns: Sequence[tuple[str, str, Mapping[str, int]]], kinds: Sequence[str]) -> Chart:
    """Bars side by side, each a stack.

    Args:
        columns: label, text of the pointer, and values by kind; in the order they stand.
        kinds: from the bottom up.
    """
    most = _round_up(max((sum(values.values()) for _, _, values in columns), default=0))
    step = WIDTH / max(len(columns), 1)
    bars = []
    for place, (label, told, values) in enumerate(columns):
        pieces, foot = [], float(HEIGHT)
        for kind in kinds:
            height = HEIGHT * values.get(kind, 0) / most
            foot -= height
            if height:
                x, width = place * step + step * GAP / 2, step * (1 - GAP)
                pieces.append(Piece(kind, round(x, 2), round(foot, 2), round(width, 2), round(height, 2)))
        bars.append(Bar(label, told, tuple(pieces)))
    return Chart(tuple(bars), most)


def _round_up(value: int) -> int:
    """The next number that is good to read at the top of a chart: 1, 2 or 5 times a power of ten; at least 1."""
    power = 1
    while True:
        for step in (1, 2, 5):
            if value <= step * power:
                return step * power
        power *= 10
