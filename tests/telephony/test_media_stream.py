"""Every message of Twilio's Media Streams, both ways, and everything that only looks like one. No socket."""

import base64
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.call import FrameReceived, KeyPressed, MarkCleared, MarkPlayed
from telephony.errors import ProtocolViolation
from telephony.twilio.media_stream import MediaLost, MediaStream, StreamStarted, StreamStopped
from tests.telephony.twilio_house import ACCOUNT, CALL, STREAM, media_message, start_message


def fresh() -> MediaStream:
    return MediaStream(ACCOUNT, CALL)


def started() -> MediaStream:
    stream = fresh()
    stream.receive(json.dumps(start_message()))
    return stream


def give(stream: MediaStream, message: object) -> list[Any]:
    return list(stream.receive(json.dumps(message)))


def message(event: str, body: dict[str, object], **fields: object) -> dict[str, object]:
    return {"event": event, "sequenceNumber": "5", "streamSid": STREAM, event: body, **fields}


# What Twilio sends.


def test_connected_has_neither_stream_nor_sequence():
    stream = fresh()
    assert give(stream, {"event": "connected", "protocol": "Call", "version": "1.0.0"}) == []
    assert not stream.ignored


def test_start():
    stream = fresh()
    events = give(stream, start_message(customParameters={"resume": "reconnect", "odd": 7}))
    assert events == [StreamStarted(STREAM, CALL, {"resume": "reconnect"})]
    assert stream.stream_sid == STREAM


def test_media_is_one_frame_of_20_ms():
    [frame] = give(started(), media_message(bytes(range(160)), 1))
    assert isinstance(frame, FrameReceived)
    assert frame.pcm.dtype == np.int16 and frame.pcm.shape == (160,) and frame.pcm[0] == -32124


@pytest.mark.parametrize("digit", "0123456789*#")
def test_dtmf(digit):
    assert give(started(), message("dtmf", {"track": "inbound_track", "digit": digit})) == [KeyPressed(digit)]


def test_mark():
    stream = started()
    stream.mark("u7.s3")
    assert give(stream, message("mark", {"name": "u7.s3"})) == [MarkPlayed("u7.s3")]


def test_stop():
    stream = started()
    assert give(stream, message("stop", {"accountSid": ACCOUNT, "callSid": CALL})) == [StreamStopped()]
    assert give(stream, media_message(b"\xff" * 160, 1)) == []
    assert stream.ignored == {"after_stop": 1}


# What we send: exactly these fields, no more and no fewer.


def test_our_media():
    sent = json.loads(started().media(np.zeros(160, dtype=np.int16)))
    payload = base64.b64encode(b"\xff" * 160).decode()
    assert sent == {"event": "media", "streamSid": STREAM, "media": {"payload": payload}}
    assert len(payload) == 216


def test_our_mark():
    assert json.loads(started().mark("u1.s1")) == {"event": "mark", "streamSid": STREAM, "mark": {"name": "u1.s1"}}


def test_our_clear_names_the_marks_never_heard_and_swallows_their_echoes():
    stream = started()
    stream.mark("heard")
    stream.mark("cut")
    give(stream, message("mark", {"name": "heard"}))
    text, cleared = stream.clear()
    assert json.loads(text) == {"event": "clear", "streamSid": STREAM}
    assert cleared == [MarkCleared("cut")]
    stream.mark("after")
    assert give(stream, message("mark", {"name": "cut"})) == []
    assert give(stream, message("mark", {"name": "after"})) == [MarkPlayed("after")]
    assert not stream.ignored


# Who is talking: strict.


@pytest.mark.parametrize(
    "changes",
    [
        {"accountSid": "AC" + "0" * 32},
        {"accountSid": None},
        {"callSid": "CA" + "0" * 32},
        {"mediaFormat": None},
        {"mediaFormat": {"encoding": "audio/pcm", "sampleRate": 8000, "channels": 1}},
        {"mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1}},
        {"mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": "8000", "channels": 1}},
        {"mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 2}},
        {"mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": True}},
    ],
)
def test_a_start_that_is_not_ours_is_a_violation(changes):
    with pytest.raises(ProtocolViolation, match="start: "):
        give(fresh(), start_message(**changes))


@pytest.mark.parametrize(
    "broken", [{"event": "start"}, {"event": "start", "start": {}}, {"event": "start", "start": 1}]
)
def test_a_start_without_a_body_is_a_violation(broken):
    with pytest.raises(ProtocolViolation):
        give(fresh(), broken)


def test_a_violation_does_not_quote_the_stranger():
    with pytest.raises(ProtocolViolation) as violation:
        give(fresh(), start_message(callSid="CA-somebody-elses"))
    assert "somebody" not in str(violation.value)


# Everything else: liberal, and counted.


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{", "malformed_not_json"),
        ("", "malformed_not_json"),
        ("[" * 20_000, "malformed_not_json"),
        ("[1]", "malformed_not_object"),
        (b"\x00\x01", "malformed_binary"),
        ('{"no": "event"}', "unknown_event"),
        ('{"event": "error"}', "unknown_event"),
        ('{"event": ["media"]}', "unknown_event"),
        (json.dumps({"event": "media", "streamSid": "MZother", "media": {}}), "other_stream"),
        (json.dumps({"event": "media", "media": {}}), "other_stream"),
        (json.dumps({"event": "media", "streamSid": STREAM}), "malformed_media"),
        (json.dumps(message("media", {"payload": 7})), "malformed_media"),
        (json.dumps(message("media", {"payload": "not base64!"})), "malformed_not_base64"),
        (json.dumps(message("media", {"payload": "ø"})), "malformed_not_base64"),
        (json.dumps(message("media", {"payload": ""})), "malformed_empty_media"),
        (json.dumps(message("media", {"track": "outbound", "payload": "//8="})), "other_track"),
        (json.dumps(message("dtmf", {"digit": "55"})), "malformed_dtmf"),
        (json.dumps(message("dtmf", {})), "malformed_dtmf"),
        (json.dumps(message("mark", {})), "malformed_mark"),
        (json.dumps(message("mark", {"name": "never sent"})), "unknown_mark"),
        (json.dumps(start_message()), "second_start"),
    ],
)
def test_what_is_ignored_is_counted_and_the_stream_goes_on(text, kind):
    stream = started()
    assert stream.receive(text) == []
    assert stream.ignored == {kind: 1}
    assert len(give(stream, media_message(b"\xff" * 160, 1))) == 1


def test_media_before_start_is_ignored():
    stream = fresh()
    assert give(stream, media_message(b"\xff" * 160, 1)) == []
    assert stream.ignored == {"before_start": 1}


def test_unknown_fields_are_read_over_and_counted():
    stream = started()
    spoken = media_message(b"\xff" * 160, 1)
    spoken["media"]["new"] = {"deep": 1}
    assert len(give(stream, {**spoken, "newer": 2})) == 1
    assert stream.ignored == {"unknown_field_media": 2}


def test_too_large_is_a_violation():
    with pytest.raises(ProtocolViolation, match="65537"):
        started().receive("x" * 65_537)


def test_hundreds_of_broken_messages_are_a_violation():
    stream = started()
    for _ in range(250):
        stream.receive("{")
    with pytest.raises(ProtocolViolation, match="malformed"):
        stream.receive("{")


# Sizes and holes.


@given(st.lists(st.integers(1, 500), max_size=30))
def test_any_split_of_the_audio_gives_the_same_frames(sizes):
    ulaw = bytes(index % 256 for index in range(sum(sizes)))
    stream, at, frames = started(), 0, []
    for chunk, size in enumerate(sizes, 1):
        frames += give(stream, media_message(ulaw[at : at + size], chunk, timestamp_ms=at // 8))
        at += size
    whole = give(started(), media_message(ulaw, 1)) if ulaw else []
    assert [frame.pcm.tolist() for frame in frames] == [frame.pcm.tolist() for frame in whole]
    assert len(frames) == sum(sizes) // 160


def test_a_jump_of_the_timestamp_is_lost_audio_and_becomes_silence():
    stream = started()
    give(stream, media_message(b"\x00" * 160, 1, timestamp_ms=40))
    give(stream, media_message(b"\x00" * 160, 2, timestamp_ms=60))
    lost, *frames = give(stream, media_message(b"\x00" * 160, 3, timestamp_ms=140))
    assert lost == MediaLost(3)
    assert [frame.pcm[0] for frame in frames] == [0, 0, 0, -32124]
    assert len(give(stream, media_message(b"\x00" * 160, 4, timestamp_ms=160))) == 1


def test_an_uneven_timestamp_is_no_loss():
    stream = started()
    for chunk, at in enumerate([0, 25, 38, 61, 79, 101], 1):
        assert len(give(stream, media_message(b"\x00" * 160, chunk, timestamp_ms=at))) == 1


def test_a_stall_is_not_filled_for_ever():
    stream = started()
    give(stream, media_message(b"\x00" * 160, 1, timestamp_ms=0))
    lost, *frames = give(stream, media_message(b"\x00" * 160, 2, timestamp_ms=3_600_020))
    assert lost == MediaLost(180_000) and len(frames) == 101


@pytest.mark.parametrize("timestamp", [None, "", "soon", 1.5, [], {}])
def test_a_timestamp_that_is_none_loses_no_audio(timestamp):
    stream = started()
    spoken = media_message(b"\x00" * 160, 1)
    spoken["media"]["timestamp"] = timestamp
    assert len(give(stream, spoken)) == 1
    assert stream.ignored == {"bad_timestamp": 1}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=10,
)
events = st.sampled_from(["connected", "start", "media", "dtmf", "mark", "stop", "other"])


@given(events, json_values, st.sampled_from([STREAM, "MZ", None]))
def test_no_message_breaks_the_stream(event, body, stream_sid):
    stream = started()
    assert isinstance(give(stream, {"event": event, "streamSid": stream_sid, event: body}), list)


@given(st.text(max_size=300) | st.binary(max_size=300))
def test_no_garbage_breaks_the_stream(garbage):
    assert started().receive(garbage) == []
