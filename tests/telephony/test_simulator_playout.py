"""The network's play buffer, with time given."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from telephony.g711 import encode_ulaw
from telephony.simulator.playout import HeardTrack, MarkEcho, Played, Playout, Run
from tests.telephony.tone_bot import tone

SILENCE = b"\xff"
TONE = encode_ulaw(tone(1.0))


def test_a_mark_comes_back_when_the_audio_before_it_has_been_played():
    playout = Playout()
    playout.audio(SILENCE * 160, now=0)
    assert playout.mark("a", now=0).echoes == ()
    assert playout.advance(159).echoes == ()
    assert playout.advance(170).echoes == (MarkEcho("a", 160, played=True),)


def test_a_mark_on_an_empty_buffer_comes_back_at_once():
    assert Playout().mark("a", now=480).echoes == (MarkEcho("a", 480, played=True),)


def test_clear_returns_the_marks_unplayed_and_audio_after_it_plays():
    playout = Playout()
    playout.audio(SILENCE * 800, now=0)
    playout.mark("a", now=0)
    playout.audio(SILENCE * 800, now=0)
    playout.mark("b", now=0)
    cleared = playout.clear(now=900)
    assert [(echo.name, echo.played) for echo in cleared.echoes] == [("a", True), ("b", False)]
    assert sum(len(piece.payload) for piece in cleared.played) == 900
    assert playout.pending_bytes == playout.pending_marks == 0
    playout.audio(TONE[:160], now=1000)
    assert playout.advance(2000).played == (Played(1000, TONE[:160]),)


def test_audio_that_comes_late_leaves_a_gap():
    playout = Playout()
    playout.audio(TONE[:160], now=0)
    first = playout.audio(TONE[160:320], now=400)
    assert first.played == (Played(0, TONE[:160]),)
    assert playout.advance(700).played == (Played(400, TONE[160:320]),)


steps = st.lists(
    st.tuples(st.sampled_from(["audio", "mark", "advance"]), st.integers(0, 400), st.integers(0, 300)), max_size=40
)


@given(steps)
def test_whatever_comes_is_played_once_in_order_and_never_faster_than_real_time(steps):
    playout, now, sent = Playout(), 0, b""
    marks: list[tuple[str, int]] = []
    played: list[Played] = []
    echoes: list[MarkEcho] = []
    for number, (kind, size, wait) in enumerate(steps):
        now += wait
        match kind:
            case "audio":
                payload = bytes((number + index) % 256 for index in range(size))
                sent += payload
                progress = playout.audio(payload, now)
            case "mark":
                marks.append((f"m{number}", len(sent)))
                progress = playout.mark(f"m{number}", now)
            case _:
                progress = playout.advance(now)
        played += progress.played
        echoes += progress.echoes
        assert all(piece.position + len(piece.payload) <= now for piece in progress.played)
    final = playout.advance(now + len(sent))
    played += final.played
    echoes += final.echoes
    assert b"".join(piece.payload for piece in played) == sent
    assert all(a.position + len(a.payload) <= b.position for a, b in zip(played, played[1:], strict=False))
    assert [echo.name for echo in echoes] == [name for name, _ in marks]
    for echo, (_, before) in zip(echoes, marks, strict=True):
        assert sum([len(piece.payload) for piece in played if piece.position < echo.position]) >= before


def test_what_is_audible_is_found_and_a_pause_between_sentences_does_not_split_it():
    heard = HeardTrack()
    heard.add(Played(0, SILENCE * 800))
    heard.add(Played(800, TONE[:1600]))
    heard.add(Played(4000, TONE[:800]))
    heard.add(Played(9000, TONE[:800]))
    assert heard.runs == [Run(800, 4800), Run(9000, 9800)]
    assert heard.first_run_from(801) == heard.runs[1]
    assert heard.first_run_from(20_000) is None


def test_a_clear_splits_what_was_heard():
    heard = HeardTrack()
    heard.add(Played(0, TONE[:800]))
    heard.cut()
    heard.add(Played(800, TONE[:800]))
    assert heard.runs == [Run(0, 800, cleared=True), Run(800, 1600)]


def test_the_recording_has_everything_at_its_place():
    heard = HeardTrack()
    heard.add(Played(100, TONE[:200]))
    track = heard.pcm(250)
    assert track.dtype == np.int16 and len(track) == 250
    assert not track[:100].any() and np.abs(track[100:]).max() > 5000


def test_comfort_noise_is_not_the_bot_speaking():
    heard = HeardTrack()
    quiet = encode_ulaw((np.random.default_rng(1).normal(0, 20, 8000)).astype(np.int16))
    heard.add(Played(0, quiet))
    assert heard.runs == [] and heard.last_audible is None
