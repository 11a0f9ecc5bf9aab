"""The playout queue: when each piece is due, and what a clear drops. Time is given."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.call import Pcm16
from telephony.playout import DueFrame, DueMark, Playout

RATE_HZ = 8000


def pcm(seconds: float) -> Pcm16:
    return np.ones(round(seconds * RATE_HZ), dtype=np.int16)


def taken(playout: Playout, now: float) -> list[Any]:
    pieces = []
    while (piece := playout.take(now)) is not None:
        pieces.append(piece)
    return pieces


def test_at_most_200_ms_run_ahead_of_the_ear():
    playout = Playout(RATE_HZ)
    playout.put(pcm(1.0), "end")
    assert len(taken(playout, 100.0)) == 10
    assert playout.wait_seconds(100.0) == pytest.approx(0.02)
    assert taken(playout, 100.019) == []
    assert len(taken(playout, 100.02)) == 1
    assert len(taken(playout, 100.12)) == 5


def test_the_schedule_is_absolute_and_does_not_drift():
    playout = Playout(RATE_HZ)
    playout.put(pcm(20.0), "end")
    sent = len(taken(playout, 0.0))
    for tick in range(1, 500):
        sent += len(taken(playout, tick * 0.0205))
    assert sent == 10 + int(499 * 0.0205 / 0.02 + 1e-6)


def test_after_a_pause_playing_starts_afresh():
    playout = Playout(RATE_HZ)
    playout.put(pcm(0.1), "one")
    taken(playout, 0.0)
    playout.put(pcm(1.0), "two")
    assert len(taken(playout, 50.0)) == 10


def test_a_mark_follows_its_audio_at_once_and_knows_when_it_is_heard():
    playout = Playout(RATE_HZ)
    playout.put(pcm(0.05), "end")
    *frames, mark = taken(playout, 7.0)
    assert [len(frame.pcm) for frame in frames] == [160, 160, 160]
    assert frames[2].pcm.tolist() == [1] * 80 + [0] * 80
    assert isinstance(mark, DueMark) and mark.name == "end" and mark.heard_at == pytest.approx(7.06)
    assert playout.is_empty and playout.wait_seconds(7.0) == float("inf")


def test_a_mark_without_audio_is_due_at_once():
    playout = Playout(RATE_HZ)
    playout.put(pcm(0), "now")
    assert taken(playout, 3.0) == [DueMark("now", 3.0)]


def test_clear_drops_the_rest_and_what_follows_starts_at_once():
    playout = Playout(RATE_HZ)
    playout.put(pcm(1.0), "one")
    playout.put(pcm(1.0), "two")
    taken(playout, 0.0)
    before = playout.generation
    assert playout.clear(0.05) == ["one", "two"]
    assert playout.generation == before + 1 and playout.queued_seconds == 0
    playout.put(pcm(1.0), "three")
    assert len(taken(playout, 0.05)) == 10


def test_more_than_30_seconds_leave_no_room():
    playout = Playout(RATE_HZ)
    playout.put(pcm(30.0), "a")
    assert playout.has_room
    playout.put(pcm(0.02), "b")
    assert not playout.has_room
    taken(playout, 0.0)
    assert playout.has_room


@given(st.lists(st.integers(0, 2000), max_size=8), st.lists(st.floats(0, 0.5), max_size=30))
def test_everything_leaves_once_in_order_whenever_one_looks(sizes, steps):
    playout = Playout(RATE_HZ)
    for index, size in enumerate(sizes):
        playout.put(np.full(size, index + 1, dtype=np.int16), f"m{index}")
    now, pieces = 0.0, []
    for step in [*steps, 100.0, 100.0]:
        now += step
        pieces += taken(playout, now)
        while not playout.is_empty and step == 100.0:
            now += playout.wait_seconds(now)
            pieces += taken(playout, now)
    assert [piece.name for piece in pieces if isinstance(piece, DueMark)] == [f"m{i}" for i in range(len(sizes))]
    played = np.concatenate([piece.pcm for piece in pieces if isinstance(piece, DueFrame)] or [pcm(0)])
    assert [int((played == index + 1).sum()) for index in range(len(sizes))] == sizes
