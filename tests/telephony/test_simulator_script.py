"""Scripts for the simulated caller: what they can say, and how their faults are told."""

import re
from pathlib import Path

import pytest

from telephony.simulator.chaos import chaos_call
from telephony.simulator.script import (
    Expectation,
    Keys,
    Loudspeaker,
    PutDown,
    Recording,
    ScriptInvalid,
    Sentence,
    Silence,
    Turn,
    Wait,
    script_of,
)
from telephony.simulator.script_reader import load_script, read_script

WHOLE = """\
name: delivery
language: en
from: "+4799999999"
noise: {file: hum.wav, snr_db: 15}
loudspeaker: {db: -12}
seed: 7
turns:
  - say: How long does delivery take?
    expect: {article: delivery, rule: answer, said: ["days?", "post"], within_ms: 3000}
  - wav: hum.wav
    after: 0.8
  - {press: "0", after: immediately}
  - wait: 1.5
  - {say: Hei, language: nb, pressing: "5#"}
  - silence: 8
    expect: {transfer: customer_service}
  - hang_up: true
    expect: {hung_up: true}
"""


def test_a_whole_script(tmp_path):
    (tmp_path / "hum.wav").write_bytes(b"")
    path = tmp_path / "call.yaml"
    path.write_text(WHOLE, encoding="utf-8")
    script = load_script(path)
    assert (script.name, script.language, script.caller, script.seed) == ("delivery", "en", "+4799999999", 7)
    assert script.noise is not None and (script.noise.path, script.noise.snr_db) == (tmp_path / "hum.wav", 15.0)
    assert script.loudspeaker == Loudspeaker(-12, 80)
    expect = Expectation("delivery", "answer", ("days?", "post"), within_ms=3000)
    assert script.turns == (
        Turn(Sentence("How long does delivery take?", "en"), "greeting", expect, 8),
        Turn(Recording(tmp_path / "hum.wav"), 0.8, line=10),
        Turn(Keys("0"), "immediately", line=12),
        Turn(Wait(1.5), line=13),
        Turn(Sentence("Hei", "nb"), line=14, pressing="5#"),
        Turn(Silence(8.0), expect=Expectation(transfer="customer_service"), line=15),
        Turn(PutDown(), expect=Expectation(hung_up=True), line=17),
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "x.yaml: a script must be a mapping"),
        ("turns: [", "x.yaml:1: is not YAML"),
        ("name: a", "x.yaml:1: turns must be a list"),
        ("turns: []", "x.yaml:1: turns must be a list"),
        ("turns:\n  - say: a\n    say: b", "x.yaml:3: say is given twice"),
        ("turns:\n  - say: a\n    press: '1'", "x.yaml:2: a turn does exactly one of"),
        ("turns:\n  - after: reply", "this one does nothing"),
        ("turns:\n  - sya: a", "x.yaml:2: a turn has no key 'sya'"),
        ("turns:\n  - press: 10", "x.yaml:2: press must be keys in quotes"),
        ("turns:\n  - say: a\n    after: later", "x.yaml:3: after must be"),
        ("turns:\n  - wav: none.wav", "x.yaml:2: there is no file"),
        ("turns:\n  - wait: long", "x.yaml:2: wait must be seconds"),
        ("turns:\n  - hang_up: false", "x.yaml:2: hang_up must be true"),
        ("turns:\n  - say: a\n    expect: {said: '('}", "not a regular expression"),
        ("turns:\n  - say: a\n    expect: {within_ms: soon}", "within_ms must be milliseconds"),
        ("from: 4799999999\nturns:\n  - say: a", "x.yaml:1: from must be a number in quotes"),
        ("noise: {snr_db: 3}\nturns:\n  - say: a", "noise needs a file"),
        ("loudspeaker: {db: 3}\nturns:\n  - say: a", "x.yaml:1: db must be decibels"),
        ("turns:\n  - wait: 1\n    pressing: '1'", "x.yaml:3: pressing goes with say or wav"),
        ("turns:\n  - say: a\n    pressing: 1", "x.yaml:3: pressing must be keys in quotes"),
        ("seed: x\nturns:\n  - say: a", "seed must be a whole number"),
    ],
)
def test_faults_are_told_with_their_line(text, fault, tmp_path):
    with pytest.raises(ScriptInvalid) as invalid:
        read_script(text, "x.yaml", tmp_path)
    assert any(fault in one for one in invalid.value.faults), invalid.value.faults


def test_all_faults_are_told_together(tmp_path):
    with pytest.raises(ScriptInvalid) as invalid:
        read_script("turns:\n  - press: 1\n  - wav: a.wav\n  - {}", "x.yaml", tmp_path)
    assert len(invalid.value.faults) == 3


def test_a_missing_script_is_told():
    with pytest.raises(ScriptInvalid, match="cannot be read"):
        load_script(Path("nowhere.yaml"))


def test_a_script_from_the_command_line():
    script = script_of("x", "nb", ["Hei", Path("a.wav")])
    assert [turn.act for turn in script.turns] == [Sentence("Hei", "nb"), Recording(Path("a.wav"))]
    assert [turn.after for turn in script.turns] == ["greeting", "reply"]


def test_chaos_is_the_same_for_the_same_seed_and_different_for_others():
    assert chaos_call(3, ["a", "b"], "en") == chaos_call(3, ["a", "b"], "en")
    assert len({repr(chaos_call(seed, ["a", "b"], "en")) for seed in range(20)}) == 20


def test_people_who_may_be_rung():
    text = """
turns: [{press: "0", after: immediately}, {say: "Hi.", after: together}]
people:
  - name: Ada
    number: "+4722000011"
    rings: 1.5
    turns: [{press: "1", after: 0.5}, {say: "Hello, Ada here.", after: together}]
  - {name: Bo, number: "sip:bo@example.com", result: busy}
"""
    script = read_script(text, "call.yaml", Path())
    ada, bo = script.people
    assert (ada.name, ada.number, ada.rings_seconds, ada.result) == ("Ada", "+4722000011", 1.5, "answered")
    assert [turn.after for turn in ada.turns] == [0.5, "together"]
    assert (bo.number, bo.result, bo.turns) == ("sip:bo@example.com", "busy", ())
    assert {sentence.text for sentence in script.sentences} == {"Hi.", "Hello, Ada here."}


@pytest.mark.parametrize(
    ("people", "fault"),
    [
        ('[{number: "+4722000011"}]', "has no name"),
        ("[{name: Ada, number: 22000011}]", "number must be in quotes"),
        ('[{name: Ada, number: "+4722000011", result: away}]', "result must be answered, busy, no-answer, failed"),
        ('[{name: A, number: "+4722000011"}, {name: B, number: "+4722000011"}]', "two people have the number"),
        ("Ada", "people must be a list"),
    ],
)
def test_faults_of_people(people, fault):
    with pytest.raises(ScriptInvalid, match=re.escape(fault)):
        read_script(f"turns: [{{press: '1'}}]\npeople: {people}\n", "call.yaml", Path())
