"""One turn as a page shows it: what the caller said, what they heard of the answer, and why it was given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from dialog.explaining import Line, told
from dialog.markup import unmarked
from dialog.record import RecordInvalid
from voicebot.records.reading import ReadTurn

TOLD_APART = ("caller", "bot", "heard")
"""What the page shows in another way than as a line."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the template needs of a turn.

    Args:
        clock: when, in the company's own time.
        caller: what the caller said or did, in words; "" when nothing is kept of it.
        heard, unheard: of the reply; what was cut off by the caller is unheard.
        language: of the reply.
        lines: why, in words.
        candidates: names with scores, the best first.
        thresholds: what scores were held against, by name.
        fault: a key of the page's texts when the record cannot be shown, else "".
    """

    clock: str
    caller: str = ""
    heard: str = ""
    unheard: str = ""
    language: str = ""
    lines: Sequence[Line] = ()
    candidates: Sequence[tuple[str, float]] = ()
    thresholds: Sequence[tuple[str, float]] = ()
    fault: str = ""


def spoken(turn: ReadTurn, zone: ZoneInfo, language: str) -> Spoken:
    """A turn for its page.

    Args:
        turn: as it was read.
        zone: of the clock.
        language: of the reader.
    """
    clock = turn.at.astimezone(zone).strftime("%H:%M:%S")
    record = turn.record
    if record is None:
        return Spoken(clock, fault=turn.fault or "no_words")
    if turn.heard is not None:
        record = {**record, "heard_of_it": turn.heard}
    try:
        lines = told(record, language)
        heard, unheard = heard_of(record)
        return Spoken(
            clock,
            _caller(record, lines),
            heard,
            unheard,
            record["language"],
            [line for line in lines if line.kind not in TOLD_APART],
            [(one.get("flow") or one["article"], one["score"]) for one in record["candidates"]],
            sorted((name, value) for name, value in (record["thresholds"] or {}).items() if _is_number(value)),
        )
    except (RecordInvalid, KeyError, TypeError, AttributeError):
        return Spoken(clock, fault="unreadable")


def heard_of(record: Mapping[str, Any]) -> tuple[str, str]:
    """The reply in two parts: what was heard, and what was cut off. All is heard where nothing else is known."""
    said = " ".join(text for prompt in record["said"] if (text := unmarked(prompt["text"])))
    heard = record["heard_of_it"]
    if heard is None or not heard["interrupted"]:
        return said, ""
    end = 0
    for sentence in heard["sentences"]:
        found = said.find(unmarked(sentence).strip(), end)
        end = end if found < 0 else found + len(unmarked(sentence).strip())
    return said[:end].strip(), said[end:].strip()


def _caller(record: Mapping[str, Any], lines: Sequence[Line]) -> str:
    if record["event"] == "said" and not record["heard"]["words"]:
        return ""
    return next((line.text for line in lines if line.kind == "caller"), "")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
