"""What is deleted by itself and when, that it was done, and what would go if it were done now."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import select

from dialog.records_rules import RecordsRules
from voicebot.records.forgetting import forget, last_run
from voicebot.records.schema import forget_runs
from voicebot.web.pages.asked import Asked, asked
from voicebot.web.permissions import Permission
from voicebot.web.signed_in import SignedIn, require

MOST_SHOWN = 50
LATE_AFTER = timedelta(days=2)
"""It runs once a day: after two without a run something is wrong."""

Officer = Annotated[SignedIn, Depends(require(Permission.ERASE_CALLER))]

router = APIRouter()


@router.get("/console/forgetting")
def runs(request: Request, signed_in: Officer) -> Response:
    """The rules, and the newest runs."""
    page = asked(request)
    with page.records.database.reading() as connection:
        query = select(forget_runs).order_by(forget_runs.c.at.desc(), forget_runs.c.rule).limit(MOST_SHOWN)
        done = connection.execute(query).all()
        last = last_run(connection)
    return _page(request, signed_in, page, done, last, dry=False)


@router.post("/console/forgetting")
def try_out(request: Request, signed_in: Officer) -> Response:
    """What would be deleted now; deletes nothing."""
    page = asked(request)
    stores, bot = page.stores, page.parts.bot
    would = forget(stores, _rules(page), bot.name if bot else None, page.parts.now(), signed_in.name, dry_run=True)
    with page.records.database.reading() as connection:
        last = last_run(connection)
    return _page(request, signed_in, page, would, last, dry=True)


def _rules(page: Asked) -> RecordsRules:
    return page.parts.bot.records if page.parts.bot is not None else RecordsRules()


def _page(
    request: Request, signed_in: SignedIn, page: Asked, runs: Sequence[Any], last: datetime | None, *, dry: bool
) -> Response:
    rules = _rules(page)
    kinds = [kind for kind in rules.days if kind != "recordings" or rules.recording is not None]
    return page.parts.pages.page(
        request,
        signed_in,
        "forgetting.html",
        rules={kind: rules.days[kind] for kind in kinds},
        runs=runs,
        dry=dry,
        late=last is not None and page.parts.now() - last > LATE_AFTER,
        next_at=None if last is None else last + timedelta(days=1),
    )
