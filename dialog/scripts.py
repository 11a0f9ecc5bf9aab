"""Reading tests/*.yaml: conversations as tests, every fault with its place."""

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from dialog.actions import SEND_LINK
from dialog.bot import Bot
from dialog.callback_rules import ASK_CALLBACK
from dialog.errors import Fault
from dialog.identity import CODE, CODE_DIGITS, NOT_PROVEN
from dialog.people import read_number
from dialog.rating import BEST, WORST
from dialog.script import (
    Befalls,
    Does,
    Expected,
    IsSilent,
    MakesNoise,
    Notes,
    Outcome,
    Presses,
    Says,
    Script,
    Turn,
    is_identity,
)
from dialog.yamlsource import TAG, Entry, Node, Source, did_you_mean

FOLDER = "tests"
SCRIPT_KEYS = ("name", "language", "number", "at", "actions", "identity", "turns", "speech")
TURN_KEYS = ("caller", "keys", "silence", "noise", "then", "note", "bot")
BEFALLS = ("nobody_came", "nobody_free", "person_done", "handed_back")
"""What may happen in a script that is not the caller's doing."""

EXPECTED_KEYS = (
    "article", "flow", "asks", "slot", "says", "not_says", "rule", "hands_off", "ends", "choice", "language",
    "rings", "rating",
)  # fmt: skip
KEYPAD = "0123456789*#"
REASONS = ("timeout", "error", "unavailable", "number")
"""Why an action fails in a script that says so."""

DEFAULT_AT = "2026-11-24T10:00"
"""A Tuesday morning: a script that names no clock must go the same way on every day it is run."""


def read_scripts(folder: Path, bot: Bot, faults: list[Fault]) -> tuple[Script, ...]:
    """The scripts of a bot folder, in the order of files and lines; those with faults are left out.

    Args:
        folder: the bot folder.
        bot: what they may name.
        faults: where faults are put.
    """
    found: list[Script] = []
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        source = Source(path.relative_to(folder).as_posix(), faults)
        before = len(faults)
        try:
            text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            source.fault(line, "this file is not UTF-8", "save it again with the encoding UTF-8")
            continue
        root = source.parse(text)
        nodes = [] if root is None else list(source.items(root, "a file of scripts"))
        if not nodes and len(faults) == before:
            source.fault(None, "there is no script in this file", "write one, as docs/testing-a-bot.md shows")
        scripts = (_Reader(source, bot).script(node) for node in nodes)
        found += [script for script in scripts if script is not None]
    names: dict[str, Script] = {}
    for script in found:
        other = names.setdefault(script.name, script)
        if other is not script:
            what = f'the name "{script.name}" is also that of {other.file}:{other.line}'
            faults.append(Fault(script.file, script.line, what, "give each script its own name", warning=True))
    return tuple(found)


class _Reader:
    """Reads one script."""

    def __init__(self, source: Source, bot: Bot) -> None:
        self._source = source
        self._bot = bot

    def script(self, node: Node) -> Script | None:
        source, before = self._source, len(self._source.faults)
        entries = source.entries(node, "a script", SCRIPT_KEYS)
        for key in ("name", "turns"):
            if isinstance(node, yaml.MappingNode) and key not in entries:
                source.fault(node, f"a script needs `{key}`", "write it as docs/testing-a-bot.md shows")
        language = self._known(entries, "language", self._bot.languages)
        script = Script(
            name=(source.text(entries["name"].value, "name") or "") if "name" in entries else "",
            file=source.file,
            line=source.line(node),
            turns=self._turns(entries),
            at=self._at(entries),
            language=language,
            actions=self._actions(entries),
            speech="speech" in entries and source.flag(entries["speech"].value, "speech"),
            identity=self._identity(entries),
            number=(read_number(source, entries["number"], "a script") or "") if "number" in entries else "",
        )
        return script if len(source.faults) == before else None

    def _known(self, entries: Mapping[str, Entry], key: str, known: Collection[str]) -> str | None:
        """A text that must be one of those known."""
        if key not in entries:
            return None
        text = self._source.text(entries[key].value, key)
        if text is not None and text not in known:
            self._source.fault(entries[key].line, f"{key}: there is no {text}", did_you_mean(text, known))
        return text

    def _identity(self, entries: Mapping[str, Entry]) -> str:
        if "identity" not in entries:
            return "unavailable"
        text = self._source.text(entries["identity"].value, "identity") or ""
        if not is_identity(text):
            what = f"identity: {text} is nothing that can come of it"
            known = f"proven, {', '.join(NOT_PROVEN)}"
            cure = f"write one of {known}, or the {CODE_DIGITS} digits of the code that is sent, in quotes"
            self._source.fault(entries["identity"].value, what, cure)
        return text

    def _at(self, entries: Mapping[str, Entry]) -> datetime:
        zone = ZoneInfo(self._bot.hours.timezone if self._bot.hours else "Europe/Oslo")
        text = self._source.text(entries["at"].value, "at") if "at" in entries else None
        try:
            at = datetime.fromisoformat(text or DEFAULT_AT)
        except ValueError:
            self._source.fault(entries["at"].line, f"at: {text} is no clock", "write it as 2026-11-24T10:00")
            at = datetime.fromisoformat(DEFAULT_AT)
        return at if at.tzinfo else at.replace(tzinfo=zone)

    def _actions(self, entries: Mapping[str, Entry]) -> dict[str, tuple[Outcome, ...]]:
        if "actions" not in entries:
            return {}
        found: dict[str, tuple[Outcome, ...]] = {}
        for entry in self._source.entries(entries["actions"].value, "actions").values():
            known = (*self._bot.actions, SEND_LINK, ASK_CALLBACK)
            if entry.key not in known:
                self._source.fault(entry.line, f"actions: there is no {entry.key}", did_you_mean(entry.key, known))
            several = isinstance(entry.value, yaml.SequenceNode)
            nodes = list(self._source.items(entry.value, entry.key)) if several else [entry.value]
            outcomes = (self._outcome(entry.key, node) for node in nodes)
            found[entry.key] = tuple(outcome for outcome in outcomes if outcome is not None)
        return found

    def _outcome(self, action: str, node: Node) -> Outcome | None:
        if isinstance(node, yaml.ScalarNode):
            reason = self._source.text(node, action)
            if reason is not None and reason not in REASONS:
                what = f"{action}: {reason} is no way to fail"
                self._source.fault(node, what, f"write {{field: value}}, or one of {', '.join(REASONS)}")
            return reason
        spec = self._bot.actions.get(action)
        fields = self._source.entries(node, action, spec.results if spec else None).values()
        return {entry.key: _plain(entry.value) for entry in fields}

    def _turns(self, entries: Mapping[str, Entry]) -> tuple[Turn, ...]:
        if "turns" not in entries:
            return ()
        nodes = list(self._source.items(entries["turns"].value, "turns"))
        if not nodes and isinstance(entries["turns"].value, yaml.SequenceNode):
            self._source.fault(entries["turns"].line, "there are no turns", "write what the caller says, after a dash")
        return tuple(self._turn(node, first=place == 0) for place, node in enumerate(nodes))

    def _turn(self, node: Node, first: bool) -> Turn:
        entries = self._source.entries(node, "a turn", TURN_KEYS)
        done = [key for key in TURN_KEYS[:-1] if key in entries]
        if len(done) > 1 or (not done and not (first and "bot" in entries)):
            cure = "write one of caller, keys, silence: true, noise: true, then, note"
            self._source.fault(node, "a turn must have one thing that the caller does, or that happens", cure)
        expected = self._expected(entries["bot"].value) if "bot" in entries else Expected()
        return Turn(self._does(done[0], entries[done[0]].value) if done else None, expected, self._source.line(node))

    def _does(self, key: str, node: Node) -> Does:
        if key == "caller":
            return Says(self._source.text(node, "caller") or "")
        if key == "keys":
            keys = (self._source.text(node, "keys") or "").replace(" ", "")
            if strange := sorted(set(keys) - set(KEYPAD)):
                self._source.fault(node, f"keys: {strange[0]} is not on a telephone", f"keys are {KEYPAD}")
            return Presses(keys)
        if key == "note":
            return Notes(self._source.text(node, "note") or "")
        if key == "then":
            what = self._source.text(node, "then") or ""
            if what not in BEFALLS:
                self._source.fault(node, f"then: {what} does not happen", f"write one of {', '.join(BEFALLS)}")
            return Befalls(what)
        if not self._source.flag(node, key):
            self._source.fault(node, f"{key} is either true or left out", f"write {key}: true, or remove it")
        return IsSilent() if key == "silence" else MakesNoise()

    def _expected(self, node: Node) -> Expected:
        source, bot = self._source, self._bot
        entries = source.entries(node, "bot", EXPECTED_KEYS)
        flows = {flow.id: flow for flow in bot.flows}
        articles = [article.id for article in bot.articles]
        slots = {slot for flow in bot.flows for slot in flow.slots}
        ends = source.flag(entries["ends"].value, "ends") if "ends" in entries else None
        return Expected(
            article=self._known(entries, "article", articles),
            flow=self._known(entries, "flow", flows),
            asks=self._known(entries, "asks", slots | {CODE}),
            slots=self._slots(entries, slots),
            says=self._texts(entries, "says"),
            not_says=self._texts(entries, "not_says"),
            rule=self._texts(entries, "rule"),
            hands_off=self._hands_off(entries),
            ends=ends,
            choice=self._choice(entries, {*articles, *flows}),
            language=self._known(entries, "language", bot.languages),
            rings=source.flag(entries["rings"].value, "rings") if "rings" in entries else None,
            rating=self._rating(entries),
        )

    def _rating(self, entries: Mapping[str, Entry]) -> int | None:
        found = self._source.number(entries["rating"].value, "rating", WORST, BEST) if "rating" in entries else None
        return None if found is None else int(found)

    def _texts(self, entries: Mapping[str, Entry], key: str) -> tuple[str, ...]:
        return self._source.texts(entries[key].value, key) if key in entries else ()

    def _slots(self, entries: Mapping[str, Entry], known: Collection[str]) -> dict[str, str]:
        if "slot" not in entries:
            return {}
        found = self._source.entries(entries["slot"].value, "slot")
        for entry in found.values():
            if entry.key not in known:
                self._source.fault(entry.line, f"slot: there is no {entry.key}", did_you_mean(entry.key, known))
        return {entry.key: _plain(entry.value) for entry in found.values()}

    def _hands_off(self, entries: Mapping[str, Entry]) -> str | bool | None:
        entry = entries.get("hands_off")
        if entry is None:
            return None
        if isinstance(entry.value, yaml.ScalarNode) and entry.value.tag == f"{TAG}bool":
            return self._source.flag(entry.value, "hands_off")
        return self._known(entries, "hands_off", [department.id for department in self._bot.departments])

    def _choice(self, entries: Mapping[str, Entry], known: Collection[str]) -> tuple[str, ...]:
        found = self._texts(entries, "choice")
        for name in found:
            if name not in known:
                self._source.fault(entries["choice"].line, f"choice: there is no {name}", did_you_mean(name, known))
        return found


def _plain(node: Node) -> str:
    """A value as the mind writes it: yes and no for flags, "" for nothing."""
    if not isinstance(node, yaml.ScalarNode) or (node.tag == f"{TAG}null" and node.style is None):
        return ""
    text = str(node.value)
    if node.tag == f"{TAG}bool" and node.style is None:
        return "yes" if text.lower() in ("true", "yes", "on") else "no"
    return text
