"""SECURITY.md names only tests that exist, and says of every threat what holds it and what is left."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| [STRIDE](, [STRIDE])* \|", line)
]


def test_every_row_names_a_test_that_exists_or_says_that_there_is_none() -> None:
    assert len(ROWS) > 30
    for _, threat, done, held, _ in ROWS:
        named = re.findall(r"`([\w/]+\.py)`", held)
        assert done, threat
        assert named or held.startswith("no test:"), threat
        assert [path for path in named if not (ROOT / "tests" / path).is_file()] == []


def test_every_door_has_its_table() -> None:
    doors = "Webhooks, Media stream, The page, Console, The agents' desk, Callbacks, Records, functions, Models, Text"
    for door in doors.split(", "):
        assert re.search(rf"^### .*{door}", PAGE, re.MULTILINE), door


def test_every_path_of_the_program_that_is_named_exists() -> None:
    for path in set(re.findall(r"`((?:requirements|voicebot|docs)/[\w./-]+\.(?:py|md|txt|yaml))`", PAGE)):
        assert (ROOT / path).is_file() or (ROOT / "tests" / path).is_file(), path
