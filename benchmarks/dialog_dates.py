"""How well dates and clock times are read: `python -m benchmarks.dialog_dates DATA [--all]`.

DATA is a folder with `pairs.jsonl`, one phrase and its value a line (lang, text, anchor, expect), as cut from the
corpora of Duckling and ovos-date-parser. Each phrase is given to the kind of slot that can hold its value:

    a day -> date; week, month, quarter, year and whole days -> date_range; hour, minute -> date_time or time;
    a beginning or end alone ("etter klokka 14") -> the same with sure=False; lengths -> none: no kind holds them.

Printed per language: exact, asks (alternatives with the right one among them), wrong (a sure value that is another),
unsure (another value, but one that is read back), none. Days past and ahead are taken, as the corpora do; no opening
hours are given. Values are compared to the exactness that the corpus states.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dialog.slots.catalogue import slot_type
from dialog.slots.slot_type import Parsed, SlotContext

PRECISION = {"year": 4, "month": 7, "quarter": 7, "week": 10, "day": 10, "hour": 13, "minute": 16, "second": 16}
"""Characters of an ISO moment that count at a grain."""

TYPES = ("datetime", "interval", "open_interval")


def kind_of(expect: Mapping[str, Any], anchor: str) -> str:
    """The kind of slot that holds the value; "" for none."""
    if expect["type"] == "interval":
        first, last = _moment(expect["start"]), _moment(expect["end"])
        return "date_range" if (last - first) >= timedelta(days=1) else ""
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
    if kind != "date_range":
        return str(expect["value"])
    if expect["type"] == "interval":
        first, last = _moment(expect["start"]), _moment(expect["end"])
        # Only whole days: a weekend that begins on Friday at six begins on Saturday.
        first += timedelta(days=1) if first.hour >= 12 else timedelta()
        return f"{first:%Y-%m-%d}/{last - timedelta(seconds=1):%Y-%m-%d}"
    return str(_moment(expect["value"]).date())


def judge(found: Parsed, expect: Mapping[str, Any], kind: str) -> str:
    """One of exact, asks, wrong, unsure, none."""
    wanted = expected(expect, kind)
    length = 99 if expect["type"] == "interval" else PRECISION[expect.get("grain", "minute")]
    length = min(length, PRECISION["day"]) if kind == "date" else length
    if found.value:
        if found.value[:length] == wanted[:length]:
            return "exact"
        return "wrong" if found.sure else "unsure"
    if any(one[:length] == wanted[:length] for one in found.alternatives):
        return "asks"
    return "wrong" if found.alternatives else "none"


def rows(data: Path) -> Iterator[dict[str, Any]]:
    """The phrases of time."""
    for line in (data / "pairs.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["expect"].get("type") in TYPES and "value" in row["expect"] | {"value": row["expect"].get("start")}:
            yield row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--all", action="store_true", help="print every phrase that is not exact")
    arguments = parser.parse_args()
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows(arguments.data):
        kind = kind_of(row["expect"], row["anchor"])
        now = datetime.fromisoformat(row["anchor"])
        context = SlotContext(row["lang"], now if now.tzinfo else now.replace(tzinfo=UTC))
        options = {"past": True, "future": True} if kind else {}
        found = slot_type(kind, options).parse(row["text"], context) if kind else Parsed()
        verdict = judge(found, row["expect"], kind) if kind else "no kind"
        counts[row["lang"]][verdict] += 1
        if arguments.all and verdict not in ("exact", "no kind"):
            said = found.value or "|".join(found.alternatives) or found.partial or found.fault
            wanted = expected(row["expect"], kind)
            print(f"{verdict:7} {row['lang']} {kind:10} {row['text']!r}: {said or '-'}, expected {wanted}")
    for language, verdicts in counts.items():
        judged = verdicts.total() - verdicts["no kind"]
        shares = ", ".join(
            f"{name} {verdicts[name]}" for name in ("exact", "asks", "unsure", "wrong", "none", "no kind")
        )
        exact, wrong = verdicts["exact"] / judged, verdicts["wrong"] / judged
        print(f"{language}: n={judged} exact {exact:.1%} wrong {wrong:.1%} ({shares})")


if __name__ == "__main__":
    main()
