"""The HTTP side of warm transfers: people's legs, the room, and the sounds they hear."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from telephony.twilio import twiml
from telephony.twilio.call_book import CallBook, CallRecord, NextStep
from telephony.twilio.router import WebhookDoor
from telephony.twilio.transfer_answers import TransferAnswers
from telephony.twilio.transfers import TRANSFER_PATH

Transfer = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
Attempt = Annotated[int, Path(ge=1, le=999)]
Kind = Annotated[str, Path(pattern="^(whisper|brief|taken|sorry|reasons|noted|hold)$")]
Token = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{32}$")]

Answering = Callable[[str, int, str, Mapping[str, str]], Awaitable[str | None]]

_log = logging.getLogger(__name__)


def transfer_router(
    door: WebhookDoor, transfers: TransferAnswers, book: CallBook, render: Callable[[CallRecord, NextStep], str]
) -> APIRouter:
    """All paths of warm transfers. What is not signed by Twilio gets in nowhere but for sounds, which have a pass.

    Args:
        door: checks who asks.
        transfers: knows the answers.
        book: the callers' calls.
        render: the document for a caller's step.
    """
    router = APIRouter(prefix=TRANSFER_PATH, include_in_schema=False)

    async def left(transfer: str, attempt: int, leg: str, fields: Mapping[str, str]) -> str:
        return twiml.hang_up()

    async def status(transfer: str, attempt: int, leg: str, fields: Mapping[str, str]) -> None:
        transfers.leg_status(transfer, attempt, leg, fields)

    answers: dict[str, Answering] = {
        "whisper": lambda transfer, attempt, leg, fields: transfers.whisper(transfer, attempt, leg),
        "key": lambda transfer, attempt, leg, fields: transfers.key(transfer, attempt, fields),
        "reason": lambda transfer, attempt, leg, fields: transfers.reason(transfer, attempt, fields),
        "briefed": lambda transfer, attempt, leg, fields: transfers.briefed(transfer, attempt),
        "left": left,
        "status": status,
    }
    for kind, answer in answers.items():
        router.add_api_route("/{transfer}/{attempt}/" + kind, _leg(door, kind, answer), methods=["POST"])

    @router.post("/{transfer}/hold")
    async def hold(transfer: Transfer, request: Request) -> Response:
        let_in = await door.let_in("transfer-hold", request)
        return let_in if isinstance(let_in, Response) else _document(transfers.hold(transfer))

    @router.post("/{transfer}/room")
    async def room(transfer: Transfer, request: Request) -> Response:
        let_in = await door.let_in("transfer-room", request, about_call=False)
        if isinstance(let_in, Response):
            return let_in
        transfers.room_told(transfer, let_in[0])
        return Response(status_code=204)

    @router.post("/{transfer}/caller-left")
    async def caller_left(transfer: Transfer, request: Request) -> Response:
        let_in = await door.let_in("transfer-caller-left", request)
        if isinstance(let_in, Response):
            return let_in
        fields, call_sid = let_in
        record = book.open(call_sid, fields)
        return _document(render(record, transfers.caller_left(transfer, fields)))

    @router.get("/{transfer}/sound/{token}/{kind}.wav")
    async def sound(transfer: Transfer, token: Token, kind: Kind) -> Response:
        wav = transfers.sound(transfer, token, kind)
        if wav is None:
            return Response(status_code=404)
        return Response(wav, media_type="audio/wav", headers={"Cache-Control": "no-store"})

    return router


def _leg(door: WebhookDoor, kind: str, answer: Answering) -> Callable[..., Awaitable[Response]]:
    async def endpoint(transfer: Transfer, attempt: Attempt, request: Request) -> Response:
        let_in = await door.let_in(f"transfer-{kind}", request)
        if isinstance(let_in, Response):
            return let_in
        fields, leg = let_in
        try:
            return _document(await answer(transfer, attempt, leg, fields))
        except Exception:  # the last resort of a person's leg: the caller is still with the bot, and hears of it there
            _log.exception("the answer to a transfer's %s webhook failed; ending that leg", kind)
            return _document(twiml.hang_up())

    return endpoint


def _document(document: str | None) -> Response:
    return Response(status_code=204) if document is None else Response(document, media_type="text/xml")
