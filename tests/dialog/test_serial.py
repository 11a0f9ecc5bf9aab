"""A conversation is written down and goes on as if nothing had happened; anything else is refused."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dialog import Bot, Engine, load_bot
from dialog.language import LanguageSense
from dialog.serial import StateInvalid, from_json, to_json
from dialog.state import (
    Acting,
    Filled,
    Frame,
    InFlow,
    SlotAsked,
    SlotDoubtful,
    State,
    StepConfirm,
    Topic,
    Turn,
    WhichTopic,
)
from tests.dialog.conftest import TODAY

BOKHUSET = Path(__file__).parent / "bots" / "bokhuset"
ASKED = Frame("order_status", (0,), question=SlotAsked("order", 1, "40", "27"))
DOUBTFUL = Frame("book_visit", (0,), (Filled("day", "", ("2026-11-26", "2026-12-03")),), question=SlotDoubtful("day"))
CALLED = Frame(
    "order_status",
    (3, "not_found", 1),
    (Filled("order", "402719", words="402719", sure=False, confirmed=True),),
    (("found.status", "not_found"),),
    StepConfirm(2),
    called=True,
)
WAITING = Frame("order_status", (2,), (Filled("order", "402713"), Filled("post_code")), question=Acting(4))


@pytest.fixture(scope="module")
def bot() -> Bot:
    return load_bot(BOKHUSET, TODAY)


@pytest.fixture
def state(bot: Bot) -> State:
    return State(bot.languages, LanguageSense("nb"), content=bot.content_version, turns=(Turn("hei", "Hei!", "hello"),))


@pytest.mark.parametrize(
    "frames", [(ASKED,), (DOUBTFUL,), (Frame("return_books", (1,)), CALLED), (DOUBTFUL, WAITING)], ids=len
)
def test_what_was_written_is_what_is_read(bot: Bot, state: State, frames: tuple[Frame, ...]):
    full = replace(state, frames=frames, question=InFlow(), later=(Topic(flow="book_visit"), Topic("gift-card")))
    assert from_json(to_json(full), bot) == full


def test_when_the_content_has_changed_a_flow_is_not_gone_on_with(bot: Bot, state: State):
    text = to_json(replace(state, frames=(ASKED,), question=InFlow(), misses=2))
    changed = replace(bot, content_version="another")
    assert from_json(text, changed) == replace(state, misses=2, content="another")


def _damaged(text: str) -> Iterator[str]:
    raw = json.loads(text)
    yield from ("", "{", "[]", "null", "7", '"state"', text[:-3], "[" * 5000)
    yield json.dumps({**raw, "version": 2})
    yield json.dumps({"version": 1})

    def broken(**changes: Any) -> str:
        return json.dumps({**raw, "state": {**raw["state"], **changes}})

    yield broken(turn="three")
    yield broken(finished=1)
    yield broken(extra=1)
    yield broken(topic="no-such-article")
    yield broken(languages=["de"])
    yield broken(question={"is": "Engine"})
    yield broken(question={"is": "WhichTopic", "topics": [{"is": "Topic", "article": "gone", "flow": ""}]})
    yield broken(frames=[], question={"is": "InFlow"})
    frame = raw["state"]["frames"][0]
    changes: tuple[dict[str, Any], ...] = (
        {"flow": "gone"},
        {"at": [9, "x", 0]},
        {"at": []},
        {"at": ["x"]},
        {"at": [2]},
        {"question": None},
    )
    for change in changes:
        yield broken(frames=[{**frame, **change}])


def test_what_is_no_state_of_this_bot_is_refused_whole(bot: Bot, state: State):
    for text in _damaged(to_json(replace(state, frames=(ASKED,), question=InFlow()))):
        with pytest.raises(StateInvalid):
            from_json(text, bot)


def test_a_refusal_repeats_nothing_that_was_said(bot: Bot, state: State):
    text = to_json(replace(state, question=WhichTopic((Topic("gone"),)), turns=(Turn("hemmelig", "", "hello"),)))
    with pytest.raises(StateInvalid) as refused:
        from_json(text, bot)
    assert "hemmelig" not in str(refused.value)


def test_a_new_state_is_the_bots_own(bot: Bot, embeddings: Path):
    fresh = Engine(bot, embeddings).new_state()
    assert from_json(to_json(fresh), bot) == fresh
