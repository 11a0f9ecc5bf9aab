"""When a call is ended from outside its conversation. Time is given."""

import numpy as np
import pytest

from telephony.twilio.watchdog import Limits, Trouble, Watchdog

LOUD = np.full(160, 2000, dtype=np.int16)
COMFORT_NOISE = np.tile(np.array([60, -60], dtype=np.int16), 80)


@pytest.fixture
def watchdog():
    return Watchdog(Limits(call_seconds=900, idle_seconds=30, quiet_seconds=180), call_began_at=0.0, now=10.0)


def test_a_call_in_which_something_happens_goes_on(watchdog):
    for second in range(10, 900):
        watchdog.heard(LOUD, float(second))
        watchdog.taken(second, float(second))
        assert watchdog.trouble(float(second)) is None
    assert watchdog.trouble(900.0) is Trouble.TOO_LONG


def test_the_cap_counts_from_the_calls_first_ring_not_from_this_stream():
    late = Watchdog(Limits(900, 30, 180), call_began_at=0.0, now=890.0)
    assert late.trouble(899.9) is None
    assert late.trouble(900.0) is Trouble.TOO_LONG


def test_no_media_from_twilio(watchdog):
    watchdog.heard(LOUD, 20.0)
    watchdog.taken(1, 45.0)
    assert watchdog.trouble(49.9) is None
    assert watchdog.trouble(50.0) is Trouble.NO_MEDIA


def test_a_conversation_that_takes_no_events(watchdog):
    watchdog.taken(3, 12.0)
    for second in range(10, 43):
        watchdog.heard(LOUD, float(second))
        watchdog.taken(3, float(second))
    assert watchdog.trouble(41.9) is None
    assert watchdog.trouble(42.0) is Trouble.NOT_LISTENING


def test_comfort_noise_is_nobody_speaking(watchdog):
    for second in range(10, 191):
        watchdog.heard(COMFORT_NOISE, float(second))
        watchdog.taken(second, float(second))
    assert watchdog.trouble(189.9) is None
    assert watchdog.trouble(190.0) is Trouble.NOBODY_SPEAKS


def test_the_bot_speaking_or_a_key_is_not_silence(watchdog):
    for second in range(10, 300):
        watchdog.heard(COMFORT_NOISE, float(second))
        watchdog.taken(second, float(second))
    watchdog.sensed(290.0)
    watchdog.sensed(100.0)
    assert watchdog.trouble(299.0) is None
