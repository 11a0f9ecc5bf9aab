"""Twilio's REST API for calls, on loopback, for the bot's own `twilio` SDK to talk to.

Calls can be created, fetched and updated, text messages created. Source: Twilio's OpenAPI description of
`/Accounts/{sid}/Calls` and `/Accounts/{sid}/Messages`.
"""

import asyncio
import base64
import binascii
import json
import re
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from telephony.errors import TelephonyError
from telephony.simulator.callbacks import Subscription
from telephony.simulator.network import PhoneNetwork
from telephony.simulator.phone_call import PhoneCall
from telephony.simulator.twiml import TwimlRefused, read_twiml
from telephony.simulator.verbs import Action
from telephony.simulator.webhooks import Answer

_MOST_BODY_BYTES = 1_000_000
_MOST_TWIML = 4000
_READ_SECONDS = 10.0
_UPDATE = frozenset(
    ("Url", "Method", "Status", "FallbackUrl", "FallbackMethod", "StatusCallback", "StatusCallbackMethod")
    + ("Twiml", "TimeLimit")
)
_CREATE = (_UPDATE - {"Status"}) | {
    "To",
    "From",
    "StatusCallbackEvent",
    "Timeout",
    "SendDigits",
    "MachineDetection",
    "Record",
}
_MESSAGE = frozenset(("To", "From", "Body", "StatusCallback"))
_LONGEST_BODY = 1600
_MESSAGES = {
    20001: "Invalid parameter",
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    21211: "Invalid 'To' Phone Number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21220: "Call is not in-progress. Cannot redirect.",
}


@dataclass(frozen=True, slots=True)
class RestRequest:
    """One request as it came, and what it got."""

    method: str
    path: str
    fields: Mapping[str, tuple[str, ...]]
    status: int
    code: int | None


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text message that was accepted. The phones of the number show it while they are in a call."""

    to: str
    sender: str
    body: str


@dataclass(slots=True)
class RestTrouble:
    """What goes wrong on purpose; may be changed while it runs.

    Args:
        latency_seconds: before every answer.
        failures: (HTTP status, code) answered to the next requests instead of doing them.
        lost_answers: how many of the next requests are done but never answered.
    """

    latency_seconds: float = 0.0
    failures: deque[tuple[int, int]] = field(default_factory=deque)
    lost_answers: int = 0


class PortTaken(TelephonyError):
    """The port for the REST double is in use."""


class _Refused(Exception):
    def __init__(self, status: int, code: int, why: str = "") -> None:
        super().__init__(why)
        self.status = status
        self.code = code
        self.why = why


class RestDouble:
    """A small HTTP server that moves and ends the calls of a `PhoneNetwork`.

    Use it as an async context manager; `url` is where it listens.

    Args:
        phones: the network whose calls it controls.
        keys: further user names and passwords beside the account's own (API keys).
        port: 0 takes a free one.
    """

    def __init__(self, phones: PhoneNetwork, keys: Mapping[str, str] | None = None, port: int = 0) -> None:
        self._phones = phones
        self._passwords = {phones.network.account_sid: phones.network.auth_token, **(keys or {})}
        self._port = port
        self._server: asyncio.Server | None = None
        self._answering: set[asyncio.Task[None]] = set()
        self.trouble = RestTrouble()
        self.requests: list[RestRequest] = []
        self.messages: list[TextMessage] = []
        self.url = ""

    async def __aenter__(self) -> Self:
        try:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port, limit=_MOST_BODY_BYTES)
        except OSError as error:
            raise PortTaken(f"port {self._port} is in use -> give another --rest-port") from error
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
        for task in tuple(self._answering):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_READ_SECONDS):
                method, target, headers, body = await _read_request(reader)
            path = urlsplit(target).path
            status, answer = self._log_and_answer(method, path, headers, body)
            await asyncio.sleep(self.trouble.latency_seconds)
            if self.trouble.lost_answers:
                self.trouble.lost_answers -= 1
                return
            text = json.dumps(answer).encode()
            head = f"HTTP/1.1 {status} Told\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n"
            writer.write(f"{head}Connection: close\r\n\r\n".encode() + text)
            await writer.drain()
        except (TimeoutError, ValueError, EOFError, OSError, asyncio.LimitOverrunError):
            return  # Not HTTP, or nobody there any more: the network hangs up without a word too.
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _log_and_answer(
        self, method: str, path: str, headers: Mapping[str, str], body: str
    ) -> tuple[int, dict[str, Any]]:
        fields = {name: tuple(values) for name, values in parse_qs(body, keep_blank_values=True).items()}
        code = None
        try:
            status, answer = self._answer(method, path, headers, fields)
        except _Refused as refused:
            status, answer, code = refused.status, _error(refused), refused.code
        self.requests.append(RestRequest(method, path, fields, status, code))
        return status, answer

    def _answer(
        self, method: str, path: str, headers: Mapping[str, str], fields: Mapping[str, tuple[str, ...]]
    ) -> tuple[int, dict[str, Any]]:
        self._authenticate(headers)
        if self.trouble.failures:
            raise _Refused(*self.trouble.failures.popleft())
        account = re.escape(self._phones.network.account_sid)
        if method == "POST" and re.fullmatch(rf"/2010-04-01/Accounts/{account}/Messages\.json", path):
            return 201, self._send(fields)
        place = re.fullmatch(rf"/2010-04-01/Accounts/{account}/Calls(?:/(CA[0-9a-f]{{32}}))?\.json", path)
        if place is None:
            raise _Refused(404, 20404)
        if place[1] is None:
            if method != "POST":
                raise _Refused(405, 20004)
            return 201, _describe(self._create(fields))
        call = self._phones.calls.get(place[1])
        if call is None:
            raise _Refused(404, 20404)
        if method == "POST":
            self._update(call, fields)
        return 200, _describe(call)

    def _authenticate(self, headers: Mapping[str, str]) -> None:
        try:
            user, _, password = base64.b64decode(headers.get("authorization", "")[6:]).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise _Refused(401, 20003) from None
        if self._passwords.get(user) != password:
            raise _Refused(401, 20003)

    def _update(self, call: PhoneCall, fields: Mapping[str, tuple[str, ...]]) -> None:
        _known(fields, _UPDATE)
        if call.over:
            raise _Refused(400, 21220)
        status = _one(fields, "Status")
        if status is not None:
            if status not in ("completed", "canceled"):
                raise _Refused(400, 20001, f"Status {status}")
            if status == "canceled" and call.facts.status == "in-progress":
                raise _Refused(400, 21220)
            call.complete()
        else:
            call.move(self._document(fields))

    def _create(self, fields: Mapping[str, tuple[str, ...]]) -> PhoneCall:
        _known(fields, _CREATE)
        called, caller = _one(fields, "To"), _one(fields, "From")
        if not called or not caller:
            raise _Refused(400, 21201 if not called else 21213, "To and From are needed")
        callback = _one(fields, "StatusCallback")
        subscription = None
        if callback is not None:
            events = frozenset(fields.get("StatusCallbackEvent", ("completed",)))
            subscription = Subscription(Action(callback, _one(fields, "StatusCallbackMethod") or "POST"), events)
        return self._phones.call_out(called, caller, self._document(fields), subscription)

    def _send(self, fields: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
        _known(fields, _MESSAGE)
        to, sender, body = (_one(fields, name) or "" for name in ("To", "From", "Body"))
        if not re.fullmatch(r"\+[1-9]\d{6,14}", to):
            raise _Refused(400, 21211)
        if not sender or not body:
            raise _Refused(400, 21603 if not sender else 21602, "From and Body are needed")
        if len(body) > _LONGEST_BODY:
            raise _Refused(400, 21617)
        self.messages.append(TextMessage(to, sender, body))
        for call in self._phones.calls.values():
            if call.facts.caller == to and not call.over:
                call.handset.texts.append(body)
        return _describe_message(self._phones.network.account_sid, self.messages[-1], len(self.messages))

    def _document(self, fields: Mapping[str, tuple[str, ...]]) -> Answer | Action:
        text, url = _one(fields, "Twiml"), _one(fields, "Url")
        if text is None and url is None:
            raise _Refused(400, 21205, "Url or Twiml is needed")
        if text is None:
            return Action(url or "", _one(fields, "Method") or "POST")
        if len(text) > _MOST_TWIML:
            raise _Refused(400, 20001, "Twiml is longer than 4000 characters")
        base = self._phones.network.public_url
        try:
            read_twiml(text, base, allow_plain_ws=True)
        except TwimlRefused as refused:
            raise _Refused(400, 20001, str(refused)) from refused
        return Answer(text, base)


async def _read_request(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str], str]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    length = int(headers.get("content-length") or 0)
    if length > _MOST_BODY_BYTES:
        raise ValueError("too long")
    return method, target, headers, (await reader.readexactly(length)).decode("utf-8")


def _known(fields: Mapping[str, tuple[str, ...]], allowed: frozenset[str]) -> None:
    if unknown := fields.keys() - allowed:
        raise _Refused(400, 20001, f"unknown parameter {', '.join(sorted(unknown))}")


def _one(fields: Mapping[str, tuple[str, ...]], name: str) -> str | None:
    return fields[name][-1] if name in fields else None


def _error(refused: _Refused) -> dict[str, Any]:
    message = _MESSAGES.get(refused.code, "The request was refused")
    return {
        "code": refused.code,
        "message": f"{message}: {refused.why}" if refused.why else message,
        "more_info": f"https://www.twilio.com/docs/errors/{refused.code}",
        "status": refused.status,
    }


def _describe(call: PhoneCall) -> dict[str, Any]:
    """A call as the API shows it."""
    facts = call.facts
    now = format_datetime(datetime.now(UTC))
    uri = f"/2010-04-01/Accounts/{facts.account_sid}/Calls/{facts.call_sid}"
    return {
        "account_sid": facts.account_sid,
        "annotation": None,
        "answered_by": None,
        "api_version": "2010-04-01",
        "caller_name": None,
        "date_created": now,
        "date_updated": now,
        "direction": facts.direction,
        "duration": str(call.clock() // 8000) if call.over else None,
        "end_time": now if call.over else None,
        "forwarded_from": None,
        "from": facts.caller,
        "from_formatted": facts.caller,
        "group_sid": None,
        "parent_call_sid": None,
        "phone_number_sid": None,
        "price": None,
        "price_unit": "USD",
        "queue_time": "0",
        "sid": facts.call_sid,
        "start_time": now if call.answered.is_set() else None,
        "status": facts.status,
        "subresource_uris": {"recordings": f"{uri}/Recordings.json", "events": f"{uri}/Events.json"},
        "to": facts.called,
        "to_formatted": facts.called,
        "trunk_sid": None,
        "uri": f"{uri}.json",
    }


def _describe_message(account_sid: str, message: TextMessage, number: int) -> dict[str, Any]:
    """A text message as the API shows it just after it was taken."""
    sid = f"SM{number:032x}"
    now = format_datetime(datetime.now(UTC))
    uri = f"/2010-04-01/Accounts/{account_sid}/Messages/{sid}"
    return {
        "account_sid": account_sid,
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": now,
        "date_sent": None,
        "date_updated": now,
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": message.sender,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "sid": sid,
        "status": "queued",
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": message.to,
        "uri": f"{uri}.json",
    }
