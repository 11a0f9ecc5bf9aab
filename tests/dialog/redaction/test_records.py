"""Decision records as they may be kept: whole conversations of the example company with numbers planted in them."""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.redaction_values import DIGITS, grouped, pairs, solid
from dialog import Bot, Engine, load_bot
from dialog.events import (
    Act,
    ActionFailed,
    AgentNote,
    AgentTyped,
    CallBegan,
    CallerPressed,
    CallerSaid,
    CallerSilent,
    CallerTypedToAgent,
    Event,
    HandOff,
    HangUp,
)
from dialog.explaining import explain
from dialog.language import LanguageSense
from dialog.record import Record, decision_of, record_of
from dialog.redaction import Known
from dialog.redaction.records import facts_of, known_of, redact_conversation, redact_record
from dialog.script import Presses, Says, Script
from dialog.scripts import read_scripts
from dialog.state import Filled, Frame, InFlow, SlotAsked, State
from tests.dialog.conftest import TODAY, TUESDAY_MORNING

NORDLYS = Path(__file__).parents[3] / "bots" / "nordlys"
EVERY = 6
"""One script of so many is run."""

CARRIERS = ("nummeret mitt er {}", "det er {}", "{}", "kontoen er {}", "jeg kan nås på {} om det er noe")
ANNE, NUMBER, MAIL = "Anneliv Xylander", "92243711", "anneliv@xylander.no"


@pytest.fixture(scope="module")
def bot() -> Bot:
    return load_bot(NORDLYS, TODAY)


@pytest.fixture(scope="module")
def engine(bot: Bot, request: pytest.FixtureRequest) -> Engine:
    return Engine(bot, request.config.cache.mkdir("embeddings"))


def strings(value: Any) -> Iterator[str]:
    """Every text of a record."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)


def kept_of(bot: Bot, engine: Engine, events: list[Event]) -> list[Record]:
    """The records of a conversation, each redacted when its turn was taken and all of them at the end."""
    state, kept = engine.new_state(), []
    waiting = [CallBegan(), *events]
    while waiting and not state.finished:
        event = waiting.pop(0)
        before = state
        state, reply = engine.respond(before, event, TUESDAY_MORNING)
        record = record_of(bot, before, event, state, reply, TUESDAY_MORNING)
        kept.append(redact_record(record, known_of(state, bot)))
        match reply.action:
            case Act(ticket=ticket):
                waiting.insert(0, ActionFailed(ticket, "unavailable"))
            case HandOff() | HangUp():
                break
    return redact_conversation(kept, known_of(state, bot))


def planted(script: Script, chance: random.Random) -> tuple[list[Event], list[str]]:
    """The caller's part of a script with numbers said in passing, and these numbers."""
    events: list[Event] = []
    values: list[str] = []
    for turn in script.turns:
        match turn.does:
            case Says(text=text):
                kind = chance.choice(("national_id", "account", "card", "phone"))
                values.append(DIGITS[kind]("nb", chance))
                said = chance.choice((solid, pairs, grouped))(values[-1], "nb", chance)
                carrier = chance.choice(CARRIERS).format(said)
                events.append(CallerSaid(f"{text}. {carrier}", script.language or "nb", 0.9))
            case Presses(keys=keys):
                events += [CallerPressed(key) for key in keys]
            case None:
                pass
            case _:
                events.append(CallerSilent())
    return events, values


def test_no_number_that_is_said_in_passing_is_kept_of_any_conversation(bot: Bot, engine: Engine):
    scripts = read_scripts(NORDLYS, bot, [])[::EVERY]
    assert len(scripts) > 10
    chance = random.Random(3)
    for script in scripts:
        events, values = planted(script, chance)
        for text in strings(kept_of(bot, engine, events)):
            digits = re.sub(r"\D", "", text)
            assert not any(value in digits for value in values), (script.name, text)


@pytest.mark.parametrize("by_voice", [True, False])
def test_a_value_given_in_parts_is_kept_in_no_turn_and_read_back_by_none(bot: Bot, engine: Engine, by_voice: bool):
    said = ["Jeg vil bestille time med en rådgiver", "i morgen", "klokka ti", "ja", ANNE, "ni to to fire", "tre sju"]
    events: list[Event] = [CallerSaid(text, "nb", 0.9) for text in said]
    events += [CallerSaid("elleve", "nb", 0.9)] if by_voice else [CallerPressed(key) for key in "92243711#"]
    events += [CallerSaid("ja", "nb", 0.9), CallerSaid("tusen takk, hilsen Anneliv", "nb", 0.9)]
    kept = json.dumps(kept_of(bot, engine, events), ensure_ascii=False)
    assert "[navn]" in kept
    for hidden in ("Anneliv", "Xylander", "9224", "3711", "92 24", "ni to to fire", "tre sju", "elleve", '"9"'):
        assert hidden not in kept, hidden


def test_what_becomes_known_later_is_cut_out_of_what_was_said_before():
    first = record("Xylander er navnet på ringeklokka, og anneliv på døra")
    (kept,) = redact_conversation([redact_record(first)], Known(names=(ANNE,)))
    assert kept["heard"]["words"] == "[navn] er navnet på ringeklokka, og [navn] på døra"


def test_every_field_with_words_is_redacted_and_what_decided_stays():
    given = record("ring meg på 92 24 37 11", slots=[("name", ANNE), ("phone", f"+47{NUMBER}"), ("order", "40271311")])
    given["then"] = {"action": "act", "name": "book_meeting", "arguments": {"name": ANNE, "phone": NUMBER}, "ticket": 2}
    given["result"] = {"found.name": ANNE, "found.status": "sent", "mail": MAIL}
    given["details"] = {"near": ["moving"], "heard": [f"ring {NUMBER}", ANNE]}
    given["heard_of_it"] = {"sentences": [f"Vi ringer {ANNE}."], "interrupted": False}
    kept = redact_record(given, Known(plain=("40271311",)))
    text = json.dumps(kept, ensure_ascii=False)
    for hidden in (*ANNE.split(), NUMBER, MAIL, "92 24 37 11"):
        assert hidden not in text, hidden
    assert kept["then"]["name"] == "book_meeting"
    assert kept["details"]["near"] == ["moving"]
    assert kept["result"]["found.status"] == "sent"
    assert [slot["value"] for slot in kept["slots"]] == ["[navn]", "[telefonnummer]", "40271311"]
    assert decision_of(kept).rule == "answer"
    assert redact_record(kept, Known(plain=("40271311",))) == kept


def test_facts_have_no_word_of_anybody_and_can_still_be_explained():
    given = record("ring meg på 92 24 37 11", slots=[("name", ANNE)])
    facts = facts_of(given)
    assert not {"ring", "Hei", *ANNE.split()} & set(re.findall(r"\w+", json.dumps(facts, ensure_ascii=False)))
    assert (facts["rule"], facts["candidates"], facts["slots"][0]["state"]) == ("answer", given["candidates"], "heard")
    assert explain([facts], "nb")


def test_what_is_known_of_a_state_has_parts_of_values_and_leaves_out_what_is_nobodys(bot: Bot):
    filled = (Filled("day", "2026-11-25"), Filled("name", ANNE))
    frame = Frame("book_adviser", slots=filled, question=SlotAsked("phone", partial="9224", keys="37"))
    order = Frame("order_status", slots=(Filled("order", "402713"),))
    state = State(("nb",), LanguageSense("nb"), question=InFlow(), frames=(frame,), past=(order,))
    known = known_of(state, bot, names=("Ola Ås",))
    assert known == Known(("Ola Ås", ANNE), (("phone", "9224"), ("phone", "37")), ("402713",), collecting="922437")
    assert known_of(replace(state, frames=(), past=())).values == ()


def record(words: str, slots: list[tuple[str, str]] | None = None) -> Record:
    """A decision record of a caller's words."""
    return {
        "record": 1, "call": "c1", "turn": 2, "at": "2026-11-24T10:00:00.000+01:00", "bot": "b", "content_version": "v",
        "event": "said", "heard": {"words": words, "language": "nb", "confidence": 0.9, "loud_db": 0.0, "barge_ins": 0},
        "language": "nb", "language_before": "nb", "rule": "answer", "score": 0.9, "article": None, "thresholds": None,
        "candidates": [{"article": "moving", "score": 0.3}], "margin": 0.6, "flows": ["book"],
        "slots": [{"slot": one, "value": value, "words": value, "state": "heard"} for one, value in slots or ()],
        "mood": None, "said": [{"text": f"Hei {ANNE}." if slots else "Hei.", "language": "nb", "article": None}],
        "then": {"action": "listen", "expects": "open", "choices": []}, "details": {}, "heard_of_it": None,
    }  # fmt: skip


def test_a_callers_own_number_and_what_people_write_are_cut_out(bot: Bot, engine: Engine) -> None:
    state, records = engine.new_state(), []
    for event in (
        CallBegan("nb", number="+47" + NUMBER),
        AgentNote(f"Vi ringer deg på {NUMBER}", "ada"),
        AgentTyped(f"Skriv til {MAIL}", "ada"),
        CallerTypedToAgent("Nummeret er 922 43 711"),
        CallerSaid("Ring meg så fort som mulig"),
        CallerSaid("ja"),
        CallerSaid(f"Si til dem at e-posten er {MAIL}"),
        CallerSaid("ja"),
    ):
        before = state
        state, reply = engine.respond(before, event, TUESDAY_MORNING)
        records.append(record_of(bot, before, event, state, reply, TUESDAY_MORNING))
    assert isinstance(reply.action, Act) and reply.action.arguments["number"] == f"+47{NUMBER}"
    kept = json.dumps(redact_conversation(records, known_of(state, bot)), ensure_ascii=False)
    assert NUMBER not in re.sub(r"\D", "", kept.replace("2026", "")) and MAIL not in kept
    facts = json.dumps([facts_of(record) for record in records], ensure_ascii=False)
    assert NUMBER not in facts and MAIL not in facts and "Ring meg" not in facts
