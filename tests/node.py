"""Programs of the npm registry that tests run against; installed by `.ci/run`, never part of the project."""

import shutil
from pathlib import Path

import pytest

FOLDER = Path.home() / ".cache" / "voicebot-tests" / "node"


def node_package(name: str) -> Path:
    """The folder of an installed package; without it, or without node, the test skips and says what is missing."""
    package = FOLDER / "node_modules" / name
    if shutil.which("node") is None:
        pytest.skip("no node: apt install nodejs")
    if not package.is_dir():
        pytest.skip(f"no {name}: npm install --prefix {FOLDER} {name}")
    return package
