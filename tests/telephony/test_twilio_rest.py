"""REST requests through the real SDK to a server on loopback, and against Twilio's published contract."""

import asyncio
import base64
import contextlib
import json
import os
import re
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import uvicorn
from fastapi import FastAPI

from telephony.errors import CarrierRefused
from telephony.twilio import Patience, TwilioCounters, TwilioSettings
from telephony.twilio.rest import TwilioRest, _client
from tests.telephony.twilio_house import ACCOUNT, CALL, TOKEN, FakeApi, within

SETTINGS = TwilioSettings(ACCOUNT, (TOKEN, "next"), "https://bot.example.com", patience=Patience(rest_seconds=5.0))
DOCUMENT = "<Response><Hangup/></Response>"


@contextlib.asynccontextmanager
async def twilio(**settings: Any) -> AsyncIterator[tuple[TwilioRest, FakeApi, TwilioCounters]]:
    """A REST client, and the server that it talks to."""
    # asyncio turns Nagle's delay (40 ms on loopback) off only for sockets that say that they are TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    api, counters, app = FakeApi(), TwilioCounters(), FastAPI()
    app.add_api_route("/{path:path}", api.update, methods=["POST"])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    rest = TwilioRest(replace(SETTINGS, api_url=url, **settings), counters)
    try:
        yield rest, api, counters
    finally:
        rest.close()
        server.should_exit = True
        await within(serving)


async def test_ending_and_moving_a_call():
    async with twilio() as (rest, api, counters):
        assert await rest.end(CALL) is True
        await rest.move(CALL, DOCUMENT)
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{CALL}.json"
    assert [request["path"] for request in api.requests] == [path, path]
    assert [request["form"] for request in api.requests] == [[("Status", "completed")], [("Twiml", DOCUMENT)]]
    assert counters.rest_requests == {"end a call": 1, "move a call": 1} and counters.rest_failures == 0


async def test_a_text_message_is_sent_once_even_when_nobody_answers():
    async with twilio() as (rest, api, counters):
        await rest.message("+4790000001", "+4721000000", "https://nordlys.example/retur")
        api.status, api.code = 500, 20500
        with pytest.raises(CarrierRefused):
            await rest.message("+4790000001", "+4721000000", "https://nordlys.example/retur")
    assert [request["path"] for request in api.requests] == [f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"] * 2
    sent = {("To", "+4790000001"), ("From", "+4721000000"), ("Body", "https://nordlys.example/retur")}
    assert set(api.requests[0]["form"]) == sent


@pytest.mark.parametrize(
    ("settings", "user"),
    [({}, f"{ACCOUNT}:{TOKEN}"), ({"api_key_sid": "SK1", "api_key_secret": "s3"}, "SK1:s3")],
)
async def test_an_api_key_is_used_when_there_is_one(settings, user):
    async with twilio(**settings) as (rest, api, _):
        await rest.end(CALL)
    assert api.requests[0]["authorization"] == "Basic " + base64.b64encode(user.encode()).decode()
    assert ACCOUNT in api.requests[0]["path"]


@pytest.mark.parametrize(("status", "code"), [(400, 21220), (404, 20404)])
async def test_a_call_that_is_over_already_is_no_fault(status, code):
    async with twilio() as (rest, api, counters):
        api.status, api.code = status, code
        assert await rest.end(CALL) is False
        with pytest.raises(CarrierRefused) as refused:
            await rest.move(CALL, DOCUMENT)
    assert (refused.value.status, refused.value.code) == (status, code)
    assert counters.rest_failures == 0 and len(api.requests) == 2


async def test_another_refusal_is_told_without_secrets():
    async with twilio() as (rest, api, counters):
        api.status, api.code = 401, 20003
        with pytest.raises(CarrierRefused) as refused:
            await rest.end(CALL)
    assert (refused.value.status, refused.value.code) == (401, 20003)
    assert TOKEN not in str(refused.value) and ACCOUNT not in str(refused.value)
    assert refused.value.__cause__ is None
    assert counters.rest_failures == 1 and len(api.requests) == 1


async def test_a_server_fault_is_asked_about_once_more():
    async with twilio() as (rest, api, counters):
        api.status, api.code = 503, None
        with pytest.raises(CarrierRefused):
            await rest.end(CALL)
    assert len(api.requests) == 2 and counters.rest_failures == 2


async def test_no_answer_is_a_refusal_and_not_a_hang():
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    rest = TwilioRest(replace(SETTINGS, api_url=url), TwilioCounters())
    try:
        with pytest.raises(CarrierRefused, match="ConnectionError") as refused:
            await within(rest.end(CALL))
    finally:
        rest.close()
        closed.close()
    assert refused.value.status == 0 and "127.0.0.1" not in str(refused.value)


async def test_a_document_over_4000_characters_is_not_sent():
    async with twilio() as (rest, api, _):
        with pytest.raises(CarrierRefused):
            await rest.move(CALL, "x" * 4001)
    assert api.requests == []


def test_region_and_edge_go_together_or_not_at_all(monkeypatch):
    # What the operator's shell holds must not leak past the configuration.
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    client = _client(replace(SETTINGS, region="ie1", edge="dublin"))
    assert client.get_hostname("https://api.twilio.com/x") == "https://api.dublin.ie1.twilio.com/x"
    assert _client(SETTINGS).get_hostname("https://api.twilio.com/x") == "https://api.twilio.com/x"
    assert client.http_client.timeout == 5.0
    with pytest.raises(ValueError, match="region and edge"):
        replace(SETTINGS, region="ie1")
    with pytest.raises(ValueError, match="region and edge"):
        replace(SETTINGS, edge="dublin")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"auth_tokens": ()}, "auth_tokens"),
        ({"auth_tokens": ("",)}, "auth_tokens"),
        ({"public_url": "bot.example.com"}, "public_url"),
        ({"public_url": "wss://bot.example.com"}, "public_url"),
        ({"public_url": "https://bot.example.com/?x=1"}, "public_url"),
        ({"api_key_sid": "SK1"}, "api_key"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(changes, named):
    with pytest.raises(ValueError, match=named):
        replace(SETTINGS, **changes)


def test_settings_never_show_their_secrets():
    shown = repr(replace(SETTINGS, api_key_sid="SK1", api_key_secret="s3cret"))
    assert TOKEN not in shown and "s3cret" not in shown


def reference() -> Path:
    folder = os.environ.get("VOICEBOT_REFERENCE") or Path(__file__).parents[3] / "shared" / "reference"
    return Path(folder) / "twilio_api_subset.json"


@pytest.mark.skipif(not reference().exists(), reason="VOICEBOT_REFERENCE names no folder with twilio_api_subset.json")
async def test_every_request_keeps_to_twilios_published_contract():
    specification = json.loads(reference().read_text())
    async with twilio() as (rest, api, _):
        await rest.end(CALL)
        await rest.move(CALL, DOCUMENT)
        await rest.message("+4790000001", "+4721000000", "https://nordlys.example/retur")
    for request in api.requests:
        check_request(specification, request["path"], dict(request["form"]))
    with pytest.raises(jsonschema.ValidationError):
        check_request(specification, api.requests[0]["path"], {"Status": "over"})
    with pytest.raises(jsonschema.ValidationError):
        check_request(specification, api.requests[0]["path"], {"TwiML": DOCUMENT})


def check_request(specification: dict[str, Any], path: str, form: Mapping[str, Any]) -> None:
    """Hold a POST against the OpenAPI document: path parameters, and no field that it does not know."""
    template, operation = operation_at(specification, path)
    found = re.fullmatch(pattern_of(template), path)
    assert found is not None
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            jsonschema.validate(found[parameter["name"]], parameter["schema"])
    schema = {**body_schema(specification, path), "additionalProperties": False}
    jsonschema.validate(form, {**schema, "components": specification["components"]})


def body_schema(specification: dict[str, Any], path: str) -> dict[str, Any]:
    """What may be posted there."""
    _, operation = operation_at(specification, path)
    schema: dict[str, Any] = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    return schema


def operation_at(specification: dict[str, Any], path: str) -> tuple[str, dict[str, Any]]:
    """The template that a POST's path fits, and its operation."""
    for template, operations in specification["paths"].items():
        if "post" in operations and re.fullmatch(pattern_of(template), path):
            return template, operations["post"]
    raise AssertionError(f"no operation for POST {path}")


def pattern_of(template: str) -> str:
    return re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template.replace(".", r"\."))
