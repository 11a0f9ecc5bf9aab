"""Rules that one careless line would break, held by reading the source."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("voicebot", "telephony", "speech", "dialog")


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def test_nobody_waits_in_a_way_that_can_swallow_a_cancellation() -> None:
    # Until Python 3.12 `asyncio.wait_for` returns normally when its future completes together with a cancellation, and
    # a task that was told to end lives on. `async with asyncio.timeout(...)` does not.
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr == "wait_for"
        and isinstance(node.value, ast.Name)
        and node.value.id == "asyncio"
    ]
    assert found == []
