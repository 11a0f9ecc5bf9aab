"""`voicebot call`, its screen and its exit status, against the bot of the simulator's tests."""

import argparse
import asyncio
import io
import json
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from telephony.simulator import CallReport, Happening, Mischief, TurnReport
from telephony.simulator.feed import FeedEntry
from telephony.simulator.report import RungReport
from telephony.simulator.sound import write_stereo
from tests.telephony.tone_bot import ACCOUNT, TOKEN, ToneBot, served, tone
from voicebot.cli import main
from voicebot.commands import call
from voicebot.commands.call_screen import CallScreen, summarise


@pytest.fixture
def bot_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The address of a bot in a thread of its own, because the command brings its own event loop."""
    ready, address = threading.Event(), []
    loop = asyncio.new_event_loop()
    done = asyncio.Event()

    async def serve() -> None:
        bot = ToneBot(greeting_seconds=0.1, reply_seconds=0.1)
        async with served(bot.app()) as base:
            bot.public = base
            address.append(base)
            ready.set()
            await done.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait(10)
    for name in ("PUBLIC_URL", "VOICEBOT_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", ACCOUNT)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    monkeypatch.setenv("VOICEBOT_CACHE_FOLDER", str(tmp_path / "cache"))
    try:
        yield address[0]
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(10)
        loop.close()


def test_a_wav_file_is_played_to_a_bot(bot_at, tmp_path, capsys):
    question, recording, report = tmp_path / "q.wav", tmp_path / "call.wav", tmp_path / "call.json"
    voice = tone(0.3, 300)
    write_stereo(question, np.stack([voice, voice], axis=1))
    assert main(["call", bot_at, "--play", str(question), "--wav", str(recording), "--json", str(report)]) == 0
    body = json.loads(report.read_text())
    assert body["ok"] and body["calls"][0]["turns"][0]["did"] == "[q.wav]" and body["latency_ms"]["n"] == 1
    with wave.open(str(recording)) as file:
        assert file.getnchannels() == 2 and file.getnframes() > 8000
    printed = capsys.readouterr().out
    assert "caller  [q.wav]" in printed and "1 of 1 calls good, 1 turns; reply after p50" in printed


def test_several_calls_and_a_wrong_token(bot_at, tmp_path, capsys):
    script = tmp_path / "call.yaml"
    script.write_text("turns: [{press: '1', after: immediately}, {hang_up: true, after: immediately}]")
    assert main(["call", bot_at, "--script", str(script), "-n", "2", "--at-once", "2", "--quiet"]) == 0
    assert "2 of 2 calls good" in capsys.readouterr().out
    assert main(["call", bot_at, "--script", str(script), "--wrong-token"]) == 1
    assert "another PUBLIC_URL?" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--script", "nowhere.yaml"], "nowhere.yaml: cannot be read"),
        (["localhost"], "no address of a service"),
        (["--play", "nowhere.wav"], "nowhere.wav: cannot be read"),
    ],
)
def test_what_cannot_be_tried(arguments, said, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", ACCOUNT)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    monkeypatch.setenv("VOICEBOT_CACHE_FOLDER", str(tmp_path))
    assert main(["call", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_people_are_rung_over_rest_only(bot_at, tmp_path, capsys):
    script = tmp_path / "call.yaml"
    script.write_text("turns: [{press: '1'}]\npeople: [{name: Ada, number: '+4722000011'}]\n")
    assert main(["call", bot_at, "--script", str(script)]) == 2
    assert "--rest-port" in capsys.readouterr().err


def test_no_account(monkeypatch, capsys):
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "VOICEBOT_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    assert main(["call"]) == 2
    assert "TWILIO_ACCOUNT_SID" in capsys.readouterr().err


def printed(*happenings: Happening) -> str:
    console = Console(record=True, width=200, highlight=False, file=io.StringIO())
    screen = CallScreen(console)
    for happening in happenings:
        screen.show(happening)
    return console.export_text()


def test_the_screen_shows_who_said_what_how_surely_and_how_fast():
    def entry(kind: str, text: str, **details: object) -> Happening:
        return Happening("CA1", "feed", text, entry=FeedEntry(kind, text, details, 0.0, 0))

    text = printed(
        Happening("CA1", "does", "[presses 0]"),
        entry("caller", "hello [there]", confidence=0.913, stages={"whisper": 275.4}),
        entry("decision", "answer", rule="answer", article="delivery", score=0.987),
        entry("bot", "Two days."),
        entry("state", "listening"),
        entry("interrupted", ""),
        entry("transfer", "", department="sales"),
    )
    assert text.splitlines() == [
        "caller  [presses 0]",
        "  heard  hello [there]  91% sure  whisper 275 ms",
        "  chose  rule answer, article delivery, score 0.99",
        "bot     Two days.",
        "  interrupted",
        "  passed on to sales",
    ]


def test_the_screen_shows_who_was_rung_and_when():
    rung = RungReport("Ada", "CA2", "whoever was called hung up", 4.0, 5.0, 7.25, 3500.0, 11.0, 11.25, 11.5)
    report = CallReport("a", "CA1", "the caller hung up", [], rung=[rung], connect_to_ringing_ms=506.0)
    text = printed(
        Happening("CA1", "person", "Ada: the phone rings"), Happening("CA1", "ended", report.outcome, report=report)
    )
    assert "person  Ada: the phone rings" in text
    assert "Ada: rang at 4.00 s, answered at 5.00 s, key at 7.25 s, together at 11.00 s" in text
    assert "brief 3.5 s" in text and "asked to ringing: 506 ms" in text


def test_the_summary_names_what_failed():
    good = CallReport("a", "CA1", "the caller hung up", [TurnReport("hi", 0, 1.0, 2.0, latency_ms=800.0)])
    bad = CallReport("b", "CA2222", "failed", [TurnReport("hi", 7, 1.0, 2.0, failures=["no"])], violations=["31951"])
    console = Console(record=True, width=200, highlight=False, file=io.StringIO())
    summarise(console, [good, bad])
    lines = console.export_text().splitlines()
    assert lines[0] == "1 of 2 calls good, 2 turns; reply after p50 800 ms, p95 800 ms (n=1)"
    assert lines[1] == "  b (2222): line 7: no; 31951"


def test_every_mischief_has_an_option():
    parser = argparse.ArgumentParser()
    call.add_parser(parser.add_subparsers())
    arguments = vars(parser.parse_args(["call", "--jitter-ms", "5"]))
    assert set(Mischief.__dataclass_fields__) - {"webhook_timeout_seconds"} <= arguments.keys()
    assert arguments["jitter_ms"] == 5
