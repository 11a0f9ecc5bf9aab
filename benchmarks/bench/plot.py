"""The figures as one picture: plain SVG, written by hand."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

WIDTH, HEIGHT = 460, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 40, 45
_COLOURS = ("#1f5f8b", "#b5482a", "#3c7a3c", "#7a5c99", "#8a6d1d")


class Panel:
    """One diagram with axes.

    Args:
        title: above it.
        x, y: what the axes show.
        x_most, y_most: where they end; they begin at 0.
    """

    def __init__(self, title: str, x: str, y: str, x_most: float, y_most: float) -> None:
        self._most = (max(x_most, 1e-9), max(y_most, 1e-9))
        self._parts = [
            _text(WIDTH / 2, 20, title, "middle", 14),
            _text(WIDTH / 2, HEIGHT - 8, x, "middle"),
            f'<g transform="rotate(-90)">{_text(-HEIGHT / 2, 14, y, "middle")}</g>',
        ]
        for step in range(6):
            across, up = x_most * step / 5, y_most * step / 5
            left, down = self._at(across, up)
            self._parts += [
                f'<path d="M{left:.1f},{_TOP}V{HEIGHT - _BOTTOM}M{_LEFT},{down:.1f}H{WIDTH - _RIGHT}" stroke="#ddd"/>',
                _text(left, HEIGHT - _BOTTOM + 16, f"{across:g}", "middle"),
                _text(_LEFT - 6, down + 4, f"{up:g}", "end"),
            ]

    def _at(self, x: float, y: float) -> tuple[float, float]:
        left = _LEFT + (WIDTH - _LEFT - _RIGHT) * min(x / self._most[0], 1.0)
        return left, HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * min(y / self._most[1], 1.0)

    def line(self, points: Sequence[tuple[float, float]], name: str, place: int) -> None:
        """A line with dots; its name stands at the place-th line of the legend."""
        colour = _COLOURS[place % len(_COLOURS)]
        at = [self._at(x, y) for x, y in points]
        path = " ".join(f"{left:.1f},{down:.1f}" for left, down in at)
        self._parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        if len(at) < 40:
            self._parts += [f'<circle cx="{left:.1f}" cy="{down:.1f}" r="3" fill="{colour}"/>' for left, down in at]
        self._parts.append(_text(_LEFT + 8, _TOP + 14 + 15 * place, name, "start", fill=colour))

    def bound(self, y: float | None = None, x: float | None = None) -> None:
        """A dashed line at a target."""
        left, down = self._at(x or 0, y or 0)
        path = f"M{_LEFT},{down:.1f}H{WIDTH - _RIGHT}" if x is None else f"M{left:.1f},{_TOP}V{HEIGHT - _BOTTOM}"
        self._parts.append(f'<path d="{path}" stroke="#888" stroke-dasharray="5 4"/>')

    def dot(self, x: float, y: float, name: str, place: int) -> None:
        """One point; its name stands at the place-th line of the legend."""
        left, down = self._at(x, y)
        colour = _COLOURS[place % len(_COLOURS)]
        self._parts.append(f'<circle cx="{left:.1f}" cy="{down:.1f}" r="5" fill="{colour}" fill-opacity="0.7"/>')
        self._parts.append(_text(_LEFT + 8, _TOP + 14 + 15 * place, name, "start", fill=colour))

    def svg(self, left: float, top: float) -> str:
        """The panel at a place of the picture."""
        return f'<g transform="translate({left:g},{top:g})">{"".join(self._parts)}</g>'


def picture(parts: Mapping[str, Mapping[str, Any]], caption: str) -> str:
    """Every diagram for which there are figures."""
    panels = [panel for draw in (_latencies, _stages, _cut_ins, _stops, _capacity) for panel in draw(parts)]
    rows = -(-len(panels) // 2)
    inner = "".join(panel.svg(WIDTH * (place % 2), HEIGHT * (place // 2)) for place, panel in enumerate(panels))
    height = HEIGHT * rows + 24
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {height}" font-family="sans-serif">'
        f'<rect width="100%" height="100%" fill="white"/>{inner}{_text(10, height - 8, caption, "start")}</svg>\n'
    )


def _latencies(parts: Mapping[str, Mapping[str, Any]]) -> list[Panel]:
    values = sorted(parts.get("latency", {}).get("voice_to_voice_all_ms", ()))
    if not values:
        return []
    panel = Panel("Voice to voice, one call", "ms", "% of turns", max(1200.0, _round_up(values[-1], 500)), 100)
    panel.line([(ms, 100 * (place + 1) / len(values)) for place, ms in enumerate(values)], "cumulative", 0)
    panel.bound(x=400)
    panel.bound(x=900)
    return [panel]


def _stages(parts: Mapping[str, Mapping[str, Any]]) -> list[Panel]:
    """Stages as the bot tells them, median and p95 side by side; some of them run at the same time."""
    stages = parts.get("latency", {}).get("waterfall_ms", {})
    if not stages:
        return []
    most = _round_up(max(row["p95"] for row in stages.values()), 200)
    panel = Panel(
        "Where the time goes (bot's account)",
        "stages in the order of the legend: p50 / p95",
        "ms",
        len(stages) + 1,
        most,
    )
    for place, (name, row) in enumerate(stages.items()):
        x = place + 0.7
        panel.line([(x, 0), (x, row["p50"]), (x, row["p95"])], f"{name} {row['p50']:g} / {row['p95']:g}", place)
    return [panel]


def _cut_ins(parts: Mapping[str, Mapping[str, Any]]) -> list[Panel]:
    found = parts.get("cut-ins", {}).items()
    measured = {name: row for name, row in found if isinstance(row, dict) and "latency_ms" in row and "all" not in name}
    rows = {name: row for name, row in measured.items() if row["latency_ms"]["p50"] is not None}
    if not rows:
        return []
    panel = Panel("Latency against false cut-ins", "p50, ms", "% of turns", 2000, 40)
    for place, (name, row) in enumerate(rows.items()):
        where = f"{name}: {row['latency_ms']['p50']:g} ms, {row['cut_in_percent']:g} %"
        panel.dot(row["latency_ms"]["p50"], row["cut_in_percent"], where, place)
    panel.bound(y=8)
    return [panel]


def _stops(parts: Mapping[str, Mapping[str, Any]]) -> list[Panel]:
    values = sorted(parts.get("barge-in", {}).get("interruptions", {}).get("stop_all_ms", ()))
    if not values:
        return []
    panel = Panel("Bot silent after the caller's onset", "ms", "% of interruptions", 1000, 100)
    panel.line([(ms, 100 * (place + 1) / len(values)) for place, ms in enumerate(values)], "cumulative", 0)
    panel.bound(x=200)
    panel.bound(x=350)
    return [panel]


def _capacity(parts: Mapping[str, Mapping[str, Any]]) -> list[Panel]:
    rows = [row for row in parts.get("capacity", {}).get("steps", ()) if row["voice_to_voice_ms"]["p95"]]
    if not rows:
        return []
    panel = Panel("Voice to voice against calls at once", "calls", "ms", max(row["calls"] for row in rows), 2500)
    for place, share in enumerate(("p50", "p95")):
        panel.line([(row["calls"], row["voice_to_voice_ms"][share]) for row in rows], share, place)
    panel.bound(y=1000)
    return [panel]


def _round_up(value: float, step: float) -> float:
    return -(-value // step) * step


def _text(left: float, down: float, words: str, anchor: str, size: int = 11, fill: str = "#333") -> str:
    at = f'x="{left:.1f}" y="{down:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{fill}"'
    return f"<text {at}>{escape(words)}</text>"
