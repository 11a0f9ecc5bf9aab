"""`voicebot understand BOT`: what the bot makes of utterances, a JSON line each; the door for evaluation sets."""

import argparse
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from dialog import Engine
from dialog.understand import understand
from voicebot.config import load_config
from voicebot.opening import open_mind

KEYS = ("text", "language", "slot", "at")


class LineInvalid(Exception):
    """A line that is no utterance; says why, without the words in it."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = subparsers.add_parser(
        "understand",
        help="say what the bot makes of utterances",
        description="Reads one utterance per line from standard input, plain or as JSON with text and perhaps "
        "language, slot and at (the clock), and writes one JSON object per line at once: language, intent or article "
        "with scores, band, entities, frustration. A line that cannot be read gets an object with error; the status "
        "is 1 then.",
    )
    parser.add_argument("bot", type=Path, help="the bot folder")
    parser.add_argument("--language", help="of lines that name none: nb, nn, en or uk; else the bot finds it out")
    parser.add_argument("--slot", help="the slot that lines answer which name none: flow.slot")
    parser.add_argument("--at", metavar="CLOCK", help="of lines that name none, as 2026-11-24T10:00; else now")
    parser.add_argument("--config", type=Path, help="the configuration file")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Answer each line of standard input; 1 when one could not be read."""
    engine = open_mind(load_config(arguments.config), arguments.bot)
    usual = {"language": arguments.language, "slot": arguments.slot, "at": arguments.at}
    failed = False
    for line in sys.stdin.buffer:
        try:
            found = answer(engine, line, usual)
        except LineInvalid as error:
            failed, found = True, {"error": str(error)}
        print(json.dumps(found, ensure_ascii=False), flush=True)
    return 1 if failed else 0


def answer(engine: Engine, line: bytes, usual: Mapping[str, str | None]) -> Mapping[str, object]:
    """What the bot makes of one line; an empty one is an utterance without words, so that answers count as lines do.

    Args:
        engine: the mind.
        line: in UTF-8, plain, or JSON when it begins with a brace.
        usual: language, slot and clock of lines that name none.

    Raises:
        LineInvalid: the line is no utterance.
    """
    wanted = {**usual, **_read(line)}
    text, language, slot, at = (wanted.get(key) for key in KEYS)
    if language is not None and language not in engine.bot.languages:
        raise LineInvalid(f"language must be one of {', '.join(engine.bot.languages)}")
    if slot is not None and slot not in slots_of(engine):
        raise LineInvalid(f"slot must be one of {', '.join(slots_of(engine)) or 'none: the bot has no flows'}")
    return understand(engine, text or "", language, slot, None if at is None else _clock(engine, at))


def slots_of(engine: Engine) -> list[str]:
    """Names of all slots of the bot: flow.slot."""
    return [f"{flow.id}.{slot}" for flow in engine.bot.flows for slot in flow.slots]


def _clock(engine: Engine, text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise LineInvalid("at must be as 2026-11-24T10:00") from error
    hours = engine.bot.hours
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(hours.timezone) if hours else UTC)


def _read(line: bytes) -> dict[str, str]:
    try:
        text = line.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        raise LineInvalid("this is not UTF-8") from error
    if not text.startswith("{"):
        return {"text": text}
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise LineInvalid("this is not JSON") from error
    if strange := sorted(set(found) - set(KEYS)):
        raise LineInvalid(f"{strange[0][:40]} is not a key here; keys are {', '.join(KEYS)}")
    if not isinstance(found.get("text"), str):
        raise LineInvalid("text is missing, or is no text")
    given = {key: value for key, value in found.items() if value is not None}
    if any(not isinstance(value, str) for value in given.values()):
        raise LineInvalid("language, slot and at must be texts")
    return given
