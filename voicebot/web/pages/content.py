"""Which versions of a bot's content have answered callers, when, and how often."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import and_, func, select

from voicebot.records.schema import content_versions, conversations
from voicebot.web.pages.asked import asked
from voicebot.web.permissions import Permission
from voicebot.web.signed_in import SignedIn, require

MOST_SHOWN = 100

router = APIRouter()


@router.get("/console/content")
def content(request: Request, signed_in: Annotated[SignedIn, Depends(require(Permission.MANAGE_ACCOUNTS))]) -> Response:
    """The newest first."""
    page = asked(request)
    versions, talks = content_versions.c, conversations.c
    same = and_(talks.bot == versions.bot, talks.content_version == versions.content_version)
    calls = select(func.count()).where(same).scalar_subquery()
    with page.records.database.reading() as connection:
        found = connection.execute(
            select(content_versions, calls.label("calls")).order_by(versions.last_at.desc()).limit(MOST_SHOWN)
        ).all()
    return page.parts.pages.page(request, signed_in, "content.html", versions=found)
