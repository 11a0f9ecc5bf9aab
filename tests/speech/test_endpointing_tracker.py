import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.endpointing import EndpointSettings
from speech.speech_tracker import SpeechTracker, Verdict

WINDOW_MS = 32.0
SETTINGS = EndpointSettings()
probabilities = st.lists(st.sampled_from([0.0, 0.1, 0.4, 0.6, 0.95]), max_size=400)


def new_tracker(settings: EndpointSettings = SETTINGS) -> SpeechTracker:
    return SpeechTracker(settings, WINDOW_MS, on=0.5, off=0.35)


def verdicts(values: list[float], patience: float = 640.0) -> list[tuple[int, Verdict]]:
    tracker = new_tracker()
    found = []
    for index, probability in enumerate(values):
        for verdict in tracker.advance(probability, patience):
            found.append((index, verdict))
            if verdict is Verdict.CUT:
                tracker.restart_behind_cut()
    return found


def test_two_windows_of_speech_start_it_and_one_does_not() -> None:
    assert verdicts([0.9, 0.1, 0.9, 0.1]) == []
    assert verdicts([0.9, 0.9]) == [(1, Verdict.STARTED)]


def test_a_pause_after_96_ms_and_the_end_after_the_patience() -> None:
    found = verdicts([0.9] * 5 + [0.0] * 30, patience=640)
    assert found == [(1, Verdict.STARTED), (7, Verdict.PAUSED), (24, Verdict.COMPLETE)]


def test_doubtful_windows_keep_speech_going_but_do_not_bring_it_back() -> None:
    assert verdicts([0.9] * 3 + [0.4] * 20) == [(1, Verdict.STARTED)]
    after_silence = verdicts([0.9] * 3 + [0.1] + [0.4] * 30)
    assert [verdict for _, verdict in after_silence] == [Verdict.STARTED, Verdict.PAUSED, Verdict.COMPLETE]


def test_two_windows_bring_speech_back_and_a_click_does_not() -> None:
    assert (12, Verdict.RESUMED) in verdicts([0.9] * 3 + [0.0] * 8 + [0.9] * 2)
    clicked = verdicts([0.9] * 3 + [0.0] * 8 + [0.9] + [0.0] * 20)
    assert clicked[-1] == (22, Verdict.COMPLETE)


def test_a_first_window_of_speech_at_the_last_moment_holds_the_end_back() -> None:
    found = verdicts([0.9] * 3 + [0.0] * 19 + [0.9, 0.9, 0.0])
    assert [verdict for _, verdict in found] == [Verdict.STARTED, Verdict.PAUSED, Verdict.RESUMED]


def test_endless_speech_is_cut_at_its_quietest_place() -> None:
    values = [0.9] * 600 + [0.51] + [0.9] * 40
    tracker = new_tracker()
    for index, probability in enumerate(values):
        if Verdict.CUT in tracker.advance(probability, 640):
            assert index == 624
            assert tracker.last_window == 600
            tracker.restart_behind_cut()
            assert tracker.first_window == 601
            return
    pytest.fail("never cut")


@given(probabilities)
def test_ends_never_precede_starts_and_verdicts_come_in_order(values: list[float]) -> None:
    allowed = {
        None: {Verdict.STARTED},
        Verdict.STARTED: {Verdict.PAUSED, Verdict.CUT, Verdict.COMPLETE},
        Verdict.PAUSED: {Verdict.RESUMED, Verdict.COMPLETE},
        Verdict.RESUMED: {Verdict.PAUSED, Verdict.CUT, Verdict.COMPLETE},
        Verdict.COMPLETE: {Verdict.STARTED},
        Verdict.CUT: {Verdict.PAUSED, Verdict.CUT, Verdict.COMPLETE},
    }
    tracker = new_tracker(EndpointSettings(cap_seconds=3))
    before: Verdict | None = None
    for probability in values:
        for verdict in tracker.advance(probability, 320):
            assert verdict in allowed[before]
            assert tracker.first_window <= tracker.last_window
            assert len(tracker.probabilities) == tracker.last_window - tracker.first_window + 1
            before = verdict
            if verdict is Verdict.CUT:
                tracker.restart_behind_cut()


@given(probabilities)
def test_every_run_of_two_speech_windows_is_in_an_utterance(values: list[float]) -> None:
    tracker = new_tracker(EndpointSettings(cap_seconds=3))
    covered: set[int] = set()
    for probability in [*values, *[0.0] * 40]:
        for verdict in tracker.advance(probability, 320):
            if verdict in (Verdict.COMPLETE, Verdict.CUT):
                span = set(range(tracker.first_window, tracker.last_window + 1))
                assert not span & covered
                covered |= span
            if verdict is Verdict.CUT:
                tracker.restart_behind_cut()
    runs = {i for i in range(1, len(values)) if values[i] >= 0.5 and values[i - 1] >= 0.5}
    assert runs <= covered
