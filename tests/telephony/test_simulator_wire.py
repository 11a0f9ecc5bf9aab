"""The stream's messages: what the network sends, and what it will not take."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.simulator.wire import BotAudio, BotClear, BotMark, Police, StreamMessages

SID = "MZ" + "1" * 32
FRAME = base64.b64encode(b"\xff" * 160).decode()


def bot(**body: object) -> str:
    return json.dumps({"streamSid": SID, **body})


def test_every_message_has_its_documented_form():
    messages = StreamMessages("AC1", "CA1", SID)
    assert json.loads(messages.connected()) == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    start = json.loads(messages.start({"k": "v"}))
    assert (start["sequenceNumber"], start["streamSid"]) == ("1", SID)
    assert start["start"] == {
        "accountSid": "AC1",
        "callSid": "CA1",
        "streamSid": SID,
        "tracks": ["inbound"],
        "customParameters": {"k": "v"},
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
    }
    media = json.loads(messages.media(b"\xff" * 160, 20))
    assert (media["sequenceNumber"], media["media"]["chunk"], media["media"]["timestamp"]) == ("2", "1", "20")
    assert len(media["media"]["payload"]) == 216 and media["media"]["track"] == "inbound"
    assert json.loads(messages.dtmf("#"))["dtmf"] == {"track": "inbound_track", "digit": "#"}
    assert json.loads(messages.mark("m"))["mark"] == {"name": "m"}
    again = json.loads(messages.media(b"", 40))
    assert (again["sequenceNumber"], again["media"]["chunk"]) == ("5", "2")
    assert json.loads(messages.stop())["stop"] == {"accountSid": "AC1", "callSid": "CA1"}


def test_good_messages_pass():
    police = Police(SID)
    assert police.read(bot(event="media", media={"payload": FRAME})) == BotAudio(b"\xff" * 160)
    assert police.read(bot(event="mark", mark={"name": "m"})) == BotMark("m")
    assert police.read(bot(event="clear")) == BotClear()
    assert police.violations == []
    assert police.counts == {"media": 1, "mark": 1, "clear": 1}


@pytest.mark.parametrize(
    ("message", "what"),
    [
        (b"\x00", "binary"),
        ("{", "not JSON"),
        ("[]", "not an object"),
        (bot(event="connected"), "unknown event 'connected'"),
        (bot(event="stop"), "unknown event"),
        (bot(event="media"), "missing or extra fields: media"),
        (bot(event="media", media={"payload": FRAME}, sequenceNumber="1"), "sequenceNumber"),
        (bot(event="media", media={"payload": FRAME, "track": "outbound"}), "not {payload"),
        (bot(event="media", media={"payload": 1}), "not {payload"),
        (bot(event="media", media={"payload": "***"}), "not base64"),
        (bot(event="media", media={"payload": base64.b64encode(b"RIFF" + bytes(156)).decode()}), "WAV header"),
        (bot(event="media", media={"payload": base64.b64encode(bytes(100)).decode()}), "100 bytes"),
        (bot(event="mark"), "missing or extra fields: mark"),
        (bot(event="mark", mark={}), "not {name"),
        (bot(event="clear", clear={}), "extra fields: clear"),
        (json.dumps({"event": "clear", "streamSid": "MZ2"}), "another stream"),
        (json.dumps({"event": "clear"}), "streamSid"),
    ],
)
def test_each_breach_is_written_down(message, what):
    police = Police(SID)
    police.read(message)
    assert len(police.violations) == 1 and what in police.violations[0]


def test_a_mark_name_used_twice_is_a_breach():
    police = Police(SID)
    police.read(bot(event="mark", mark={"name": "m"}))
    police.read(bot(event="mark", mark={"name": "m"}))
    assert len(police.violations) == 1 and "used before" in police.violations[0]


@given(
    st.one_of(
        st.binary(max_size=50),
        st.text(max_size=50),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["event", "streamSid", "media", "mark", "payload", "name", "x"]),
                    inner | st.sampled_from(["media", "mark", "clear", SID]),
                    max_size=4,
                )
            ),
            max_leaves=8,
        ).map(json.dumps),
    )
)
def test_no_message_makes_the_police_stumble(message):
    police = Police(SID)
    if police.read(message) is None:
        assert police.violations
