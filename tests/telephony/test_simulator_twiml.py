"""TwiML is read strictly: what the real network would quietly ignore is refused here."""

import pytest

from telephony.simulator.twiml import TwimlRefused, read_twiml
from telephony.simulator.verbs import Action, Dial, Gather, Hangup, Party, Pause, Play, Redirect, Say, Stream

BASE = "https://bot.example.com/twilio/voice"


def read(body: str, **options: bool):
    return read_twiml(f"<Response>{body}</Response>", BASE, **options)


def test_the_verbs_we_use():
    assert read('<Say language="nb-NO">Hei  du</Say><Play>/a.wav</Play><Pause length="2"/>') == (
        Say("Hei du", "nb-NO"),
        Play("https://bot.example.com/a.wav"),
        Pause(2.0),
    )
    assert read('<Dial action="/d" timeout="20"><Number>+4721000000</Number><Number>+4721000001</Number></Dial>') == (
        Dial((Party("+4721000000"), Party("+4721000001")), Action("https://bot.example.com/d", "POST"), 20.0),
    )
    assert read("<Dial>+4721000000</Dial><Hangup/>") == (Dial((Party("+4721000000"),), None, 30.0), Hangup())
    assert read('<Redirect method="GET">next</Redirect>') == (
        Redirect(Action("https://bot.example.com/twilio/next", "GET")),
    )
    assert read('<Reject reason="busy"/>') == (Hangup("busy"),)
    gather = (
        '<Gather input="dtmf" numDigits="1" timeout="3" action="/g" actionOnEmptyResult="true"><Say>a</Say></Gather>'
    )
    assert read(gather) == (
        Gather((Say("a", None),), Action("https://bot.example.com/g", "POST"), 3.0, 1, "#", on_empty=True),
    )


def test_a_stream():
    document = (
        '<Connect action="/ended"><Stream url="wss://bot.example.com/m/t" name="n" statusCallback="/s">'
        '<Parameter name="resume" value="reconnect"/></Stream></Connect>'
    )
    assert read(document) == (
        Stream(
            "wss://bot.example.com/m/t",
            "n",
            {"resume": "reconnect"},
            Action("https://bot.example.com/s", "POST"),
            Action("https://bot.example.com/ended", "POST"),
        ),
    )
    assert read('<Connect><Stream url="/m/t"/></Connect>')[0].url == "wss://bot.example.com/m/t"


def stream(attributes: str, inside: str = "", after: str = "") -> str:
    return f'<Connect action="/e"><Stream {attributes}>{inside}</Stream></Connect>{after}'


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<say>a</say>", "case matters: Say"),
        ('<Say Voice="x">a</Say>', "case matters: voice"),
        ("<Shout/>", "<Shout> is not allowed"),
        ("<Say/>", "empty"),
        ("<Dial><Queue>r</Queue></Dial>", "<Queue> is not played"),
        ("<Record/>", "<Record> is not played"),
        ('<Dial record="record-from-answer">+4721000000</Dial>', "records the call"),
        ("<Dial/>", "nobody to call"),
        ('<Dial timeout="soon">+4721000000</Dial>', "not a whole number"),
        ('<Dial action="/d">+4721000000</Dial><Say>a</Say>', "never be reached"),
        ("<Hangup/><Say>a</Say>", "never be reached"),
        ('<Pause length="40"/>', "silence for 40 s"),
        (stream('url="wss://x/m?t=1"'), "query string"),
        (stream('url="https://x/m"'), "not wss"),
        (stream('url="ws://127.0.0.1/m"'), "not wss"),
        (stream(""), "no url"),
        (stream('url="wss://x/m" bidirectional="true"'), "no attribute bidirectional"),
        (stream('url="wss://x/m" track="both_tracks"'), "<Start> only"),
        (stream('url="wss://x/m"', f'<Parameter name="a" value="{"x" * 499}"/>'), "500 is too many"),
        (stream('url="wss://x/m"', '<Parameter name="from" value="+4799999999"/>'), "somebody's number"),
        (stream('url="wss://x/m"', '<Parameter name="a"/>'), "needs name and value"),
        (stream('url="wss://x/m"', after="<Pause/>"), "never be reached"),
        ("<Connect/>", "0 streams"),
        ('<Redirect method="PUT">x</Redirect>', "GET and POST"),
        ("<Redirect>/call/+4799999999</Redirect>", "somebody's number"),
    ],
)
def test_what_is_refused(body, fault):
    with pytest.raises(TwimlRefused) as refused:
        read(body)
    assert any(fault in one for one in refused.value.faults), refused.value.faults


@pytest.mark.parametrize(("text", "fault"), [("", "not XML"), ("<a>", "not XML"), ("<Reply/>", "not a <Response>")])
def test_what_is_no_document(text, fault):
    with pytest.raises(TwimlRefused, match=fault):
        read_twiml(text, BASE)


def test_a_plain_stream_to_this_machine_passes_when_allowed():
    assert read('<Connect><Stream url="ws://127.0.0.1:8080/m"/></Connect>', allow_plain_ws=True)
    with pytest.raises(TwimlRefused):
        read('<Connect><Stream url="ws://bot.example.com/m"/></Connect>', allow_plain_ws=True)


def test_all_faults_are_told_together():
    with pytest.raises(TwimlRefused) as refused:
        read('<Say x="1">a</Say><Shout/>')
    assert len(refused.value.faults) == 2
