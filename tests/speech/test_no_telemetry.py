"""Nothing leaves the house: the engine under Piper and Silero calls its maker unless stopped before its import."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def left_behind(home: Path, script: str) -> list[str]:
    """Files that a Python process leaves in a home of its own."""
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True, timeout=120)
    return [str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()]


def test_onnxruntime_leaves_no_trace_behind_our_back(tmp_path: Path) -> None:
    assert left_behind(tmp_path, "import speech, onnxruntime") == []


def test_every_module_that_brings_onnxruntime_sits_in_a_package_that_stops_it(tmp_path: Path) -> None:
    script = """
import importlib, pathlib
for path in sorted(pathlib.Path("speech").rglob("*.py")):
    importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
import dialog, telephony, voicebot.cli, onnxruntime
"""
    assert left_behind(tmp_path, f"import os; os.chdir({str(ROOT)!r})\n{script}") == []
