"""The access log as a page: who has looked at what, and whether the chain is whole."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import select

from voicebot.records.access_log import AccessLine, verify
from voicebot.records.anchoring import anchor_folders
from voicebot.records.anchors import read_anchors
from voicebot.records.schema import access_log
from voicebot.web.pages.asked import Asked, asked, day_of, end_of, one_of, told, zone_of
from voicebot.web.permissions import Permission
from voicebot.web.signed_in import SignedIn, require

MOST_SHOWN = 50

router = APIRouter()


@router.get("/console/access-log")
def lines(request: Request, signed_in: Annotated[SignedIn, Depends(require(Permission.READ_ACCESS_LOG))]) -> Response:
    """The newest lines first; with `check=1` the whole chain is read and judged."""
    page = asked(request)
    chosen = {name: value.replace("\0", "") for name, value in request.query_params.items()}  # PostgreSQL takes none
    before = chosen.get("before", "")
    wanted: dict[str, Any] = {
        "actor": chosen.get("actor", "")[:80],
        "subject": chosen.get("subject", "")[:32],
        "to": chosen.get("to", ""),
    }
    until = end_of(day_of(wanted["to"]), zone_of(page.parts))
    with page.records.database.reading() as connection:
        actions = list(connection.scalars(select(access_log.c.action).distinct().order_by(access_log.c.action)))
        wanted["action"] = one_of(chosen.get("action", ""), actions)
        query = select(access_log).order_by(access_log.c.seq.desc()).limit(MOST_SHOWN + 1)
        for column in ("actor", "action"):
            if wanted[column]:
                query = query.where(access_log.c[column] == wanted[column])
        if wanted["subject"]:
            query = query.where(access_log.c.subject.startswith(wanted["subject"], autoescape=True))
        if until is not None:
            query = query.where(access_log.c.at < until)
        if before.isdecimal() and len(before) < 16:
            query = query.where(access_log.c.seq < int(before))
        found = [
            AccessLine(row.seq, row.at, row.actor, row.role, row.action, row.subject, row.reason, row.hash)
            for row in connection.execute(query)
        ]
        verdict = verify(connection, page.records.vault, _anchors(page)) if chosen.get("check") == "1" else None
    shown = found[:MOST_SHOWN]
    older = None
    if len(found) > MOST_SHOWN:
        kept = {name: value for name, value in wanted.items() if value}
        older = "/console/access-log?" + urlencode({**kept, "before": shown[-1].seq})
    return page.parts.pages.page(
        request,
        signed_in,
        "access_log.html",
        lines=shown,
        actions=told(actions, page.t.access.actions),
        verdict=verdict,
        older=older,
        **wanted,
    )


def _anchors(page: Asked) -> tuple[str, ...]:
    """Heads of the log kept outside of the database, so that a cut-off end shows."""
    return read_anchors(anchor_folders(page.stores))
