"""Reading flows/*.yaml: slots, steps and texts, every fault with its line; dialog.flows.checking looks at the whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import yaml

from dialog.errors import Fault
from dialog.flows.flow import (
    FAILED,
    NO,
    YES,
    Block,
    Branch,
    CallFlow,
    Collect,
    Confirm,
    DoAction,
    End,
    Flow,
    PassOn,
    Path,
    Say,
    Slot,
    Step,
)
from dialog.flows.slot_reading import read_slot
from dialog.flows.text_reading import TextReader
from dialog.identity_source import read_required
from dialog.yamlsource import Entry, Node, Source

FORMAT_VERSION = 1
KEYS = ("version", "title", "starts", "articles", "requires", "level", "cancel", "slots", "steps", "on_failure")
LINES_KEPT = ("articles", "requires", "level", "on_failure")
STEP_KEYS: Mapping[str, tuple[str, ...]] = {
    "say": ("say",),
    "collect": ("collect", "again"),
    "action": ("action", "with", "result", "failed"),
    "branch": ("branch", "cases"),
    "confirm": ("confirm", "yes", "no"),
    "call": ("call",),
    "handoff": ("handoff", "reason"),
    "end": ("end",),
}
"""Every kind of step, and the keys it may have."""


@dataclass(slots=True)
class Draft:
    """A flow as it was read, and where its parts stand, for the checks that need all flows.

    Args:
        flow: as read.
        source: of the file.
        lines: of steps by path, of keys in `LINES_KEPT` by their names.
        slots: lines by id, of those with faults too.
        texts: every text with the node it stands in and what it is.
    """

    flow: Flow
    source: Source
    lines: Mapping[Path | str, int]
    slots: Mapping[str, int]
    texts: list[tuple[Node, str, str]]


def read_flows(
    files: Mapping[str, str], languages: tuple[str, ...], required: tuple[str, ...], faults: list[Fault]
) -> tuple[Draft, ...]:
    """Flows from files by their path; those that cannot be read at all are left out.

    Args:
        files: content by path inside the bot folder.
        languages: of the bot.
        required: languages that every text must be in.
        faults: where faults are put.
    """
    drafts = (
        _Reader(Source(name, faults, yes_is_a_key=True), languages, required).flow(text) for name, text in files.items()
    )
    return tuple(draft for draft in drafts if draft is not None)


class _Reader:
    """Reads one file."""

    def __init__(self, source: Source, languages: tuple[str, ...], required: tuple[str, ...]) -> None:
        self._source = source
        self._languages = languages
        self._required = required
        self._lines: dict[Path | str, int] = {}
        self._slot_lines: dict[str, int] = {}
        self._texts = TextReader(source, languages, required)

    def flow(self, text: str) -> Draft | None:
        root = self._source.parse(text)
        if root is None:
            if not any(fault.file == self._source.file for fault in self._source.faults):
                self._source.fault(None, "the flow is empty", "write it as docs/flows.md shows")
            return None
        entries = self._source.entries(root, "the flow", KEYS)
        self._version(entries)
        self._lines |= {key: entries[key].line for key in LINES_KEPT if key in entries}
        flow = Flow(
            id=PurePosixPath(self._source.file).stem,
            titles=self._texts.needed(entries, "title", "`title`"),
            starts=self._starts(entries),
            slots=self._slots(entries),
            steps=self._steps(entries),
            articles=self._source.texts(entries["articles"].value, "`articles`") if "articles" in entries else (),
            cancelled=self._texts.optional(entries, "cancel", "`cancel`"),
            on_failure=self._on_failure(entries),
            requires=read_required(self._source, entries),
        )
        return Draft(flow, self._source, self._lines, self._slot_lines, self._texts.found)

    def _version(self, entries: Mapping[str, Entry]) -> None:
        entry = entries.get("version")
        if entry is None:
            self._source.fault(1, "`version` is missing", f"write `version: {FORMAT_VERSION}` as the first line")
        elif str(entry.value.value) != str(FORMAT_VERSION):
            what = f"`version` is {entry.value.value}; this program reads {FORMAT_VERSION}"
            self._source.fault(entry.line, what, "see docs/flows.md")

    def _starts(self, entries: Mapping[str, Entry]) -> dict[str, tuple[str, ...]]:
        entry = entries.get("starts")
        if entry is None:
            if "articles" not in entries:
                what = "nothing starts this flow but a `call` in another one"
                cure = "write `starts`: three sentences or more per language, as callers ask for it"
                self._source.fault(1, what, cure, warning=True)
            return {}
        nodes = self._source.by_language(entry.value, "`starts`", self._languages)
        found = {language: self._source.texts(node, f"starts in {language}") for language, node in nodes.items()}
        for language in self._required:
            if language not in found:
                what = f"the flow has no starts in {language}"
                self._source.fault(entry.line, what, f"add `{language}:` with three sentences or more", warning=True)
        return found

    def _slots(self, entries: Mapping[str, Entry]) -> dict[str, Slot]:
        if "slots" not in entries:
            return {}
        found = {}
        for entry in self._source.entries(entries["slots"].value, "`slots`").values():
            self._slot_lines[entry.key] = entry.line
            slot = read_slot(self._texts, entry)
            if slot is not None:
                found[entry.key] = slot
        return found

    def _steps(self, entries: Mapping[str, Entry]) -> Block:
        if "steps" not in entries:
            self._source.fault(1, "the flow has no steps", "add `steps:`, as docs/flows.md shows")
            return ()
        return self._block(entries["steps"].value, "`steps`", ())

    def _block(self, node: Node, where: str, path: Path) -> Block:
        found: list[Step] = []
        for item in self._source.items(node, where):
            here = (*path, len(found))
            step = self._step(item, here)
            if step is not None:
                self._lines[here] = self._source.line(item)
                found.append(step)
        return tuple(found)

    def _step(self, node: Node, path: Path) -> Step | None:
        if isinstance(node, yaml.ScalarNode) and node.value == "end":
            return End()
        entries = self._source.entries(node, "a step")
        kinds = [key for key in STEP_KEYS if key in entries]
        # A question's own yes and no may be read before its name.
        if len(kinds) != 1:
            if isinstance(node, yaml.MappingNode):
                what = "a step must have one of " + ", ".join(STEP_KEYS)
                self._source.fault(node, what, "write one per dash, as docs/flows.md shows")
            return None
        kind = kinds[0]
        entries = self._source.entries(node, f"`{kind}`", STEP_KEYS[kind])
        read: Callable[[Mapping[str, Entry], Path], Step | None] = getattr(self, f"_{kind}")
        return read(entries, path)

    def _say(self, entries: Mapping[str, Entry], path: Path) -> Step:
        return Say(self._texts.by_language(entries["say"].value, "say"))

    def _collect(self, entries: Mapping[str, Entry], path: Path) -> Step | None:
        slot = self._source.text(entries["collect"].value, "collect")
        again = "again" in entries and self._source.flag(entries["again"].value, "collect: again")
        return None if slot is None else Collect(slot, again)

    def _action(self, entries: Mapping[str, Entry], path: Path) -> Step | None:
        name = self._source.text(entries["action"].value, "action")
        arguments: dict[str, str] = {}
        if "with" in entries:
            for entry in self._source.entries(entries["with"].value, "with").values():
                value = self._source.text(entry.value, f"with: {entry.key}")
                if value is not None:
                    arguments[entry.key] = value
        result = self._source.text(entries["result"].value, "result") if "result" in entries else ""
        failed = None
        if "failed" in entries:
            failed = self._block(entries["failed"].value, "failed", (*path, FAILED))
        return None if name is None else DoAction(name, arguments, result or "", failed)

    def _branch(self, entries: Mapping[str, Entry], path: Path) -> Step | None:
        value = self._source.text(entries["branch"].value, "branch")
        if "cases" not in entries:
            self._source.fault(self._source.line(entries["branch"].value), "a branch has no cases", "add `cases:`")
            return None
        items = self._source.entries(entries["cases"].value, "cases").values()
        cases = {item.key: self._block(item.value, f"case {item.key}", (*path, item.key)) for item in items}
        return None if value is None else Branch(value, cases)

    def _confirm(self, entries: Mapping[str, Entry], path: Path) -> Step:
        def block(name: str) -> Block:
            return self._block(entries[name].value, name, (*path, name)) if name in entries else ()

        return Confirm(self._texts.by_language(entries["confirm"].value, "confirm"), block(YES), block(NO))

    def _call(self, entries: Mapping[str, Entry], path: Path) -> Step | None:
        flow = self._source.text(entries["call"].value, "call")
        return None if flow is None else CallFlow(flow)

    def _handoff(self, entries: Mapping[str, Entry], path: Path) -> Step | None:
        department = self._source.text(entries["handoff"].value, "handoff")
        reason = self._source.text(entries["reason"].value, "reason") if "reason" in entries else None
        return None if department is None else PassOn(department, reason or "flow")

    def _end(self, entries: Mapping[str, Entry], path: Path) -> Step:
        return End()

    def _on_failure(self, entries: Mapping[str, Entry]) -> PassOn | End:
        if "on_failure" not in entries:
            return PassOn("")
        step = self._step(entries["on_failure"].value, ("on_failure",))
        if isinstance(step, PassOn | End):
            return step
        if step is not None:
            what = "`on_failure` must be a handoff or end"
            self._source.fault(entries["on_failure"].line, what, "write `on_failure: {handoff: department}`")
        return PassOn("")
