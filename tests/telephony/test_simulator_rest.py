"""Twilio's own SDK against the REST double, and calls that are moved while they run."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from telephony.simulator import Network, PhoneNetwork, RestDouble, Ringing, Script
from telephony.simulator.rest import PortTaken
from telephony.simulator.script import Keys, PutDown, Turn
from telephony.twilio import TwilioCounters, TwilioSettings
from telephony.twilio.rest import TwilioRest
from tests.telephony.test_simulator_network import speak
from tests.telephony.test_twilio_rest import body_schema, check_request, reference
from tests.telephony.tone_bot import ACCOUNT, PUBLIC, TOKEN, ToneBot, served


class LoopbackClient(TwilioHttpClient):  # type: ignore[misc]  # the SDK ships no types
    """Sends the SDK's requests to the double."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=1.0, pool_connections=False)
        self.base = urlsplit(base)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        parts = urlsplit(url)
        return super().request(
            method, urlunsplit((self.base.scheme, self.base.netloc, parts.path, parts.query, "")), *args, **kwargs
        )


class Stage:
    """A network, its REST double, a bot and the SDK."""

    def __init__(self, phones: PhoneNetwork, rest: RestDouble, bot: ToneBot) -> None:
        self.phones, self.rest, self.bot = phones, rest, bot
        self.sdk = self.client(ACCOUNT, TOKEN)
        self.ring: dict[str, Ringing] = {}

    def client(self, user: str, password: str) -> Client:
        return Client(user, password, ACCOUNT, http_client=LoopbackClient(self.rest.url))

    async def ask(self, work: Any, *args: Any, **kwargs: Any) -> Any:
        return await asyncio.to_thread(work, *args, **kwargs)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    bot = ToneBot(greeting_seconds=0.1)
    ring: dict[str, Ringing] = {}
    async with served(bot.app()) as base:
        network = Network(ACCOUNT, TOKEN, PUBLIC, base)
        async with PhoneNetwork(network, callee=lambda number: ring[number]) as phones, RestDouble(phones) as rest:
            stage = Stage(phones, rest, bot)
            stage.ring = ring
            yield stage


CALL = Script("x", (Turn(Keys("1"), "immediately"), Turn(PutDown(), "reply")))
STREAM_AGAIN = '<Response><Connect><Stream url="/media/two"/></Connect></Response>'


async def started(bot: ToneBot, streams: int) -> None:
    """Wait until the bot has got so many starts."""
    await bot.until(lambda: len([body for body in bot.received if body["event"] == "start"]) >= streams)


async def test_a_call_is_moved_while_it_streams(stage):
    placing = asyncio.create_task(stage.phones.place(CALL, speak, patience_seconds=1.0))
    await started(stage.bot, 1)
    sid = next(iter(stage.phones.calls))
    moved = await stage.ask(stage.sdk.calls(sid).update, twiml=STREAM_AGAIN)
    assert (moved.sid, moved.status) == (sid, "in-progress")
    await started(stage.bot, 2)
    starts = [body["start"] for body in stage.bot.received if body["event"] == "start"]
    assert starts[0]["callSid"] == starts[1]["callSid"] and starts[0]["streamSid"] != starts[1]["streamSid"]
    events = [(body["event"], body.get("streamSid")) for body in stage.bot.received]
    assert events.index(("stop", starts[0]["streamSid"])) < events.index(("start", starts[1]["streamSid"]))
    fetched = await stage.ask(stage.sdk.calls(sid).fetch)
    assert fetched.status == "in-progress" and fetched.direction == "inbound"
    ended = await stage.ask(stage.sdk.calls(sid).update, status="completed")
    assert ended.sid == sid
    report, _ = await placing
    assert report.outcome == "the bot ended the call over REST"
    with pytest.raises(TwilioRestException) as refused:
        await stage.ask(stage.sdk.calls(sid).update, status="completed")
    assert (refused.value.status, refused.value.code) == (400, 21220)
    assert [(one.method, one.status) for one in stage.rest.requests] == [
        ("POST", 200),
        ("GET", 200),
        ("POST", 200),
        ("POST", 400),
    ]


@pytest.mark.parametrize(
    ("user", "password", "sid", "update", "status", "code"),
    [
        (ACCOUNT, "wrong", "CA" + "1" * 32, {"status": "completed"}, 401, 20003),
        (ACCOUNT, TOKEN, "CA" + "1" * 32, {"status": "completed"}, 404, 20404),
        (ACCOUNT, TOKEN, "", {"status": "paused"}, 400, 20001),
        (ACCOUNT, TOKEN, "", {"twiml": "<Response><Shout/></Response>"}, 400, 20001),
        (ACCOUNT, TOKEN, "", {"twiml": f"<Response><Say>{'a' * 4000}</Say></Response>"}, 400, 20001),
        (ACCOUNT, TOKEN, "", {}, 400, 21205),
        (ACCOUNT, TOKEN, "", {"status": "canceled"}, 400, 21220),
    ],
)
async def test_requests_that_are_refused(stage, user, password, sid, update, status, code):
    call = stage.phones.new_call(CALL)
    call.facts.status = "in-progress"
    client = stage.client(user, password)
    with pytest.raises(TwilioRestException) as refused:
        await stage.ask(client.calls(sid or call.facts.call_sid).update, **update)
    assert (refused.value.status, refused.value.code) == (status, code)


async def test_unknown_parameters_and_paths_are_refused(stage):
    async def post(path: str, **fields: str) -> requests.Response:
        url = f"{stage.rest.url}/2010-04-01/Accounts/{ACCOUNT}/{path}"
        response = await asyncio.to_thread(requests.post, url, data=fields, auth=(ACCOUNT, TOKEN), timeout=2)
        assert isinstance(response, requests.Response)
        return response

    call = stage.phones.new_call(CALL)
    answer = await post(f"Calls/{call.facts.call_sid}.json", Statsu="completed")
    assert answer.status_code == 400 and answer.json()["code"] == 20001
    assert answer.json().keys() == {"code", "message", "more_info", "status"}
    assert (await post("Conferences.json")).status_code == 404


async def test_trouble(stage):
    call = stage.phones.new_call(CALL)
    calls = stage.sdk.calls(call.facts.call_sid)
    stage.rest.trouble.failures.append((429, 20429))
    with pytest.raises(TwilioRestException) as refused:
        await stage.ask(calls.fetch)
    assert (refused.value.status, refused.value.code) == (429, 20429)
    stage.rest.trouble.lost_answers = 1
    with pytest.raises(requests.RequestException):
        await stage.ask(calls.fetch)
    stage.rest.trouble.latency_seconds = 3.0
    with pytest.raises(requests.Timeout):
        await stage.ask(calls.fetch)
    assert [one.code for one in stage.rest.requests] == [20429, None, None]


@pytest.mark.parametrize(
    ("ringing", "status", "events"),
    [
        (Ringing(), "completed", ["initiated", "ringing", "in-progress", "completed"]),
        (Ringing("busy"), "busy", ["initiated", "ringing", "busy"]),
        (Ringing("no-answer"), "no-answer", ["initiated", "ringing", "no-answer"]),
    ],
)
async def test_calls_that_the_bot_makes(stage, ringing, status, events):
    stage.ring["+4722000000"] = ringing
    made = await stage.ask(
        stage.sdk.calls.create,
        to="+4722000000",
        from_="+4721000000",
        twiml="<Response><Hangup/></Response>",
        status_callback=PUBLIC + "/agent-status",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    await stage.bot.until(lambda: len(stage.bot.forms) >= len(events))
    assert stage.phones.calls[made.sid].facts.status == status
    told = sorted((int(form["SequenceNumber"]), form["CallStatus"]) for _, form, _ in stage.bot.forms)
    assert told == list(enumerate(events))


async def test_ringing_is_given_up(stage):
    stage.ring["+4722000000"] = Ringing("answered", seconds=30)
    made = await stage.ask(
        stage.sdk.calls.create,
        to="+4722000000",
        from_="+4721000000",
        url=PUBLIC + "/whisper",
        status_callback=PUBLIC + "/agent-status",
    )
    assert made.status in ("queued", "ringing")
    await stage.ask(stage.sdk.calls(made.sid).update, status="canceled")
    await stage.bot.until(lambda: bool(stage.bot.forms))
    assert [form["CallStatus"] for _, form, _ in stage.bot.forms] == ["canceled"]


async def test_a_port_in_use_is_told(stage):
    port = int(stage.rest.url.rpartition(":")[2])
    with pytest.raises(PortTaken, match=str(port)):
        await RestDouble(stage.phones, port=port).__aenter__()


async def test_text_messages_are_kept_and_bad_ones_refused(stage):
    text = {"to": "+4790000001", "from_": "+4721000000", "body": "https://nordlys.example/retur"}
    sent = await stage.ask(stage.sdk.messages.create, **text)
    assert sent.sid.startswith("SM")
    assert [(kept.to, kept.sender, kept.body) for kept in stage.rest.messages] == [tuple(text.values())]
    for wrong, code in (({"to": "anonymous"}, 21211), ({"body": "x" * 1601}, 21617)):
        with pytest.raises(TwilioRestException) as refused:
            await stage.ask(stage.sdk.messages.create, **{**text, **wrong})
        assert refused.value.code == code


@pytest.mark.skipif(not reference().exists(), reason="VOICEBOT_REFERENCE names no folder with twilio_api_subset.json")
async def test_what_the_double_takes_is_what_twilio_publishes(stage):
    specification = json.loads(reference().read_text())
    settings = TwilioSettings(ACCOUNT, (TOKEN,), PUBLIC, api_url=stage.rest.url)
    rest = TwilioRest(settings, TwilioCounters())
    stage.ring["+4722000000"] = Ringing("answered", 30.0)
    ours = PUBLIC + "/leg"
    sid = await rest.ring("+4722000000", "+4721000000", url=ours, status_url=ours, seconds=18, limit_seconds=60)
    assert await rest.status(sid) in ("queued", "ringing")
    assert await rest.end(sid)
    await rest.message("+4790000001", "+4721000000", "https://nordlys.example/retur")
    rest.close()
    posted = [one for one in stage.rest.requests if one.method == "POST"]
    assert [one.status for one in posted] == [201, 200, 201]
    for request in posted:
        check_request(specification, request.path, typed(specification, request.path, request.fields))


def typed(specification: dict[str, Any], path: str, fields: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """A form as the schema sees it: repeated fields are arrays, numbers and booleans no text."""
    readers: dict[str | None, Callable[[str], object]] = {
        "integer": int,
        "boolean": lambda text: {"true": True, "false": False}.get(text.lower(), text),
    }
    schema = body_schema(specification, path)["properties"]
    return {
        name: list(values)
        if schema.get(name, {}).get("type") == "array"
        else readers.get(schema.get(name, {}).get("type"), str)(values[-1])
        for name, values in fields.items()
    }
