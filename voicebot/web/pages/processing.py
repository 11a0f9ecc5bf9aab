"""The papers about what is done with personal data: made from the facts of this moment, to read and to download."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from voicebot.house import open_store
from voicebot.privacy.facts import facts
from voicebot.privacy.papers import paper
from voicebot.web.pages.asked import Asked, asked
from voicebot.web.permissions import Permission
from voicebot.web.report import as_html
from voicebot.web.signed_in import SignedIn, require

Officer = Annotated[SignedIn, Depends(require(Permission.ERASE_CALLER))]

router = APIRouter()


@router.get("/console/processing")
def processing(request: Request, signed_in: Officer) -> Response:
    """The record of processing, or with `dpia=1` the assessment."""
    page = asked(request)
    kind, language = _chosen(request, signed_in)
    return page.parts.pages.page(
        request,
        signed_in,
        "processing.html",
        dpia=kind == "dpia",
        report=as_html(_paper(page, kind, language)),
        report_language=language,
    )


@router.get("/console/processing.md")
def as_file(request: Request, signed_in: Officer) -> Response:
    """The same, as the file it was made from."""
    page = asked(request)
    kind, language = _chosen(request, signed_in)
    headers = {"Content-Disposition": f'attachment; filename="{kind}.{language}.md"', "Cache-Control": "no-store"}
    return Response(_paper(page, kind, language), media_type="text/markdown; charset=utf-8", headers=headers)


def _chosen(request: Request, signed_in: SignedIn) -> tuple[str, str]:
    """Which paper, and in which language: they are written in bokmål and English."""
    kind = "dpia" if request.query_params.get("dpia") == "1" else "record"
    return kind, "en" if signed_in.language == "en" else "nb"


def _paper(page: Asked, kind: str, language: str) -> str:
    bot, config = page.parts.bot, page.parts.settings
    if bot is None or config is None:
        raise HTTPException(404)
    return paper(facts(bot, config, open_store(config), page.stores, page.parts.now()), kind, language)
