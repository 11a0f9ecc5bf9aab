"""The page's protocol without a socket: what is let in, what is refused and why, and what goes out."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.browser import messages
from telephony.browser.messages import FloodGate, Hello, HungUp, PageFault, PlayedTo, parse_frame, parse_text
from telephony.call import Caption, KeyPressed, TextTyped, TransferTarget
from telephony.front_desk import Refusal

HELLO = {"type": "hello", "version": 1, "rate": 16000, "language": "nb", "microphone": True}


def test_every_message_of_the_page() -> None:
    assert parse_text(json.dumps(HELLO)) == Hello("nb", microphone=True)
    assert parse_text('{"type":"hello","version":1,"rate":16000,"microphone":false}') == Hello(None, microphone=False)
    assert parse_text('{"type":"key","digit":"#"}') == KeyPressed("#")
    assert parse_text('{"type":"text","text":"  hei på deg "}') == TextTyped("hei på deg")
    assert parse_text('{"type":"mark","name":"s1"}') == PlayedTo("s1")
    assert parse_text('{"type":"hang_up","more":1}') == HungUp()


@pytest.mark.parametrize(
    ("text", "reason", "code"),
    [
        ("", "bad_message", 1002),
        ("[]", "bad_message", 1002),
        ('{"type":"sing"}', "bad_message", 1002),
        ('{"type":["key"]}', "bad_message", 1002),
        ('{"type":"key","digit":"12"}', "bad_message", 1002),
        ('{"type":"key"}', "bad_message", 1002),
        ('{"type":"mark","name":4}', "bad_message", 1002),
        (json.dumps({**HELLO, "version": 2}), "wrong_version", 1002),
        (json.dumps({**HELLO, "rate": 48000}), "wrong_rate", 1002),
        (json.dumps({**HELLO, "language": "x" * 17}), "bad_message", 1002),
        (json.dumps({"type": "text", "text": "å" * 501}), "text_too_long", 1009),
        ("[" * 9000, "too_long", 1009),
        ("[" * 4000, "bad_message", 1002),
    ],
)
def test_what_is_refused(text: str, reason: str, code: int) -> None:
    with pytest.raises(PageFault) as refused:
        parse_text(text)
    assert (refused.value.reason, refused.value.close_code) == (reason, code)


def test_a_text_of_the_greatest_length_fits_however_it_is_escaped() -> None:
    longest = "\U0001f600" * 500
    assert parse_text(json.dumps({"type": "text", "text": longest})) == TextTyped(longest)


@given(st.text() | st.dictionaries(st.text(), st.text() | st.integers() | st.none()).map(json.dumps))
def test_no_text_does_anything_but_mean_something_or_be_refused(text: str) -> None:
    try:
        parse_text(text)
    except PageFault as fault:
        assert len(str(fault)) < 200


@given(st.lists(st.integers(-32768, 32767), min_size=320, max_size=320))
def test_frames_survive_the_wire(samples: list[int]) -> None:
    pcm = np.array(samples, dtype=np.int16)
    assert np.array_equal(parse_frame(messages.frames(pcm)).pcm, pcm)


@pytest.mark.parametrize(("size", "code"), [(0, 1002), (639, 1002), (641, 1009), (1_000_000, 1009)])
def test_a_frame_of_another_size_is_refused(size: int, code: int) -> None:
    with pytest.raises(PageFault) as refused:
        parse_frame(bytes(size))
    assert refused.value.close_code == code


def test_what_goes_out() -> None:
    person = TransferTarget("+442079460101", "kundeservice")
    assert json.loads(messages.refused(Refusal("full", (), person))) == {
        "type": "refused",
        "reason": "full",
        "number": "+442079460101",
        "name": "kundeservice",
    }
    assert json.loads(messages.refused(Refusal("closed", (), None)))["number"] is None
    assert json.loads(messages.caption(Caption("bot", "Hei", {"article": "frakt"})))["details"] == {"article": "frakt"}
    with pytest.raises(TypeError):
        messages.caption(Caption("bot", "Hei", {"when": object()}))
    with pytest.raises(ValueError, match="JSON compliant"):
        messages.caption(Caption("bot", "Hei", {"confidence": float("nan")}))


def test_a_flood_is_told_from_a_burst() -> None:
    gate = FloodGate(per_second=50, burst=100)
    assert all(gate.admit(0.0) for _ in range(100))
    assert not gate.admit(0.0)
    assert all(gate.admit(tick / 40) for tick in range(1, 1000))
    assert not all(gate.admit(25 + tick / 1000) for tick in range(1000))
