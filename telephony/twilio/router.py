"""The HTTP side: reads a webhook, checks who sent it, and answers with what `Webhooks` decides."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response, WebSocket
from starlette.datastructures import FormData, UploadFile

from telephony.errors import NotAuthentic, ProtocolViolation
from telephony.twilio import webhooks as paths
from telephony.twilio.call_book import CALL_SID
from telephony.twilio.counters import TwilioCounters
from telephony.twilio.signature import Signatures
from telephony.twilio.webhooks import Webhooks

MAX_BODY_BYTES: Final = 65_536
MAX_FIELDS: Final = 300
IDEMPOTENCY_HEADER: Final = "I-Twilio-Idempotency-Token"

_log = logging.getLogger(__name__)

Answering = Callable[[str, Mapping[str, str], str], str | None]
Fields = dict[str, str]


class WebhookDoor:
    """Lets in what Twilio signed, in our account's name, about one call.

    Args:
        account_sid: ours.
        signatures: checks them.
        webhooks: knows the answers.
        counters: what happened.
        last_resort: the document for when even the answer to a fault fails.
    """

    def __init__(
        self,
        account_sid: str,
        signatures: Signatures,
        webhooks: Webhooks,
        counters: TwilioCounters,
        last_resort: str,
    ) -> None:
        self._account_sid = account_sid
        self._signatures = signatures
        self._webhooks = webhooks
        self._counters = counters
        self._last_resort = last_resort

    def router(self, serve_media: Callable[[WebSocket], Awaitable[None]]) -> APIRouter:
        """All paths of the line.

        GET is not answered: its fields would put callers' numbers into every log between Twilio and us.
        """
        router = APIRouter()
        hooks = self._webhooks

        def fallback(call_sid: str, fields: Mapping[str, str], _: str) -> str:
            return hooks.fallback(call_sid, fields)

        def status(call_sid: str, fields: Mapping[str, str], _: str) -> None:
            hooks.status(call_sid, fields)

        def stream_status(_: str, fields: Mapping[str, str], __: str) -> None:
            hooks.stream_status(fields)

        answers: dict[str, Answering] = {
            paths.VOICE_PATH: hooks.voice,
            paths.STREAM_ENDED_PATH: hooks.stream_ended,
            paths.DIAL_ENDED_PATH: hooks.dial_ended,
            paths.FALLBACK_PATH: fallback,
            paths.STATUS_PATH: status,
            paths.STREAM_STATUS_PATH: stream_status,
        }
        for path, answer in answers.items():
            router.add_api_route(path, self._endpoint(path, answer), methods=["POST"], include_in_schema=False)
        router.add_api_websocket_route(paths.MEDIA_PATH + "/{token}", serve_media)
        return router

    def _endpoint(self, path: str, answer: Answering) -> Callable[[Request], object]:
        kind = path.rpartition("/")[2]

        async def endpoint(request: Request) -> Response:
            let_in = await self.let_in(kind, request)
            if isinstance(let_in, Response):
                return let_in
            fields, call_sid = let_in
            idempotency = request.headers.get(IDEMPOTENCY_HEADER, "")
            return self._document(kind, answer, call_sid, fields, idempotency)

        return endpoint

    async def let_in(self, kind: str, request: Request, about_call: bool = True) -> "Response | tuple[Fields, str]":
        """The fields of a request and the call it is about, or the answer to one that may not come in.

        Args:
            kind: of webhook, for counts and the log.
            request: as it came.
            about_call: whether it must name a call; those about a conference need not.
        """
        self._counters.webhooks[kind] += 1
        try:
            fields = await self._authentic_fields(request)
            if fields.get("AccountSid") != self._account_sid:
                raise ProtocolViolation("another account's, or no AccountSid")
            call_sid = fields.get("CallSid", "")
            if about_call and not CALL_SID.fullmatch(call_sid):
                raise ProtocolViolation("no CallSid, or one that is none")
        except NotAuthentic as refused:
            self._counters.refused_signatures += 1
            _log.warning("refused a %s webhook: %s", kind, refused)
            return Response(status_code=403)
        except ProtocolViolation as broken:
            self._counters.refused_webhooks += 1
            _log.warning("refused a %s webhook: %s", kind, broken)
            return Response(status_code=400)
        return fields, call_sid

    def _document(
        self, kind: str, answer: Answering, call_sid: str, fields: Mapping[str, str], idempotency: str
    ) -> Response:
        # The one broad catch of the webhooks: whatever has broken, the caller hears an apology and reaches a person.
        try:
            document = answer(call_sid, fields, idempotency)
        except Exception:
            _log.exception("the answer to a %s webhook failed; using the fallback", kind)
            document = self._last_resort
        if document is None:
            return Response(status_code=204)
        return Response(document, media_type="text/xml")

    async def _authentic_fields(self, request: Request) -> dict[str, str]:
        body = await _read_body(request)
        target = raw_target(request.scope)
        if request.headers.get("content-type", "").startswith("application/json"):
            text = _text(body)
            self._signatures.check_json(target, text, request.headers)
            return _json_fields(text)
        form = _form(body)
        self._signatures.check_form(target, form, request.headers)
        return {name: value for name, value in form.items() if isinstance(value, str)}


def raw_target(scope: Mapping[str, object]) -> str:
    """Path and query of an ASGI scope as they arrived: decoding and encoding them again would change the signature."""
    raw_path, query = scope["raw_path"], scope["query_string"]
    assert isinstance(raw_path, bytes) and isinstance(query, bytes)
    path = raw_path.decode("latin-1")
    return f"{path}?{query.decode('latin-1')}" if query else path


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise ProtocolViolation(f"a body over {MAX_BODY_BYTES} bytes")
    return bytes(body)


def _form(body: bytes) -> FormData:
    try:
        # Blank fields are signed too.
        pairs = parse_qsl(_text(body), keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise ProtocolViolation("a form that cannot be read, or with too many fields") from error
    fields: list[tuple[str, str | UploadFile]] = list(pairs)
    return FormData(fields)


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProtocolViolation("a body that is not UTF-8") from error


def _json_fields(text: str) -> dict[str, str]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolViolation("a body that is not JSON") from error
    if not isinstance(fields, dict):
        raise ProtocolViolation("a JSON body that is no object")
    return {name: value for name, value in fields.items() if isinstance(value, str)}
