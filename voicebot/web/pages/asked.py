"""What a page was asked for: the parts it is made of, and what the reader chose, read leniently.

A choice that means nothing is no choice: addresses are kept, sent and cut short, and a page should come up anyway.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fastapi import HTTPException, Request

from voicebot.records.stores import Stores
from voicebot.web.parts import NoRecords, Store, WebParts, parts_of
from voicebot.web.texts import Words

ID_DIGITS = 32
YEARS = range(1970, 9000)
"""Nothing was kept before, and nothing will be after; and days near the ends cannot be put into another time zone."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What every page starts from. `t`: the texts in the reader's language."""

    parts: WebParts
    records: Store
    t: Words

    @property
    def stores(self) -> Stores:
        """Everywhere something of a caller lies.

        Raises:
            NoRecords: this place has no configuration that would say so.
        """
        if self.parts.settings is None:
            raise NoRecords
        config = self.parts.settings.records
        return Stores(self.records.database, self.records.vault, config.folder, config.key_backup)


def asked(request: Request) -> Asked:
    """The parts of this application, for a page that is there only when records are kept.

    Raises:
        NoRecords: none are.
    """
    parts = parts_of(request)
    if parts.records is None:
        raise NoRecords
    signed_in = getattr(request.state, "signed_in", None)
    return Asked(parts, parts.records, parts.pages.words(parts.pages.language(request, signed_in)))


def zone_of(parts: WebParts) -> ZoneInfo:
    """The company's own time zone."""
    hours = None if parts.bot is None else parts.bot.hours
    return ZoneInfo("Europe/Oslo" if hours is None else hours.timezone)


def day_of(text: str) -> date | None:
    """A day as browsers send it, of a year that can be reckoned with."""
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None
    return day if day is not None and day.year in YEARS else None


def start_of(day: date | None, zone: ZoneInfo) -> datetime | None:
    """The first moment of a day, in UTC."""
    return None if day is None else datetime.combine(day, time(), zone).astimezone(UTC)


def end_of(day: date | None, zone: ZoneInfo) -> datetime | None:
    """The first moment after a day, in UTC."""
    return None if day is None else start_of(day + timedelta(days=1), zone)


def one_of(text: str, choices: Collection[str]) -> str:
    """The text when it is one of the choices, else ""."""
    return text if text in choices else ""


def id_of(text: str) -> str:
    """An id of ours.

    Raises:
        HTTPException: 404; nothing of ours has such an id.
    """
    if len(text) != ID_DIGITS or not set(text) <= set("0123456789abcdef"):
        raise HTTPException(404)
    return text


def told(names: Iterable[str], words: Words) -> list[tuple[str, str]]:
    """Names with what they are called, in the order they come; without a word of its own a name is told as it is."""
    found = []
    for name in names:
        try:
            found.append((name, str(words[name])))
        except KeyError:
            found.append((name, name))
    return found
