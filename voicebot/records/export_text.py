"""The readable half of an export: what was said, what was decided and why, and who has looked, in plain words."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from dialog.explaining import told
from dialog.record import RecordInvalid

LANGUAGES = ("nb", "en")
_ZONE = ZoneInfo("Europe/Oslo")
_NOT_TOLD = ("id", "caller_id", "conversation_id", "transfer_id", "number_hash", "call_id", "content_version")
_GOING_ON = {"live_states": "live", "live_transfers": "live_transfer"}
_TOLD_APART = ("callers", "caller_numbers", "conversations", "turns")


def readable(data: Mapping[str, Any], language: str) -> str:
    """An export as Markdown.

    Args:
        data: the content of data.json.
        language: one of `LANGUAGES`.
    """
    return "\n".join(_lines(data, _texts(language), language)) + "\n"


def _lines(data: Mapping[str, Any], texts: Mapping[str, Any], language: str) -> Iterator[str]:
    tables = data["tables"]
    yield f"# {texts['title']}"
    yield from ("", texts["made"].format(at=_moment(data["made_at"]), subject=data["subject"]), "")
    yield texts["what"] if tables else texts["nothing"]
    if tables.get("recordings"):
        yield from ("", texts["sound"])
    for talk in tables.get("conversations", ()):
        yield from _conversation(talk, tables, texts, language)
    known = {talk["id"] for talk in tables.get("conversations", ())}
    others = [
        (name, row)
        for name, rows in tables.items()
        for row in rows
        if name not in _TOLD_APART and _conversation_of(row, tables) not in known
    ]
    if others:
        yield from ("", f"## {texts['others']}")
        yield from _sections(others, texts)
    yield from ("", f"## {texts['looked_at']}", "")
    for look in data["looked_at"]:
        yield "- " + texts["looked"].format(at=_moment(look["at"]), role=look["role"], action=look["action"])
    if not data["looked_at"]:
        yield texts["never_looked"]


def _conversation(talk: Mapping[str, Any], tables: Any, texts: Mapping[str, Any], language: str) -> Iterator[str]:
    yield from ("", "## " + texts["conversation"].format(at=_moment(talk["started_at"])), "")
    for name, label in texts["facts"].items():
        if talk.get(name) is not None:
            yield f"- {label}: {texts['keep'][talk[name]] if name == 'keep' else _word(name, talk[name], texts)}"
    if talk.get("sealed") is not None:
        yield f"- {texts['details']}: {_value(talk['sealed'], texts)}"
    for turn in tables.get("turns", ()):
        if turn["conversation_id"] == talk["id"]:
            yield from _turn(turn, texts, language)
    rows = [
        (name, row)
        for name, rows in tables.items()
        for row in rows
        if name not in _TOLD_APART and _conversation_of(row, tables) == talk["id"]
    ]
    yield from _sections(rows, texts)


def _turn(turn: Mapping[str, Any], texts: Mapping[str, Any], language: str) -> Iterator[str]:
    at = datetime.fromisoformat(turn["at"]).astimezone(_ZONE).strftime("%H:%M:%S")
    yield from ("", "### " + texts["turn"].format(turn=turn["turn"], at=at), "")
    try:
        for line in told(turn["record"] or {}, language):
            yield f"- {line.label}: {line.text}"
    except RecordInvalid:
        rule = texts["no_words"].format(rule=turn["rule"])
        yield f"- {texts['unreadable'] if turn['record'] == {'unreadable': True} else rule}"


def _sections(rows: list[tuple[str, Mapping[str, Any]]], texts: Mapping[str, Any]) -> Iterator[str]:
    heading = None
    for name, row in rows:
        if name != heading:
            heading = name
            yield from ("", f"### {texts['sections'].get(name, name)}", "")
        if name in _GOING_ON:  # all that is in mind of it: data.json has it, and nobody could read it here
            yield f"- {texts[_GOING_ON[name]].format(at=_moment(row['at']))}"
            continue
        told_of = {key: value for key, value in row.items() if key not in _NOT_TOLD and value is not None}
        yield f"- {_pairs(told_of, texts)}"


def _conversation_of(row: Mapping[str, Any], tables: Mapping[str, Any]) -> str | None:
    if "conversation_id" not in row and "transfer_id" in row:
        transfers = (one for one in tables.get("transfers", ()) if one["id"] == row["transfer_id"])
        return next((one["conversation_id"] for one in transfers), None)
    found: str | None = row.get("conversation_id")
    return found


def _value(value: Any, texts: Mapping[str, Any]) -> str:
    if value == {"unreadable": True}:
        return str(texts["unreadable"])
    if isinstance(value, bool):
        return str(texts["yes_no"][value])
    if isinstance(value, Mapping):
        return _pairs(value, texts)
    if isinstance(value, list):
        return ", ".join(_value(one, texts) for one in value)
    return _moment(value) if isinstance(value, str) and _is_moment(value) else str(value)


def _pairs(values: Mapping[str, Any], texts: Mapping[str, Any]) -> str:
    told = ((key, value) for key, value in values.items() if value is not None and value != "")
    return "; ".join(f"{texts['fields'].get(key, key)}: {_word(key, value, texts)}" for key, value in told)


def _word(key: str, value: Any, texts: Mapping[str, Any]) -> str:
    """A value, in words where it is a code."""
    words = texts["words"].get(key, {})
    return str(words[value]) if isinstance(value, str) and value in words else _value(value, texts)


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _moment(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(_ZONE).strftime("%d.%m.%Y %H:%M")


@cache
def _texts(language: str) -> Mapping[str, Any]:
    source = files("voicebot.records") / "wording" / f"export.{language}.yaml"
    texts: Mapping[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
    return texts
