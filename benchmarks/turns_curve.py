"""The curve of delay against cut-ins, as SVG: the further down and left, the better."""

from dataclasses import dataclass

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 20, 50
_COLOURS = ("#888888", "#0072b2", "#d55e00", "#009e73")


@dataclass(frozen=True, slots=True)
class Point:
    """One setting of a rule: median delay in ms, and cut-ins in percent."""

    delay_ms: float
    cut_ins: float


def curve_svg(curves: dict[str, list[Point]]) -> str:
    """Draw one line for each family of rules.

    Args:
        curves: name to points; at most four names.
    """
    points = [point for family in curves.values() for point in family]
    most_ms = 100 * (int(max(point.delay_ms for point in points) / 100) + 1)
    most_percent = 5 * (int(max(point.cut_ins for point in points) / 5) + 1)

    def place(point: Point) -> tuple[float, float]:
        across, down = point.delay_ms / most_ms, 1 - point.cut_ins / most_percent
        return _LEFT + across * (_WIDTH - _LEFT - _RIGHT), _TOP + down * (_HEIGHT - _TOP - _BOTTOM)

    parts = [_axes(most_ms, most_percent)]
    for number, (name, family) in enumerate(curves.items()):
        parts.append(_line([place(point) for point in family], name, _COLOURS[number], number))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        'font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _line(places: list[tuple[float, float]], name: str, colour: str, number: int) -> str:
    path = " ".join(f"{x:.0f},{y:.0f}" for x, y in places)
    dots = "".join(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="3.5" fill="{colour}"/>' for x, y in places)
    key_x, key_y = _WIDTH - 210, _TOP + 16 + 18 * number
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}'
        f'<rect x="{key_x}" y="{key_y - 9}" width="14" height="4" fill="{colour}"/>'
        f'<text x="{key_x + 20}" y="{key_y}">{name}</text>'
    )


def _axes(most_ms: int, most_percent: int) -> str:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    parts = [f'<path d="M{_LEFT},{_TOP} V{bottom} H{right}" fill="none" stroke="black"/>']
    for ms in range(0, most_ms + 1, 100):
        x = _LEFT + ms / most_ms * (right - _LEFT)
        parts.append(f'<text x="{x:.0f}" y="{bottom + 18}" text-anchor="middle">{ms}</text>')
    for percent in range(0, most_percent + 1, 5):
        y = bottom - percent / most_percent * (bottom - _TOP)
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{percent}</text>')
    across, down = "median delay of fluent sentences, ms after the last word", "free turns cut into, %"
    parts.append(f'<text x="{(_LEFT + right) / 2:.0f}" y="{_HEIGHT - 10}" text-anchor="middle">{across}</text>')
    place = f"translate(16,{(_TOP + bottom) / 2:.0f}) rotate(-90)"
    parts.append(f'<text transform="{place}" text-anchor="middle">{down}</text>')
    return "\n".join(parts)
