"""The house writes down where its access log ends: at its start, and every hour."""

import asyncio
from pathlib import Path

import structlog
from sqlalchemy.exc import DBAPIError

from voicebot.records.access_log import head
from voicebot.records.anchors import read_anchors, write_anchor
from voicebot.records.errors import RecordsError
from voicebot.records.stores import Stores

log = structlog.get_logger(__name__)

EVERY_SECONDS = 3600.0


class HourlyAnchors:
    """Notes the head of the access log down, and sees that it has not gone back.

    Args:
        stores: where the log is, and the folders its anchors go to.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self.trouble: str | None = None
        """What the operator should know, or None."""

    async def run(self) -> None:
        """Go on until cancelled."""
        while True:
            await asyncio.to_thread(self.once)
            await asyncio.sleep(EVERY_SECONDS)

    def once(self) -> None:
        """Compare the log's end with the newest anchor, and write the next one. Blocks for a few milliseconds."""
        folders = anchor_folders(self._stores)
        try:
            anchors = read_anchors(folders)
            with self._stores.database.reading() as connection:
                now = head(connection)
            if _number(now) < max(map(_number, anchors), default=0):
                self.trouble = "lines are missing at the end of the access log -> run voicebot audit verify"
                log.error("the access log has lost its end")
                return  # the anchors that prove it stay as they are
            write_anchor(folders, now)
        except (OSError, DBAPIError, RecordsError) as error:
            self.trouble = "the end of the access log cannot be noted down -> see anchoring_failed in the log"
            log.error("anchoring_failed", error=type(error).__name__)
            return
        self.trouble = None


def anchor_folders(stores: Stores) -> tuple[Path, ...]:
    """Where the heads of the log are kept: beside the records, and where keys are kept elsewhere."""
    return (stores.folder,) if stores.key_backup is None else (stores.folder, stores.key_backup)


def _number(anchor: str) -> int:
    return int(anchor.partition(":")[0])
