"""Flows that require identity: told why and how, proven once a call, and nothing done without."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from dialog import Engine, load_bot
from dialog.brief import brief
from dialog.events import (
    Act,
    ActionDone,
    ActionFailed,
    CallBegan,
    CallerPressed,
    CallerSaid,
    CallerSilent,
    HandOff,
    Listen,
    NotUnderstood,
    Reply,
)
from dialog.identity import CODE, PROVE, Proof
from dialog.record import record_of
from dialog.serial import StateInvalid, from_json, to_json, without_proof
from dialog.state import Proving
from tests.dialog.conftest import TODAY, TUESDAY_MORNING, Talk, spoken
from tests.dialog.proving_bot import proving_bot

CHANGE = "Jeg vil endre kontonummeret mitt"
LOANS = "Hvilke bøker har jeg lånt?"
PROVEN = {"outcome": "proven", "provider": "sms", "level": "low"}


@pytest.fixture(scope="module")
def sms(tmp_path_factory: pytest.TempPathFactory, embeddings: Path) -> Engine:
    return Engine(load_bot(proving_bot(tmp_path_factory.mktemp("sms")), TODAY), embeddings)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, embeddings: Path) -> Engine:
    folder = proving_bot(tmp_path_factory.mktemp("app"), "{way: ciba, app: NordID}", "high")
    return Engine(load_bot(folder, TODAY), embeddings)


def began(engine: Engine, *said: str, language: str | None = None) -> Talk:
    talk = Talk(engine, engine.new_state())
    talk.event(CallBegan(language))
    for text in said:
        talk.say(text)
    return talk


def came(talk: Talk, result: Mapping[str, str] | str) -> Reply:
    """The answer to what the last reply asked for: fields, or the reason of a failure."""
    action = talk.replies[-1].action
    assert isinstance(action, Act)
    assert action.name == PROVE
    if isinstance(result, str):
        return talk.event(ActionFailed(action.ticket, result))
    return talk.event(ActionDone(action.ticket, dict(result)))


def code_asked(engine: Engine) -> Talk:
    talk = began(engine, CHANGE, "ja")
    came(talk, {"outcome": "code_sent"})
    return talk


def test_before_its_first_step_a_flow_says_why_and_how_and_asks(sms: Engine):
    talk = began(sms, CHANGE)
    assert "vite at det er deg" in spoken(talk.replies[-1])
    assert "SMS" in spoken(talk.replies[-1])
    assert "Nå kan vi" not in spoken(talk.replies[-1])
    assert talk.replies[-1].action == Listen("yes_no", 7.0)


@pytest.mark.parametrize("given", ["427193", "fire to sju en ni tre", "keys", "in parts"])
def test_a_code_said_or_keyed_in_is_looked_at_and_the_flow_begins(sms: Engine, given: str):
    talk = code_asked(sms)
    assert talk.replies[-1].action == Listen("digits", 10.0, (), 6)
    if given == "keys":
        for key in "427193":
            talk.event(CallerPressed(key))
    elif given == "in parts":
        talk.say("fire to sju")
        talk.say("en ni tre")
    else:
        talk.say(given)
    action = talk.replies[-1].action
    assert isinstance(action, Act)
    assert (action.name, action.arguments["code"]) == (PROVE, "427193")
    reply = came(talk, PROVEN)
    assert "Nå kan vi se på kontoen" in spoken(reply)
    assert talk.state.proof == Proof("sms", "low")
    assert talk.state.frames[-1].filled(CODE) is None


@pytest.mark.parametrize("given", ["427193", "fire to sju en ni tre", "four two seven one nine three"])
def test_a_code_is_in_no_state_and_no_record(sms: Engine, given: str):
    talk = code_asked(sms)
    event, before = CallerSaid(given), talk.state
    reply = talk.event(event)
    record = record_of(sms.bot, before, event, talk.state, reply, TUESDAY_MORNING)
    kept = json.dumps(record) + to_json(talk.state)
    assert "427193" not in kept
    assert given not in kept
    pressed, before = CallerPressed("4"), code_asked(sms).state
    after, reply = sms.respond(before, pressed, TUESDAY_MORNING)
    assert record_of(sms.bot, before, pressed, after, reply, TUESDAY_MORNING)["pressed"] != "4"


def test_identity_is_proven_once_in_a_call(sms: Engine):
    talk = began(sms, CHANGE, "ja")
    came(talk, PROVEN)
    talk.say("glem det")
    assert "tre bøker" in spoken(talk.say(LOANS))


def test_a_weaker_proof_is_not_enough(app: Engine):
    talk = began(app, CHANGE, "ja")
    came(talk, {**PROVEN, "level": "substantial"})
    assert talk.state.frames[-1].flow == "account"
    talk.say("glem det")
    assert "NordID" in spoken(talk.say(LOANS))
    talk.say("ja")
    reply = came(talk, {**PROVEN, "level": "substantial"})
    assert "tre bøker" not in spoken(reply)
    assert talk.state.proof == Proof("sms", "substantial"), "what was proven before still holds"


def test_a_flow_that_is_called_asks_when_it_is_reached(sms: Engine):
    reply = began(sms, "Jeg vil ha en omvisning i alt").replies[-1]
    assert "Vi begynner." in spoken(reply)
    assert "vite at det er deg" in spoken(reply)
    assert "Nå kan vi" not in spoken(reply)


def test_an_app_is_waited_for_with_the_words_to_compare(app: Engine):
    talk = began(app, CHANGE)
    assert "NordID" in spoken(talk.replies[-1])
    talk.say("ja")
    reply = came(talk, {"outcome": "waiting", "binding": "4271"})
    assert "{4271|digits}" in spoken(reply)
    assert isinstance(reply.action, Act)
    assert reply.action.arguments["step"] == "wait"
    assert "Nå kan vi" in spoken(came(talk, {**PROVEN, "provider": "id.example.com", "level": "high"}))


@pytest.mark.parametrize("said", ["ok", "jeg holder på", "hva koster frakten?", "gjenta", "hvem vant kampen i går"])
def test_whatever_is_said_meanwhile_the_app_is_still_waited_for(app: Engine, said: str):
    talk = began(app, CHANGE, "ja")
    waits = came(talk, {"outcome": "waiting", "binding": "4271"}).action
    assert isinstance(waits, Act)
    action = talk.say(said).action
    if isinstance(action, Listen):  # did you mean ...?
        action = talk.say("nei").action
    assert isinstance(action, Act)
    assert (action.name, action.ticket) == (PROVE, waits.ticket)
    assert "Nå kan vi" in spoken(came(talk, {**PROVEN, "level": "high"}))


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("refused", "ikke bekreftet"), ("expired", "lang tid"), ("unavailable", "akkurat nå"), ("no_number", "kode")],
)
def test_who_has_not_proven_it_hears_so_and_is_handed_over(sms: Engine, outcome: str, words: str):
    talk = began(sms, CHANGE, "ja")
    reply = came(talk, {"outcome": outcome})
    assert words in spoken(reply)
    assert isinstance(reply.action, HandOff)
    assert reply.action.reason == "identity"
    assert reply.decision.rule == f"identity_{outcome}"
    assert talk.state.proof is None
    assert "bekreftet hvem det er" in brief(sms.bot, talk.state, "identity").paragraph


def test_a_failure_of_the_program_proves_nothing(sms: Engine):
    talk = began(sms, CHANGE, "ja")
    assert isinstance(came(talk, "timeout").action, HandOff)


def test_a_flow_that_ends_on_failure_goes_on_without_a_person(sms: Engine):
    talk = began(sms, LOANS, "ja")
    reply = came(talk, {"outcome": "expired"})
    assert isinstance(reply.action, Listen)
    assert "tre bøker" not in spoken(reply)
    assert not talk.state.frames


@pytest.mark.parametrize("when", ["offered", "code", "waiting"])
def test_who_says_no_is_offered_a_person_and_not_sent_there(sms: Engine, app: Engine, when: str):
    if when == "code":
        talk = code_asked(sms)
        assert isinstance(talk.say("avbryt").action, Listen)
        assert not talk.state.frames
        return
    talk = began(app if when == "waiting" else sms, CHANGE)
    if when == "waiting":
        talk.say("ja")
        came(talk, {"outcome": "waiting", "binding": ""})
    reply = talk.say("nei")
    assert reply.decision.rule == "identity_declined"
    assert isinstance(reply.action, Listen)
    assert isinstance(talk.say("ja takk").action, HandOff)


def test_wrong_codes_are_counted_outside_and_the_last_one_hands_over(sms: Engine):
    talk = code_asked(sms)
    for _ in range(2):
        talk.say("111111")
        reply = came(talk, {"outcome": "wrong_code"})
        assert "stemte ikke" in spoken(reply)
        assert isinstance(reply.action, Listen)
    talk.say("111111")
    assert isinstance(came(talk, {"outcome": "refused"}).action, HandOff)


def test_words_that_are_no_code_use_up_patience_too(sms: Engine):
    talk = code_asked(sms)
    said = [spoken(talk.event(NotUnderstood("no_speech"))) for _ in range(3)]
    assert "taste" in said[0]
    assert "ny kode" in said[1]
    assert isinstance(talk.replies[-1].action, HandOff)


@pytest.mark.parametrize(
    "said", ["jeg har ikke fått noe", "ny kode", "kan du sende den på nytt", "I have not received any code"]
)
def test_a_code_that_has_not_come_is_sent_again(sms: Engine, said: str):
    talk = code_asked(sms)
    action = talk.say(said).action
    assert isinstance(action, Act)
    assert (action.name, action.arguments["step"]) == (PROVE, "again")


def test_silence_a_person_another_language_and_a_question_work_on_the_way(sms: Engine):
    talk = code_asked(sms)
    assert "seks siffer" in spoken(talk.event(CallerSilent())) or "seks sifre" in spoken(talk.replies[-1])
    assert "six digits" in spoken(talk.say("kan vi snakke engelsk"))
    asked = talk.say("how much is shipping?")
    assert any(prompt.article == "delivery-price" for prompt in asked.prompts)
    assert "six digits" in spoken(asked)
    assert isinstance(talk.say("I want to talk to a person").action, HandOff)


def test_a_late_answer_to_what_was_left_proves_nothing(sms: Engine):
    talk = began(sms, CHANGE, "ja")
    action = talk.replies[-1].action
    assert isinstance(action, Act)
    talk.say("glem det")
    talk.event(ActionDone(action.ticket, dict(PROVEN)))
    assert talk.state.proof is None


def test_a_result_of_another_step_proves_nothing(sms: Engine):
    talk = code_asked(sms)
    before = talk.state
    for ticket in range(1, 4):
        talk.event(ActionDone(ticket, dict(PROVEN)))
    assert talk.state.proof is None
    assert talk.state.frames == before.frames


def test_a_proof_is_written_down_with_the_state_and_taken_away_when_it_is_not_known_whose(sms: Engine):
    talk = began(sms, CHANGE, "ja")
    came(talk, PROVEN)
    assert from_json(to_json(talk.state), sms.bot) == talk.state
    bare = without_proof(talk.state, sms.bot)
    assert (bare.proof, bare.frames, bare.last) == (None, (), ())
    assert "vite at det er deg" in spoken(sms.respond(bare, CallerSaid(CHANGE), TUESDAY_MORNING)[1])


def test_a_state_in_the_middle_of_such_a_flow_without_a_proof_is_refused(sms: Engine):
    talk = began(sms, CHANGE, "ja")
    came(talk, PROVEN)
    with pytest.raises(StateInvalid):
        from_json(to_json(replace(talk.state, proof=None)), sms.bot)
    frame = replace(talk.state.frames[-1], question=Proving(9, "wait"))
    with pytest.raises(StateInvalid):
        from_json(to_json(replace(talk.state, frames=(frame,))), sms.bot)


def test_the_person_who_takes_over_reads_that_identity_is_proven(sms: Engine):
    talk = began(sms, CHANGE, "ja")
    came(talk, PROVEN)
    told = brief(sms.bot, talk.state)
    assert "Identiteten er bekreftet" in told.paragraph
    assert told.facts["identity"] == {"provider": "sms", "level": "low"}
