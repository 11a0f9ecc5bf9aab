"""What is open and goes on beside the calls as long as a house keeps records: the writers, and what is done daily."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from dialog import Bot
from voicebot.config import RecordsConfig
from voicebot.recording.recorder import Recorder
from voicebot.records.anchoring import HourlyAnchors
from voicebot.records.forgetting_daily import DailyForgetting
from voicebot.records.opening import Records, open_records
from voicebot.records.stores import Stores


@dataclass(frozen=True, slots=True)
class Kept:
    """The records of an open house.

    Args:
        records: the store and its ledger.
        recorder: writes the sound of callers who have agreed.
        forgetting: deletes what is old, once a day.
        anchors: notes down where the access log ends, every hour.
    """

    records: Records
    recorder: Recorder
    forgetting: DailyForgetting
    anchors: HourlyAnchors

    @property
    def troubles(self) -> tuple[str, ...]:
        """What the operator should know: each with its cure, nothing of any caller."""
        told = (self.records.ledger.trouble, self.recorder.trouble, self.forgetting.trouble, self.anchors.trouble)
        return tuple(trouble for trouble in told if trouble is not None)


@asynccontextmanager
async def keep_records(config: RecordsConfig, bot: Bot) -> AsyncIterator[Kept]:
    """Open the records of a house; in the end what waits is written, and the store is closed.

    Raises:
        RecordsUnavailable: as `open_records`.
    """
    records = await asyncio.to_thread(open_records, config, bot)
    recorder = Recorder(records.database, records.vault, config.folder)
    stores = Stores(records.database, records.vault, config.folder, config.key_backup)
    forgetting = DailyForgetting(stores, bot.records, bot.name)
    records.ledger.start()
    recorder.start()
    anchors = HourlyAnchors(stores)
    going_on = {asyncio.create_task(forgetting.run()), asyncio.create_task(anchors.run())}
    try:
        yield Kept(records, recorder, forgetting, anchors)
    finally:
        for task in going_on:
            task.cancel()
        await asyncio.wait(going_on)
        await records.ledger.close()
        await asyncio.to_thread(recorder.close)  # a piece is written only once its conversation is
        records.database.close()
