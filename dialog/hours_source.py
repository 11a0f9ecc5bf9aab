"""Reading opening hours from bot.yaml."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dialog.hours import Hours, HoursUnreadable, Interval, holidays_of, read_days, read_intervals, week
from dialog.yamlsource import Entry, Node, Source

HOURS_KEYS = ("timezone", "weekly", "holidays", "closed")


def read_hours(source: Source, node: Node, where: str, parent: Hours | None) -> Hours | None:
    """Hours from a mapping; what it does not say is taken from `parent`, the company's hours."""
    entries = source.entries(node, where, HOURS_KEYS)
    timezone = _timezone(source, entries, where, parent)
    weekly = _weekly(source, entries["weekly"], where) if "weekly" in entries else None
    if weekly is None and parent is None and entries:
        source.fault(node, f"{where}: `weekly` is missing", 'add `weekly: {mon-fri: "08:00-16:00"}`')
    country = parent.holidays if parent else None
    if "holidays" in entries:
        country = _country(source, entries["holidays"].value, where)
    closed = parent.closed if parent else frozenset()
    if "closed" in entries:
        days = (
            source.day(item, f"{where}: closed") for item in source.items(entries["closed"].value, f"{where}: closed")
        )
        closed |= {day for day in days if day is not None}
    if timezone is None:
        return parent
    return Hours(timezone, weekly or (parent.weekly if parent else week([])), closed, country)


def _timezone(source: Source, entries: dict[str, Entry], where: str, parent: Hours | None) -> str | None:
    if "timezone" not in entries:
        if parent is None:
            source.fault(None, f"{where}: `timezone` is missing", "add `timezone: Europe/Oslo`")
            return None
        return parent.timezone
    name = source.text(entries["timezone"].value, f"{where}: timezone")
    if name is None:
        return None
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones
        source.fault(entries["timezone"].value, f"{where}: there is no time zone {name}", "write one as Europe/Oslo")
        return None
    return name


def _weekly(source: Source, entry: Entry, where: str) -> tuple[tuple[Interval, ...], ...]:
    found: dict[int, tuple[Interval, ...]] = {}
    for item in source.entries(entry.value, f"{where}: weekly").values():
        texts = source.texts(item.value, f"{where}: {item.key}")
        try:
            days = read_days(item.key)
        except HoursUnreadable as error:
            source.fault(item.line, f"{where}: {error}", "write days as mon, tue, wed, thu, fri, sat, sun, or mon-fri")
            continue
        try:
            intervals = read_intervals(", ".join(texts)) if texts else ()
        except HoursUnreadable as error:
            source.fault(item.line, f"{where}: {item.key}: {error}", 'write "08:00-16:00", in quotes, or "closed"')
            continue
        for day in days:
            if day in found:
                source.fault(item.line, f"{where}: {item.key} names a day that is named before", "name each day once")
            found[day] = intervals
    return week(found.items())


def _country(source: Source, node: Node, where: str) -> str | None:
    country = source.text(node, f"{where}: holidays")
    if country is None:
        return None
    try:
        holidays_of(country, 2026)
    except NotImplementedError:
        source.fault(
            node, f"{where}: no public holidays are known for {country}", 'write a country code: "NO", "SE", "GB"'
        )
        return None
    return country
