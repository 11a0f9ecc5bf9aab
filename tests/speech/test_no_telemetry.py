"""Nothing leaves the house: the engine under Piper and Silero calls its maker unless stopped before its import."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_onnxruntime_leaves_no_trace_behind_our_back(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", "import speech, onnxruntime"], env=environment, check=True, timeout=120)
    assert list(tmp_path.rglob("*")) == []
