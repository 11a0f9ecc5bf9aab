"""What holds for every conversation with a bot that does things, whatever the caller says, presses, or waits for."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialog import Bot, Engine, State, load_bot
from dialog.bot import LANGUAGES
from dialog.events import (
    Act,
    ActionDone,
    ActionFailed,
    CallBegan,
    CallerPressed,
    CallerSaid,
    CallerSilent,
    Event,
    HandOff,
    Listen,
    Manner,
    NotUnderstood,
    Reply,
    TransferFailed,
)
from dialog.markup import unmarked
from dialog.serial import from_json, to_json
from dialog.wording import WORDING_KEYS, built_in
from tests.dialog.conftest import OSLO, TODAY

BOKHUSET = Path(__file__).parent / "bots" / "bokhuset"
NATIONAL_IDS = ("01010150074", "010101 50074", "null en null en null en fem null null sju fire")
PHRASES = (
    "hvor er pakken min|where is my parcel|jeg vil bestille time hos bokhandleren|i want to book a visit|402713|0155|"
    "jeg vil returnere en bok|hvor er pakken min ordrenummeret er 402713|fire null to|sju en tre|neste torsdag|"
    "på fredag|den andre|ja|nei|nei, åtte på slutten|nei, på lørdag|hva koster frakten?|selger dere gavekort|"
    "glem det|cancel|det vet jeg ikke|hopp over|hvor finner jeg det|hva kan du|gjenta|saktere|menneske|takk|hei|"
    "vent litt|skadet|feil bok|22 22 55 55|jeg vil snakke om krim|etterpå|nå|send meg lenken|og på søndager?|"
    "kan vi snakke engelsk|hva koster frakten, og når stenger butikken på lørdag|"
    "dette er helt håpløst|det brenner på kjøkkenet|"
    "jeg vil heller returnere en bok|hvem vant kampen i går|ha det bra|eh|{order}|{402713|id}|ja takk {x|"
)
TEXTS = st.one_of(st.sampled_from(PHRASES.split("|")), st.sampled_from(NATIONAL_IDS), st.text(max_size=40))
RESULTS = st.sampled_from(
    [{}, {"status": "sent", "arrives": "2026-11-26"}, {"status": "not_found"}, {"status": "packed"}, {"number": "7"}]
)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(
        CallerSaid,
        TEXTS,
        st.sampled_from([None, "nb", "en"]),
        st.sampled_from([1.0, 0.9, 0.5, 0.1]),
        st.builds(Manner, st.floats(0, 30), st.integers(0, 9)),
    ),
    st.builds(CallerPressed, st.sampled_from([*"0123456789*#", "", "12"])),
    st.builds(ActionDone, st.integers(1, 4), RESULTS),
    st.builds(ActionFailed, st.integers(1, 4), st.sampled_from(["timeout", "error", "unavailable"])),
    st.just(CallerSilent()),
    st.builds(NotUnderstood, st.sampled_from(["no_speech", "loop"])),
    st.builds(TransferFailed, st.sampled_from(["desk", "gone"])),
    st.builds(CallBegan, st.sampled_from([None, "en"]), st.booleans()),
)
STARTS = st.sampled_from(["hvor er pakken min", "jeg vil bestille time hos bokhandleren", "jeg vil returnere en bok"])
CALLS = st.builds(lambda start, events: [CallerSaid(start), *events], STARTS, st.lists(EVENTS, max_size=9))
TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda moment: moment.replace(tzinfo=OSLO))
SHORT = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def shop(embeddings: Path) -> Engine:
    return Engine(load_bot(BOKHUSET, TODAY), embeddings)


@SHORT
@given(CALLS, TIMES)
def test_no_call_crashes_and_every_reply_can_be_spoken_and_recorded(shop: Engine, events: list[Event], now: datetime):
    state = shop.new_state()
    for event in events:
        state, reply = shop.respond(state, event, now)
        assert all(prompt.text.strip() for prompt in reply.prompts)
        silent = reply.decision.rule in ("keys", "stale_act") or isinstance(reply.action, Act)
        assert reply.prompts or silent or state.finished
        details = dict(reply.decision.details)
        assert json.loads(json.dumps(details)) == details


@SHORT
@given(CALLS, TIMES)
def test_a_conversation_goes_on_the_same_from_what_was_written_down(shop: Engine, events: list[Event], now: datetime):
    state = shop.new_state()
    for event in events:
        again = from_json(to_json(state), shop.bot)
        assert again == state
        expected = shop.respond(state, event, now)
        assert shop.respond(again, event, now) == expected
        state = expected[0]


@SHORT
@given(CALLS, TIMES)
def test_nothing_is_said_that_nobody_wrote(shop: Engine, events: list[Event], now: datetime):
    state = shop.new_state()
    known = {word for event in events if isinstance(event, ActionDone) for word in _words(event.result.values())}
    for event in events:
        before = state
        state, reply = shop.respond(state, event, now)
        allowed = _written(shop.bot) | known | _words(_values(before, state, reply))
        if reply.decision.rule in ("person", "key_0") or "reachable" in reply.decision.details:
            allowed |= _words(re.findall(r"\{([^|]*)\|(?:time|date)\}", " ".join(p.text for p in reply.prompts)))
        for prompt in reply.prompts:
            assert _words([prompt.text]) <= allowed, prompt.text


@SHORT
@given(CALLS, TIMES)
def test_a_national_identity_number_is_nowhere_in_a_state(shop: Engine, events: list[Event], now: datetime):
    state = shop.new_state()
    for event in events:
        state, _ = shop.respond(state, event, now)
        written = to_json(state).replace(" ", "")
        assert not any(number.replace(" ", "") in written for number in NATIONAL_IDS)


@SHORT
@given(CALLS, TIMES)
def test_from_anywhere_in_a_flow_a_person_is_one_sentence_away(shop: Engine, events: list[Event], now: datetime):
    state = shop.new_state()
    for event in events:
        state, _ = shop.respond(state, event, now)
    if state.finished:
        return
    _, reply = shop.respond(state, CallerSaid("jeg vil snakke med et menneske"), now)
    assert isinstance(reply.action, HandOff | Listen | Act)
    assert isinstance(reply.action, HandOff) or reply.decision.details["reachable"] is False


@cache
def _sources() -> str:
    return " ".join(
        path.read_text(encoding="utf-8")
        for path in sorted(BOKHUSET.rglob("*"))
        if path.suffix != ".pyc" and path.is_file()
    )


def _written(bot: Bot) -> set[str]:
    """Every word of the bot's texts and of the built-in wording, in all languages."""
    wording = (text for language in LANGUAGES for key in WORDING_KEYS for text in built_in(language)[key])
    return _words([_sources(), *wording])


def _values(before: State, after: State, reply: Reply) -> Iterable[str]:
    """What the caller has said and the bot's functions have given, in the forms it is read back in."""
    for state in (before, after):
        for frame in state.frames:
            yield from (text for _, text in frame.results)
            for filled in frame.slots:
                yield from (filled.value, *filled.alternatives)
    slots = reply.decision.details.get("slots", {})
    assert isinstance(slots, Mapping)
    for value in slots.values():
        # A telephone number is said without its country when that is the bot's own.
        yield from (value, value.removeprefix("+47"))
    yield from (prompt.text for prompt in before.last)


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in re.findall(r"\w+", unmarked(text).lower())}
