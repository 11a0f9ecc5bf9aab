"""The pages about libraries name what the project depends on, and the pins are all there, hashed and allowed."""

import re
import tomllib
from pathlib import Path

import pytest

from requirements import check, pins
from speech.models import default_catalogue

ROOT = Path(__file__).parent.parent


def direct() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    return {re.split(r"[^\w.-]", requirement)[0] for group in groups for requirement in group}


def test_every_direct_dependency_has_its_reason_and_nothing_else_has() -> None:
    rows = re.findall(r"^\| ([\w.-]+) \|", (ROOT / "docs" / "libraries.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(rows) - {"library"} == direct()
    assert len(rows) == len(set(rows)) + 3, "four tables, each library once"


def test_every_library_and_model_has_its_licence() -> None:
    words = set(re.findall(r"[\w.-]+", (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")))
    assert direct() - words == set()
    assert {model.id for model in default_catalogue()} - words == set()


def test_every_pinned_library_has_its_licence_in_the_page_too() -> None:
    page = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    words = {pins.canonical(word) for word in re.findall(r"[\w.-]+", page)}
    assert {pin.name for file in pins.FILES for pin in pins.read(pins.FOLDER / file)} - words == set()


def test_what_is_installed_is_what_is_pinned_and_may_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main() == 0, capsys.readouterr().err


def test_pins_that_pip_or_the_project_would_not_take_are_told_by_name() -> None:
    old = [pins.Pin("jinja2", "3.1.5", ()), pins.Pin("voicebot-unheard-of", "1.0", ("0" * 64,))]
    faults = [{"library": "Jinja2", "versions": "<3.1.6", "id": "CVE-1", "what": "a hole"}]
    assert list(check.without_hash({"run.txt": old})) == ["run.txt: jinja2 has no hash -> make pins"]
    assert list(check.known_faults(old, faults)) == ["Jinja2 3.1.5: CVE-1, a hole -> take a version that is not <3.1.6"]
    told = set(check.not_as_declared({pin.name: pin.version for pin in old}))
    assert "jinja2: pyproject.toml asks for >=3.1.6, pinned is 3.1.5 -> make pins" in told
    assert next(iter(check.not_as_pinned(old[1:], {}))).startswith(
        "voicebot-unheard-of: pinned is 1.0, installed is None"
    )


def test_no_file_of_pins_names_an_index() -> None:
    for file in pins.FILES:
        assert not re.search(r"://|--(extra-)?index-url|--find-links", (pins.FOLDER / file).read_text(encoding="utf-8"))
