"""How well days, clock times and lengths are read: `python -m benchmarks.dialog_dates DATA [--show]`.

DATA is a folder that holds `dates_numbers_nb_nn_uk` and perhaps `slots_restaurant8k`. The first are phrases of other
projects (Duckling, ovos-date-parser) with their values. Each is given to the kind of slot that can hold its value: a
day to date; a week, month, quarter, year or whole days to date_range; an hour or minute, or a beginning or end alone,
to date_time; hours of a day to time_range; a length to duration. The second are answers to a booking system.

Printed per language: exact, asks (alternatives with the right one among them), wrong (another value, and sure of it),
unsure (another value, but it would be read back), none. Days past and ahead are taken, as the corpora do; no opening
hours are given. Values are compared to the exactness that the corpus states; the end of hours may be the one that was
said ("fra 9 til 11") or the corpus's, which is one grain later.
"""

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dialog.slots.catalogue import slot_type
from dialog.slots.slot_type import Parsed, SlotContext

PRECISION = {"year": 4, "month": 7, "quarter": 7, "week": 10, "day": 10, "hour": 13, "minute": 16, "second": 16}
"""Characters of an ISO moment that count at a grain."""

BOOKINGS = "slots_restaurant8k/train_part.jsonl"
TYPES = ("datetime", "interval", "open_interval", "duration")
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 7 * 86400, "month": 365 / 12 * 86400,
           "year": 365 * 86400}  # fmt: skip


def kind_of(expect: Mapping[str, Any], anchor: str) -> str:
    """The kind of slot that holds the value."""
    if expect["type"] == "interval":
        first, last = _moment(expect["start"]), _moment(expect["end"])
        return "date_range" if (last - first) >= timedelta(days=1) else "time_range"
    if expect["type"] == "duration":
        return "duration"
    grain = expect.get("grain", "minute")
    now = _moment(anchor).replace(tzinfo=None)
    moment = _moment(expect["value"])
    if grain == "hour" and moment.hour == now.hour and moment.date() != now.date():
        return "date"  # so many days from now, to the hour
    if grain in ("week", "month", "quarter", "year") and "00T" not in expect["value"][8:11]:
        return "date_range"
    return "date" if grain == "day" else "date_range" if grain in ("month", "year") else "date_time"


def _moment(text: str) -> datetime:
    # Duckling writes month 0 and day 0 for what was not said.
    return datetime.fromisoformat(text.replace("-00", "-01"))


def expected(expect: Mapping[str, Any], kind: str) -> str:
    """The canonical value."""
    if kind == "duration":
        return _length(expect["value"], expect["unit"])
    if kind == "time_range":
        return f"{_moment(expect['start']):%Y-%m-%dT%H:%M}/{_moment(expect['end']):%Y-%m-%dT%H:%M}"
    if kind != "date_range":
        return str(expect["value"])
    if expect["type"] == "interval":
        first, last = _moment(expect["start"]), _moment(expect["end"])
        # Only whole days: a weekend that begins on Friday at six begins on Saturday.
        first += timedelta(days=1) if first.hour >= 12 else timedelta()
        return f"{first:%Y-%m-%d}/{last - timedelta(seconds=1):%Y-%m-%d}"
    return str(_moment(expect["value"]).date())


def _length(value: int, unit: str) -> str:
    return str(round(value * SECONDS[unit]))


def _seconds(value: str) -> str:
    form = re.fullmatch(r"P(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", value)
    units = ("month", "day", "hour", "minute", "second")
    sizes = form.groups() if form else ()
    return str(round(sum(int(size or 0) * SECONDS[unit] for size, unit in zip(sizes, units, strict=False))))


def _as_said(wanted: str, grain: str) -> str:
    """Hours with the end that was said: "9 til 11" ends at 11, which the corpus writes as 12."""
    first, _, last = wanted.partition("/")
    end = datetime.fromisoformat(last) - timedelta(seconds=SECONDS[grain] if grain in ("hour", "minute") else 0)
    return f"{first}/{end:%Y-%m-%dT%H:%M}"


def judge(found: Parsed, expect: Mapping[str, Any], kind: str) -> str:
    """One of exact, asks, wrong, unsure, none."""
    wanted = expected(expect, kind)
    length = 99 if expect["type"] in ("interval", "duration") else PRECISION[expect.get("grain", "minute")]
    length = min(length, PRECISION["day"]) if kind == "date" else length
    if kind == "time_range" and found.value == _as_said(wanted, expect.get("grain", "")):
        return "exact"
    if kind == "duration" and found.value and _seconds(found.value) == wanted:
        return "exact"
    if found.value:
        if found.value[:length] == wanted[:length]:
            return "exact"
        return "wrong" if found.sure else "unsure"
    if any(one[:length] == wanted[:length] for one in found.alternatives):
        return "asks"
    return "wrong" if found.alternatives else "none"


def rows(data: Path) -> Iterator[dict[str, Any]]:
    """The phrases of time."""
    for line in (data / "dates_numbers_nb_nn_uk" / "pairs.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["expect"].get("type") in TYPES and ("value" in row["expect"] or "start" in row["expect"]):
            yield row


def main(arguments: Sequence[str] | None = None) -> int:
    """Print exact, asks, unsure, wrong and none per language; then what answers to a booking system give."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder that holds the sets")
    parser.add_argument("--show", action="store_true", help="print every phrase that is not exact")
    chosen = parser.parse_args(arguments)
    for language, verdicts in _of_others(chosen.data, chosen.show).items():
        judged = verdicts.total()
        shares = ", ".join(f"{name} {verdicts[name]}" for name in ("exact", "asks", "unsure", "wrong", "none"))
        exact, wrong = verdicts["exact"] / judged, verdicts["wrong"] / judged
        print(f"{language}: n={judged} exact {exact:.1%} wrong {wrong:.1%} ({shares})")
    if (chosen.data / BOOKINGS).exists():
        _bookings(chosen.data / BOOKINGS)
    return 0


def _of_others(data: Path, show: bool) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows(data):
        kind = kind_of(row["expect"], row["anchor"])
        now = datetime.fromisoformat(row["anchor"])
        context = SlotContext(row["lang"], now if now.tzinfo else now.replace(tzinfo=UTC))
        options = {} if kind == "duration" else {"past": True, "future": True}
        found = slot_type(kind, options).parse(row["text"], context)
        verdict = judge(found, row["expect"], kind)
        counts[row["lang"]][verdict] += 1
        if show and verdict != "exact":
            said = found.value or "|".join(found.alternatives) or found.partial or found.fault
            wanted = expected(row["expect"], kind)
            print(f"{verdict:7} {row['lang']} {kind:10} {row['text']!r}: {said or '-'}, expected {wanted}")
    return counts


def _bookings(file: Path) -> None:
    """English answers with what was asked for: is something found where people marked it, and else nothing?"""
    counts: dict[str, Counter[bool]] = defaultdict(Counter)
    now = datetime(2018, 6, 27, 10, tzinfo=UTC)
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        marked = {label["slot"]: label["value"] for label in row["labels"]}
        for kind in ("date", "time"):
            asked = kind in row["requested"]
            found = slot_type(kind, {}).parse(row["text"], SlotContext("en", now, expected=asked))
            name = f"{kind}, {'asked' if asked else 'in passing'}, {'marked' if kind in marked else 'not marked'}"
            counts[f"{name}: found"][bool(found)] += 1
        if "first_name" in row["requested"] or "last_name" in row["requested"]:
            wanted = " ".join(marked[key] for key in ("first_name", "last_name") if key in marked)
            found = slot_type("name", {}).parse(row["text"], SlotContext("en", now))
            counts["name, asked: exact"][found.value.lower() == wanted.lower()] += 1
    for name, count in sorted(counts.items()):
        print(f"bookings, {name} {count[True]} of {count.total()}")


if __name__ == "__main__":
    sys.exit(main())
