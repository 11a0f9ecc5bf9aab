"""Reading how identity is proven: `identity` in bot.yaml, `requires` and `level` in a flow."""

from collections.abc import Mapping

import yaml

from dialog.errors import Fault
from dialog.identity import LEVELS, WAYS, IdentityRules
from dialog.markup import faults_of_text
from dialog.yamlsource import Entry, Source, did_you_mean

IDENTITY_KEYS = ("way", "app")
IDENTITY = "identity"
"""What a flow can require."""


def read_identity(source: Source, entries: Mapping[str, Entry]) -> IdentityRules:
    """`identity: sms`, or `identity: {way: ciba, app: BankID}`; without the key the bot has no way."""
    entry = entries.get("identity")
    if entry is None:
        return IdentityRules()
    if isinstance(entry.value, yaml.ScalarNode):
        return IdentityRules(_way(source, entry))
    found = source.entries(entry.value, "`identity`", IDENTITY_KEYS)
    if "way" not in found:
        source.fault(entry.line, "`identity` has no way", f"write `identity: {{way: {next(iter(WAYS))}}}`")
        return IdentityRules()
    app = source.text(found["app"].value, "identity: app") if "app" in found else None
    for what, cure in faults_of_text(app or ""):
        source.fault(found["app"].value, f"identity: app: {what}", cure)
    return IdentityRules(_way(source, found["way"]), app or IdentityRules().app)


def _way(source: Source, entry: Entry) -> str:
    text = source.text(entry.value, "identity")
    if text is None or text in WAYS:
        return text or ""
    source.fault(entry.value, f"identity: {text} is no way to prove who one is", did_you_mean(text, WAYS))
    return ""


def read_required(source: Source, entries: Mapping[str, Entry]) -> str:
    """The level of identity that a flow requires: its `requires` and `level`; "" when it requires none."""
    if "requires" not in entries:
        if "level" in entries:
            source.fault(entries["level"].line, "`level` stands alone", "write `requires: identity` above it")
        return ""
    text = source.text(entries["requires"].value, "`requires`")
    if text != IDENTITY:
        if text is not None:
            source.fault(entries["requires"].value, f"`requires`: {text} is nothing to require", "write identity")
        return LEVELS[0]
    level = source.text(entries["level"].value, "`level`") if "level" in entries else LEVELS[0]
    if level not in (None, *LEVELS):
        source.fault(entries["level"].value, f"`level`: {level} is no level", did_you_mean(str(level), LEVELS))
    # Whatever is wrong with it, a flow never requires less than its author may have meant.
    return level if level in LEVELS else LEVELS[-1]


def faults_of_required(file: str, wanted: str, way: str, line: int | None) -> list[Fault]:
    """What is wrong with a level that a flow requires in a bot with this way of proving identity."""
    if not wanted:
        return []
    if not way:
        cure = "write `identity: sms` or `identity: ciba` in bot.yaml (docs/identity.md)"
        return [Fault(file, line, "`requires: identity`: the bot has no way to prove it", cure)]
    if LEVELS.index(wanted) > LEVELS.index(WAYS[way]):
        what = f"`level: {wanted}` cannot be reached: `identity: {way}` in bot.yaml proves {WAYS[way]} at most"
        return [Fault(file, line, what, f"write `level: {WAYS[way]}` here, or `identity: ciba` in bot.yaml")]
    return []
