"""How the store is: whether everything is written, how much there is, and when it was last backed up and tidied."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Connection, func, select, text

from voicebot.privacy.facts import BACKUP_MADE
from voicebot.records.database import Database
from voicebot.records.schema import Instant, access_log, conversations, forget_runs
from voicebot.web.pages.asked import asked
from voicebot.web.permissions import Permission
from voicebot.web.signed_in import SignedIn, require

router = APIRouter()


@router.get("/console/health")
def health(request: Request, signed_in: Annotated[SignedIn, Depends(require(Permission.MANAGE_ACCOUNTS))]) -> Response:
    """The state of the store as this process sees it."""
    page = asked(request)
    database, ledger = page.records.database, page.parts.ledger
    with database.reading() as connection:
        backup = select(func.max(access_log.c.at, type_=Instant)).where(access_log.c.action == BACKUP_MADE)
        return page.parts.pages.page(
            request,
            signed_in,
            "health.html",
            trouble=ledger.trouble if ledger is not None else None,
            waiting=ledger.waiting if ledger is not None else None,
            lost=ledger.lost if ledger is not None else None,
            is_sqlite=database.is_sqlite,
            size_bytes=_size(database, connection),
            conversations=connection.execute(select(func.count()).select_from(conversations)).scalar_one(),
            backup_at=connection.execute(backup).scalar_one_or_none(),
            forgot_at=connection.execute(select(func.max(forget_runs.c.at, type_=Instant))).scalar_one_or_none(),
        )


def _size(database: Database, connection: Connection) -> int:
    """Of everything the database keeps, in bytes."""
    file = database.file
    if file is None:
        return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    beside = (file, *(Path(f"{file}{end}") for end in ("-wal", "-shm")))
    return sum(path.stat().st_size for path in beside if path.exists())
