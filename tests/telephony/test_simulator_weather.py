"""What bad weather makes of the frames of a call: pure, so a whole call takes no time."""

import random

from hypothesis import given
from hypothesis import strategies as st

from telephony.simulator.options import Mischief
from telephony.simulator.weather import MIDDLE_FRAMES, Weather

SENTENCE = [*[0] * 10, *range(1, 101), *[0] * 10]


def carried(mischief: Mischief, sentences: int = 1, seed: int = 1) -> list[list[tuple[int, int]]]:
    """For each frame sent, what arrived with it: its number and its timestamp."""
    weather = Weather(mischief, random.Random(seed))
    return [
        [(int(one.payload), one.timestamp_ms) for one in weather.carry(b"%d" % number, number * 20, into)]
        for number, into in enumerate(SENTENCE * sentences)
    ]


def numbers(mischief: Mischief, seed: int = 1) -> list[int]:
    return [number for arrived in carried(mischief, seed=seed) for number, _ in arrived]


def test_in_good_weather_every_frame_arrives_at_once():
    assert carried(Mischief()) == [[(number, number * 20)] for number in range(len(SENTENCE))]


def test_a_stalled_line_brings_everything_in_bursts_and_in_order():
    arrived = carried(Mischief(stall_ms=500))
    assert [number for together in arrived for number, _ in together] == list(range(len(SENTENCE)))
    bursts = [len(together) for together in arrived if len(together) > 1]
    assert bursts == [26, 26], "held for 25 frames, and the next one brings them"


def test_a_hole_is_in_the_middle_of_a_sentence_and_the_timestamps_tell():
    first = SENTENCE.index(MIDDLE_FRAMES)
    lost = set(range(len(SENTENCE))) - set(numbers(Mischief(hole_ms=400)))
    assert lost == set(range(first, first + 20))
    assert all(
        timestamp == number * 20 for together in carried(Mischief(hole_ms=400)) for number, timestamp in together
    )


def test_a_share_of_the_frames_is_lost():
    assert 0 < len(SENTENCE) - len(numbers(Mischief(lost_share=0.1))) < 30


def test_the_clock_jumps_once_in_every_sentence_and_never_below_zero():
    arrived = carried(Mischief(timestamp_jumps_ms=(3000, -60_000)), sentences=2)
    offsets = [timestamp - number * 20 for together in arrived for number, timestamp in together]
    first, second = SENTENCE.index(MIDDLE_FRAMES), SENTENCE.index(MIDDLE_FRAMES) + len(SENTENCE)
    assert offsets[first - 1 : first + 1] == [0, 3000]
    assert offsets[second - 1] == 3000
    assert {timestamp for together in arrived[second:] for _, timestamp in together} == {0}


@given(st.integers(0, 2**32), st.floats(0, 1))
def test_messages_change_places_with_a_neighbour_at_most_and_none_is_lost(seed, share):
    weather = Weather(Mischief(swapped_share=share), random.Random(seed))
    sent = [message for number in range(50) for message in weather.order([str(number)])]
    assert sorted(map(int, sent)) == list(range(len(sent))) and len(sent) >= 49
    assert all(abs(int(message) - place) <= 1 for place, message in enumerate(sent))
