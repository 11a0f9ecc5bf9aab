"""The privacy officer's page: what is kept about a number, given out, or erased for good.

A number only ever comes in the body of a form: it stands in no address, no log and no line of the access log.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from voicebot.records import access_log
from voicebot.records.erasing import erase
from voicebot.records.errors import RecordsUnavailable
from voicebot.records.exporting import export
from voicebot.records.held import Held, erased_at, held
from voicebot.records.numbers import read_number
from voicebot.records.subjects import Officer, Subject, subject_of_number
from voicebot.web.forms import fields
from voicebot.web.pages.asked import Asked, asked
from voicebot.web.permissions import Permission
from voicebot.web.signed_in import SignedIn, require

LEAST_REASON = 3
"""Letters of a reason: enough for "GDPR", too many for a slip of the finger."""

EXPORT_NAME = "voicebot-export.zip"

Fields = Annotated[dict[str, str], Depends(fields)]
Exporter = Annotated[SignedIn, Depends(require(Permission.EXPORT_CALLER))]
Eraser = Annotated[SignedIn, Depends(require(Permission.ERASE_CALLER))]

router = APIRouter()


class Refused(Exception):
    """The form cannot be used; `told` is a key of the page's texts."""

    def __init__(self, told: str) -> None:
        super().__init__(told)
        self.told = told


@dataclass(frozen=True, slots=True)
class Enquiry:
    """A form that can be used."""

    number: str
    officer: Officer


@router.get("/console/callers")
def ask(request: Request, signed_in: Exporter) -> Response:
    """The empty form."""
    return _page(request, signed_in, asked(request), {})


@router.post("/console/callers")
def find(request: Request, signed_in: Exporter, form: Fields) -> Response:
    """What is kept, by kind; leaves a line."""
    page = asked(request)
    with _refusals(request, signed_in, page, form) as refused:
        enquiry = _enquiry(signed_in, form)
        return _held(request, signed_in, page, form, enquiry)
    return refused[0]


@router.post("/console/callers/export")
def give_out(request: Request, signed_in: Exporter, form: Fields) -> Response:
    """Everything, as a file; leaves a line."""
    page = asked(request)
    with _refusals(request, signed_in, page, form) as refused:
        enquiry = _enquiry(signed_in, form)
        language = "en" if signed_in.language == "en" else "nb"
        found = export(page.stores, _subject(page, enquiry), enquiry.officer, language)
        headers = {"Content-Disposition": f'attachment; filename="{EXPORT_NAME}"', "Cache-Control": "no-store"}
        return Response(found.zipped(), media_type="application/zip", headers=headers)
    return refused[0]


@router.post("/console/callers/erase")
def erase_for_good(request: Request, signed_in: Eraser, form: Fields) -> Response:
    """Erase, and show the proof; needs the word of the form typed again."""
    page = asked(request)
    with _refusals(request, signed_in, page, form) as refused:
        enquiry = _enquiry(signed_in, form)
        if form.get("confirm", "").casefold() != page.t.callers.word:
            return _held(request, signed_in, page, form, enquiry, told=page.t.callers.confirm_wrong)
        try:
            proof = erase(page.stores, _subject(page, enquiry), enquiry.officer)
        except RecordsUnavailable as error:
            return _held(request, signed_in, page, form, enquiry, told=page.t.callers.failed.format(what=error.what))
        return page.parts.pages.page(request, signed_in, "proof.html", proof=proof, reason=enquiry.officer.reason)
    return refused[0]


@contextmanager
def _refusals(request: Request, signed_in: SignedIn, page: Asked, form: dict[str, str]) -> Iterator[list[Response]]:
    """Says in words of the page what is wrong with a form; the answer is then in the list."""
    answers: list[Response] = []
    try:
        yield answers
    except Refused as refused:
        answers.append(_page(request, signed_in, page, form, told=page.t.callers[refused.told], status=422))


def _enquiry(signed_in: SignedIn, form: dict[str, str]) -> Enquiry:
    reason = form.get("reason", "")
    if len(reason) < LEAST_REASON:
        raise Refused("reason_missing")
    try:
        number = read_number(form.get("number", ""))
    except ValueError:
        raise Refused("bad_number") from None
    return Enquiry(number, Officer(signed_in.name, signed_in.role, reason))


def _subject(page: Asked, enquiry: Enquiry) -> Subject:
    with page.records.database.reading() as connection:
        return subject_of_number(connection, page.records.vault, enquiry.number)


def _held(
    request: Request, signed_in: SignedIn, page: Asked, form: dict[str, str], enquiry: Enquiry, told: str = ""
) -> Response:
    officer = enquiry.officer
    with page.records.database.writing() as connection:
        subject = subject_of_number(connection, page.records.vault, enquiry.number)
        kinds: list[Held] = list(held(connection, subject))
        before = erased_at(connection, subject)
        access_log.note(
            connection, page.records.vault, officer.actor, officer.role, "caller.find", subject.name, officer.reason
        )
    return _page(request, signed_in, page, form, told=told, held=kinds, erased_at=before)


def _page(
    request: Request, signed_in: SignedIn, page: Asked, form: dict[str, str], status: int = 200, **values: Any
) -> Response:
    known = {"told": "", "held": None, "erased_at": None, **values}
    return page.parts.pages.page(
        request,
        signed_in,
        "callers.html",
        status=status,
        number_given=form.get("number", "")[:32],
        reason=form.get("reason", "")[:300],
        may_erase=signed_in.may(Permission.ERASE_CALLER),
        **known,
    )
