"""What strangers send to the parsers: refused in the parsers' own words, small when handed on, and nothing grows."""

import gc
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fuzz_media_stream import ACCOUNT, CALL, SEEDS, Laws, by_chance
from telephony.twilio.media_stream import MediaStream

ROUNDS = 3_000
"""`python -m benchmarks.fuzz_media_stream --seconds 600` is the long run."""


def test_the_good_messages_that_chance_begins_with_are_good() -> None:
    stream = MediaStream(ACCOUNT, CALL)
    kinds = [type(event).__name__ for seed in SEEDS[:6] for event in stream.receive(seed)]
    assert kinds == ["StreamStarted", "FrameReceived", "KeyPressed", "StreamStopped"]
    assert dict(stream.ignored) == {"unknown_mark": 1}


def test_messages_that_are_nearly_right_break_no_law_and_leave_nothing_behind() -> None:
    by_chance(ROUNDS, seed=1)
    gc.collect()
    tracemalloc.start()
    try:
        by_chance(ROUNDS, seed=2)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert held < 100_000


@given(st.lists(st.text() | st.binary() | st.recursive(st.none(), st.lists).map(repr), max_size=20))
def test_nothing_else_breaks_one_either(messages: list[str | bytes]) -> None:
    laws = Laws()
    for message in messages:
        laws.hold(message)
