"""The measurements measure what they say: on tracks, clips and bots that are known beforehand."""

import json
import random
import sys
import wave
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks.bench import barge_in, sounds
from benchmarks.bench.caller import Caller, Turn, decided
from benchmarks.bench.clips import CALLER_DBFS, Clip, clip_of, levels_dbfs, recordings, speech_in, with_pause, with_tail
from benchmarks.bench.cut_ins import figures, in_proportion, together
from benchmarks.bench.plan import BRIEF, LENGTHY, spread
from benchmarks.bench.plot import picture
from benchmarks.bench.run import PARTS, show, summarise
from benchmarks.bench.targets import TARGETS, held
from benchmarks.bench.tracks import SENTENCE_GAP, answered, audible, heard_within, stop_ms
from benchmarks.bench.words import difference, word_errors, words
from benchmarks.measuring_service import MeasuringEngine
from dialog import load_bot
from dialog.events import CallBegan, CallerPressed, CallerSaid, Event, Listen, NotUnderstood
from telephony.g711 import encode_ulaw
from telephony.simulator.feed import Feed, FeedEntry
from telephony.simulator.handset import FRAME_SAMPLES, Handset, Said
from telephony.simulator.playout import RATE_HZ, Playout
from telephony.simulator.sound import echo_path
from tests.telephony.tone_bot import tone
from voicebot.cli import main
from voicebot.commands.bench import PARTS as OFFERED

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def seconds(*lengths: float) -> np.ndarray:
    """Silence, tone, silence, tone ... of these lengths."""
    parts = [
        tone(length) if number % 2 else np.zeros(round(length * RATE_HZ), np.int16)
        for number, length in enumerate(lengths)
    ]
    return np.concatenate(parts)


def test_what_can_be_heard_is_found_to_ten_milliseconds():
    assert audible(seconds(0.5, 0.4, 0.2, 0.3, 0.5, 0.1), SENTENCE_GAP) == ((4000, 11200), (15200, 16000))
    assert audible(np.zeros(0, np.int16)) == ()


def test_speech_in_a_clip_is_found_above_its_noise():
    noisy = seconds(0.5, 0.6, 0.5) + np.random.default_rng(1).normal(0, 30, round(1.6 * RATE_HZ)).astype(np.int16)
    assert speech_in(noisy) == ((4000, 8800),)
    with pytest.raises(ValueError, match="nobody"):
        clip_of("quiet", "en", np.zeros(8000, np.int16))


def a_clip(**more) -> Clip:
    return clip_of("a", "en", seconds(0.2, 0.6, 0.1, 0.5, 0.4), **more)


def test_clips_are_as_loud_as_callers_and_end_with_their_speech():
    clip = a_clip()
    assert levels_dbfs(clip.pcm[clip.start : clip.end]).max() == pytest.approx(CALLER_DBFS, abs=0.5)
    assert len(with_tail(clip).pcm) == clip.end + RATE_HZ // 5


def test_a_pause_is_put_into_the_quiet_and_labelled():
    clip = a_clip()
    paused = with_pause(clip, random.Random(3))
    pause = paused.speech[1][0] - paused.speech[0][1]
    assert 0.25 * RATE_HZ <= pause <= 2.5 * RATE_HZ
    assert len(paused.pcm) == len(clip.pcm) + pause
    assert not paused.pcm[paused.speech[0][1] : paused.speech[1][0]].any()
    assert paused.end == clip.end + pause
    again = with_pause(clip, random.Random(3))
    assert again.name == paused.name and np.array_equal(again.pcm, paused.pcm)


def test_labels_of_recordings(tmp_path):
    for name in ("one.wav", "two.wav", "other.wav"):
        with wave.open(str(tmp_path / name), "wb") as file:
            file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
            file.writeframes(seconds(0.2, 0.5, 0.3, 0.4, 1.0).tobytes())
    labels = [
        {"file": "one.wav", "digits": "12", "digit_times": [[0.2, 0.7], [1.0, 1.4]], "speech_end": 1.4},
        {"file": "two.wav", "text": "hello", "speech_end": 1.3},
        {"file": "other.wav", "lang": "ru"},
    ]
    (tmp_path / "labels.jsonl").write_text("\n".join(map(json.dumps, labels)))
    one, two = recordings(tmp_path, "en")
    assert (one.digits, one.speech) == ("12", ((1600, 5600), (8000, 11200)))
    assert (two.text, two.start, two.end) == ("hello", 1600, 10400)


def sent(clip: Clip, at: int) -> Said:
    return Said([at + FRAME_SAMPLES * number for number in range(-(-len(clip.pcm) // FRAME_SAMPLES))])


def test_latency_counts_from_the_last_sample_of_speech():
    clip, at = a_clip(), 8000
    end = at + clip.end
    assert answered([(end + 3200, end + 9000)], clip, sent(clip, at), 10**6).latency_ms == 400.0
    assert answered([(end + 3200, end + 9000)], clip, sent(clip, at), end + 3000).latency_ms is None
    late = answered([(end + 7 * RATE_HZ, end + 9 * RATE_HZ)], clip, sent(clip, at), 10**6)
    assert late.latency_ms is None, "that was 'are you still there?'"
    assert answered([], clip, sent(clip, at), 10**6) == answered([(0, 100)], clip, sent(clip, at), 10**6)


def test_cutting_in_is_beginning_while_60_ms_are_still_to_come():
    clip, at = a_clip(), 8000
    end = at + clip.end
    late = answered([(end - 400, end + 9000)], clip, sent(clip, at), 10**6)
    assert (late.cut_in, late.latency_ms) == (False, -50.0)
    early = answered([(end - 500, end - 100), (end + 800, end + 9000)], clip, sent(clip, at), 10**6)
    assert (early.cut_in, early.latency_ms) == (True, 100.0)


def test_a_stop_is_the_end_of_the_speech_that_was_interrupted():
    bot = [(0, 8000), (16000, 40000)]
    assert stop_ms(bot, 6400, 8000) == 200.0
    assert stop_ms(bot, 20000, 8000) is None, "it went on for too long"
    assert stop_ms(bot, 10000, 8000) is None, "it was quiet anyway"
    assert heard_within(bot, (4000, 17000)) == 5000


class Line:
    """A caller on a handset whose time the test gives."""

    def __init__(self) -> None:
        self.handset = Handset()
        self.playout = Playout()
        self.feed = Feed(lambda: self.handset.now)
        self.caller = Caller(self.handset, self.feed)

    def run(self, length: float) -> np.ndarray:
        frames = []
        for _ in range(round(length * 50)):
            now = self.handset.now + FRAME_SAMPLES
            self.handset.hear(self.playout.advance(now), self.playout.pending_bytes, self.playout.pending_marks)
            frames.append(self.handset.next_frame(now))
            self.handset.tick(now)
        return np.concatenate(frames)

    def bot_says(self, length: float) -> None:
        self.playout.audio(encode_ulaw(tone(length)), self.handset.now)

    def feels(self, kind: str, text: str) -> None:
        self.feed.entries.append(FeedEntry(kind, text, {}, 0.0, self.handset.now))


def test_the_phone_hears_its_own_loudspeaker_late_and_quieter():
    line = Line()
    line.handset.echo(echo_path(100, 25, seed=1))
    line.bot_says(1.0)
    sent_by_phone = line.run(2.0)
    first, last = audible(sent_by_phone)[0]
    assert first == pytest.approx(0.1 * RATE_HZ, abs=240) and last == pytest.approx(1.1 * RATE_HZ, abs=400)
    middle = slice(round(0.4 * RATE_HZ), round(0.9 * RATE_HZ))
    loss = levels_dbfs(line.caller.bot_track[middle]).mean() - levels_dbfs(sent_by_phone[middle]).mean()
    assert loss == pytest.approx(25, abs=8), "of a tone; of speech it is 25 dB over all frequencies"
    line.handset.echo(None)
    line.bot_says(0.2)
    assert not line.run(0.5)[FRAME_SAMPLES:].any()


def test_noise_can_begin_and_end_in_a_call():
    line = Line()
    line.handset.surround(np.full(7, 100, np.int16))
    assert (line.run(0.1) == 100).all()
    line.handset.surround(None)
    assert not line.run(0.1).any()


def test_an_undisturbed_reply_has_no_stops_and_a_torn_one_has():
    line = Line()
    line.bot_says(4.0)
    line.run(6.0)
    whole = barge_in.Endured()
    barge_in.judge_reply(line.caller, (160, line.handset.now), 4 * RATE_HZ, whole)
    assert (whole.stops, whole.speech) == (0, 4 * RATE_HZ)
    torn = Line()
    torn.bot_says(1.0)
    torn.run(2.0)
    torn.bot_says(1.0)
    torn.run(2.0)
    torn.feels("decision", "answer")
    torn.bot_says(2.0)
    torn.run(3.0)
    found = barge_in.Endured()
    barge_in.judge_reply(torn.caller, (160, torn.handset.now), 4 * RATE_HZ, found)
    assert (found.stops, found.resumed) == (2, 1), "it resumed once, and answered something once"


def test_only_answers_to_words_are_decisions():
    line = Line()
    for text in ("greeting", "key", "no_input", "answer", "dont_know"):
        line.feels("decision", text)
    line.feels("state", "speaking")
    assert [entry.text for entry in decided(line.feed.entries)] == ["answer", "dont_know"]


def test_numbers_are_read_from_what_the_bot_heard():
    line = Line()
    clip = a_clip(digits="1234")
    line.caller.turns.append(Turn(clip, line.handset.say(clip.pcm), entries_from=0))
    line.run(len(clip.pcm) / RATE_HZ + 0.5)
    line.feels("caller", "one, two.")
    line.feels("caller", "34")
    line.bot_says(0.5)
    line.run(1.0)
    row = figures([line.caller], [clip])
    assert (row["turns"], row["cut_ins"], row["exact_percent"]) == (1, 0, 100.0)
    assert row["latency_ms"]["n"] == 1
    assert together([row, row])["numbers"] == 2
    assert figures([line.caller], [])["turns"] == 0


def test_a_request_to_wait_is_no_answer():
    line = Line()
    clip = a_clip()
    line.caller.turns.append(Turn(clip, line.handset.say(clip.pcm), entries_from=0))
    line.run(len(clip.pcm) / RATE_HZ)
    line.feels("bot", "One moment.")
    line.bot_says(0.5)
    line.run(1.5)
    [turn] = line.caller.turns
    assert line.caller.asked_to_wait(turn)
    assert line.caller.outcome_of(turn, line.caller.bot_stretches(SENTENCE_GAP)).latency_ms is None
    line.feels("decision", "answer")
    line.feels("bot", "It is open.")
    line.bot_says(0.5)
    line.run(1.0)
    to_answer = line.caller.outcome_of(turn, line.caller.bot_stretches(SENTENCE_GAP)).latency_ms
    assert to_answer == pytest.approx(1500 + 400, abs=25), "the clip ends 400 ms after its speech"


def test_sounds_are_the_same_for_a_seed_and_as_loud_as_they_say():
    for make in (sounds.white, lambda seed: sounds.music(None, seed), lambda seed: sounds.babble([a_clip()], seed)):
        assert np.array_equal(make(3), make(3))
    level = 20 * np.log10(np.sqrt(np.mean(sounds.white(3).astype(float) ** 2)) / 32768)
    assert level == pytest.approx(CALLER_DBFS - 10, abs=0.2)
    assert sounds.room(None) is None


def test_words_are_counted_whatever_they_are_written_like():
    assert words("Press 2, please - it's FREE.") == ["press", "two", "please", "its", "free"]
    assert word_errors("Press two please.", "press 2") == 1
    worse = difference(np.array([1, 0, 0, 0]), np.array([5, 5, 5, 5]), seed=1)
    low, high = worse["low"], worse["high"]
    assert worse["points"] == 5.0 and low is not None and high is not None and low <= 5.0 <= high
    assert difference(np.array([], int), np.array([], int), seed=1)["points"] is None


def test_spread_is_by_nearest_rank():
    assert spread(range(1, 101)) == {"n": 100, "p50": 50, "p90": 90, "p95": 95}
    assert spread([])["p95"] is None


FIGURES: dict[str, dict[str, Any]] = {
    "latency": {
        "voice_to_voice_ms": {"n": 2, "p50": 300.0, "p90": 500.0, "p95": 500.0},
        "voice_to_voice_all_ms": [300.0, 500.0],
        "answered_twice": 0,
        "waterfall_ms": {"endpoint": {"p50": 200.0, "p95": 300.0}},
        "notes": ["a note"],
    },
    "cut-ins": {"free_turns": {"cut_in_percent": 9.0}, "x": {"latency_ms": {"p50": 1.0}, "cut_in_percent": 2.0}},
    "barge-in": {"interruptions": {"stop_ms": {"p50": 90.0, "p95": 300.0}, "stop_all_ms": [90.0, 300.0]}},
    "capacity": {"steps": [{"calls": 2, "voice_to_voice_ms": {"p50": 300.0, "p95": 400.0}}]},
}


def test_targets_are_held_against_figures(capsys):
    reached = {target.what: target.reached(figure) for target, figure in held(FIGURES)}
    assert reached["voice to voice, p50"] and not reached["a quarter of the peer's p95"]
    assert not reached["false cut-ins, free sentences"] and "numbers exact or caught" not in reached
    assert not summarise(FIGURES)
    show(FIGURES)
    told = capsys.readouterr().out
    assert "NOT REACHED" in told and "a note" in told and "stop_all_ms" not in told


def test_every_target_belongs_to_a_part_that_is_offered():
    assert {target.part for target in TARGETS} == set(PARTS) == set(OFFERED)
    assert all((target.at_most is None) != (target.at_least is None) for target in TARGETS)


def test_the_picture_is_svg():
    root = ElementTree.fromstring(picture(FIGURES, "a <machine>"))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Voice to voice, one call", "Latency against false cut-ins", "a <machine>"} <= set(texts)
    ElementTree.fromstring(picture({}, "nothing"))


def test_the_measuring_bots_answer_everything_and_expect_what_the_keypad_says():
    assert load_bot(LENGTHY).articles
    engine = MeasuringEngine(load_bot(BRIEF))
    state, _ = engine.respond(engine.new_state(), CallBegan("en"), NOW)
    state, reply = engine.respond(state, CallerPressed("6"), NOW)
    assert reply.action == Listen("digits", length=6)
    hopeless: list[Event] = [NotUnderstood("loop")] * 4
    for event in (CallerSaid("goodbye", "en"), CallerSaid("I want a person", "en"), *hopeless):
        state, reply = engine.respond(state, event, NOW)
        assert reply.action == Listen("digits", length=6) and reply.prompts
    state, reply = engine.respond(state, CallerSaid("what is this", "en"), NOW)
    assert [prompt.text.strip() for prompt in reply.prompts] == ["I have heard you."]
    state, _ = engine.respond(state, CallerPressed("*"), NOW)
    state, reply = engine.respond(state, CallerSaid("hva er dette", "nb"), NOW)
    assert reply.prompts[0].language == "nb" and reply.action == Listen()


def test_the_command_refuses_what_it_cannot_do(capsys, monkeypatch, tmp_path):
    with pytest.raises(SystemExit):
        main(["bench", "--only", "latency,beauty"])
    assert "beauty: choose from" in capsys.readouterr().err
    assert main(["bench", "--data", str(tmp_path / "none")]) == 2
    assert "is no folder" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "benchmarks.bench", None)
    monkeypatch.delitem(sys.modules, "benchmarks.bench.run", raising=False)
    assert main(["bench"]) == 2
    assert "run it in a checkout" in capsys.readouterr().err


def test_hesitations_count_as_often_as_callers_hesitate():
    fluent, hesitating = {"turns": 10, "cut_ins": 0}, {"turns": 10, "cut_ins": 5}
    assert in_proportion([fluent, hesitating], hesitating) == {"cut_in_percent": 10.2}
    assert in_proportion([hesitating], hesitating) == {"cut_in_percent": None}
