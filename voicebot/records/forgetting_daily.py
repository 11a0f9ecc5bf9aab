"""The house forgets once a day by itself, and says so when it could not."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog

from dialog.records_rules import RecordsRules
from voicebot.records.errors import RecordsError
from voicebot.records.forgetting import forget, last_run
from voicebot.records.stores import Stores

log = structlog.get_logger(__name__)

EVERY = timedelta(days=1)
AGAIN_AFTER = timedelta(minutes=15)
OVERDUE_AFTER = timedelta(days=2)


class DailyForgetting:
    """Runs `forget` when the last run, by whomever, is a day old: several houses on one store share the work.

    Args:
        stores: where the records lie.
        rules: days per kind.
        bot: whose conversations.
        now: the time.
    """

    def __init__(
        self, stores: Stores, rules: RecordsRules, bot: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._stores = stores
        self._rules = rules
        self._bot = bot
        self._now = now
        self._last: datetime | None = None
        self.trouble: str | None = None
        """What the operator should know, or None: nothing has been forgotten for two days."""

    async def run(self) -> None:
        """Go on until cancelled; a run that is under way then is finished by its thread."""
        while True:
            pause = await asyncio.to_thread(self.once)
            await asyncio.sleep(pause.total_seconds())

    def once(self) -> timedelta:
        """Forget if it is time. Blocks for as long as that takes. Returns how long to wait until the next look."""
        now = self._now()
        try:
            with self._stores.database.reading() as connection:
                self._last = last_run(connection)
            if self._last is None or now - self._last >= EVERY:
                done = forget(self._stores, self._rules, self._bot, now, "system")
                log.info("forgotten", **{one.rule.replace(" ", "_"): one.deleted for one in done if one.deleted})
                self._last = now
        except Exception as error:  # whatever it is, the house lives on and it is tried again
            known = isinstance(error, RecordsError)
            log.error("forgetting_failed", error=str(error) if known else type(error).__name__)
            self.trouble = self._overdue(now)
            return AGAIN_AFTER
        self.trouble = None
        return max(self._last + EVERY - now, AGAIN_AFTER)

    def _overdue(self, now: datetime) -> str | None:
        last = self._last
        if last is not None and now - last < OVERDUE_AFTER:
            return None
        since = "ever" if last is None else f"since {last:%Y-%m-%d}"
        return f"no old records have been deleted {since} -> see forgetting_failed in the log; run voicebot forget"
