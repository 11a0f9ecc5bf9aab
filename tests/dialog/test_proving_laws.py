"""From no sequence of events does a flow that requires identity come to its first step without a proof."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialog import Engine, State, load_bot
from dialog.events import (
    Act,
    ActionDone,
    ActionFailed,
    CallBegan,
    CallerPressed,
    CallerSaid,
    CallerSilent,
    Event,
    NotUnderstood,
    Reply,
    TransferFailed,
)
from dialog.identity import LEVELS, NOT_PROVEN, PROVE
from dialog.serial import from_json, to_json
from tests.dialog.conftest import TODAY, TUESDAY_MORNING, spoken
from tests.dialog.proving_bot import proving_bot

EXAMPLES = 150
"""About a second; `benchmarks.identity_laws` tells as many as wanted."""

INSIDE = {"Nå kan vi se på": "low", "Now we can look": "low", "tre bøker": "high", "three books": "high"}
"""Words that are said inside the flows only, and the level that each flow requires."""

SAID = (
    "jeg vil endre kontonummeret mitt|hvilke bøker har jeg lånt|jeg vil ha en omvisning i alt|ja|nei|ok|427193|"
    "fire to sju|en ni tre|ny kode|glem det|gjenta|hva koster frakten|i want to change my bank account|menneske|"
    "kan vi snakke engelsk|hvor er pakken min|jeg vil heller se lånene mine|show my loans|etterpå|nå|ferdig|vent litt"
)
STARTS = st.sampled_from(SAID.split("|")[:3])
OUTCOMES = st.sampled_from(["proven", "code_sent", "waiting", "wrong_code", *NOT_PROVEN, "", "nonsense"])
RESULTS = st.builds(
    lambda outcome, level: {"outcome": outcome, "level": level, "provider": "x", "binding": "12"},
    OUTCOMES,
    st.sampled_from([*LEVELS, "", "extreme"]),
)
STEPS = st.one_of(
    st.builds(CallerSaid, st.sampled_from(SAID.split("|"))),
    st.builds(CallerPressed, st.sampled_from("0123456789*#")),
    # An answer to the act under way, or, with a number beside it, to one that is not.
    st.tuples(st.sampled_from([0, 0, 0, 0, 1, -1]), RESULTS),
    st.tuples(st.just(0), st.sampled_from(["timeout", "error"])),
    st.sampled_from([CallerSilent(), NotUnderstood("no_speech"), TransferFailed("desk"), CallBegan(resumed=True)]),
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, embeddings: Path) -> Engine:
    folder = proving_bot(tmp_path_factory.mktemp("laws"), "ciba", "high")
    return Engine(load_bot(folder, TODAY), embeddings)


def _event(step: object, state: State) -> Event:
    if not isinstance(step, tuple):
        assert isinstance(step, CallerSaid | CallerPressed | CallerSilent | NotUnderstood | TransferFailed | CallBegan)
        return step
    beside, result = step
    ticket = state.tickets + beside
    return ActionFailed(ticket, result) if isinstance(result, str) else ActionDone(ticket, result)


STORIES: dict[str, st.SearchStrategy[Any]] = {
    "start": STARTS,
    "steps": st.lists(STEPS, max_size=12),
    "restarts": st.booleans(),
}


def holds(shop: Engine, start: str, steps: list[object], restarts: bool) -> None:
    """Tell a story to a bot, and see that nothing in it opens a door.

    Args:
        shop: the bot.
        start: what the caller wants.
        steps: what happens then.
        restarts: between two turns the state goes through its written form.
    """
    state, proven, asked = shop.new_state(), "", dict[int, str]()
    for step in [CallerSaid(start), *steps]:
        event = _event(step, state)
        if isinstance(event, ActionDone) and event.result.get("outcome") == "proven" and event.ticket in asked:
            level = event.result["level"]
            if level in LEVELS and LEVELS.index(level) >= LEVELS.index(asked[event.ticket]):
                proven = max(proven, level, key=lambda one: LEVELS.index(one) if one else -1)
        state, reply = shop.respond(state, event, TUESDAY_MORNING)
        _note_act(reply, asked)
        for words, level in INSIDE.items():
            if words in spoken(reply):
                assert proven, "no step is said to somebody unknown"
                assert LEVELS.index(proven) >= LEVELS.index(level)
        if state.proof is not None:
            assert LEVELS.index(state.proof.level) <= LEVELS.index(proven)
        if restarts:
            state = from_json(to_json(state), shop.bot)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(**STORIES)
def test_no_step_is_reached_without_a_proof_that_was_asked_for(
    shop: Engine, start: str, steps: list[object], restarts: bool
):
    holds(shop, start, steps, restarts)


def _note_act(reply: Reply, asked: dict[int, str]) -> None:
    action = reply.action
    if isinstance(action, Act) and action.name == PROVE:
        asked[action.ticket] = action.arguments["level"]
    elif isinstance(action, Act):
        # What the flows do is asked for inside them only.
        assert action.name != "change_account" or asked
