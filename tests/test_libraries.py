"""The pages about libraries name what the project depends on."""

import re
import tomllib
from pathlib import Path

from speech.models import default_catalogue

ROOT = Path(__file__).parent.parent


def direct() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return {re.split(r"[^\w.-]", requirement)[0] for group in groups for requirement in group}


def test_every_direct_dependency_has_its_reason_and_nothing_else_has() -> None:
    rows = re.findall(r"^\| ([\w.-]+) \|", (ROOT / "docs" / "libraries.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(rows) - {"library"} == direct()
    assert len(rows) == len(set(rows)) + 2, "three tables, each library once"


def test_every_library_and_model_has_its_licence() -> None:
    words = set(re.findall(r"[\w.-]+", (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")))
    assert direct() - words == set()
    assert {model.id for model in default_catalogue()} - words == set()
