"""Scripts are read whole, every fault with its place; what happened is compared with what should have."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialog import Bot, load_bot
from dialog.errors import Fault
from dialog.events import Act, ActionDone, ActionFailed
from dialog.script import Expected, IsSilent, MakesNoise, Presses, Says, Script
from dialog.script_outcome import Observed, differences
from dialog.scripts import EXPECTED_KEYS, SCRIPT_KEYS, TURN_KEYS, read_scripts
from tests.dialog.conftest import OSLO, TODAY
from tests.dialog.test_bot_folder import write

ACTIONS = """\
from dataclasses import dataclass
from datetime import date
from dialog.actions import action

@dataclass(frozen=True)
class Found:
    status: str
    paid: bool = False
    arrives: date | None = None

@action()
def find_order(order: str) -> Found:
    return Found("sent")
"""
FLOW = """\
version: 1
title: {nb: ordre, en: order}
starts: {nb: [Hvor er ordren, Sjekk ordren, Ordrestatus], en: [Where is my order, Check my order, Order status]}
slots:
  order: {type: digits, length: 6, ask: {nb: Si ordrenummeret., en: Say the order number.}}
steps:
  - collect: order
  - action: find_order
    with: {order: order}
    result: found
"""
WHOLE = """\
- name: Everything
  language: nb
  at: 2026-11-24T18:30
  actions:
    find_order: [{status: sent, paid: true, arrives: 2026-11-26}, timeout]
  speech: true
  turns:
    - bot: {language: nb}
    - caller: Hvor er ordren?
      bot: {flow: order, asks: order, says: [ordre, nummer], not_says: robot, rule: [flow, collect]}
    - keys: "402 713#"
      bot: {slot: {order: "402713"}, hands_off: desk}
    - silence: true
      bot: {hands_off: false, ends: true}
    - noise: true
      bot: {choice: [frakt, order], article: frakt}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bot with an article, a flow and an action."""
    folder = write(tmp_path_factory.mktemp("bot"))
    (folder / "flows").mkdir()
    (folder / "tests").mkdir()
    (folder / "flows" / "order.yaml").write_text(FLOW, encoding="utf-8")
    (folder / "actions.py").write_text(ACTIONS, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def bot(folder: Path) -> Bot:
    return load_bot(folder, TODAY)


def read(folder: Path, bot: Bot, text: str) -> tuple[tuple[Script, ...], list[Fault]]:
    (folder / "tests" / "t.yaml").write_text(text, encoding="utf-8")
    faults: list[Fault] = []
    return read_scripts(folder, bot, faults), faults


def test_a_script_is_read_as_it_is_written(folder: Path, bot: Bot):
    (script,), faults = read(folder, bot, WHOLE)
    assert faults == []
    assert (script.name, script.language, script.speech) == ("Everything", "nb", True)
    assert script.at == datetime(2026, 11, 24, 18, 30, tzinfo=OSLO)
    assert [turn.does for turn in script.turns] == [
        None,
        Says("Hvor er ordren?"),
        Presses("402713#"),
        IsSilent(),
        MakesNoise(),
    ]
    assert [turn.line for turn in script.turns] == [8, 9, 11, 13, 15]
    assert script.turns[1].expected == Expected(
        flow="order", asks="order", says=("ordre", "nummer"), not_says=("robot",), rule=("flow", "collect")
    )
    assert script.turns[2].expected == Expected(slots={"order": "402713"}, hands_off="desk")
    assert script.turns[3].expected == Expected(hands_off=False, ends=True)
    assert script.turns[4].expected == Expected(choice=("frakt", "order"), article="frakt")


def test_an_action_ends_as_the_script_says_time_after_time(folder: Path, bot: Bot):
    (script,), _ = read(folder, bot, WHOLE)
    act = Act("find_order", {"order": "402713"}, 3)
    done = ActionDone(3, {"status": "sent", "paid": "yes", "arrives": "2026-11-26"})
    assert script.outcome(act, 0) == done
    assert script.outcome(act, 1) == script.outcome(act, 9) == ActionFailed(3, "timeout")
    assert script.outcome(replace(act, name="another"), 0) is None


def test_a_script_without_a_clock_always_runs_at_the_same_time(folder: Path, bot: Bot):
    (script,), _ = read(folder, bot, "- {name: a, turns: [{caller: Hei}]}")
    assert script.at == datetime(2026, 11, 24, 10, 0, tzinfo=OSLO)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("name: Everything", "nmae: Everything", 1, "did you mean `name`?"),
        ("language: nb\n", "language: de\n", 2, "there is no de"),
        ("2026-11-24T18:30", "i går", 3, "is no clock"),
        ("    find_order:", "    find_odrer:", 5, "did you mean `find_order`?"),
        ("status: sent", "statsu: sent", 5, "did you mean `status`?"),
        ("timeout]", "later]", 5, "later is no way to fail"),
        ("speech: true", "speech: maybe", 6, "must be true or false"),
        (
            "    - bot: {language: nb}\n    - caller",
            "    - caller: Hei\n    - bot: {}\n    - caller",
            9,
            "one thing that",
        ),
        ("caller: Hvor er ordren?", "caller: Hei\n      keys: '1'", 9, "one thing that the caller does"),
        ("flow: order", "flow: ordre", 10, "did you mean `order`?"),
        ("asks: order", "asks: oder", 10, "did you mean `order`?"),
        ('"402 713#"', '"402a"', 11, "a is not on a telephone"),
        ("slot: {order:", "slot: {odrer:", 12, "did you mean `order`?"),
        ("hands_off: desk", "hands_off: dekk", 12, "did you mean `desk`?"),
        ("silence: true", "silence: false", 13, "either true or left out"),
        ("choice: [frakt", "choice: [fratk", 16, "did you mean `frakt`?"),
        ("article: frakt", "artikkel: frakt", 16, "did you mean `article`?"),
    ],
)
def test_a_fault_is_told_with_its_line(folder: Path, bot: Bot, old: str, new: str, line: int, words: str):
    assert old in WHOLE
    scripts, faults = read(folder, bot, WHOLE.replace(old, new, 1))
    told = [(fault.file, fault.line) for fault in faults if words in fault.what or words in fault.cure]
    assert told == [("tests/t.yaml", line)], [str(fault) for fault in faults]
    assert scripts == ()


@pytest.mark.parametrize(
    "text", ["", "just words", "a: b", "- 1", "- {name: x}", "- name: [", "- {name: x, turns: []}"]
)
def test_what_is_no_script_is_a_fault_and_never_a_crash(folder: Path, bot: Bot, text: str):
    scripts, faults = read(folder, bot, text)
    assert scripts == ()
    assert [fault for fault in faults if not fault.warning]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(("order", "frakt", "desk", "nb")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from((*SCRIPT_KEYS, *TURN_KEYS, *EXPECTED_KEYS, "order")), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_file_crashes_the_reading_and_a_bad_one_is_never_silent(folder: Path, bot: Bot, value: object):
    scripts, faults = read(folder, bot, yaml.safe_dump(value, allow_unicode=True))
    assert scripts or faults
    assert all(script.name and script.turns for script in scripts)


def test_two_scripts_of_the_same_name_are_told(folder: Path, bot: Bot):
    scripts, faults = read(folder, bot, "- {name: a, turns: [{caller: Hei}]}\n- {name: a, turns: [{caller: Hei}]}")
    assert len(scripts) == 2
    assert [(fault.line, fault.warning) for fault in faults] == [(2, True)]


HAPPENED = Observed(
    said="Ordre {402713|id} er sendt.",
    articles=("frakt",),
    flows=("order",),
    asks="order",
    slots={"order": "402713"},
    rules=("flow", "collect"),
    hands_off=None,
    ends=False,
    choice=("frakt", "order"),
    language="nb",
    score=0.7,
)
SHOWN = "Ordre 402 713 er sendt."


@pytest.mark.parametrize(
    "expected",
    [
        Expected(),
        Expected(article="frakt", flow="order", asks="order", slots={"order": "402713", "other": ""}),
        Expected(says=("ORDRE  402 713", "er sendt")),
        Expected(says=("ordre 402713",)),
        Expected(says=("{402713|id}",), not_says=("Kari",)),
        Expected(rule=("collect", "other"), hands_off=False, ends=False, choice=("order",), language="nb"),
    ],
)
def test_what_is_as_it_should_be_has_no_differences(expected: Expected):
    assert differences(expected, HAPPENED, SHOWN) == ()


@pytest.mark.parametrize(
    ("expected", "wanted", "got"),
    [
        (Expected(article="retur"), "retur", "frakt"),
        (Expected(flow="other"), "other", "order"),
        (Expected(asks="post_code"), "post_code", "order"),
        (Expected(slots={"order": "402714"}), "402714", "402713"),
        (Expected(slots={"order": ""}), "unknown", "402713"),
        (Expected(says=("levert",)), "levert", SHOWN),
        (Expected(not_says=("SENDT",)), "never SENDT", SHOWN),
        (Expected(rule=("answer", "choice")), "answer or choice", "flow, collect"),
        (Expected(hands_off=True), "a person", "nobody"),
        (Expected(hands_off="desk"), "desk", "nobody"),
        (Expected(ends=True), "hangs up", "goes on"),
        (Expected(choice=("retur", "frakt")), "retur", "frakt, order"),
        (Expected(language="en"), "en", "nb"),
    ],
)
def test_what_is_not_is_told_with_both_sides(expected: Expected, wanted: str, got: str):
    (difference,) = differences(expected, HAPPENED, SHOWN)
    assert (difference.wanted, difference.got) == (wanted, got)


def test_a_handoff_to_another_department_is_told():
    (difference,) = differences(Expected(hands_off="desk"), replace(HAPPENED, hands_off="faults"), SHOWN)
    assert (difference.wanted, difference.got) == ("desk", "faults")
