"""What callers answered when they were asked for their consent, and how the question was put."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Integer, cast, func, select

from voicebot.records.schema import consents
from voicebot.web.pages.asked import asked
from voicebot.web.permissions import Permission
from voicebot.web.signed_in import SignedIn, require

MOST_SHOWN = 50

router = APIRouter()


@router.get("/console/consents")
def consents_given(
    request: Request, signed_in: Annotated[SignedIn, Depends(require(Permission.EXPORT_CALLER))]
) -> Response:
    """Each wording with how many agreed, and the newest answers."""
    page = asked(request)
    columns = consents.c
    worded = (columns.purpose, columns.version, columns.language, columns.wording)
    agreed = func.sum(cast(columns.granted, Integer))
    with page.records.database.reading() as connection:
        wordings = connection.execute(
            select(*worded, agreed.label("granted"), (func.count() - agreed).label("refused"))
            .group_by(*worded)
            .order_by(func.max(columns.at).desc())
            .limit(MOST_SHOWN)
        ).all()
        rows = connection.execute(select(consents).order_by(columns.at.desc()).limit(MOST_SHOWN)).all()
    return page.parts.pages.page(request, signed_in, "consents.html", wordings=wordings, rows=rows)
