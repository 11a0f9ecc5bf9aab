"""What holds for every conversation, whatever the caller says or presses."""

import json
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialog import Engine
from dialog.events import (
    CallBegan,
    CallerPressed,
    CallerSaid,
    CallerSilent,
    Event,
    HandOff,
    HangUp,
    Listen,
    NotUnderstood,
    TransferFailed,
)
from dialog.phrases import built_in_phrases
from dialog.text import words
from tests.dialog.conftest import OSLO, spoken

PHRASES = (
    "ja nei takk hei menneske gjenta saktere hva koster frakten, when will my lamp arrive, delivery question, goodbye, "
    "the first one, begge, kan vi snakke engelsk, українською будь ласка, скільки триває доставка, is it on fire, "
    "ingen av dem, hvem vant kampen i går, play some jazz, ha det, eg lurer på kva det kostar, мы хотели бы вернуть"
)
TEXTS = st.one_of(st.sampled_from(PHRASES.replace(" takk hei", ", takk, hei").split(", ")), st.text(max_size=60))
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(CallBegan, st.sampled_from([None, "en", "nb", "nn", "uk", "de"]), st.booleans()),
    st.builds(CallerSaid, TEXTS, st.sampled_from([None, "nb", "en", "uk", "sv", "xx"]), st.floats(0, 1)),
    st.builds(CallerPressed, st.sampled_from([*"0123456789*#", "", "12"])),
    st.just(CallerSilent()),
    st.builds(NotUnderstood, st.sampled_from(["no_speech", "loop"])),
    st.builds(TransferFailed, st.sampled_from(["desk", "faults", "gone"])),
)
TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda moment: moment.replace(tzinfo=OSLO))
SHORT = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SHORT
@given(st.lists(EVENTS, max_size=8), TIMES)
def test_from_anywhere_a_person_is_one_key_away(engine: Engine, events: list[Event], now: datetime):
    state = engine.new_state()
    for event in events:
        state, reply = engine.respond(state, event, now)
        assert reply.prompts or state.finished
        assert all(prompt.text.strip() for prompt in reply.prompts)
        assert json.loads(json.dumps(dict(reply.decision.details))) == dict(reply.decision.details)
    _, reply = engine.respond(state, CallerPressed("0"), now)
    if state.finished:
        assert reply.action == HangUp("goodbye")
    elif isinstance(reply.action, Listen):
        assert "|time}" in spoken(reply)
    else:
        assert isinstance(reply.action, HandOff)
        assert reply.action.number


@SHORT
@given(st.lists(EVENTS, min_size=1, max_size=8), TIMES)
def test_the_same_conversation_goes_the_same_way(engine: Engine, events: list[Event], now: datetime):
    first = second = engine.new_state()
    for event in events:
        first, reply = engine.respond(first, event, now)
        second, again = engine.respond(second, event, now)
        assert (first, reply) == (second, again)


@SHORT
@given(st.lists(EVENTS, max_size=6), TIMES)
def test_what_is_finished_stays_finished(engine: Engine, events: list[Event], now: datetime):
    state, _ = engine.respond(engine.new_state(), CallerSaid("ha det bra"), now)
    assert state.finished
    for event in events:
        after, reply = engine.respond(state, event, now)
        assert after is state
        assert (reply.prompts, reply.action) == ((), HangUp("goodbye"))


@SHORT
@given(TIMES, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_time_alone_changes_nothing_but_opening_hours(engine: Engine, now: datetime, later: timedelta):
    state = engine.new_state()
    event = CallerSaid("hva koster frakten")
    assert engine.respond(state, event, now) == engine.respond(state, event, now + later)


@given(st.text(max_size=3000))
@settings(max_examples=200, deadline=None)
def test_any_text_is_taken_apart_without_loss(text: str):
    heard = built_in_phrases().hear(text)
    assert heard.words == words(text)
    joined = " ".join(heard.words)
    assert " ".join(heard.content) in joined
    assert len(heard.content) <= len(heard.words)
    for name in built_in_phrases().patterns:
        built_in_phrases().matches(name, heard)
