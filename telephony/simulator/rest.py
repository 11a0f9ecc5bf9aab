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
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from telephony.errors import TelephonyError
from telephony.simulator.network import PhoneNetwork
from telephony.simulator.phone_call import PhoneCall
from telephony.simulator.rest_answers import Form, Refused, describe, error, known, one
from telephony.simulator.rest_calls import UPDATE, Starts, document, planned
from telephony.simulator.texting import Texting, TextMessage

_MOST_BODY_BYTES = 1_000_000
_READ_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class RestRequest:
    """One request as it came, and what it got."""

    method: str
    path: str
    fields: Form
    status: int
    code: int | None


@dataclass(slots=True)
class RestTrouble:
    """What goes wrong on purpose; may be changed while it runs.

    Args:
        latency_seconds: before every answer.
        failures: (HTTP status, code) answered to the next requests instead of doing them.
        lost_requests: how many of the next requests are neither done nor answered.
        lost_answers: how many of the next requests are done but never answered.
        only: which requests all this is about: a regular expression found in method and path, e.g. "POST .*Calls.json".
    """

    latency_seconds: float = 0.0
    failures: deque[tuple[int, int]] = field(default_factory=deque)
    lost_requests: int = 0
    lost_answers: int = 0
    only: str = ""


class PortTaken(TelephonyError):
    """The port for the REST double is in use."""


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
        self.starts = Starts()
        self.texting = Texting(phones)
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

    @property
    def messages(self) -> list[TextMessage]:
        """Every text message that was accepted."""
        return self.texting.messages

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_READ_SECONDS):
                method, target, headers, body = await _read_request(reader)
            path = urlsplit(target).path
            troubled = re.search(self.trouble.only, f"{method} {path}") is not None
            if troubled and self.trouble.lost_requests:
                self.trouble.lost_requests -= 1
                return
            status, answer = self._log_and_answer(method, path, headers, body, troubled=troubled)
            await asyncio.sleep(self.trouble.latency_seconds if troubled else 0)
            if troubled and self.trouble.lost_answers:
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
        self, method: str, path: str, headers: Mapping[str, str], body: str, *, troubled: bool
    ) -> tuple[int, dict[str, Any]]:
        fields = {name: tuple(values) for name, values in parse_qs(body, keep_blank_values=True).items()}
        code = None
        try:
            self._authenticate(headers)
            if troubled and self.trouble.failures:
                raise Refused(*self.trouble.failures.popleft())
            status, answer = self._answer(method, path, fields)
        except Refused as refused:
            status, answer, code = refused.status, error(refused), refused.code
        self.requests.append(RestRequest(method, path, fields, status, code))
        return status, answer

    def _answer(self, method: str, path: str, fields: Form) -> tuple[int, dict[str, Any]]:
        account = re.escape(self._phones.network.account_sid)
        if method == "POST" and re.fullmatch(rf"/2010-04-01/Accounts/{account}/Messages\.json", path):
            return 201, self.texting.send(fields)
        place = re.fullmatch(rf"/2010-04-01/Accounts/{account}/Calls(?:/(CA[0-9a-f]{{32}}))?\.json", path)
        if place is None:
            raise Refused(404, 20404)
        if place[1] is None:
            if method != "POST":
                raise Refused(405, 20004)
            return 201, describe(self._create(fields))
        call = self._phones.calls.get(place[1])
        if call is None:
            raise Refused(404, 20404)
        if method == "POST":
            self._update(call, fields)
        return 200, describe(call)

    def _authenticate(self, headers: Mapping[str, str]) -> None:
        try:
            user, _, password = base64.b64decode(headers.get("authorization", "")[6:]).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refused(401, 20003) from None
        if self._passwords.get(user) != password:
            raise Refused(401, 20003)

    def _update(self, call: PhoneCall, fields: Form) -> None:
        known(fields, UPDATE)
        if call.over:
            raise Refused(400, 21220)
        status = one(fields, "Status")
        if status is not None:
            if status not in ("completed", "canceled"):
                raise Refused(400, 20001, f"Status {status}")
            if status == "canceled" and call.facts.status == "in-progress":
                raise Refused(400, 21220)
            call.complete()
        elif call.facts.status != "in-progress":
            raise Refused(400, 21220)
        else:
            call.move(document(fields, self._phones.network, self._phones.privacy))

    def _create(self, fields: Form) -> PhoneCall:
        phones = self._phones
        plan = planned(fields, phones.network, phones.privacy, self.starts, phones.ring_slack_seconds)
        return phones.call_out(one(fields, "To") or "", one(fields, "From") or "", plan)


async def _read_request(reader: asyncio.StreamReader) -> tuple[str, str, dict[str, str], str]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = lines[0].split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    length = int(headers.get("content-length") or 0)
    if length > _MOST_BODY_BYTES:
        raise ValueError("too long")
    return method, target, headers, (await reader.readexactly(length)).decode("utf-8")
