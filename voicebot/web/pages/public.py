"""The page for callers: what is kept of them, why and how long, and for who proves a number, what is kept of it.

Nothing here tells whether a number is known: every number gets the same answer and the same text message, and only
who reads the message gets any further. A proof holds for one browser, one number and ten minutes.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Depends, HTTPException, Request, Response

from dialog.records_rules import RecordsRules
from telephony.browser.threshold import neighbourhood
from telephony.errors import TelephonyError
from telephony.quota import Quota
from voicebot.identity.codes import Codes, TooManyCodes, Verdict
from voicebot.identity.sms import takes_texts
from voicebot.records.erasing import erase
from voicebot.records.errors import RecordsUnavailable
from voicebot.records.exporting import export
from voicebot.records.numbers import read_number
from voicebot.records.subjects import Officer, Subject, subject_of_number
from voicebot.web.forms import FIELD, open_form
from voicebot.web.pages.asked import Asked, asked
from voicebot.web.parts import WebParts, parts_of
from voicebot.web.report import as_html
from voicebot.web.texts import pick_language

PAGE: Final = "/privacy"
LANGUAGES: Final = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English", "uk": "Українська"}
PROOF_SECONDS: Final = 600
CODES_PER_ADDRESS: Final = 5
"""Within an hour: enough for a household, too few to send messages to strangers with."""

EXPORT_NAME: Final = "voicebot-export.zip"

log = structlog.get_logger(__name__)

Form = Annotated[dict[str, str], Depends(open_form)]


class Refused(Exception):
    """What was sent cannot be used; `told` is a key of the page's texts."""

    def __init__(self, told: str) -> None:
        super().__init__(told)
        self.told = told


def public_router() -> APIRouter:
    """The page's routes; open to everybody (`voicebot.web.open_routes`)."""
    router = APIRouter(include_in_schema=False)
    from_address = Quota(CODES_PER_ADDRESS, 3600.0, time.monotonic)

    @router.get(PAGE)
    def facts(request: Request) -> Response:
        return _page(request, "public.html")

    @router.post(PAGE + "/code")
    async def send_code(request: Request, form: Form) -> Response:
        codes = _codes(request)
        try:
            number = _number(form)
            if not takes_texts(number):
                raise Refused("no_texts")
            if not from_address.take(neighbourhood(request.client.host if request.client else "")):
                raise Refused("too_many")
            await codes.send(number, language_of(request), form[FIELD])
        except Refused as refused:
            return _page(request, "public.html", status=422, told=refused.told, number_given=form.get("number", ""))
        except TooManyCodes:
            return _page(request, "public.html", status=429, told="too_many")
        except TelephonyError as error:
            log.error("a code for the privacy page was not sent", error=type(error).__name__)
            return _page(request, "public.html", status=503, told="not_sent")
        return _page(request, "public_code.html", number_given=number)

    @router.post(PAGE + "/mine")
    async def mine(request: Request, form: Form) -> Response:
        codes, page = _codes(request), asked(request)
        try:
            number = _number(form)
        except Refused as refused:
            return _page(request, "public.html", status=422, told=refused.told)
        match codes.check(number, form.get("code", ""), form[FIELD]):
            case Verdict.RIGHT:
                proof = await asyncio.to_thread(_proof_of, page, number, form[FIELD])
                return await asyncio.to_thread(_mine, request, page, number, proof)
            case Verdict.WRONG:
                return _page(request, "public_code.html", status=422, told="wrong_code", number_given=number)
            case _:
                return _page(request, "public.html", status=422, told="code_over")

    @router.post(PAGE + "/mine/download")
    def download(request: Request, form: Form) -> Response:
        page = asked(request)
        number = _proven(page, form)
        found = export(page.stores, _subject(page, number), _officer(page), _export_language(request))
        headers = {"Content-Disposition": f'attachment; filename="{EXPORT_NAME}"', "Cache-Control": "no-store"}
        return Response(found.zipped(), media_type="application/zip", headers=headers)

    @router.post(PAGE + "/mine/erase")
    def erase_mine(request: Request, form: Form) -> Response:
        page = asked(request)
        number = _proven(page, form)
        words = page.parts.pages.words(language_of(request))
        if form.get("confirm", "").casefold() != words.callers.word:
            return _mine(request, page, number, form["proof"], told="confirm_wrong")
        try:
            proof = erase(page.stores, _subject(page, number), _officer(page))
        except RecordsUnavailable:
            return _mine(request, page, number, form["proof"], told="not_erased")
        return _page(request, "public_erased.html", proof=proof)

    return router


@dataclass(frozen=True, slots=True)
class Kept:
    """What a bot keeps, for the page: its rules in the reader's language.

    Args:
        rules: of the bot.
        purpose, basis: in the reader's language, "" when the company has not said.
        recorded_for: what recordings are for, "" when nothing is recorded.
        days: kind to days, of what there is.
        by_phone: a telephone company carries the calls.
        people: somebody who takes over is told what it is about, and says afterwards what came of it.
        called_back: callers can have themselves called back, or leave a message.
        rated: callers who have talked with somebody are asked how it was.
    """

    rules: RecordsRules
    purpose: str
    basis: str
    recorded_for: str
    days: Mapping[str, int]
    by_phone: bool
    people: bool
    called_back: bool
    rated: bool


def kept(parts: WebParts, language: str) -> Kept:
    """The rules of the bot that answers here."""
    bot = parts.bot
    rules = bot.records if bot is not None else RecordsRules()
    recording = rules.recording
    days = {kind: days for kind, days in rules.days.items() if kind != "recordings" or recording is not None}
    if rules.keep != "redacted":
        days.pop("unanswered", None)
    return Kept(
        rules,
        _in(rules.purposes, language),
        _in(rules.bases, language),
        _in(recording.purposes, language) if recording is not None else "",
        days,
        parts.settings is not None and parts.settings.twilio is not None,
        bot is not None and any(department.people for department in bot.departments),
        bot is not None and bot.callbacks is not None,
        bot is not None and bot.rating,
    )


def language_of(request: Request) -> str:
    """The one chosen on the page, else the browser's."""
    chosen = request.query_params.get("language", "")
    return chosen if chosen in LANGUAGES else pick_language(
        request.headers.get("accept-language", ""), tuple(LANGUAGES), "nb"
    )  # fmt: skip


def _in(texts: Mapping[str, str], language: str) -> str:
    """A text in a language, else in one that is near it, else in any."""
    order = (language, "nb" if language == "nn" else "en", *texts)
    return next((texts[one] for one in order if texts.get(one)), "")


def _page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    parts, language = parts_of(request), language_of(request)
    bot = parts.bot
    return parts.pages.page(
        request,
        None,
        template,
        status=status,
        language=language,
        languages=LANGUAGES,
        here_in=lambda code: f"{PAGE}?language={code}",
        kept=kept(parts, language),
        controller=(bot.records.controller or bot.name) if bot is not None else "",
        contact=bot.records.contact if bot is not None else "",
        may_ask=parts.codes is not None and parts.records is not None and parts.settings is not None,
        **{"told": "", "number_given": "", **values},
    )


def _codes(request: Request) -> Codes:
    codes = parts_of(request).codes
    if codes is None:
        raise HTTPException(404)
    return codes


def _number(form: Mapping[str, str]) -> str:
    try:
        return read_number(form.get("number", ""))
    except ValueError:
        raise Refused("bad_number") from None


def _subject(page: Asked, number: str) -> Subject:
    with page.records.database.reading() as connection:
        return subject_of_number(connection, page.records.vault, number)


def _officer(page: Asked) -> Officer:
    return Officer("caller", "caller", "code by text message")


def _export_language(request: Request) -> str:
    return "nb" if language_of(request) in ("nb", "nn") else "en"


def _mine(request: Request, page: Asked, number: str, proof: str, told: str = "") -> Response:
    found = export(page.stores, _subject(page, number), _officer(page), _export_language(request))
    return _page(
        request,
        "public_mine.html",
        told=told,
        report=as_html(found.text),
        anything=bool(found.data["tables"]),
        number_given=number,
        proof=proof,
    )


def _proof_of(page: Asked, number: str, browser: str) -> str:
    """That this browser has read the code sent to this number; "until:mac"."""
    until = int(page.parts.now().timestamp()) + PROOF_SECONDS
    return f"{until}:{_mac(page, number, browser, until)}"


def _mac(page: Asked, number: str, browser: str, until: int) -> str:
    with page.records.database.reading() as connection:
        key = page.records.vault.named(connection, "sessions")
    return hmac.new(key, f"privacy-page\0{number}\0{browser}\0{until}".encode(), hashlib.sha256).hexdigest()


def _proven(page: Asked, form: Mapping[str, str]) -> str:
    """The number that a form proves.

    Raises:
        HTTPException: 403; it proves none.
    """
    until, _, mac = form.get("proof", "").partition(":")
    try:
        number = read_number(form.get("number", ""))
        deadline = int(until) if until.isdecimal() and len(until) < 12 else 0
    except ValueError:
        raise HTTPException(403, "form") from None
    if deadline < page.parts.now().timestamp():
        raise HTTPException(403, "form")
    if not hmac.compare_digest(mac.encode(), _mac(page, number, form[FIELD], deadline).encode()):
        raise HTTPException(403, "form")
    return number
