"""The HTTP side of calls to customers: what Twilio asks about the agent's leg and the customer's, and the sounds."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from telephony.twilio import twiml
from telephony.twilio.callback_calls import CALLBACK_PATH, CallbackCalls
from telephony.twilio.router import WebhookDoor

Callback = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
Attempt = Annotated[int, Path(ge=1, le=999)]
Kind = Annotated[str, Path(pattern="^(whisper|brief)$")]
Token = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{32}$")]

Answering = Callable[[str, int, str, Mapping[str, str]], Awaitable[str | None]]

_log = logging.getLogger(__name__)


def callback_router(door: WebhookDoor, calls: CallbackCalls) -> APIRouter:
    """All paths of calls to customers. What is not signed by Twilio gets in nowhere but for sounds, which have a pass.

    Args:
        door: checks who asks.
        calls: knows the answers.
    """
    router = APIRouter(prefix=CALLBACK_PATH, include_in_schema=False)
    answers: dict[str, Answering] = {
        "whisper": lambda callback, attempt, leg, fields: calls.whisper(callback, attempt, leg),
        "key": calls.key,
        "briefed": calls.briefed,
        "customer": lambda callback, attempt, leg, fields: calls.customer_status(callback, attempt, fields),
        "over": calls.dial_over,
        "told": calls.told,
        "status": calls.leg_status,
    }
    for kind, answer in answers.items():
        router.add_api_route("/{callback}/{attempt}/" + kind, _endpoint(door, kind, answer), methods=["POST"])

    @router.get("/{callback}/{attempt}/sound/{token}/{kind}.wav")
    async def sound(callback: Callback, attempt: Attempt, token: Token, kind: Kind) -> Response:
        wav = calls.sound(callback, attempt, token, kind)
        if wav is None:
            return Response(status_code=404)
        return Response(wav, media_type="audio/wav", headers={"Cache-Control": "no-store"})

    return router


def _endpoint(door: WebhookDoor, kind: str, answer: Answering) -> Callable[..., Awaitable[Response]]:
    async def endpoint(callback: Callback, attempt: Attempt, request: Request) -> Response:
        let_in = await door.let_in(f"callback-{kind}", request)
        if isinstance(let_in, Response):
            return let_in
        fields, leg = let_in
        try:
            document = await answer(callback, attempt, leg, fields)
        except Exception:  # the last resort of an agent's leg: the callback stays open, and the console shows it
            _log.exception("the answer to a callback's %s webhook failed; ending that leg", kind)
            document = twiml.hang_up()
        return Response(status_code=204) if document is None else Response(document, media_type="text/xml")

    return endpoint
