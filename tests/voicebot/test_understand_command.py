"""`voicebot understand`: a line in, a line out, at once; a bad one is answered and not swallowed."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import voicebot
from voicebot.cli import main

TEMPLATE = Path(voicebot.__file__).parent / "template"

Understood = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture
def understood(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Understood:
    """Status and answers to some lines."""

    def run(*lines: str | bytes, options: tuple[str, ...] = ()) -> tuple[int, list[dict[str, Any]]]:
        raw = b"".join((line.encode() if isinstance(line, str) else line) + b"\n" for line in lines)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
        status = main(["understand", str(TEMPLATE), *options])
        return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def test_plain_lines_and_json_lines_get_the_same_answer(understood: Understood):
    words = "Hvordan returnerer jeg en vare?"
    status, (plain, as_json) = understood(words, json.dumps({"text": words}))
    assert status == 0
    assert plain == as_json
    assert plain["language"] == "nb"
    assert "returns" in json.dumps(plain)


def test_the_slot_that_is_asked_for_decides_what_is_found(understood: Understood):
    line = json.dumps({"text": "fire null to sju en tre", "slot": "order_status.order", "language": "nb"})
    status, (found,) = understood(line)
    assert status == 0
    assert "402713" in json.dumps(found)
    assert understood("fire null to sju en tre", options=("--language", "nb", "--slot", "order_status.order")) == (
        0,
        [found],
    )


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"text": ', "not JSON"),
        ("{" * 5000, "not JSON"),
        ('{"words": "hei"}', "words is not a key"),
        ('{"text": 5}', "text is missing"),
        ('{"text": "hei", "language": 5}', "must be texts"),
        ('{"text": "hei", "language": "de"}', "language must be one of nb, en"),
        ('{"text": "hei", "slot": "order"}', "message.message_number, order_status.order"),
        ('{"text": "hei", "at": "i går"}', "at must be as"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_bad_line_is_answered_and_those_behind_it_too(line: str | bytes, told: str, understood: Understood):
    status, (bad, good) = understood(line, "Når har dere åpent?")
    assert status == 1
    assert told in bad["error"]
    assert "opening-hours" in json.dumps(good)


def test_answers_count_as_lines_do(understood: Understood):
    status, answers = understood("", "hei", "   ")
    assert (status, len(answers)) == (0, 3)
