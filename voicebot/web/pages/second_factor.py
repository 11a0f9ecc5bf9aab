"""Setting up the authenticator app, on the way in: for accounts whose roles need one."""

import asyncio
import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from voicebot.records.access_log import note
from voicebot.records.errors import SealBroken
from voicebot.web.forms import open_form
from voicebot.web.links import HOME, see
from voicebot.web.parts import WebParts, store_of
from voicebot.web.sign_in import second_factor
from voicebot.web.sign_in.arriving import Arrived, arrival, complete
from voicebot.web.sign_in.sessions import Session, Stage
from voicebot.web.signed_in import current_session, set_session


def add_second_factor(router: APIRouter, parts: WebParts) -> None:
    """The routes `GET` and `POST /console/sign-in/second-factor`."""

    def show(request: Request, name: str, secret: str, sealed: str, status: int = 200, wrong: bool = False) -> Response:
        return parts.pages.page(
            request,
            None,
            "second_factor.html",
            status=status,
            picture=second_factor.picture(secret, name, parts.pages.company),
            secret=" ".join(secret[place : place + 4] for place in range(0, len(secret), 4)),
            sealed=sealed,
            wrong=wrong,
        )

    @router.get("/sign-in/second-factor")
    async def page(request: Request) -> Response:
        session = await current_session(request)
        if session is None or session.stage is not Stage.ENROL:
            return see(request, f"{HOME}/sign-in")
        secret = second_factor.new_secret()
        return show(request, session.name, secret, await asyncio.to_thread(_seal, parts, session, secret))

    @router.post("/sign-in/second-factor")
    async def enrol(request: Request, form: Annotated[dict[str, str], Depends(open_form)]) -> Response:
        session = await current_session(request)
        if session is None or session.stage is not Stage.ENROL:
            return see(request, f"{HOME}/sign-in")
        sealed = form.get("sealed", "")
        secret = await asyncio.to_thread(_unseal, parts, session, sealed)
        if secret is None:
            return see(request, f"{HOME}/sign-in/second-factor")
        step = second_factor.step_of(secret, form.get("code", ""), parts.now())
        if step is None:
            return show(request, session.name, secret, sealed, 422, wrong=True)
        codes = await asyncio.to_thread(_enrol, parts, session, secret, step)
        arrived: Arrived = await asyncio.to_thread(complete, parts, arrival(request), session)
        response = parts.pages.page(request, None, "recovery.html", codes=codes)
        set_session(request, response, arrived.token)
        return response


def _place(session: Session) -> str:
    return f"sign_ins.enrol:{session.id}"


def _seal(parts: WebParts, session: Session, secret: str) -> str:
    """The secret as the form carries it: not stored before it is proved, and of use in this session only."""
    store = store_of(parts)
    with store.database.reading() as connection:
        return base64.urlsafe_b64encode(store.vault.seal_named(connection, "totp", secret, _place(session))).decode()


def _unseal(parts: WebParts, session: Session, sealed: str) -> str | None:
    store = store_of(parts)
    try:
        with store.database.reading() as connection:
            return store.vault.open_named(connection, "totp", base64.urlsafe_b64decode(sealed), _place(session))
    except (SealBroken, binascii.Error, ValueError):
        return None


def _enrol(parts: WebParts, session: Session, secret: str, step: int) -> list[str]:
    store = store_of(parts)
    with store.database.writing() as connection:
        codes = second_factor.enrol(connection, store.vault, session.account_id, secret, step)
        note(connection, store.vault, session.name, session.roles, "second_factor.set", f"account:{session.name}")
    return codes
