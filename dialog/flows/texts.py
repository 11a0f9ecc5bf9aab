"""The texts of a flow with their places filled in, in the caller's language."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal

from dialog.actions import Value
from dialog.bot import Bot
from dialog.callbacks import RESULTS
from dialog.events import Prompt
from dialog.flows.flow import DoAction, Flow, Slot, Texts, every_step
from dialog.markup import BRACES
from dialog.scene import Scene, in_language
from dialog.state import Frame

MARKS: Mapping[type, str] = {date: "date", time: "time", datetime: "datetime", Decimal: "number", int: "number"}
"""How a field of a result is read out when its place names no kind."""


def flow_prompt(scene: Scene, frame: Frame, texts: Texts) -> Prompt | None:
    """A text of a flow; None when there is none in any language."""
    language, text = in_language(scene.bot, texts, scene.language)
    return Prompt(filled_in(scene.bot, frame, text, language), language) if text else None


def filled_in(bot: Bot, frame: Frame, text: str, language: str) -> str:
    """A text with the values of slots and results in its places; marked values stay as they are."""
    flow = bot.flow(frame.flow)

    def value(match: re.Match[str]) -> str:
        name, bar, kind = match[1].rpartition("|")
        name = (name if bar else kind).strip()
        if not _is_place(flow, bot, name):
            return match[0]
        found = plain(frame.value(name))
        if not found:
            return ""
        if bar:
            return f"{{{found}|{kind}}}"
        slot = _slot(flow, bot, name)
        return slot.type.read_back(found, language) if slot is not None else _marked(bot, flow, name, found)

    return BRACES.sub(value, text)


def plain(value: str) -> str:
    """A value without what would be read as a mark."""
    return re.sub(r"[{}|]", "", value)


def _is_place(flow: Flow, bot: Bot, name: str) -> bool:
    """True for a slot and for a field of a result, of this flow or one it shares them with."""
    return _slot(flow, bot, name) is not None or _result(bot, flow, name) is not None


def _slot(flow: Flow, bot: Bot, name: str) -> Slot | None:
    """The slot of a name: of the flow itself, or of one that it has called."""
    return next((one.slots[name] for one in (flow, *bot.flows) if name in one.slots), None)


def _marked(bot: Bot, flow: Flow, name: str, value: str) -> str:
    declared = _result(bot, flow, name)
    mark = MARKS.get(declared.kind) if declared is not None else None
    return f"{{{value}|{mark}}}" if mark else value


def _result(bot: Bot, flow: Flow, name: str) -> Value | None:
    """What is known of a field of a result."""
    if flow.built_in and name in RESULTS:
        return RESULTS[name]
    result, _, field = name.partition(".")
    for one in (flow, *bot.flows):
        for _, step in every_step(one.steps):
            if isinstance(step, DoAction) and step.result == result and field:
                spec = bot.actions.get(step.action)
                if spec is not None and field in spec.results:
                    return spec.results[field]
    return None
