import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech.audio import Pcm16
from speech.ear import Ear
from speech.endpointing import (
    EXPECTATIONS,
    EarEvent,
    EndpointSettings,
    SpeechPaused,
    SpeechResumed,
    SpeechStarted,
    UtteranceComplete,
)
from tests.speech.ear_fakes import LevelVad, quiet, sound

WINDOW = 0.032


def hear(audio: Pcm16, frame: int = 160, ear: Ear | None = None) -> list[EarEvent]:
    ear = ear or Ear(LevelVad(), 8_000)
    return [event for start in range(0, len(audio), frame) for event in ear.hear(audio[start : start + frame])]


def utterances(events: list[EarEvent]) -> list[UtteranceComplete]:
    return [event for event in events if isinstance(event, UtteranceComplete)]


def test_one_sentence_from_start_to_end() -> None:
    events = hear(np.concatenate([quiet(1), sound(1.5), quiet(1.5)]))
    started, paused, complete = events
    assert isinstance(started, SpeechStarted)
    assert isinstance(paused, SpeechPaused)
    assert isinstance(complete, UtteranceComplete)
    assert started.at_seconds == pytest.approx(1.0, abs=WINDOW)
    assert started.level_dbfs == pytest.approx(-17, abs=3)
    utterance = complete.utterance
    assert utterance.speech_end_seconds == pytest.approx(2.5, abs=WINDOW)
    assert utterance.start_seconds == pytest.approx(started.at_seconds - 0.192)
    assert utterance.duration_seconds == pytest.approx(0.192 + 1.5 + 0.192, abs=2 * WINDOW)
    assert complete.reason == "silence"
    assert paused.utterance.start_seconds == utterance.start_seconds
    assert paused.utterance.duration_seconds == pytest.approx(utterance.duration_seconds - 0.096)
    assert utterance.evidence is not None
    assert utterance.evidence.speech_seconds == pytest.approx(1.5, abs=2 * WINDOW)
    assert utterance.evidence.mean_probability == pytest.approx(0.95)


def test_samples_are_those_of_the_line_at_the_time_they_claim() -> None:
    audio = np.concatenate([quiet(0.7), sound(0.5), quiet(1)])
    utterance = utterances(hear(audio))[0].utterance
    loud = np.flatnonzero(np.abs(utterance.samples) > 0.05)
    assert utterance.start_seconds + loud[0] / 16_000 == pytest.approx(0.7, abs=0.002)
    assert utterance.start_seconds + loud[-1] / 16_000 == pytest.approx(1.2, abs=0.002)


def test_a_caller_who_goes_on_is_one_utterance() -> None:
    events = hear(np.concatenate([sound(0.5), quiet(0.4), sound(0.5), quiet(1)]))
    kinds = [type(event) for event in events]
    assert kinds == [SpeechStarted, SpeechPaused, SpeechResumed, SpeechPaused, UtteranceComplete]
    resumed = events[2]
    assert isinstance(resumed, SpeechResumed)
    assert resumed.at_seconds == pytest.approx(0.9, abs=WINDOW)


def test_no_audio_is_in_two_utterances() -> None:
    ear = Ear(LevelVad(), 8_000, EndpointSettings(untranscribed_ms=256, open_ms=256))
    events = hear(np.concatenate([sound(0.5), quiet(0.35), sound(0.5), quiet(1)]), ear=ear)
    first, second = (event.utterance for event in utterances(events))
    assert second.start_seconds >= first.start_seconds + first.duration_seconds


def test_an_onset_in_the_very_first_frame_is_kept() -> None:
    utterance = utterances(hear(np.concatenate([sound(0.4), quiet(1)])))[0].utterance
    assert utterance.start_seconds == 0.0


def ends_after(
    kind: str, text: str | None = None, probability: float | None = None, ear: Ear | None = None
) -> tuple[float, str]:
    """Half a second of speech, then silence: how much of it ends the utterance, and why.

    The text comes 110 ms after the pause begins, and smart-turn's answer at once.
    """
    ear = ear or Ear(LevelVad(), 8_000)
    ear.expect(kind, length=6 if kind in ("digits", "letters") else None)
    text_at = float("inf")
    for index in range(200):
        if ear.received_seconds >= text_at and text is not None:
            ear.heard_so_far(text)
        for event in ear.hear(sound(0.02) if index < 25 else quiet(0.02)):
            if isinstance(event, SpeechPaused):
                text_at = ear.received_seconds + 0.11
                if probability is not None:
                    ear.turn_probability(probability)
            if isinstance(event, UtteranceComplete):
                return ear.received_seconds - event.utterance.speech_end_seconds, event.reason
    return float("inf"), "never"


@pytest.mark.parametrize(
    ("kind", "text", "seconds", "reason"),
    [
        ("yes_no", None, 0.640, "silence"),
        ("open", None, 0.640, "silence"),
        ("open", "a pair of shoes", 0.512, "silence"),
        ("open", "where is my parcel", 0.384, "text"),
        ("open", "my order number is", 1.2, "text"),
        ("digits", None, 1.5, "silence"),
        ("digits", "4 7 1 2", 1.5, "slot"),
        ("digits", "4 7 1 2 0 5", 0.224, "slot"),
        ("letters", "A B 4 7 1 2", 0.224, "slot"),
        ("date", "the third", 1.2, "slot"),
    ],
)
def test_what_is_expected_and_heard_decides_how_long_to_wait(
    kind: str, text: str | None, seconds: float, reason: str
) -> None:
    waited, why = ends_after(kind, text)
    assert waited == pytest.approx(seconds, abs=0.06)
    assert why == reason


def test_the_voice_moves_the_end_once_the_words_are_there() -> None:
    assert ends_after("open", "a pair of shoes", 0.99)[0] == pytest.approx(0.320, abs=0.06)
    waited, reason = ends_after("open", "a pair of shoes", 0.1)
    assert waited == pytest.approx(0.8, abs=0.06)
    assert reason == "model"
    assert ends_after("open", None, 0.99)[0] == pytest.approx(0.640, abs=0.06)


@pytest.mark.parametrize("probability", [-0.1, 1.1, float("nan")])
def test_what_is_no_probability_is_refused(probability: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        Ear(LevelVad(), 8_000).turn_probability(probability)


def test_false_ends_make_it_wait_longer_and_that_wears_off() -> None:
    ear = Ear(LevelVad(), 8_000)
    for _ in range(5):
        ear.false_end()
    assert ear.extra_patience_ms == 450
    assert ends_after("open", "where is my parcel", ear=ear)[0] == pytest.approx(0.384 + 0.45, abs=0.06)
    assert ear.extra_patience_ms == pytest.approx(405)
    for _ in range(20):
        ends_after("open", "where is my parcel", ear=ear)
    assert ends_after("open", "where is my parcel", ear=ear)[0] == pytest.approx(0.384 + 0.05, abs=0.06)


def test_what_was_known_of_a_pause_is_forgotten_when_the_caller_goes_on() -> None:
    ear = Ear(LevelVad(), 8_000)
    hear(np.concatenate([sound(0.5), quiet(0.2)]), ear=ear)
    ear.heard_so_far("my number is")
    ear.turn_probability(0.99)
    hear(sound(0.3), ear=ear)
    assert utterances(hear(quiet(0.8), ear=ear))[0].reason == "silence"


def test_answers_that_come_while_the_caller_speaks_are_out_of_date() -> None:
    ear = Ear(LevelVad(), 8_000)
    hear(sound(0.5), ear=ear)
    ear.heard_so_far("where is my parcel?")
    ear.turn_probability(0.99)
    assert utterances(hear(quiet(0.8), ear=ear))[0].reason == "silence"


def test_speech_without_end_is_cut_and_nothing_is_lost() -> None:
    ear = Ear(LevelVad(), 8_000, EndpointSettings(cap_seconds=2))
    events = hear(np.concatenate([sound(4.5), quiet(1)]), ear=ear)
    complete = utterances(events)
    assert [event.reason for event in complete] == ["cap", "cap", "silence"]
    for before, after in zip(complete, complete[1:], strict=False):
        assert after.utterance.start_seconds == pytest.approx(
            before.utterance.start_seconds + before.utterance.duration_seconds
        )
    assert sum(isinstance(event, SpeechStarted) for event in events) == 3


def test_levels_are_tracked() -> None:
    ear = Ear(LevelVad(), 8_000)
    assert ear.caller_level_dbfs == -31
    hear(np.concatenate([sound(2, level=0.5), quiet(2)]), ear=ear)
    assert ear.caller_level_dbfs == pytest.approx(-9, abs=2)
    assert ear.noise_dbfs < -80
    assert ear.received_seconds == 4.0


def test_a_long_silence_is_not_kept() -> None:
    ear = Ear(LevelVad(), 8_000)
    hear(quiet(10), ear=ear)
    tracemalloc.start()
    try:
        hear(quiet(60), ear=ear)
        assert tracemalloc.get_traced_memory()[0] < 200_000
    finally:
        tracemalloc.stop()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 120)), min_size=1, max_size=8),
    st.lists(st.integers(1, 3_000), min_size=1, max_size=6),
    st.sampled_from([8_000, 16_000, 48_000]),
)
def test_any_way_of_cutting_the_audio_gives_the_same_events(
    stretches: list[tuple[bool, int]], frames: list[int], rate_hz: int
) -> None:
    parts = [(sound if loud else quiet)(length / 100, rate_hz) for loud, length in stretches]
    audio = np.concatenate([*parts, quiet(1, rate_hz)])
    whole = Ear(LevelVad(), rate_hz).hear(audio)
    ear = Ear(LevelVad(), rate_hz)
    pieces: list[EarEvent] = []
    position = turn = 0
    while position < len(audio):
        pieces += ear.hear(audio[position : position + frames[turn % len(frames)]])
        position += frames[turn % len(frames)]
        turn += 1
    assert [repr(event) for event in pieces] == [repr(event) for event in whole]
    assert ear.received_seconds == len(audio) / rate_hz
    for event in utterances(whole):
        assert event.utterance.start_seconds < event.utterance.speech_end_seconds


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(EXPECTATIONS),
    st.none() | st.sampled_from(["", "ja", "4 7", "471205", "my number is", "where is my parcel?", "3. mai"]),
    st.none() | st.floats(0, 1),
    st.integers(0, 5),
)
def test_every_utterance_ends_within_the_longest_silence(
    kind: str, text: str | None, probability: float | None, false_ends: int
) -> None:
    ear = Ear(LevelVad(), 8_000)
    for _ in range(false_ends):
        ear.false_end()
    waited, reason = ends_after(kind, text, probability, ear)
    assert 0.2 <= waited <= EndpointSettings().longest_ms / 1000 + 2 * WINDOW
    assert reason in ("slot", "text", "model", "silence")


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(1, 80)), min_size=1, max_size=8),
    st.lists(st.integers(0, 5), min_size=1, max_size=10),
    st.sampled_from([None, "", "my number is", "where is my parcel?"]),
)
def test_lost_and_late_frames_do_no_harm(stretches: list[tuple[bool, int]], fates: list[int], text: str | None) -> None:
    """Frames are lost, come twice, or wait and come in a burst; events stay in order, and times go forward."""
    audio = np.concatenate([*((sound if loud else quiet)(length / 100) for loud, length in stretches), quiet(2.5)])
    ear = Ear(LevelVad(), 8_000)
    open_since: float | None = None
    last = 0.0
    late: list[Pcm16] = []
    for index, start in enumerate(range(0, len(audio), 160)):
        fate = fates[index % len(fates)] if start < len(audio) - 20_000 else 3
        frame = audio[start : start + 160]
        late += {0: [], 1: [frame], 2: [frame, frame]}.get(fate, [frame])
        if fate == 1:
            continue
        burst, late = np.concatenate([*late, frame[:0]]), []
        for event in ear.hear(burst):
            match event:
                case SpeechStarted(at):
                    assert open_since is None
                    assert at >= last
                    open_since = at
                case SpeechPaused() if text is not None:
                    ear.heard_so_far(text)
                case UtteranceComplete(utterance):
                    assert open_since is not None
                    assert open_since < utterance.speech_end_seconds <= ear.received_seconds
                    last, open_since = utterance.speech_end_seconds, None
    assert open_since is None
