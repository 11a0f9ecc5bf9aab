"""Reading the slots of a flow."""

from typing import Any

import yaml

from dialog.flows.flow import Slot
from dialog.flows.text_reading import TextReader
from dialog.slots.catalogue import SLOT_KINDS, slot_type
from dialog.slots.slot_type import SlotOptionsInvalid
from dialog.yamlsource import Entry, Node

SLOT_KEYS = ("type", "ask", "again", "help", "confirm", "required", "read_back")
"""Keys of every slot; the options of its type stand beside them."""

CONFIRM_WHEN = ("always", "unsure", "never")


def read_slot(texts: TextReader, item: Entry) -> Slot | None:
    """A slot; None, with its faults, when it has no usable type.

    Args:
        texts: reads the texts of the file.
        item: its entry under `slots`.
    """
    source = texts.source
    where = f"slot {item.key}"
    raw = source.entries(item.value, where)
    kind = source.text(raw["type"].value, f"{where}: type") if "type" in raw else None
    if kind is None:
        if "type" not in raw:
            source.fault(item.line, f"{where} has no type", f"add `type:`, one of {_kinds()}")
        return None
    options = SLOT_KINDS.get(kind, frozenset())
    if kind in SLOT_KINDS:
        raw = source.entries(item.value, where, (*SLOT_KEYS, *sorted(options)))
    given = {key: _plain(raw[key].value) for key in raw if key in options}
    try:
        chosen = slot_type(kind, given)
    except SlotOptionsInvalid as error:
        source.fault(item.line, f"{where}: {error.what}", error.cure)
        return None
    when = source.text(raw["confirm"].value, f"{where}: confirm") if "confirm" in raw else "unsure"
    if when not in (None, *CONFIRM_WHEN):
        source.fault(raw["confirm"].line, f"{where}: confirm is {when}", f"use {', '.join(CONFIRM_WHEN)}")
    return Slot(
        id=item.key,
        type=chosen,
        ask=texts.needed(raw, "ask", f"{where}: ask", item.line),
        again=texts.lists(raw["again"].value, f"{where}: again") if "again" in raw else {},
        help=texts.optional(raw, "help", f"{where}: help"),
        confirm=when if when in CONFIRM_WHEN else "unsure",
        required=source.flag(raw["required"].value, f"{where}: required") if "required" in raw else True,
        choices=_choices(given.get("choices")),
        read_back=texts.optional(raw, "read_back", f"{where}: read_back"),
    )


def _plain(node: Node) -> Any:
    """An option as YAML means it: a number, true or false, a list or a mapping."""
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError):
        return getattr(node, "value", None)


def _choices(given: object) -> dict[str, dict[str, tuple[str, ...]]]:
    """Words of a choice's options, as its type has already found them right."""
    if not isinstance(given, dict):
        return {}
    return {
        str(option): {
            language: (listed,) if isinstance(listed, str) else tuple(map(str, listed))
            for language, listed in by_language.items()
        }
        for option, by_language in given.items()
        if isinstance(by_language, dict)
    }


def _kinds() -> str:
    return ", ".join(sorted(SLOT_KINDS))
