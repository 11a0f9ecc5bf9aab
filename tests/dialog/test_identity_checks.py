"""What is wrong with a bot that wants identity is told with its file, its line and its cure."""

from pathlib import Path

import pytest

from dialog import check_bot, load_bot
from dialog.errors import Fault
from dialog.identity import IdentityRules, Proof, is_enough
from dialog.scripts import read_scripts
from tests.dialog.conftest import TODAY
from tests.dialog.proving_bot import proving_bot


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return proving_bot(tmp_path)


def spoil(folder: Path, file: str, old: str, new: str) -> list[Fault]:
    """Errors and warnings of the bot with one thing changed."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return list(check_bot(folder, TODAY))


def test_the_bot_is_right_as_it_is(folder: Path):
    assert [fault for fault in check_bot(folder, TODAY) if not fault.warning] == []
    bot = load_bot(folder, TODAY)
    assert bot.identity == IdentityRules("sms")
    assert {flow.id: flow.requires for flow in bot.flows if flow.requires} == {"account": "low", "loans": "low"}
    assert bot.actions["change_account"].from_proof == ("identity", "national_id")
    assert set(bot.actions["change_account"].parameters) == {"customer"}


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "what", "cure"),
    [
        ("bot.yaml", "\nidentity: sms\n", "\n", "flows/account.yaml:4", "no way to prove it", "identity: sms"),
        ("flows/loans.yaml", "level: low", "level: high", "flows/loans.yaml:5", "proves low at most", "level: low"),
        ("flows/loans.yaml", "level: low", "level: hihg", "flows/loans.yaml:5", "hihg is no level", "high"),
        ("flows/loans.yaml", "requires: identity\n", "", "flows/loans.yaml:4", "stands alone", "requires: identity"),
        ("flows/loans.yaml", "requires: identity", "requires: money", "flows/loans.yaml:4", "money", "write identity"),
        (
            "flows/account.yaml",
            "requires: identity\n",
            "",
            "flows/account.yaml:15",
            "change_account wants identity and national_id",
            "requires: identity",
        ),
        (
            "flows/account.yaml",
            "{customer: customer}",
            "{customer: customer, identity: customer}",
            "flows/account.yaml:16",
            "identity is not a parameter",
            "",
        ),
        ("bot.yaml", "identity: sms", "identity: fax", "bot.yaml", "fax is no way", ""),
        ("bot.yaml", "identity: sms", "identity: {app: BankID}", "bot.yaml", "has no way", "way: sms"),
        ("bot.yaml", "identity: sms", "identity: {way: ciba, app: 'a {b}'}", "bot.yaml", "identity: app", ""),
        ("actions.py", "identity: Identity", "identity: str", "actions.py", "filled in from the proof", "Identity"),
        ("actions.py", "national_id: str | None", "national_id: int", "actions.py", "national_id", "str | None"),
    ],
)
def test_a_fault_has_its_place_and_its_cure(
    folder: Path, file: str, old: str, new: str, place: str, what: str, cure: str
):
    faults = [fault for fault in spoil(folder, file, old, new) if not fault.warning]
    told = [
        fault
        for fault in faults
        if what in fault.what and cure in fault.cure and f"{fault.file}:{fault.line}".startswith(place)
    ]
    assert told, faults


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ('"427193"', True),
        ("proven", True),
        ("no_number", True),
        ("maybe", False),
        ('"42719"', False),
        ('"42719a"', False),
    ],
)
def test_a_script_says_what_comes_of_it(folder: Path, said: str, right: bool):
    (folder / "tests").mkdir()
    (folder / "tests" / "one.yaml").write_text(
        f"- name: one\n  identity: {said}\n  turns:\n  - caller: hei\n", encoding="utf-8"
    )
    faults: list[Fault] = []
    read_scripts(folder, load_bot(folder, TODAY), faults)
    assert (faults == []) is right, faults


@pytest.mark.parametrize(
    ("level", "wanted", "enough"),
    [
        ("low", "", True),
        ("low", "low", True),
        ("low", "substantial", False),
        ("substantial", "high", False),
        ("high", "substantial", True),
        ("extreme", "low", False),
        ("", "low", False),
    ],
)
def test_levels_are_weakest_first(level: str, wanted: str, enough: bool):
    assert is_enough(Proof("x", level), wanted) is enough
    assert is_enough(None, wanted) is (not wanted)
